#!/usr/bin/env node
// Announce a document that you have registered: where its files can be had, until storage nodes have fetched them.

import { u8aToHex } from "@polkadot/util";
import { keyPair } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { readDocument, signAnnouncement } from "./lib/announcement.js";

const HOUR_SECONDS = 3_600;
/** Nodes refuse what lasts for more than a week by their clocks. */
const MOST_HOURS = 167;

/** What to do about what a node says. */
const HINTS = {
	noAllowance: "its owner has no document any more by what this node knows; is it synchronised?",
	channelPriorityTooLow: "an announcement is there that lasts longer: give more --hours",
	accountFull: "announcements of this account that last longer take all its room: give more --hours",
	dataTooLarge: "announcements of this account that last longer take all its room: give more --hours",
	storeFull: "the node keeps as many as it may; try again later",
	alreadyExpired: "this machine's clock, or the node's, is wrong",
};

/**
 * Announce a document.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} owner Has registered it.
 * @param {bigint} document
 * @param {string[]} addresses Where its files can be had, as IPFS writes it.
 * @param {object} [options]
 * @param {number} [options.hours] For how long.
 * @param {number} [options.now] In milliseconds since 1970.
 * @returns {Promise<{asset: number, expiresAt: number}>} Until when it is kept, in seconds since 1970.
 * @throws {Error} The document is somebody else's, or the node does not take it.
 */
export async function announceDocument(
	api,
	owner,
	document,
	addresses,
	{ hours = 24, now = Date.now() } = {},
) {
	const known = await readDocument(api, document);
	if (!known) {
		throw new Error(`there is no document ${document}`);
	}
	if (u8aToHex(known.owner) !== u8aToHex(owner.publicKey)) {
		throw new Error(`document ${document} is not ${owner.address}'s`);
	}
	if (!api.rpc.statement?.submit) {
		throw new Error("this node keeps no announcements (--no-statements); ask another");
	}
	const { asset, files } = known;
	const announcement = { genesis: api.genesisHash.toHex(), asset, document, files, addresses };
	const expiresAt = Math.floor(now / 1_000) + hours * HOUR_SECONDS;
	const statement = signAnnouncement(announcement, { expiresAt, sequence: now % 1_000 }, owner);
	const { status, reason } = (await api.rpc.statement.submit(u8aToHex(statement))).toJSON();
	if (status !== "new" && status !== "known") {
		throw new Error(`the node says "${status}: ${reason}"; ${HINTS[reason] ?? "see its log"}`);
	}
	return { asset, expiresAt };
}

await runAsProgram(import.meta.url, {
	usage: `Announce a document that you have registered, to those who keep documents.

Usage: node scripts/js/announce-document.js --suri-file FILE --document 7 \\
         --address /ip4/203.0.113.7/tcp/4001/p2p/12D3Koo…

Storage nodes connect to the addresses to fetch its files. Kubo's own are what \`ipfs id\` lists. Everybody sees them.

  --document NUMBER     the document
  --address ADDRESS     where its files can be had; up to eight
  --hours HOURS         for how long, 1 to ${MOST_HOURS} (default 24)
  --suri-file FILE      file with the owner's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		document: { type: "string" },
		address: { type: "string", multiple: true },
		hours: { type: "string", default: "24" },
	},
	async main(api, values) {
		const document = parseNumber(required(values, "document"));
		const addresses = required(values, "address");
		const hours = parseHours(values.hours);
		const owner = keyPair(api, readSecret(values));
		const { asset, expiresAt } = await announceDocument(api, owner, document, addresses, { hours });
		const until = new Date(expiresAt * 1_000).toISOString();
		console.log(`document ${document} of asset ${asset} is announced until ${until}`);
	},
});

function parseNumber(text) {
	if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n) {
		throw new Error(`"${text}" is not a document's number`);
	}
	return BigInt(text);
}

function parseHours(text) {
	if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > MOST_HOURS) {
		throw new Error(`"${text}" is not a number of hours from 1 to ${MOST_HOURS}`);
	}
	return Number(text);
}
