#!/usr/bin/env node
// Show that an oracle has made up what it says that a device has measured. Anyone can, for a share of the penalty,
// and without a fee. A node that has read the same device logs what this needs.

import { readFileSync } from "node:fs";
import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { parseProof } from "./lib/device.js";
import { feedName } from "./lib/feed.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} prover Gets the share.
 * @param {string} proof The JSON that a node has logged: see `parseProof`.
 * @returns {Promise<{number: number, penalty?: bigint}>} The final block, and the number of the penalty that waits.
 */
export async function proveManipulation(api, prover, proof) {
	const { feed, round, reporter, observation, signed } = parseProof(proof);
	const call = api.tx.oracle.proveManipulation(feed, round, reporter, observation, signed);
	const { number, events } = await submitFinalised(api, call, prover);
	const { data } = events.find((event) => api.events.oracle.ManipulationProven.is(event));
	return { number, penalty: data.penalty.isSome ? data.penalty.unwrap().toBigInt() : undefined };
}

await runAsProgram(import.meta.url, {
	usage: `Show that an oracle has made up what it says that a device has measured.

Usage: node scripts/js/prove-manipulation.js --suri-file FILE --file proof.json

The round has to be over, and one of the last that the chain keeps: see docs/oracle.md.

  --file FILE           the JSON that a node has logged
  --suri-file FILE      file with your secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: { ...SECRET_OPTIONS, file: { type: "string" } },
	async main(api, values) {
		const proof = readFileSync(required(values, "file"), "utf8");
		const { feed, round } = parseProof(proof);
		const prover = keyPair(api, readSecret(values));
		const { number, penalty } = await proveManipulation(api, prover, proof);
		console.log(
			`round ${round} of ${feedName(feed)}: proven, final in block ${number}; penalty ${penalty} waits`,
		);
	},
});
