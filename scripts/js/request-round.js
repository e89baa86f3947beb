#!/usr/bin/env node
// Call a feed's next round early, and put up money for it: given back if its answer is another one, or if it fails.

import { formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { feedName, parseFeed } from "./lib/feed.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} requester
 * @param {{asset: number, source: string}} feed
 * @returns {Promise<{number: number, round: number, opensAt: number, bond: bigint, price: bigint}>} The block that the
 *   request is final in; the round, and the working block in which it opens; what the requester loses if the answer
 *   stays much the same, and the most that it pays for the round then, both in the chain's smallest unit.
 * @throws {Error} The chain refuses, for instance with `oracle.CallTooEarly`: see docs/oracle.md.
 */
export async function requestRound(api, requester, feed) {
	const call = api.tx.oracle.requestRound(feed);
	const { number, events } = await submitFinalised(api, call, requester);
	const { round, bond, price } = events.find(api.events.oracle.RoundRequested.is).data;
	const { opensAt } = events.find(api.events.oracle.EarlyRound.is).data;
	return {
		number,
		round: round.toNumber(),
		opensAt: opensAt.toNumber(),
		bond: bond.toBigInt(),
		price: price.toBigInt(),
	};
}

await runAsProgram(import.meta.url, {
	usage: `Call a feed's next round early, and put up money for it.

Usage: node scripts/js/request-round.js --suri-file FILE --feed 1/WeatherApi

  --feed ASSET/SOURCE   which feed
  --suri-file FILE      file with the requester's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice

Bond and price of the round are held until it ends. If its answer is another one, or if it fails or can't open, both are
given back. If the answer stays much the same, the bond is lost, and the round is paid for.
`,
	options: {
		...SECRET_OPTIONS,
		feed: { type: "string" },
	},
	async main(api, values) {
		const feed = parseFeed(required(values, "feed"));
		const requester = keyPair(api, readSecret(values));
		const { number, round, opensAt, bond, price } = await requestRound(api, requester, feed);
		console.log(
			`round ${round} of feed ${feedName(feed)} opens in working block ${opensAt}; ` +
				`${formatAmount(api, bond)} and up to ${formatAmount(api, price)} for the round ` +
				`are at stake; final in block ${number}`,
		);
	},
});
