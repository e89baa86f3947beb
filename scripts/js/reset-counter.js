#!/usr/bin/env node
// Have a feed take a device's measurements again, whose counter reporters have put higher than the device has come.

import { readFileSync } from "node:fs";
import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { parseMeasurement } from "./lib/device.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} owner Of the device, or of its asset.
 * @param {string} measurement What the device has just signed, the JSON that it sent.
 * @returns {Promise<{number: number, from: bigint, to: bigint}>} The final block, and the counter before and after.
 */
export async function resetCounter(api, owner, measurement) {
	const call = api.tx.devices.resetCounter(parseMeasurement(measurement));
	const { number, events } = await submitFinalised(api, call, owner);
	const { data } = events.find((event) => api.events.devices.CounterReset.is(event));
	return { number, from: data.from.toBigInt(), to: data.to.toBigInt() };
}

await runAsProgram(import.meta.url, {
	usage: `Have a feed take a device's measurements again.

Usage: node scripts/js/reset-counter.js --suri-file FILE --file measurement.json

For a device that works and whose measurements the feed refuses as used: its counter on chain is above its own. See
docs/devices.md.

  --file FILE           what the device has just signed for that feed, the JSON that it sent
  --suri-file FILE      file with the secret phrase of the owner of the device or of its asset
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: { ...SECRET_OPTIONS, file: { type: "string" } },
	async main(api, values) {
		const measurement = readFileSync(required(values, "file"), "utf8");
		const owner = keyPair(api, readSecret(values));
		const { number, from, to } = await resetCounter(api, owner, measurement);
		console.log(`the counter was ${from} and is ${to}, final in block ${number}`);
	},
});
