// Announcements of documents as docs/announcements.md describes them: signed statements that nodes pass on, which say
// where a document's files can be had.

import { compactFromU8aLim, compactToU8a, u8aToHex } from "@polkadot/util";
import { blake2AsU8a } from "@polkadot/util-crypto";
import { cidText } from "./document.js";
import { callView } from "./view.js";

const VERSION = 1;
const MAX_ADDRESSES = 8;
const MAX_ADDRESS = 160;

/** A document's codecs as the chain numbers them, with their number in a CID. */
const CODECS = [
	{ name: "Raw", multicodec: 0x55 },
	{ name: "DagPb", multicodec: 0x70 },
];

/** Fields of a statement, by their number in SCALE. The SDK has more, which announcements don't. */
const FIELD = { proof: 0, expiry: 2, channel: 3, topic1: 4, topic2: 5, data: 8 };

/** Of the kinds of signatures the first. */
const SR25519 = 0;

const unhex = (text) => Buffer.from(text.slice(2), "hex");

/** A whole number in little-endian bytes. */
function integer(value, bytes) {
	const number = BigInt(value);
	if (number < 0n || number >> BigInt(8 * bytes)) {
		throw new Error(`${value} does not fit into ${bytes} bytes`);
	}
	return Buffer.from(number.toString(16).padStart(2 * bytes, "0"), "hex").reverse();
}

const tagged = (tag, bytes) => blake2AsU8a(Buffer.concat([Buffer.from(tag), bytes]));

/** The first topic of every announcement. */
export const topic = () => tagged("rwa/document-stored/v1", Buffer.alloc(0));

/** The second topic of announcements that are about an asset. */
export const assetTopic = (asset) => tagged("rwa/document-stored/asset/v1", integer(asset, 4));

/** The channel of a document: a newer announcement on it takes the place of an older. */
export const channelOf = (document) =>
	tagged("rwa/document-stored/document/v1", integer(document, 8));

/** Whether text may be a peer's address. What it means is for IPFS to say. */
export const isAddress = (text) =>
	text.length <= MAX_ADDRESS && /^\/[\x21-\x7e]*$/.test(text);

/**
 * @typedef {object} Announcement
 * @property {string} genesis Hash of the chain, in hexadecimal.
 * @property {number} asset The asset that the document is about.
 * @property {bigint} document Its number.
 * @property {{cid: {codec: string, digest: string}, size: bigint}[]} files Its three replicas, as the chain has them.
 * @property {string[]} addresses Where a peer that has them listens, as IPFS writes it.
 */

/**
 * What an announcement says, in bytes.
 *
 * @param {Announcement} announcement
 * @returns {Buffer}
 */
export function encodeAnnouncement({ genesis, asset, document, files, addresses }) {
	if (addresses.length > MAX_ADDRESSES) {
		throw new Error(`there may be ${MAX_ADDRESSES} addresses; ${addresses.length} were given`);
	}
	const wrong = addresses.find((address) => !isAddress(address));
	if (wrong !== undefined) {
		throw new Error(`"${wrong}" is not an address such as /ip4/203.0.113.7/tcp/4001/p2p/12D3Koo…`);
	}
	return Buffer.concat([
		Buffer.of(VERSION),
		unhex(genesis),
		integer(asset, 4),
		integer(document, 8),
		...files.flatMap(({ cid, size }) => [
			Buffer.of(CODECS.findIndex(({ name }) => name === cid.codec)),
			unhex(cid.digest),
			integer(size, 8),
		]),
		compactToU8a(addresses.length),
		...addresses.flatMap((address) => [compactToU8a(address.length), Buffer.from(address)]),
	]);
}

/** Reads bytes from the front, and never beyond the end. */
class Reader {
	constructor(bytes) {
		this.rest = Buffer.from(bytes);
	}

	take(count) {
		if (this.rest.length < count) {
			throw new Error("cut off");
		}
		const taken = this.rest.subarray(0, count);
		this.rest = this.rest.subarray(count);
		return taken;
	}

	byte() {
		return this.take(1)[0];
	}

	integer(bytes) {
		return BigInt(`0x${Buffer.from(this.take(bytes)).reverse().toString("hex")}`);
	}

	/** A number of things, of which there may be `most`. */
	count(most) {
		if (this.rest.length === 0) {
			throw new Error("cut off");
		}
		const [length, value] = compactFromU8aLim(this.rest);
		this.take(length);
		if (Number(value) > most) {
			throw new Error("longer than it may be");
		}
		return Number(value);
	}

	end() {
		if (this.rest.length) {
			throw new Error("it goes on after its end");
		}
	}
}

/**
 * @param {Uint8Array} bytes Of anybody.
 * @returns {Announcement}
 * @throws {Error} They are not an announcement.
 */
export function decodeAnnouncement(bytes) {
	const reader = new Reader(bytes);
	const version = reader.byte();
	if (version !== VERSION) {
		throw new Error(`an announcement of version ${version}`);
	}
	const genesis = u8aToHex(reader.take(32));
	const asset = Number(reader.integer(4));
	const document = reader.integer(8);
	const files = [0, 1, 2].map(() => {
		const codec = CODECS[reader.byte()]?.name;
		if (!codec) {
			throw new Error("a CID of no document");
		}
		return { cid: { codec, digest: u8aToHex(reader.take(32)) }, size: reader.integer(8) };
	});
	const addresses = Array.from({ length: reader.count(MAX_ADDRESSES) }, () =>
		reader.take(reader.count(MAX_ADDRESS)).toString("latin1"),
	);
	reader.end();
	// Not shown either: it could hold what a terminal obeys.
	if (!addresses.every(isAddress)) {
		throw new Error("an address is not one");
	}
	return { genesis, asset, document, files, addresses };
}

/** An announcement's CIDs as text. */
export const cidTexts = ({ files }) =>
	files.map(({ cid }) => {
		const { multicodec } = CODECS.find(({ name }) => name === cid.codec);
		return cidText(Buffer.concat([Buffer.of(1, multicodec, 0x12, 0x20), unhex(cid.digest)]));
	});

/** When a statement ends, and its rank among those that end in the same second. */
const expiryOf = (expiresAt, sequence) => (BigInt(expiresAt) << 32n) | BigInt(sequence);

/**
 * What is signed of an announcement: the statement's fields but the signature.
 *
 * @param {Announcement} announcement
 * @param {object} time
 * @param {number} time.expiresAt Until when it is kept, in seconds since 1970.
 * @param {number} time.sequence Of two that end in the same second the higher one is kept.
 * @returns {Buffer}
 */
export function signingPayload(announcement, { expiresAt, sequence }) {
	const data = encodeAnnouncement(announcement);
	return Buffer.concat([
		Buffer.of(FIELD.expiry),
		integer(expiryOf(expiresAt, sequence), 8),
		Buffer.of(FIELD.channel),
		channelOf(announcement.document),
		Buffer.of(FIELD.topic1),
		topic(),
		Buffer.of(FIELD.topic2),
		assetTopic(announcement.asset),
		Buffer.of(FIELD.data),
		compactToU8a(data.length),
		data,
	]);
}

/**
 * An announcement signed: what `statement_submit` takes.
 *
 * @param {Announcement} announcement
 * @param {{expiresAt: number, sequence: number}} time As `signingPayload` takes it.
 * @param {{publicKey: Uint8Array, sign: (bytes: Uint8Array) => Uint8Array}} signer An sr25519 key.
 * @returns {Buffer}
 */
export function signAnnouncement(announcement, time, signer) {
	const payload = signingPayload(announcement, time);
	const count = Object.keys(FIELD).length;
	return Buffer.concat([
		compactToU8a(count),
		Buffer.of(FIELD.proof, SR25519),
		signer.sign(payload),
		signer.publicKey,
		payload,
	]);
}

/**
 * @param {Uint8Array} bytes A statement, as a node gives it, which has looked at the signature.
 * @returns {{signer: Uint8Array, expiresAt: number, announcement: Announcement}}
 * @throws {Error} It is not the announcement of a document, signed by an sr25519 key.
 */
export function decodeStatement(bytes) {
	const reader = new Reader(bytes);
	const count = Object.keys(FIELD).length;
	const is = (expected, found) => {
		if (expected !== found) {
			throw new Error("not the statement of an announcement");
		}
	};
	const same = (expected, found) => is(u8aToHex(expected), u8aToHex(found));
	is(count, reader.count(count));
	is(FIELD.proof, reader.byte());
	is(SR25519, reader.byte());
	reader.take(64);
	const signer = reader.take(32);
	is(FIELD.expiry, reader.byte());
	const expiresAt = Number(reader.integer(8) >> 32n);
	is(FIELD.channel, reader.byte());
	const channel = reader.take(32);
	is(FIELD.topic1, reader.byte());
	same(topic(), reader.take(32));
	is(FIELD.topic2, reader.byte());
	const second = reader.take(32);
	is(FIELD.data, reader.byte());
	const announcement = decodeAnnouncement(reader.take(reader.count(reader.rest.length)));
	reader.end();
	same(channelOf(announcement.document), channel);
	same(assetTopic(announcement.asset), second);
	return { signer, expiresAt, announcement };
}

/**
 * What the chain knows of a document.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {bigint | number} document
 * @returns {Promise<{owner: Uint8Array, asset: number, files: object[]} | undefined>} `undefined`: there is none.
 */
export async function readDocument(api, document) {
	const found = await callView(api, "Documents", "document", [document]);
	if (found.isNone) {
		return undefined;
	}
	const { owner, asset, replicas } = found.unwrap().document;
	// polkadot.js's structs are maps, with a size of their own: fields of that name get another one.
	const files = [...replicas].map(({ file }) => ({
		cid: { codec: file.cid.codec.type, digest: file.cid.digest.toHex() },
		size: file.size_.toBigInt(),
	}));
	return { owner: owner.toU8a(), asset: asset.toNumber(), files };
}

/**
 * Why an announcement is not true.
 *
 * @param {{signer: Uint8Array, announcement: Announcement}} statement Of `decodeStatement`.
 * @param {object | undefined} document Of `readDocument`.
 * @param {string} genesis Hash of the chain, in hexadecimal.
 * @returns {string | undefined} `undefined`: it is.
 */
export function falsehood({ signer, announcement }, document, genesis) {
	const sameFile = ({ cid, size }, { cid: other, size: bytes }) =>
		cid.codec === other.codec && cid.digest === other.digest && size === bytes;
	if (announcement.genesis !== genesis) {
		return "it is about another chain";
	}
	if (!document) {
		return "there is no such document";
	}
	if (u8aToHex(document.owner) !== u8aToHex(signer)) {
		return "somebody else has signed than the document's owner";
	}
	if (document.asset !== announcement.asset) {
		return "the document is about another asset";
	}
	if (!document.files.every((file, replica) => sameFile(file, announcement.files[replica]))) {
		return "the document has other files";
	}
	return undefined;
}
