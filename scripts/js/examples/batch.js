#!/usr/bin/env node
// Several calls in one transaction: all of them, or none.

import { keyPair, parseAmount, submitFinalised } from "../lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "../lib/cli.js";

/**
 * Pay several accounts at once. If one payment fails, none is made (`batchAll`; `batch` would stop
 * at the failure and keep the ones before, `forceBatch` would go on).
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} payments
 * @param {import("@polkadot/keyring/types").KeyringPair} payments.from Signs and pays.
 * @param {string[]} payments.to Addresses of the receivers.
 * @param {bigint} payments.amount What each gets, in the chain's smallest unit.
 * @returns {Promise<{block: string, number: number, items: number}>} The final block, and how many
 *   calls were made.
 */
export async function payAll(api, { from, to, amount }) {
	const calls = to.map((address) => api.tx.balances.transferKeepAlive(address, amount));
	const { block, number, events } = await submitFinalised(
		api,
		api.tx.utility.batchAll(calls),
		from,
	);
	const items = events.filter((event) => api.events.utility.ItemCompleted.is(event)).length;
	return { block, number, items };
}

await runAsProgram(import.meta.url, {
	usage: `Pay several accounts in one transaction: all or none.

Usage: node scripts/js/examples/batch.js --to ADDRESS --to ADDRESS --amount 1 --suri //Alice [options]

  --to ADDRESS          who receives; may be repeated
  --amount AMOUNT       how much each receives, in whole tokens
  --suri-file FILE      file with the sender's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		to: { type: "string", multiple: true },
		amount: { type: "string" },
	},
	async main(api, values) {
		const amount = parseAmount(api, required(values, "amount"));
		const from = keyPair(api, readSecret(values));
		const { number, items } = await payAll(api, { from, to: required(values, "to"), amount });
		console.log(`${items} payments final in block ${number}`);
	},
});
