// What the test files have in common: steps that build on each other, and a folder that is kept if
// one of them fails.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

/**
 * Begin a suite.
 *
 * @param {string} name Part of the folder's name.
 * @param {{skip?: string}} [options] Why none of it can be run here.
 * @returns {{folder: string, step: (name: string, run: Function) => void,
 *   atEnd: (undo: () => unknown) => void}} `step` adds a test that is skipped if one before it
 *   failed, because the network is not what it should be then. `atEnd` takes what undoes a step;
 *   it is run at the end in any case, the last one first.
 */
export function suite(name, { skip } = {}) {
	if (skip) {
		console.log(`# ${skip}`);
		return { folder: "", step: (title) => test(title, { skip }, () => {}), atEnd: () => {} };
	}
	const folder = mkdtempSync(join(tmpdir(), `rwa-${name}-`));
	console.log(`# logs and data: ${folder}`);
	const undoing = [];
	let failed = false;

	const step = (title, run) =>
		test(title, async (context) => {
			if (failed) {
				return context.skip("an earlier step failed");
			}
			failed = true;
			await run(context);
			failed = false;
			return undefined;
		});

	after(async () => {
		for (const undo of undoing.reverse()) {
			await undo();
		}
		if (failed) {
			console.log(`# logs and data are kept: ${folder}`);
		} else {
			rmSync(folder, { recursive: true, force: true });
		}
		// zombienet leaves timers behind, which would keep this process.
		setTimeout(() => process.exit(), 1_000).unref();
	});

	return { folder, step, atEnd: (undo) => undoing.push(undo) };
}
