#!/usr/bin/env node
// Send tokens, and wait until nothing can undo it.

import { formatAmount, keyPair, parseAmount, submitFinalised } from "../lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "../lib/cli.js";

/**
 * Transfer tokens, but never so many that the sender's account would vanish.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} transfer
 * @param {import("@polkadot/keyring/types").KeyringPair} transfer.from Signs and pays the fee.
 * @param {string} transfer.to Address of the receiver.
 * @param {bigint} transfer.amount In the chain's smallest unit.
 * @returns {Promise<{block: string, number: number, fee: bigint}>} The final block and the fee paid.
 */
export async function transfer(api, { from, to, amount }) {
	const tx = api.tx.balances.transferKeepAlive(to, amount);
	const { block, number, events } = await submitFinalised(api, tx, from);
	const paid = events.find((event) => api.events.transactionPayment.TransactionFeePaid.is(event));
	return { block, number, fee: paid.data.actualFee.toBigInt() };
}

/** What an account can spend, in the chain's smallest unit. */
export async function freeBalance(api, address) {
	const { data } = await api.query.system.account(address);
	return data.free.toBigInt();
}

await runAsProgram(import.meta.url, {
	usage: `Transfer tokens and wait for finality.

Usage: node scripts/js/examples/transfer.js --to ADDRESS --amount 1.5 --suri //Alice [options]

  --to ADDRESS          who receives
  --amount AMOUNT       how much, in whole tokens
  --suri-file FILE      file with the sender's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: { ...SECRET_OPTIONS, to: { type: "string" }, amount: { type: "string" } },
	async main(api, values) {
		const amount = parseAmount(api, required(values, "amount"));
		const from = keyPair(api, readSecret(values));
		const { number, block, fee } = await transfer(api, {
			from,
			to: required(values, "to"),
			amount,
		});
		console.log(`final in block ${number} (${block}); fee ${formatAmount(api, fee)}`);
	},
});
