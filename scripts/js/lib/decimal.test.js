import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDecimal, parseDecimal } from "./decimal.js";

test("text becomes whole units exactly", () => {
	const cases = [
		["0", 12, 0n],
		["1.5", 12, 1_500_000_000_000n],
		["0.000000000001", 12, 1n],
		["-60", 2, -6_000n],
		["-0.05", 2, -5n],
		["340282366920938463463.374607431768", 12, 340_282_366_920_938_463_463_374_607_431_768n],
		["7", 0, 7n],
	];
	for (const [text, decimals, value] of cases) {
		assert.equal(parseDecimal(text, decimals), value, text);
	}
});

test("what is not a decimal number, or would have to be rounded, is refused", () => {
	for (const text of ["", ".", "1.", ".5", "1e3", "0x10", "1,5", " 1", "+1", "--1", "NaN"]) {
		assert.throws(() => parseDecimal(text, 12), /is not a decimal number/, text);
	}
	assert.throws(() => parseDecimal("0.001", 2), /more than 2 digits/);
	assert.throws(() => parseDecimal("7.0", 0), /more than 0 digits/);
});

test("whole units become text without a trace of a float", () => {
	assert.equal(formatDecimal(1_500_000_000_000n, 12), "1.5");
	assert.equal(formatDecimal(1n, 12), "0.000000000001");
	assert.equal(formatDecimal(-5n, 2), "-0.05");
	assert.equal(formatDecimal(1_280n, 2, 2), "12.80");
	assert.equal(formatDecimal(1_200n, 2), "12");
	assert.equal(formatDecimal(0n, 12), "0");
	assert.equal(formatDecimal(7n, 0), "7");
	assert.equal(formatDecimal(2n ** 127n - 1n, 18), "170141183460469231731.687303715884105727");
});

test("there and back is the same", () => {
	for (const value of [0n, 1n, -1n, 99n, -100n, 10n ** 30n + 7n]) {
		for (const decimals of [0, 2, 12, 18]) {
			assert.equal(parseDecimal(formatDecimal(value, decimals), decimals), value);
		}
	}
});
