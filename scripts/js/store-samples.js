#!/usr/bin/env node
// Store a few public photographs in a test network: what scripts/run.sh does.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentFiles } from "../sources/documents.js";
import { keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { readerKey, readerSecretText } from "./lib/document.js";
import { envelopeCall } from "./lib/envelopes.js";
import { forgetFile, openNode, padded, storeFile } from "./lib/publishing.js";
import { daysFromNow, registerDocument } from "./register-document.js";
import { setReaderKey } from "./set-reader-key.js";
import { chainFiles } from "./store-document.js";

/** The asset that they are about, which is made for them. */
const ASSET = 258;
const DAYS = 90;
/** Of a test network: anybody can read what is stored there. */
const READER_SECRET = Buffer.alloc(32, 1);

await runAsProgram(import.meta.url, {
	usage: `Store public photographs as documents of an asset, which is made for them, in a test network.

Usage: node scripts/js/store-samples.js --folder FOLDER [options]

The node must have a Kubo (rwa-node --kubo).

  --folder FOLDER       where the documents' keys, and one to read them with, are written
  --suri SURI           test key of the owner (default //Eve)
`,
	options: { ...SECRET_OPTIONS, folder: { type: "string" } },
	async main(api, values) {
		const folder = required(values, "folder");
		mkdirSync(folder, { recursive: true });
		const owner = keyPair(api, readSecret(values, "//Eve"));
		const readerFile = join(folder, "reader.key");
		writeFileSync(readerFile, `${readerSecretText(READER_SECRET)}\n`, { mode: 0o600 });
		await setReaderKey(api, owner, readerKey(READER_SECRET));
		await submitFinalised(api, api.tx.assets.create(ASSET, owner.address, 1), owner);

		const node = await openNode(values.url);
		try {
			for (const { name, subject, file } of documentFiles()) {
				const { files, keys, upload } = await storeFile(node, padded(readFileSync(file)));
				await forgetFile(node, upload);
				const cids = files.map(({ text }) => text);
				const { document } = await registerDocument(api, owner, {
					...{ asset: ASSET, kind: "Image", files: chainFiles(files) },
					expiresAt: await daysFromNow(api, DAYS),
				});
				const secrets = { document, cids, keys };
				writeFileSync(join(folder, `${name}.keys.json`), `${JSON.stringify({ cids, keys })}\n`, {
					mode: 0o600,
				});
				const envelope = await envelopeCall(api, secrets, "Read", owner.address);
				await submitFinalised(api, envelope, owner);
				console.log(`stored document ${document}: ${subject}, 3 times ${files[0].size} bytes`);
			}
		} finally {
			await node.disconnect();
		}
		console.log(
			"once it is held, read the first with: node scripts/js/fetch-document.js " +
				`--url ${values.url} --document 0 --reader ${owner.address} --key-file ${readerFile} --out image.jpg`,
		);
	},
});
