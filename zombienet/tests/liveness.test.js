// What absence costs, on a real network whose sessions take twenty seconds and in which one missed session
// makes a day: a validator that is stopped is slashed and disabled, and the others are not.
// About two minutes. The steps build on each other: after a failure the rest is skipped.

import assert from "node:assert/strict";
import { join } from "node:path";
import { connect, keyPair } from "../../scripts/js/lib/chain.js";
import { ChainLog } from "../lib/chain-log.js";
import { NODE, startNetwork } from "../lib/network.js";
import { kill } from "../lib/processes.js";
import { exportSpec, setSessionLength, setTempo, writeSpec } from "../lib/spec.js";
import { suite } from "../lib/suite.js";
import { until } from "../lib/wait.js";

const NAMES = ["alice", "bob", "charlie", "dave"];
/** In earnest 600. */
const SESSION_SLOTS = 20;
/** 144 sessions are a day in earnest; at this tempo one is, and slashes don't wait. */
const TEMPO = 144;

const { folder, step, atEnd } = suite("liveness");
let network, api, log;

const stash = (name) => keyPair(api, `//${name[0].toUpperCase()}${name.slice(1)}//stash`).address;
const stake = async (name) =>
	(await api.query.staking.ledger(stash(name))).unwrap().active.toBigInt();

const some = (events) => events.length > 0 && events;

step("four validators start", async () => {
	const spec = exportSpec(NODE, "local", "--raw");
	setTempo(spec, TEMPO);
	setSessionLength(spec, SESSION_SLOTS);
	const file = join(folder, "spec.json");
	writeSpec(file, spec);
	const settings = Object.fromEntries(NAMES.map((name) => [name, ""]));
	network = await startNetwork({ folder, spec: file, settings });
	atEnd(() => network.stop());
	api = await connect(network.nodes.alice.url, { waitMs: 60_000 });
	atEnd(() => api.disconnect());
	log = new ChainLog(api);
	atEnd(() => log.end());
});

step("while all are there, nobody is missed", async () => {
	const ended = await until(
		"three sessions have ended",
		() => some(log.all("slashing.SessionEnded").slice(2)) && log.all("slashing.SessionEnded"),
		120,
	);
	for (const { fields } of ended) {
		assert.equal(fields.turnout.validators.toNumber(), 4);
		assert.equal(fields.turnout.present.toNumber(), 4, `session ${fields.session}`);
	}
	assert.deepEqual(log.all("slashing.SessionMissed"), []);
});

step("a validator that stays away for the limit is slashed by the tier, and disabled", async () => {
	const before = await stake("dave");
	await kill(network.nodes.dave.pid());
	const [reported] = await until(
		"an absence is reported",
		() => some(log.all("slashing.OfflineReported")),
		120,
	);
	assert.equal(reported.fields.validator.toString(), stash("dave"));
	assert.equal(reported.fields.fraction.toNumber(), 100_000_000);

	const [slashed] = await until("the slash is executed", () => some(log.all("staking.Slashed")));
	assert.equal(slashed.fields.staker.toString(), stash("dave"));
	assert.equal(slashed.fields.amount.toBigInt(), before / 10n);
	assert.equal(await stake("dave"), before - before / 10n);
	const [disabled] = await until("the validator is disabled", () =>
		some(log.all("session.ValidatorDisabled")),
	);
	assert.equal(disabled.fields.validator.toString(), stash("dave"));
});

step("the others keep their stake, and the turnout says who was there", async () => {
	const reports = log.all("slashing.OfflineReported");
	assert.ok(reports.every(({ fields }) => fields.validator.toString() === stash("dave")));
	for (const name of NAMES.slice(0, 3)) {
		assert.equal(await stake(name), 10_000n * 10n ** 12n);
	}
	const { fields } = log.all("slashing.SessionEnded").at(-1);
	const turnout = (await api.query.slashing.turnouts(fields.session)).unwrap();
	assert.equal(turnout.validators.toNumber(), 4);
	assert.equal(turnout.present.toNumber(), 3);
});

step("the others finalise on", async () => {
	const goal = (await network.nodes.alice.finalised()) + 10;
	for (const name of NAMES.slice(0, 3)) {
		const node = network.nodes[name];
		await until(
			`${name} finalises block ${goal}`,
			async () => (await node.finalised()) >= goal,
		);
	}
});

step("no node has panicked", () => {
	for (const node of Object.values(network.nodes)) {
		assert.deepEqual(node.panics(), [], node.name);
	}
});
