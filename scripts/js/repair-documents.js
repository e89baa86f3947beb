#!/usr/bin/env node
// Make lost replicas again, for whoever owners have given the keys to: gets a live replica, seals it as the lost one,
// and has it in Kubo for the node that was drawn to keep it. The chain pays when that node confirms.
//
// No key that signs is needed. Whole replicas are in memory; for the largest use the crate `rwa-documents`, which
// streams.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { finalisedBlocks } from "./lib/blocks.js";
import { fieldsOf, formatAmount } from "./lib/chain.js";
import { required, runAsProgram } from "./lib/cli.js";
import { applySeal, cidName, cidOf, openEnvelope, parseReaderSecret } from "./lib/document.js";
import { envelopeOf } from "./lib/envelopes.js";
import { addFile, DEFAULT_KUBO, readFile, unpinFile } from "./lib/kubo.js";
import { callView } from "./lib/view.js";

/** Until what failed is tried again. */
const RETRY_MS = 5_000;

/** A CID as the chain gives it, as text. */
export const cidText = (cid) => cidName({ codec: cid.codec.type, digest: cid.digest.toHex() });

/** Who is to make a replica again: its account, `null` if nobody can. `undefined`: it isn't to be made again. */
function repairerOf({ placement }) {
	if (placement.isWaiting && placement.asWaiting.lost.isTrue) {
		return null;
	}
	const repair = placement.isAssigned ? placement.asAssigned.repair : undefined;
	return repair?.isSome ? (repair.unwrap().repairer.unwrapOr(null)?.toString() ?? null) : undefined;
}

/**
 * Make a replica again from any that is held.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} repair
 * @param {bigint} repair.document Its number.
 * @param {number} repair.replica Which of its replicas is lost.
 * @param {string} repair.account Repairer that has an envelope.
 * @param {Buffer} repair.secret The key that the envelope was sealed to.
 * @param {string} repair.kubo RPC of the Kubo that has the result.
 * @returns {Promise<string>} The replica's CID, which is the one that the owner registered.
 */
export async function repairReplica(api, { document, replica, account, secret, kubo }) {
	const overview = (await callView(api, "Documents", "document", [document])).unwrap();
	const replicas = [...overview.document.replicas];
	const cids = replicas.map(({ file }) => cidText(file.cid));
	const envelope = await envelopeOf(api, document, "Repair", account);
	if (!envelope) {
		throw new Error(`${account} has no envelope to repair document ${document} with`);
	}
	const subject = { genesis: api.genesisHash.toU8a(), cids };
	const { replicaRoot } = openEnvelope(envelope, secret, subject);
	const { bytes, from } = await liveReplica(replicas, cids, replica, kubo);
	const inner = applySeal(bytes, replicaRoot, from);
	const made = applySeal(inner, replicaRoot, replica);
	if (cidOf(made) !== cids[replica]) {
		throw new Error(
			`replica ${from} of document ${document} doesn't make replica ${replica}: ` +
				"its owner's envelope or files are wrong",
		);
	}
	await addFile(kubo, made, cids[replica]);
	return cids[replica];
}

/** The first replica that is held and can be had. */
async function liveReplica(replicas, cids, lost, kubo) {
	const failures = [];
	for (const [from, { file, placement }] of replicas.entries()) {
		if (from !== lost && (placement.isHeld || placement.isHandingOver)) {
			try {
				return { from, bytes: await readFile(kubo, cids[from], file.size.toNumber()) };
			} catch (error) {
				failures.push(error.message);
			}
		}
	}
	throw new Error(`no live replica can be had: ${failures.join("; ") || "none is held"}`);
}

/** Repairs what it is asked for, one after the other. */
class Workshop {
	/** Repairs that wait, by document and replica. */
	waiting = new Map();
	/** What was made and has not arrived yet: its CID. */
	made = new Map();

	constructor(api, { account, secret, kubo, early }) {
		Object.assign(this, { api, account, secret, kubo, early });
	}

	/** Whether this repairer makes a replica again, as the chain sees it now. */
	isMine(replica) {
		const repairer = repairerOf(replica);
		return repairer === this.account || (repairer === null && this.early);
	}

	/** Notes a repair, unless it is done or noted. */
	note(document, replica) {
		const name = `${document}/${replica}`;
		if (!this.made.has(name) && !this.waiting.has(name)) {
			this.waiting.set(name, { document: BigInt(document), replica: Number(replica) });
		}
	}

	/** What was lost before this program was there. */
	async catchUp(at) {
		for (const [key, entry] of await at.query.documents.documents.entries()) {
			for (const [number, replica] of [...entry.unwrap().replicas].entries()) {
				if (this.isMine(replica)) {
					this.note(key.args[0], number);
				}
			}
		}
	}

	/** What a final block says. */
	async follow(event) {
		const { documents } = this.api.events;
		const { document, replica, repairer, amount } = fieldsOf(event);
		const name = `${document}/${replica}`;
		const asked = documents.RepairNeeded.is(event) && repairer.toString() === this.account;
		if (asked || (documents.ReplicaLost.is(event) && this.early)) {
			this.note(document, replica);
		} else if (documents.RepairPaid.is(event) && repairer.toString() === this.account) {
			console.log(`paid ${formatAmount(this.api, amount)} for replica ${replica} of document ${document}`);
		} else if (documents.ReplicaConfirmed.is(event)) {
			// Its keeper has it now.
			await this.drop(name);
		} else if (documents.DocumentRemoved.is(event)) {
			await Promise.all([0, 1, 2].map((number) => this.drop(`${document}/${number}`)));
		}
	}

	/** Keeps what was made no longer. */
	async drop(name) {
		const cid = this.made.get(name);
		if (cid) {
			this.made.delete(name);
			await unpinFile(this.kubo, cid).catch((error) => console.error(`error: ${error.message}`));
		}
	}

	/** Works until the end of the program. */
	async work() {
		for (;;) {
			const [[name, repair] = []] = this.waiting;
			if (!repair) {
				await sleep(200);
				continue;
			}
			try {
				await this.tryRepair(name, repair);
				this.waiting.delete(name);
			} catch (error) {
				console.error(`error: replica ${repair.replica} of document ${repair.document}: ${error.message}`);
				await sleep(RETRY_MS);
				// Behind the others.
				this.waiting.delete(name);
				this.waiting.set(name, repair);
			}
		}
	}

	/** Does it if the chain still wants it, and this repairer can. */
	async tryRepair(name, { document, replica }) {
		const { api, account, secret, kubo } = this;
		const entry = await api.query.documents.documents(document);
		if (entry.isNone || !this.isMine(entry.unwrap().replicas[replica])) {
			return;
		}
		if (!(await envelopeOf(api, document, "Repair", account))) {
			return;
		}
		const cid = await repairReplica(api, { document, replica, account, secret, kubo });
		this.made.set(name, cid);
		console.log(`made replica ${replica} of document ${document} again: ${cid}`);
	}
}

await runAsProgram(import.meta.url, {
	usage: `Make lost replicas again that owners have given this account the keys for, until interrupted.

Usage: node scripts/js/repair-documents.js --account ADDRESS --key-file FILE --kubo http://127.0.0.1:5001

The nodes that keep documents must reach the Kubo; connect it to them, or let it announce what it has.

  --account ADDRESS     the repairer: is paid
  --key-file FILE       file with the secret key that envelopes were sealed to: x25519-secret:0x…
  --kubo URL            Kubo's RPC (default ${DEFAULT_KUBO})
  --early               begin when a replica is lost, and not when a node was drawn to keep it: for a document's only
                        repairer
`,
	options: {
		account: { type: "string" },
		"key-file": { type: "string" },
		kubo: { type: "string", default: DEFAULT_KUBO },
		early: { type: "boolean", default: false },
	},
	async main(api, values) {
		const secret = parseReaderSecret(readFileSync(required(values, "key-file"), "utf8").trim());
		const { kubo, early } = values;
		const account = api.createType("AccountId", required(values, "account")).toString();
		const workshop = new Workshop(api, { account, secret, kubo, early });
		const working = workshop.work();
		let first = true;
		for await (const { at, events } of finalisedBlocks(api)) {
			if (first) {
				await workshop.catchUp(at);
				console.log(`repairing for ${account} with Kubo at ${kubo}`);
				first = false;
			}
			for (const event of events) {
				if (event.section === "documents") {
					await workshop.follow(event);
				}
			}
		}
		await working;
	},
});
