#!/usr/bin/env node
// Set up Kubos for a test network on this machine: all connected with each other, and with nobody else.
//
// Usage: node scripts/js/init-kubos.js FOLDER COUNT PORT
//
// Makes FOLDER/kubo-1 and so on. Their RPC listens on PORT and those that follow, and they speak to each other on the
// COUNT ports after these. Each must be started with LIBP2P_FORCE_PNET=1, so that it speaks to nobody without the key.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Settings of storage nodes, and what a Kubo in a test has beside them. */
const SETTINGS = ["kubo.conf", "kubo-test.conf"].map((name) =>
	fileURLToPath(new URL(`../lib/${name}`, import.meta.url)),
);

/** Put a value into an object, at a path with dots. */
function set(config, path, value) {
	const names = path.split(".");
	const last = names.pop();
	names.reduce((inner, name) => (inner[name] ??= {}), config)[last] = value;
}

/** Names and values of a settings file: one of each on a line, the value in JSON. */
function settingsIn(file) {
	const lines = readFileSync(file, "utf8").split("\n");
	return lines
		.filter((line) => line.trim() !== "" && !line.startsWith("#"))
		.map((line) => [line.slice(0, line.indexOf(" ")), JSON.parse(line.slice(line.indexOf(" ")))]);
}

const listen = (port) => `/ip4/127.0.0.1/tcp/${port}`;

function main([folder, count, port]) {
	const key = `/key/swarm/psk/1.0.0/\n/base16/\n${randomBytes(32).toString("hex")}\n`;
	const settings = SETTINGS.flatMap(settingsIn);
	const kubos = Array.from({ length: Number(count) }, (_, index) => {
		const repo = join(folder, `kubo-${index + 1}`);
		mkdirSync(repo);
		execFileSync("ipfs", ["init", "--empty-repo"], {
			env: { ...process.env, IPFS_PATH: repo },
			stdio: "pipe",
		});
		writeFileSync(join(repo, "swarm.key"), key, { mode: 0o600 });
		const api = Number(port) + index;
		const config = JSON.parse(readFileSync(join(repo, "config"), "utf8"));
		return { repo, config, api, swarm: api + Number(count) };
	});
	for (const { repo, config, api, swarm } of kubos) {
		for (const [path, value] of settings) {
			set(config, path, value);
		}
		set(config, "Addresses.API", listen(api));
		set(config, "Addresses.Swarm", [listen(swarm)]);
		const others = kubos.filter((other) => other.api !== api);
		set(
			config,
			"Peering.Peers",
			others.map((other) => ({ ID: other.config.Identity.PeerID, Addrs: [listen(other.swarm)] })),
		);
		writeFileSync(join(repo, "config"), JSON.stringify(config));
	}
}

main(process.argv.slice(2));
