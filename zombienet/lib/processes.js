// Processes that a test starts: each is remembered by its id, and none outlives the test.

import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

/** How often the guard learns what is running. */
const TELL_MS = 250;

const started = new Set();
const suppliers = new Set();
const running = () => [...started, ...[...suppliers].flatMap((supplier) => supplier())];

// Whatever ends this process takes along what it started: a failed test, Ctrl-C, `process.exit`.
process.on("exit", () => {
	for (const pid of running()) {
		signal(pid, "SIGKILL");
	}
});
for (const [name, code] of [
	["SIGINT", 130],
	["SIGTERM", 143],
	["SIGHUP", 129],
]) {
	process.on(name, () => process.exit(code));
}

// For ends that leave no time for that. In a session of its own, so that Ctrl-C doesn't reach it.
const guard = spawn(process.execPath, [fileURLToPath(new URL("guard.js", import.meta.url))], {
	stdio: ["pipe", "ignore", "ignore"],
	detached: true,
});
guard.unref();
guard.stdin.unref();
let told = "[]";
setInterval(() => {
	const list = JSON.stringify(running());
	if (list !== told) {
		told = list;
		guard.stdin.write(`${list}\n`);
	}
}, TELL_MS).unref();

/**
 * Kill at the end what somebody else starts for this process.
 *
 * @param {() => number[]} supplier Tells, when asked, which processes are there.
 * @returns {() => void} Call it when they have been stopped.
 */
export function killAtExit(supplier) {
	suppliers.add(supplier);
	return () => suppliers.delete(supplier);
}

/**
 * Start a program.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {string} log File for what it prints.
 * @returns {number} Its process id.
 */
export function start(program, args, log) {
	const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
	const file = createWriteStream(log, { flags: "a" });
	child.stdout.pipe(file, { end: false });
	child.stderr.pipe(file, { end: false });
	child.on("error", (error) => file.write(`${error}\n`));
	child.once("exit", () => started.delete(child.pid));
	started.add(child.pid);
	return child.pid;
}

/** Kill a process and wait until it is gone. */
export async function kill(pid) {
	signal(pid, "SIGKILL");
	while (isRunning(pid)) {
		await sleep(50);
	}
}

/** Whether a process is there. */
export function isRunning(pid) {
	return signal(pid, 0);
}

function signal(pid, name) {
	try {
		process.kill(pid, name);
		return true;
	} catch (error) {
		if (error.code === "ESRCH") {
			return false;
		}
		throw error;
	}
}
