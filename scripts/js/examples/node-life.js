#!/usr/bin/env node
// The whole life of a node in the registry: register with a stake, change, withdraw, leave.

import { formatAmount, keyPair, parseAmount, submitFinalised } from "../lib/chain.js";
import { runAsProgram } from "../lib/cli.js";
import { callView } from "../lib/view.js";

/** Nodes on one page: as many as the registry gives at once. */
const PAGE = 100;

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
	const tier = await callView(api, "NodeRegistry", "tier", [role]);
	return {
		minimum: tier.minimum.toBigInt(),
		slash: tier.slash.toNumber(),
		yearlyReward: tier.yearlyReward.toNumber(),
	};
}

/** Accounts registered in a role, and in a region if one is given: page by page, however many there are. */
export async function nodesIn(api, role, region = null) {
	const accounts = [];
	for (let after = null, more = true; more; ) {
		const page = await callView(api, "NodeRegistry", "nodes", [role, region, after, PAGE]);
		for (const node of page) {
			after = [node.region, node.account];
			accounts.push(node.account.toString());
		}
		more = page.length === PAGE;
	}
	return accounts;
}

/**
 * How good a node is: its score, of 2000, and what it is made of, in parts per billion. `undefined`: no
 * such node.
 */
export async function reputationOf(api, account) {
	const answer = await callView(api, "NodeRegistry", "reputation", [account]);
	if (answer.isNone) {
		return undefined;
	}
	const { score, merit, components } = answer.unwrap();
	const { accuracy, rating, stake, jobs } = components;
	return {
		score: score.toNumber(),
		merit: merit.toNumber(),
		accuracy: accuracy.toNumber(),
		rating: rating.toNumber(),
		stake: stake.toNumber(),
		jobs: jobs.toNumber(),
	};
}

/** What waits to be taken from an account: number, fault, amount, and the working block in which it is due. */
export async function pendingPenalties(api, account) {
	const pending = await callView(api, "Slashing", "pending_penalties", [account]);
	return pending.map(([id, penalty]) => ({
		id: id.toNumber(),
		fault: penalty.fault.toString(),
		amount: penalty.amount.toBigInt(),
		due: penalty.dueAt.toNumber(),
	}));
}

/** What a node has earned until its last heartbeat and not claimed. */
export async function claimable(api, account) {
	return (await callView(api, "NodeRegistry", "claimable", [account])).toBigInt();
}

/** Take what the node has earned. */
export async function claim(api, signer) {
	return submitFinalised(api, api.tx.nodeRegistry.claimRewards(), signer);
}

/** Say how good a node was, in one to five stars: once for each finished job that the signer paid for. */
export async function rate(api, signer, node, stars) {
	return submitFinalised(api, api.tx.nodeRegistry.rate(node, stars), signer);
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
			const { score } = await reputationOf(api, account);
			const waiting = await pendingPenalties(api, account);
			const earned = formatAmount(api, await claimable(api, account));
			console.log(`  ${account}: score ${score}, ${waiting.length} penalties wait, ${earned} to claim`);
		}
		await unbond(api, signer, parseAmount(api, "1"));
		await update(api, signer, { region, endpoint });
		await chill(api, signer);
		await unchill(api, signer);
		await leave(api, signer);
		console.log("it withdrew, moved, paused, and is leaving; withdrawUnbonded will end it when the unbonding time is over");
	},
});
