// The program as a user runs it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("serve.js", import.meta.url));

/** Run to the end; what was printed and the exit code. */
async function run(...args) {
	const child = spawn(process.execPath, [PROGRAM, ...args]);
	const output = { stdout: "", stderr: "" };
	child.stdout.on("data", (chunk) => (output.stdout += chunk));
	child.stderr.on("data", (chunk) => (output.stderr += chunk));
	const [code] = await once(child, "close");
	return { code, ...output };
}

/** `count` neighbouring ports that were free a moment ago. */
async function freePorts(count) {
	for (;;) {
		const base = 20_000 + Math.floor(Math.random() * 20_000);
		const servers = Array.from({ length: count }, () => createServer());
		try {
			await Promise.all(
				servers.map(async (server, index) => {
					server.listen(base + index, "127.0.0.1");
					await once(server, "listening");
				}),
			);
			return base;
		} catch {
			// Taken: try elsewhere.
		} finally {
			await Promise.all(
				servers.map((server) => new Promise((resolve) => server.close(resolve))),
			);
		}
	}
}

test("--help explains every option and exits with 0", async () => {
	const { code, stdout, stderr } = await run("--help");
	assert.equal(code, 0);
	assert.equal(stderr, "");
	for (const flag of [
		"--series",
		"--operators",
		"--port-base",
		"--control-port",
		"--operator N=MODE",
	]) {
		assert.ok(stdout.includes(flag), flag);
	}
});

test("a wrong option gets one readable line and exit code 1", async () => {
	const wrong = [
		[["--operators", "0"], 'error: --operators is "0"; allowed: whole numbers from 1 to 100\n'],
		[["--port-base", "70000"], /^error: --port-base is "70000"; allowed: .*\n$/],
		[["--step-seconds", "1.5"], /^error: --step-seconds is "1.5"; allowed: .*\n$/],
		[["--operator", "lying"], 'error: --operator is "lying"; it must look like 3=lying\n'],
		[["--operator", "1=asleep"], /^error: unknown mode "asleep"; there are: .*\n$/],
		[["--series", "atlantis"], /^error: unknown series "atlantis"; there are: .*\n$/],
		[["--frequency", "1"], /^error: .*--frequency.*\n$/],
	];
	for (const [args, message] of wrong) {
		const { code, stdout, stderr } = await run(...args);
		assert.equal(code, 1, args.join(" "));
		assert.equal(stdout, "");
		if (message instanceof RegExp) {
			assert.match(stderr, message);
		} else {
			assert.equal(stderr, message);
		}
	}
});

test("a taken port gets one line that names it and exit code 1", async () => {
	const base = await freePorts(5);
	const blocker = createServer().listen(base + 2, "127.0.0.1");
	await once(blocker, "listening");
	const { code, stderr } = await run("--control-port", `${base}`, "--port-base", `${base + 1}`);
	blocker.close();
	assert.equal(code, 1);
	assert.equal(
		stderr,
		`error: port ${base + 2} on 127.0.0.1 is in use; choose others with --port-base or --control-port\n`,
	);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
	test(`it says where it serves, serves, and ends with 0 on ${signal}`, async () => {
		const base = await freePorts(3);
		const child = spawn(process.execPath, [
			PROGRAM,
			...["--operators", "2", "--control-port", `${base}`, "--port-base", `${base + 1}`],
			...["--operator", "2=lying", "--series", "mauna-loa-co2"],
		]);
		try {
			let stdout = "";
			for await (const chunk of child.stdout) {
				stdout += chunk;
				if (stdout.includes("operator 2")) {
					break;
				}
			}
			assert.match(stdout, /^Mauna Loa: co2 in ppm, \d+ records\n/);
			assert.ok(stdout.includes(`operator 2  http://127.0.0.1:${base + 2}/reading  lying`));
			const reading = await (await fetch(`http://127.0.0.1:${base + 1}/reading`)).json();
			assert.equal(reading.unit, "ppm");
		} finally {
			child.kill(signal);
		}
		const [code] = await once(child, "exit");
		assert.equal(code, 0);
	});
}
