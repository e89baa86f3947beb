import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { blake2AsHex, ed25519Verify } from "@polkadot/util-crypto";
import {
	Device,
	parseDefence,
	parseDeviceKey,
	parseDeviceSignature,
	parseMeasurement,
	parseProof,
	registrationPayload,
	snakeCase,
} from "./device.js";

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

// The same examples are checked in Rust: primitives/tests/device.rs.
test("the examples of the documentation are what a device signs", () => {
	const text = readFileSync(new URL("../../../docs/devices.md", import.meta.url), "utf8");
	const device = new Device(new Uint8Array(32).fill(1), GENESIS, FEED);
	const owner = new Uint8Array(32).fill(0x22);
	const registration = registrationPayload(GENESIS, owner, FEED.asset);
	assert.equal(example(text, "Example of a registration"), registration.toString("hex"));
	assert.ok(text.includes(device.agree(owner, FEED.asset)));
	const payload = device.payload("Scalar", 2_135n, 17, TAKEN_AT);
	assert.equal(example(text, "Example of a measurement"), payload.toString("hex"));
	assert.ok(text.includes(blake2AsHex(payload)));
	for (const reading of [2_135n, 2_500n]) {
		assert.ok(text.includes(device.sign("Scalar", reading, 17, TAKEN_AT)), `${reading}`);
	}
});

/** What is signed according to the block of bytes below a heading: the first word of each line. */
function example(text, heading) {
	const [, block] = text.split(`### ${heading}\n`)[1].split("```\n");
	return block.split("\n").map((line) => line.split(" ")[0]).join("");
}

test("what devices send becomes what the chain takes", () => {
	const device = new Device(new Uint8Array(32).fill(1), GENESIS, FEED);
	const { measurement, signature } = parseMeasurement(device.sign("Scalar", -5n, 17, TAKEN_AT));
	assert.deepEqual(measurement, {
		device: { Ed25519: device.key.split(":")[1] },
		feed: { asset: 258n, source: "IotSensor" },
		counter: 17n,
		takenAt: BigInt(TAKEN_AT),
		reading: { Scalar: -5n },
	});
	assert.equal(signature.Ed25519.length, 2 + 2 * 64);
	const place = { latitude: 476_101_500n, longitude: -5n };
	const readings = [
		["Point", place, { Point: place }],
		["Angle", 359_999_999n, { Angle: 359_999_999n }],
		["Category", 258n, { Category: 258n }],
	];
	for (const [kind, value, expected] of readings) {
		const json = device.sign(kind, value, 1, TAKEN_AT);
		assert.deepEqual(parseMeasurement(json).measurement.reading, expected);
	}
});

test("no digit is lost of what is too large for a number", () => {
	const json = (counter) =>
		device().sign("Scalar", 1n, 1, TAKEN_AT).replace('"counter":1', `"counter":${counter}`);
	const counter = ({ measurement }) => measurement.counter;
	assert.equal(counter(parseMeasurement(json('"18446744073709551615"'))), 2n ** 64n - 1n);
	assert.throws(() => parseMeasurement(json("18446744073709551615")), /counter is too large/);
	for (const wrong of ['"1.5"', "1.5", '"0x1"', "null", '""']) {
		assert.throws(() => parseMeasurement(json(wrong)), /counter is not a whole number/, wrong);
	}
});

test("keys and signatures have the length of their kind", () => {
	const compressed = `0x02${"ab".repeat(32)}`;
	assert.deepEqual(parseDeviceKey(`secp256k1:${compressed}`), { Secp256k1: compressed });
	const signature = `0x${"ab".repeat(65)}`;
	assert.deepEqual(parseDeviceSignature("secp256k1:0x", signature), { Secp256k1: signature });
	assert.throws(() => parseDeviceKey(`ed25519:${compressed}`), /0x and 64 hexadecimal digits/);
	assert.throws(() => parseDeviceSignature("ed25519:0x", signature), /0x and 128 hexadecimal/);
	for (const text of ["", "0x", "rsa:0x00", "constructor:0x"]) {
		assert.throws(() => parseDeviceKey(text), /begins with ed25519:, sr25519:, secp256k1:/);
	}
	const [unknown, nothing] = ['"source":"rumour"', '"reading":{}'];
	const json = device().sign("Scalar", 1n, 1, TAKEN_AT);
	const source = json.replace('"source":"iot_sensor"', unknown);
	assert.throws(() => parseMeasurement(source), /"rumour" is no kind of source/);
	const reading = json.replace('"reading":{"scalar":"1"}', nothing);
	assert.throws(() => parseMeasurement(reading), /a reading is a scalar, a point/);
});

// primitives/tests/device.rs checks that nodes log this.
test("what nodes log becomes what shows or clears a report", () => {
	const reporter = `0x${"22".repeat(32)}`;
	const measurement = JSON.parse(device().sign("Scalar", 2_135n, 17, TAKEN_AT));
	const { measurement: signed, signature } = parseMeasurement(JSON.stringify(measurement));
	const feed = { asset: 258n, source: "IotSensor" };
	const defence = parseDefence(JSON.stringify({ round: 5, reporter, measurement }));
	assert.deepEqual(defence, { feed, round: 5, reporter, signed: { measurement: signed, signature } });

	const hash = `0x${"ab".repeat(32)}`;
	const lie = { round: 5, reporter, reading: { scalar: "2500" }, hash, measurement };
	const { observation, ...rest } = parseProof(JSON.stringify(lie));
	assert.deepEqual(rest, defence);
	const evidence = { device: signed.device, counter: 17n, digest: hash };
	assert.deepEqual(observation, {
		reading: { Scalar: 2_500n },
		evidence: { Measurement: evidence },
	});

	for (const [wrong, why] of [
		[{ round: 0 }, /round is not the number of a round/],
		[{ reporter: "//Alice" }, /a reporter's public key is 0x and 64 hexadecimal digits/],
		[{ hash: "0x" }, /the hash of a measurement is 0x and 64/],
		[{ reading: {} }, /a reading is a scalar/],
		[{ measurement: undefined }, /begins with|is no kind of source/],
	]) {
		assert.throws(() => parseProof(JSON.stringify({ ...lie, ...wrong })), why);
	}
});
