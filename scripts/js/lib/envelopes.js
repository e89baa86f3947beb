// Envelopes of documents: who may read them, and who may repair them.

import { sealEnvelope } from "./document.js";
import { callView } from "./view.js";

const unhex = (text) => Buffer.from(text.slice(2), "hex");

/**
 * The call that gives somebody the keys of a document.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} document
 * @param {bigint} document.document Its number.
 * @param {string[]} document.cids Its three, as text.
 * @param {{inner: string, root: string}} document.keys Its own, in hexadecimal.
 * @param {"Read"|"Repair"} purpose
 * @param {string} account Whose key it is sealed to.
 */
export async function envelopeCall(api, { document, cids, keys }, purpose, account) {
	const { key, version } = await readerKeyOf(api, account);
	const secrets = { replicaRoot: unhex(keys.root) };
	if (purpose === "Read") {
		secrets.innerKey = unhex(keys.inner);
	}
	const sealed = sealEnvelope(key, secrets, { genesis: api.genesisHash.toU8a(), cids });
	return api.tx.documents.addEnvelope(document, purpose, account, version, `0x${sealed.toString("hex")}`);
}

/** The key that envelopes for an account are sealed to, as text, and its number. */
async function readerKeyOf(api, account) {
	const entry = await callView(api, "Documents", "reader_key", [account]);
	if (entry.isNone) {
		throw new Error(`${account} has no reader's key: it has to register one (set-reader-key.js)`);
	}
	const { key, version } = entry.unwrap();
	return { key: `x25519:${key.toHex()}`, version: version.toBigInt() };
}

/** An account's envelope, in bytes. `undefined`: it has none. */
export async function envelopeOf(api, document, purpose, account) {
	const entry = await callView(api, "Documents", "envelope", [document, purpose, account]);
	return entry.isNone ? undefined : Buffer.from(entry.unwrap().sealed.toU8a(true));
}
