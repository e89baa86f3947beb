#!/usr/bin/env node
// Have a feed asked again before its heartbeat. Anyone can who puts up a bond and the price of a round. Both are given
// back if the answer turns out to be another one, or if there is none; otherwise the bond is lost, and the price of
// what the round has cost.

import { fieldsOf, formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { feedName, parseFeed } from "./lib/feed.js";
import { callView } from "./lib/view.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} requester Its money is held until the round's end.
 * @param {{asset: number, source: string}} feed
 * @returns {Promise<{number: number, round: number, bond: bigint, price: bigint, opensAt: number}>} The block that holds
 *   the request; the round that it calls, what is held for it, and the working block in which it opens. What becomes of
 *   the money is told by `oracle.RequestSettled`.
 */
export async function requestRound(api, requester, feed) {
	const call = api.tx.oracle.requestRound(feed);
	const { number, events } = await submitFinalised(api, call, requester);
	const { round, bond, price } = fieldsOf(events.find(api.events.oracle.RoundRequested.is));
	const { opensAt } = fieldsOf(events.find(api.events.oracle.EarlyRound.is));
	return {
		number,
		round: round.toNumber(),
		bond: bond.toBigInt(),
		price: price.toBigInt(),
		opensAt: opensAt.toNumber(),
	};
}

/**
 * From which working block on a feed's next round can be called early, and until which. `undefined`: nobody can call
 * it, because it was called, a round is open, the feed is paused, or its last round has failed.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {{asset: number, source: string}} feed
 * @returns {Promise<{round: number, since: number, until: number, due: number, now: number} | undefined>} `round` is
 *   the one that would be called, `due` when it opens in any case, `now` the present working block.
 */
export async function callableRound(api, feed) {
	const [watch, now] = await Promise.all([
		callView(api, "Oracle", "watch", [feed]),
		api.query.clock.elapsed(),
	]);
	if (watch.isNone) {
		return undefined;
	}
	const { round, since, until, due } = watch.unwrap();
	return {
		round: round.toNumber() + 1,
		since: since.toNumber(),
		until: until.toNumber(),
		due: due.toNumber(),
		now: now.toNumber(),
	};
}

await runAsProgram(import.meta.url, {
	usage: `Have a feed asked again before its heartbeat.

Usage: node scripts/js/request-round.js --suri-file FILE --feed 1/WeatherApi [options]

A bond and the price of a round are held until the round ends. If its answer is another one than the feed's, or it has
none, both are given back. If not, the bond is lost, and the price of what the round has cost.

  --feed ASSET/SOURCE   which feed
  --when                only show when its next round can be called; needs no key
  --suri-file FILE      file with the requester's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		feed: { type: "string" },
		when: { type: "boolean", default: false },
	},
	async main(api, values) {
		const feed = parseFeed(required(values, "feed"));
		if (values.when) {
			console.log(describeTime(feed, await callableRound(api, feed)));
			return;
		}
		const called = await requestRound(api, keyPair(api, readSecret(values)), feed);
		const held = formatAmount(api, called.bond + called.price);
		console.log(
			`round ${called.round} of feed ${feedName(feed)} opens in working block ${called.opensAt}; ` +
				`${held} are held until it ends; final in block ${called.number}`,
		);
	},
});

function describeTime(feed, callable) {
	if (!callable) {
		return `the next round of feed ${feedName(feed)} can't be called; wait for its next answer`;
	}
	const { round, since, until, due, now } = callable;
	return (
		`round ${round} of feed ${feedName(feed)} can be called from working block ${since} until before ${until}; ` +
		`now is ${now}, and it opens in ${due} in any case`
	);
}
