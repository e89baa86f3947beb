// The vector is checked in Rust too: primitives/tests/announcement.rs what is said, and
// node/src/service/statements/gate.rs the statement, by the SDK's own types.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { Keyring } from "@polkadot/api";
import { cryptoWaitReady, sr25519Verify } from "@polkadot/util-crypto";
import {
	assetTopic,
	channelOf,
	cidTexts,
	decodeAnnouncement,
	decodeStatement,
	encodeAnnouncement,
	falsehood,
	isAddress,
	signAnnouncement,
	signingPayload,
	topic,
} from "./announcement.js";

const vector = JSON.parse(
	readFileSync(
		new URL("../../../primitives/tests/vectors/announcement.json", import.meta.url),
		"utf8",
	),
);
const unhex = (text) => Buffer.from(text.slice(2), "hex");
const hex = (bytes) => `0x${Buffer.from(bytes).toString("hex")}`;
const time = { expiresAt: vector.expires_at, sequence: vector.sequence };
const announcement = {
	genesis: vector.genesis,
	asset: vector.asset,
	document: BigInt(vector.document),
	files: vector.files.map(({ codec, digest, size }) => ({
		cid: { codec, digest },
		size: BigInt(size),
	})),
	addresses: vector.addresses,
};
const alice = () => new Keyring({ type: "sr25519" }).addFromUri("//Alice");

before(() => cryptoWaitReady());

test("an announcement has the bytes of the vector", () => {
	assert.equal(hex(encodeAnnouncement(announcement)), vector.data);
	assert.deepEqual(decodeAnnouncement(unhex(vector.data)), announcement);
	assert.deepEqual(cidTexts(announcement), vector.cids);
	assert.equal(hex(topic()), vector.topic);
	assert.equal(hex(assetTopic(vector.asset)), vector.asset_topic);
	assert.equal(hex(channelOf(vector.document)), vector.channel);
});

test("a statement has the bytes of the vector, and is signed", () => {
	const payload = signingPayload(announcement, time);
	const signed = unhex(vector.statement);
	// Number of fields, proof, of the first kind.
	assert.equal(hex(signed.subarray(0, 3)), "0x180000");
	assert.equal(hex(signed.subarray(99)), hex(payload));
	assert.equal(hex(signed.subarray(67, 99)), hex(alice().publicKey));
	assert.ok(sr25519Verify(payload, signed.subarray(3, 67), alice().publicKey));

	const again = signAnnouncement(announcement, time, alice());
	assert.equal(again.length, signed.length);
	assert.equal(hex(again.subarray(67)), hex(signed.subarray(67)));
	assert.ok(sr25519Verify(payload, again.subarray(3, 67), alice().publicKey));
});

test("a statement gives who has signed, until when, and what", () => {
	const { signer, expiresAt, announcement: said } = decodeStatement(unhex(vector.statement));
	assert.equal(hex(signer), hex(alice().publicKey));
	assert.equal(expiresAt, vector.expires_at);
	assert.deepEqual(said, announcement);
});

test("what is cut off, goes on, or is something else is refused", () => {
	const bytes = unhex(vector.data);
	for (let length = 0; length < bytes.length; length++) {
		assert.throws(() => decodeAnnouncement(bytes.subarray(0, length)), `${length} bytes`);
	}
	const changed = (at, value) => {
		const copy = Buffer.from(bytes);
		copy[at] = value;
		return copy;
	};
	assert.throws(() => decodeAnnouncement(Buffer.concat([bytes, Buffer.of(0)])), /goes on/);
	assert.throws(() => decodeAnnouncement(changed(0, 2)), /version 2/);
	assert.throws(() => decodeAnnouncement(changed(45, 2)), /a CID of no document/);
	assert.throws(() => decodeAnnouncement(changed(168, 9 << 2)), /longer than it may be/);
	// The first character of the first address.
	assert.throws(() => decodeAnnouncement(changed(171, 0x1b)), /an address is not one/);

	const statement = unhex(vector.statement);
	for (let length = 0; length < statement.length; length++) {
		assert.throws(() => decodeStatement(statement.subarray(0, length)), `${length} bytes`);
	}
	// Fields, proof, kind of proof, expiry, channel, topics, data.
	for (const at of [0, 1, 2, 99, 108, 109, 141, 142, 174, 175, 207]) {
		const copy = Buffer.from(statement);
		copy[at] ^= 1;
		assert.throws(() => decodeStatement(copy), `byte ${at}`);
	}
});

test("addresses are short texts without blanks", () => {
	assert.ok(isAddress("/ip4/203.0.113.7/tcp/4001"));
	assert.ok(isAddress(`/${"a".repeat(159)}`));
	for (const text of ["", "ip4", "/a b", "/\u001b[2J", "/ä", `/${"a".repeat(160)}`]) {
		assert.ok(!isAddress(text), text);
	}
	const encode = (addresses) => encodeAnnouncement({ ...announcement, addresses });
	assert.throws(() => encode(["nowhere"]), /"nowhere" is not an address/);
	assert.throws(() => encode(Array(9).fill("/a")), /there may be 8 addresses; 9 were given/);
	assert.doesNotThrow(() => encode(Array(8).fill(`/${"a".repeat(159)}`)));
});

test("an announcement is believed only if the chain says the same", () => {
	const statement = decodeStatement(unhex(vector.statement));
	const { genesis, asset, files } = announcement;
	const document = { owner: alice().publicKey, asset, files };
	assert.equal(falsehood(statement, document, genesis), undefined);

	const [one, two, three] = files;
	for (const [known, why] of [
		[undefined, /no such document/],
		[{ ...document, owner: new Uint8Array(32) }, /somebody else/],
		[{ ...document, asset: asset + 1 }, /another asset/],
		[{ ...document, files: [two, one, three] }, /other files/],
		[{ ...document, files: [{ ...one, size: one.size + 1n }, two, three] }, /other files/],
	]) {
		assert.match(falsehood(statement, known, genesis), why);
	}
	assert.match(falsehood(statement, document, `0x${"00".repeat(32)}`), /another chain/);
});
