#!/usr/bin/env node
// Make lost replicas again, for whoever owners have given the keys to: gets a live replica, seals it as the lost one,
// and has it in Kubo for the node that was drawn to keep it. The chain pays when that node confirms.
//
// This follows the chain; what there is to do with bytes does the program rwa-documents-repair, which streams. No key
// that signs is needed.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { finalisedBlocks } from "./lib/blocks.js";
import { fieldsOf, formatAmount } from "./lib/chain.js";
import { required, runAsProgram } from "./lib/cli.js";
import { cidName, parseReaderSecret } from "./lib/document.js";
import { envelopeOf } from "./lib/envelopes.js";
import { DEFAULT_KUBO, unpinFile } from "./lib/kubo.js";
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
 * @param {string} repair.keyFile File with the key that the envelope was sealed to.
 * @param {string} repair.kubo RPC of the Kubo that has the result.
 * @param {string} repair.program rwa-documents-repair.
 * @returns {Promise<string>} The replica's CID, which is the one that the owner registered.
 */
async function repairReplica(api, { document, replica, account, keyFile, kubo, program }) {
	const overview = (await callView(api, "Documents", "document", [document])).unwrap();
	const replicas = [...overview.document.replicas];
	const envelope = await envelopeOf(api, document, "Repair", account);
	if (!envelope) {
		throw new Error(`${account} has no envelope to repair document ${document} with`);
	}
	const live = [...replicas.keys()].filter((from) => {
		const { isHeld, isHandingOver } = replicas[from].placement;
		return from !== replica && (isHeld || isHandingOver);
	});
	if (live.length === 0) {
		throw new Error("none of its replicas is held");
	}
	const args = ["--lost", replica, "--size", replicas[replica].file.size_.toNumber(), "--key-file", keyFile];
	args.push("--kubo", kubo, "--genesis", api.genesisHash.toHex(), "--envelope", `0x${envelope.toString("hex")}`);
	args.push(...live.flatMap((from) => ["--from", from]));
	args.push(...replicas.flatMap(({ file }) => ["--cid", cidText(file.cid)]));
	return runProgram(program, args.map(String));
}

/** What a program prints. Its errors are what it says. */
async function runProgram(program, args) {
	try {
		const { stdout } = await promisify(execFile)(program, args);
		return stdout.trim();
	} catch (error) {
		if (error.code === "ENOENT") {
			throw new Error(`there is no program ${program}: build it, and say with --program where it is`, {
				cause: error,
			});
		}
		throw new Error(error.stderr?.trim() || error.message, { cause: error });
	}
}

/** Repairs what it is asked for, one after the other. */
class Workshop {
	/** Repairs that wait, by document and replica. */
	waiting = new Map();
	/** What was made and has not arrived yet: its CID. */
	made = new Map();

	constructor(api, { account, keyFile, kubo, program, early }) {
		Object.assign(this, { api, account, keyFile, kubo, program, early });
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
		const { api, account, keyFile, kubo, program } = this;
		const entry = await api.query.documents.documents(document);
		if (entry.isNone || !this.isMine(entry.unwrap().replicas[replica])) {
			return;
		}
		if (!(await envelopeOf(api, document, "Repair", account))) {
			return;
		}
		const cid = await repairReplica(api, { document, replica, account, keyFile, kubo, program });
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
  --program FILE        rwa-documents-repair, which "cargo build --release -p rwa-client" makes (default: as found by
                        its name)
  --early               begin when a replica is lost, and not when a node was drawn to keep it: for a document's only
                        repairer
`,
	options: {
		account: { type: "string" },
		"key-file": { type: "string" },
		kubo: { type: "string", default: DEFAULT_KUBO },
		program: { type: "string", default: "rwa-documents-repair" },
		early: { type: "boolean", default: false },
	},
	async main(api, values) {
		const keyFile = required(values, "key-file");
		const { kubo, program, early } = values;
		// What would otherwise show when something is lost.
		parseReaderSecret(readFileSync(keyFile, "utf8").trim());
		await runProgram(program, ["--version"]);
		const account = api.createType("AccountId", required(values, "account")).toString();
		const workshop = new Workshop(api, { account, keyFile, kubo, program, early });
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
