// The kinds of readings, as pure functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bearing, KINDS, metres } from "./kinds.js";

const { scalar, point, angle, category } = KINDS;
const SEATTLE = { latitude: 47.45, longitude: -122.31 };
const SPOKANE = { latitude: 47.62, longitude: -117.53 };
const WEATHER = { quantity: "weather", states: ["rain", "snow", "sun"] };
const noiseOf = (...axes) => (axis) => axes[axis];

test("an answer says a value in fields of its own", () => {
	const series = { quantity: "temperature", unit: "°C" };
	assert.deepEqual(scalar.fields(series, 1.5), { temperature: 1.5, unit: "°C" });
	assert.deepEqual(angle.fields({ quantity: "bearing", unit: "°" }, 9), { bearing: 9, unit: "°" });
	assert.deepEqual(point.fields({ quantity: "position" }, SEATTLE), SEATTLE);
	assert.deepEqual(category.fields(WEATHER, "sun"), { weather: "sun" });
});

test("between two values is what lies on the way, round the circle on the shorter one", () => {
	assert.equal(scalar.between(10, 20, 0.25), 12.5);
	assert.deepEqual(point.between(SEATTLE, SPOKANE, 0.5), {
		latitude: 47.535,
		longitude: -119.92,
	});
	assert.equal(angle.between(350, 20, 0.5), 5);
	assert.equal(angle.between(20, 350, 0.5), 5);
	assert.equal(angle.between(20, 350, 1), 350);
	assert.equal(angle.between(90, 100, 0.1), 91);
	assert.equal(category.between, undefined);
});

test("noise has the size that the instrument has", () => {
	assert.equal(scalar.blurred(10, 0.1, noiseOf(2)), 10.2);
	assert.equal(angle.blurred(359.9, 0.5, noiseOf(1)), 0.4);
	const blurred = point.blurred(SEATTLE, 5, noiseOf(3, -4));
	assert.ok(Math.abs(metres(SEATTLE, blurred) - 25) < 0.1, `${metres(SEATTLE, blurred)} m`);
	assert.equal(category.blurred("rain"), "rain");
});

test("what is off is off by that much", () => {
	assert.equal(scalar.off({}, 10, -2.5), 7.5);
	assert.deepEqual(point.off({}, SEATTLE, 0.5), { latitude: 47.95, longitude: -122.31 });
	assert.equal(angle.off({}, 300, 90), 30);
	assert.equal(category.off(WEATHER, "sun", 1), "rain");
	assert.equal(category.off(WEATHER, "rain", -1), "sun");
});

test("anything is something that the series has, up to both ends", () => {
	const numbers = { records: [{ value: 3 }, { value: 1 }, { value: 2 }] };
	assert.deepEqual([0, 1].map((share) => scalar.any(numbers, () => share)), [1, 3]);
	const places = { records: [{ value: SEATTLE }, { value: SPOKANE }] };
	assert.deepEqual(point.any(places, noiseOf(0, 1)), { latitude: 47.45, longitude: -117.53 });
	assert.deepEqual([0, 0.5, 1].map((share) => angle.any({}, () => share)), [0, 180, 0]);
	for (const share of [0, 0.4, 0.9, 1]) {
		assert.ok(WEATHER.states.includes(category.any(WEATHER, () => share)));
	}
});

test("directions and distances on the ball are the known ones", () => {
	const equator = { latitude: 0, longitude: 0 };
	const near = (longitude, latitude) => bearing(equator, { latitude, longitude });
	assert.deepEqual([near(0, 1), near(1, 0), near(0, -1), near(-1, 0)], [0, 90, 180, 270]);
	// By the formula of the haversines 358.9 km.
	assert.ok(Math.abs(metres(SEATTLE, SPOKANE) - 358_900) < 500);
});
