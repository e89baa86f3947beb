// A runtime upgrade enacted by referendum, on the staging preset, while transfers flow.
//
// The preset has neither a Sudo key nor anybody's balance. Those who start a network put their own
// validators and accounts into it; the test puts its own. About a minute.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Keyring } from "@polkadot/api";
import { blake2AsHex } from "@polkadot/util-crypto";
import { connect, keyPair, parseAmount, submitFinalised } from "../../scripts/js/lib/chain.js";
import { ChainLog } from "../lib/chain-log.js";
import { NODE, startNetwork } from "../lib/network.js";
import { accountsIn, exportSpec, genesisValue, setTempo, writeSpec } from "../lib/spec.js";
import { suite } from "../lib/suite.js";
import { Traffic } from "../lib/traffic.js";
import { until } from "../lib/wait.js";

/** The new runtime: its compact, compressed blob, with a higher `spec_version`. */
const BLOB = process.env.RWA_UPGRADE_WASM;

const NAMES = ["Alice", "Bob", "Charlie", "Dave"];
const SENDERS = [1, 2, 3, 4].map((number) => `//Sender//${number}`);
const VOTERS = [1, 2, 3].map((number) => `//Voter//${number}`);
/** Two weeks of deciding become two minutes; a day, nine blocks. */
const TEMPO = 10_000;
const RWA = 1_000_000_000_000n;
const STAKE = 2_000n * RWA;
const ENDOWMENT = 10_000_000n * RWA;
/** More than half of all money: a referendum that so many support is confirmed at once. */
const VOTER_ENDOWMENT = 100_000_000n * RWA;
const VOTE = 90_000_000n * RWA;
const ROOT = { system: "Root" };
/** Genesis is read with the chain's own addresses, as `rwa-node key` prints them. */
const PREFIX = 792;

const { folder, step, atEnd } = suite("upgrade");
const nodes = () => Object.values(network.nodes);
let code, spec, network, api, log, traffic, oldVersion;

step("there is a new runtime to upgrade to", () => {
	assert.ok(BLOB, "set RWA_UPGRADE_WASM to a runtime blob with a higher spec_version");
	// Read once: a build may replace the file while the network votes.
	code = `0x${readFileSync(BLOB).toString("hex")}`;
});

step("the staging preset gives power and money to nobody", () => {
	spec = exportSpec(NODE, "staging");
	const { sudo, balances, session, staking, council } = spec.genesis.runtimeGenesis.patch;
	assert.equal(sudo.key ?? null, null);
	assert.deepEqual(balances.balances, []);
	assert.deepEqual(session.keys, []);
	assert.deepEqual(staking.stakers, []);
	assert.deepEqual(staking.invulnerables, []);
	assert.deepEqual(council.members, []);
});

step("a network starts from it with the test's own validators", async () => {
	const plain = join(folder, "plain.json");
	addParticipants(spec);
	writeSpec(plain, spec);
	const raw = exportSpec(NODE, plain, "--raw");
	assert.equal(accountsIn(genesisValue(raw, "Session", "Validators")).length, NAMES.length);
	assert.deepEqual(accountsIn(genesisValue(raw, "Staking", "Invulnerables")), []);
	assert.equal(genesisValue(raw, "Sudo", "Key"), undefined);
	setTempo(raw, TEMPO);
	const file = join(folder, "spec.json");
	writeSpec(file, raw);

	const settings = Object.fromEntries(NAMES.map((name) => [name.toLowerCase(), ""]));
	network = await startNetwork({ folder, spec: file, settings });
	atEnd(() => network.stop());
	api = await connect(network.nodes.alice.url, { waitMs: 60_000 });
	atEnd(() => api.disconnect());
	log = new ChainLog(api);
	atEnd(() => log.end());
	oldVersion = (await runtimeVersions())[0];
});

/** Validators with keys that zombienet puts into the nodes' keystores, voters, and senders. */
function addParticipants({ genesis }) {
	const address = (type) => (suri) =>
		new Keyring({ type, ss58Format: PREFIX }).addFromUri(suri).address;
	const [sr25519, ed25519] = [address("sr25519"), address("ed25519")];
	const stashes = NAMES.map((name) => sr25519(`//${name}//stash`));
	const { balances, session, staking } = genesis.runtimeGenesis.patch;
	const endowed = [...stashes, ...SENDERS.map(sr25519)];
	// JSON numbers from here on are beyond what a float holds exactly: text keeps them.
	balances.balances = [
		...endowed.map((who) => [who, bigNumber(ENDOWMENT)]),
		...VOTERS.map((suri) => [sr25519(suri), bigNumber(VOTER_ENDOWMENT)]),
	];
	session.keys = NAMES.map((name, index) => [
		stashes[index],
		stashes[index],
		{
			babe: sr25519(`//${name}`),
			grandpa: ed25519(`//${name}`),
			im_online: sr25519(`//${name}`),
			authority_discovery: sr25519(`//${name}`),
		},
	]);
	staking.stakers = stashes.map((stash) => [stash, stash, bigNumber(STAKE), "Validator"]);
}

// Powers of ten times small numbers: exact as floats, checked here.
function bigNumber(value) {
	assert.equal(BigInt(Number(value)), value);
	return Number(value);
}

step("transfers flow", async () => {
	const senders = SENDERS.map((suri) => keyPair(api, suri));
	const receivers = SENDERS.map((suri) => keyPair(api, `${suri}//receiver`).address);
	traffic = new Traffic(api, senders, receivers, parseAmount(api, "1"));
	await until("each sender has a final transfer", () =>
		traffic.finalised.every((count) => count > 0),
	);
});

step("a referendum authorises the new runtime", async () => {
	const [proposer, ...others] = VOTERS.map((suri) => keyPair(api, suri));
	const { referenda, convictionVoting, system } = api.tx;
	const hash = blake2AsHex(code, 256);
	const proposal = { Inline: system.authorizeUpgrade(hash).method.toHex() };
	const index = 0;
	await submitFinalised(api, referenda.submit(ROOT, proposal, { After: 1 }), proposer);
	await submitFinalised(api, referenda.placeDecisionDeposit(index), proposer);
	const vote = { Standard: { vote: { aye: true, conviction: "Locked1x" }, balance: VOTE } };
	for (const voter of [proposer, ...others]) {
		await submitFinalised(api, convictionVoting.vote(index, vote), voter);
	}
	await until(
		"the referendum is confirmed",
		() => log.all("referenda.Confirmed").length > 0,
		300,
	);
	const [authorised] = await until(
		"the upgrade is authorised",
		() => log.all("system.UpgradeAuthorized").length > 0 && log.all("system.UpgradeAuthorized"),
		120,
	);
	assert.equal(authorised.fields.codeHash.toHex(), hash);
});

step("anyone may apply it, and every node runs the new runtime", async () => {
	const anyone = keyPair(api, VOTERS[2]);
	const { number, events } = await submitFinalised(
		api,
		api.tx.system.applyAuthorizedUpgrade(code),
		anyone,
	);
	// By name: the connection may be changing to the new runtime's metadata at this moment.
	const names = events.map(({ section, method }) => `${section}.${method}`);
	assert.ok(
		names.includes("system.CodeUpdated"),
		`the code was not replaced; instead: ${events.map((event) => event.toString()).join(", ")}`,
	);
	for (const node of nodes()) {
		const goal = number + 2;
		await until(
			`${node.name} finalises block ${goal}`,
			async () => (await node.finalised()) >= goal,
		);
	}
	const versions = await runtimeVersions();
	assert.ok(versions[0] > oldVersion, `${versions[0]} is not above ${oldVersion}`);
	assert.deepEqual(new Set(versions).size, 1);
});

step("transfers flow on, and none is lost or made twice", async () => {
	const before = [...traffic.finalised];
	await until("each sender has three more final transfers", () =>
		traffic.finalised.every((count, index) => count >= before[index] + 3),
	);
	await traffic.stop();
	await traffic.check(assert);
	console.log(`# ${traffic.count()} transfers are final; ${traffic.repeated} were signed anew`);
});

step("no node has panicked", () => {
	for (const node of nodes()) {
		assert.deepEqual(node.panics(), [], node.name);
	}
});

/** `spec_version` of each node's newest final block. */
function runtimeVersions() {
	return Promise.all(
		nodes().map(async (node) => {
			const head = await node.ask("chain_getFinalizedHead");
			return (await node.ask("state_getRuntimeVersion", head)).specVersion;
		}),
	);
}
