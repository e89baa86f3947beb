// One operator's source on a port of its own: `GET /reading`, and `GET /record` for what the reading was derived from.

import { createHash } from "node:crypto";
import { Listener } from "./listener.js";
import { checkMode, json, respond } from "./modes.js";

/** How many of its latest answers an endpoint remembers for those who check the feed. */
const MEMORY = 256;

export class Endpoint {
	/**
	 * @param {number} operator Number of the operator, from 1.
	 * @param {number} port Port to listen on.
	 * @param {import("./replay.js").Replay} replay What is true.
	 * @param {number} slowMs How long a `slow` endpoint waits.
	 */
	constructor(operator, port, replay, slowMs) {
		const { lie } = replay.series;
		Object.assign(this, {
			operator,
			replay,
			slowMs,
			mode: "honest",
			lie,
			requests: 0,
			answers: [],
		});
		this.listener = new Listener(port, (request, response) => this.handle(request, response));
	}

	/**
	 * Behave differently from now on.
	 *
	 * @param {string} mode One of `modes`.
	 * @param {number} [lie] How far off to be while `lying` or `colluding`; the series' own offset if not given.
	 */
	async set(mode, lie = this.replay.series.lie) {
		this.mode = checkMode(mode);
		this.lie = lie;
		await (mode === "down" ? this.listener.down() : this.listener.up());
	}

	/** What this endpoint is and has done, for the control port. */
	status() {
		const { operator, mode, lie, requests, answers } = this;
		const url = `http://127.0.0.1:${this.listener.port}/reading`;
		return { operator, url, mode, lie, requests, latest: answers.at(-1) ?? null };
	}

	handle(request, response) {
		const { pathname } = new URL(request.url, "http://localhost");
		if (request.method !== "GET" || !["/reading", "/record"].includes(pathname)) {
			return json(response, 404, { error: "there are only GET /reading and GET /record" });
		}
		if (pathname === "/record") {
			return json(response, 200, this.record());
		}
		this.requests += 1;
		const { replay, operator, mode, lie, slowMs } = this;
		const { series } = replay;
		const now = replay.now();
		const { observed, value } = replay.readingAt(operator, now);
		this.remember({ at: now, observed, value, mode });
		const answer = (said) => ({
			station: series.station,
			observed,
			...series.kind.fields(series, said),
			record: contentHash(this.record(replay.stepAt(now))),
		});
		const [record, anything] = [replay.truth().value, replay.anything(operator, now)];
		return respond(mode, response, answer, { series, value, record, anything, lie, slowMs });
	}

	/** The record of a step, from which the reading is derived as an index is from an image. */
	record(step = this.replay.stepAt()) {
		const { station, quantity } = this.replay.series;
		return { station, quantity, ...this.replay.truth(step) };
	}

	remember(answer) {
		this.answers.push(answer);
		if (this.answers.length > MEMORY) {
			this.answers.shift();
		}
	}
}

/**
 * The name by which anyone can tell whether it holds the same content: the SHA-256 of what `GET /record` sends.
 *
 * @param {object} record
 * @returns {string} 64 hexadecimal digits.
 */
export function contentHash(record) {
	return createHash("sha256").update(JSON.stringify(record)).digest("hex");
}
