#!/usr/bin/env node
// Store a document through your own node, and register it: the whole way in one program.
//
// The node's Kubo has the replicas. Keep it running until all three were confirmed, and keep the file with the keys.

import { closeSync, fsyncSync, openSync, writeFileSync } from "node:fs";
import { announceDocument } from "./announce-document.js";
import { formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { chainCid } from "./lib/document.js";
import { envelopeCall } from "./lib/envelopes.js";
import { DocumentFile, forgetFile, openNode, storeFile } from "./lib/publishing.js";
import { daysFromNow, KINDS, parseAsset, parseDays, parseKind, registerDocument } from "./register-document.js";

/** What `registerDocument` takes of files that a node has stored. */
export const chainFiles = (files) =>
	files.map(({ text, size }) => ({ cid: chainCid(text), size }));

await runAsProgram(import.meta.url, {
	usage: `Store a document of an asset that you own, through your own node, and register it.

Usage: node scripts/js/store-document.js --suri-file FILE --asset 1 --kind Title \\
         --days 180 --file deed.pdf --keys deed.keys.json

The node must have a Kubo (rwa-node --kubo). It sees the document: use your own, on this machine. A file below 4,016
bytes gets zeros behind it.

  --asset NUMBER        the asset that the document is about
  --kind KIND           ${KINDS.join(", ")}
  --days DAYS           how long it is kept: 7 to 365; 30 days more as a grace period
  --file FILE           the document
  --keys FILE           where its keys are written: whoever has them can read it, and without them nobody can be given
                        an envelope any more; must not exist yet
  --reader ADDRESS      account that may read it, and has a reader's key; may be given again
  --address ADDRESS     where its files can be had, as \`ipfs id\` lists it: announced for a day to those who keep
                        documents, and seen by everybody; up to eight
  --repairer ADDRESS    account that may make lost replicas again, and has a reader's key; may be given again
  --suri-file FILE      file with the owner's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		asset: { type: "string" },
		kind: { type: "string" },
		days: { type: "string" },
		file: { type: "string" },
		keys: { type: "string" },
		address: { type: "string", multiple: true, default: [] },
		reader: { type: "string", multiple: true, default: [] },
		repairer: { type: "string", multiple: true, default: [] },
	},
	async main(api, values) {
		const asset = parseAsset(required(values, "asset"));
		const kind = parseKind(required(values, "kind"));
		const expiresAt = await daysFromNow(api, parseDays(required(values, "days")));
		const file = new DocumentFile(required(values, "file"));
		const keysFile = required(values, "keys");
		const owner = keyPair(api, readSecret(values));

		// Before anything is sent: what is there already must stay.
		const keysPlace = openSync(keysFile, "wx", 0o600);
		const node = await openNode(values.url);
		let files, keys, cids;
		try {
			const stored = await storeFile(node, file);
			({ files, keys } = stored);
			cids = files.map(({ text }) => text);
			// Before anything is paid for. Nobody else has them once the node has forgotten them.
			writeFileSync(keysPlace, `${JSON.stringify({ cids, keys }, undefined, "\t")}\n`);
			fsyncSync(keysPlace);
			await forgetFile(node, stored.upload);
		} finally {
			closeSync(keysPlace);
			file.close();
			await node.disconnect();
		}
		const registered = await registerDocument(api, owner, {
			...{ asset, kind, expiresAt, files: chainFiles(files) },
		});
		const { document } = registered;
		const secrets = { document, cids, keys };
		const calls = await Promise.all([
			...values.reader.map((account) => envelopeCall(api, secrets, "Read", account)),
			...values.repairer.map((account) => envelopeCall(api, secrets, "Repair", account)),
		]);
		if (calls.length > 0) {
			await submitFinalised(api, api.tx.utility.batchAll(calls), owner);
		}
		const held = formatAmount(api, registered.funds + registered.deposit);
		console.log(
			`document ${document} of asset ${asset} is stored as 3 times ${files[0].size} bytes, final in block ` +
				`${registered.number}; ${held} are held, and its keys are in ${keysFile}`,
		);
		if (values.address.length > 0) {
			await announceDocument(api, owner, document, values.address);
		}
	},
});
