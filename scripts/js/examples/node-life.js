#!/usr/bin/env node
// The whole life of a node in the registry: register with a stake, change, withdraw, leave.

import { formatAmount, keyPair, parseAmount, submitFinalised } from "../lib/chain.js";
import { runAsProgram } from "../lib/cli.js";

/** What the registry says of an account, in plain values. `undefined`: it is not registered. */
export async function nodeOf(api, account) {
	const entry = await api.query.nodeRegistry.nodes(account);
	if (entry.isNone) {
		return undefined;
	}
	const node = entry.unwrap();
	return {
		role: node.role.toString(),
		region: Buffer.from(node.region.toU8a()).toString(),
		endpoint: Buffer.from(node.endpoint.toU8a(true)).toString(),
		stake: node.stake.toBigInt(),
		minimum: node.minimum.toBigInt(),
		leaving: node.leaving.isTrue,
	};
}

/**
 * The tier of a role: what it asks, what a fault costs, and what it pays, the last two in parts per
 * billion.
 */
export async function tierOf(api, role) {
	const history = await api.query.nodeRegistry.tiers(role);
	const [, tier] = history[history.length - 1];
	return {
		minimum: tier.minimum.toBigInt(),
		slash: tier.slash.toNumber(),
		yearlyReward: tier.yearlyReward.toNumber(),
	};
}

/** Accounts registered in a role, and in a region if one is given. */
export async function nodesIn(api, role, region) {
	const keys = await api.query.nodeRegistry.listed.keys(...(region ? [role, region] : [role]));
	return keys.map(({ args: [, , account] }) => account.toString());
}

/** Register an account as a node: holds stake and deposit. */
export async function register(api, signer, { role, region, endpoint, stake }) {
	const call = api.tx.nodeRegistry.register(role, region, endpoint, stake);
	return submitFinalised(api, call, signer);
}

/** Put more at stake. */
export async function bondMore(api, signer, amount) {
	return submitFinalised(api, api.tx.nodeRegistry.bondMore(amount), signer);
}

/** Say that the node moved. */
export async function update(api, signer, { region, endpoint }) {
	return submitFinalised(api, api.tx.nodeRegistry.updateNode(region, endpoint), signer);
}

/** Begin to withdraw a part of the stake. It stays within reach of penalties for the unbonding time. */
export async function unbond(api, signer, amount) {
	return submitFinalised(api, api.tx.nodeRegistry.unbond(amount), signer);
}

/** Stop for a while: nobody expects heartbeats, and nothing is earned. */
export async function chill(api, signer) {
	return submitFinalised(api, api.tx.nodeRegistry.chill(), signer);
}

/** Go on after `chill`. */
export async function unchill(api, signer) {
	return submitFinalised(api, api.tx.nodeRegistry.unchill(), signer);
}

/** Begin to leave: the node stops working, and all of its stake begins to unbond. */
export async function leave(api, signer) {
	return submitFinalised(api, api.tx.nodeRegistry.deregister(), signer);
}

/** Take back what has finished unbonding; the last of it ends the node. */
export async function withdraw(api, signer) {
	return submitFinalised(api, api.tx.nodeRegistry.withdrawUnbonded(), signer);
}

await runAsProgram(import.meta.url, {
	usage: `Register a test account as a relay, show it, and leave.

Usage: node scripts/js/examples/node-life.js [options]

  --suri SURI           test key of the account (default //Ferdie)
  --role ROLE           Relay, Storage, Oracle or Verifier (default Relay)
  --region CODE         country, as two capital letters (default ZZ: none)
  --endpoint ADDRESS    multiaddress (default /ip4/127.0.0.1/tcp/30333)
`,
	options: {
		suri: { type: "string", default: "//Ferdie" },
		role: { type: "string", default: "Relay" },
		region: { type: "string", default: "ZZ" },
		endpoint: { type: "string", default: "/ip4/127.0.0.1/tcp/30333" },
	},
	async main(api, { suri, role, region, endpoint }) {
		const signer = keyPair(api, suri);
		const there = await nodeOf(api, signer.address);
		if (there) {
			throw new Error(
				there.leaving
					? "the account is leaving; withdrawUnbonded ends it when the unbonding time is over"
					: `the account is a ${there.role} already; use another one`,
			);
		}
		const { minimum } = await tierOf(api, role);
		await register(api, signer, { role, region, endpoint, stake: minimum });
		console.log(`${signer.address} is a ${role} with ${formatAmount(api, minimum)} at stake`);
		await bondMore(api, signer, parseAmount(api, "1"));
		const { stake } = await nodeOf(api, signer.address);
		console.log(`it has ${formatAmount(api, stake)} now; there are in ${region}:`);
		for (const account of await nodesIn(api, role, region)) {
			console.log(`  ${account}`);
		}
		await unbond(api, signer, parseAmount(api, "1"));
		await update(api, signer, { region, endpoint });
		await chill(api, signer);
		await unchill(api, signer);
		await leave(api, signer);
		console.log("it withdrew, moved, paused, and is leaving; withdrawUnbonded will end it when the unbonding time is over");
	},
});
