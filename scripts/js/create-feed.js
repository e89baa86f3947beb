#!/usr/bin/env node
// Create a feed in a test network, where one key may act as Root. Elsewhere Root is reached by
// referendum: `createFeedCall` is what to propose.

import { keyPair, parseAmount, submitFinalised } from "./lib/chain.js";
import { required, runAsProgram } from "./lib/cli.js";
import { parseDecimal } from "./lib/decimal.js";
import { ANGLE_DECIMALS, feedName, parseFeed, POINT_DECIMALS } from "./lib/feed.js";
import { topUpFeed } from "./top-up-feed.js";

/** Times in blocks in which the network works: about one a second. */
export const DEFAULT_TIMES = { heartbeat: 15, commitTime: 7, revealTime: 6, maxAge: 60 };

/** What a feed has that doesn't say otherwise: the specification's 66 % and 5 %, and three deviations. */
const DEFAULT_QUORUM = 66;
const DEFAULT_SHARE = 50_000;
const DEFAULT_OUTLIER_MULTIPLE = 3;
/** Drawn for a round, if so many have joined. */
export const DEFAULT_COMMITTEE = 7;

/**
 * The call that creates a feed. Oracles then join it by `oracle.joinFeed`; see `join-feed.js`. No round opens
 * before it can pay for one: see `top-up-feed.js`.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} feed
 * @param {{asset: number, source: string}} feed.id
 * @param {string} feed.unit Unit of scalars, for people.
 * @param {object} feed.schema `{ Scalar: { decimals, minimum, maximum } }` with bounds as decimal numbers such as
 *   `"-60"`; `{ Point: { south, west, north, east } }` in degrees such as `"47.5"`; `"Angle"`; or
 *   `{ Category: { count } }`.
 * @param {string} [feed.tolerance] How far readings may be apart and still say the same, beside 5 % of scalars:
 *   in the feed's unit, metres, or degrees.
 * @param {string[]} [feed.invited] Addresses of those who may join. Left out: any oracle.
 * @param {number} [feed.committee] Drawn per round.
 * @param {number} [feed.quorum] Share of the drawn weight that has to report, in per cent.
 * @param {number} [feed.heartbeat] Blocks from one round to the next.
 * @param {number} [feed.commitTime] Blocks in which reporters commit.
 * @param {number} [feed.revealTime] Blocks in which they reveal.
 * @param {number} [feed.maxAge] Blocks after which an answer is stale.
 * @param {bigint} [feed.reward] For each accepted report, in the chain's smallest unit.
 * @param {"Optional"|"Required"} [feed.evidence] Whether reports have to rest on what a device has signed.
 */
export function createFeedCall(
	api,
	{ id, unit = "", schema, tolerance = "0", invited, committee, quorum, reward, evidence, ...times },
) {
	const tolerated = {
		relative: DEFAULT_SHARE,
		absolute: parseDecimal(tolerance, toleranceDecimals(schema)),
	};
	const spec = {
		...DEFAULT_TIMES,
		...times,
		unit: Array.from(new TextEncoder().encode(unit)),
		schema: encodableSchema(schema),
		rules: {
			quorum: quorum ?? DEFAULT_QUORUM,
			outlierMultiple: DEFAULT_OUTLIER_MULTIPLE,
			same: tolerated,
			divergence: tolerated,
		},
		deviation: tolerated,
		committee: committee ?? DEFAULT_COMMITTEE,
		reward: reward ?? 0n,
		evidence: evidence ?? "Optional",
	};
	return api.tx.oracle.createFeed(id, spec, invited ? { Invited: invited } : "Open");
}

function encodableSchema(schema) {
	if (schema.Scalar) {
		const { decimals, minimum, maximum } = schema.Scalar;
		const bound = (text) => parseDecimal(text, decimals);
		return { Scalar: { decimals, minimum: bound(minimum), maximum: bound(maximum) } };
	}
	if (schema.Point) {
		const degrees = Object.entries(schema.Point).map(([edge, text]) => [
			edge,
			parseDecimal(text, POINT_DECIMALS),
		]);
		return { Point: Object.fromEntries(degrees) };
	}
	return schema;
}

/** Digits of the unit in which readings of a kind are apart: centimetres are metres with two. */
function toleranceDecimals(schema) {
	if (schema.Scalar) {
		return schema.Scalar.decimals;
	}
	return schema.Point ? 2 : schema === "Angle" ? ANGLE_DECIMALS : 0;
}

/** Make a call as Root in a network whose sudo key is `sudo`. */
export async function asRoot(api, sudo, call) {
	return submitFinalised(api, api.tx.sudo.sudo(call), sudo);
}

await runAsProgram(import.meta.url, {
	usage: `Create a feed in a test network.

Usage: node scripts/js/create-feed.js [options]

  --feed ASSET/SOURCE   name of the feed (default 1/WeatherApi)
  --kind KIND           scalar, point, angle or category (default scalar)
  --unit UNIT           unit of scalars (default °C)
  --decimals N          digits behind the point of scalars (default 2)
  --minimum=VALUE       least scalar that can be real (default -60)
  --maximum=VALUE       greatest scalar that can be real (default 60)
  --box=S,W,N,E         for points: where they can be, in degrees (default: everywhere)
  --count N             for categories: how many there are
  --tolerance VALUE     how far readings may be apart and still say the same, beside 5 % of scalars;
                        in the unit, metres or degrees (default 0.5)
  --committee N         reporters drawn for a round (default ${DEFAULT_COMMITTEE})
  --heartbeat BLOCKS    from one round to the next (default ${DEFAULT_TIMES.heartbeat})
  --commit-time BLOCKS  in which reporters commit (default ${DEFAULT_TIMES.commitTime})
  --reveal-time BLOCKS  in which they reveal (default ${DEFAULT_TIMES.revealTime})
  --max-age BLOCKS      after which an answer is stale (default ${DEFAULT_TIMES.maxAge})
  --reward AMOUNT       in whole tokens, for each accepted report (default 0)
  --signed              take only reports of what a device of the asset has signed
  --budget AMOUNT       in whole tokens, what the sudo key adds to what it can pay (default 10)
  --reporter WHO        address or test key of an oracle that may join; repeat it. Default: any oracle
  --sudo SURI           test key that may act as Root (default //Alice)
`,
	options: {
		feed: { type: "string", default: "1/WeatherApi" },
		kind: { type: "string", default: "scalar" },
		unit: { type: "string", default: "°C" },
		decimals: { type: "string", default: "2" },
		minimum: { type: "string", default: "-60" },
		maximum: { type: "string", default: "60" },
		box: { type: "string", default: "-90,-180,90,179.9999999" },
		count: { type: "string" },
		tolerance: { type: "string", default: "0.5" },
		committee: { type: "string", default: `${DEFAULT_COMMITTEE}` },
		heartbeat: { type: "string", default: `${DEFAULT_TIMES.heartbeat}` },
		"commit-time": { type: "string", default: `${DEFAULT_TIMES.commitTime}` },
		"reveal-time": { type: "string", default: `${DEFAULT_TIMES.revealTime}` },
		"max-age": { type: "string", default: `${DEFAULT_TIMES.maxAge}` },
		reward: { type: "string", default: "0" },
		signed: { type: "boolean", default: false },
		budget: { type: "string", default: "10" },
		reporter: { type: "string", multiple: true },
		sudo: { type: "string", default: "//Alice" },
	},
	async main(api, values) {
		const id = parseFeed(values.feed);
		const invited = values.reporter?.map((who) =>
			who.startsWith("//") ? keyPair(api, who).address : who,
		);
		const call = createFeedCall(api, {
			id,
			invited,
			unit: values.kind === "scalar" ? values.unit : "",
			schema: readSchema(values),
			tolerance: values.kind === "category" ? "0" : values.tolerance,
			committee: Number(values.committee),
			heartbeat: Number(values.heartbeat),
			commitTime: Number(values["commit-time"]),
			revealTime: Number(values["reveal-time"]),
			maxAge: Number(values["max-age"]),
			reward: parseAmount(api, values.reward),
			evidence: values.signed ? "Required" : "Optional",
		});
		const sudo = keyPair(api, values.sudo);
		const budget = parseAmount(api, values.budget);
		const { number } = await asRoot(api, sudo, call);
		if (budget > 0n) {
			await topUpFeed(api, sudo, id, budget);
		}
		const who = invited ? `${invited.length} oracles` : "any oracle";
		console.log(`feed ${feedName(id)} exists, ${who} may join, final in block ${number}`);
	},
});

function readSchema({ kind, decimals, minimum, maximum, box, count }) {
	switch (kind) {
		case "scalar":
			return { Scalar: { decimals: Number(decimals), minimum, maximum } };
		case "point": {
			const [south, west, north, east] = box.split(",");
			if (east === undefined) {
				throw new Error(`--box is "${box}"; south, west, north and east are needed, with commas`);
			}
			return { Point: { south, west, north, east } };
		}
		case "angle":
			return "Angle";
		case "category":
			return { Category: { count: Number(required({ count }, "count")) } };
		default:
			throw new Error(`--kind is "${kind}"; scalar, point, angle or category is needed`);
	}
}
