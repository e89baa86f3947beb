// Raw chain specifications: genesis as keys and values of storage.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { xxhashAsHex } from "@polkadot/util-crypto";

export { setTempo } from "../../scripts/js/set-tempo.js";

/** Largest specification: the runtime's blob is most of it. */
const MAX_BYTES = 64 * 1024 * 1024;

/** An empty vector, as storage holds it. */
const EMPTY = "0x00";

/**
 * A specification as the node makes it.
 *
 * @param {string} node The node's program.
 * @param {string} chain Name of the network, or file of a plain specification.
 * @param {string[]} [flags] `--raw` for a raw one.
 */
export function exportSpec(node, chain, ...flags) {
	const json = execFileSync(node, ["export-chain-spec", "--chain", chain, ...flags], {
		maxBuffer: MAX_BYTES,
		stdio: ["ignore", "pipe", "pipe"],
	});
	return JSON.parse(json);
}

/** Write a specification to a file. */
export function writeSpec(file, spec) {
	writeFileSync(file, JSON.stringify(spec));
}

/** Key of a plain storage item: the hashes of its pallet's and its own name. */
export function storageKey(pallet, item) {
	return xxhashAsHex(pallet, 128) + xxhashAsHex(item, 128).slice(2);
}

/** Genesis value of a plain storage item, in hexadecimal. `undefined`: it has its default. */
export function genesisValue(spec, pallet, item) {
	return spec.genesis.raw.top[storageKey(pallet, item)];
}

/** The accounts in a vector of accounts, in hexadecimal. For at most 63 of them. */
export function accountsIn(value = EMPTY) {
	const length = Number.parseInt(value.slice(2, 4), 16) >> 2;
	return Array.from({ length }, (_, index) => value.slice(4 + 64 * index, 4 + 64 * (index + 1)));
}

/** Let only the first validators of a plain specification be there. */
export function keepValidators(spec, count) {
	const { session, staking } = spec.genesis.runtimeGenesis.patch;
	session.keys.splice(count);
	staking.stakers.splice(count);
}

/**
 * Let a session take this many slots instead of ten minutes. Only test networks have it in their genesis.
 */
export function setSessionLength(spec, slots) {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(BigInt(slots));
	spec.genesis.raw.top[xxhashAsHex(":EpochDuration:", 128)] = `0x${bytes.toString("hex")}`;
}
