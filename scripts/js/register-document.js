#!/usr/bin/env node
// Register a document of an asset: three sealed files, which storage nodes are drawn to keep.
//
// The files stay here. Keep them, and let the nodes have them by IPFS, until all three were confirmed.

import { readFileSync } from "node:fs";
import { formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { chainFile } from "./lib/document.js";
import { callView } from "./lib/view.js";

/** What a document can be, as the chain spells it. */
export const KINDS = ["Title", "Inspection", "Valuation", "Contract", "Image", "Other"];

const DAY_MS = 86_400_000;
/** In which the transaction gets into a block: the term counts from there. */
const MARGIN_MS = 60_000;

/**
 * The working block that is so many days from now, and a little later.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {number} days
 * @returns {Promise<number>}
 */
export async function daysFromNow(api, days) {
	const now = (await api.query.clock.elapsed()).toNumber();
	const block = api.consts.babe.expectedBlockTime.toNumber();
	return now + Math.ceil((days * DAY_MS + MARGIN_MS) / block);
}

/**
 * What it costs to register files of these sizes now, in the chain's smallest unit.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {number[]} sizes Bytes of the three replicas.
 * @param {number} expiresAt Working block.
 * @returns {Promise<{storage: bigint, repair: bigint, deposit: bigint}>} All of it is held at first.
 */
export async function quoteOf(api, sizes, expiresAt) {
	const quote = (await callView(api, "Documents", "quote", [sizes, expiresAt])).unwrap();
	return {
		storage: quote.storage.toBigInt(),
		repair: quote.repair.toBigInt(),
		deposit: quote.deposit.toBigInt(),
	};
}

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} owner Owns the asset, and pays.
 * @param {object} document
 * @param {number} document.asset
 * @param {string} document.kind One of the chain's: `"Title"`, `"Image"`.
 * @param {number} document.expiresAt Working block.
 * @param {{cid: object, size: number}[]} document.files Three, of `chainFile`.
 * @returns {Promise<{number: number, document: bigint, funds: bigint, deposit: bigint}>} The final block, the
 *   document's number, and what is held.
 */
export async function registerDocument(api, owner, { asset, kind, expiresAt, files }) {
	const call = api.tx.documents.registerDocument(asset, kind, expiresAt, files);
	const { number, events } = await submitFinalised(api, call, owner);
	const { data } = events.find((event) => api.events.documents.DocumentRegistered.is(event));
	return {
		number,
		document: data.document.toBigInt(),
		funds: data.funds.toBigInt(),
		deposit: data.deposit.toBigInt(),
	};
}

/** A number of days as it is given on the command line. */
export function parseDays(text) {
	if (!/^\d{1,3}$/.test(text) || Number(text) < 1) {
		throw new Error(`"${text}" is not a number of days`);
	}
	return Number(text);
}

/** A kind of document as it is given on the command line. */
export function parseKind(text) {
	if (!KINDS.includes(text)) {
		throw new Error(`"${text}" is no kind of document; there are ${KINDS.join(", ")}`);
	}
	return text;
}

/** An asset's number as it is given on the command line. */
export function parseAsset(text) {
	if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffff_ffff) {
		throw new Error(`"${text}" is not an asset's number`);
	}
	return Number(text);
}

await runAsProgram(import.meta.url, {
	usage: `Register a document of an asset that you own.

Usage: node scripts/js/register-document.js --suri-file FILE --asset 1 --kind Title \\
         --days 180 --file FILE --file FILE --file FILE

The files are the document's three replicas, sealed as docs/document-format.md says. Each is read into memory.

  --asset NUMBER        the asset that the document is about
  --kind KIND           ${KINDS.join(", ")}
  --days DAYS           how long it is kept: 7 to 365; 30 days more as a grace period
  --file FILE           a replica; three times, in their order
  --quote               only say what it costs
  --suri-file FILE      file with the owner's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		asset: { type: "string" },
		kind: { type: "string" },
		days: { type: "string" },
		file: { type: "string", multiple: true },
		quote: { type: "boolean", default: false },
	},
	async main(api, values) {
		const files = readReplicas(required(values, "file"));
		const expiresAt = await daysFromNow(api, parseDays(required(values, "days")));
		if (values.quote) {
			const sizes = files.map(({ size }) => size);
			const { storage, repair, deposit } = await quoteOf(api, sizes, expiresAt);
			const [keep, mend, back] = [storage, repair, deposit].map((it) => formatAmount(api, it));
			console.log(`${keep} for storage, ${mend} for a repair, and a deposit of ${back}`);
			return;
		}
		const asset = parseAsset(required(values, "asset"));
		const kind = parseKind(required(values, "kind"));
		const owner = keyPair(api, readSecret(values));
		const registered = await registerDocument(api, owner, { asset, kind, expiresAt, files });
		const [funds, deposit] = [registered.funds, registered.deposit];
		console.log(
			`document ${registered.document} of asset ${asset}, final in block ${registered.number}; ` +
				`${formatAmount(api, funds + deposit)} are held`,
		);
	},
});

function readReplicas(names) {
	if (names.length !== 3) {
		throw new Error(`a document has three replicas; ${names.length} files were given`);
	}
	return names.map((name) => chainFile(readFileSync(name)));
}
