#!/usr/bin/env node
// Read a document: your own node gets a live replica, checks it, and opens it with your key.

import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { required, runAsProgram } from "./lib/cli.js";
import { fetchFile, openNode } from "./lib/publishing.js";
import { parseDocument } from "./share-document.js";

await runAsProgram(import.meta.url, {
	usage: `Read a document that you have an envelope of, through your own node.

Usage: node scripts/js/fetch-document.js --document 7 --reader ADDRESS --key-file FILE --out deed.pdf

The node must have a Kubo (rwa-node --kubo). It gets your secret key: use your own, on this machine.

  --document NUMBER     the document
  --reader ADDRESS      your account
  --key-file FILE       file with the secret key that the envelope was sealed to: x25519-secret:0x…
  --out FILE            where the document is written, once all of it is there; must not exist yet
`,
	options: {
		document: { type: "string" },
		reader: { type: "string" },
		"key-file": { type: "string" },
		out: { type: "string" },
	},
	async main(api, values) {
		const document = parseDocument(required(values, "document"));
		const reader = required(values, "reader");
		const secret = readFileSync(required(values, "key-file"), "utf8").trim();
		const out = required(values, "out");
		const part = `${out}.part`;
		closeSync(openSync(out, "wx", 0o600));
		const file = openSync(part, "w", 0o600);
		const node = await openNode(values.url);
		try {
			const size = await fetchFile(node, document, reader, secret, (bytes) => {
				writeSync(file, bytes);
			});
			renameSync(part, out);
			console.log(`${out} has the ${size} bytes of document ${document}`);
		} catch (error) {
			// What came may be a beginning only.
			rmSync(part);
			rmSync(out);
			throw error;
		} finally {
			closeSync(file);
			await node.disconnect();
		}
	},
});
