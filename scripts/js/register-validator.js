#!/usr/bin/env node
// Stand for election as a validator, with session keys that this node makes and keeps.

import { u8aToHex } from "@polkadot/util";
import { keyPair, parseAmount, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";

/** Parts per billion in a percent: how the chain counts commission. */
const PERBILL_PER_PERCENT = 10_000_000;

/**
 * Bond a stake, register fresh session keys and stand for election, in one transaction: all of it
 * happens, or nothing.
 *
 * @param {import("@polkadot/api").ApiPromise} api The validator's own node, which must allow unsafe
 *   methods to its operator. By default it does so on loopback, and nowhere else.
 * @param {object} candidate
 * @param {import("@polkadot/keyring/types").KeyringPair} candidate.stash Bonds, signs and pays.
 * @param {bigint} candidate.bond The stake, in the chain's smallest unit; 1,000 tokens at least.
 * @param {number} candidate.commission Percent of the rewards that nominators leave to the validator.
 * @returns {Promise<{account: string, keys: string, number: number}>} The account, its session keys
 *   and the final block.
 */
export async function registerValidator(api, { stash, bond, commission }) {
	// The proof shows that whoever holds the keys wants this account to have them.
	const made = await api.rpc.author.rotateKeysWithOwner(u8aToHex(stash.publicKey));
	const { keys, proof } = made.toJSON();
	const calls = [
		api.tx.staking.bond(bond, "Staked"),
		api.tx.session.setKeys(keys, proof),
		api.tx.staking.validate({
			commission: Math.round(commission * PERBILL_PER_PERCENT),
			blocked: false,
		}),
	];
	const { number } = await submitFinalised(api, api.tx.utility.batchAll(calls), stash);
	return { account: stash.address, keys, number };
}

await runAsProgram(import.meta.url, {
	usage: `Stand for election as a validator.

Usage: node scripts/js/register-validator.js --bond 1000 --suri-file FILE [options]

The node must be the validator's own, on this machine: it makes the session keys.

  --bond AMOUNT         the stake, in whole tokens; 1000 at least
  --commission PERCENT  what you keep of your nominators' rewards (default 5)
  --suri-file FILE      file with the stash's secret phrase
  --suri SURI           a well-known test key instead, such as //Eve
`,
	options: {
		...SECRET_OPTIONS,
		bond: { type: "string" },
		commission: { type: "string", default: "5" },
	},
	async main(api, values) {
		const commission = Number(values.commission);
		if (values.commission.trim() === "" || !(commission >= 0 && commission <= 100)) {
			throw new Error(`--commission is "${values.commission}"; a percentage, 0 to 100`);
		}
		const { account, keys, number } = await registerValidator(api, {
			stash: keyPair(api, readSecret(values)),
			bond: parseAmount(api, required(values, "bond")),
			commission,
		});
		console.log(`${account} stands for election with session keys ${keys}, final in block ${number}`);
	},
});
