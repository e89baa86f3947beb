// A reporter without a source of its own: it copies what others say, by hand, in place of its node's worker.

import { randomAsU8a } from "@polkadot/util-crypto";
import { feedName } from "../../scripts/js/lib/feed.js";
import { commitmentOf, speechOf } from "./speech.js";

/** Blocks after which what was not included is said again. */
const RESEND_AFTER = 2;

/**
 * Speaks in every round of one feed for one operator, whose node must have no source for it.
 *
 * With the plan "answers" it says in each round what the feed answered in the last one, with commitments of its own.
 * With "commitments" it copies another reporter's commitment, and then tries to reveal what that one revealed. What is
 * put into `evidence` it names as what its answers rest on.
 */
export class CopyCat {
	/**
	 * @param {import("@polkadot/api").ApiPromise} api
	 * @param {import("./node.js").Node} node Where it sends what it says.
	 * @param {object} who
	 * @param {{asset: number, source: string}} who.feed
	 * @param {string} who.reporter Its address.
	 * @param {import("@polkadot/keyring/types").KeyringPair} who.pair Its app key.
	 * @param {string} who.victim Address of the reporter that it copies.
	 * @param {string} who.victimKey App key of that one, in hexadecimal.
	 */
	constructor(api, node, who) {
		Object.assign(this, { api, node, ...who, plan: "answers", evidence: null });
		/** By round, what it does there. */
		this.acts = new Map();
		/** By round, the salt that the victim has revealed. */
		this.salts = new Map();
		/** Why it was refused when it tried to reveal what it had copied. */
		this.refusals = [];
		this.failure = undefined;
		this.work = this.start();
	}

	async start() {
		this.unsubscribe = await this.api.rpc.chain.subscribeNewHeads((header) => {
			this.work = this.work
				.then(() => this.look(header))
				.catch((error) => (this.failure ??= error));
		});
	}

	/** Say no more. */
	async end() {
		await this.work;
		this.unsubscribe();
		await this.work;
	}

	/** Rounds in which it has copied a commitment that the chain took. */
	copied() {
		return [...this.acts].filter(([, act]) => act.isCopied).map(([round]) => round);
	}

	/** Do what is to be done at a new best block. */
	async look(header) {
		await this.overhear(header.hash);
		const at = await this.api.at(header.hash);
		const open = await at.query.oracle.rounds(this.feed);
		if (open.isNone) {
			return;
		}
		const round = open.unwrap();
		const duties = new Map(
			round.duties.map(({ reporter, state }) => [reporter.toString(), state]),
		);
		const [own, other] = [duties.get(this.reporter), duties.get(this.victim)];
		if (!own) {
			return;
		}
		const index = round.index.toNumber();
		if (!this.acts.has(index)) {
			this.acts.set(index, { plan: this.plan, saidAt: 0 });
		}
		const act = this.acts.get(index);
		if (header.number.toNumber() < act.saidAt + RESEND_AFTER) {
			return;
		}
		if (round.phase.isCommit && own.isSilent) {
			await this.commit(index, act, other, at);
		} else if (round.phase.isReveal && own.isCommitted) {
			await this.reveal(index, act, other);
		} else {
			return;
		}
		act.saidAt = header.number.toNumber();
	}

	async commit(index, act, other, at) {
		if (act.plan === "commitments") {
			if (other?.isCommitted) {
				act.isCopied = await this.say(index, { Commit: other.asCommitted });
			}
			return;
		}
		const answer = await at.query.oracle.answers(this.feed);
		if (answer.isNone) {
			await this.say(index, "Abstain");
			return;
		}
		// What was committed to once must not be forgotten for another one.
		act.kept ??= {
			observation: { reading: answer.unwrap().reading, evidence: this.evidence },
			salt: randomAsU8a(32),
		};
		const { feed, reporter } = this;
		const word = { feed, round: index, reporter, ...act.kept };
		await this.say(index, { Commit: commitmentOf(this.api, word) });
	}

	async reveal(index, act, other) {
		if (act.plan !== "commitments") {
			await this.say(index, { Reveal: act.kept });
			return;
		}
		const salt = this.salts.get(index);
		if (other?.isRevealed && salt) {
			const observation = other.asRevealed;
			await this.say(index, { Reveal: { observation, salt } }, (error) =>
				this.refusals.push({ round: index, reason: error.message }),
			);
		}
	}

	/** Send a word. Whether the node has taken it; if not, `refused` is told why. */
	async say(round, word, refused = () => {}) {
		const speech = speechOf(this.api, this.pair, [{ feed: this.feed, round, word }]);
		try {
			await this.node.ask("author_submitExtrinsic", speech);
			return true;
		} catch (error) {
			refused(error);
			return false;
		}
	}

	/** Note the salts that the victim reveals in a block: anybody can read them there. */
	async overhear(hash) {
		const { block } = await this.api.rpc.chain.getBlock(hash);
		for (const { method } of block.extrinsics) {
			if (!this.api.tx.oracle.submit.is(method)) {
				continue;
			}
			const [batch] = method.args;
			const statements = batch.statements.filter(
				({ feed, word }) => word.isReveal && feedName(feed) === feedName(this.feed),
			);
			if (batch.key.toHex() === this.victimKey) {
				for (const { round, word } of statements) {
					this.salts.set(round.toNumber(), word.asReveal.salt.toU8a());
				}
			}
		}
	}
}
