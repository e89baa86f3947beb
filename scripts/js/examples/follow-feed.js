#!/usr/bin/env node
// Follow a feed: each value that its reporters agreed on, once it is final.

import { fieldsOf } from "../lib/chain.js";
import { finalisedBlocks } from "../lib/blocks.js";
import { runAsProgram } from "../lib/cli.js";
import {
	failureText,
	feedName,
	feedSpec,
	feedStatus,
	formatReading,
	parseFeed,
	plainReading,
	sameFeed,
} from "../lib/feed.js";

/**
 * What becomes of each round of a feed, in finalised blocks from now on.
 *
 * A failed round is part of it: the old answer stays then, and is stale. Check `status` before
 * using an answer; `Stale` and `Paused` values are not the state of the world.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {{asset: number, source: string}} feed
 * @param {object} [options] `from`, the first block, and `signal`, which ends the iteration.
 * @returns {AsyncGenerator<{block: number, at: object, round: number, closed: boolean,
 *   reading?: object, reports?: number, failure?: string}>} Of a closed round its reading, as `plainReading`
 *   gives it, and how many reported; of a failed one the reason.
 */
export async function* followFeed(api, feed, options) {
	for await (const { number, at, events } of finalisedBlocks(api, options)) {
		for (const event of events) {
			const { RoundClosed, RoundFailed } = api.events.oracle;
			if (!RoundClosed.is(event) && !RoundFailed.is(event)) {
				continue;
			}
			const fields = fieldsOf(event);
			if (!sameFeed(fields.feed, feed)) {
				continue;
			}
			yield {
				block: number,
				at,
				round: fields.round.toNumber(),
				closed: RoundClosed.is(event),
				reading: fields.reading && plainReading(fields.reading),
				reports: fields.reports?.toNumber(),
				failure: fields.reason && failureText(fields.reason),
			};
		}
	}
}

await runAsProgram(import.meta.url, {
	usage: `Print each value that a feed agrees on, until interrupted.

Usage: node scripts/js/examples/follow-feed.js [options]

  --feed ASSET/SOURCE   which feed (default 1/WeatherApi)
`,
	options: { feed: { type: "string", default: "1/WeatherApi" } },
	async main(api, values) {
		const feed = parseFeed(values.feed);
		const spec = await feedSpec(api, feed);
		if (!spec) {
			throw new Error(`there is no feed ${feedName(feed)}`);
		}
		const now = await feedStatus(api, feed);
		console.log(
			now
				? `now: ${formatReading(now.reading, spec)} (${now.status}, ${now.age} blocks old)`
				: "no answer yet",
		);
		for await (const { block, round, reading, reports, failure } of followFeed(api, feed)) {
			console.log(
				reading
					? `round ${round}: ${formatReading(reading, spec)} from ${reports} reports, block ${block}`
					: `round ${round}: FAILED, ${failure}; block ${block}`,
			);
		}
	},
});
