#!/usr/bin/env node
// Give accounts the keys to read or to repair a document, or take their envelopes away.

import { readFileSync } from "node:fs";
import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { envelopeCall } from "./lib/envelopes.js";

await runAsProgram(import.meta.url, {
	usage: `Give accounts the keys of a document that you own, or take their envelopes away.

Usage: node scripts/js/share-document.js --suri-file FILE --document 7 --keys deed.keys.json --reader ADDRESS
       node scripts/js/share-document.js --suri-file FILE --document 7 --revoke-reader ADDRESS

Who has opened an envelope knows the keys: what is taken away keeps nobody from what it has read.

  --document NUMBER     the document
  --keys FILE           its keys, as store-document.js wrote them
  --reader ADDRESS      account that may read it, and has a reader's key; may be given again, as the others
  --repairer ADDRESS    account that may make lost replicas again, and has a reader's key
  --revoke-reader ADDRESS    account that may not read it any more
  --revoke-repairer ADDRESS  account that may not repair it any more
  --suri-file FILE      file with the owner's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		document: { type: "string" },
		keys: { type: "string" },
		...Object.fromEntries(
			["reader", "repairer", "revoke-reader", "revoke-repairer"].map((name) => [
				name,
				{ type: "string", multiple: true, default: [] },
			]),
		),
	},
	async main(api, values) {
		const document = parseDocument(required(values, "document"));
		const owner = keyPair(api, readSecret(values));
		const given = [
			...values.reader.map((account) => ["Read", account]),
			...values.repairer.map((account) => ["Repair", account]),
		];
		const secrets = given.length && JSON.parse(readFileSync(required(values, "keys"), "utf8"));
		const calls = await Promise.all(
			given.map(([purpose, account]) =>
				envelopeCall(api, { ...secrets, document }, purpose, account),
			),
		);
		const revoke = (purpose) => (account) =>
			api.tx.documents.revokeEnvelope(document, purpose, account);
		calls.push(...values["revoke-reader"].map(revoke("Read")));
		calls.push(...values["revoke-repairer"].map(revoke("Repair")));
		if (calls.length === 0) {
			throw new Error("nobody is named; see --help");
		}
		const { number } = await submitFinalised(api, api.tx.utility.batchAll(calls), owner);
		console.log(`${calls.length} envelopes of document ${document} changed, final in block ${number}`);
	},
});

/** The number of a document as it is given on the command line. */
export function parseDocument(text) {
	if (!/^\d{1,19}$/.test(text)) {
		throw new Error(`"${text}" is not a document's number`);
	}
	return BigInt(text);
}
