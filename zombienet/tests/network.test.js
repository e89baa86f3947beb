// A real network: four validators, each with an oracle operator's worker, on this machine.
//
// It makes and finalises blocks, serves a polkadot.js client, agrees on real measurements although
// sources fail and lie, survives killed and paused validators, and punishes one that runs twice.
// About six minutes. The steps build on each other: after a failure the rest is skipped.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { condemnDevice } from "../../scripts/js/condemn-device.js";
import { asRoot, createFeedCall } from "../../scripts/js/create-feed.js";
import { payAll } from "../../scripts/js/examples/batch.js";
import { followFeed } from "../../scripts/js/examples/follow-feed.js";
import { readMetadata } from "../../scripts/js/examples/metadata.js";
import {
	bondMore,
	chill,
	claim,
	claimable,
	leave,
	nodeOf,
	nodesIn,
	pendingPenalties,
	rate,
	reputationOf,
	register,
	tierOf,
	unbond,
	unchill,
	update,
} from "../../scripts/js/examples/node-life.js";
import { addProxy, callAsProxy, proxiesOf, removeProxy } from "../../scripts/js/examples/proxy.js";
import { freeBalance, transfer } from "../../scripts/js/examples/transfer.js";
import { watchEvents } from "../../scripts/js/examples/watch-events.js";
import {
	connect,
	keyPair,
	parseAmount,
	submitFinalised,
	TransactionError,
} from "../../scripts/js/lib/chain.js";
import { Device, parseDeviceKey } from "../../scripts/js/lib/device.js";
import { feedStatus, parseFeed } from "../../scripts/js/lib/feed.js";
import { callView } from "../../scripts/js/lib/view.js";
import { joinFeeds } from "../../scripts/js/join-feed.js";
import { registerDevice } from "../../scripts/js/register-device.js";
import { registerOracle } from "../../scripts/js/register-oracle.js";
import { registerValidator } from "../../scripts/js/register-validator.js";
import { requestRound } from "../../scripts/js/request-round.js";
import { resetCounter } from "../../scripts/js/reset-counter.js";
import { budgetOf, topUpFeed } from "../../scripts/js/top-up-feed.js";
import { startSources } from "../../scripts/sources/sources.js";
import { ChainLog } from "../lib/chain-log.js";
import { NODE, startNetwork } from "../lib/network.js";
import { isRunning, kill, start } from "../lib/processes.js";
import { accountsIn, exportSpec, genesisValue, setTempo, writeSpec } from "../lib/spec.js";
import { suite } from "../lib/suite.js";
import { until, within } from "../lib/wait.js";

const NAMES = ["alice", "bob", "charlie", "dave"];
const FEED = parseFeed("1/WeatherApi");
/** A feed whose heartbeat is so long that no round opens by itself while anybody looks. */
const QUIET_FEED = parseFeed("1/IotSensor");
const QUIET_HEARTBEAT = 600;
const DECIMALS = 2;
/** Tokens of the feed: more than all its rounds cost. */
const BUDGET = "10";
/** A record is the current one for less than a round, so that values change. */
const STEP_MS = 5_000;
/** A slash waits 27 days in earnest; at this tempo not at all. */
const TEMPO = 1_000;
/** Clocks of a block and of its author may differ by so much: a reading is taken between blocks. */
const CLOCK_SLACK_MS = 1_500;

const { folder, step, atEnd } = suite("network");
const spec = exportSpec(NODE, "local", "--raw");
let sources, quiet, network, api, log, operators, times, firstFull;
const nodes = () => Object.values(network.nodes);

// --- The network ---------------------------------------------------------------------------------

step("in the raw specification nobody is beyond punishment", () => {
	assert.equal(accountsIn(genesisValue(spec, "Session", "Validators")).length, NAMES.length);
	assert.deepEqual(accountsIn(genesisValue(spec, "Staking", "Invulnerables")), []);
});

step("four validators start, each with a data source of its own", async () => {
	sources = await startSources({
		series: "seattle-temperature",
		operators: NAMES.length,
		portBase: 0,
		controlPort: 0,
		stepMs: STEP_MS,
		seed: 1,
	});
	atEnd(() => sources.stop());
	quiet = await startSources({
		series: "mauna-loa-co2",
		operators: NAMES.length,
		portBase: 0,
		controlPort: 0,
		stepMs: 3_600_000,
		seed: 1,
	});
	atEnd(() => quiet.stop());

	const file = join(folder, "spec.json");
	setTempo(spec, TEMPO);
	writeSpec(file, spec);
	const settings = Object.fromEntries(
		NAMES.map((name, index) => [name, workerSettings(index)]),
	);
	network = await startNetwork({ folder, spec: file, settings });
	atEnd(() => network.stop());
	assert.deepEqual(Object.keys(network.nodes), NAMES);

	api = await connect(network.nodes.alice.url, { waitMs: 60_000 });
	atEnd(() => api.disconnect());
	log = new ChainLog(api);
	atEnd(() => log.end());
	operators = NAMES.map((_, index) => keyPair(api, `//Oracle//${index + 1}`));
	// Nearly the shortest rounds that the chain allows, to see many of them.
	const least = api.consts.oracle.minPhase.toNumber();
	times = { heartbeat: 2 * least + 2, commitTime: least + 1, revealTime: least, maxAge: 60 };
});

function workerSettings(index) {
	const table = (source, { endpoints }, rest) =>
		`[[oracle]]\nasset = 1\nsource = "${source}"\nurl = "${endpoints[index].status().url}"\n${rest}\n`;
	return [
		table("weather_api", sources, 'pointer = "/temperature"'),
		table("iot_sensor", quiet, 'pointer = "/co2"\nwatch_every = 10'),
	].join("\n");
}

step("every node is connected to every other", async () => {
	for (const node of nodes()) {
		await until(`${node.name} has three peers`, async () => (await node.peers()) >= 3);
	}
});

step("blocks are made and finalised on all nodes, by all validators", async () => {
	const goal = (await network.nodes.alice.finalised()) + 10;
	const hashes = new Set();
	for (const node of nodes()) {
		await until(
			`${node.name} finalises block ${goal}`,
			async () => (await node.finalised()) >= goal,
		);
		hashes.add(await node.blockHash(goal));
	}
	assert.equal(hashes.size, 1);
	const authors = new Set();
	await until("each validator has made a block", async () => {
		const header = await api.derive.chain.getHeader(await api.rpc.chain.getFinalizedHead());
		authors.add(header.author.toString());
		return authors.size === NAMES.length;
	});
});

// --- A polkadot.js client ------------------------------------------------------------------------

step("a client reads what the chain is from its metadata", async () => {
	const { chain, specName, units, pallets } = await readMetadata(api);
	assert.equal(chain, "RWA Local Testnet");
	assert.equal(specName, "rwa-network");
	assert.equal(units.token, "RWA");
	assert.equal(units.decimals, 12);
	const oracle = pallets.find(({ name }) => name === "Oracle");
	assert.ok(oracle.calls.includes("create_feed") && oracle.events.includes("RoundClosed"));
});

step("a client transfers to finality", async () => {
	const [from, to] = [keyPair(api, "//Alice"), keyPair(api, "//Newcomer")];
	const amount = parseAmount(api, "12.5");
	const before = await freeBalance(api, from.address);
	const { fee } = await transfer(api, { from, to: to.address, amount });
	assert.ok(fee > 0n);
	assert.equal(await freeBalance(api, to.address), amount);
	assert.equal(await freeBalance(api, from.address), before - amount - fee);
});

step("a client learns why a transaction failed", async () => {
	const poor = keyPair(api, "//Newcomer");
	const call = api.tx.balances.transferKeepAlive(poor.address, parseAmount(api, "1000000"));
	await assert.rejects(submitFinalised(api, call, poor), (error) => {
		assert.ok(error instanceof TransactionError);
		return /balances\.transferKeepAlive failed: .*(InsufficientBalance|FundsUnavailable)/.test(
			error.message,
		);
	});
	const wrapped = api.tx.sudo.sudo(api.tx.oracle.pauseFeed(parseFeed("999/IotSensor")));
	await assert.rejects(
		submitFinalised(api, wrapped, keyPair(api, "//Alice")),
		/sudo\.sudo failed: oracle\.UnknownFeed: No feed has this name/,
	);
});

step("a client pays several at once, or none", async () => {
	const from = keyPair(api, "//Bob");
	const amount = parseAmount(api, "1");
	const to = ["//Batch//1", "//Batch//2", "//Batch//3"].map((suri) => keyPair(api, suri).address);
	assert.equal((await payAll(api, { from, to, amount })).items, 3);
	for (const address of to) {
		assert.equal(await freeBalance(api, address), amount);
	}
	const tooMuch = parseAmount(api, "9999999");
	await assert.rejects(
		payAll(api, { from, to: [to[0], to[1]], amount: tooMuch }),
		TransactionError,
	);
	assert.equal(await freeBalance(api, to[0]), amount);
});

step("a client acts as a proxy, until the right is taken back", async () => {
	const [owner, delegate] = [keyPair(api, "//Charlie"), keyPair(api, "//Eve")];
	const receiver = keyPair(api, "//Proxied").address;
	const amount = parseAmount(api, "2");
	const call = api.tx.balances.transferKeepAlive(receiver, amount);
	await addProxy(api, { owner, delegate: delegate.address });
	assert.deepEqual(await proxiesOf(api, owner.address), [
		{ delegate: delegate.address, proxyType: "Any", delay: 0 },
	]);
	await callAsProxy(api, { owner: owner.address, delegate, call });
	assert.equal(await freeBalance(api, receiver), amount);
	await removeProxy(api, { owner, delegate: delegate.address });
	await assert.rejects(
		callAsProxy(api, { owner: owner.address, delegate, call }),
		/proxy\.proxy failed: proxy\.NotProxy/,
	);
});

step("a client watches events without missing one", async () => {
	const [from, to] = [keyPair(api, "//Ferdie"), keyPair(api, "//Watched").address];
	const amount = parseAmount(api, "3");
	const ending = new AbortController();
	const watched = (async () => {
		for await (const event of watchEvents(api, {
			pallets: ["balances"],
			signal: ending.signal,
		})) {
			if (event.name === "balances.Transfer" && event.fields.to.toString() === to) {
				return event;
			}
		}
		return undefined;
	})();
	const { number } = await transfer(api, { from, to, amount });
	const event = await within("the transfer's event", 30, watched);
	ending.abort();
	assert.equal(event.block, number);
	assert.equal(event.fields.amount.toBigInt(), amount);
});

step("an account becomes a candidate, with session keys made by its own node", async () => {
	// Of a development account, and kept by a node that nobody will elect within this test.
	const stash = keyPair(api, "//Eve");
	const own = await connect(network.nodes.dave.url);
	try {
		const bond = parseAmount(api, "1000");
		const { keys } = await registerValidator(own, { stash, bond, commission: 5 });
		assert.equal((await own.query.session.nextKeys(stash.address)).unwrap().toHex(), keys);
		assert.ok((await own.rpc.author.hasSessionKeys(keys)).isTrue);
		assert.ok((await api.rpc.author.hasSessionKeys(keys)).isFalse);
		const preferences = await own.query.staking.validators(stash.address);
		assert.equal(preferences.commission.toNumber(), 50_000_000);
		const ledger = (await own.query.staking.ledger(stash.address)).unwrap();
		assert.equal(ledger.active.toBigInt(), bond);
	} finally {
		await own.disconnect();
	}
});

step("a view function that isn't there, or is asked otherwise, is refused with what there is", async () => {
	await assert.rejects(
		callView(api, "NodeRegistry", "score"),
		/NodeRegistry has no view function score; it has: .*reputation/,
	);
	await assert.rejects(callView(api, "Registry", "node"), /Registry has no view function node/);
	await assert.rejects(
		callView(api, "NodeRegistry", "nodes", ["Relay"]),
		/NodeRegistry\.nodes takes \(role, region, after, limit\); 1 arguments were given/,
	);
	const conditions = await callView(api, "Slashing", "conditions");
	assert.equal(conditions.length, 10);
	const genesis = api.genesisHash.toHex();
	const then = await callView(api, "NodeRegistry", "nodes", ["Relay", null, null, 100], { at: genesis });
	assert.equal(then.length, 0);
});

step("a relay goes through its life: registers, changes, pauses, and begins to leave", async () => {
	const signer = keyPair(api, "//Ferdie");
	const place = { region: "DE", endpoint: "/dns4/relay.example/tcp/30333" };
	const { minimum } = await tierOf(api, "Relay");
	const few = { ...place, role: "Relay", stake: minimum - 1n };
	await assert.rejects(register(api, signer, few), /nodeRegistry\.StakeTooSmall/);
	await register(api, signer, { ...place, role: "Relay", stake: minimum });
	assert.deepEqual(await nodesIn(api, "Relay", "DE"), [signer.address]);
	assert.deepEqual(await nodesIn(api, "Relay", "FR"), []);
	assert.deepEqual(await reputationOf(api, signer.address), {
		score: 1_000,
		merit: 850,
		...{ accuracy: 500_000_000, rating: 500_000_000, stake: 500_000_000, jobs: 500_000_000 },
	});
	assert.deepEqual(await pendingPenalties(api, signer.address), []);
	// Nobody paid for a job, so nobody may rate; nothing was earned, so there is nothing to claim.
	await assert.rejects(rate(api, keyPair(api, "//Eve"), signer.address, 5), /nodeRegistry\.NoFinishedJob/);
	assert.equal(await claimable(api, signer.address), 0n);
	await assert.rejects(claim(api, signer), /nodeRegistry\.NothingToClaim/);
	await bondMore(api, signer, minimum);
	await unbond(api, signer, minimum / 2n);
	await update(api, signer, { ...place, region: "FR" });
	await chill(api, signer);
	await unchill(api, signer);
	const { stake, region, endpoint } = await nodeOf(api, signer.address);
	assert.deepEqual(
		{ stake, region, endpoint },
		{ stake: (minimum * 3n) / 2n, region: "FR", endpoint: place.endpoint },
	);
	await leave(api, signer);
	assert.equal((await nodeOf(api, signer.address)).leaving, true);
	await assert.rejects(bondMore(api, signer, minimum), /nodeRegistry\.Leaving/);
});

step("a device is registered on its owner's asset, deceives, and costs its deposit", async () => {
	const [owner, reporter] = [keyPair(api, "//Bob"), keyPair(api, "//Eve")];
	const asset = 77;
	await submitFinalised(api, api.tx.assets.create(asset, owner.address, 1), owner);
	const device = new Device(new Uint8Array(32).fill(9), api.genesisHash.toHex(), {
		asset,
		source: "IotSensor",
	});
	const { key } = device;
	const agreed = (who) => ({ key, asset, proof: device.agree(who.publicKey, asset) });
	await assert.rejects(
		registerDevice(api, reporter, agreed(reporter)),
		/devices\.registerDevice failed: devices\.NotAssetOwner/,
	);
	await assert.rejects(registerDevice(api, owner, agreed(reporter)), /devices\.BadProof/);
	const { deposit } = await registerDevice(api, owner, agreed(owner));
	assert.equal(deposit, api.consts.devices.deviceDeposit.toBigInt());
	const listed = await callView(api, "Devices", "devices_of", [asset, null, 10]);
	assert.deepEqual(listed.map(([named]) => named.asEd25519.toHex()), [key.split(":")[1]]);

	const [honest, next] = [device.measure("Scalar", 2_135n), device.measure("Scalar", 2_140n)];
	await assert.rejects(condemnDevice(api, reporter, honest, next), /devices\.NoContradiction/);
	const lie = device.sign("Scalar", 2_500n, 1, Date.now());
	const elsewhere = new Device(new Uint8Array(32).fill(9), `0x${"00".repeat(32)}`, device.feed);
	await assert.rejects(
		condemnDevice(api, reporter, honest, elsewhere.measure("Scalar", 2_500n)),
		/devices\.BadSignature/,
	);
	// Nothing has put its counter too high.
	await assert.rejects(resetCounter(api, owner, next), /devices\.NothingToReset/);
	await assert.rejects(resetCounter(api, reporter, next), /devices\.NotDeviceOwner/);
	const { forfeited, toReporter } = await condemnDevice(api, reporter, honest, lie);
	assert.deepEqual({ forfeited, toReporter }, { forfeited: deposit, toReporter: deposit / 10n });
	const known = (await callView(api, "Devices", "device", [parseDeviceKey(key)])).unwrap();
	assert.ok(known.state.isCondemned);
	assert.equal(known.deposit.toBigInt(), 0n);
	await assert.rejects(registerDevice(api, owner, agreed(owner)), /devices\.KeyTaken/);
});

// --- A feed of real measurements -----------------------------------------------------------------

step("four operators register, each with an app key in its own node", async () => {
	await Promise.all(
		nodes().map(async (node, index) => {
			const own = await connect(node.url);
			try {
				const place = { region: "ZZ", endpoint: `/ip4/127.0.0.1/tcp/${30_333 + index}` };
				const { account, key } = await registerOracle(own, operators[index], place);
				const registered = (await api.query.nodeRegistry.appKeyOf(account)).unwrap();
				assert.equal(registered.role.toString(), "Oracle");
				assert.equal(registered.key.toHex(), key);
				assert.ok((await own.rpc.rwa.hasAppKey(key)).isTrue);
				assert.ok((await api.rpc.rwa.hasAppKey(key)).isTrue === (node.name === "alice"));
			} finally {
				await own.disconnect();
			}
		}),
	);
});

step("a feed opens, and its values advance on all nodes", async () => {
	const call = createFeedCall(api, {
		...{ id: FEED, unit: "°C", tolerance: "0.5", ...times },
		schema: { Scalar: { decimals: DECIMALS, minimum: "-60", maximum: "60" } },
		invited: operators.map(({ address }) => address),
	});
	await asRoot(api, keyPair(api, "//Alice"), call);
	await topUpFeed(api, keyPair(api, "//Alice"), FEED, parseAmount(api, BUDGET));
	await assert.rejects(
		joinFeeds(api, keyPair(api, "//Ferdie"), [FEED]),
		/oracle\.joinFeed failed: oracle\.NotAnOracle/,
	);
	await Promise.all(operators.map((operator) => joinFeeds(api, operator, [FEED])));
	// Whatever opened before all had joined has too few reporters.
	firstFull = (await api.query.oracle.lastRound(FEED)).toNumber() + 1;
	const rounds = await endedRounds(firstFull, 2);
	assertHonest(rounds);
	// Nothing for reports, and a fee for each duty of at least two rounds.
	const spent = parseAmount(api, BUDGET) - (await budgetOf(api, FEED));
	const duties = BigInt(NAMES.length) * api.consts.oracle.dutyFee.toBigInt();
	assert.ok(spent >= 2n * duties && spent % duties === 0n, `the feed spent ${spent}`);

	const { block, round } = await feedStatus(api, FEED);
	const answers = await Promise.all(
		nodes().map(async (node) => {
			await until(
				`${node.name} finalises block ${block}`,
				async () => (await node.finalised()) >= block,
			);
			const own = await connect(node.url);
			const status = await feedStatus(
				await own.at(await own.rpc.chain.getBlockHash(block)),
				FEED,
			);
			await own.disconnect();
			return status;
		}),
	);
	for (const answer of answers) {
		assert.deepEqual(answer, answers[0]);
		assert.equal(answer.status, "Fresh");
		assert.equal(answer.round, round);
		assert.equal(answer.spec.unit, "°C");
		assert.equal(answer.reading.kind, "Scalar");
	}
});

step("a client follows the feed to finality", async () => {
	const next = within("an agreed value", 60, followFeed(api, FEED).next());
	const { value: seen } = await next;
	const [round] = await endedRounds(seen.round, 1);
	assert.equal(seen.closed, true, `round ${seen.round}: ${seen.failure}`);
	assert.deepEqual(seen.reading, round.reading);
});

// What a broken source costs, and what the node says about it.
const FAULTS = [
	["slow", /no complete answer in time/],
	["huge", /the answer is longer than 16384 bytes/],
	["malformed", /JSON/],
	["status", /status 500 instead of 200/],
	["down", /unreachable/],
];

for (const [mode, complaint] of FAULTS) {
	step(
		`a source that is ${mode} costs that reading and a line in the log, nothing else`,
		async () => {
			const [node, operator] = [network.nodes.bob, operators[1].address];
			const logged = node.log().length;
			await sources.endpoints[1].set(mode);
			const rounds = await endedRounds(await nextRound(), 2);
			assertHonest(rounds);
			for (const { index, reports } of rounds) {
				assert.ok(!reports.has(operator), `operator 2 reported in round ${index}`);
				assert.equal(reports.size, 3, `round ${index}`);
			}
			const line = await until(`bob complains about a source that is ${mode}`, () =>
				node
					.log(logged)
					.split("\n")
					.find((text) => text.includes("no use of") && complaint.test(text)),
			);
			console.log(`# ${line.trim()}`);
			await sources.endpoints[1].set("honest");
		},
	);
}

step("with one source lying and one dead, values stay right and no round fails", async () => {
	await sources.endpoints[2].set("lying");
	await sources.endpoints[3].set("down");
	const rounds = await endedRounds(await nextRound(), 4);
	assertHonest(rounds);
	for (const { index, opened, ended, reports, outliers } of rounds) {
		// Operator 2, whose source failed in all ways before, is back: without it no round closes.
		const reporters = operators.slice(0, 3).map(({ address }) => address);
		assert.deepEqual([...reports.keys()].sort(), reporters.sort(), `round ${index}`);
		const lie = reports.get(operators[2].address);
		assert.ok(lie > honestRange(opened, ended).maximum, `round ${index}: ${lie} is no lie`);
		assert.deepEqual(outliers, [operators[2].address], `round ${index}`);
	}
	assert.ok(new Set(rounds.map(({ value }) => value)).size > 1, "the values stand still");
	await sources.endpoints[2].set("honest");
	await sources.endpoints[3].set("honest");
});

step("with all sources restored, everybody reports again", async () => {
	const from = await nextRound();
	await until(
		"each operator has reported",
		() => {
			const reporters = log
				.rounds(FEED)
				.filter(({ index }) => index >= from)
				.flatMap(({ reports }) => [...reports.keys()]);
			return new Set(reporters).size === operators.length;
		},
		120,
	);
	const failed = log.rounds(FEED).filter(({ index, outcome }) => index >= firstFull && outcome === "failed");
	assert.deepEqual(failed, []);
});

step("a round opens early when the world has changed, and when somebody pays for it", async () => {
	const call = createFeedCall(api, {
		...{ id: QUIET_FEED, unit: "ppm", tolerance: "1", ...times },
		...{ heartbeat: QUIET_HEARTBEAT, maxAge: QUIET_HEARTBEAT },
		schema: { Scalar: { decimals: DECIMALS, minimum: "0", maximum: "2000" } },
		invited: operators.map(({ address }) => address),
	});
	const alice = keyPair(api, "//Alice");
	// Paused until all have joined: a round that can't open is tried again a heartbeat later.
	const { batchAll } = api.tx.utility;
	await asRoot(api, alice, batchAll([call, api.tx.oracle.pauseFeed(QUIET_FEED)]));
	await topUpFeed(api, alice, QUIET_FEED, parseAmount(api, BUDGET));
	await Promise.all(operators.map((operator) => joinFeeds(api, operator, [QUIET_FEED])));
	await asRoot(api, alice, api.tx.oracle.resumeFeed(QUIET_FEED));
	const answer = async (round) =>
		await until(
			`round ${round} of the quiet feed has ended`,
			() => log.rounds(QUIET_FEED).find(({ index, outcome }) => index === round && outcome),
			QUIET_HEARTBEAT / 4,
		);
	const first = await answer(1);
	assert.equal(first.outcome, "closed", first.failure);
	await assert.rejects(
		requestRound(api, keyPair(api, "//Ferdie"), QUIET_FEED),
		/oracle\.requestRound failed: oracle\.CallTooEarly/,
	);

	await Promise.all(quiet.endpoints.map((endpoint) => endpoint.set("lying")));
	const second = await answer(2);
	assert.equal(second.outcome, "closed", second.failure);
	assert.ok(second.value > first.value + 100n * 10n ** BigInt(DECIMALS), `${second.value}`);
	const calls = log.all("oracle.EarlyRound").map(({ fields }) => fields);
	assert.deepEqual(
		calls.map(({ round, cause }) => [round.toNumber(), cause.type]),
		[[2, "Alarm"]],
	);
	const watchers = operators.map(({ address }) => address);
	const alarms = log.all("oracle.AlarmRaised").map(({ fields }) => fields.reporter.toString());
	assert.ok(alarms.length >= 2, "two of four are a third");
	assert.ok(alarms.every((reporter) => watchers.includes(reporter)));

	// The world stands still: whoever asks pays for the round, and loses the bond.
	const ferdie = keyPair(api, "//Ferdie");
	const budget = await budgetOf(api, QUIET_FEED);
	const { round, bond } = await until(
		"the next round can be called",
		async () => {
			try {
				return await requestRound(api, ferdie, QUIET_FEED);
			} catch (error) {
				assert.match(error.message, /CallTooEarly/);
				return undefined;
			}
		},
		60,
	);
	assert.equal(round, 3);
	const third = await answer(3);
	assert.equal(third.outcome, "closed", third.failure);
	const [{ fields: settled }] = log.all("oracle.RequestSettled");
	assert.deepEqual([settled.founded.isTrue, settled.requester.toString()], [false, ferdie.address]);
	assert.equal(settled.forfeited.toBigInt(), bond);
	const fee = BigInt(operators.length) * api.consts.oracle.dutyFee.toBigInt();
	assert.equal(settled.charged.toBigInt(), fee);
	assert.equal(await budgetOf(api, QUIET_FEED), budget);
	const held = await api.query.balances.holds(ferdie.address);
	assert.deepEqual(held.toHuman().filter(({ id }) => id.Oracle), []);
});

/** The first round that opens from now on: everything in it happens after now. */
async function nextRound() {
	return (await api.query.oracle.lastRound(FEED)).toNumber() + 1;
}

/** `count` rounds from `first` on, once they have ended. */
function endedRounds(first, count) {
	const seconds = 60 + 3 * count * times.heartbeat;
	return until(
		`rounds ${first} to ${first + count - 1} have ended`,
		() => {
			const rounds = log
				.rounds(FEED)
				.filter(({ index }) => index >= first)
				.slice(0, count);
			return rounds.length === count && rounds.every(({ outcome }) => outcome) && rounds;
		},
		seconds,
	);
}

/** Least and greatest value that an honest instrument may have shown, in units of the feed. */
function honestRange(from, to) {
	const { minimum, maximum } = sources.replay.honestRange(
		from - CLOCK_SLACK_MS,
		to + CLOCK_SLACK_MS,
	);
	const units = (value) => BigInt(Math.round(value * 10 ** DECIMALS));
	return { minimum: units(minimum), maximum: units(maximum) };
}

/** Each of these rounds has agreed on a value that an honest instrument may have shown. */
function assertHonest(rounds) {
	for (const { index, outcome, opened, ended, value } of rounds) {
		assert.equal(outcome, "closed", `round ${index}`);
		const { minimum, maximum } = honestRange(opened, ended);
		assert.ok(
			value >= minimum && value <= maximum,
			`round ${index}: ${value}, not ${minimum} to ${maximum}`,
		);
	}
}

// --- Validators that fail ------------------------------------------------------------------------

step("the chain goes on without a killed validator, which catches up when restarted", async () => {
	const { alice, charlie } = network.nodes;
	const last = await charlie.finalised();
	const restarted = charlie.running.restart(10);
	await until(
		"charlie is gone",
		async () => {
			const answers = await charlie.ask("system_chain").then(
				() => true,
				() => false,
			);
			return !answers;
		},
		10,
	);
	await until(
		"alice finalises five blocks without charlie",
		async () => (await alice.finalised()) >= last + 5,
	);
	await restarted;
	await hasCaughtUp(charlie, alice);
	await votesAlong(charlie, alice);
});

step("the chain goes on without a paused validator, which catches up when resumed", async () => {
	const { alice, bob } = network.nodes;
	const last = await bob.finalised();
	await bob.running.pause();
	await until(
		"alice finalises ten blocks without bob",
		async () => (await alice.finalised()) >= last + 10,
	);
	await assert.rejects(bob.finalised(), /not within 5 s: bob answers/);
	await bob.running.resume();
	await hasCaughtUp(bob, alice);
});

/**
 * `node` has gone through some rounds with `other`. A voter that starts in the middle of a round may miss
 * votes that are sent again only after two minutes; until then the others can't spare one of theirs.
 */
async function votesAlong(node, other) {
	const round = async (of) => (await of.ask("grandpa_roundState")).best.round;
	const start = await round(other);
	await until("the restarted validator votes along", async () => (await round(node)) >= start + 5);
}

/** Both have finalised the same block, one that is new at the time of asking. */
async function hasCaughtUp(node, other) {
	const goal = (await other.best()) + 1;
	for (const each of [node, other]) {
		await until(
			`${each.name} finalises block ${goal}`,
			async () => (await each.finalised()) >= goal,
			120,
		);
	}
	assert.equal(await node.blockHash(goal), await other.blockHash(goal));
}

step("the feed has gone on meanwhile", async () => {
	assertHonest(await endedRounds(await nextRound(), 1));
});

// --- Punishment ----------------------------------------------------------------------------------

step("a validator that runs twice is reported, slashed and disabled", async () => {
	const offender = keyPair(api, "//Dave//stash").address;
	const stake = async () => (await api.query.staking.ledger(offender)).unwrap().active.toBigInt();
	const before = await stake();
	const twin = startTwin();
	try {
		const [offence] = await until(
			"an offence is reported",
			() => {
				assert.ok(isRunning(twin), `the twin has stopped; see ${folder}/twin.log`);
				return some(log.all("offences.Offence"));
			},
			120,
		);
		assert.match(offence.fields.kind.toUtf8(), /babe:equivocatio|grandpa:equivoca/);
		const slashes = await until("the offender is slashed", () =>
			some(log.all("staking.Slashed")),
		);
		assert.ok(slashes.every(({ fields }) => fields.staker.toString() === offender));
		await until("the offender is disabled", () => some(log.all("session.ValidatorDisabled")));
	} finally {
		await kill(twin);
	}
	// One of four: (3 * 1/4)² of the stake for each offence.
	assert.ok((await stake()) <= before - (before * 9n) / 16n);
	const others = NAMES.slice(0, 3).map((name) =>
		keyPair(api, `//${name[0].toUpperCase()}${name.slice(1)}//stash`),
	);
	for (const { address } of others) {
		assert.equal((await api.query.staking.ledger(address)).unwrap().active.toBigInt(), before);
	}
});

const some = (events) => events.length > 0 && events;

/** Dave's keys on a second node. */
function startTwin() {
	const base = join(folder, "twin");
	mkdirSync(base);
	return start(
		NODE,
		[
			...["--chain", network.specFile, "--dave", "--validator", "--base-path", base],
			...["--node-key", "1".padStart(64, "0")],
			...["--listen-addr", "/ip4/127.0.0.1/tcp/0/ws", "--rpc-port", "0", "--no-prometheus"],
			...["--no-telemetry", "--no-mdns", "--bootnodes", network.nodes.alice.address],
		],
		join(folder, "twin.log"),
	);
}

step("the others finalise on", async () => {
	const { alice, bob, charlie } = network.nodes;
	const goal = (await alice.best()) + 5;
	for (const node of [alice, bob, charlie]) {
		await until(
			`${node.name} finalises block ${goal}`,
			async () => (await node.finalised()) >= goal,
			120,
		);
	}
});

step("no node has panicked", () => {
	// Nodes don't know that their validator is disabled: the runtime stops them from making a block.
	const disabled = /is disabled and should not be attempting to author blocks/;
	for (const node of nodes()) {
		const expected = node.name === "dave" ? disabled : /^$/;
		const panics = node.panics().filter((panic) => !expected.test(panic));
		assert.deepEqual(panics, [], node.name);
	}
});
