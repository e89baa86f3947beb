#!/usr/bin/env node
// Let an oracle report to feeds, or to some of them no longer.
//
// Joining accepts the feed's terms: from the next round on the oracle may be drawn, is paid for accepted
// reports, and is judged for those it misses. Configure a source in its node first.

import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { feedName, parseFeed } from "./lib/feed.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} operator The oracle's account; pays the fee.
 * @param {{asset: number, source: string}[]} feeds
 */
export function joinFeeds(api, operator, feeds) {
	return submitAll(api, operator, feeds.map((feed) => api.tx.oracle.joinFeed(feed)));
}

/** From the next round on; what is open has to be finished. */
export function leaveFeeds(api, operator, feeds) {
	return submitAll(api, operator, feeds.map((feed) => api.tx.oracle.leaveFeed(feed)));
}

function submitAll(api, operator, calls) {
	const [only] = calls;
	return submitFinalised(api, calls.length > 1 ? api.tx.utility.batchAll(calls) : only, operator);
}

await runAsProgram(import.meta.url, {
	usage: `Let an oracle report to feeds.

Usage: node scripts/js/join-feed.js --suri-file FILE --feed 1/WeatherApi [options]

  --feed ASSET/SOURCE   which feed; repeat it for more
  --leave               report to it no longer
  --suri-file FILE      file with the operator's secret phrase
  --suri SURI           a well-known test key instead, such as //Oracle//1
`,
	options: {
		...SECRET_OPTIONS,
		feed: { type: "string", multiple: true },
		leave: { type: "boolean", default: false },
	},
	async main(api, values) {
		const feeds = required(values, "feed").map(parseFeed);
		const operator = keyPair(api, readSecret(values));
		const change = values.leave ? leaveFeeds : joinFeeds;
		const { number } = await change(api, operator, feeds);
		const what = values.leave ? "has left" : "reports to";
		console.log(`${operator.address} ${what} ${feeds.map(feedName).join(", ")}, final in block ${number}`);
	},
});
