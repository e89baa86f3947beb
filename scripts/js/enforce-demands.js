#!/usr/bin/env node
// Have an oracle punished that has not shown in time the measurements that its reports name. Anyone can, without a fee;
// the bond is given back to whoever has demanded it, who gets the reporter's share of the penalty.

import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { callView } from "./lib/view.js";

/**
 * What an oracle has to show.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {string} reporter Its address.
 * @returns {Promise<{testimony: string, round: number, dueAt: number}[]>} `dueAt`: a working block.
 */
export async function demandsOn(api, reporter) {
	const demands = await callView(api, "Oracle", "demands", [reporter]);
	return demands.map(([testimony, { round, dueAt }]) => ({
		testimony: testimony.toHex(),
		round: round.toNumber(),
		dueAt: dueAt.toNumber(),
	}));
}

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} caller
 * @param {string} reporter The oracle's address.
 * @param {string} testimony What the demand is known by.
 * @returns {Promise<{number: number, penalty?: bigint}>} The final block, and the penalty that waits; none if the oracle can't
 *   be punished any more.
 */
export async function enforceDemand(api, caller, reporter, testimony) {
	const call = api.tx.oracle.enforceDemand(reporter, testimony);
	const { number, events } = await submitFinalised(api, call, caller);
	const { data } = events.find((event) => api.events.oracle.DemandEnforced.is(event));
	return { number, penalty: data.penalty.isSome ? data.penalty.unwrap().toBigInt() : undefined };
}

await runAsProgram(import.meta.url, {
	usage: `Have an oracle punished for what it has not shown in time.

Usage: node scripts/js/enforce-demands.js --suri-file FILE --reporter ADDRESS

  --reporter ADDRESS    which oracle
  --suri-file FILE      file with your secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: { ...SECRET_OPTIONS, reporter: { type: "string" } },
	async main(api, values) {
		const reporter = required(values, "reporter");
		const caller = keyPair(api, readSecret(values));
		const now = (await api.query.clock.elapsed()).toNumber();
		const demands = await demandsOn(api, reporter);
		for (const { testimony, round, dueAt } of demands) {
			if (dueAt > now) {
				console.log(`round ${round}: there is time until working block ${dueAt}; it is ${now} now`);
				continue;
			}
			try {
				const { number, penalty } = await enforceDemand(api, caller, reporter, testimony);
				const outcome = penalty === undefined ? "no penalty is possible" : `penalty ${penalty} waits`;
				console.log(`round ${round}: enforced, final in block ${number}; ${outcome}`);
			} catch (error) {
				// Somebody was faster, or it is too much for one day: the others may still be possible.
				console.log(`round ${round}: ${error.message}`);
				process.exitCode = 1;
			}
		}
		if (demands.length === 0) {
			console.log("nothing is demanded of this oracle");
		}
	},
});
