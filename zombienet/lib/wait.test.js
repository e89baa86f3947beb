import assert from "node:assert/strict";
import { test } from "node:test";
import { until, within } from "./wait.js";

test("waiting ends with what the condition gives", async () => {
	let asked = 0;
	assert.equal(await until("the third time", () => ++asked === 3 && "done", 10), "done");
	assert.equal(asked, 3);
});

test("what a condition throws counts as not yet", async () => {
	let asked = 0;
	const condition = () => {
		asked += 1;
		if (asked === 1) {
			throw new Error("too early");
		}
		return true;
	};
	assert.equal(await until("the second time", condition, 10), true);
});

test("waiting in vain fails with what was waited for, and why", async () => {
	await assert.rejects(
		until("rain", () => false, 0.3),
		/^Error: not within 0.3 s: rain$/,
	);
	const dry = () => Promise.reject(new Error("no cloud"));
	await assert.rejects(until("rain", dry, 0.3), /not within 0.3 s: rain; last error: no cloud$/);
});

test("a promise is waited for, but not for ever", async () => {
	assert.equal(await within("an answer", 10, Promise.resolve(7)), 7);
	await assert.rejects(
		within("an answer", 0.05, new Promise(() => {})),
		/not within 0.05 s: an answer/,
	);
	await assert.rejects(within("an answer", 10, Promise.reject(new Error("no"))), /^Error: no$/);
});
