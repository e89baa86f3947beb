// The replayed series and the noise on it, as pure functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NOISE_LIMIT, Replay } from "./replay.js";
import { loadSeries, seriesNames } from "./series.js";

const STEP = 10_000;
const OPERATORS = 4;

function replayOf(name, options = {}) {
	return new Replay(loadSeries(name), { stepMs: STEP, seed: 1, ...options });
}

test("every series is there, in order of time, with plausible numbers", () => {
	const plausible = { temperature: [-40, 50], co2: [300, 500] };
	for (const name of seriesNames) {
		const { records, quantity } = loadSeries(name);
		const [least, most] = plausible[quantity];
		assert.ok(records.length > 500, `${name} has ${records.length} records`);
		for (const [index, { observed, value }] of records.entries()) {
			assert.match(observed, /^\d{4}-\d\d-\d\d$/);
			assert.ok(value > least && value < most, `${name}: ${value} at ${observed}`);
			assert.ok(
				index === 0 || observed > records[index - 1].observed,
				`${name}: ${observed}`,
			);
		}
	}
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

test("the honest range of a very long time is that of the whole series", () => {
	const replay = replayOf("mauna-loa-co2");
	const whole = replay.honestRange(0, replay.series.records.length * STEP);
	assert.deepEqual(replay.honestRange(0, Number.MAX_SAFE_INTEGER), whole);
});
