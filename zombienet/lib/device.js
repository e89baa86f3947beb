// A device that signs what it measures, as docs/gateway.md and primitives/src/device.rs have it.

import { blake2AsHex, ed25519PairFromSeed, ed25519Sign } from "@polkadot/util-crypto";
import { SOURCES } from "../../scripts/js/lib/feed.js";

/** Before what is signed, so that it can't be taken for anything else. */
const TAG = Buffer.from("rwa/device/measurement/v1");

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
	 * Sign a measurement.
	 *
	 * @param {"Scalar"|"Point"|"Angle"|"Category"} kind
	 * @param {bigint | {latitude: bigint, longitude: bigint}} reading As the chain counts it.
	 * @param {number} [takenAt] When, in milliseconds since 1970.
	 * @returns {string} The JSON that it sends.
	 */
	measure(kind, reading, takenAt = Date.now()) {
		const { asset, source } = this.feed;
		const counter = ++this.counter;
		const payload = this.payload(kind, reading, counter, takenAt);
		this.signed.set(counter, { reading, hash: blake2AsHex(payload) });
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
			TAG,
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
