import assert from "node:assert/strict";
import { test } from "node:test";
import { blake2AsHex, ed25519Verify } from "@polkadot/util-crypto";
import { Device, snakeCase } from "./device.js";

const GENESIS = `0x${"07".repeat(32)}`;
const FEED = { asset: 258, source: "IotSensor" };
const device = () => new Device(new Uint8Array(32).fill(1), GENESIS, FEED);
const TAKEN_AT = 1_764_100_000_000;

/** What is signed of a measurement, written down by hand: the reading comes last. */
const signedBytes = (key, counter, reading) =>
	Buffer.concat([
		Buffer.from("rwa/device/measurement/v1"),
		Buffer.from(
			`${"07".repeat(32)}00${key.slice("ed25519:0x".length)}0201000001` +
				`${counter}00c98dbc9a010000${reading}`.replaceAll(" ", ""),
			"hex",
		),
	]);

test("what is signed is the measurement in SCALE behind tag and genesis", () => {
	const cases = [
		["Scalar", -2n, `00 fe${"ff".repeat(15)}`],
		["Point", { latitude: 1n, longitude: -1n }, "01 01000000 ffffffff"],
		["Angle", 359_999_999n, "02 ff 29 75 15"],
		["Category", 258n, "03 0201"],
	];
	for (const [kind, reading, bytes] of cases) {
		const signer = device();
		const payload = signer.payload(kind, reading, 1, TAKEN_AT);
		assert.equal(
			payload.toString("hex"),
			signedBytes(signer.key, "0100000000000000", bytes).toString("hex"),
			kind,
		);
	}
});

test("what is sent is signed, and the counter rises", () => {
	const signer = device();
	const first = JSON.parse(signer.measure("Scalar", 2_135n, TAKEN_AT));
	assert.deepEqual(first, {
		device: signer.key,
		asset: 258,
		source: "iot_sensor",
		counter: 1,
		taken_at: TAKEN_AT,
		reading: { scalar: "2135" },
		signature: first.signature,
	});
	const payload = signer.payload("Scalar", 2_135n, 1, TAKEN_AT);
	assert.ok(ed25519Verify(payload, first.signature, signer.pair.publicKey));
	assert.deepEqual(signer.signed.get(1), { reading: 2_135n, hash: blake2AsHex(payload) });
	assert.equal(JSON.parse(signer.measure("Angle", 5n)).counter, 2);
});

test("kinds of sources are spelled as in settings", () => {
	assert.equal(snakeCase("SatelliteImagery"), "satellite_imagery");
	assert.equal(snakeCase("GpsTracker"), "gps_tracker");
});
