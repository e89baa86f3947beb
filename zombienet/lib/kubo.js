// Real Kubos on loopback, in a private network of their own, each with a folder of its own.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { kill, start } from "./processes.js";
import { until } from "./wait.js";

/** Settings, as scripts/kubo-init.sh makes them, and what a test has beside them. */
const SETTINGS = ["kubo.conf", "kubo-test.conf"].map((name) =>
	fileURLToPath(new URL(`../../scripts/lib/${name}`, import.meta.url)),
);

/** How documents are added: the CIDs follow from this. */
const ADD = "cid-version=1&raw-leaves=true&chunker=size-4096&max-file-links=32";

/** How long an answer may take. Pinning waits for the network. */
const ANSWER_MS = 120_000;

/**
 * The program, or `undefined` where it could not be had.
 *
 * @returns {string | undefined}
 */
export function kuboProgram() {
	const tools = process.env.RWA_TOOLS ? [join(process.env.RWA_TOOLS, "bin")] : [];
	const folders = [...tools, ...(process.env.PATH ?? "").split(delimiter)];
	return folders.map((folder) => join(folder, "ipfs")).find(existsSync);
}

/**
 * What a line of a settings file sets.
 *
 * @param {string} text Lines with a name and a value in JSON; comments begin with `#`.
 * @returns {[string, unknown][]}
 */
export function parseSettings(text) {
	const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
	return lines.map((line) => {
		const [, name, value] = /^(\S+) (.+)$/.exec(line) ?? [];
		if (!name) {
			throw new Error(`"${line}" is not a name and a value`);
		}
		return [name, JSON.parse(value)];
	});
}

/**
 * Put values into an object, each at a path with dots.
 *
 * @param {Record<string, any>} config Changed.
 * @param {[string, unknown][]} settings
 */
export function applySettings(config, settings) {
	for (const [path, value] of settings) {
		const names = path.split(".");
		const last = names.pop();
		const place = names.reduce((inner, name) => (inner[name] ??= {}), config);
		place[last] = value;
	}
}

/**
 * Start Kubos that are all connected with each other.
 *
 * @param {string} folder Existing folder for all that they read and write.
 * @param {number} count
 * @param {{settings?: [string, unknown][]}} [options] Settings beside those of the files.
 * @returns {Promise<Kubo[]>}
 */
export async function startKubos(folder, count, { settings = [] } = {}) {
	const key = `/key/swarm/psk/1.0.0/\n/base16/\n${randomBytes(32).toString("hex")}\n`;
	const kubos = Array.from({ length: count }, (_, index) => {
		return new Kubo(join(folder, `kubo-${index}`), key, settings);
	});
	await Promise.all(kubos.map((kubo) => kubo.start()));
	await connect(kubos);
	return kubos;
}

/** Connect every one with every other. */
export async function connect(kubos) {
	for (const [index, kubo] of kubos.entries()) {
		for (const other of kubos.slice(index + 1)) {
			await kubo.call(`swarm/connect?arg=${encodeURIComponent(other.address)}`);
		}
	}
}

/** One Kubo. Killed with the test. */
export class Kubo {
	#key;
	#settings;
	#pid;

	/** @param {string} repo Folder that doesn't exist yet. */
	constructor(repo, key, settings) {
		this.repo = repo;
		this.log = `${repo}.log`;
		this.#key = key;
		this.#settings = settings;
	}

	/** Starts it, with an empty repository if it has none. */
	async start() {
		const program = kuboProgram();
		if (!program) {
			throw new Error("no ipfs here: run scripts/setup.sh, which brings it where it can");
		}
		if (!existsSync(join(this.repo, "config"))) {
			this.#init(program);
		}
		rmSync(join(this.repo, "api"), { force: true });
		this.#pid = start("env", [...environment(this.repo), program, "daemon", "--enable-gc"], this.log);
		await until(`${this.repo} answers; its log: ${this.log}`, async () => {
			const [, port] = /^\/ip4\/127\.0\.0\.1\/tcp\/(\d+)/.exec(readFileSync(join(this.repo, "api")));
			this.api = `http://127.0.0.1:${port}`;
			const { ID: id, Addresses: addresses } = await (await this.call("id")).json();
			this.id = id;
			this.address = addresses.find((address) => address.startsWith("/ip4/127.0.0.1/tcp/"));
			return this.address !== undefined;
		});
	}

	#init(program) {
		mkdirSync(this.repo, { recursive: true });
		const env = { ...process.env, IPFS_PATH: this.repo };
		execFileSync(program, ["init", "--empty-repo"], { env, stdio: "pipe" });
		writeFileSync(join(this.repo, "swarm.key"), this.#key, { mode: 0o600 });
		const file = join(this.repo, "config");
		const config = JSON.parse(readFileSync(file, "utf8"));
		for (const settings of SETTINGS) {
			applySettings(config, parseSettings(readFileSync(settings, "utf8")));
		}
		applySettings(config, this.#settings);
		writeFileSync(file, JSON.stringify(config));
	}

	/** Kills it, as a power cut would. */
	async stop() {
		await kill(this.#pid);
	}

	/** Loses all that it had. It comes back with another identity. */
	erase() {
		rmSync(this.repo, { recursive: true, force: true });
	}

	/**
	 * Ask its RPC.
	 *
	 * @param {string} request Path and parameters.
	 * @param {RequestInit} [options]
	 * @returns {Promise<Response>} One that is a success.
	 */
	async call(request, options = {}) {
		const signal = AbortSignal.timeout(ANSWER_MS);
		const url = `${this.api}/api/v0/${request}`;
		const answer = await fetch(url, { method: "POST", signal, ...options });
		if (!answer.ok) {
			throw new Error(`${request}: ${answer.status} ${await answer.text()}`);
		}
		return answer;
	}

	/**
	 * Add a file as documents are.
	 *
	 * @param {Uint8Array} bytes
	 * @returns {Promise<string>} Its CID.
	 */
	async add(bytes) {
		const body = new FormData();
		body.append("file", new Blob([bytes]));
		const answer = await this.call(`add?${ADD}&pin=true&quieter=true`, { body });
		const lines = (await answer.text()).trim().split("\n");
		return JSON.parse(lines.at(-1)).Hash;
	}

	/** CIDs that are pinned, with the names of the pins. */
	async pins() {
		const answer = await this.call("pin/ls?type=recursive&names=true");
		const { Keys: keys = {} } = await answer.json();
		return new Map(Object.entries(keys).map(([cid, { Name: name }]) => [cid, name]));
	}

	/** Whether it has a block on disk. */
	async has(cid) {
		return this.call(`block/stat?arg=${cid}&offline=true`).then(
			() => true,
			() => false,
		);
	}
}

/** For `env`: no settings of the user's own, and nobody else's network. */
function environment(repo) {
	return [`IPFS_PATH=${repo}`, "LIBP2P_FORCE_PNET=1", "IPFS_TELEMETRY=off"];
}
