#!/usr/bin/env node
// Demand to see the measurement that an oracle says its report was taken from, for a bond. An honest oracle's node
// shows it by itself, and the bond is the oracle's; one that has nothing to show is punished: enforce-demands.js.

import { fieldsOf, formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { feedName, parseFeed, sameFeed } from "./lib/feed.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} challenger Puts up the bond.
 * @param {{feed: object, round: number, reporter: string, observation: object}} report As its `Revealed` says.
 * @returns {Promise<{number: number, testimony: string, bond: bigint, dueAt: number}>} The final block, what the demand is
 *   known by, what is held, and the working block from which it can be enforced.
 */
export async function demandMeasurement(api, challenger, { feed, round, reporter, observation }) {
	const call = api.tx.oracle.demandMeasurement(feed, round, reporter, observation);
	const { number, events } = await submitFinalised(api, call, challenger);
	const { data } = events.find((event) => api.events.oracle.MeasurementDemanded.is(event));
	return {
		number,
		testimony: data.testimony.toHex(),
		bond: data.bond.toBigInt(),
		dueAt: data.dueAt.toNumber(),
	};
}

/**
 * What an oracle has revealed to a feed in a block.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {number} block
 * @param {{asset: number, source: string}} feed
 * @param {string} reporter Its address.
 * @returns {Promise<{feed: object, round: number, reporter: string, observation: object}>}
 * @throws {Error} Nothing.
 */
export async function revealedIn(api, block, feed, reporter) {
	const at = await api.at(await api.rpc.chain.getBlockHash(block));
	const found = (await at.query.system.events())
		.filter(({ event }) => api.events.oracle.Revealed.is(event))
		.map(({ event }) => fieldsOf(event))
		.find((fields) => sameFeed(fields.feed, feed) && fields.reporter.eq(reporter));
	if (!found) {
		throw new Error(`${reporter} has revealed nothing to ${feedName(feed)} in block ${block}`);
	}
	return { feed, round: found.round.toNumber(), reporter, observation: found.observation };
}

await runAsProgram(import.meta.url, {
	usage: `Demand to see the measurement that an oracle says its report was taken from.

Usage: node scripts/js/demand-measurement.js --suri-file FILE --feed 1/IotSensor \\
         --reporter ADDRESS --block NUMBER

The round has to be over, and one of the last that the chain keeps: see docs/oracle.md. The bond is the oracle's as soon
as it shows the measurement.

  --feed ASSET/SOURCE   which feed
  --reporter ADDRESS    which oracle
  --block NUMBER        the block with its \`Revealed\`
  --suri-file FILE      file with your secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		feed: { type: "string" },
		reporter: { type: "string" },
		block: { type: "string" },
	},
	async main(api, values) {
		const feed = parseFeed(required(values, "feed"));
		const reporter = required(values, "reporter");
		const block = parseBlock(required(values, "block"));
		const challenger = keyPair(api, readSecret(values));
		const report = await revealedIn(api, block, feed, reporter);
		const { number, testimony, bond, dueAt } = await demandMeasurement(api, challenger, report);
		console.log(
			`demanded of round ${report.round} of ${feedName(feed)}, final in block ${number}: ` +
				`${formatAmount(api, bond)} are held; known by ${testimony}, can be enforced from working block ${dueAt}`,
		);
	},
});

function parseBlock(text) {
	if (!/^\d{1,10}$/.test(text)) {
		throw new Error(`"${text}" is not a block's number`);
	}
	return Number(text);
}
