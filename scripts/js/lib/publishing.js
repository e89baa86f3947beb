// Documents through a node that has a Kubo beside it: the node encrypts, seals, adds, fetches and opens, so that whole
// documents and secret keys go to it. Only to one's own, over loopback.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { WsProvider } from "@polkadot/api";

/** Most bytes of a part. */
const PART_BYTES = 1 << 20;
/** How long an answer may take: of the last part, until all three replicas are in Kubo. */
const ANSWER_MS = 900_000;
/** Fewest bytes of a document: sealed it has 80 more, and a leaf of 4,096 is the least that the chain takes. */
const LEAST_BYTES = 4_096 - 80;

/**
 * A connection for `storeFile` and `fetchFile`. polkadot.js doesn't know these methods, and keeps copies of what it
 * knows.
 *
 * @param {string} url WebSocket address of the node.
 * @returns {Promise<WsProvider>} Call `disconnect()` on it at the end.
 */
export async function openNode(url) {
	const node = new WsProvider(url, false, {}, ANSWER_MS);
	const ready = new Promise((resolve, reject) => {
		node.on("connected", resolve);
		node.on("error", () => reject(new Error(`no node answers at ${url}; is it running?`)));
	});
	await node.connect();
	await ready;
	return node;
}

/** A document with zeros behind it, if it is too small to be kept alone. */
export function padded(bytes) {
	const missing = Math.max(0, LEAST_BYTES - bytes.length);
	return Buffer.concat([bytes, Buffer.alloc(missing)]);
}

/** A document in a file of whatever size, for `storeFile`; as if `padded`. */
export class DocumentFile {
	#file;
	#size;

	/** @param {string} path */
	constructor(path) {
		this.#file = openSync(path, "r");
		const status = fstatSync(this.#file);
		if (!status.isFile()) {
			closeSync(this.#file);
			throw new Error(`${path} is not a file: what comes through a pipe has to be in one first`);
		}
		this.#size = status.size;
	}

	/** Bytes of the document. */
	get length() {
		return Math.max(this.#size, LEAST_BYTES);
	}

	/** As of a buffer: the bytes from `begin` to before `end`, or to the document's end. */
	subarray(begin, end) {
		const bytes = Buffer.alloc(Math.max(0, Math.min(end, this.length) - begin));
		const wanted = Math.max(0, Math.min(bytes.length, this.#size - begin));
		let read = 0;
		while (read < wanted) {
			const more = readSync(this.#file, bytes, read, wanted - read, begin + read);
			if (more === 0) {
				throw new Error("the file has become shorter while it was read");
			}
			read += more;
		}
		return bytes;
	}

	close() {
		closeSync(this.#file);
	}
}

/**
 * Have a node encrypt and seal a document, and add its replicas to the node's Kubo.
 *
 * @param {WsProvider} node
 * @param {Buffer | DocumentFile} bytes The document.
 * @returns {Promise<{files: {cid: object, text: string, size: number}[],
 *   keys: {inner: string, root: string, salt: string}, upload: string}>} The replicas; the keys, which nobody else has;
 *   and the name under which the node knows them, until `forgetFile`.
 * @throws What the node says. Then it knows nothing of the document any more.
 */
export async function storeFile(node, bytes) {
	let upload = null;
	try {
		return await sendParts(node, bytes, (name) => (upload = name));
	} catch (error) {
		upload ??= error.data?.upload ?? null;
		if (upload !== null) {
			// What went wrong is said, and not that there was nothing to forget any more.
			await forgetFile(node, upload).catch(() => {});
		}
		throw error;
	}
}

/**
 * Have the node forget the keys of a document that it has stored. To be called once they are kept elsewhere: the node
 * keeps no more than 64.
 *
 * @param {WsProvider} node
 * @param {string} upload As `storeFile` has given it.
 */
export async function forgetFile(node, upload) {
	await node.send("rwa_dropUpload", [upload]);
}

async function sendParts(node, bytes, begun) {
	let upload = null;
	let offset = 0;
	for (;;) {
		const part = bytes.subarray(offset, offset + PART_BYTES);
		const last = offset + part.length === bytes.length;
		const request = { upload, offset, part: part.toString("base64"), last };
		const answer = await node.send("rwa_storeDocument", [request]);
		begun(answer.upload);
		if (answer.document) {
			return { ...answer.document, upload: answer.upload };
		}
		if (last || answer.received !== offset + part.length) {
			throw new Error(`the node has ${answer.received} of ${bytes.length} bytes and no document`);
		}
		({ upload, received: offset } = answer);
	}
}

/**
 * Have a node fetch a document, and open it for a reader.
 *
 * @param {WsProvider} node
 * @param {bigint} document Its number.
 * @param {string} reader Account that has an envelope.
 * @param {string} secret The key that it was sealed to, as text: `"x25519-secret:0x…"`.
 * @param {(bytes: Buffer) => void} take Gets the document part by part. All of it is there once this function has returned
 *   without an error.
 * @returns {Promise<number>} Bytes of the document.
 */
export function fetchFile(node, document, reader, secret, take) {
	return new Promise((resolve, reject) => {
		let received = 0;
		let subscription;
		let over = false;
		const settle = (outcome) => {
			if (!over) {
				over = true;
				forget();
				// The node may have ended it by itself.
				node.unsubscribe("rwa_documentPart", "rwa_stopFetching", subscription).catch(() => {});
				outcome();
			}
		};
		const fail = (reason) => settle(() => reject(new Error(reason)));
		const forget = node.on("disconnected", () => fail("the node has gone"));
		const onItem = (error, item) => {
			if (error || item.error) {
				fail(textOf(error ?? item.error));
			} else if (item.size !== undefined) {
				const whole = item.size === received;
				settle(whole ? () => resolve(received) : () => reject(new Error("parts are missing")));
			} else if (item.offset !== received) {
				fail("the parts are not in their order");
			} else if (!over) {
				const bytes = Buffer.from(item.bytes, "base64");
				received += bytes.length;
				take(bytes);
			}
		};
		node.subscribe("rwa_documentPart", "rwa_fetchDocument", [Number(document), reader, secret], onItem).then(
			(id) => (subscription = id),
			(error) => fail(error.message),
		);
	});
}

/** An error in words: the node gives a text, or an object with a message. */
const textOf = (error) => (typeof error === "string" ? error : (error.message ?? JSON.stringify(error)));
