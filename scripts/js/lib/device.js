// Devices: what they sign, byte by byte, and how others read it. docs/devices.md says the same in words.

import { blake2AsHex, ed25519PairFromSeed, ed25519Sign } from "@polkadot/util-crypto";
import { SOURCES } from "./feed.js";

/** Before what is signed, so that one thing can't be taken for the other. */
const MEASUREMENT_TAG = Buffer.from("rwa/device/measurement/v1");
const REGISTRATION_TAG = Buffer.from("rwa/device/registration/v1");

/** Kinds of keys, as text and as the chain spells them; how many bytes keys and signatures have. */
const KINDS = {
	ed25519: { name: "Ed25519", key: 32, signature: 64 },
	sr25519: { name: "Sr25519", key: 32, signature: 64 },
	secp256k1: { name: "Secp256k1", key: 33, signature: 65 },
};

/** How each kind of reading is encoded in SCALE, after the number of its kind, and how in JSON. */
const READINGS = {
	Scalar: {
		bytes: (value) => integer(value, 16),
		json: (value) => ({ scalar: value.toString() }),
	},
	Point: {
		bytes: ({ latitude, longitude }) =>
			Buffer.concat([integer(latitude, 4), integer(longitude, 4)]),
		json: ({ latitude, longitude }) => ({
			point: { latitude: Number(latitude), longitude: Number(longitude) },
		}),
	},
	Angle: {
		bytes: (value) => integer(value, 4),
		json: (value) => ({ angle: Number(value) }),
	},
	Category: {
		bytes: (value) => integer(value, 2),
		json: (value) => ({ category: Number(value) }),
	},
};

/**
 * A device's key from text: `"ed25519:0x…"`.
 *
 * @param {string} text
 * @returns {Record<string, string>} As calls and queries take it: `{ Ed25519: "0x…" }`.
 */
export function parseDeviceKey(text) {
	const [kind, key] = String(text).split(":");
	const { name, key: bytes } = kindOf(kind);
	return { [name]: ofLength(key, bytes, "a device's key of this kind") };
}

/**
 * A device's signature, of the kind that its key has.
 *
 * @param {string} device The key, as text.
 * @param {string} signature In hexadecimal, with `0x`.
 * @returns {Record<string, string>} As calls take it.
 */
export function parseDeviceSignature(device, signature) {
	const { name, signature: bytes } = kindOf(String(device).split(":")[0]);
	return { [name]: ofLength(signature, bytes, "a device's signature of this kind") };
}

function kindOf(kind) {
	if (!Object.hasOwn(KINDS, kind)) {
		throw new Error(`a device's key begins with ${Object.keys(KINDS).join(":, ")}:`);
	}
	return KINDS[kind];
}

function ofLength(text, bytes, what) {
	if (!new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`, "i").test(text)) {
		throw new Error(`${what} is 0x and ${2 * bytes} hexadecimal digits`);
	}
	return text;
}

/**
 * A signed measurement as calls take it, from the JSON that devices send. The signature isn't verified.
 *
 * @param {string} json
 * @returns {{measurement: object, signature: object}}
 */
export function parseMeasurement(json) {
	return measurementOf(JSON.parse(json));
}

function measurementOf({ device, asset, source, counter, taken_at, reading, signature }) {
	const kind = SOURCES.find((name) => snakeCase(name) === source);
	if (!kind) {
		throw new Error(`"${source}" is no kind of source; there are ${SOURCES.map(snakeCase).join(", ")}`);
	}
	return {
		measurement: {
			device: parseDeviceKey(device),
			feed: { asset: exact("asset", asset), source: kind },
			counter: exact("counter", counter),
			takenAt: exact("taken_at", taken_at),
			reading: parseReading(reading),
		},
		signature: parseDeviceSignature(device, signature),
	};
}

/**
 * What shows that a report was made up, from the JSON that a node logs: what `oracle.proveManipulation` takes.
 *
 * @param {string} json `{"round", "reporter", "reading", "hash", "measurement"}`: what the reporter has revealed, and the
 *   measurement that the device has signed. The device and the counter are that measurement's.
 * @returns {{feed: object, round: number, reporter: string, observation: object, signed: object}}
 */
export function parseProof(json) {
	const { round, reporter, reading, hash, measurement } = JSON.parse(json);
	const signed = measurementOf(measurement ?? {});
	const { device, counter, feed } = signed.measurement;
	const digest = ofLength(hash, 32, "the hash of a measurement");
	const evidence = { device, counter, digest };
	return {
		feed,
		...accused({ round, reporter }),
		observation: { reading: parseReading(reading), evidence: { Measurement: evidence } },
		signed,
	};
}

/**
 * What clears a reporter, from the JSON that its node logs: what `oracle.absolve` takes.
 *
 * @param {string} json `{"round", "reporter", "measurement"}`: the measurement that the reporter has revealed.
 * @returns {{feed: object, round: number, reporter: string, signed: object}}
 */
export function parseDefence(json) {
	const { round, reporter, measurement } = JSON.parse(json);
	const signed = measurementOf(measurement ?? {});
	return { feed: signed.measurement.feed, ...accused({ round, reporter }), signed };
}

/** Who has revealed something, and in which round. */
function accused({ round, reporter }) {
	if (!Number.isInteger(round) || round < 1) {
		throw new Error("round is not the number of a round");
	}
	return { round, reporter: ofLength(reporter, 32, "a reporter's public key") };
}

function parseReading(reading) {
	const [[kind, value] = []] = Object.entries(reading ?? {});
	switch (kind) {
		case "scalar":
			return { Scalar: exact(kind, value) };
		case "point":
			return {
				Point: {
					latitude: exact("latitude", value.latitude),
					longitude: exact("longitude", value.longitude),
				},
			};
		case "angle":
			return { Angle: exact(kind, value) };
		case "category":
			return { Category: exact(kind, value) };
		default:
			throw new Error("a reading is a scalar, a point, an angle or a category");
	}
}

/** A whole number of JSON. JavaScript has lost digits of large ones by now, unless they are strings. */
function exact(name, value) {
	const whole = typeof value === "string" ? /^-?\d+$/.test(value) : Number.isInteger(value);
	if (!whole) {
		throw new Error(`${name} is not a whole number`);
	}
	if (typeof value === "number" && !Number.isSafeInteger(value)) {
		throw new Error(`${name} is too large for a number here: write it as a string`);
	}
	return BigInt(value);
}

/**
 * What a device signs to be registered.
 *
 * @param {string} genesis Hash of the chain, in hexadecimal.
 * @param {Uint8Array} owner Public key of the account that will register it.
 * @param {number} asset The asset that it will measure.
 * @returns {Buffer}
 */
export function registrationPayload(genesis, owner, asset) {
	return Buffer.concat([
		REGISTRATION_TAG,
		Buffer.from(genesis.slice(2), "hex"),
		owner,
		integer(asset, 4),
	]);
}

/** A device whose secret is here. */
export class Device {
	/**
	 * @param {Uint8Array} seed Secret, 32 bytes.
	 * @param {string} genesis Hash of the chain that it measures for, in hexadecimal.
	 * @param {{asset: number, source: string}} feed The feed that it measures for.
	 */
	constructor(seed, genesis, feed) {
		const pair = ed25519PairFromSeed(seed);
		const key = `ed25519:0x${hex(pair.publicKey)}`;
		/** By counter, what it has signed: the reading, and the hash that names the measurement. */
		const signed = new Map();
		Object.assign(this, { pair, key, genesis, feed, signed, counter: 0 });
	}

	/**
	 * Agree to measure an asset.
	 *
	 * @param {Uint8Array} owner Public key of the account that will register the device.
	 * @param {number} asset
	 * @returns {string} The proof that registering it takes.
	 */
	agree(owner, asset) {
		const payload = registrationPayload(this.genesis, owner, asset);
		return `0x${hex(ed25519Sign(payload, this.pair))}`;
	}

	/**
	 * Sign a measurement, with a counter above all before.
	 *
	 * @param {"Scalar"|"Point"|"Angle"|"Category"} kind
	 * @param {bigint | {latitude: bigint, longitude: bigint}} reading As the chain counts it.
	 * @param {number} [takenAt] When, in milliseconds since 1970.
	 * @returns {string} The JSON that it sends.
	 */
	measure(kind, reading, takenAt = Date.now()) {
		const counter = ++this.counter;
		const payload = this.payload(kind, reading, counter, takenAt);
		this.signed.set(counter, { reading, hash: blake2AsHex(payload) });
		return this.sign(kind, reading, counter, takenAt);
	}

	/** Sign a measurement with a counter that may have been used: no honest device does. */
	sign(kind, reading, counter, takenAt) {
		const { asset, source } = this.feed;
		const payload = this.payload(kind, reading, counter, takenAt);
		return JSON.stringify({
			device: this.key,
			asset,
			source: snakeCase(source),
			counter,
			taken_at: takenAt,
			reading: READINGS[kind].json(reading),
			signature: `0x${hex(ed25519Sign(payload, this.pair))}`,
		});
	}

	/** What is signed. */
	payload(kind, reading, counter, takenAt) {
		const { asset, source } = this.feed;
		return Buffer.concat([
			MEASUREMENT_TAG,
			Buffer.from(this.genesis.slice(2), "hex"),
			// Of the kinds of keys the first.
			Buffer.of(0),
			this.pair.publicKey,
			integer(asset, 4),
			Buffer.of(SOURCES.indexOf(source)),
			integer(counter, 8),
			integer(takenAt, 8),
			Buffer.of(Object.keys(READINGS).indexOf(kind)),
			READINGS[kind].bytes(reading),
		]);
	}
}

/** How JSON and settings spell a kind of source: `IotSensor` is `iot_sensor`. */
export function snakeCase(source) {
	return source.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase();
}

/** A whole number in little-endian bytes, negative ones as two's complement. */
function integer(value, bytes) {
	const unsigned = BigInt.asUintN(8 * bytes, BigInt(value));
	return Buffer.from(unsigned.toString(16).padStart(2 * bytes, "0"), "hex").reverse();
}

function hex(bytes) {
	return Buffer.from(bytes).toString("hex");
}
