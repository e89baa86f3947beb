#!/usr/bin/env node
// Show the measurement that an oracle's report names, because somebody demands it. Its node does so by itself; this is
// for a node that is down, or has lost its store. Without a fee; the challenger's bond is the oracle's.

import { readFileSync } from "node:fs";
import { formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { parseDefence } from "./lib/device.js";
import { feedName } from "./lib/feed.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} caller
 * @param {string} defence The round, the oracle and the measurement as JSON: see `parseDefence`.
 * @returns {Promise<{number: number, paid: bigint}>} The final block, and what the oracle got.
 */
export async function showMeasurement(api, caller, defence) {
	const { round, reporter, signed } = parseDefence(defence);
	const call = api.tx.oracle.showMeasurement(round, reporter, signed);
	const { number, events } = await submitFinalised(api, call, caller);
	const { data } = events.find((event) => api.events.oracle.MeasurementShown.is(event));
	return { number, paid: data.paid.toBigInt() };
}

await runAsProgram(import.meta.url, {
	usage: `Show the measurement that an oracle's report names, because somebody demands it.

Usage: node scripts/js/show-measurement.js --suri-file FILE --file shown.json

  --file FILE           {"round": NUMBER, "reporter": "0x…", "measurement": {…}}: the oracle's public key, and the
                        JSON that the device sent
  --suri-file FILE      file with your secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: { ...SECRET_OPTIONS, file: { type: "string" } },
	async main(api, values) {
		const defence = readFileSync(required(values, "file"), "utf8");
		const { feed, round } = parseDefence(defence);
		const caller = keyPair(api, readSecret(values));
		const { number, paid } = await showMeasurement(api, caller, defence);
		console.log(
			`round ${round} of ${feedName(feed)}: shown, final in block ${number}; ` +
				`the oracle got ${formatAmount(api, paid)}`,
		);
	},
});
