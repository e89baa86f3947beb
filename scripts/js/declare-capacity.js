#!/usr/bin/env node
// Say how many bytes a storage node keeps. The first time that makes it one that is drawn for documents; after an
// outage it brings it back.

import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { callView } from "./lib/view.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} operator An active storage operator.
 * @param {bigint} capacity Bytes.
 */
export function declareCapacity(api, operator, capacity) {
	return submitFinalised(api, api.tx.documents.declareCapacity(capacity), operator);
}

/**
 * What a storage node keeps, in bytes. `undefined`: it serves no documents.
 *
 * @returns {Promise<{capacity: bigint, assigned: bigint, proven: bigint, status: string} | undefined>}
 */
export async function storageOf(api, account) {
	const node = await callView(api, "Documents", "storage_node", [account]);
	if (node.isNone) {
		return undefined;
	}
	const { capacity, assigned, proven, status } = node.unwrap();
	return {
		capacity: capacity.toBigInt(),
		assigned: assigned.toBigInt(),
		proven: proven.toBigInt(),
		status: status.type,
	};
}

/** A number of bytes as it is given on the command line. */
export function parseBytes(text) {
	if (!/^\d{1,19}$/.test(text)) {
		throw new Error(`"${text}" is not a number of bytes`);
	}
	return BigInt(text);
}

await runAsProgram(import.meta.url, {
	usage: `Say how many bytes of documents a storage node keeps.

Usage: node scripts/js/declare-capacity.js --suri-file FILE --bytes 10000000000

As many as it holds keep it from getting more: before it hands everything over, and leaves.

  --bytes NUMBER        how many
  --suri-file FILE      file with the operator's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: { ...SECRET_OPTIONS, bytes: { type: "string" } },
	async main(api, values) {
		const capacity = parseBytes(required(values, "bytes"));
		const operator = keyPair(api, readSecret(values));
		const { number } = await declareCapacity(api, operator, capacity);
		const { assigned, status } = await storageOf(api, operator.address);
		console.log(
			`${operator.address} keeps ${assigned} of ${capacity} bytes, final in block ${number}: ${status}`,
		);
	},
});
