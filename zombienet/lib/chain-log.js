// Everything that has happened on chain since the test began, as far as it is final.

import { finalisedBlocks } from "../../scripts/js/lib/blocks.js";
import { fieldsOf } from "../../scripts/js/lib/chain.js";
import { feedName } from "../../scripts/js/lib/feed.js";

/** Collects the events of all finalised blocks in the background. */
export class ChainLog {
	constructor(api) {
		this.api = api;
		this.events = [];
		this.failure = undefined;
		this.ending = new AbortController();
		this.done = this.collect().catch((error) => (this.failure = error));
	}

	async collect() {
		for await (const { number, at, events } of finalisedBlocks(this.api, {
			signal: this.ending.signal,
		})) {
			const moment = (await at.query.timestamp.now()).toNumber();
			for (const event of events) {
				const name = `${event.section}.${event.method}`;
				this.events.push({ block: number, moment, name, fields: fieldsOf(event) });
			}
		}
	}

	/** Stop collecting. */
	async end() {
		this.ending.abort();
		await this.done;
	}

	/** All events of a kind, oldest first. */
	all(name) {
		if (this.failure) {
			throw this.failure;
		}
		return this.events.filter((event) => event.name === name);
	}

	/**
	 * The rounds of a feed, oldest first.
	 *
	 * @returns {{index: number, opened?: number, ended?: number, outcome?: "closed"|"failed",
	 *   value?: bigint, reports: Map<string, bigint>}[]} Times in milliseconds since 1970; reports by
	 *   the reporter's address.
	 */
	rounds(feed) {
		const rounds = new Map();
		const ofFeed = (name) =>
			this.all(`oracle.${name}`).filter(
				({ fields }) => feedName(fields.feed) === feedName(feed),
			);
		const round = ({ fields }) => {
			const index = fields.round.toNumber();
			if (!rounds.has(index)) {
				rounds.set(index, { index, reports: new Map() });
			}
			return rounds.get(index);
		};
		for (const event of ofFeed("RoundOpened")) {
			round(event).opened = event.moment;
		}
		for (const event of ofFeed("Reported")) {
			round(event).reports.set(
				event.fields.reporter.toString(),
				event.fields.value.toBigInt(),
			);
		}
		for (const event of ofFeed("RoundClosed")) {
			const value = event.fields.value.toBigInt();
			Object.assign(round(event), { ended: event.moment, outcome: "closed", value });
		}
		for (const event of ofFeed("RoundFailed")) {
			Object.assign(round(event), { ended: event.moment, outcome: "failed" });
		}
		return [...rounds.values()].sort((left, right) => left.index - right.index);
	}
}
