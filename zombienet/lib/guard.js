// Started by processes.js beside a test: kills what the test has started once the test is gone,
// however it went, even by SIGKILL. Each line on its standard input is the list of processes that
// are running; the end of the input is the end of the test.

import { createInterface } from "node:readline";

let running = [];
for await (const line of createInterface({ input: process.stdin })) {
	running = JSON.parse(line);
}
for (const pid of running) {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It has ended by itself.
	}
}
