#!/usr/bin/env node
// What the measuring scripts need besides a shell: free ports, waiting for finality, memory of
// processes, who is connected with whom, and the tables.
//
// Usage: node scripts/js/measure.js <command> [arguments]; see `COMMANDS` at the end.

import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, writeFileSync, existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const HOST = "127.0.0.1";
const MEBIBYTE = 1_048_576;

/** `count` ports on loopback that nothing listens on, all different. */
export async function freePorts(count) {
	const servers = [];
	for (let index = 0; index < count; index += 1) {
		const server = createServer();
		server.listen(0, HOST);
		await once(server, "listening");
		servers.push(server);
	}
	const ports = servers.map((server) => server.address().port);
	await Promise.all(servers.map((server) => once(server.close(), "close")));
	return ports;
}

// --- Nodes ---------------------------------------------------------------------------------------

async function ask(port, method, params = []) {
	const response = await fetch(`http://${HOST}:${port}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
	});
	const { result, error } = await response.json();
	if (error) {
		throw new Error(`${method}: ${error.message}`);
	}
	return result;
}

async function finalNumber(port) {
	const header = await ask(port, "chain_getHeader", [await ask(port, "chain_getFinalizedHead")]);
	return Number(header.number);
}

const runs = (pid) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(status(pid));

/** Until each node (`pid=port`) has `more` blocks final than when it first answered. */
async function awaitFinal(seconds, more, ...nodes) {
	const deadline = Date.now() + Number(seconds) * 1_000;
	for (const [pid, port] of nodes.map((node) => node.split("="))) {
		let first;
		for (;;) {
			if (!runs(pid)) {
				throw new Error(`the node at port ${port} has stopped`);
			}
			const number = await finalNumber(port).catch(() => undefined);
			first ??= number;
			if (number !== undefined && number >= first + Number(more)) {
				break;
			}
			if (Date.now() > deadline) {
				throw new Error(`the node at port ${port} made no ${more} blocks final in ${seconds} s`);
			}
			await delay(200);
		}
	}
}

/** Fails unless each node has all others, and nobody else, as peers. */
async function checkPeers(...ports) {
	const ids = await Promise.all(ports.map((port) => ask(port, "system_localPeerId")));
	for (const [place, port] of ports.entries()) {
		const found = (await ask(port, "system_peers")).map((peer) => peer.peerId).sort();
		const expected = ids.filter((_, other) => other !== place).sort();
		if (found.join() !== expected.join()) {
			throw new Error(`the node at port ${port} has ${found.length} of ${expected.length} peers`);
		}
	}
}

// --- Processes -----------------------------------------------------------------------------------

function status(pid) {
	try {
		return readFileSync(`/proc/${pid}/status`, "utf8");
	} catch {
		return "";
	}
}

/** Bytes of memory of a process, by the kernel's names. */
export function memoryOf(text) {
	const bytes = (name) => {
		const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text) ?? [];
		return kibibytes === undefined ? null : Number(kibibytes) * 1_024;
	};
	return {
		peak_resident: bytes("VmHWM"),
		resident: bytes("VmRSS"),
		resident_anonymous: bytes("RssAnon"),
		resident_file: bytes("RssFile"),
	};
}

/** Lets the kernel forget the peak, so that it shows the load's and not the start's. */
function resetPeak(pid) {
	try {
		writeFileSync(`/proc/${pid}/clear_refs`, "5");
		return true;
	} catch {
		return false;
	}
}

/**
 * Established connections in `/proc/net/tcp` whose far end is one of `ports`.
 *
 * @returns {{port: number, inode: string}[]}
 */
export function connectionsTo(ports, table) {
	return table
		.trim()
		.split("\n")
		.slice(1)
		.map((line) => line.trim().split(/\s+/))
		.filter(([, , , state]) => state === "01")
		.map(([, , remote, , , , , , , inode]) => ({ port: parseInt(remote.split(":")[1], 16), inode }))
		.filter(({ port }) => ports.includes(port));
}

function socketsOf(pid) {
	const folder = `/proc/${pid}/fd`;
	return readdirSync(folder).flatMap((name) => {
		try {
			return /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, name)))?.[1] ?? [];
		} catch {
			return []; // Closed meanwhile.
		}
	});
}

/**
 * Fails if a node has called another's own port, or if two of them are not connected through a proxy.
 *
 * @param {string} pids Of the nodes, by place.
 * @param {string} ports Their own ports, by place.
 * @param {...string} proxies `from-to=port`, by the places of the nodes that each is between.
 */
function checkPaths(pids, ports, ...proxies) {
	const connections = readFileSync("/proc/net/tcp", "utf8");
	const calls = pids.split(",").map((pid) => {
		const own = new Set(socketsOf(pid));
		return (wanted) => connectionsTo(wanted, connections).find(({ inode }) => own.has(inode));
	});
	for (const [place, calledOneOf] of calls.entries()) {
		const direct = calledOneOf(ports.split(",").map(Number));
		if (direct) {
			throw new Error(`node ${place} is connected with port ${direct.port} past the proxies`);
		}
	}
	const portOf = new Map(proxies.map((proxy) => proxy.split("=")));
	for (const [one, other] of pairs(calls.length)) {
		const through = (from, to) => calls[from]([Number(portOf.get(`${from}-${to}`))]);
		if (!through(one, other) && !through(other, one)) {
			throw new Error(`nodes ${one} and ${other} are not connected through their proxies`);
		}
	}
}

/** Every two of `count` places. */
function pairs(count) {
	const places = Array.from({ length: Number(count) }, (_, place) => place);
	return places.flatMap((one) => places.slice(one + 1).map((other) => [one, other]));
}

/** Bytes through each proxy, from toxiproxy's metrics. */
export function bytesThrough(metrics) {
	const bytes = {};
	for (const [, labels, value] of metrics.matchAll(
		/^toxiproxy_proxy_received_bytes_total\{([^}]*)\} (\S+)$/gm,
	)) {
		const [, name] = /proxy="([^"]+)"/.exec(labels);
		bytes[name] = (bytes[name] ?? 0) + Number(value);
	}
	return bytes;
}

/**
 * Bytes that went through each proxy, once its connections are closed: toxiproxy does not count before.
 * Fails if a pair of nodes has none in either direction.
 */
async function proxiedBytes(port, count) {
	const deadline = Date.now() + 10_000;
	for (;;) {
		const response = await fetch(`http://${HOST}:${port}/metrics`);
		const bytes = bytesThrough(await response.text());
		const silent = pairs(count).find(
			([one, other]) => !bytes[`${one}-${other}`] && !bytes[`${other}-${one}`],
		);
		if (!silent) {
			return bytes;
		}
		if (Date.now() > deadline) {
			throw new Error(`nothing has gone between nodes ${silent.join(" and ")} through their proxies`);
		}
		await delay(100);
	}
}

// --- Tables --------------------------------------------------------------------------------------

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const readIfThere = (path) => (existsSync(path) ? readJson(path) : undefined);
const ms = (value) => (value === undefined || value === null ? "–" : `${value.toFixed(0)} ms`);

/** Rows of cells as text, columns aligned. */
export function table(rows) {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...row[column]].length)));
	return rows
		.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd())
		.join("\n");
}

/** What a row under load shows, in relation to the machine's speed as well. */
export function loadRow(load, machine, verificationsPerSecond) {
	const peaks = machine.memory.map(({ peak_resident: peak }) => peak);
	const growth = machine.database_bytes_after.map(
		(after, place) => after - machine.database_bytes_before[place],
	);
	const perMillion = growth.map((bytes) => (bytes * 1_000_000) / Math.max(load.counts.finalised, 1));
	return {
		finalised_per_second: load.finalised_per_second.sustained,
		finalised_per_1000_verifications:
			(1_000 * load.finalised_per_second.sustained) / verificationsPerSecond,
		peak_resident_bytes: Math.max(...peaks),
		database_bytes_per_million_transfers: Math.max(...perMillion),
		load,
		machine,
	};
}

function loadLines(name, row) {
	const { latencies, counts } = row.load;
	const spread = (times) => `${ms(times?.p50)} / ${ms(times?.p95)} / ${ms(times?.p99)}`;
	return [
		[name, "finalised, sustained", `${row.finalised_per_second.toFixed(0)} /s`],
		["", "… per 1,000 signature checks", row.finalised_per_1000_verifications.toFixed(1)],
		["", "submit → inclusion p50/p95/p99", spread(latencies.submit_to_inclusion)],
		["", "inclusion → finality p50/p95/p99", spread(latencies.inclusion_to_finality)],
		["", "accepted / finalised / lost", `${counts.accepted} / ${counts.finalised} / ${counts.lost}`],
		["", "peak memory of a node", `${(row.peak_resident_bytes / MEBIBYTE).toFixed(0)} MiB`],
		[
			"",
			"database per million transfers",
			`${(row.database_bytes_per_million_transfers / MEBIBYTE).toFixed(0)} MiB`,
		],
	];
}

function burstLines(name, burst) {
	return Object.entries(burst.fates).map(([fate, count], index) => [
		index === 0 ? name : "",
		fate,
		String(count),
	]);
}

/** Puts the files of a `bench` together: prints the table, writes the JSON. */
function bench(folder, out) {
	const read = (name) => readIfThere(join(folder, `${name}.json`));
	const baselines = [read("baseline-before"), read("baseline-after")].filter(Boolean);
	const verifications =
		baselines.reduce((sum, each) => sum + each.sr25519_verifications_per_second, 0) /
		baselines.length;
	const result = { ...read("about"), baseline: baselines, rows: {} };
	const lines = [
		["baseline", "sr25519 checks on one core", `${verifications.toFixed(0)} /s`],
	];
	for (const [name, title] of [
		["single", "one node"],
		["four", "four validators"],
	]) {
		const load = read(`${name}-load`);
		if (load) {
			result.rows[name] = loadRow(load, read(`${name}-machine`), verifications);
			lines.push(...loadLines(title, result.rows[name]));
		}
	}
	for (const order of ["in", "shuffled"]) {
		const burst = read(`burst-${order}`);
		if (burst) {
			result.rows[`burst_${order}`] = burst;
			lines.push(...burstLines(`burst, ${order === "in" ? "in order" : order}`, burst));
		}
	}
	const idle = read("idle");
	if (idle) {
		result.rows.idle = idle;
		const times = idle.pooled;
		lines.push(["idle, four validators", "import → finality mean/p95", `${ms(times?.mean)} / ${ms(times?.p95)}`]);
	}
	writeFileSync(out, `${JSON.stringify(result, null, "\t")}\n`);
	console.log(table(lines));
}

/** Puts the files of a `consensus-table` together: prints the table, writes the JSON. */
function consensus(folder, out, ...delays) {
	const rows = delays.map((each) => ({
		one_way_delay_ms: Number(each),
		...readJson(join(folder, `delay-${each}.json`)),
		proxied_bytes: readJson(join(folder, `proxies-${each}.json`)),
		under_load: readIfThere(join(folder, `load-${each}.json`)) ?? null,
	}));
	const result = { ...readJson(join(folder, "about.json")), rows };
	writeFileSync(out, `${JSON.stringify(result, null, "\t")}\n`);
	const sum = (row, of) => row.nodes.reduce((total, node) => total + node[of], 0);
	console.log(
		table([
			["one-way delay", "mean", "p50", "p95", "p99", "blocks", "re-orgs", "skipped slots", "mean / p95 under load"],
			...rows.map((row) => [
				`${row.one_way_delay_ms} ms`,
				ms(row.pooled?.mean),
				ms(row.pooled?.p50),
				ms(row.pooled?.p95),
				ms(row.pooled?.p99),
				String(row.nodes[0].blocks),
				String(sum(row, "reorganisations")),
				String(row.nodes[0].skipped_slots),
				underLoad(row.under_load?.chain.import_to_finality),
			]),
		]),
	);
}

const underLoad = (times) => (times ? `${ms(times.mean)} / ${ms(times.p95)}` : "–");

const COMMANDS = {
	ports: async (count) => console.log((await freePorts(Number(count))).join("\n")),
	"await-final": awaitFinal,
	"check-peers": checkPeers,
	memory: (...pids) => console.log(JSON.stringify(pids.map((pid) => memoryOf(status(pid))))),
	"reset-peak": (...pids) => console.log(pids.map(resetPeak).every(Boolean)),
	"check-paths": checkPaths,
	"proxied-bytes": async (port, count) =>
		console.log(JSON.stringify(await proxiedBytes(port, count))),
	bench,
	consensus,
};

if (process.argv[1]?.endsWith("measure.js")) {
	const [command, ...args] = process.argv.slice(2);
	try {
		await COMMANDS[command](...args);
	} catch (error) {
		console.error(`error: ${error.message}`);
		process.exitCode = 1;
	}
}
