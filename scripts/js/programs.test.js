// Every program as a user starts it, as far as that goes without a network.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkPorts } from "./check-ports.js";

const PROGRAMS = {
	"absolve.js": ["--file", "defence.json", "--suri", "//Alice"],
	"announce-document.js": [
		...["--document", "0", "--address", "/ip4/127.0.0.1/tcp/4001", "--suri", "//Alice"],
	],
	"condemn-device.js": ["--first", "a.json", "--second", "b.json", "--suri", "//Alice"],
	"create-feed.js": [],
	"declare-capacity.js": ["--bytes", "1", "--suri", "//Alice"],
	"demand-measurement.js": [
		...["--feed", "1/IotSensor", "--reporter", "nobody", "--block", "1", "--suri", "//Alice"],
	],
	"enforce-demands.js": ["--reporter", "nobody", "--suri", "//Alice"],
	"fetch-document.js": ["--document", "0", "--reader", "nobody", "--key-file", "none", "--out", "none"],
	"join-feed.js": ["--feed", "1/WeatherApi", "--suri", "//Oracle//1"],
	"prove-manipulation.js": ["--file", "proof.json", "--suri", "//Alice"],
	"register-device.js": ["--asset", "1", "--device", "ed25519:0x", "--suri", "//Alice"],
	"register-document.js": ["--asset", "1", "--kind", "Title", "--days", "7", "--suri", "//Alice"],
	"register-oracle.js": ["--suri", "//Oracle//1"],
	"register-storage.js": ["--bytes", "1", "--suri", "//Alice"],
	"register-validator.js": ["--bond", "1000", "--suri", "//Alice"],
	"repair-documents.js": ["--account", "nobody", "--key-file", "none"],
	"request-round.js": ["--feed", "1/WeatherApi", "--suri", "//Alice"],
	"reset-counter.js": ["--file", "measurement.json", "--suri", "//Alice"],
	"set-reader-key.js": ["--key", "x25519:0x", "--suri", "//Alice"],
	"share-document.js": ["--document", "0", "--revoke-reader", "nobody", "--suri", "//Alice"],
	"show-measurement.js": ["--file", "shown.json", "--suri", "//Alice"],
	"store-document.js": ["--asset", "1", "--kind", "Title", "--days", "7", "--suri", "//Alice"],
	"store-samples.js": ["--folder", "none"],
	"top-up-feed.js": ["--feed", "1/WeatherApi", "--amount", "1", "--suri", "//Alice"],
	"watch.js": [],
	"watch-documents.js": [],
	"examples/batch.js": ["--to", "nobody", "--amount", "1", "--suri", "//Alice"],
	"examples/follow-feed.js": [],
	"examples/metadata.js": [],
	"examples/node-life.js": [],
	"examples/proxy.js": ["--to", "nobody"],
	"examples/transfer.js": ["--to", "nobody", "--amount", "1", "--suri", "//Alice"],
	"examples/watch-events.js": [],
};

function run(program, ...args) {
	const path = fileURLToPath(new URL(program, import.meta.url));
	return spawnSync(process.execPath, [path, ...args], { encoding: "utf8" });
}

/** A port that nobody listens on: it was given out and closed. */
async function closedPort() {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address();
	server.close();
	await once(server, "close");
	return port;
}

for (const [program, args] of Object.entries(PROGRAMS)) {
	test(`${program} explains itself`, () => {
		const { status, stdout, stderr } = run(program, "--help");
		assert.equal(status, 0);
		assert.equal(stderr, "");
		assert.ok(stdout.includes(`Usage: node scripts/js/${program}`), stdout);
		assert.ok(stdout.includes("--url URL"));
	});

	test(`${program} says in one line that no node answers`, async () => {
		const url = `ws://127.0.0.1:${await closedPort()}`;
		const { status, stderr } = run(program, "--url", url, ...args);
		assert.equal(status, 1);
		assert.equal(stderr, `error: no node answers at ${url} (ECONNREFUSED); is it running?\n`);
	});
}

test("an unknown option is refused in one line", () => {
	const { status, stderr } = run("watch.js", "--frequency", "1");
	assert.equal(status, 1);
	assert.match(stderr, /^error: Unknown option '--frequency'.*\n$/);
});

test("ports that are free pass", async () => {
	assert.deepEqual(await checkPorts([`--rpc-port=${await closedPort()}`]), []);
});

test("a taken port, one wanted twice, and nonsense are named with their flags", async () => {
	const blocker = createServer().listen(0, "127.0.0.1");
	await once(blocker, "listening");
	const { port } = blocker.address();
	const free = await closedPort();
	const complaints = await checkPorts([
		`--rpc-port=${port}`,
		`--p2p-port=${free}`,
		`--source-port=${free}`,
		"--rpc-port=99999",
	]);
	blocker.close();
	assert.deepEqual(complaints, [
		`port ${port} on 127.0.0.1 is in use; choose another with --rpc-port`,
		`port ${free} is wanted twice; choose another with --p2p-port or --source-port`,
		'"--rpc-port=99999" is not a flag with a port from 1 to 65535',
	]);
});

test("check-ports.js ends with 1 if a port is taken", async () => {
	const blocker = createServer().listen(0, "127.0.0.1");
	await once(blocker, "listening");
	const { port } = blocker.address();
	const { status, stderr } = run("check-ports.js", `--rpc-port=${port}`);
	blocker.close();
	assert.equal(status, 1);
	assert.equal(
		stderr,
		`error: port ${port} on 127.0.0.1 is in use; choose another with --rpc-port\n`,
	);
});
