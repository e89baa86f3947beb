// What every program that talks to the chain needs: connect, sign, and know for certain what became
// of a transaction.

import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import { formatDecimal, parseDecimal } from "./decimal.js";

/** Where a node on this machine listens unless told otherwise. */
export const DEFAULT_URL = "ws://127.0.0.1:9944";

/** How long to wait for a transaction to be final. The chain finalises in about a second. */
const FINALITY_MS = 120_000;

/** How often to ask whether a node is there yet. */
const POLL_MS = 250;

// Methods of our node, and some of the SDK's, that polkadot.js doesn't know. The node answers those about keys only to its
// own operator (`--rpc-methods unsafe`, on loopback).
const NODE_RPC = {
	author: {
		rotateKeysWithOwner: {
			description:
				"Make fresh session keys in the node's keystore, and their proof for an account",
			params: [{ name: "owner", type: "Bytes" }],
			type: "Json",
		},
	},
	rwa: {
		rotateAppKey: {
			description:
				"Make a fresh app key in the node's keystore, and its proof for an account",
			params: [{ name: "account", type: "AccountId" }],
			type: "Json",
		},
		hasAppKey: {
			description: "Whether the node's keystore holds the secret half of an app key",
			params: [{ name: "public", type: "H256" }],
			type: "bool",
		},
	},
	statement: {
		submit: {
			description: "Have an announcement stored and passed on",
			params: [{ name: "encoded", type: "Bytes" }],
			type: "Json",
		},
		subscribeStatement: {
			description: "Announcements that are stored, and those that come",
			params: [{ name: "topicFilter", type: "Json" }],
			pubsub: ["statement", "subscribeStatement", "unsubscribeStatement"],
			type: "Json",
		},
	},
};

/**
 * Connect to a node.
 *
 * @param {string} [url] WebSocket address of the node.
 * @param {object} [options]
 * @param {number} [options.waitMs] How long to wait for a node that is not there yet.
 * @returns {Promise<ApiPromise>} Ready to use. Call `disconnect()` on it at the end.
 * @throws {Error} Nothing that speaks JSON-RPC answers there.
 */
export async function connect(url = DEFAULT_URL, { waitMs = 0 } = {}) {
	await waitForNode(url, waitMs);
	// `noInitWarn`: polkadot.js would warn about transaction extensions that it doesn't know, which
	// add nothing to what is signed.
	return ApiPromise.create({
		provider: new WsProvider(url),
		rpc: NODE_RPC,
		noInitWarn: true,
		throwOnConnect: true,
	});
}

// A node answers HTTP on the same port. Asked first, because a failed WebSocket gives no reason.
async function waitForNode(url, waitMs) {
	const address = url.replace(/^ws/, "http");
	const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "system_chain", params: [] });
	const headers = { "content-type": "application/json" };
	for (const deadline = Date.now() + waitMs; ;) {
		let reason;
		try {
			const response = await fetch(address, { method: "POST", body, headers });
			if (response.ok) {
				return;
			}
			reason = `status ${response.status}`;
		} catch (error) {
			reason = error.cause?.code ?? error.message;
		}
		if (Date.now() >= deadline) {
			throw new Error(`no node answers at ${url} (${reason}); is it running?`);
		}
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}

/**
 * Token and address format, as the chain itself states them. Never assume them: other networks of
 * the same software may differ.
 *
 * @param {ApiPromise} api
 * @returns {{token: string, decimals: number, prefix: number}}
 */
export function chainUnits(api) {
	const [token] = api.registry.chainTokens;
	const [decimals] = api.registry.chainDecimals;
	return { token, decimals, prefix: api.registry.chainSS58 };
}

/** An amount as people write it, `"1.5"`, in the chain's smallest unit. */
export function parseAmount(api, text) {
	return parseDecimal(text, chainUnits(api).decimals);
}

/** An amount in the chain's smallest unit as people write it: `"1.5 RWA"`. */
export function formatAmount(api, amount) {
	const { token, decimals } = chainUnits(api);
	return `${formatDecimal(BigInt(amount), decimals)} ${token}`;
}

/**
 * The key pair of a secret URI: `//Alice`, or a phrase of words with an optional `//path`.
 *
 * @param {ApiPromise} api Its chain decides how the address is written.
 * @param {string} suri Secret. Take it from a file or a prompt, not from the command line.
 */
export function keyPair(api, suri) {
	return new Keyring({ type: "sr25519", ss58Format: chainUnits(api).prefix }).addFromUri(suri);
}

/** A transaction that the chain refused or that failed in its block. */
export class TransactionError extends Error {
	name = "TransactionError";
}

/**
 * Sign a transaction, send it, and wait until the block that holds it is final.
 *
 * Being in a block is not yet success: the call may have failed there, and a wrapper such as `sudo`,
 * `proxy` or `batch` succeeds even if the call within it failed. Both are looked for.
 *
 * @param {ApiPromise} api
 * @param {import("@polkadot/api/types").SubmittableExtrinsic<"promise">} tx
 * @param {import("@polkadot/keyring/types").KeyringPair} signer
 * @param {object} [options] Passed to `signAndSend`; `nonce: -1` counts transactions that wait.
 * @returns {Promise<{block: string, number: number, hash: string, events: object[]}>} The final
 *   block, and the events of this transaction in it.
 * @throws {TransactionError} It names the pallet's error and says what it means.
 */
export async function submitFinalised(api, tx, signer, options = { nonce: -1 }) {
	const result = await watchToFinality(tx, signer, options);
	const events = result.events.map(({ event }) => event);
	const failure = result.dispatchError ?? innerFailure(api, events);
	if (failure) {
		throw new TransactionError(`${describeCall(tx)} failed: ${describeError(api, failure)}`);
	}
	const block = result.status.asFinalized;
	const number = result.blockNumber ?? (await api.rpc.chain.getHeader(block)).number;
	return { block: block.toHex(), number: number.toNumber(), hash: result.txHash.toHex(), events };
}

function watchToFinality(tx, signer, options) {
	return new Promise((resolve, reject) => {
		let stop = () => {};
		let last = "not sent";
		const settle = (outcome) => {
			clearTimeout(timer);
			stop();
			outcome();
		};
		const fail = (reason) =>
			settle(() => reject(new TransactionError(`${describeCall(tx)} ${reason}`)));
		const timer = setTimeout(
			() => fail(`is not final after ${FINALITY_MS / 1_000} s; last status: ${last}`),
			FINALITY_MS,
		);
		tx.signAndSend(signer, options, (result) => {
			last = result.status.type;
			if (result.status.isFinalized) {
				settle(() => resolve(result));
			} else if (result.isError) {
				fail(`was not included: ${last}`);
			}
		}).then(
			(unsubscribe) => (stop = unsubscribe),
			(error) => fail(`was refused: ${error.message}`),
		);
	});
}

// Wrappers report the failure of the call within them in an event of their own.
function innerFailure(api, events) {
	for (const event of events) {
		if (api.events.utility?.BatchInterrupted?.is(event)) {
			return event.data.error;
		}
		const [wrapped] = [
			api.events.sudo?.Sudid?.is(event) && event.data.sudoResult,
			api.events.sudo?.SudoAsDone?.is(event) && event.data.sudoResult,
			api.events.proxy?.ProxyExecuted?.is(event) && event.data.result,
			api.events.multisig?.MultisigExecuted?.is(event) && event.data.result,
		].filter(Boolean);
		if (wrapped?.isErr) {
			return wrapped.asErr;
		}
	}
	return undefined;
}

/** `oracle.createFeed` and the like. */
function describeCall(tx) {
	return `${tx.method.section}.${tx.method.method}`;
}

/**
 * An error of a call in words: its pallet, its name, and what the runtime's documentation says.
 *
 * @param {ApiPromise} api
 * @param {import("@polkadot/types/interfaces").DispatchError} error
 * @returns {string}
 */
export function describeError(api, error) {
	if (!error.isModule) {
		return error.toString();
	}
	const { section, name, docs } = api.registry.findMetaError(error.asModule);
	return `${section}.${name}: ${docs.join(" ").trim()}`;
}

/** The fields of an event by name: `{ feed, round, value }`. */
export function fieldsOf(event) {
	return Object.fromEntries(
		(event.data.names ?? []).map((name, index) => [name, event.data[index]]),
	);
}
