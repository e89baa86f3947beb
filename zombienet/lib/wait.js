// Waiting for things to happen, never for time to pass. Every wait has a generous end, which fails
// with what was waited for.

import { setTimeout as sleep } from "node:timers/promises";

/** How often a condition is looked at. */
const POLL_MS = 200;

/**
 * Wait until `condition` gives something true.
 *
 * @param {string} what What is waited for, for the error.
 * @param {() => unknown | Promise<unknown>} condition What it throws counts as "not yet".
 * @param {number} [seconds] When to give up.
 * @returns What the condition gave.
 */
export async function until(what, condition, seconds = 60) {
	let obstacle;
	for (const deadline = Date.now() + seconds * 1_000; Date.now() < deadline;) {
		try {
			const result = await condition();
			if (result) {
				return result;
			}
			obstacle = undefined;
		} catch (error) {
			obstacle = error;
		}
		await sleep(POLL_MS);
	}
	const reason = obstacle ? `; last error: ${obstacle.message}` : "";
	throw new Error(`not within ${seconds} s: ${what}${reason}`, { cause: obstacle });
}

/** Wait for a promise, but not for ever. */
export async function within(what, seconds, promise) {
	const over = new AbortController();
	const timeout = sleep(seconds * 1_000, undefined, { signal: over.signal }).then(() => {
		throw new Error(`not within ${seconds} s: ${what}`);
	});
	timeout.catch(() => {});
	try {
		return await Promise.race([promise, timeout]);
	} finally {
		over.abort();
	}
}
