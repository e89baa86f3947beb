#!/usr/bin/env node
// Say which of the ports that a network is about to use are taken, before anything is started.
//
// Usage: node scripts/js/check-ports.js --rpc-port=9944 --rpc-port=9945 --source-port=8080 …
//
// Each argument is the flag that would choose another port, and the port. Exit code 1 if one is taken.

import { once } from "node:events";
import { createServer } from "node:net";

const HOST = "127.0.0.1";

/** Why a port can't be listened on; `undefined` if it can. */
async function obstacle(port) {
	const server = createServer();
	try {
		server.listen(port, HOST);
		await once(server, "listening");
		return undefined;
	} catch (error) {
		return error.code === "EADDRINUSE"
			? "is in use"
			: `can't be used (${error.code ?? error.message})`;
	} finally {
		server.close();
	}
}

/**
 * @param {string[]} args In the form of the command line.
 * @returns {Promise<string[]>} One complaint per port that can't be used.
 */
export async function checkPorts(args) {
	const complaints = [];
	const seen = new Map();
	for (const arg of args) {
		const [, flag, port] = /^(--[\w-]+)=(\d+)$/.exec(arg) ?? [];
		if (!flag || Number(port) < 1 || Number(port) > 65_535) {
			complaints.push(`"${arg}" is not a flag with a port from 1 to 65535`);
		} else if (seen.has(port)) {
			complaints.push(
				`port ${port} is wanted twice; choose another with ${seen.get(port)} or ${flag}`,
			);
		} else {
			seen.set(port, flag);
			const reason = await obstacle(Number(port));
			if (reason) {
				complaints.push(`port ${port} on ${HOST} ${reason}; choose another with ${flag}`);
			}
		}
	}
	return complaints;
}

if (process.argv[1]?.endsWith("check-ports.js")) {
	const complaints = await checkPorts(process.argv.slice(2));
	for (const complaint of complaints) {
		console.error(`error: ${complaint}`);
	}
	process.exitCode = complaints.length > 0 ? 1 : 0;
}
