#!/usr/bin/env node
// The tables of scripts/documents-table.
//
// Usage: node scripts/js/documents-table.js RESULTS OUT

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** @param {number[]} values At least one. */
export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * MiB a second of each thing that was done, by the median of its times.
 *
 * @param {{what: string, mib: number, ms: number}[]} times
 * @returns {Record<string, number>}
 */
export function speeds(times) {
	const names = [...new Set(times.map(({ what }) => what))];
	return Object.fromEntries(
		names.map((name) => {
			const own = times.filter(({ what }) => what === name);
			return [name, median(own.map(({ mib, ms }) => (1_000 * mib) / ms))];
		}),
	);
}

/**
 * What documents of each size took of their publisher: the most memory and the speed, by the median.
 *
 * @param {{mib: number, ms: number, kib: number | null}[]} times
 * @returns {{mib: number, kib: number, speed: number}[]}
 */
export function publications(times) {
	const told = times.filter(({ kib }) => kib !== null);
	const sizes = [...new Set(told.map(({ mib }) => mib))];
	return sizes.map((size) => {
		const own = told.filter(({ mib }) => mib === size);
		const kib = Math.max(...own.map((time) => time.kib));
		return { mib: size, kib, speed: median(own.map(({ mib, ms }) => (1_000 * mib) / ms)) };
	});
}

const table = (head, rows) =>
	[head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

function main([results, out]) {
	const proofs = JSON.parse(readFileSync(join(results, "proofs.json"), "utf8"));
	const lines = readFileSync(join(results, "times.jsonl"), "utf8").trim().split("\n");
	const times = lines.map((line) => JSON.parse(line));
	const speed = speeds(times);

	const rows = proofs.map(({ chunk, links, mebibytes, blocks, bytes, verify_us: verify, hash_us: hash }) => {
		const ratio = (verify / hash).toFixed(2);
		return [chunk, links, mebibytes, blocks, bytes, verify.toFixed(1), hash.toFixed(1), ratio];
	});
	const proofHead = ["chunk", "links", "file, MiB", "blocks", "bytes of the largest proof"];
	console.log(table([...proofHead, "verified in, µs", "hashed in, µs", "ratio"], rows));

	const own = Object.entries(speed).filter(([name]) => name.startsWith("layout "));
	const [[, first]] = own;
	console.log();
	console.log(
		table(
			["chunk/links", "Kubo adds, MiB/s", "of documents' layout"],
			own.map(([name, mib]) => [name.slice(7), mib.toFixed(1), (mib / first).toFixed(2)]),
		),
	);

	const ratioTo = (name) => (speed.publish / speed[name]).toFixed(2);
	console.log();
	console.log(
		table(
			["way", "document, MiB/s", "publishing compared with it"],
			[
				["ipfs add, three files in turn", speed.serial.toFixed(1), ratioTo("serial")],
				["ipfs add, three files at once", speed.parallel.toFixed(1), ratioTo("parallel")],
				["publish: encrypt, seal three times, add", speed.publish.toFixed(1), ""],
			],
		),
	);
	console.log();
	console.log(
		table(
			["document, MiB", "published, MiB/s", "most memory of the publisher, MiB"],
			publications(times).map(({ mib, kib, speed: own }) => [mib, own.toFixed(1), (kib / 1_024).toFixed(1)]),
		),
	);
	writeFileSync(out, `${JSON.stringify({ proofs, times, mebibytes_a_second: speed }, null, "\t")}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	main(process.argv.slice(2));
}
