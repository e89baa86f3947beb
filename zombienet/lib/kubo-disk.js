// What is on a Kubo's disk, below Kubo: blocks are files, each named by its hash. For tests that damage them.

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseCid } from "../../scripts/js/lib/document.js";

/** Bytes of a leaf that is full. No node above leaves has as many. */
const LEAF_BYTES = 4_096;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Bytes in base 32 without padding, as Kubo names files. */
export function base32(bytes) {
	const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
	const digits = bits.match(/.{1,5}/g) ?? [];
	return digits.map((digit) => BASE32[Number.parseInt(digit.padEnd(5, "0"), 2)]).join("");
}

/** The file of a block in a Kubo's folder, from the block's CID. */
export function blockFile(repo, cid) {
	// Without version and codec: what is left is the hash and what kind it is.
	const name = base32(parseCid(cid).subarray(2));
	return join(repo, "blocks", name.slice(-3, -1), `${name}.data`);
}

/**
 * Change a bit of a file.
 *
 * @returns {() => void} Changes it back.
 */
export function flipBit(file) {
	const bytes = readFileSync(file);
	const flip = () => {
		bytes[bytes.length >> 1] ^= 1;
		writeFileSync(file, bytes);
	};
	flip();
	return flip;
}

/**
 * Delete leaves from a Kubo's folder, as one who hopes not to be asked for them. It must not run.
 *
 * @param {string} repo
 * @param {number} every Of so many full leaves the first is deleted. The files' names are random.
 * @returns {{leaves: number, deleted: number}}
 */
export function discardLeaves(repo, every) {
	const blocks = join(repo, "blocks");
	const files = readdirSync(blocks, { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.flatMap(({ name }) => readdirSync(join(blocks, name)).map((file) => join(blocks, name, file)));
	const leaves = files.filter((file) => file.endsWith(".data") && statSync(file).size === LEAF_BYTES);
	const doomed = leaves.filter((_, index) => index % every === 0);
	for (const file of doomed) {
		rmSync(file);
	}
	return { leaves: leaves.length, deleted: doomed.length };
}

/**
 * Let a Kubo have the port that it has now whenever it starts, because others know it by that.
 *
 * @param {import("./kubo.js").Kubo} kubo It has been started.
 * @param {string} [api] Another Kubo's address, whose place it takes from the next start on.
 */
export function keepPort({ repo, api: own }, api = own) {
	const file = join(repo, "config");
	const config = JSON.parse(readFileSync(file, "utf8"));
	config.Addresses.API = `/ip4/127.0.0.1/tcp/${new URL(api).port}`;
	writeFileSync(file, JSON.stringify(config));
}

/** Bytes that a Kubo has on disk. */
export async function diskUsage(kubo) {
	const answer = await kubo.call("repo/stat?size-only=true");
	return (await answer.json()).RepoSize;
}

/** CIDs of all leaves of a file that a Kubo has. */
export async function leavesOf(kubo, cid) {
	const answer = await kubo.call(`refs?arg=${cid}&recursive=true&offline=true`);
	const lines = (await answer.text()).trim().split("\n").filter(Boolean);
	const blocks = [cid, ...lines.map((line) => JSON.parse(line).Ref)];
	// Leaves are raw: their CIDs begin alike.
	return blocks.filter((block) => block.startsWith("bafkrei"));
}
