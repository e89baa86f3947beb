import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { bytesThrough, connectionsTo, freePorts, loadRow, memoryOf, table } from "./measure.js";

const PROGRAM = fileURLToPath(new URL("measure.js", import.meta.url));
const run = (...args) => promisify(execFile)(process.execPath, [PROGRAM, ...args]);

test("free ports are as many as asked for, and different", async () => {
	const ports = await freePorts(20);
	assert.equal(new Set(ports).size, 20);
	assert.ok(ports.every((port) => port > 1_023 && port < 65_536));
});

test("memory is read in bytes, and null where the kernel does not say", () => {
	const text = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nRssAnon:\t     512 kB\n";
	assert.deepEqual(memoryOf(text), {
		peak_resident: 2_097_152,
		resident: 1_048_576,
		resident_anonymous: 524_288,
		resident_file: null,
	});
});

test("connections are found by the far end's port, and only established ones", () => {
	const row = (remote, state, inode) =>
		`   0: 0100007F:9C40 0100007F:${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0`;
	const text = [
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
		row("7675", "01", 11), // port 30325
		row("7675", "0A", 12), // listening
		row("7676", "01", 13), // another port
	].join("\n");
	assert.deepEqual(connectionsTo([30_325], text), [{ port: 30_325, inode: "11" }]);
});

test("bytes through a proxy are those of both directions", () => {
	const metrics = [
		"# HELP toxiproxy_proxy_received_bytes_total",
		'toxiproxy_proxy_received_bytes_total{direction="upstream",listener="a",proxy="0-1",upstream="b"} 100',
		'toxiproxy_proxy_received_bytes_total{direction="downstream",listener="a",proxy="0-1",upstream="b"} 1.5e+03',
		'toxiproxy_proxy_sent_bytes_total{direction="upstream",listener="a",proxy="0-1",upstream="b"} 7',
		'toxiproxy_proxy_received_bytes_total{direction="upstream",listener="a",proxy="2-3",upstream="b"} 5',
	].join("\n");
	assert.deepEqual(bytesThrough(metrics), { "0-1": 1_600, "2-3": 5 });
});

test("a table aligns its columns", () => {
	const text = table([
		["a", "b"],
		["long", "x"],
	]);
	assert.equal(text, "a     b\nlong  x");
});

const LOAD = {
	finalised_per_second: { sustained: 1_500 },
	counts: { accepted: 500_000, finalised: 500_000, lost: 0 },
	latencies: {},
};
const MACHINE = {
	memory: [{ peak_resident: 5 }, { peak_resident: 9 }],
	database_bytes_before: [1_000, 1_000],
	database_bytes_after: [2_000, 4_000],
};

test("a row shows the worst node, per million transfers and relative to the machine", () => {
	const row = loadRow(LOAD, MACHINE, 30_000);
	assert.equal(row.finalised_per_1000_verifications, 50);
	assert.equal(row.peak_resident_bytes, 9);
	assert.equal(row.database_bytes_per_million_transfers, 6_000);
});

test("bench puts together the rows that there are", async () => {
	const folder = mkdtempSync(join(tmpdir(), "measure-test-"));
	try {
		const put = (name, value) => writeFileSync(join(folder, `${name}.json`), JSON.stringify(value));
		put("about", { quick: true });
		put("baseline-before", { sr25519_verifications_per_second: 20_000 });
		put("baseline-after", { sr25519_verifications_per_second: 40_000 });
		put("single-load", LOAD);
		put("single-machine", MACHINE);
		put("burst-in", { fates: { finalised: 7 } });
		const out = join(folder, "out.json");
		const { stdout } = await run("bench", folder, out);
		assert.match(stdout, /one node +finalised, sustained +1500 \/s/);
		assert.match(stdout, /burst, in order +finalised +7/);
		const { rows, quick } = JSON.parse(readFileSync(out, "utf8"));
		assert.deepEqual(Object.keys(rows), ["single", "burst_in"]);
		assert.equal(rows.single.finalised_per_1000_verifications, 50);
		assert.equal(quick, true);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("a node that has stopped is told at once", async () => {
	const [port] = await freePorts(1);
	// No process has this number: it is above the largest that Linux gives.
	await assert.rejects(run("await-final", "60", "1", `4194305=${port}`), /has stopped/);
});

test("paths are right only if they lead through the proxies", async () => {
	const { createServer, connect } = await import("node:net");
	const { once } = await import("node:events");
	const server = createServer();
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address();
	const [unused] = await freePorts(1);
	// One process stands for both nodes: each is seen to call what the other calls.
	const pids = `${process.pid},${process.pid}`;
	const check = (own, proxy) => run("check-paths", pids, `${own},${own}`, `0-1=${proxy}`);
	await assert.rejects(check(unused, port), /0 and 1 are not connected through/);
	const socket = connect(port, "127.0.0.1");
	await once(socket, "connect");
	try {
		await check(unused, port);
		await assert.rejects(check(port, unused), /past the proxies/);
	} finally {
		socket.destroy();
		server.close();
	}
});
