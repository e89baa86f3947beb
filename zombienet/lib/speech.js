// What an operator's node says to the chain, made by hand: for reporters that no honest node would be.

import { compactAddLength, stringToU8a, u8aConcat, u8aToHex } from "@polkadot/util";
import { blake2AsU8a } from "@polkadot/util-crypto";

const POSSESSION = stringToU8a("rwa/app-key/possession/v1");
const BATCH = stringToU8a("rwa/oracle/batch/v1");
const COMMITMENT = stringToU8a("rwa/oracle/commitment/v1");

/** Version 5 of the format, and the mark of a general transaction (SDK, sp-runtime, `Preamble`). */
const GENERAL = 0b0100_0101;
/** Of the set of extensions. */
const EXTENSION_VERSION = 0;
/**
 * The extensions of a worker's transaction, in the order of `TxExtension` in runtime/src/lib.rs, as far as they have
 * content: immortal, nonce 0, no tip, no metadata hash.
 */
const EXTENSIONS = Uint8Array.of(0, 0, 0, 0);

const NO_SIGNATURE = new Uint8Array(64);

/** The proof that the holder of an app key agrees to act for an account. */
export function possessionProof(api, pair, account) {
	return pair.sign(u8aConcat(POSSESSION, genesis(api), accountBytes(api, account), pair.publicKey));
}

/**
 * What a reporter commits to before it reveals an observation.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} word
 * @param {{asset: number, source: string}} word.feed
 * @param {number} word.round
 * @param {string} word.reporter Its address.
 * @param {object} word.observation As polkadot.js takes it: `{ reading: { Scalar: 5n }, evidence: null }`.
 * @param {Uint8Array} word.salt 32 bytes.
 * @returns {Uint8Array}
 */
export function commitmentOf(api, { feed, round, reporter, observation, salt }) {
	const statement = { feed, round, word: { Reveal: { observation, salt } } };
	const [encoded] = callOf(api, NO_SIGNATURE, [statement]).args[0].statements;
	const reveal = encoded.word.asReveal;
	return blake2AsU8a(
		u8aConcat(
			...[COMMITMENT, genesis(api), encoded.feed.toU8a(), encoded.round.toU8a()],
			...[accountBytes(api, reporter), reveal.observation.toU8a(), salt],
		),
	);
}

/**
 * The transaction that says something in rounds, in hexadecimal: for `author_submitExtrinsic`.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {import("@polkadot/keyring/types").KeyringPair} pair The app key.
 * @param {{feed: object, round: number, word: object | string}[]} statements
 */
export function speechOf(api, pair, statements) {
	const [batch] = callOf(api, NO_SIGNATURE, statements, pair).args;
	const signature = pair.sign(u8aConcat(BATCH, genesis(api), batch.toU8a()));
	const call = callOf(api, signature, statements, pair);
	return u8aToHex(generalTransaction(call.toU8a()));
}

/** The transaction that makes an encoded call whose authority is within the call, its length in front. */
export function generalTransaction(call) {
	return compactAddLength(u8aConcat(Uint8Array.of(GENERAL, EXTENSION_VERSION), EXTENSIONS, call));
}

function callOf(api, signature, statements, pair) {
	const key = pair?.publicKey ?? new Uint8Array(32);
	return api.tx.oracle.submit({ key, statements }, signature).method;
}

function genesis(api) {
	return api.genesisHash.toU8a();
}

function accountBytes(api, account) {
	return api.registry.createType("AccountId", account).toU8a();
}
