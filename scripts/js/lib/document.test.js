// The vectors that the crate `rwa-documents` made, computed again by an implementation that shares nothing
// with it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
	applySeal,
	chainCid,
	chainFile,
	cidName,
	cidOf,
	openBackup,
	openEnvelope,
	openHpke,
	openInner,
	openReplica,
	parseCid,
	parseReaderKey,
	parseReaderSecret,
	readerKey,
	readerSecretText,
	sealEnvelope,
	sealInner,
} from "./document.js";

const load = (path) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"));
const vectors = load("documents/tests/vectors/format.json");
const unhex = (text) => {
	assert.match(text, /^0x([0-9a-f]{2})*$/);
	return Buffer.from(text.slice(2), "hex");
};
const hex = (bytes) => `0x${bytes.toString("hex")}`;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

/** The SHA-256 of 0, 1, 2, …, each as eight bytes in little endian, cut to `size`. */
function content(size) {
	const digests = [];
	for (let number = 0; number * 32 < size; number++) {
		const bytes = Buffer.alloc(8);
		bytes.writeBigUInt64LE(BigInt(number));
		digests.push(sha256(bytes));
	}
	return Buffer.concat(digests).subarray(0, size);
}

const flip = (bytes, at) => {
	const flipped = Buffer.from(bytes);
	flipped[at < 0 ? bytes.length + at : at] ^= 1;
	return flipped;
};

test("CIDs are those that Kubo gives", () => {
	const { files } = load("primitives/tests/vectors/ipfs/kubo.json");
	assert.equal(files.length, 29);
	for (const { chunk, links, size, root } of files) {
		assert.equal(cidOf(content(size), { chunk, links }), root, `${size} bytes`);
	}
});

test("documents are sealed to the bytes of the vectors", () => {
	assert.equal(vectors.version, 1);
	assert.equal(vectors.documents.length, 10);
	for (const vector of vectors.documents) {
		const plain = content(vector.size);
		const inner = sealInner(plain, unhex(vector.inner_key), unhex(vector.salt));
		assert.equal(inner.length, vector.inner_size);
		assert.equal(hex(inner.subarray(0, 64)), vector.header);
		assert.equal(hex(sha256(inner)), vector.inner_sha256, `${vector.size} bytes`);
		for (const replica of [0, 1, 2]) {
			const sealed = applySeal(inner, unhex(vector.replica_root), replica);
			assert.equal(hex(sha256(sealed)), vector.replica_sha256[replica]);
			assert.equal(cidOf(sealed), vector.cids[replica]);
		}
	}
});

test("the replicas of the vectors are opened", () => {
	const shown = vectors.documents.filter(({ replicas }) => replicas);
	assert.deepEqual(
		shown.map(({ size }) => size),
		[0, 1],
	);
	for (const { replicas, replica_root, inner_key, inner, plain } of shown) {
		for (const replica of [0, 1, 2]) {
			const opened = applySeal(unhex(replicas[replica]), unhex(replica_root), replica);
			assert.equal(hex(opened), inner);
			assert.equal(hex(openInner(opened, unhex(inner_key))), plain);
		}
	}
});

test("what was altered, cut off or moved is not opened", () => {
	const key = Buffer.alloc(32, 1);
	const plain = content(140_000);
	const inner = sealInner(plain, key, Buffer.alloc(24, 2));
	assert.deepEqual(openInner(inner, key), plain);
	assert.throws(() => openInner(inner, Buffer.alloc(32, 3)), /the key is not the one/);
	assert.throws(() => openInner(flip(inner, 0), key), /not a document/);
	assert.throws(() => openInner(flip(inner, 7), key), /version 0/);
	assert.throws(() => openInner(flip(inner, 8), key), /the key is not the one/);
	assert.throws(() => openInner(flip(inner, 64), key), /segment 0/);
	assert.throws(() => openInner(flip(inner, 65_536), key), /segment 1/);
	assert.throws(() => openInner(flip(inner, -1), key), /segment 2/);
	assert.throws(() => openInner(inner.subarray(0, -1), key), /segment 2/);
	assert.throws(() => openInner(inner.subarray(0, 131_072), key), /segment 1/);
	assert.throws(() => openInner(inner.subarray(0, 131_080), key), /cut off/);
	assert.throws(() => openInner(inner.subarray(0, 79), key), /cut off/);
	const moved = Buffer.concat([
		inner.subarray(0, 65_536),
		inner.subarray(131_072),
		inner.subarray(65_536, 131_072),
	]);
	assert.throws(() => openInner(moved, key), /segment 1/);
});

test("a document is what all three replicas hold", () => {
	const keys = { innerKey: Buffer.alloc(32, 1), replicaRoot: Buffer.alloc(32, 4) };
	const replicas = (plain) => {
		const inner = sealInner(plain, keys.innerKey, Buffer.alloc(24, 2));
		return [0, 1, 2].map((replica) => applySeal(inner, keys.replicaRoot, replica));
	};
	const plain = content(70_000);
	const files = replicas(plain);
	const cids = files.map((file) => cidOf(file));
	for (const replica of [0, 1, 2]) {
		assert.deepEqual(openReplica(files[replica], replica, keys, cids), plain);
	}
	assert.throws(() => openReplica(files[0], 1, keys, cids), /not the file/);
	assert.throws(() => openReplica(flip(files[0], 9), 0, keys, cids), /not the file/);

	// One of another text, which its reader can open, and one in another's place.
	const [lie] = replicas(content(71_000));
	const lying = [cidOf(lie), cids[1], cids[2]];
	assert.throws(() => openReplica(lie, 0, keys, lying), /replica 1 is of another text/);
	assert.throws(() => openReplica(files[1], 1, keys, lying), /replica 0 is of another text/);
	const [a, b, c] = cids;
	assert.throws(() => openReplica(files[0], 0, keys, [a, c, b]), /replica 1 is of another text/);
});

test("HPKE is that of RFC 9180", () => {
	// Of the vectors that come with the RFC: mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002, first encryption.
	const plain = openHpke(
		Buffer.from("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d", "hex"),
		Buffer.from("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256", "hex"),
		Buffer.from("Ode on a Grecian Urn"),
		Buffer.from("Count-0"),
		Buffer.from(
			"e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a",
			"hex",
		),
	);
	assert.equal(plain.toString(), "Beauty is truth, truth beauty");
});

test("envelopes give what they were made with, to their reader and for their document", () => {
	assert.deepEqual(
		vectors.envelopes.map(({ role }) => role),
		["reader", "reader", "repairer"],
	);
	for (const vector of vectors.envelopes) {
		const envelope = unhex(vector.envelope);
		const secret = parseReaderSecret(vector.reader_secret);
		assert.equal(readerKey(secret), vector.reader_key);
		const subject = { genesis: unhex(vector.genesis), cids: vector.cids };
		const opened = openEnvelope(envelope, secret, subject);
		assert.equal(hex(opened.replicaRoot), vector.replica_root);
		assert.equal(opened.innerKey && hex(opened.innerKey), vector.inner_key);

		const refused = (envelope, secret, subject) =>
			assert.throws(() => openEnvelope(envelope, secret, subject), /for another key, document/);
		const [a, b, c] = vector.cids;
		refused(envelope, flip(secret, 5), subject);
		refused(envelope, secret, { ...subject, genesis: Buffer.alloc(32) });
		refused(envelope, secret, { ...subject, cids: [b, a, c] });
		for (const at of [2, 33, 34, -1]) refused(flip(envelope, at), secret, subject);
		refused(Buffer.from(envelope).fill(0, 2, 34), secret, subject);
		assert.throws(() => openEnvelope(flip(envelope, 0), secret, subject), /version 0/);
		assert.throws(() => openEnvelope(flip(envelope, 1), secret, subject), /role/);
		assert.throws(() => openEnvelope(envelope.subarray(0, -1), secret, subject), /length/);
	}
});

test("envelopes that are made here open like those of the vectors", () => {
	for (const vector of vectors.envelopes) {
		const secret = parseReaderSecret(vector.reader_secret);
		const document = { genesis: unhex(vector.genesis), cids: vector.cids };
		const secrets = openEnvelope(unhex(vector.envelope), secret, document);
		const made = sealEnvelope(vector.reader_key, secrets, document);
		assert.equal(made.length, unhex(vector.envelope).length);
		assert.deepEqual(openEnvelope(made, secret, document), secrets);
		// Under a key of its own each time.
		assert.notDeepEqual(sealEnvelope(vector.reader_key, secrets, document), made);
		const other = sealEnvelope(readerKey(flip(secret, 5)), secrets, document);
		assert.throws(() => openEnvelope(other, secret, document), /for another key, document/);
	}
});

test("a backup gives the key for its passphrase", () => {
	const { file, passphrase, reader_secret } = vectors.backup;
	const secret = parseReaderSecret(reader_secret);
	assert.deepEqual(openBackup(file, passphrase), secret);
	assert.throws(() => openBackup(file, `${passphrase}!`));
	assert.throws(() => openBackup({ ...file, version: 2 }, passphrase), /version 2/);
	const key = readerKey(Buffer.alloc(32, 1));
	assert.throws(() => openBackup({ ...file, key }, passphrase));
});

test("a wrong digit of a key or a CID is told", () => {
	const { reader_secret } = vectors.backup;
	const wrong = reader_secret.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
	assert.throws(() => parseReaderSecret(wrong), /a digit of the key is wrong/);
	assert.throws(() => parseReaderSecret("x25519:0x00"), /not x25519-secret:0x and 72/);
	assert.equal(readerSecretText(parseReaderSecret(reader_secret)), reader_secret);
	assert.throws(() => parseCid("Qm"), /not a CID/);
	const cid = vectors.documents[9].cids[0];
	assert.equal(parseCid(cid).length, 36);
});

test("what the chain is told of a file is its CID in parts, and its size", () => {
	const leaf = content(4_096);
	const digest = hex(sha256(leaf));
	assert.deepEqual(chainFile(leaf), { cid: { codec: "Raw", digest }, size: 4_096 });

	const node = chainFile(content(4_097));
	assert.equal(node.cid.codec, "DagPb");
	assert.deepEqual(node.cid, chainCid(cidOf(content(4_097))));
	for (const size of [4_096, 4_097]) {
		const name = cidOf(content(size));
		assert.equal(cidName(chainCid(name)), name);
	}
	// The first is of version 0, the second nothing.
	for (const text of ["QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n", `b${"a".repeat(58)}`]) {
		assert.throws(() => chainCid(text), /not a CID of a document/);
	}
});

test("a reader's public key is told to the chain as bytes", () => {
	const digits = "0f".repeat(32);
	assert.equal(parseReaderKey(`x25519:0x${digits}`), `0x${digits}`);
	for (const text of [`0x${digits}`, `x25519:0x${digits}0f`, `x25519-secret:0x${digits}`]) {
		assert.throws(() => parseReaderKey(text), /not x25519:0x and 64 hexadecimal digits/);
	}
});
