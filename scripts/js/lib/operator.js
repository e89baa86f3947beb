// Operators of nodes: accounts that are registered in a role, with an app key in the node that acts for them.

import { submitFinalised } from "./chain.js";

/**
 * Make a fresh app key in the node's keystore and register it for the operator's account; before that,
 * in the same transaction, register the account, unless it is registered. An earlier key is replaced.
 *
 * @param {import("@polkadot/api").ApiPromise} api The operator's own node, which must allow unsafe
 *   methods to its operator. By default it does so on loopback, and nowhere else.
 * @param {import("@polkadot/keyring/types").KeyringPair} operator Signs and pays fee, stake and deposits.
 * @param {string} role `"Oracle"` or `"Storage"`.
 * @param {object} [place] Where the node is; needed by an account that is not registered yet.
 * @param {string} place.region The country, as two capital letters: `"DE"`.
 * @param {string} place.endpoint The multiaddress under which clients reach the node.
 * @param {bigint} [place.stake] In the chain's smallest unit; by default the least.
 * @param {object[]} [further] Calls that follow in the same transaction.
 * @returns {Promise<{account: string, key: string, number: number}>} The account, its app key and
 *   the final block.
 */
export async function registerOperator(api, operator, role, place, further = []) {
	const calls = [];
	if ((await api.query.nodeRegistry.nodes(operator.address)).isNone) {
		calls.push(await registration(api, role, place));
	}
	const rotated = await api.rpc.rwa.rotateAppKey(operator.address);
	const { public: key, proof } = rotated.toJSON();
	calls.push(api.tx.nodeRegistry.registerAppKey(role, key, proof), ...further);
	const { number } = await submitFinalised(api, api.tx.utility.batchAll(calls), operator);
	return { account: operator.address, key, number };
}

async function registration(api, role, place) {
	if (!place?.region || !place.endpoint) {
		throw new Error(
			"the account is not registered yet: say where it is with --region and --endpoint; see --help",
		);
	}
	const stake = place.stake ?? (await leastStake(api, role));
	return api.tx.nodeRegistry.register(role, place.region, place.endpoint, stake);
}

async function leastStake(api, role) {
	const tiers = await api.query.nodeRegistry.tiers(role);
	return tiers[tiers.length - 1][1].minimum.toBigInt();
}
