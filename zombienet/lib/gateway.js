// A real gateway: the program that brings what instruments publish to a node.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { snakeCase } from "../../scripts/js/lib/device.js";
import { built } from "./network.js";
import { kill, start } from "./processes.js";
import { until } from "./wait.js";

/** The program under test. */
export const GATEWAY = process.env.RWA_GATEWAY ?? built("rwa-gateway");

/** Where it serves the measurements of a feed. */
export function feedUrl(port, { asset, source }) {
	return `http://127.0.0.1:${port}/feeds/${asset}/${snakeCase(source)}`;
}

/** Where it serves what came last on a topic. */
export function topicUrl(port, name) {
	return `http://127.0.0.1:${port}/topics/${name}`;
}

/**
 * Start a gateway and wait until it hears the broker.
 *
 * @param {string} folder Existing folder for all that it reads and writes.
 * @param {object} options
 * @param {string} options.name Of this gateway.
 * @param {number} options.port Where it serves.
 * @param {string} options.genesis Hash of the chain, in hexadecimal.
 * @param {{host: string, port: number, ca: string}} options.broker
 * @param {string} options.user By which the broker knows it.
 * @param {string} options.password
 * @param {{key: string, topic: string, feed: {asset: number, source: string}}[]} [options.devices]
 * @param {{name: string, topic: string}[]} [options.topics]
 * @returns {Promise<{health: () => Promise<object>, stop: () => Promise<void>}>}
 */
export async function startGateway(folder, options) {
	const { name, port } = options;
	const own = join(folder, name);
	mkdirSync(own);
	writeFileSync(join(own, "password"), options.password, { mode: 0o600 });
	writeFileSync(join(own, "gateway.toml"), settings(options));
	const log = join(own, "gateway.log");
	const pid = start(GATEWAY, ["--config", join(own, "gateway.toml")], log);
	const health = async () => (await fetch(`http://127.0.0.1:${port}/health`)).json();
	await until(`${name} hears the broker; its log: ${log}`, async () => (await health()).ok);
	return { health, stop: () => kill(pid) };
}

function settings({ name, port, genesis, broker, user, devices = [], topics = [] }) {
	const tables = [
		`genesis = "${genesis}"`,
		`[broker]\nhost = "${broker.host}"\nport = ${broker.port}\nclient_id = "${name}"`,
		`username = "${user}"\npassword = { file = "password" }`,
		`[broker.tls]\nca = "${broker.ca}"`,
		`[http]\nlisten = "127.0.0.1:${port}"`,
		`[store]\npath = "data"`,
		...devices.map(
			({ key, topic, feed: { asset, source } }) =>
				`[[device]]\nkey = "${key}"\ntopic = "${topic}"\n` +
				`feeds = [{ asset = ${asset}, source = "${snakeCase(source)}" }]`,
		),
		...topics.map((entry) => `[[topic]]\nname = "${entry.name}"\ntopic = "${entry.topic}"`),
	];
	return `${tables.join("\n")}\n`;
}
