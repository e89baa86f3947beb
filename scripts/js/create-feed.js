#!/usr/bin/env node
// Create a feed in a test network, where one key may act as Root. Elsewhere Root is reached by
// referendum: `createFeedCall` is what to propose.

import { keyPair, submitFinalised } from "./lib/chain.js";
import { required, runAsProgram } from "./lib/cli.js";
import { parseDecimal } from "./lib/decimal.js";
import { feedName, parseFeed } from "./lib/feed.js";

/** Times in blocks in which the network works: about one a second. */
export const DEFAULT_SPEC = { heartbeat: 15, deadline: 12, maxAge: 60 };

/**
 * The call that creates a feed.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} feed
 * @param {{asset: number, source: string}} feed.id
 * @param {string} feed.unit Unit of the values, for people.
 * @param {number} feed.decimals Digits behind the point.
 * @param {string} feed.minimum Least value that can be real, as a decimal number.
 * @param {string} feed.maximum Greatest value that can be real.
 * @param {string[]} feed.reporters Addresses of the oracle operators.
 * @param {number} [feed.heartbeat] Blocks from one round to the next.
 * @param {number} [feed.deadline] Blocks that a round takes reports.
 * @param {number} [feed.maxAge] Blocks after which an answer is stale.
 */
export function createFeedCall(api, { id, unit, decimals, minimum, maximum, reporters, ...times }) {
	const spec = {
		...DEFAULT_SPEC,
		...times,
		unit: Array.from(new TextEncoder().encode(unit)),
		decimals,
		minimum: parseDecimal(minimum, decimals),
		maximum: parseDecimal(maximum, decimals),
	};
	return api.tx.oracle.createFeed(id, spec, reporters);
}

/** Make a call as Root in a network whose sudo key is `sudo`. */
export async function asRoot(api, sudo, call) {
	return submitFinalised(api, api.tx.sudo.sudo(call), sudo);
}

await runAsProgram(import.meta.url, {
	usage: `Create a feed in a test network.

Usage: node scripts/js/create-feed.js --reporter //Oracle//1 --reporter … [options]

  --feed ASSET/SOURCE   name of the feed (default 1/WeatherApi)
  --unit UNIT           unit of its values (default °C)
  --decimals N          digits behind the point (default 2)
  --minimum=VALUE       least value that can be real (default -60)
  --maximum=VALUE       greatest value that can be real (default 60)
  --heartbeat BLOCKS    from one round to the next (default ${DEFAULT_SPEC.heartbeat})
  --deadline BLOCKS     that a round takes reports (default ${DEFAULT_SPEC.deadline})
  --max-age BLOCKS      after which an answer is stale (default ${DEFAULT_SPEC.maxAge})
  --reporter WHO        address or test key of a reporter; at least four
  --sudo SURI           test key that may act as Root (default //Alice)
`,
	options: {
		feed: { type: "string", default: "1/WeatherApi" },
		unit: { type: "string", default: "°C" },
		decimals: { type: "string", default: "2" },
		minimum: { type: "string", default: "-60" },
		maximum: { type: "string", default: "60" },
		heartbeat: { type: "string", default: `${DEFAULT_SPEC.heartbeat}` },
		deadline: { type: "string", default: `${DEFAULT_SPEC.deadline}` },
		"max-age": { type: "string", default: `${DEFAULT_SPEC.maxAge}` },
		reporter: { type: "string", multiple: true },
		sudo: { type: "string", default: "//Alice" },
	},
	async main(api, values) {
		const id = parseFeed(values.feed);
		const reporters = required(values, "reporter").map((who) =>
			who.startsWith("//") ? keyPair(api, who).address : who,
		);
		const call = createFeedCall(api, {
			id,
			reporters,
			unit: values.unit,
			decimals: Number(values.decimals),
			minimum: values.minimum,
			maximum: values.maximum,
			heartbeat: Number(values.heartbeat),
			deadline: Number(values.deadline),
			maxAge: Number(values["max-age"]),
		});
		const { number } = await asRoot(api, keyPair(api, values.sudo), call);
		console.log(
			`feed ${feedName(id)} exists with ${reporters.length} reporters, final in block ${number}`,
		);
	},
});
