import assert from "node:assert/strict";
import { test } from "node:test";
import { SIZES, sampleBytes, sampleSizes } from "./samples.js";

for (const count of [4, 12, 200]) {
	test(`${count} documents have their share of a gibibyte, and all sizes`, () => {
		const sizes = sampleSizes(count);
		assert.equal(sizes.length, count);
		assert.deepEqual(sampleSizes(count), sizes);
		const total = sizes.reduce((sum, size) => sum + size, 0);
		const share = (count / 200) * 2 ** 30;
		assert.ok(Math.abs(total - share) <= share / 50, `${total} bytes`);
		assert.ok(sizes.every((size) => size >= SIZES.least && size < SIZES.most));
		// As many below the geometric mean of the bounds as above it, about.
		const small = sizes.filter((size) => size < 2 ** 18).length;
		assert.ok(small >= count / 5 && small <= (4 * count) / 5, `${small} are small`);
	});
}

test("a document's bytes follow from its name", () => {
	const bytes = sampleBytes("a", 100);
	assert.equal(bytes.length, 100);
	assert.deepEqual(sampleBytes("a", 50), bytes.subarray(0, 50));
	assert.notDeepEqual(sampleBytes("b", 100), bytes);
});
