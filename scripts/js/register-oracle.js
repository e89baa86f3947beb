#!/usr/bin/env node
// Let this node's worker report for an oracle operator's account.
//
// The node makes the app key and keeps its secret half. The account's own key only signs that this
// app key may act for it, and can go back offline.

import { keyPair, parseAmount } from "./lib/chain.js";
import { readSecret, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { registerOperator } from "./lib/operator.js";

/**
 * Let the node's worker report for an account: see `registerOperator`.
 *
 * @param {import("@polkadot/api").ApiPromise} api The operator's own node.
 * @param {import("@polkadot/keyring/types").KeyringPair} operator
 * @param {object} [place]
 */
export function registerOracle(api, operator, place) {
	return registerOperator(api, operator, "Oracle", place);
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
