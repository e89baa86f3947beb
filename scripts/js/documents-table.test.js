import assert from "node:assert/strict";
import { test } from "node:test";
import { median, publications, speeds } from "./documents-table.js";

test("the middle of some values", () => {
	assert.equal(median([7]), 7);
	assert.equal(median([9, 1, 5]), 5);
	assert.equal(median([4, 1, 9, 2]), 3);
});

test("speeds are medians for each name", () => {
	const took = (what, ms) => ({ what, mib: 10, ms });
	const times = [took("a", 1_000), took("b", 500), took("a", 2_000), took("a", 4_000)];
	assert.deepEqual(speeds(times), { a: 5, b: 20 });
});

test("publications are told by their size, with the most memory", () => {
	const took = (mib, ms, kib) => ({ what: "publish", mib, ms, kib });
	const times = [took(10, 1_000, 2_048), took(10, 500, 3_072), took(40, 4_000, 3_000), took(10, 1, null)];
	assert.deepEqual(publications(times), [
		{ mib: 10, kib: 3_072, speed: 15 },
		{ mib: 40, kib: 3_000, speed: 10 },
	]);
});
