// On a real Mosquitto, as instruments and a gateway see it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import mqtt from "mqtt";
import { publishRegularly, startBroker } from "./broker.js";
import { within } from "./wait.js";

let folder, broker;
const clients = [];

/** A client that is gone when the tests are over. */
async function client(...login) {
	const connected = await broker.connect(...login);
	clients.push(connected);
	return connected;
}

before(async () => {
	folder = mkdtempSync(join(tmpdir(), "rwa-broker-"));
	broker = await startBroker(folder, {
		reader: { password: "right", access: ["read instruments/#"] },
		one: { password: "first", access: ["write instruments/1"] },
	});
});

after(async () => {
	await Promise.all(clients.map((connected) => connected.endAsync(true)));
	await broker?.stop();
	rmSync(folder, { recursive: true, force: true });
});

test("an instrument publishes regularly, and a reader hears it", async () => {
	const reader = await client("reader");
	await reader.subscribeAsync("instruments/#", { qos: 1 });
	const heard = new Promise((resolve) => {
		const messages = [];
		reader.on("message", (topic, payload) => {
			messages.push(`${topic} ${payload}`);
			if (messages.length === 3) {
				resolve(messages);
			}
		});
	});
	let shown = 0;
	const stop = publishRegularly(await client("one"), "instruments/1", () => `${++shown}`, 20);
	const messages = await within("three messages", 30, heard);
	await stop();
	assert.deepEqual(messages, [1, 2, 3].map((number) => `instruments/1 ${number}`));
});

test("who has the wrong password, no password, or doesn't speak TLS is refused", async () => {
	await assert.rejects(broker.connect("one", "wrong"), /Not authorized/);
	await assert.rejects(broker.connect("nobody", "wrong"), /Not authorized/);
	const { host, port } = broker;
	const login = { username: "one", password: "first", reconnectPeriod: 0, connectTimeout: 5_000 };
	await assert.rejects(mqtt.connectAsync(`mqtt://${host}:${port}`, login));
	// Nor does a client trust a broker that nobody it knows vouches for.
	await assert.rejects(mqtt.connectAsync(`mqtts://${host}:${port}`, login), /certificate/);
});

test("an instrument may write nothing but its own topic", async () => {
	const one = await client("one");
	await assert.rejects(one.publishAsync("instruments/2", "stolen", { qos: 1 }), /Not authorized/);
	await one.publishAsync("instruments/1", "own", { qos: 1 });
});
