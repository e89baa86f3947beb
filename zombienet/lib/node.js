// One node of the network, by plain JSON-RPC over HTTP: needs no connection that could break when
// the node is killed.

import { readFileSync } from "node:fs";
import { kill, start } from "./processes.js";
import { within } from "./wait.js";

/** A node that takes longer to answer is not well. */
const ANSWER_SECONDS = 5;

export class Node {
	/**
	 * @param {object} running What zombienet knows about the node.
	 * @param {object} network What zombienet knows about the network.
	 */
	constructor(running, network) {
		Object.assign(this, { running, network, name: running.name, url: running.wsUri });
		this.address = running.multiAddress;
	}

	/** Ask the node. Fails if it doesn't answer. */
	async ask(method, ...params) {
		const answer = fetch(this.url.replace(/^ws/, "http"), {
			method: "POST",
			body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
			headers: { "content-type": "application/json" },
		}).then((response) => response.json());
		// Not by a signal: Node.js 18 forgets a request's when it collects garbage, and waits on.
		const { result, error } = await within(
			`${this.name} answers ${method}`,
			ANSWER_SECONDS,
			answer,
		);
		if (error) {
			const details = error.data === undefined ? "" : `: ${error.data}`;
			throw new Error(`${this.name}: ${method}: ${error.message}${details}`);
		}
		return result;
	}

	/** Number of the best block. */
	async best() {
		const { number } = await this.ask("chain_getHeader");
		return Number(number);
	}

	/** Number of the newest final block. */
	async finalised() {
		const { number } = await this.ask(
			"chain_getHeader",
			await this.ask("chain_getFinalizedHead"),
		);
		return Number(number);
	}

	/** Hash of a block of the node's best chain. */
	blockHash(number) {
		return this.ask("chain_getBlockHash", number);
	}

	/** How many nodes it is connected to. */
	async peers() {
		const { peers } = await this.ask("system_health");
		return peers;
	}

	/** Process id. */
	pid() {
		return this.network.client.processMap[this.name].pid;
	}

	/** Kill it, as a crash would. */
	kill() {
		return kill(this.pid());
	}

	/** Start it again after it was killed. */
	start() {
		const process = this.network.client.processMap[this.name];
		process.pid = start("bash", ["-c", ...process.cmd], process.logs);
	}

	/** What the node has logged, from character `from` on. */
	log(from = 0) {
		return readFileSync(this.network.client.processMap[this.name].logs, "utf8").slice(from);
	}

	/**
	 * What the log tells of panics, and of the end of tasks that must never end: each line with the
	 * one after it, which has the reason.
	 */
	panics() {
		const lines = this.log().split("\n");
		return lines.flatMap((line, index) =>
			/panicked|Essential task .* failed/.test(line)
				? [`${line} ${lines[index + 1] ?? ""}`]
				: [],
		);
	}
}
