// A real bridge: the program that keeps a storage node's orders and carries them out at its Kubo.

import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { built } from "./network.js";
import { kill, start } from "./processes.js";
import { until } from "./wait.js";

/** The program under test. */
export const BRIDGE = process.env.RWA_BRIDGE ?? built("rwa-bridge");

/** How long an answer may take: as the bridge has it, and some more. */
const ANSWER_MS = 10_000;

/** One bridge, with a folder and a token of its own. Killed with the test. */
export class Bridge {
	#token = randomBytes(24).toString("hex");
	#folder;
	#pid;

	/**
	 * @param {string} folder Existing folder for that of the bridge.
	 * @param {object} options
	 * @param {string} options.name Of the bridge, and of its folder.
	 * @param {number} options.port Where it takes orders.
	 * @param {string} options.kubo RPC of its Kubo.
	 */
	constructor(folder, { name, port, kubo }) {
		Object.assign(this, { name, kubo, url: `http://127.0.0.1:${port}` });
		this.#folder = join(folder, name);
		this.log = join(this.#folder, "bridge.log");
		mkdirSync(this.#folder);
		writeFileSync(this.#file("token"), this.#token, { mode: 0o600 });
		// Times are shorter than in earnest.
		writeFileSync(
			this.#file("bridge.toml"),
			`[http]\nlisten = "127.0.0.1:${port}"\ntoken = { file = "token" }\n[store]\npath = "data"\n` +
				`[kubo]\nurl = "${kubo}"\n[work]\nfind_s = 5\naudit_s = 5\ncollect_s = 10\n`,
		);
	}

	#file(name) {
		return join(this.#folder, name);
	}

	/** What a node's settings say of it, as TOML. */
	nodeSettings() {
		return `[storage]\nbridge = "${this.url}"\ntoken = { file = "${this.#file("token")}" }\n`;
	}

	/** Starts it, and waits until it has found its Kubo. */
	async start() {
		this.#pid = start(BRIDGE, ["--config", this.#file("bridge.toml")], this.log);
		await until(
			`${this.name} has found its Kubo; its log: ${this.log}`,
			async () => (await this.health()).ok,
		);
	}

	/** Kills it, as a power cut would. */
	async stop() {
		await kill(this.#pid);
	}

	/** How it is: see docs/storage-operators.md. */
	async health() {
		return (await this.ask("GET", "/health")).body;
	}

	/**
	 * Ask it.
	 *
	 * @param {string} method
	 * @param {string} path
	 * @param {object} [body]
	 * @returns {Promise<{status: number, body: object}>}
	 */
	async ask(method, path, body) {
		const answer = await fetch(`${this.url}${path}`, {
			...{ method, body: body && JSON.stringify(body) },
			headers: { authorization: `Bearer ${this.#token}`, connection: "close" },
			signal: AbortSignal.timeout(ANSWER_MS),
		});
		return { status: answer.status, body: await answer.json() };
	}

	/** Gives an order anew, and waits until it is over: the job. */
	async order(task) {
		let { status, body: job } = await this.ask("POST", "/jobs", task);
		if (status === 200) {
			// It was carried out once before.
			await this.ask("DELETE", `/jobs/${job.id}`);
			({ status, body: job } = await this.ask("POST", "/jobs", task));
		}
		if (status !== 200 && status !== 202) {
			throw new Error(`${this.name} refuses ${JSON.stringify(task)}: ${JSON.stringify(job)}`);
		}
		return until(
			`${this.name} is done with ${job.id}; its log: ${this.log}`,
			async () => {
				const { body } = await this.ask("GET", `/jobs/${job.id}`);
				return body.state !== "waiting" && body;
			},
			300,
		);
	}

	/** CIDs that it was ordered to keep. */
	async pins() {
		const pins = [];
		for (let more = true; more; ) {
			const after = pins.length ? `?after=${pins.at(-1)}` : "";
			const { body } = await this.ask("GET", `/pins${after}`);
			pins.push(...body.pins.map(({ cid }) => cid));
			({ more } = body);
		}
		return pins;
	}
}
