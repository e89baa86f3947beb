import assert from "node:assert/strict";
import { test } from "node:test";
import { isHonest, unitsOf } from "./readings.js";

const degrees = (value) => BigInt(Math.round(value * 1e6));
const place = (latitude, longitude) => ({
	latitude: BigInt(Math.round(latitude * 1e7)),
	longitude: BigInt(Math.round(longitude * 1e7)),
});

test("a scalar is honest from the lowest to the highest", () => {
	const honest = [-5n, 7n, 3n];
	for (const [value, expected] of [[-5n, true], [0n, true], [7n, true], [8n, false], [-6n, false]]) {
		assert.equal(isHonest("Scalar", value, honest), expected, `${value}`);
	}
	assert.ok(!isHonest("Scalar", 0n, []));
});

test("an angle is honest on the shorter way round, north included", () => {
	const honest = [350, 10, 355].map(degrees);
	for (const [value, expected] of [
		...[[350, true], [0, true], [359.999999, true], [10, true], [5, true]],
		...[[10.000001, false], [349.999999, false], [180, false]],
	]) {
		assert.equal(isHonest("Angle", degrees(value), honest), expected, `${value}`);
	}
	assert.ok(isHonest("Angle", degrees(90), [degrees(90), degrees(90)]));
	assert.ok(!isHonest("Angle", degrees(91), [degrees(90)]));
});

test("a point is honest in the box, across the date line too", () => {
	const honest = [place(47, 179.5), place(48, -179.5)];
	assert.ok(isHonest("Point", place(47.5, -180), honest));
	assert.ok(isHonest("Point", place(48, 179.5), honest));
	assert.ok(!isHonest("Point", place(48.0000001, 180), honest));
	assert.ok(!isHonest("Point", place(47.5, 0), honest));
});

test("a category is honest if somebody honest said so", () => {
	assert.ok(isHonest("Category", 2n, [1n, 2n]));
	assert.ok(!isHonest("Category", 0n, [1n, 2n]));
});

test("what a source says becomes what the chain counts", () => {
	assert.equal(unitsOf("Scalar", 12.8, { decimals: 2 }), 1_280n);
	assert.equal(unitsOf("Scalar", -0.05, { decimals: 2 }), -5n);
	assert.equal(unitsOf("Angle", 359.99, {}), 359_990_000n);
	assert.deepEqual(unitsOf("Point", { latitude: 47.6101, longitude: -122.2 }, {}), {
		latitude: 476_101_000n,
		longitude: -1_222_000_000n,
	});
	assert.equal(unitsOf("Category", "rain", { states: ["fog", "rain"] }), 1n);
});
