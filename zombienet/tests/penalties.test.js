// What faults cost the nodes of the registry, on a real network whose days take half a minute: an oracle
// whose node stops loses a part of its stake to the treasury and to whoever said so, one whose node runs
// loses nothing and earns, a false report costs its sender, the council can cancel a penalty, and nobody who is
// accused can withdraw; afterwards, what is left.
// About five minutes. The steps build on each other: after a failure the rest is skipped.

import assert from "node:assert/strict";
import { join } from "node:path";
import {
	bondMore,
	claim,
	claimable,
	leave,
	nodeOf,
	pendingPenalties,
	register,
	tierOf,
	unbond,
	withdraw,
} from "../../scripts/js/examples/node-life.js";
import { freeBalance } from "../../scripts/js/examples/transfer.js";
import { connect, keyPair, submitFinalised, TransactionError } from "../../scripts/js/lib/chain.js";
import { registerOracle } from "../../scripts/js/register-oracle.js";
import { ChainLog } from "../lib/chain-log.js";
import { NODE, startNetwork } from "../lib/network.js";
import { exportSpec, setTempo, writeSpec } from "../lib/spec.js";
import { suite } from "../lib/suite.js";
import { until } from "../lib/wait.js";

const NAMES = ["alice", "bob", "charlie", "dave"];
const RWA = 10n ** 12n;
/** At this tempo a day is 30 blocks, a heartbeat is due every 5, and penalties wait for 42. */
const TEMPO = 14_400;
const PLACE = { region: "DE", endpoint: "/ip4/127.0.0.1/tcp/30333" };

const { folder, step, atEnd } = suite("penalties");
let network, api, log, present, absent, lapsed, reporter;

const some = (events) => events.length > 0 && events;
const stakeOf = async ({ address }) => (await nodeOf(api, address)).stake;
const report = (node, signer) =>
	submitFinalised(api, api.tx.slashing.reportAbsence(node.address), signer);

/** The penalty that a report of `node` led to. */
async function penaltyOf(node) {
	const events = log.all("slashing.PenaltyReported");
	return events.findLast(({ fields }) => fields.offender.toString() === node.address)?.fields;
}

step("four validators start", async () => {
	const spec = exportSpec(NODE, "local", "--raw");
	setTempo(spec, TEMPO);
	const file = join(folder, "spec.json");
	writeSpec(file, spec);
	const settings = Object.fromEntries(NAMES.map((name) => [name, ""]));
	network = await startNetwork({ folder, spec: file, settings });
	atEnd(() => network.stop());
	api = await connect(network.nodes.alice.url, { waitMs: 60_000 });
	atEnd(() => api.disconnect());
	log = new ChainLog(api);
	atEnd(() => log.end());
	[present, absent, lapsed] = [1, 2, 3].map((number) => keyPair(api, `//Oracle//${number}`));
	reporter = keyPair(api, "//Ferdie");
});

step("the tiers on chain are the specification's", async () => {
	const percent = 10_000_000;
	const expected = {
		Validator: [1_000n, 10, 5],
		Verifier: [500n, 5, 2],
		Oracle: [500n, 5, 3],
		Relay: [100n, 2, 2],
		Storage: [250n, 5, 3],
	};
	for (const [role, [minimum, slash, reward]] of Object.entries(expected)) {
		assert.deepEqual(await tierOf(api, role), {
			minimum: minimum * RWA,
			slash: slash * percent,
			yearlyReward: reward * percent,
		});
	}
});

step("499 RWA make no oracle, 500 do", async () => {
	const oracle = { ...PLACE, role: "Oracle" };
	await assert.rejects(
		register(api, absent, { ...oracle, stake: 499n * RWA }),
		(error) => error instanceof TransactionError && /nodeRegistry\.StakeTooSmall/.test(error.message),
	);
	await register(api, absent, { ...oracle, stake: 500n * RWA });
	await register(api, lapsed, { ...oracle, stake: 500n * RWA });
	assert.equal((await nodeOf(api, absent.address)).region, "DE");
});

step("an oracle whose node runs is heard, and one that was never started is not", async () => {
	await registerOracle(api, present, PLACE);
	const heard = await until(
		"the node has sent three heartbeats",
		() => some(log.all("slashing.HeartbeatReceived").slice(2)),
		120,
	);
	assert.ok(heard.every(({ fields }) => fields.node.toString() === present.address));
});

step("a false report costs its sender the fee, and nobody else anything", async () => {
	const before = await freeBalance(api, reporter.address);
	await assert.rejects(report(present, reporter), /slashing\.NotAbsent/);
	assert.ok((await freeBalance(api, reporter.address)) < before);
	assert.equal(await stakeOf(present), 500n * RWA);
	assert.deepEqual(log.all("slashing.PenaltyReported"), []);
});

step("an oracle that was away for a day is reported, by anybody", async () => {
	const registered = (await api.query.nodeRegistry.nodes(lapsed.address)).unwrap();
	const due = registered.registeredAt.toNumber() + 32;
	await until(
		"a day of working blocks has passed",
		async () => (await api.query.clock.elapsed()).toNumber() > due,
		120,
	);
	await report(absent, reporter);
	await report(lapsed, reporter);
	const penalty = await until("the penalty is known", () => penaltyOf(absent));
	assert.equal(penalty.amount.toBigInt(), 25n * RWA);
	assert.equal(penalty.reporter.unwrap().toString(), reporter.address);
	assert.equal(await stakeOf(absent), 500n * RWA);
});

step("who is accused can't get away, however it tries", async () => {
	const [pending, ...others] = await pendingPenalties(api, absent.address);
	assert.deepEqual([pending.fault, pending.amount, others], ["Absence", 25n * RWA, []]);
	await unbond(api, absent, 100n * RWA);
	await leave(api, absent);
	await assert.rejects(withdraw(api, absent), /nodeRegistry\.Accused/);
	await assert.rejects(
		bondMore(api, absent, RWA),
		/nodeRegistry\.Leaving/,
	);
});

step("two thirds of the council cancel a penalty, and nothing is taken", async () => {
	const { penalty } = await until("the penalty is known", () => penaltyOf(lapsed));
	const cancel = api.tx.slashing.cancelPenalty(penalty);
	const council = ["//Alice", "//Bob"].map((suri) => keyPair(api, suri));
	const length = cancel.method.encodedLength;
	await submitFinalised(api, api.tx.council.propose(2, cancel, length), council[0]);
	const hash = cancel.method.hash;
	const index = (await api.query.council.proposalCount()).toNumber() - 1;
	for (const member of council) {
		await submitFinalised(api, api.tx.council.vote(hash, index, true), member);
	}
	const weight = { refTime: 1_000_000_000, proofSize: 1_000_000 };
	await submitFinalised(api, api.tx.council.close(hash, index, weight, length), council[0]);
	await until("it is cancelled", () => some(log.all("slashing.PenaltyCancelled")));
	assert.equal(await stakeOf(lapsed), 500n * RWA);
});

step("the other penalty is taken when its time has come: 5 %, a tenth of it to the reporter", async () => {
	const before = await freeBalance(api, reporter.address);
	assert.deepEqual(log.all("slashing.PenaltyExecuted"), []);
	const [{ fields }] = await until(
		"the penalty is executed",
		() => some(log.all("slashing.PenaltyExecuted")),
		120,
	);
	assert.equal(fields.offender.toString(), absent.address);
	assert.equal(fields.taken.toBigInt(), 25n * RWA);
	assert.equal(fields.toReporter.toBigInt(), (25n * RWA) / 10n);
	assert.equal(await freeBalance(api, reporter.address), before + (25n * RWA) / 10n);
	const node = (await api.query.nodeRegistry.nodes(absent.address)).unwrap();
	const unlocking = node.unlocking.reduce((sum, chunk) => sum + chunk.amount.toBigInt(), 0n);
	assert.equal(node.stake.toBigInt() + unlocking, 475n * RWA);
	assert.equal(await stakeOf(lapsed), 500n * RWA);
	assert.equal(await stakeOf(present), 500n * RWA);
});

step("an oracle whose node runs claims what its stake has earned", async () => {
	const due = await claimable(api, present.address);
	assert.ok(due > 0n);
	const before = (await api.query.balances.totalIssuance()).toBigInt();
	await claim(api, present);
	const claimed = await until("the claim is final", () => some(log.all("nodeRegistry.RewardsClaimed")));
	const { account, amount } = claimed[0].fields;
	assert.equal(account.toString(), present.address);
	assert.ok(amount.toBigInt() >= due);
	assert.ok((await api.query.balances.totalIssuance()).toBigInt() <= before + amount.toBigInt());
});

step("who is leaving gets back what is left when its time has come, and is gone", async () => {
	const node = (await api.query.nodeRegistry.nodes(absent.address)).unwrap();
	const released = Math.max(...node.unlocking.map((chunk) => chunk.releaseAt.toNumber()));
	const before = await freeBalance(api, absent.address);
	await until(
		"the unbonding time is over",
		async () => (await api.query.clock.elapsed()).toNumber() >= released,
		240,
	);
	await withdraw(api, absent);
	assert.equal(await nodeOf(api, absent.address), undefined);
	// With the deposit for the entry, and without a fee of less than an RWA.
	const back = (await freeBalance(api, absent.address)) - before;
	assert.ok(back > 474n * RWA, `${back}`);
});

step("no node has panicked", () => {
	for (const node of Object.values(network.nodes)) {
		assert.deepEqual(node.panics(), [], node.name);
	}
});
