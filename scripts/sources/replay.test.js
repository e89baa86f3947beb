// The replayed series and the noise on it, as pure functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { metres } from "./kinds.js";
import { NOISE_LIMIT, Replay } from "./replay.js";
import { loadSeries, seriesNames } from "./series.js";

const STEP = 10_000;
const OPERATORS = 4;

function replayOf(name, options = {}) {
	return new Replay(loadSeries(name), { stepMs: STEP, seed: 1, ...options });
}

test("every series of measurements is there, in order of time, with plausible values", () => {
	const plausible = {
		temperature: (value) => value > -40 && value < 50,
		co2: (value) => value > 300 && value < 500,
		weather: (value) => ["drizzle", "fog", "rain", "snow", "sun"].includes(value),
	};
	const measured = seriesNames.map(loadSeries).filter(({ quantity }) => plausible[quantity]);
	assert.equal(measured.length, 4);
	for (const { name, records, quantity } of measured) {
		assert.ok(records.length > 500, `${name} has ${records.length} records`);
		for (const [index, { observed, value }] of records.entries()) {
			assert.match(observed, /^\d{4}-\d\d-\d\d$/);
			assert.ok(plausible[quantity](value), `${name}: ${value} at ${observed}`);
			assert.ok(
				index === 0 || observed > records[index - 1].observed,
				`${name}: ${observed}`,
			);
		}
	}
});

test("the flight visits each airport of Washington once, always the nearest one next", () => {
	const { records } = loadSeries("washington-flight");
	assert.equal(records.length, 65);
	assert.equal(new Set(records.map(({ observed }) => observed)).size, 65);
	for (const [index, { observed, value }] of records.entries()) {
		assert.ok(value.latitude > 45.5 && value.latitude < 49.1, observed);
		assert.ok(value.longitude > -124.8 && value.longitude < -117, observed);
		const ways = records.slice(index + 1).map((next) => metres(value, next.value));
		assert.equal(ways[0], ways.length ? Math.min(...ways) : undefined, observed);
	}
	// Behind a city whose name has a comma in it.
	const pullman = records.find(({ observed }) => observed === "PUW");
	assert.deepEqual(pullman.value, { latitude: 46.74386111, longitude: -117.1095833 });
});

test("Ellensburg sees that flight in all directions", () => {
	const { records } = loadSeries("washington-bearing");
	assert.equal(records.length, 64);
	assert.ok(records.every(({ observed }) => observed !== "ELN"));
	const quarters = new Set(records.map(({ value }) => Math.floor(value / 90)));
	assert.deepEqual([...quarters].sort(), [0, 1, 2, 3]);
	// Yakima lies to the south of it.
	const { value } = records.find(({ observed }) => observed === "YKM");
	assert.ok(Math.abs(value - 181) < 1, `${value}`);
});

test("a known record is the measured one", () => {
	const { records } = loadSeries("seattle-temperature");
	assert.deepEqual(records[0], { observed: "2012-01-01", value: 12.8 });
	assert.equal(records.length, 1461);
});

test("an unknown series is refused with the names of those that exist", () => {
	assert.throws(
		() => loadSeries("atlantis"),
		/unknown series "atlantis"; there are: seattle-temp/,
	);
	assert.throws(() => loadSeries("constructor"), /unknown series/);
});

test("the truth follows the clock and starts again after the last record", () => {
	const replay = replayOf("mauna-loa-co2");
	const { records } = replay.series;
	assert.equal(replay.stepAt(STEP - 1), 0);
	assert.equal(replay.stepAt(STEP), 1);
	assert.equal(replay.truth(1), records[1]);
	assert.equal(replay.truth(records.length), records[0]);
});

test("an instrument repeats itself within a step, and differs from others and between seeds", () => {
	const replay = replayOf("seattle-temperature");
	assert.deepEqual(replay.reading(1, 7), replay.reading(1, 7));
	const steps = Array.from({ length: 50 }, (_, step) => step);
	const shown = (from, operator) => steps.map((step) => from.reading(operator, step).value);
	assert.notDeepEqual(shown(replay, 1), shown(replay, 2));
	assert.notDeepEqual(shown(replay, 1), shown(replayOf("seattle-temperature", { seed: 2 }), 1));
});

test("a gradual truth moves from each record to the next, and states jump all the same", () => {
	const co2 = replayOf("mauna-loa-co2", { gradual: true });
	const [first, second] = co2.series.records;
	assert.equal(co2.truthAt(0).value, first.value);
	assert.equal(co2.truthAt(STEP / 2).value, (first.value + second.value) / 2);
	assert.equal(co2.truthAt(STEP).value, second.value);
	assert.equal(co2.truthAt(STEP / 2).observed, first.observed);
	const end = co2.series.records.length;
	const last = co2.series.records[end - 1].value;
	assert.equal(co2.truthAt((end - 0.5) * STEP).value, (last + first.value) / 2);

	const weather = replayOf("seattle-weather", { gradual: true });
	assert.equal(weather.truthAt(STEP - 1).value, "drizzle");
	assert.equal(weather.truthAt(STEP).value, "rain");
});

test("an instrument shows places and directions near where they are, and states as they are", () => {
	const flight = replayOf("washington-flight", { gradual: true });
	const bearing = replayOf("washington-bearing", { gradual: true });
	const weather = replayOf("seattle-weather");
	const errors = [];
	for (let moment = 0; moment < 100 * STEP; moment += STEP / 4) {
		const shown = flight.readingAt(1, moment).value;
		errors.push(metres(flight.truthAt(moment).value, shown));
		const turn = Math.abs(bearing.truthAt(moment).value - bearing.readingAt(1, moment).value);
		assert.ok(Math.min(turn, 360 - turn) <= NOISE_LIMIT * 0.5 + 0.011, `${turn}`);
		assert.equal(weather.readingAt(1, moment).value, weather.truthAt(moment).value);
	}
	assert.ok(Math.max(...errors) <= NOISE_LIMIT * 5 * Math.SQRT2 + 0.1);
	assert.ok(Math.max(...errors) > 5);
});

test("anything changes with the millisecond and the operator, and is all over the range", () => {
	const replay = replayOf("seattle-temperature");
	assert.equal(replay.anything(1, 5), replay.anything(1, 5));
	assert.notEqual(replay.anything(1, 5), replay.anything(2, 5));
	const values = Array.from({ length: 500 }, (_, moment) => replay.anything(1, moment));
	assert.ok(Math.min(...values) < 0 && Math.max(...values) > 33);
	assert.ok(new Set(values).size > 400);
});

test("the noise has the documented spread, no bias, and a hard bound", () => {
	const replay = replayOf("seattle-temperature");
	const { sigma, records } = replay.series;
	const errors = [];
	for (let operator = 1; operator <= OPERATORS; operator++) {
		for (let step = 0; step < records.length; step++) {
			errors.push(replay.reading(operator, step).value - replay.truth(step).value);
		}
	}
	const mean = errors.reduce((sum, error) => sum + error) / errors.length;
	const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length;
	assert.ok(Math.abs(mean) < sigma / 10, `mean ${mean}`);
	assert.ok(Math.abs(Math.sqrt(variance) / sigma - 1) < 0.05, `spread ${Math.sqrt(variance)}`);
	const rounding = 0.005 + 1e-9;
	assert.ok(errors.every((error) => Math.abs(error) <= NOISE_LIMIT * sigma + rounding));
});

test("the honest range spans every instrument's reading in the time asked for, and no more", () => {
	const replay = replayOf("new-york-temperature");
	const [first, last] = [100, 103];
	const range = replay.honestRange(first * STEP, last * STEP);
	const truths = [];
	for (let step = first; step <= last; step++) {
		truths.push(replay.truth(step).value);
		for (let operator = 1; operator <= OPERATORS; operator++) {
			const { value } = replay.reading(operator, step);
			assert.ok(value >= range.minimum && value <= range.maximum);
		}
	}
	assert.equal(range.minimum, Number((Math.min(...truths) - 0.3).toFixed(2)));
	assert.equal(range.maximum, Number((Math.max(...truths) + 0.3).toFixed(2)));
});

test("the honest range of a moving truth spans what is on the way, and only numbers have one", () => {
	const replay = replayOf("seattle-temperature", { gradual: true });
	const { minimum, maximum } = replay.honestRange(0, STEP - 1);
	for (let moment = 0; moment < STEP; moment += STEP / 10) {
		const { value } = replay.readingAt(1, moment);
		assert.ok(value >= minimum && value <= maximum);
	}
	assert.throws(
		() => replayOf("washington-bearing").honestRange(0, 1),
		/series "washington-bearing" has no numbers that could have a range/,
	);
});

test("the honest range of a very long time is that of the whole series", () => {
	const replay = replayOf("mauna-loa-co2");
	const whole = replay.honestRange(0, replay.series.records.length * STEP);
	assert.deepEqual(replay.honestRange(0, Number.MAX_SAFE_INTEGER), whole);
});
