#!/usr/bin/env node
// Let the long periods of a test network pass faster, in its raw specification.
//
// Usage: node scripts/js/set-tempo.js FILE FACTOR

import { readFileSync, writeFileSync } from "node:fs";
import { xxhashAsHex } from "@polkadot/util-crypto";

/**
 * Let governance, the deferral of slashes, and the periods of documents run this many times faster than in earnest. The
 * runtime reads the factor from genesis; only test networks have it there.
 *
 * @param {object} spec Raw specification, which is changed.
 * @param {number} tempo
 */
export function setTempo(spec, tempo) {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(tempo);
	spec.genesis.raw.top[xxhashAsHex(":TestTempo:", 128)] = `0x${bytes.toString("hex")}`;
}

if (process.argv[1]?.endsWith("set-tempo.js")) {
	const [file, factor] = process.argv.slice(2);
	const spec = JSON.parse(readFileSync(file, "utf8"));
	setTempo(spec, Number(factor));
	writeFileSync(file, JSON.stringify(spec));
}
