// Seven oracles on a real network: nodes that only follow the chain of two validators, each with an operator's
// worker and sources of its own, two of them read through gateways from a broker with TLS.
//
// Feeds of all four kinds advance. Two of seven lie, in every way, and move no answer out of the honest range; they
// are judged and slashed. A copy-cat isn't, but gains nothing by copying commitments; it is when it names what no
// device has signed. Rounds go on without two of seven nodes, fail loudly without three, and all recover.
// About thirteen minutes, most of it 24 rounds of 15 seconds, after which reporters are judged. The steps build on each
// other: after a failure the rest is skipped.

import assert from "node:assert/strict";
import { join } from "node:path";
import { u8aToHex } from "@polkadot/util";
import { asRoot, createFeedCall, DEFAULT_TIMES } from "../../scripts/js/create-feed.js";
import { demandMeasurement } from "../../scripts/js/demand-measurement.js";
import { demandsOn, enforceDemand } from "../../scripts/js/enforce-demands.js";
import { nodeOf } from "../../scripts/js/examples/node-life.js";
import { freeBalance } from "../../scripts/js/examples/transfer.js";
import { joinFeeds } from "../../scripts/js/join-feed.js";
import { connect, keyPair, submitFinalised } from "../../scripts/js/lib/chain.js";
import { Device, parseDeviceKey, snakeCase } from "../../scripts/js/lib/device.js";
import { feedName, parseFeed, plainReading } from "../../scripts/js/lib/feed.js";
import { callView } from "../../scripts/js/lib/view.js";
import { freePorts } from "../../scripts/js/measure.js";
import { proveManipulation } from "../../scripts/js/prove-manipulation.js";
import { registerDevice } from "../../scripts/js/register-device.js";
import { registerOracle } from "../../scripts/js/register-oracle.js";
import { contentHash } from "../../scripts/sources/endpoint.js";
import { startSources } from "../../scripts/sources/sources.js";
import { publishRegularly, startBroker } from "../lib/broker.js";
import { ChainLog } from "../lib/chain-log.js";
import { CopyCat } from "../lib/copy-cat.js";
import { feedUrl, startGateway, topicUrl } from "../lib/gateway.js";
import { NODE, startNetwork } from "../lib/network.js";
import { isHonest, unitsOf } from "../lib/readings.js";
import { possessionProof } from "../lib/speech.js";
import { exportSpec, keepValidators, setTempo, writeSpec } from "../lib/spec.js";
import { suite } from "../lib/suite.js";
import { until } from "../lib/wait.js";

const VALIDATORS = ["alice", "bob"];
const OPERATORS = [1, 2, 3, 4, 5, 6, 7];
const HONEST = [1, 2, 3, 4, 5];
const LIARS = [6, 7];
/** It has no source for temperatures: there it copies what others say, by hand. */
const COPY_CAT = 7;
/** Whose commitments are copied. */
const VICTIM = 3;
/** Oracles that read bearings from a device that signs them, through a gateway. */
const WITH_DEVICE = [1, 2];
/** The one of them that reads temperatures from a topic too. */
const WITH_TOPIC = 2;

const RWA = 10n ** 12n;
/** Twice the least, so that the slashed can go on. */
const STAKE = 1_000n * RWA;
/** Half of an oracle's 5 %. */
const PENALTY = (STAKE * 25n) / 1_000n;
/** For an accepted temperature. */
const REWARD = RWA / 100n;
/** Ample for all that a feed has to pay. */
const BUDGET = 100n * RWA;
/** At this tempo a penalty waits for 42 blocks. */
const TEMPO = 14_400;
/** As the runtime has it. */
const WINDOW = 24;
/** Outliers, or silences, in a window that make a fault. */
const LIMIT = 6;
const PUBLISH_MS = 1_000;
const PLACE = { region: "ZZ", endpoint: "/ip4/127.0.0.1/tcp/30333" };
const APP_KEY_TYPE = "rwak";
const APP_SURI = "//Oracle//7//app";

/**
 * What is measured. `from` is the first record that is replayed, so that each run sees the same part of the data: a
 * bearing that turns through north, weather that changes. `stepMs` is how long a record lasts: slow enough that
 * readers seconds apart say the same within the tolerance.
 */
const FEEDS = {
	temperature: {
		id: parseFeed("1/WeatherApi"),
		kind: "Scalar",
		...{ series: "seattle-temperature", from: 120, stepMs: 240_000 },
		...{ decimals: 2, unit: "°C", tolerance: "1", reward: REWARD },
		schema: { Scalar: { decimals: 2, minimum: "-60", maximum: "100" } },
		settings: 'pointer = "/temperature"',
	},
	position: {
		id: parseFeed("1/GpsTracker"),
		kind: "Point",
		...{ series: "washington-flight", from: 8, stepMs: 240_000, tolerance: "5000" },
		schema: { Point: { south: "40", west: "-130", north: "55", east: "-110" } },
		settings: 'reading = "point"\nlatitude = "/latitude"\nlongitude = "/longitude"',
	},
	bearing: {
		id: parseFeed("1/IotSensor"),
		kind: "Angle",
		...{ series: "washington-bearing", from: 18, stepMs: 150_000, tolerance: "10" },
		schema: "Angle",
		settings: 'reading = "angle"\npointer = "/bearing"',
	},
	weather: {
		id: parseFeed("1/SatelliteImagery"),
		kind: "Category",
		...{ series: "seattle-weather", from: 91, stepMs: 100_000 },
		states: ["drizzle", "fog", "rain", "snow", "sun"],
		schema: { Category: { count: 5 } },
		settings:
			'reading = "category"\npointer = "/weather"\ncontent = "/record"\n' +
			"categories = { drizzle = 0, fog = 1, rain = 2, snow = 3, sun = 4 }",
	},
};
const ALL = Object.values(FEEDS);

const { folder, step, atEnd } = suite("oracle");
const shown = new Map();
let ports, devices, broker, network, api, log, sudo, accounts, copyCat, before;

const oracleNode = (operator) => network.nodes[`oracle-${operator}`];
const address = (operator) => accounts[operator - 1].address;
const count = (list, wanted) => list.filter(wanted).length;

// --- The network ---------------------------------------------------------------------------------

step("two validators and seven nodes of oracles start, each with sources of its own", async () => {
	const began = Date.now();
	for (const feed of ALL) {
		feed.sources = await startSources({
			...{ series: feed.series, operators: OPERATORS.length, portBase: 0, controlPort: 0 },
			...{ stepMs: feed.stepMs, gradual: true, seed: 1 },
			now: () => feed.from * feed.stepMs + Date.now() - began,
		});
		atEnd(() => feed.sources.stop());
	}
	const plain = join(folder, "plain.json");
	const description = exportSpec(NODE, "local");
	keepValidators(description, VALIDATORS.length);
	writeSpec(plain, description);
	const spec = exportSpec(NODE, plain, "--raw");
	setTempo(spec, TEMPO);
	const file = join(folder, "spec.json");
	writeSpec(file, spec);

	ports = await freePorts(WITH_DEVICE.length);
	// What is signed names the chain, which isn't there yet.
	devices = WITH_DEVICE.map((operator) => new Device(seed(operator), undefined, FEEDS.bearing.id));
	network = await startNetwork({
		...{ folder, spec: file, network: "oracle.toml" },
		settings: Object.fromEntries(
			OPERATORS.map((operator) => [`oracle-${operator}`, workerSettings(operator)]),
		),
	});
	atEnd(() => network.stop());
	api = await connect(network.nodes.alice.url, { waitMs: 60_000 });
	atEnd(() => api.disconnect());
	log = new ChainLog(api);
	atEnd(() => log.end());
	sudo = keyPair(api, "//Alice");
	accounts = OPERATORS.map((operator) => keyPair(api, `//Oracle//${operator}`));
	for (const node of Object.values(network.nodes)) {
		await until(`${node.name} has four peers`, async () => (await node.peers()) >= 4);
	}
});

function seed(operator) {
	return new Uint8Array(32).fill(operator);
}

/** Settings of an operator's worker, as TOML. */
function workerSettings(operator) {
	const served = ALL.filter((feed) => feed !== FEEDS.temperature || operator !== COPY_CAT);
	return served.map((feed) => sourceSettings(operator, feed)).join("\n");
}

function sourceSettings(operator, feed) {
	const gateway = WITH_DEVICE.indexOf(operator);
	const table = (url, settings) =>
		`[[oracle]]\nasset = ${feed.id.asset}\nsource = "${snakeCase(feed.id.source)}"\n` +
		`url = "${url}"\n${settings}\n`;
	if (gateway >= 0 && feed === FEEDS.bearing) {
		const { key } = devices[gateway];
		return table(feedUrl(ports[gateway], feed.id), `signed = true\ndevices = ["${key}"]`);
	}
	if (operator === WITH_TOPIC && feed === FEEDS.temperature) {
		return table(topicUrl(ports[gateway], "temperature"), feed.settings);
	}
	return table(feed.sources.endpoints[operator - 1].status().url, feed.settings);
}

step("instruments publish through a broker with TLS and passwords, and gateways serve it", async () => {
	const password = (user) => `secret of ${user}`;
	const user = (name, access) => [name, { password: password(name), access: [access] }];
	broker = await startBroker(
		folder,
		Object.fromEntries([
			...WITH_DEVICE.flatMap((operator) => [
				user(`gateway-${operator}`, `read instruments/${operator}/#`),
				user(`finder-${operator}`, `write instruments/${operator}/bearing`),
			]),
			user("thermometer", `write instruments/${WITH_TOPIC}/temperature`),
		]),
	);
	atEnd(() => broker.stop());
	const genesis = api.genesisHash.toHex();
	const topics = [{ name: "temperature", topic: `instruments/${WITH_TOPIC}/temperature` }];
	for (const [index, operator] of WITH_DEVICE.entries()) {
		const device = devices[index];
		const name = `gateway-${operator}`;
		const topic = `instruments/${operator}/bearing`;
		device.genesis = genesis;
		const gateway = await startGateway(folder, {
			...{ name, port: ports[index], genesis, broker, user: name, password: password(name) },
			devices: [{ key: device.key, topic, feed: FEEDS.bearing.id }],
			topics: operator === WITH_TOPIC ? topics : [],
		});
		atEnd(() => gateway.stop());
		const measure = () => device.measure("Angle", shows(FEEDS.bearing, operator));
		const client = await broker.connect(`finder-${operator}`);
		atEnd(publishRegularly(client, topic, measure, PUBLISH_MS));
	}
	const thermometer = () => {
		const { value } = FEEDS.temperature.sources.replay.readingAt(WITH_TOPIC);
		remember(FEEDS.temperature, WITH_TOPIC, unitsOf("Scalar", value, FEEDS.temperature));
		return JSON.stringify({ temperature: value });
	};
	const client = await broker.connect("thermometer");
	atEnd(publishRegularly(client, topics[0].topic, thermometer, PUBLISH_MS));

	for (const [index, device] of devices.entries()) {
		const answer = await until("a signed bearing is served", async () => {
			const response = await fetch(feedUrl(ports[index], FEEDS.bearing.id));
			return response.ok && response.json();
		});
		assert.equal(answer.device, device.key);
	}
	await until("a temperature is served", async () => (await fetch(topicUrl(ports[1], "temperature"))).ok);
	await assert.rejects(broker.connect("thermometer", "wrong"), /Not authorized/);
});

/** What the instrument of an operator shows now, as the chain counts it. */
function shows(feed, operator) {
	return unitsOf(feed.kind, feed.sources.replay.readingAt(operator).value, feed);
}

function remember(feed, operator, value) {
	const name = `${feed.series} ${operator}`;
	shown.set(name, [...(shown.get(name) ?? []), value]);
}

// --- Feeds of all kinds --------------------------------------------------------------------------

step("seven oracles register, and join four feeds", async () => {
	await Promise.all(
		OPERATORS.filter((operator) => operator !== COPY_CAT).map(async (operator) => {
			const own = await connect(oracleNode(operator).url);
			try {
				await registerOracle(own, accounts[operator - 1], { ...PLACE, stake: STAKE });
			} finally {
				await own.disconnect();
			}
		}),
	);
	await registerCopyCat();
	// Or no report may name what they sign.
	const { asset } = FEEDS.bearing.id;
	await submitFinalised(api, api.tx.assets.create(asset, sudo.address, 1), sudo);
	for (const device of devices) {
		const { key } = device;
		await registerDevice(api, sudo, { key, asset, proof: device.agree(sudo.publicKey, asset) });
	}
	// Paused until all have joined, so that all are in every round.
	const calls = ALL.flatMap(({ id, unit, schema, tolerance, reward }) => [
		createFeedCall(api, { ...DEFAULT_TIMES, id, unit, schema, tolerance, reward }),
		api.tx.oracle.pauseFeed(id),
	]);
	await asRoot(api, sudo, api.tx.utility.batchAll(calls));
	const budgets = ALL.map(({ id }) => api.tx.oracle.topUp(id, BUDGET));
	await submitFinalised(api, api.tx.utility.batchAll(budgets), sudo);
	const ids = ALL.map(({ id }) => id);
	await Promise.all(accounts.map((account) => joinFeeds(api, account, ids)));
});

/** Its app key is in its node, like everybody's, and here as well. */
async function registerCopyCat() {
	const [account, pair] = [accounts[COPY_CAT - 1], keyPair(api, APP_SURI)];
	const key = u8aToHex(pair.publicKey);
	await oracleNode(COPY_CAT).ask("author_insertKey", APP_KEY_TYPE, APP_SURI, key);
	const { nodeRegistry, utility } = api.tx;
	const proof = possessionProof(api, pair, account.address);
	const calls = [
		nodeRegistry.register("Oracle", PLACE.region, PLACE.endpoint, STAKE),
		nodeRegistry.registerAppKey("Oracle", key, proof),
	];
	await submitFinalised(api, utility.batchAll(calls), account);
	const { key: victimKey } = (await api.query.nodeRegistry.appKeyOf(address(VICTIM))).unwrap();
	copyCat = new CopyCat(api, network.nodes.alice, {
		...{ feed: FEEDS.temperature.id, reporter: account.address, pair },
		...{ victim: address(VICTIM), victimKey: victimKey.toHex() },
	});
	atEnd(() => copyCat.end());
}

step("feeds of all four kinds advance, by what each oracle's own source shows", async () => {
	before = await Promise.all(accounts.map((account) => freeBalance(api, account.address)));
	const calls = ALL.map(({ id }) => api.tx.oracle.resumeFeed(id));
	await asRoot(api, sudo, api.tx.utility.batchAll(calls));
	for (const feed of ALL) {
		const rounds = await endedRounds(feed, 1, 3);
		assertHonest(feed, rounds);
		const closed = rounds.filter(({ outcome }) => outcome === "closed");
		// The weather may be the same for some time.
		const least = feed.kind === "Category" ? 1 : 2;
		assert.ok(new Set(closed.map(({ value }) => text(value))).size >= least, "it stands still");
		for (const round of closed) {
			assertShown(feed, round);
		}
		const { reading } = await freshOf(feed);
		assert.equal(plainReading(reading).kind, feed.kind);
	}
});

/** Each report of an honest oracle is what its own instrument has shown: signed, where the device signs. */
function assertShown(feed, { index, reports, evidence }) {
	for (const operator of HONEST.filter((honest) => reports.has(address(honest)))) {
		const report = reports.get(address(operator));
		const what = `${feed.series}, round ${index}, oracle ${operator}: ${text(report)}`;
		const device = feed === FEEDS.bearing ? devices[WITH_DEVICE.indexOf(operator)] : undefined;
		const named = evidence.get(address(operator));
		assert.equal(named !== undefined, device !== undefined || feed === FEEDS.weather, what);
		if (device) {
			const { device: key, counter, digest } = named.asMeasurement;
			const signed = device.signed.get(counter.toNumber());
			assert.equal(key.asEd25519.toHex(), device.key.slice("ed25519:".length), what);
			assert.equal(report, signed.reading, what);
			assert.equal(digest.toHex(), signed.hash, what);
		} else if (feed === FEEDS.weather) {
			assert.equal(report, stateIn(feed, named.asContent.toHex()), what);
		} else {
			const { answers } = feed.sources.endpoints[operator - 1];
			const values = [
				...answers.map(({ value }) => unitsOf(feed.kind, value, feed)),
				...(shown.get(`${feed.series} ${operator}`) ?? []),
			];
			assert.ok(values.some((value) => text(value) === text(report)), what);
		}
	}
}

/** What anyone finds who looks up the record that a report names. */
function stateIn({ sources, states }, hash) {
	const { station, quantity, records } = sources.replay.series;
	const isNamed = (record) => `0x${contentHash({ station, quantity, ...record })}` === hash;
	const { value } = records.find(isNamed);
	return BigInt(states.indexOf(value));
}

// --- Liars ---------------------------------------------------------------------------------------

step("a copied commitment is taken and can't be revealed: it earns nothing", async () => {
	copyCat.plan = "commitments";
	const rounds = await endedRounds(FEEDS.temperature, await nextRound(FEEDS.temperature), 3);
	copyCat.plan = "answers";
	assert.equal(copyCat.failure, undefined);
	const taken = log
		.all("oracle.Committed")
		.filter(({ fields }) => fields.reporter.toString() === address(COPY_CAT))
		.map(({ fields }) => fields.round.toNumber());
	const copied = rounds.filter(
		({ index }) => copyCat.copied().includes(index) && taken.includes(index),
	);
	assert.ok(copied.length > 0, "no copied commitment was taken");
	for (const { index, reports, abstained } of copied) {
		assert.ok(!reports.has(address(COPY_CAT)), `round ${index}`);
		assert.ok(!abstained.has(address(COPY_CAT)), `round ${index}`);
	}
	assert.ok(copyCat.refusals.length > 0, "it never tried to reveal what it had copied");
	for (const { round, reason } of copyCat.refusals) {
		assert.match(reason, /Custom error: 2/, `round ${round}`);
	}
	assertHonest(FEEDS.temperature, rounds);
	// All that reporters of temperatures own beside that is what their accepted reports have earned.
	for (const operator of [VICTIM, COPY_CAT]) {
		await until(`oracle ${operator} has been paid for what was accepted`, async () => {
			const accepted = count(
				log.rounds(FEEDS.temperature.id),
				({ outcome, reports, outliers }) =>
					outcome === "closed" &&
					reports.has(address(operator)) &&
					!outliers.includes(address(operator)),
			);
			const earned = (await freeBalance(api, address(operator))) - before[operator - 1];
			return earned === BigInt(accepted) * REWARD;
		});
	}
});

for (const [mode, what] of [
	["lying", "are off by the same all the time"],
	["colluding", "agree on one wrong value"],
	["random", "say anything"],
]) {
	step(`two of seven that ${what} move no answer out of the honest range`, async () => {
		await misbehave(mode);
		const first = Math.max(...(await Promise.all(ALL.map(nextRound))));
		for (const feed of ALL) {
			const rounds = await endedRounds(feed, first, 5);
			assertHonest(feed, rounds);
			assertLies(feed, rounds, mode);
		}
	});
}

/** Switch the liars' sources. */
async function misbehave(mode) {
	for (const { sources } of ALL) {
		for (const operator of LIARS) {
			await sources.endpoints[operator - 1].set(mode);
		}
	}
}

/** The liars did lie. */
function assertLies(feed, rounds, mode) {
	const liars = LIARS.filter((liar) => !isCopyCat(feed, liar));
	// Where it is clear what a lie is.
	const clear = rounds.filter(({ reports }) => !isSplit(feed, reports));
	for (const liar of liars) {
		const spoken = clear.filter(({ reports }) => reports.has(address(liar)));
		const lies = spoken.filter(
			({ reports }) =>
				!isHonest(feed.kind, reports.get(address(liar)), honestReports(reports)),
		);
		const what = `${feed.series}: oracle ${liar} lied in ${lies.length} of ${spoken.length} rounds`;
		assert.ok(lies.length > 0, what);
		assert.ok(mode === "random" || lies.length === spoken.length, what);
	}
	if (mode === "colluding" && liars.length > 1) {
		const words = clear.map(({ reports }) => liars.map((liar) => reports.get(address(liar))));
		const alike = words.filter(([one, other]) => one !== undefined && text(one) === text(other));
		assert.ok(alike.length > 0, `${feed.series}: the liars did not agree`);
	}
}

step("after 24 rounds the liars are found consistent outliers, and nobody else anything", async () => {
	await until(
		"everybody was judged for every feed",
		() => log.all("oracle.Judged").length >= ALL.length * OPERATORS.length,
		2 * WINDOW * DEFAULT_TIMES.heartbeat,
	);
	for (const feed of ALL) {
		for (const operator of OPERATORS) {
			const { record, faults } = judgementOf(feed, operator);
			const [outliers, missed] = [record.outliers.toNumber(), record.missed.toNumber()];
			const what = `${feed.series}, oracle ${operator}: ${outliers} outliers, ${missed} missed`;
			console.log(`# ${what}`);
			assert.equal(record.rounds.toNumber(), WINDOW, what);
			assert.ok(missed < LIMIT, what);
			const lied = LIARS.includes(operator) && !isCopyCat(feed, operator);
			assert.equal(outliers >= LIMIT, lied, what);
			assert.deepEqual(
				faults.map((fault) => fault.type),
				lied ? ["ConsistentOutliers"] : [],
				what,
			);
		}
	}
	assert.deepEqual(log.all("oracle.FaultNotTaken"), []);
});

function judgementOf(feed, operator) {
	return log.all("oracle.Judged").find(
		({ fields }) =>
			feedName(fields.feed) === feedName(feed.id) &&
			fields.reporter.toString() === address(operator),
	).fields;
}

const isCopyCat = (feed, operator) => feed === FEEDS.temperature && operator === COPY_CAT;

step("the liars are slashed: half of 5 % of their stake for each feed", async () => {
	await misbehave("honest");
	const guilty = ALL.flatMap((feed) => LIARS.filter((liar) => !isCopyCat(feed, liar)));
	const reported = log.all("slashing.PenaltyReported").map(({ fields }) => fields);
	const offenders = reported.map(({ offender }) => offender.toString());
	assert.deepEqual(offenders.sort(), guilty.map(address).sort());
	for (const { fault, amount } of reported) {
		assert.equal(fault.type, "ConsistentOutliers");
		assert.equal(amount.toBigInt(), PENALTY);
	}
	await until(
		"the penalties are executed",
		() => log.all("slashing.PenaltyExecuted").length === guilty.length,
		240,
	);
	for (const { fields } of log.all("slashing.PenaltyExecuted")) {
		assert.equal(fields.taken.toBigInt(), PENALTY);
		// The chain found it by itself.
		assert.equal(fields.toReporter.toBigInt(), 0n);
	}
	for (const operator of OPERATORS) {
		const faults = BigInt(count(guilty, (liar) => liar === operator));
		const { stake } = await nodeOf(api, address(operator));
		assert.equal(stake, STAKE - faults * PENALTY, `oracle ${operator}`);
	}
});

// --- What devices have not signed --------------------------------------------------------------------

/** In the next rounds the copy-cat says that a device has measured what it copies. The first such report. */
async function copyWith(evidence) {
	copyCat.evidence = { Measurement: evidence };
	const first = await nextRound(FEEDS.temperature);
	const [, { index }] = await endedRounds(FEEDS.temperature, first, 2);
	copyCat.evidence = null;
	const report = reportOf(FEEDS.temperature, COPY_CAT, index);
	assert.deepEqual(report.observation.evidence.toJSON()?.measurement?.digest, evidence.digest);
	return report;
}

/** What an oracle has revealed in a round, as calls take it. */
function reportOf({ id }, operator, index) {
	const { fields } = log
		.all("oracle.Revealed")
		.find(
			({ fields }) =>
				feedName(fields.feed) === feedName(id) &&
				fields.reporter.eq(address(operator)) &&
				fields.round.eq(index),
		);
	return { feed: id, round: index, reporter: address(operator), observation: fields.observation };
}

/** Waits for a penalty; gives the fault, and what it takes. */
async function executed(penalty) {
	const ofPenalty = (name) => log.all(name).find(({ fields }) => fields.penalty.eq(penalty))?.fields;
	const { taken } = await until(
		`penalty ${penalty} is executed`,
		() => ofPenalty("slashing.PenaltyExecuted"),
		240,
	);
	const { offender, fault, reporter } = ofPenalty("slashing.PenaltyReported");
	assert.equal(offender.toString(), address(COPY_CAT));
	assert.equal(fault.type, "DataManipulation");
	assert.equal(reporter.unwrap().toString(), sudo.address);
	return taken.toBigInt();
}

step("a node shows by itself what a device has signed for its oracle, and earns the bond", async () => {
	const [{ index }] = await endedRounds(FEEDS.bearing, await nextRound(FEEDS.bearing), 1);
	const report = reportOf(FEEDS.bearing, WITH_DEVICE[0], index);
	const { bond } = await demandMeasurement(api, sudo, report);
	assert.equal(bond, api.consts.oracle.demandBond.toBigInt());
	const { fields } = await until("it is shown", () => log.all("oracle.MeasurementShown")[0], 60);
	assert.equal(fields.reporter.toString(), report.reporter);
	assert.equal(fields.round.toNumber(), index);
	assert.equal(fields.paid.toBigInt(), bond);
	assert.deepEqual(await demandsOn(api, report.reporter), []);
	await assert.rejects(demandMeasurement(api, sudo, report), /oracle\.NotTestified/);
});

step("who misquotes a device is proven to, and who makes one up has nothing to show: 5 % each", async () => {
	const { id } = FEEDS.temperature;
	const device = new Device(seed(99), api.genesisHash.toHex(), id);
	const proofOf = device.agree(sudo.publicKey, id.asset);
	await registerDevice(api, sudo, { key: device.key, asset: id.asset, proof: proofOf });
	const { stake: atFirst } = await nodeOf(api, address(COPY_CAT));
	// Colder than it ever was there.
	const signed = JSON.parse(device.measure("Scalar", -5_999n));
	const named = { device: parseDeviceKey(device.key), counter: signed.counter };
	const { hash } = device.signed.get(signed.counter);

	const misquoted = await copyWith({ ...named, digest: hash });
	const { value } = plainReading(misquoted.observation.reading);
	const proof = JSON.stringify({
		round: misquoted.round,
		reporter: u8aToHex(accounts[COPY_CAT - 1].publicKey),
		reading: { scalar: value.toString() },
		...{ hash, measurement: signed },
	});
	const { penalty: proven } = await proveManipulation(api, sudo, proof);
	assert.equal(await executed(proven), atFirst / 20n);

	// A counter that the device doesn't reach: nobody will ever hold a measurement that refutes it.
	const digest = `0x${"bb".repeat(32)}`;
	const invented = await copyWith({ ...named, counter: 2 ** 40, digest });
	const { testimony, dueAt } = await demandMeasurement(api, sudo, invented);
	assert.deepEqual(
		(await demandsOn(api, invented.reporter)).map((demand) => demand.testimony),
		[testimony],
	);
	await assert.rejects(
		enforceDemand(api, sudo, invented.reporter, testimony),
		/oracle\.TimeToShow/,
	);
	await until(
		"the time to show it is over",
		async () => (await api.query.clock.elapsed()).toNumber() >= dueAt,
		240,
	);
	const { stake: atLast } = await nodeOf(api, address(COPY_CAT));
	const { penalty: enforced } = await enforceDemand(api, sudo, invented.reporter, testimony);
	assert.equal(await executed(enforced), atLast / 20n);
	// Its node has its key, and had nothing either.
	assert.match(oracleNode(COPY_CAT).log(), /somebody demands to see .* doesn't have it/);
});

// --- Nodes that are killed -----------------------------------------------------------------------

step("rounds go on without two of the seven nodes", async () => {
	await Promise.all([5, 6].map((operator) => oracleNode(operator).kill()));
	const first = Math.max(...(await Promise.all(ALL.map(nextRound))));
	for (const feed of ALL) {
		const [round, ...others] = await endedRounds(feed, first, 2);
		for (const { index, reports, outcome } of [round, ...others]) {
			const what = `${feed.series}, round ${index}`;
			assert.ok(!reports.has(address(5)) && !reports.has(address(6)), what);
			assert.ok(outcome === "closed" || isSplit(feed, reports), what);
		}
		const latest = await latestOf(feed);
		assert.ok(latest.round.toNumber() >= first, `${feed.series} has no newer answer`);
	}
});

step("without three every round fails loudly, and the old answers are stale", async () => {
	await oracleNode(4).kill();
	const first = Math.max(...(await Promise.all(ALL.map(nextRound))));
	for (const feed of ALL) {
		const [{ index, outcome, failure, committee }] = await endedRounds(feed, first, 1);
		assert.equal(outcome, "failed", `${feed.series}, round ${index}`);
		assert.match(failure, /too little weight committed/);
		assert.equal(committee.length, OPERATORS.length);
		const latest = await latestOf(feed);
		assert.equal(latest.status.type, "Stale", feed.series);
		assert.ok(latest.round.toNumber() < first, feed.series);
	}
});

step("when the nodes are back, all report again, and the answers are fresh", async () => {
	for (const operator of [4, 5, 6]) {
		oracleNode(operator).start();
	}
	const from = await Promise.all(ALL.map(nextRound));
	for (const [place, feed] of ALL.entries()) {
		const round = await until(
			`all report to ${feedName(feed.id)} again`,
			() =>
				log
					.rounds(feed.id)
					.find(
						({ index, outcome, reports }) =>
							index >= from[place] &&
							outcome === "closed" &&
							reports.size === OPERATORS.length,
					),
			240,
		);
		assertHonest(feed, [round]);
		assert.ok((await freshOf(feed)).round.toNumber() >= round.index);
	}
});

step("the copy-cat's node has done nothing by itself for the feed that it copied", () => {
	assert.equal(copyCat.failure, undefined);
	assert.doesNotMatch(
		oracleNode(COPY_CAT).log(),
		/(sent|did not take) .* to FeedId \{ asset: 1, source: WeatherApi \}/,
	);
});

step("no node has panicked", () => {
	for (const node of Object.values(network.nodes)) {
		assert.deepEqual(node.panics(), [], node.name);
	}
});

// --- Rounds --------------------------------------------------------------------------------------

/** The first round that opens from now on: everything in it happens after now. */
async function nextRound({ id }) {
	return (await api.query.oracle.lastRound(id)).toNumber() + 1;
}

/** `wanted` rounds of a feed from `first` on, once they have ended. */
function endedRounds({ id }, first, wanted) {
	return until(
		`rounds ${first} to ${first + wanted - 1} of ${feedName(id)} have ended`,
		() => {
			const rounds = log
				.rounds(id)
				.filter(({ index }) => index >= first)
				.slice(0, wanted);
			return rounds.length === wanted && rounds.every(({ outcome }) => outcome) && rounds;
		},
		60 + 3 * wanted * DEFAULT_TIMES.heartbeat,
	);
}

/** What the honest said in a round. */
function honestReports(reports) {
	return HONEST.flatMap((operator) => reports.get(address(operator)) ?? []);
}

/** Of the honest themselves some saw another weather than others, because it changed while they looked. */
function isSplit(feed, reports) {
	return feed.kind === "Category" && new Set(honestReports(reports)).size > 1;
}

/**
 * Each of these rounds has agreed on something that the honest have seen. That is promised as long as less than a
 * third lies or is silent: not if one of the honest is silent too, which a busy machine can bring about, but not often.
 */
function assertHonest(feed, rounds) {
	const covered = rounds.filter(({ reports }) => honestReports(reports).length === HONEST.length);
	assert.ok(2 * covered.length > rounds.length, `${feed.series}: honest oracles are silent`);
	for (const { index, outcome, failure, value, reports } of covered) {
		const what = `${feed.series}, round ${index}`;
		if (outcome === "failed") {
			assert.ok(isSplit(feed, reports), `${what}: ${failure}`);
			continue;
		}
		const honest = honestReports(reports);
		assert.ok(
			isHonest(feed.kind, value, honest),
			`${what}: ${text(value)} is not among ${honest.map(text).join("; ")}`,
		);
	}
}

/** What the view function says of a feed. */
async function latestOf({ id }) {
	return (await callView(api, "Oracle", "latest", [id])).unwrap();
}

/** The same, once it is fresh. */
function freshOf(feed) {
	return until(
		`${feedName(feed.id)} has a fresh answer`,
		async () => {
			const latest = await latestOf(feed);
			return latest.status.type === "Fresh" && latest;
		},
		4 * DEFAULT_TIMES.heartbeat,
	);
}

/** A value in words: to show it, and to compare it. */
function text(value) {
	return typeof value === "object" ? `${value.latitude} ${value.longitude}` : `${value}`;
}
