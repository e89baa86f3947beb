#!/usr/bin/env node
// Follow a feed: each value that its reporters agreed on, once it is final.

import { fieldsOf } from "../lib/chain.js";
import { finalisedBlocks } from "../lib/blocks.js";
import { runAsProgram } from "../lib/cli.js";
import { feedName, feedSpec, feedStatus, formatValue, parseFeed, sameFeed } from "../lib/feed.js";

/**
 * What becomes of each round of a feed, in finalised blocks from now on.
 *
 * A failed round is part of it: the old answer stays then, and grows old. Check `status` before
 * using an answer; `Stale` and `Paused` values are not the state of the world.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {{asset: number, source: string}} feed
 * @param {object} [options] `from`, the first block, and `signal`, which ends the iteration.
 * @returns {AsyncGenerator<{block: number, at: object, round: number, closed: boolean,
 *   value?: bigint, reports: number, assigned?: number, needed?: number}>}
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
				value: fields.value?.toBigInt(),
				reports: fields.reports.toNumber(),
				assigned: fields.assigned?.toNumber(),
				needed: fields.needed?.toNumber(),
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
				? `now: ${formatValue(now.value, now)} (${now.status}, ${now.age} blocks old)`
				: "no answer yet",
		);
		for await (const { block, round, closed, value, reports, assigned, needed } of followFeed(
			api,
			feed,
		)) {
			console.log(
				closed
					? `round ${round}: ${formatValue(value, spec)} from ${reports} of ${assigned}, block ${block}`
					: `round ${round}: FAILED with ${reports} of ${needed} needed reports, block ${block}`,
			);
		}
	},
});
