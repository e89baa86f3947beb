// Everything that has happened on chain since the test began, as far as it is final.

import { finalisedBlocks } from "../../scripts/js/lib/blocks.js";
import { fieldsOf } from "../../scripts/js/lib/chain.js";
import { failureText, feedName, plainReading } from "../../scripts/js/lib/feed.js";

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
	 *   value?: bigint, reading?: object, failure?: string, outliers?: string[], committee: string[],
	 *   reports: Map<string, bigint>, evidence: Map<string, object>, abstained: Set<string>}[]} Times in milliseconds
	 *   since 1970; reports, and the evidence of those that have some, by the reporter's address. `value` and the
	 *   reports' are those of scalars, angles and categories; of points the readings.
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
				rounds.set(index, {
					...{ index, committee: [], reports: new Map(), evidence: new Map() },
					abstained: new Set(),
				});
			}
			return rounds.get(index);
		};
		const valueOf = (reading) => reading.value ?? reading;
		for (const event of ofFeed("RoundOpened")) {
			const committee = event.fields.committee.map(([reporter]) => reporter.toString());
			Object.assign(round(event), { opened: event.moment, committee });
		}
		for (const event of ofFeed("Revealed")) {
			const { reporter, observation } = event.fields;
			const { reports, evidence } = round(event);
			reports.set(reporter.toString(), valueOf(plainReading(observation.reading)));
			if (observation.evidence.isSome) {
				evidence.set(reporter.toString(), observation.evidence.unwrap());
			}
		}
		for (const event of ofFeed("Abstained")) {
			round(event).abstained.add(event.fields.reporter.toString());
		}
		for (const event of ofFeed("RoundClosed")) {
			const reading = plainReading(event.fields.reading);
			const outliers = event.fields.outliers.map((reporter) => reporter.toString());
			const end = { ended: event.moment, outcome: "closed", outliers, reading };
			Object.assign(round(event), { ...end, value: valueOf(reading) });
		}
		for (const event of ofFeed("RoundFailed")) {
			const failure = failureText(event.fields.reason);
			Object.assign(round(event), { ended: event.moment, outcome: "failed", failure });
		}
		return [...rounds.values()].sort((left, right) => left.index - right.index);
	}
}
