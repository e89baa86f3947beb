#!/usr/bin/env node
// Let this node's worker keep documents for a storage operator's account.
//
// The node makes the app key and keeps its secret half. The account's own key only signs that this
// app key may act for it, and can go back offline.

import { parseBytes } from "./declare-capacity.js";
import { keyPair, parseAmount } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { registerOperator } from "./lib/operator.js";

/**
 * Let the node's worker keep documents for an account, see `registerOperator`, and say how many bytes: from then on
 * the node is drawn.
 *
 * @param {import("@polkadot/api").ApiPromise} api The operator's own node.
 * @param {import("@polkadot/keyring/types").KeyringPair} operator
 * @param {bigint} capacity Bytes.
 * @param {object} [place]
 */
export function registerStorage(api, operator, capacity, place) {
	const declaration = api.tx.documents.declareCapacity(capacity);
	return registerOperator(api, operator, "Storage", place, [declaration]);
}

await runAsProgram(import.meta.url, {
	usage: `Let a node's worker keep documents for a storage operator's account.

Usage: node scripts/js/register-storage.js --suri-file FILE --bytes 10000000000 --region DE \\
         --endpoint /dns4/storage.example/tcp/30333

The node must be the operator's own: it gets the app key. An account that is registered needs neither
region nor endpoint; its key is replaced.

  --bytes NUMBER        how many bytes the node keeps
  --region CODE         the country the node is in, as two capital letters
  --endpoint ADDRESS    multiaddress under which clients reach the node
  --stake AMOUNT        in whole tokens (default: the least, 250)
  --suri-file FILE      file with the operator's secret phrase
  --suri SURI           a well-known test key instead, such as //Bob
`,
	options: {
		...SECRET_OPTIONS,
		bytes: { type: "string" },
		region: { type: "string" },
		endpoint: { type: "string" },
		stake: { type: "string" },
	},
	async main(api, values) {
		const capacity = parseBytes(required(values, "bytes"));
		const stake = values.stake === undefined ? undefined : parseAmount(api, values.stake);
		const operator = keyPair(api, readSecret(values));
		const { account, key, number } = await registerStorage(api, operator, capacity, {
			region: values.region,
			endpoint: values.endpoint,
			stake,
		});
		console.log(
			`${account} keeps ${capacity} bytes with app key ${key}, final in block ${number}`,
		);
	},
});
