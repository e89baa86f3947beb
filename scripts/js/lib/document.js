// Documents as docs/document-format.md describes them: sealing, opening, naming, envelopes, backups. With
// node:crypto alone, and written from the description, so that two implementations check each other. All of a
// document is in memory here; programs for large ones use the crate `rwa-documents`, which streams.

import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createHmac,
	createPrivateKey,
	createPublicKey,
	diffieHellman,
	hkdfSync,
	randomBytes,
	scryptSync,
	timingSafeEqual,
} from "node:crypto";

const VERSION = 1;
const MAGIC = Buffer.from("RWA-DOC");
const HEADER_BYTES = 64;
const SEGMENT_BYTES = 65_536;
const TAG_BYTES = 16;
const LAYOUT = { chunk: 4_096, links: 32 };
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

const sha256 = (...parts) => {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part);
	return hash.digest();
};

/** HKDF-SHA256 of a secret of 32 bytes. */
const derive = (salt, secret, info, length) =>
	Buffer.from(hkdfSync("sha256", secret, salt, info, length));

// ---- The inner ciphertext

/** What an inner ciphertext begins with. */
function header(key, salt) {
	const commitment = derive(salt, key, "rwa-document-1 inner commitment", 32);
	return Buffer.concat([MAGIC, Buffer.from([VERSION]), salt, commitment]);
}

/** Key, nonce of segment `index`, and associated data, for GCM. */
function segmentCipher(create, key, head, index, last) {
	const salt = head.subarray(8, 32);
	const nonce = Buffer.alloc(12);
	derive(salt, key, "rwa-document-1 inner nonce", 7).copy(nonce);
	nonce.writeUInt32BE(index, 7);
	nonce[11] = last ? 1 : 0;
	const cipher = create("aes-256-gcm", derive(salt, key, "rwa-document-1 inner key", 32), nonce);
	return cipher.setAAD(head);
}

/** The inner ciphertext of a document, under a key of 32 and a salt of 24 bytes. */
export function sealInner(plain, key, salt) {
	const head = header(key, salt);
	const sealed = [head];
	let start = 0;
	for (let index = 0; index === 0 || start < plain.length; index++) {
		const capacity = SEGMENT_BYTES - TAG_BYTES - (index === 0 ? HEADER_BYTES : 0);
		const end = Math.min(start + capacity, plain.length);
		const cipher = segmentCipher(createCipheriv, key, head, index, end === plain.length);
		sealed.push(cipher.update(plain.subarray(start, end)), cipher.final(), cipher.getAuthTag());
		start = end;
	}
	return Buffer.concat(sealed);
}

/** The document in an inner ciphertext. Throws if it was altered or cut off, or the key is another. */
export function openInner(inner, key) {
	if (inner.length < HEADER_BYTES + TAG_BYTES) throw new Error("the document is cut off");
	const head = inner.subarray(0, HEADER_BYTES);
	if (!head.subarray(0, 7).equals(MAGIC)) throw new Error("not a document");
	if (head[7] !== VERSION) throw new Error(`a document of version ${head[7]}`);
	if (!header(key, head.subarray(8, 32)).equals(head)) {
		throw new Error("the key is not the one that this document was encrypted with");
	}
	const plain = [];
	for (let index = 0; index * SEGMENT_BYTES < inner.length; index++) {
		const end = Math.min((index + 1) * SEGMENT_BYTES, inner.length);
		const segment = inner.subarray(index === 0 ? HEADER_BYTES : index * SEGMENT_BYTES, end);
		if (segment.length < TAG_BYTES) throw new Error("the document is cut off");
		const cipher = segmentCipher(createDecipheriv, key, head, index, end === inner.length);
		cipher.setAuthTag(segment.subarray(-TAG_BYTES));
		plain.push(cipher.update(segment.subarray(0, -TAG_BYTES)));
		try {
			cipher.final();
		} catch (cause) {
			throw new Error(`segment ${index} of the document was altered or cut off`, { cause });
		}
	}
	return Buffer.concat(plain);
}

// ---- Replicas

/** Puts the seal of replica 0, 1 or 2 on an inner ciphertext, or takes it off, which is the same. */
export function applySeal(bytes, root, replica) {
	const info = Buffer.concat([
		Buffer.from("rwa-document-1 replica key"),
		Buffer.from([replica]),
	]);
	const key = derive(Buffer.alloc(0), root, info, 32);
	return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(bytes);
}

/**
 * The document in replica 0, 1 or 2, with a reader's keys. `cids` are the document's three, as text. Throws if it
 * is another file, or if any of the three would be, made of the same text: then the publisher registered
 * different texts as one document.
 */
export function openReplica(bytes, replica, { innerKey, replicaRoot }, cids) {
	if (cidOf(bytes) !== cids[replica]) throw new Error(`not the file ${cids[replica]}`);
	const inner = applySeal(bytes, replicaRoot, replica);
	const plain = openInner(inner, innerKey);
	for (const other of [0, 1, 2]) {
		if (cidOf(applySeal(inner, replicaRoot, other)) !== cids[other]) {
			throw new Error(`replica ${other} is of another text: this is not one document`);
		}
	}
	return plain;
}

// ---- CIDs

function varint(value) {
	const bytes = [];
	let rest = BigInt(value);
	for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
	return Buffer.from([...bytes, Number(rest)]);
}

const field = (tag, bytes) => Buffer.concat([Buffer.from([tag]), varint(bytes.length), bytes]);
const number = (tag, value) => Buffer.concat([Buffer.from([tag]), varint(value)]);
const cidBytes = (codec, bytes) =>
	Buffer.concat([Buffer.from([1, codec, 0x12, 0x20]), sha256(bytes)]);

function nodeAbove(blocks) {
	const size = blocks.reduce((sum, block) => sum + block.share, 0);
	const links = blocks.map(({ cid, total }) =>
		field(
			0x12,
			Buffer.concat([field(0x0a, cid), field(0x12, Buffer.alloc(0)), number(0x18, total)]),
		),
	);
	const file = [number(0x08, 2), number(0x18, size)];
	for (const { share } of blocks) file.push(number(0x20, share));
	const node = Buffer.concat([...links, field(0x0a, Buffer.concat(file))]);
	const below = blocks.reduce((sum, block) => sum + block.total, 0);
	return { cid: cidBytes(0x70, node), share: size, total: node.length + below };
}

/** CID of a file as documents are added: `ipfs add --cid-version=1 --raw-leaves` and the layout's options. */
export function cidOf(bytes, { chunk, links } = LAYOUT) {
	let blocks = [];
	for (let start = 0; start === 0 || start < bytes.length; start += chunk) {
		const leaf = bytes.subarray(start, start + chunk);
		blocks.push({ cid: cidBytes(0x55, leaf), share: leaf.length, total: leaf.length });
	}
	while (blocks.length > 1) {
		const above = [];
		for (let start = 0; start < blocks.length; start += links) {
			above.push(nodeAbove(blocks.slice(start, start + links)));
		}
		blocks = above;
	}
	return cidText(blocks[0].cid);
}

/** A CID as text, from its 36 bytes. */
export function cidText(cid) {
	let bits = [...cid].map((byte) => byte.toString(2).padStart(8, "0")).join("");
	bits += "0".repeat((5 - (bits.length % 5)) % 5);
	return `b${bits.replace(/.{5}/g, (digit) => BASE32[Number.parseInt(digit, 2)])}`;
}

/** A CID in binary, from its text. */
export function parseCid(text) {
	if (!/^b[a-z2-7]{58}$/.test(text)) throw new Error(`not a CID of a document: ${text}`);
	const bits = [...text.slice(1)].map((digit) =>
		BASE32.indexOf(digit).toString(2).padStart(5, "0"),
	);
	const bytes = bits.join("").match(/.{8}/g);
	return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/**
 * A CID as the chain's calls and storage have it.
 *
 * @param {string} text
 * @returns {{codec: "Raw"|"DagPb", digest: string}}
 */
export function chainCid(text) {
	const bytes = parseCid(text);
	const codec = { 0x55: "Raw", 0x70: "DagPb" }[bytes[1]];
	if (bytes[0] !== 1 || !codec || bytes[2] !== 0x12 || bytes[3] !== 0x20) {
		throw new Error(`not a CID of a document: ${text}`);
	}
	return { codec, digest: `0x${bytes.subarray(4).toString("hex")}` };
}

/**
 * The text of a CID as the chain has it.
 *
 * @param {{codec: "Raw"|"DagPb", digest: string}} cid The digest in hexadecimal.
 * @returns {string}
 */
export function cidName({ codec, digest }) {
	const code = { Raw: 0x55, DagPb: 0x70 }[codec];
	const bytes = fromHex(digest, "0x", 32);
	return cidText(Buffer.concat([Buffer.from([1, code, 0x12, 0x20]), bytes]));
}

/**
 * A replica as `documents.registerDocument` takes it.
 *
 * @param {Uint8Array} bytes All of it.
 * @returns {{cid: {codec: string, digest: string}, size: number}}
 */
export const chainFile = (bytes) => ({ cid: chainCid(cidOf(bytes)), size: bytes.length });

// ---- Keys of readers

const PUBLIC = "x25519:0x";
const SECRET = "x25519-secret:0x";

function fromHex(text, prefix, length) {
	const digits = text.slice(prefix.length);
	if (!text.startsWith(prefix) || !/^[0-9a-f]*$/i.test(digits) || digits.length !== 2 * length) {
		throw new Error(`not ${prefix} and ${2 * length} hexadecimal digits`);
	}
	return Buffer.from(digits, "hex");
}

/** The public key of a reader as the chain has it, in hexadecimal, from its text. */
export const parseReaderKey = (text) => `0x${fromHex(text, PUBLIC, 32).toString("hex")}`;

/** The secret key of a reader, from its text. */
export function parseReaderSecret(text) {
	const bytes = fromHex(text, SECRET, 36);
	const secret = bytes.subarray(0, 32);
	const checksum = sha256("rwa-document-1 key text", secret).subarray(0, 4);
	if (!checksum.equals(bytes.subarray(32))) throw new Error("a digit of the key is wrong");
	return secret;
}

/** The secret key of a reader as text: for paper, or for what keeps passwords. */
export function readerSecretText(secret) {
	const checksum = sha256("rwa-document-1 key text", secret).subarray(0, 4);
	return `${SECRET}${Buffer.concat([secret, checksum]).toString("hex")}`;
}

const privateKey = (secret) =>
	createPrivateKey({
		key: Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), secret]),
		format: "der",
		type: "pkcs8",
	});

const publicBytes = (key) =>
	createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);

/** The public key of a reader as text, from the secret one. */
export const readerKey = (secret) => `${PUBLIC}${publicBytes(privateKey(secret)).toString("hex")}`;

/** The secret key in a backup, an object as its file has it. Throws if the passphrase is another. */
export function openBackup(file, passphrase) {
	if (file.version !== VERSION) throw new Error(`a backup of version ${file.version}`);
	const salt = fromHex(file.salt, "0x", 32);
	const sealed = fromHex(file.sealed, "0x", 48);
	const key = fromHex(file.key, PUBLIC, 32);
	const N = 2 ** file.scrypt_log_n;
	const maxmem = 128 * 8 * (N + 8);
	const cipher = createDecipheriv(
		"aes-256-gcm",
		scryptSync(passphrase, salt, 32, { N, r: 8, p: 1, maxmem }),
		Buffer.alloc(12),
	);
	const log = Buffer.from([file.scrypt_log_n]);
	cipher.setAAD(Buffer.concat([Buffer.from("rwa-document-1 backup"), log, salt, key]));
	cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
	const secret = cipher.update(sealed.subarray(0, -TAG_BYTES));
	cipher.final();
	if (readerKey(secret) !== file.key) throw new Error("the file names another key");
	return secret;
}

// ---- Envelopes: HPKE, RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM

const KEM = Buffer.from("4b454d0020", "hex"); // "KEM", 0x0020
const HPKE = Buffer.from("48504b45002000010002", "hex"); // "HPKE", 0x0020, 0x0001, 0x0002
const NOTHING = Buffer.alloc(0);

const hmac = (key, ...parts) => {
	const mac = createHmac("sha256", key);
	for (const part of parts) mac.update(part);
	return mac.digest();
};

const labeledExtract = (suite, salt, label, secret) => hmac(salt, "HPKE-v1", suite, label, secret);

/** At most 32 bytes: one round of HKDF-Expand. */
function labeledExpand(suite, key, label, info, length) {
	const start = Buffer.from([0, length]);
	return hmac(key, start, "HPKE-v1", suite, label, info, Buffer.from([1])).subarray(0, length);
}

/** What two keys of X25519 agree on. Throws for a key of low order, with which anybody would agree on the same. */
function agree(secret, key) {
	const spki = Buffer.from("302a300506032b656e032100", "hex");
	const shared = diffieHellman({
		privateKey: privateKey(secret),
		publicKey: createPublicKey({
			key: Buffer.concat([spki, key]),
			format: "der",
			type: "spki",
		}),
	});
	if (timingSafeEqual(shared, Buffer.alloc(32))) throw new Error("a key of low order");
	return shared;
}

/** Key and nonce of the one message under an encapsulated key. */
function hpkeKeys(shared, encapsulated, receiver, info) {
	const parties = Buffer.concat([encapsulated, receiver]);
	const extracted = labeledExtract(KEM, NOTHING, "eae_prk", shared);
	const kemSecret = labeledExpand(KEM, extracted, "shared_secret", parties, 32);

	const context = Buffer.concat([
		Buffer.from([0]),
		labeledExtract(HPKE, NOTHING, "psk_id_hash", NOTHING),
		labeledExtract(HPKE, NOTHING, "info_hash", info),
	]);
	const scheduled = labeledExtract(HPKE, kemSecret, "secret", NOTHING);
	return [
		labeledExpand(HPKE, scheduled, "key", context, 32),
		labeledExpand(HPKE, scheduled, "base_nonce", context, 12),
	];
}

/** What HPKE sealed, in one shot. Throws if anything is not as it was. */
export function openHpke(secret, encapsulated, info, associated, sealed) {
	const shared = agree(secret, encapsulated);
	const receiver = publicBytes(privateKey(secret));
	const [key, nonce] = hpkeKeys(shared, encapsulated, receiver, info);
	const cipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(associated);
	cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
	const plain = cipher.update(sealed.subarray(0, -TAG_BYTES));
	cipher.final();
	return plain;
}

/** Seals by HPKE, in one shot, to a public key: the encapsulated key, and what is sealed. */
function sealHpke(receiver, info, associated, plain) {
	const once = randomBytes(32);
	const encapsulated = publicBytes(privateKey(once));
	const [key, nonce] = hpkeKeys(agree(once, receiver), encapsulated, receiver, info);
	const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(associated);
	const sealed = [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
	return Buffer.concat([encapsulated, ...sealed]);
}

const envelopeInfo = ({ genesis, cids }, receiver) =>
	Buffer.concat([
		Buffer.from("rwa-document-1 envelope"),
		genesis,
		...cids.map(parseCid),
		receiver,
	]);

/**
 * What is in an envelope: `{ replicaRoot }`, and for readers `innerKey` too. `genesis` is the hash of the
 * chain's first block, `cids` are the document's three, as text. Throws if it is for another key, document or
 * chain.
 */
export function openEnvelope(envelope, secret, { genesis, cids }) {
	const [version, role] = envelope;
	if (version !== VERSION) throw new Error(`an envelope of version ${version}`);
	const length = { 1: 114, 2: 82 }[role];
	if (envelope.length !== length) throw new Error("not an envelope of a known role and its length");
	const info = envelopeInfo({ genesis, cids }, publicBytes(privateKey(secret)));
	const sealed = envelope.subarray(34);
	let plain;
	try {
		plain = openHpke(secret, envelope.subarray(2, 34), info, envelope.subarray(0, 2), sealed);
	} catch (cause) {
		throw new Error("the envelope is for another key, document or chain, or was altered", {
			cause,
		});
	}
	if (role === 2) return { replicaRoot: plain };
	return { innerKey: plain.subarray(0, 32), replicaRoot: plain.subarray(32) };
}

/**
 * An envelope for a reader, or without `innerKey` for a repairer.
 *
 * @param {string} receiver Its public key, as text.
 * @param {{innerKey?: Uint8Array, replicaRoot: Uint8Array}} secrets The document's.
 * @param {{genesis: Uint8Array, cids: string[]}} document As for `openEnvelope`.
 * @returns {Buffer}
 */
export function sealEnvelope(receiver, { innerKey, replicaRoot }, document) {
	const key = fromHex(receiver, PUBLIC, 32);
	const role = Buffer.from([VERSION, innerKey ? 1 : 2]);
	const secrets = Buffer.concat([innerKey ?? NOTHING, replicaRoot]);
	return Buffer.concat([role, sealHpke(key, envelopeInfo(document, key), role, secrets)]);
}
