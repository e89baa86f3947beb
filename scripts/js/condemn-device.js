#!/usr/bin/env node
// Show that a device deceives: it has signed two different measurements with one counter. Anyone can, for a
// share of the device's deposit. Gateways keep such pairs: see docs/gateway.md, /evidence.

import { readFileSync } from "node:fs";
import { formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { parseMeasurement } from "./lib/device.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} reporter Pays the fee, and gets the share.
 * @param {string} first A signed measurement, the JSON that the device sent.
 * @param {string} second Another one with the same counter.
 * @returns {Promise<{number: number, forfeited: bigint, toReporter: bigint}>} The final block, what was taken,
 *   and the reporter's share of it.
 */
export async function condemnDevice(api, reporter, first, second) {
	const call = api.tx.devices.condemnDevice(parseMeasurement(first), parseMeasurement(second));
	const { number, events } = await submitFinalised(api, call, reporter);
	const { data } = events.find((event) => api.events.devices.DeviceCondemned.is(event));
	return {
		number,
		forfeited: data.forfeited.toBigInt(),
		toReporter: data.toReporter.toBigInt(),
	};
}

await runAsProgram(import.meta.url, {
	usage: `Show that a device has signed two measurements with one counter.

Usage: node scripts/js/condemn-device.js --suri-file FILE --first a.json --second b.json

  --first FILE          a measurement, the JSON that the device sent
  --second FILE         another one with the same counter
  --suri-file FILE      file with the reporter's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		first: { type: "string" },
		second: { type: "string" },
	},
	async main(api, values) {
		const read = (name) => readFileSync(required(values, name), "utf8");
		const [first, second] = [read("first"), read("second")];
		const { number, forfeited, toReporter } = await condemnDevice(
			api,
			keyPair(api, readSecret(values)),
			first,
			second,
		);
		const [lost, share] = [formatAmount(api, forfeited), formatAmount(api, toReporter)];
		console.log(`the device is condemned, final in block ${number}: ${lost} lost, ${share} yours`);
	},
});
