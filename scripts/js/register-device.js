#!/usr/bin/env node
// Register a device on an asset, so that reports to the asset's feeds can name what it signs.
//
// The device's secret stays in the device: it signs once that it agrees, and its owner sends that.

import { readFileSync } from "node:fs";
import { formatAmount, keyPair, submitFinalised } from "./lib/chain.js";
import { readSecret, required, runAsProgram, SECRET_OPTIONS } from "./lib/cli.js";
import { Device, parseDeviceKey, parseDeviceSignature, registrationPayload } from "./lib/device.js";

/**
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} owner Owns the asset, and pays the deposit.
 * @param {object} device
 * @param {string} device.key As text: `"ed25519:0x…"`.
 * @param {number} device.asset
 * @param {string} device.proof The device's signature over `registrationPayload`, in hexadecimal.
 * @returns {Promise<{number: number, deposit: bigint}>} The final block, and what is held for the device.
 */
export async function registerDevice(api, owner, { key, asset, proof }) {
	const call = api.tx.devices.registerDevice(
		parseDeviceKey(key),
		asset,
		parseDeviceSignature(key, proof),
	);
	const { number, events } = await submitFinalised(api, call, owner);
	const registered = events.find((event) => api.events.devices.DeviceRegistered.is(event));
	return { number, deposit: registered.data.deposit.toBigInt() };
}

await runAsProgram(import.meta.url, {
	usage: `Register a device on an asset that you own.

Usage: node scripts/js/register-device.js --suri-file FILE --asset 1 \\
         --device ed25519:0x… [--proof 0x…]

Without a proof, prints what the device must sign. docs/devices.md says how it is made.

  --asset NUMBER        the asset that the device measures
  --device KEY          the device's public key
  --proof SIGNATURE     what the device has signed, in hexadecimal
  --device-seed-file F  file with the device's secret seed, 64 hexadecimal digits, instead of key
                        and proof: for an ed25519 device whose key is made here
  --suri-file FILE      file with the owner's secret phrase
  --suri SURI           a well-known test key instead, such as //Alice
`,
	options: {
		...SECRET_OPTIONS,
		asset: { type: "string" },
		device: { type: "string" },
		proof: { type: "string" },
		"device-seed-file": { type: "string" },
	},
	async main(api, values) {
		const owner = keyPair(api, readSecret(values));
		const asset = parseAsset(required(values, "asset"));
		const genesis = api.genesisHash.toHex();
		const { key, proof } = values["device-seed-file"]
			? agreement(readSeed(values["device-seed-file"]), genesis, owner.publicKey, asset)
			: { key: required(values, "device"), proof: values.proof };
		if (proof === undefined) {
			parseDeviceKey(key);
			const payload = registrationPayload(genesis, owner.publicKey, asset);
			console.log(`the device must sign these bytes: 0x${payload.toString("hex")}`);
			return;
		}
		const { number, deposit } = await registerDevice(api, owner, { key, asset, proof });
		const held = formatAmount(api, deposit);
		console.log(`${key} measures asset ${asset}, final in block ${number}; ${held} are held`);
	},
});

function agreement(seed, genesis, owner, asset) {
	const device = new Device(seed, genesis);
	return { key: device.key, proof: device.agree(owner, asset) };
}

function readSeed(file) {
	const text = readFileSync(file, "utf8").trim().replace(/^0x/, "");
	if (!/^[0-9a-f]{64}$/i.test(text)) {
		throw new Error(`${file} doesn't hold 64 hexadecimal digits`);
	}
	return Buffer.from(text, "hex");
}

function parseAsset(text) {
	if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffff_ffff) {
		throw new Error(`"${text}" is not an asset's number`);
	}
	return Number(text);
}
