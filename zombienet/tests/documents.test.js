// Documents on a real network: five storage nodes, each with a bridge and a real Kubo, and a publisher with a Kubo of
// its own. Documents of all sizes are stored, proven, read by who may, given up when their time is over, and made again
// after two nodes have lost their disks while the publisher is away. A node that discards a tenth of what it holds is
// found out. About half an hour with 12 documents, most of it the 24 rounds of 30 seconds after which a silent node is
// given up; with RWA_DOCUMENTS=200, a gibibyte in all, about an hour and a half. With RWA_BRIEF=1 it ends, after some
// minutes, before anything expires or is lost. Needs Kubo, and says so where there is none. The steps build on each
// other: after a failure the rest is skipped.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { declareCapacity } from "../../scripts/js/declare-capacity.js";
import { nodeOf } from "../../scripts/js/examples/node-life.js";
import { connect, keyPair, submitFinalised } from "../../scripts/js/lib/chain.js";
import {
	applySeal,
	openEnvelope,
	openInner,
	readerKey,
	readerSecretText,
} from "../../scripts/js/lib/document.js";
import { envelopeCall, envelopeOf } from "../../scripts/js/lib/envelopes.js";
import { fetchFile, forgetFile, openNode, padded, storeFile } from "../../scripts/js/lib/publishing.js";
import { callView } from "../../scripts/js/lib/view.js";
import { freePorts } from "../../scripts/js/measure.js";
import { registerStorage } from "../../scripts/js/register-storage.js";
import { cidText } from "../../scripts/js/repair-documents.js";
import { setReaderKey } from "../../scripts/js/set-reader-key.js";
import { chainFiles } from "../../scripts/js/store-document.js";
import { Bridge } from "../lib/bridge.js";
import { ChainLog } from "../lib/chain-log.js";
import { blockFile, discardLeaves, diskUsage, flipBit, keepPort, leavesOf } from "../lib/kubo-disk.js";
import { connect as connectKubos, kuboProgram, startKubos } from "../lib/kubo.js";
import { built, NODE, startNetwork } from "../lib/network.js";
import { kill, start } from "../lib/processes.js";
import { sampleBytes, sampleSizes } from "../lib/samples.js";
import { exportSpec, keepValidators, setTempo, writeSpec } from "../lib/spec.js";
import { suite } from "../lib/suite.js";
import { until, within } from "../lib/wait.js";

/** How many documents are stored, from 1 KiB to 64 MiB. */
const COUNT = Number(process.env.RWA_DOCUMENTS ?? 12);
/** Whether it ends before what takes long. */
const BRIEF = process.env.RWA_BRIEF === "1";

const VALIDATORS = ["alice", "bob"];
/** The node of each storage operator. */
const HOSTS = ["alice", "bob", "storage-3", "storage-4", "storage-5"];
/** Who loses everything. */
const VICTIMS = [3, 4];
/** Who throws away a part of what it is paid for. */
const DISCARDER = 2;
/** Of so many leaves it discards one. */
const DISCARDED = 10;

const RWA = 10n ** 12n;
/** Twice the least, so that the slashed can go on. Two challenges in a round, as for the least. */
const STAKE = 500n * RWA;
const FUNDS = 2_000n * RWA;
/** As Kubo's settings have it. */
const CAPACITY = 10_000_000_000n;
/** At this tempo draws wait for 5 blocks, losses for 30, and nodes have a minute to confirm. */
const TEMPO = 14_400;
/** Blocks of a round, at this tempo. */
const ROUND = 30;
/** Challenges in a round, and rounds in what is a day in earnest. */
const CHALLENGES = 2;
const ROUNDS = 24;
/** The shortest term at this tempo, and room for a transaction. */
const SHORT_TERM = 150;
/** Longer than the test takes. */
const LONG_TERM = 6 * 3_600;
/** From the end of the grace period until a lost replica is there again. */
const REPAIR_SECONDS = 600;
/** So many documents are stored before they are registered. */
const BATCH = 4;
/** Bytes of documents that wait to be confirmed: what the disk of a small machine takes in a minute. */
const MAX_UNDERWAY = 32 << 20;
/** Challenges that are paid for, in a round of a node. The chain takes twelve. */
const REQUESTS = 4;
const ASSET = 258;
const MIB = 1 << 20;

const REPAIR_PROGRAM = fileURLToPath(new URL("../../scripts/js/repair-documents.js", import.meta.url));

const skip = kuboProgram()
	? undefined
	: "NOT RUN: no Kubo; scripts/setup.sh brings it where it can, or put the program ipfs into the path";
const { folder, step, atEnd } = suite("documents", { skip });
/** One that belongs to what takes long, or needs it. */
const longStep = BRIEF ? () => {} : step;

let kubos, publisherKubo, repairerKubo, bridges, network, api, log, publisherNode;
let owner, operators, repairer, readers, offset;
/** What was published, with all that its publisher knows of it. */
const documents = [];
/** Replicas that the victims held. */
let lost = [];

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const some = (events) => events.length > 0 && events;
const address = (operator) => operators[operator].address;
const hostOf = (account) => operators.findIndex((operator) => operator.address === account);
const survivors = () => [...HOSTS.keys()].filter((operator) => !VICTIMS.includes(operator));
const workingBlock = async () => (await api.query.clock.elapsed()).toNumber();
const documentEvents = (name, wanted) =>
	log.all(`documents.${name}`).filter(({ fields }) => wanted(fields));

// --- The network ---------------------------------------------------------------------------------

step("five bridges with a Kubo each, a publisher's Kubo, and six nodes start", async () => {
	const kuboFolder = join(folder, "kubos");
	mkdirSync(kuboFolder);
	// The last is for whoever repairs.
	kubos = await startKubos(kuboFolder, HOSTS.length + 2);
	kubos.forEach((kubo) => {
		keepPort(kubo);
		atEnd(() => kubo.stop());
	});
	[publisherKubo, repairerKubo] = kubos.slice(HOSTS.length);
	const ports = await freePorts(HOSTS.length);
	bridges = HOSTS.map((name, operator) => {
		const options = { port: ports[operator], kubo: kubos[operator].api };
		return new Bridge(folder, { ...options, name: `bridge-of-${name}` });
	});
	for (const bridge of bridges) {
		await bridge.start();
		atEnd(() => bridge.stop());
	}

	const plain = join(folder, "plain.json");
	const description = exportSpec(NODE, "local");
	keepValidators(description, VALIDATORS.length);
	writeSpec(plain, description);
	const spec = exportSpec(NODE, plain, "--raw");
	setTempo(spec, TEMPO);
	const file = join(folder, "spec.json");
	writeSpec(file, spec);
	const settings = HOSTS.map((name, operator) => [name, bridges[operator].nodeSettings()]);
	network = await startNetwork({
		...{ folder, spec: file, network: "documents.toml", settings: Object.fromEntries(settings) },
		variables: { RWA_KUBO: publisherKubo.api },
	});
	atEnd(() => network.stop());
	api = await connect(network.nodes.alice.url, { waitMs: 60_000 });
	atEnd(() => api.disconnect());
	log = new ChainLog(api);
	atEnd(() => log.end());
	for (const node of Object.values(network.nodes)) {
		await until(`${node.name} has three peers`, async () => (await node.peers()) >= 3);
	}
	publisherNode = await openNode(network.nodes.publisher.url);
	atEnd(() => publisherNode.disconnect());
	const header = await api.rpc.chain.getHeader();
	const elapsed = await (await api.at(header.hash)).query.clock.elapsed();
	offset = header.number.toNumber() - elapsed.toNumber();
});

step("five storage operators of five regions register, and readers and a repairer their keys", async () => {
	owner = keyPair(api, "//Eve");
	operators = HOSTS.map((_, operator) => keyPair(api, `//Storage//${operator + 1}`));
	const alice = keyPair(api, "//Alice");
	const gifts = operators.map((operator) => api.tx.balances.transferKeepAlive(operator.address, FUNDS));
	await submitFinalised(api, api.tx.utility.batchAll(gifts), alice);
	await Promise.all(
		operators.map(async (operator, index) => {
			const own = await connect(network.nodes[HOSTS[index]].url);
			try {
				await registerStorage(own, operator, CAPACITY, {
					// In no country, and each on a port of its own, as machines without a name are told apart.
					region: `X${"ABCDE"[index]}`,
					endpoint: `/ip4/127.0.0.1/tcp/${40_001 + index}`,
					stake: STAKE,
				});
			} finally {
				await own.disconnect();
			}
		}),
	);
	const people = { reader: "//Ferdie", stranger: "//Dave", former: "//Charlie", repairer: "//Bob" };
	readers = Object.fromEntries(
		Object.entries(people).map(([name, suri], index) => {
			const secret = Buffer.alloc(32, index + 1);
			return [name, { pair: keyPair(api, suri), secret, text: readerSecretText(secret) }];
		}),
	);
	({ repairer } = readers);
	for (const { pair, secret } of Object.values(readers)) {
		await setReaderKey(api, pair, readerKey(secret));
	}
	await submitFinalised(api, api.tx.assets.create(ASSET, owner.address, 1), owner);
});

// --- Storing -------------------------------------------------------------------------------------

/** Has the publisher's node store documents, and registers them, as many as can be in one transaction. */
async function publish(samples, term, more = []) {
	const stored = [];
	for (const { name, size } of samples) {
		const bytes = padded(sampleBytes(name, size));
		const { files, keys, upload } = await storeFile(publisherNode, bytes);
		await forgetFile(publisherNode, upload);
		const cids = files.map(({ text }) => text);
		stored.push({ name, size: bytes.length, hash: sha256(bytes), files, cids, keys });
	}
	const expiresAt = (await workingBlock()) + term;
	const calls = stored.map(({ files }) =>
		api.tx.documents.registerDocument(ASSET, "Other", expiresAt, chainFiles(files)),
	);
	const registered = [];
	const atOnce = await registrationsAtOnce(calls[0]);
	for (let from = 0; from < calls.length; from += atOnce) {
		const batch = api.tx.utility.batchAll(calls.slice(from, from + atOnce));
		const { events } = await submitFinalised(api, batch, owner);
		const isIt = (event) => api.events.documents.DocumentRegistered.is(event);
		registered.push(...events.filter(isIt));
	}
	const published = stored.map((entry, index) => ({
		...entry,
		document: registered[index].data.document.toBigInt(),
	}));
	const envelopes = published.flatMap((entry) => [
		envelopeCall(api, entry, "Read", readers.reader.pair.address),
		envelopeCall(api, entry, "Repair", repairer.pair.address),
		...more.map((account) => envelopeCall(api, entry, "Read", account)),
	]);
	const given = api.tx.utility.batchAll(await Promise.all(envelopes));
	await submitFinalised(api, given, owner);
	return published;
}

/** How many registrations fit into a transaction: each weighs as much as the draws that it causes. */
async function registrationsAtOnce(call) {
	const { weight } = await call.paymentInfo(owner);
	const most = api.consts.system.blockWeights.perClass.normal.maxExtrinsic.unwrap();
	const fit = (most.refTime.toBigInt() * 9n) / 10n / weight.refTime.toBigInt();
	return Math.max(1, Math.min(BATCH, Number(fit)));
}

/** What the chain says of a document. */
async function overviewOf({ document }) {
	return (await callView(api, "Documents", "document", [document])).unwrap();
}

const isHeld = async (entry) => (await overviewOf(entry)).held.toNumber() === 3;

/** Of these documents those that don't have three holders. */
async function notHeld(entries) {
	const held = await Promise.all(entries.map(isHeld));
	return entries.filter((_, index) => !held[index]);
}

/** The account that holds each replica; `undefined` for one that nobody holds. */
async function holdersOf(entry) {
	const { document } = await overviewOf(entry);
	return [...document.replicas].map(({ placement }) =>
		placement.isHeld || placement.isHandingOver ? placement.value.place.node.toString() : undefined,
	);
}

const bytesOf = (entries) => entries.reduce((sum, { size }) => sum + size, 0);

step(`${COUNT} documents from 1 KiB to 64 MiB are stored, and each has three holders`, async () => {
	const samples = sampleSizes(COUNT).map((size, index) => ({ name: `document ${index}`, size }));
	for (let from = 0; from < COUNT; from += BATCH) {
		documents.push(...(await publish(samples.slice(from, from + BATCH), LONG_TERM)));
		await until(
			"little is on its way",
			async () => bytesOf(await notHeld(documents.slice(-8 * BATCH))) <= MAX_UNDERWAY,
			600,
		);
	}
	await until(
		"all documents are held three times",
		async () => (await notHeld(documents)).length === 0,
		600,
	);
	console.log(`# ${COUNT} documents, ${(bytesOf(documents) / MIB).toFixed(1)} MiB, are held three times`);
	for (const entry of documents) {
		assert.equal(new Set(await holdersOf(entry)).size, 3, "two replicas are with one node");
	}
});

step("every replica is proven", async () => {
	const proven = () =>
		new Set(log.all("documents.Proven").map(({ fields }) => `${fields.document}/${fields.replica}`));
	const replicas = [];
	for (const entry of documents) {
		for (const [replica, holder] of (await holdersOf(entry)).entries()) {
			replicas.push({ name: `${entry.document}/${replica}`, entry, replica, holder });
		}
	}
	// Leaves are drawn by chance: for small files somebody has to ask.
	for (;;) {
		const left = replicas.filter(({ name }) => !proven().has(name));
		if (left.length === 0) {
			return;
		}
		const asked = operators.flatMap(({ address: holder }) =>
			left.filter((replica) => replica.holder === holder).slice(0, REQUESTS),
		);
		const calls = asked.map(({ entry, replica }) =>
			api.tx.documents.requestChallenge(entry.document, replica, null),
		);
		await submitFinalised(api, api.tx.utility.batchAll(calls), owner);
		await until(
			`${asked.length} of ${left.length} replicas are proven`,
			() => asked.every(({ name }) => proven().has(name)),
			8 * ROUND,
		);
	}
});

// --- Documents that expire, and meanwhile reading ---------------------------------------------------

let shortLived, usedBefore, storedBefore;

longStep("documents of a few minutes are stored too", async () => {
	const samples = [0, 1].map((index) => ({ name: `short-lived ${index}`, size: 8 * MIB }));
	shortLived = await publish(samples, SHORT_TERM);
	await until("they are held", async () => (await notHeld(shortLived)).length === 0, 120);
	for (const entry of shortLived) {
		entry.holders = await holdersOf(entry);
	}
	for (const bridge of bridges) {
		await bridge.order({ kind: "collect" });
	}
	usedBefore = await Promise.all(kubos.slice(0, HOSTS.length).map(diskUsage));
	storedBefore = documents.length;
});

/** Has the publisher's node fetch a document for somebody: SHA-256 of what came. */
async function fetched({ document, name }, { pair, text }) {
	const hash = createHash("sha256");
	const fetching = fetchFile(publisherNode, document, pair.address, text, (bytes) => hash.update(bytes));
	await within(`${name} is fetched`, 600, fetching);
	return hash.digest("hex");
}

step("who has an envelope reads every document, byte for byte", async () => {
	for (const entry of documents) {
		assert.equal(await fetched(entry, readers.reader), entry.hash, entry.name);
	}
});

step("nobody else does, neither through a node nor alone", async () => {
	const [entry] = documents;
	const { reader, stranger } = readers;
	await assert.rejects(fetched(entry, stranger), /envelope/i);
	// With the address of somebody who has one, too.
	await assert.rejects(fetched(entry, { ...stranger, pair: reader.pair }));
	const envelope = await envelopeOf(api, entry.document, "Read", reader.pair.address);
	const subject = { genesis: api.genesisHash.toU8a(), cids: entry.cids };
	assert.throws(() => openEnvelope(envelope, stranger.secret, subject), /for another key/);
	// A repairer has no key to read with.
	const repair = await envelopeOf(api, entry.document, "Repair", repairer.pair.address);
	assert.deepEqual(Object.keys(openEnvelope(repair, repairer.secret, subject)), ["replicaRoot"]);
	await assert.rejects(fetched(entry, repairer), /envelope/i);
});

step("by the programs alone a file is stored, announced to other nodes, and read", async () => {
	const name = "stored by a program";
	const bytes = sampleBytes(name, 3 * MIB + 1);
	const [file, keysFile, keyFile, out] = ["program", "program.keys", "reader.key", "program.out"].map((end) =>
		join(folder, end),
	);
	writeFileSync(file, bytes);
	writeFileSync(keyFile, readers.reader.text, { mode: 0o600 });
	const [reader, maker] = [readers.reader, repairer].map(({ pair }) => pair.address);
	const place = "/ip4/127.0.0.1/tcp/4001";
	const publisher = ["--url", network.nodes.publisher.url];
	const stored = await runProgram("store-document.js", [
		...[...publisher, "--suri", "//Eve", "--asset", ASSET, "--kind", "Title", "--days", 7],
		...["--file", file, "--keys", keysFile, "--reader", reader, "--repairer", maker, "--address", place],
	]);
	const [, document] = /^document (\d+) of asset 258 is stored/m.exec(stored) ?? assert.fail(stored);
	const { cids, keys } = JSON.parse(readFileSync(keysFile, "utf8"));
	const entry = { name, size: bytes.length, hash: sha256(bytes), document: BigInt(document), cids, keys };

	// Far from where it was announced.
	const heard = await runProgram("watch-documents.js", [
		...["--url", network.nodes["storage-5"].url, "--asset", ASSET, "--until-count", 1, "--timeout", 60],
	]);
	assert.match(heard, new RegExp(`^document ${document} of asset ${ASSET}, by ${owner.address}, until `, "m"));
	assert.ok([place, ...cids].every((text) => heard.includes(text)), heard);

	await until("it is held", () => isHeld(entry), 120);
	await runProgram("fetch-document.js", [
		...[...publisher, "--document", document, "--reader", reader, "--key-file", keyFile, "--out", out],
	]);
	assert.equal(sha256(readFileSync(out)), entry.hash);
	documents.push(entry);
});

/** What a program of scripts/js prints. */
async function runProgram(program, args) {
	const path = fileURLToPath(new URL(`../../scripts/js/${program}`, import.meta.url));
	const { stdout } = await promisify(execFile)(process.execPath, [path, ...args.map(String)]);
	return stdout;
}

step("a revoked reader can't open what is published later", async () => {
	const { former } = readers;
	const account = former.pair.address;
	const subject = ({ cids }) => ({ genesis: api.genesisHash.toU8a(), cids });
	const [earlier] = await publish([{ name: "earlier", size: 70_000 }], LONG_TERM, [account]);
	await until("it is held", () => isHeld(earlier), 120);
	assert.equal(await fetched(earlier, former), earlier.hash);
	const envelope = await envelopeOf(api, earlier.document, "Read", account);
	const known = openEnvelope(envelope, former.secret, subject(earlier));

	const revoke = api.tx.documents.revokeEnvelope(earlier.document, "Read", account);
	await submitFinalised(api, revoke, owner);
	await assert.rejects(fetched(earlier, former), /envelope/i);
	const [later] = await publish([{ name: "later", size: 70_000 }], LONG_TERM);
	await until("it is held", () => isHeld(later), 120);
	await assert.rejects(fetched(later, former), /envelope/i);
	// Nor with the keys that it knows, or the envelope of somebody else.
	const bytes = await replicaFrom(publisherKubo, later.cids[0]);
	assert.throws(() => openInner(applySeal(bytes, known.replicaRoot, 0), known.innerKey), /not a document/);
	const others = await envelopeOf(api, later.document, "Read", readers.reader.pair.address);
	assert.throws(() => openEnvelope(others, former.secret, subject(later)), /for another key/);
	documents.push(earlier, later);
});

/** A replica as a Kubo has it on its own disk. */
async function replicaFrom(kubo, cid) {
	const answer = await kubo.call(`cat?arg=${cid}&offline=true`);
	return Buffer.from(await answer.arrayBuffer());
}

/** The text of a replica, opened without the node: by the other implementation. */
function opened(bytes, replica, { keys }) {
	const [inner, root] = [keys.inner, keys.root].map((text) => Buffer.from(text.slice(2), "hex"));
	return openInner(applySeal(bytes, root, replica), inner);
}

step("a flipped bit on a disk is found, by who keeps the file and by who reads it", async () => {
	const entry = documents.find(({ size }) => size > 100_000);
	const operator = hostOf((await holdersOf(entry))[0]);
	const [kubo, bridge] = [kubos[operator], bridges[operator]];
	const [cid] = entry.cids;
	const leaves = await leavesOf(kubo, cid);
	const restore = flipBit(blockFile(kubo.repo, leaves[leaves.length >> 1]));
	const job = await bridge.order({ kind: "check", cid });
	assert.equal(job.state, "failed");
	assert.equal(job.error.code, "damaged_block");
	const bytes = await replicaFrom(kubo, cid);
	assert.throws(() => opened(bytes, 0, entry), /was altered/);
	restore();
	assert.equal(sha256(opened(await replicaFrom(kubo, cid), 0, entry)), entry.hash);
	assert.equal((await bridge.order({ kind: "check", cid })).state, "done");
});

// --- Mistakes ------------------------------------------------------------------------------------

step("a Kubo that isn't there, and what isn't a document, are told in words", async () => {
	const bytes = sampleBytes("mistake", 50_000);
	await publisherKubo.stop();
	await assert.rejects(storeFile(publisherNode, bytes), /kubo/i);
	await publisherKubo.start();
	await connectKubos(kubos);

	const { files, upload } = await storeFile(publisherNode, bytes);
	await forgetFile(publisherNode, upload);
	const register = async (wrong) => {
		const expiresAt = (await workingBlock()) + LONG_TERM;
		const call = api.tx.documents.registerDocument(ASSET, "Other", expiresAt, wrong);
		return submitFinalised(api, call, owner);
	};
	const right = chainFiles(files);
	const raw = right.map(({ cid, size }) => ({ cid: { ...cid, codec: "Raw" }, size }));
	await assert.rejects(register(raw), /documents\.WrongCodec: /);
	const [bridge] = bridges;
	const pin = { kind: "pin", cid: files[0].text };
	const refused = await bridge.ask("POST", "/jobs", { ...pin, size: 4_096 });
	assert.equal(refused.status, 422);
	assert.equal(refused.body.error.code, "wrong_codec");
	assert.match(refused.body.error.text, /--raw-leaves/);

	// The chain can't know a file's size. Whoever is drawn looks, and declines.
	const longer = right.map(({ cid, size }) => ({ cid, size: size + 4_096 }));
	const { events } = await register(longer);
	const { data } = events.find((event) => api.events.documents.DocumentRegistered.is(event));
	const ofIt = ({ document }) => document.eq(data.document);
	const [{ fields }] = await until(
		"a node refuses it",
		() => some(documentEvents("ReplicaRefused", ofIt)),
		120,
	);
	assert.equal(fields.why.type, "Declined");
	assert.deepEqual(documentEvents("ReplicaConfirmed", ofIt), []);
	await submitFinalised(api, api.tx.documents.removeDocument(data.document), owner);
});

// --- The end of documents -------------------------------------------------------------------------

longStep("what has expired is kept for the grace period, then given up, and the disks are freed", async () => {
	for (const { document } of shortLived) {
		const ofIt = (fields) => fields.document.eq(document);
		const [expired] = await until("it expires", () => some(documentEvents("DocumentExpired", ofIt)), 300);
		const [removed] = await until("it is removed", () => some(documentEvents("DocumentRemoved", ofIt)), 300);
		const grace = expired.fields.removedAt.toNumber() + offset - expired.block;
		assert.ok(removed.block - expired.block >= grace, "it was removed within the grace period");
	}
	for (const [operator, kubo] of kubos.slice(0, HOSTS.length).entries()) {
		const kept = shortLived.flatMap(({ cids, holders, files }) =>
			cids
				.map((cid, replica) => ({ cid, size: files[replica].size }))
				.filter((_, replica) => holders[replica] === address(operator)),
		);
		await until(
			`${HOSTS[operator]} has unpinned and collected ${kept.length} files`,
			async () => {
				const pins = await kubo.pins();
				const there = await Promise.all(kept.map(({ cid }) => kubo.has(cid)));
				return kept.every(({ cid }) => !pins.has(cid)) && !there.includes(true);
			},
			// The worker looks at what it keeps every hundred blocks, and waits until nothing can bring it back.
			600,
		);
		const freed = usedBefore[operator] - (await diskUsage(kubo));
		const bytes = bytesOf(kept);
		const since = documents.slice(storedBefore);
		const holders = await Promise.all(since.map(holdersOf));
		const came = bytesOf(since.filter((_, index) => holders[index].includes(address(operator))));
		console.log(`# ${HOSTS[operator]}: ${freed} bytes of the disk freed of ${bytes}, while ${came} came`);
		assert.ok(freed + came >= 0.9 * bytes - MIB, `only ${freed} bytes of ${bytes} were freed`);
	}
});

// --- A disaster ----------------------------------------------------------------------------------

longStep("the publisher goes away and two Kubos lose everything: the chain finds out", async () => {
	for (const entry of documents) {
		for (const [replica, holder] of (await holdersOf(entry)).entries()) {
			if (VICTIMS.includes(hostOf(holder))) {
				lost.push({ entry, replica, holder });
			}
		}
	}
	assert.ok(VICTIMS.every((victim) => lost.some(({ holder }) => holder === address(victim))));
	await publisherNode.disconnect();
	await network.nodes.publisher.kill();
	for (const kubo of [publisherKubo, ...VICTIMS.map((victim) => kubos[victim])]) {
		await kubo.stop();
		kubo.erase();
	}
	startRepairer();
	for (const victim of VICTIMS) {
		const health = await until("its bridge says so", async () => {
			const answer = await bridges[victim].health();
			return answer.storage.error && answer;
		});
		assert.equal(health.ok, false);
		assert.equal(health.storage.error.code, "unreachable");
	}
	const silent = () => documentEvents("EvictionBegun", () => true).map(({ fields }) => `${fields.node}`);
	await until("both are found to be silent", () => silent().length >= 2, 2 * ROUNDS * ROUND);
	assert.deepEqual(silent().sort(), VICTIMS.map(address).sort());
	await until("all that they held is taken from them", () => lost.every(lossOf), 600);
});

/** That a replica was lost, as the chain says it. */
function lossOf({ entry, replica, holder }) {
	const isIt = (fields) =>
		fields.document.eq(entry.document) && fields.replica.eq(replica) && fields.node.eq(holder);
	return documentEvents("ReplicaLost", isIt).at(-1);
}

/** Whoever the owner has given the outer keys to, at work with a Kubo of its own. */
function startRepairer() {
	const keyFile = join(folder, "repairer.key");
	writeFileSync(keyFile, repairer.text, { mode: 0o600 });
	const args = [REPAIR_PROGRAM, "--url", network.nodes.alice.url, "--account", repairer.pair.address];
	args.push("--key-file", keyFile, "--kubo", repairerKubo.api, "--early");
	args.push("--program", built("rwa-documents-repair"));
	repairer.log = join(folder, "repairer.log");
	repairer.pid = start(process.execPath, args, repairer.log);
	atEnd(() => kill(repairer.pid));
}

longStep("all of it is made again at others within ten minutes of the grace period's end", async () => {
	await until(
		"all documents are held three times again",
		async () => {
			await bringBack();
			return (await notHeld(documents)).length === 0;
		},
		REPAIR_SECONDS + 300,
	);
	const moments = new Map(log.events.map(({ block, moment }) => [block, moment]));
	let slowest = 0;
	for (const item of lost) {
		const loss = lossOf(item);
		const graceEnd = moments.get(loss.fields.repairAt.toNumber() + offset);
		const confirmed = await until("the log has it", () =>
			documentEvents("ReplicaConfirmed", ({ document, replica }) =>
				document.eq(item.entry.document) && replica.eq(item.replica),
			).find(({ block }) => block > loss.block),
		);
		slowest = Math.max(slowest, (confirmed.moment - graceEnd) / 1_000);
		item.heir = confirmed.fields.node.toString();
		assert.ok(survivors().includes(hostOf(item.heir)));
	}
	console.log(`# ${lost.length} replicas were made again, the last ${slowest} s after the grace period`);
	assert.ok(slowest <= REPAIR_SECONDS, `one took ${slowest} s`);
	const paid = documentEvents("RepairPaid", (fields) => fields.repairer.eq(repairer.pair.address));
	assert.ok(paid.length >= lost.length, `${paid.length} of ${lost.length} repairs were paid`);
});

/** Operators whose nodes missed several replicas in a row say that these are there, as docs/documents.md says. */
async function bringBack() {
	for (const operator of survivors()) {
		const node = (await callView(api, "Documents", "storage_node", [address(operator)])).unwrap();
		if (node.lapses.toNumber() >= 3) {
			console.log(`# ${HOSTS[operator]} was late three times, and declares its capacity again`);
			await declareCapacity(api, operators[operator], CAPACITY);
		}
	}
}

longStep("what was made again is what was lost, to the last bit", async () => {
	for (const { entry, replica, heir } of lost) {
		const bytes = await replicaFrom(kubos[hostOf(heir)], entry.cids[replica]);
		assert.equal(sha256(opened(bytes, replica, entry)), entry.hash, entry.name);
	}
});

longStep("the two are slashed, and nobody else", async () => {
	const victims = VICTIMS.map(address);
	for (const victim of victims) {
		const reported = await until(`${victim} is accused`, () =>
			log
				.all("slashing.PenaltyReported")
				.find(({ fields }) => fields.offender.eq(victim) && fields.fault.type === "LostReplica"),
		);
		await until(
			"the penalty is executed",
			() =>
				log
					.all("slashing.PenaltyExecuted")
					.find(({ fields }) => fields.penalty.eq(reported.fields.penalty)),
			240,
		);
		const { stake } = await nodeOf(api, victim);
		// 5 % of what earlier penalties had left.
		assert.ok(stake <= STAKE - (STAKE * 4n) / 100n, `${victim} has ${stake} left`);
	}
	const offenders = log.all("slashing.PenaltyReported").map(({ fields }) => fields.offender.toString());
	assert.deepEqual([...new Set(offenders)].sort(), victims.sort());
	for (const operator of survivors()) {
		assert.equal((await nodeOf(api, address(operator))).stake, STAKE, HOSTS[operator]);
	}
});

// --- A cheat -------------------------------------------------------------------------------------

longStep("a node that has discarded a tenth of its leaves and claims its pins fails rounds", async () => {
	// It could get them back from who has just made them.
	await kill(repairer.pid);
	await repairerKubo.stop();
	const kubo = kubos[DISCARDER];
	await kubo.stop();
	const { leaves, deleted } = discardLeaves(kubo.repo, DISCARDED);
	await kubo.start();
	await connectKubos(survivors().map((operator) => kubos[operator]));
	const missing = deleted / leaves;
	const chance = 1 - (1 - missing) ** (CHALLENGES * ROUNDS);
	const percent = (100 * chance).toFixed(2);
	console.log(`# of ${leaves} leaves ${deleted} are gone: ${ROUNDS} rounds find that in ${percent} % of cases`);
	assert.ok(chance >= 0.99);

	const node = address(DISCARDER);
	const since = (await api.rpc.chain.getHeader()).number.toNumber();
	const settled = (wanted) =>
		documentEvents("RoundSettled", (fields) => fields.node.eq(node) && wanted(fields)).filter(
			({ block }) => block > since + ROUND,
		);
	const [first] = await until(
		"a round finds a hole",
		() => some(settled(({ missing: holes }) => !holes.isZero())),
		2 * ROUNDS * ROUND,
	);
	const rounds = settled(({ round }) => round.lte(first.fields.round)).length;
	console.log(`# found in round ${rounds}`);
	assert.ok(rounds <= ROUNDS);
	// What was missing is asked for again, and missing again.
	await until(
		"the next round finds it too",
		() => settled(({ missing: holes }) => !holes.isZero()).length >= 2,
		4 * ROUND,
	);
	// All the time it says that it has everything.
	const pins = await kubo.pins();
	const wanted = await wantedOf(DISCARDER);
	assert.ok(wanted.every((cid) => pins.has(cid)));
});

/** CIDs of all that a node has to keep, or to take, as the chain says it. */
async function wantedOf(operator) {
	const cids = [];
	for (let after = null, more = true; more; ) {
		const page = await callView(api, "Documents", "assignments", [address(operator), after, 100]);
		cids.push(...[...page].map(({ file }) => cidText(file.cid)));
		after = page.at(-1)?.slot;
		more = page.length === 100;
	}
	return cids;
}

// --- What is left --------------------------------------------------------------------------------

longStep("no bridge keeps what the chain doesn't want, and each keeps what it does", async () => {
	for (const victim of VICTIMS) {
		// With new disks, where they were.
		const [kubo, { kubo: known }] = [kubos[victim], bridges[victim]];
		await kubo.start();
		keepPort(kubo, known);
		await kubo.stop();
		await kubo.start();
	}
	for (const [operator, bridge] of bridges.entries()) {
		await until(
			`${bridge.name} and the chain agree`,
			async () => {
				const [kept, wanted] = [await bridge.pins(), await wantedOf(operator)];
				const { body } = await bridge.ask("POST", "/reconcile", {});
				const orphans = body.audit?.differences.orphans;
				return kept.sort().join() === wanted.sort().join() && orphans?.length === 0;
			},
			600,
		);
	}
});

step("no secret has got into a log", () => {
	// Of 32 bytes, these can't be there by chance.
	const secrets = Object.values(readers).map(({ secret, text }) => [secret.toString("hex"), text.slice(16, 48)]);
	const keys = documents.flatMap((entry) => Object.values(entry.keys).map((key) => key.slice(2)));
	const files = Object.values(network.nodes).map((node) => node.log());
	const said = [...files, ...(repairer.log ? [readFileSync(repairer.log, "utf8")] : [])];
	for (const secret of [...secrets.flat(), ...keys]) {
		assert.ok(said.every((text) => !text.includes(secret)));
	}
});

step("no node has panicked", () => {
	for (const [name, node] of Object.entries(network.nodes)) {
		assert.deepEqual(node.panics(), [], name);
	}
	assert.ok(BRIEF || !/TypeError|at file:/.test(readFileSync(repairer.log, "utf8")));
});
