#!/usr/bin/env node
// Listen to announcements of documents, and hold each against the chain: anybody who has a document can announce
// whatever it likes.

import { setTimeout as sleep } from "node:timers/promises";
import { encodeAddress } from "@polkadot/util-crypto";
import { hexToU8a, u8aToHex } from "@polkadot/util";
import { chainUnits } from "./lib/chain.js";
import { runAsProgram } from "./lib/cli.js";
import {
	assetTopic,
	cidTexts,
	decodeStatement,
	falsehood,
	readDocument,
	topic,
} from "./lib/announcement.js";

/**
 * Each announcement that the node has, and each that comes.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {(heard: {signer?: string, expiresAt?: number, announcement?: object, refused?: string}) => void} hear Is told
 *   of each, one after the other; `refused` says why one is not to be believed.
 * @param {{asset?: number}} [options] Only those about an asset.
 * @returns {Promise<() => void>} Call it to stop.
 * @throws {Error} The node keeps none.
 */
export async function watchDocuments(api, hear, { asset } = {}) {
	if (!api.rpc.statement?.subscribeStatement) {
		throw new Error("this node keeps no announcements (--no-statements); ask another");
	}
	const topics = asset === undefined ? [topic()] : [topic(), assetTopic(asset)];
	const filter = { matchAll: topics.map((bytes) => u8aToHex(bytes)) };
	let queue = Promise.resolve();
	return api.rpc.statement.subscribeStatement(filter, (event) => {
		for (const statement of event.toJSON().data.statements) {
			queue = queue.then(async () => hear(await judge(api, statement)));
		}
	});
}

async function judge(api, statement) {
	try {
		const decoded = decodeStatement(hexToU8a(statement));
		const document = await readDocument(api, decoded.announcement.document);
		return {
			signer: encodeAddress(decoded.signer, chainUnits(api).prefix),
			expiresAt: decoded.expiresAt,
			announcement: decoded.announcement,
			refused: falsehood(decoded, document, api.genesisHash.toHex()),
		};
	} catch (error) {
		return { refused: error.message };
	}
}

await runAsProgram(import.meta.url, {
	usage: `Print announcements of documents until interrupted.

Usage: node scripts/js/watch-documents.js [options]

Each is held against the chain; what is not true is shown as such.

  --asset NUMBER        only documents about this asset
  --until-count N       stop after N
  --timeout SECONDS     give up, with exit code 1, if that has not happened by then
`,
	options: {
		asset: { type: "string" },
		"until-count": { type: "string" },
		timeout: { type: "string" },
	},
	async main(api, values) {
		const number = (name) => (values[name] === undefined ? undefined : Number(values[name]));
		let left = number("until-count") ?? Infinity;
		let finish;
		const finished = new Promise((resolve) => (finish = resolve));
		const hear = (heard) => {
			console.log(describe(heard));
			left -= 1;
			if (left <= 0) {
				finish();
			}
		};
		const stop = await watchDocuments(api, hear, { asset: parseAsset(values.asset) });
		await Promise.race([finished, giveUp(number("timeout"))].filter(Boolean));
		stop();
	},
});

function describe({ signer, expiresAt, announcement, refused }) {
	if (!announcement) {
		return `not an announcement: ${refused}`;
	}
	const { document, asset, files, addresses } = announcement;
	const head = `document ${document} of asset ${asset}, by ${signer}`;
	if (refused) {
		return `${head}: not to be believed, ${refused}`;
	}
	const until = new Date(expiresAt * 1_000).toISOString();
	const replicas = cidTexts(announcement).map((cid, replica) => `  ${cid}  ${files[replica].size} bytes`);
	const places = addresses.map((address) => `  from ${address}`);
	return [`${head}, until ${until}`, ...replicas, ...places].join("\n");
}

function parseAsset(text) {
	if (text === undefined) {
		return undefined;
	}
	if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffff_ffff) {
		throw new Error(`"${text}" is not an asset's number`);
	}
	return Number(text);
}

function giveUp(seconds) {
	return (
		seconds &&
		sleep(seconds * 1_000, undefined, { ref: false }).then(() => {
			throw new Error(`what was waited for has not happened within ${seconds} s`);
		})
	);
}
