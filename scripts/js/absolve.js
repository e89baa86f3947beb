#!/usr/bin/env node
// Clear an oracle that was said to have made a report up, by what the device has signed: exactly what it has
// revealed. The penalty is cancelled, and the device condemned. The oracle's node logs what this needs.

import { readFileSync } from "node:fs";
import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { parseDefence } from "./lib/device.js";
import { feedName } from "./lib/feed.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} caller Gets a share of the device's deposit.
 * @param {string} defence The JSON that the oracle's node has logged: see `parseDefence`.
 * @returns {Promise<{number: number, penalty: bigint, condemned: boolean}>} The final block, the penalty that was
 *   cancelled, and whether the device was condemned by this; otherwise it was before, or is gone.
 */
export async function absolve(api, caller, defence) {
	const { round, reporter, signed } = parseDefence(defence);
	const call = api.tx.oracle.absolve(round, reporter, signed);
	const { number, events } = await submitFinalised(api, call, caller);
	const { data } = events.find((event) => api.events.oracle.Absolved.is(event));
	return { number, penalty: data.penalty.toBigInt(), condemned: data.condemned.isTrue };
}

await runAsProgram(import.meta.url, {
	usage: `Clear an oracle that was said to have made a report up.

Usage: node scripts/js/absolve.js --suri-file FILE --file defence.json

Possible as long as the penalty waits: see docs/slashing.md.

  --file FILE           the JSON that the oracle's node has logged
  --suri-file FILE      file with your secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: { ...SECRET_OPTIONS, file: { type: "string" } },
	async main(api, values) {
		const defence = readFileSync(required(values, "file"), "utf8");
		const { feed, round } = parseDefence(defence);
		const caller = keyPair(api, readSecret(values));
		const { number, penalty, condemned } = await absolve(api, caller, defence);
		const device = condemned ? "the device is condemned" : "the device was condemned before";
		console.log(
			`round ${round} of ${feedName(feed)}: penalty ${penalty} is cancelled, final in block ${number}; ${device}`,
		);
	},
});
