#!/usr/bin/env node
// Let this node's worker report for an oracle operator's account.
//
// The node makes the app key and keeps its secret half. The account's own key only signs that this
// app key may act for it, and can go back offline.

import { keyPair, parseAmount, submitFinalised } from "./lib/chain.js";
import { readSecret, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";

/**
 * Make a fresh app key in the node's keystore and register it for the operator's account; before that,
 * in the same transaction, register the account as an oracle, unless it is one. An earlier key is
 * replaced.
 *
 * @param {import("@polkadot/api").ApiPromise} api The operator's own node, which must allow unsafe
 *   methods to its operator. By default it does so on loopback, and nowhere else.
 * @param {import("@polkadot/keyring/types").KeyringPair} operator Signs and pays fee, stake and deposits.
 * @param {object} [place] Where the oracle is; needed by an account that is none yet.
 * @param {string} place.region The country, as two capital letters: `"DE"`.
 * @param {string} place.endpoint The multiaddress under which clients reach the node.
 * @param {bigint} [place.stake] In the chain's smallest unit; by default the least.
 * @returns {Promise<{account: string, key: string, number: number}>} The account, its app key and
 *   the final block.
 */
export async function registerOracle(api, operator, place) {
	const calls = [];
	if ((await api.query.nodeRegistry.nodes(operator.address)).isNone) {
		calls.push(await registration(api, place));
	}
	const rotated = await api.rpc.rwa.rotateAppKey(operator.address);
	const { public: key, proof } = rotated.toJSON();
	calls.push(api.tx.nodeRegistry.registerAppKey("Oracle", key, proof));
	const { number } = await submitFinalised(api, api.tx.utility.batchAll(calls), operator);
	return { account: operator.address, key, number };
}

async function registration(api, place) {
	if (!place?.region || !place.endpoint) {
		throw new Error(
			"the account is no oracle yet: say where it is with --region and --endpoint; see --help",
		);
	}
	const stake = place.stake ?? (await leastStake(api));
	return api.tx.nodeRegistry.register("Oracle", place.region, place.endpoint, stake);
}

async function leastStake(api) {
	const tiers = await api.query.nodeRegistry.tiers("Oracle");
	return tiers[tiers.length - 1][1].minimum.toBigInt();
}

await runAsProgram(import.meta.url, {
	usage: `Let a node's worker report for an oracle operator's account.

Usage: node scripts/js/register-oracle.js --suri-file FILE --region DE \\
         --endpoint /dns4/oracle.example/tcp/30333

The node must be the operator's own: it gets the app key. An account that is registered needs neither
region nor endpoint; its key is replaced.

  --region CODE         the country the node is in, as two capital letters
  --endpoint ADDRESS    multiaddress under which clients reach the node
  --stake AMOUNT        in whole tokens (default: the least, 500)
  --suri-file FILE      file with the operator's secret phrase
  --suri SURI           a well-known test key instead, such as //Oracle//1
`,
	options: {
		...SECRET_OPTIONS,
		region: { type: "string" },
		endpoint: { type: "string" },
		stake: { type: "string" },
	},
	async main(api, values) {
		const stake = values.stake === undefined ? undefined : parseAmount(api, values.stake);
		const { account, key, number } = await registerOracle(api, keyPair(api, readSecret(values)), {
			region: values.region,
			endpoint: values.endpoint,
			stake,
		});
		console.log(`${account} reports with app key ${key}, final in block ${number}`);
	},
});
