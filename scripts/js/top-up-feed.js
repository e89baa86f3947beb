#!/usr/bin/env node
// Add to what a feed can pay: its rounds, and rewards for reports. Anyone can; what is left is given to the
// feed's payer when it is removed.

import { formatAmount, keyPair, parseAmount, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { feedName, parseFeed } from "./lib/feed.js";
import { callView } from "./lib/view.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} payer
 * @param {{asset: number, source: string}} feed
 * @param {bigint} amount In the chain's smallest unit.
 */
export function topUpFeed(api, payer, feed, amount) {
	return submitFinalised(api, api.tx.oracle.topUp(feed, amount), payer);
}

/** What a feed can still pay, in the chain's smallest unit. */
export async function budgetOf(api, feed) {
	return (await callView(api, "Oracle", "budget", [feed])).toBigInt();
}

await runAsProgram(import.meta.url, {
	usage: `Add to what a feed can pay.

Usage: node scripts/js/top-up-feed.js --suri-file FILE --feed 1/WeatherApi --amount AMOUNT

  --feed ASSET/SOURCE   which feed
  --amount AMOUNT       in whole tokens
  --suri-file FILE      file with the payer's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		feed: { type: "string" },
		amount: { type: "string" },
	},
	async main(api, values) {
		const feed = parseFeed(required(values, "feed"));
		const amount = parseAmount(api, required(values, "amount"));
		const { number } = await topUpFeed(api, keyPair(api, readSecret(values)), feed, amount);
		const left = formatAmount(api, await budgetOf(api, feed));
		console.log(`feed ${feedName(feed)} can pay ${left}, final in block ${number}`);
	},
});
