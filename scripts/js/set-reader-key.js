#!/usr/bin/env node
// Register the key that envelopes of documents are sealed to, or replace it. Its secret half stays where it is.

import { formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { parseReaderKey } from "./lib/document.js";
import { callView } from "./lib/view.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} reader
 * @param {string} key As text: `"x25519:0x…"`.
 * @returns {Promise<{number: number, version: bigint}>} The final block, and the key's number, which envelopes name.
 */
export async function setReaderKey(api, reader, key) {
	const call = api.tx.documents.setReaderKey(parseReaderKey(key));
	const { number, events } = await submitFinalised(api, call, reader);
	const { data } = events.find((event) => api.events.documents.ReaderKeySet.is(event));
	return { number, version: data.version.toBigInt() };
}

/** What is held for an account's key, in the chain's smallest unit. */
export async function depositOf(api, account) {
	return (await callView(api, "Documents", "reader_key", [account])).unwrap().deposit.toBigInt();
}

await runAsProgram(import.meta.url, {
	usage: `Register the key that envelopes of documents are sealed to.

Usage: node scripts/js/set-reader-key.js --suri-file FILE --key x25519:0x…

An earlier key is replaced: keep its secret half for as long as you need envelopes that were sealed to it.

  --key KEY             the public key: x25519:0x and 64 hexadecimal digits
  --suri-file FILE      file with the reader's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: { ...SECRET_OPTIONS, key: { type: "string" } },
	async main(api, values) {
		const key = required(values, "key");
		const reader = keyPair(api, readSecret(values));
		const { number, version } = await setReaderKey(api, reader, key);
		const held = formatAmount(api, await depositOf(api, reader.address));
		console.log(`key ${version} is yours, final in block ${number}; ${held} are held for it`);
	},
});
