// On real Kubos, where there are any.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { applySettings, kuboProgram, parseSettings, startKubos } from "./kubo.js";

const skip = kuboProgram() ? false : "NOT RUN: no Kubo; scripts/setup.sh brings it where it can";

test("settings are put where they belong", () => {
	const config = { Datastore: { Spec: { type: "mount" } } };
	applySettings(config, parseSettings('# why\n\nDatastore.StorageMax "1GB"\nA.B.C [1]\n'));
	assert.deepEqual(config, {
		Datastore: { Spec: { type: "mount" }, StorageMax: "1GB" },
		A: { B: { C: [1] } },
	});
	assert.throws(() => parseSettings("Datastore.StorageMax"), /not a name and a value/);
});

test("Kubos give each other files, on loopback only, and come back after a kill", { skip }, async () => {
	const folder = mkdtempSync(join(tmpdir(), "rwa-kubo-"));
	let kubos = [];
	try {
		kubos = await startKubos(folder, 2);
		const [one, two] = kubos;
		const cid = await one.add(randomBytes(100_000));
		assert.match(cid, /^bafy/);
		await two.call(`pin/add?arg=${cid}&name=test`);
		assert.equal((await two.pins()).get(cid), "test");
		await two.stop();
		await two.start();
		assert.ok(await two.has(cid));
		const { Addrs: peers = {} } = await (await one.call("swarm/addrs")).json();
		for (const address of Object.values(peers).flat()) {
			assert.match(address, /^\/ip4\/127\.0\.0\.1\/tcp\//);
		}
	} finally {
		await Promise.all(kubos.map((kubo) => kubo.stop()));
		rmSync(folder, { recursive: true, force: true });
	}
});
