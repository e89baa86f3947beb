#!/usr/bin/env node
// Let this node's worker report for an oracle operator's account.
//
// The node makes the app key and keeps its secret half. The account's own key only signs that this
// app key may act for it, and can go back offline.

import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";

/**
 * Make a fresh app key in the node's keystore and register it for the operator's account. Replaces
 * an earlier one.
 *
 * @param {import("@polkadot/api").ApiPromise} api The operator's own node, which must allow unsafe
 *   methods to its operator. By default it does so on loopback, and nowhere else.
 * @param {import("@polkadot/keyring/types").KeyringPair} operator Signs and pays fee and deposit.
 * @returns {Promise<{account: string, key: string, number: number}>} The account, its app key and
 *   the final block.
 */
export async function registerOracle(api, operator) {
	const rotated = await api.rpc.rwa.rotateAppKey(operator.address);
	const { public: key, proof } = rotated.toJSON();
	const tx = api.tx.nodeRegistry.registerAppKey("Oracle", key, proof);
	const { number } = await submitFinalised(api, tx, operator);
	return { account: operator.address, key, number };
}

await runAsProgram(import.meta.url, {
	usage: `Let a node's worker report for an oracle operator's account.

Usage: node scripts/js/register-oracle.js --url ws://127.0.0.1:9944 --suri //Oracle//1

The node must be the operator's own: it gets the app key.

  --suri-file FILE      file with the operator's secret phrase
  --suri SURI           a well-known test key instead, such as //Oracle//1
`,
	options: SECRET_OPTIONS,
	async main(api, values) {
		const { account, key, number } = await registerOracle(
			api,
			keyPair(api, readSecret(values)),
		);
		console.log(`${account} reports with app key ${key}, final in block ${number}`);
	},
});
