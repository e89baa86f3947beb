// Starts a network through zombienet, that of `local.toml` or another, and stops it.

import { createRequire } from "node:module";
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Node } from "./node.js";
import { kill, killAtExit } from "./processes.js";
import { until } from "./wait.js";

const require = createRequire(import.meta.url);
const FOLDER = fileURLToPath(new URL("../", import.meta.url));

/** A node that doesn't answer by then won't. */
const START_SECONDS = 120;

/** The program under test. */
export const NODE = process.env.RWA_NODE ?? built("rwa-node");

/** A program that `cargo build --release` made, where scripts/lib/env.sh has it made. */
export function built(program) {
	const { CARGO_TARGET_DIR, RWA_CACHE, XDG_CACHE_HOME } = process.env;
	const cache = RWA_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "rwa-network");
	return join(CARGO_TARGET_DIR ?? join(cache, "target"), "release", program);
}

/**
 * Start the network and wait until each node is up.
 *
 * @param {object} options
 * @param {string} options.folder Existing folder for everything that the network writes.
 * @param {string} options.spec File of the raw specification.
 * @param {Record<string, string>} options.settings Settings of each node's workers, as TOML.
 * @param {string} [options.network] File with the network, in this folder's parent.
 * @param {Record<string, string>} [options.variables] What else that file names.
 * @returns {Promise<{nodes: Record<string, Node>, specFile: string, stop: () => Promise<void>}>}
 */
export async function startNetwork({
	folder,
	spec,
	settings,
	network: file = "local.toml",
	variables = {},
}) {
	const settingsFolder = join(folder, "settings");
	mkdirSync(settingsFolder);
	for (const [name, text] of Object.entries(settings)) {
		writeFileSync(join(settingsFolder, `${name}.toml`), text);
	}
	const common = { RWA_NODE: NODE, RWA_SPEC: spec, RWA_SETTINGS: settingsFolder };
	Object.assign(process.env, common, variables);

	let network;
	// Also while zombienet is still busy starting more; it ends the process itself if it fails.
	const processes = () => Object.values(network?.client.processMap ?? {});
	const stopped = killAtExit(() => processes().flatMap(({ pid }) => pid ?? []));
	const { start, readNetworkConfig } = loadZombienet();
	await start("", readNetworkConfig(join(FOLDER, file)), {
		dir: join(folder, "network"),
		force: true,
		spawnConcurrency: 4,
		setGlobalNetwork: (starting) => (network = starting),
	});

	// In alphabetical order, whichever was up first.
	const names = Object.keys(network.nodesByName).sort();
	const nodes = Object.fromEntries(
		names.map((name) => [name, new Node(network.nodesByName[name], network)]),
	);
	for (const node of Object.values(nodes)) {
		await until(`${node.name} answers`, () => node.ask("system_chain"), START_SECONDS);
	}
	const stop = async () => {
		await Promise.all(Object.values(nodes).map((node) => kill(node.pid())));
		stopped();
	};
	return { nodes, specFile: network.chainSpecFullPath, stop };
}

// zombienet brings an older polkadot.js of its own. Each of the two warns about the other at length,
// but they never meet.
function loadZombienet() {
	const { warn } = console;
	console.warn = () => {};
	try {
		const { start } = require("@zombienet/orchestrator");
		const { readNetworkConfig } = require("@zombienet/utils");
		return { start, readNetworkConfig };
	} finally {
		console.warn = warn;
	}
}
