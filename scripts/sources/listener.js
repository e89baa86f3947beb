// An HTTP server on loopback that can be stopped at once and started again on the same port.

import { createServer } from "node:http";

/** Only this machine may ask. */
export const HOST = "127.0.0.1";

/** Wraps a request handler in a server that can go down and come back. */
export class Listener {
	/**
	 * @param {number} port Port to listen on; 0 lets the system choose one, which is then kept.
	 * @param {(request, response) => void} handler Called for each request.
	 */
	constructor(port, handler) {
		Object.assign(this, { port, handler, server: undefined });
	}

	/**
	 * Listen. Does nothing while listening already.
	 *
	 * @throws {Error} The port is taken, or not allowed: it is named.
	 */
	async up() {
		if (this.server) {
			return;
		}
		const server = createServer(this.handler);
		await new Promise((resolve, reject) => {
			server.once("error", (error) => reject(explain(error, this.port)));
			server.listen(this.port, HOST, resolve);
		});
		this.port = server.address().port;
		this.server = server;
	}

	/** Stop listening and cut every connection, so that callers are refused from now on. */
	async down() {
		const { server } = this;
		if (!server) {
			return;
		}
		this.server = undefined;
		await new Promise((resolve) => {
			server.close(resolve);
			server.closeAllConnections();
		});
	}
}

function explain(error, port) {
	switch (error.code) {
		case "EADDRINUSE":
			return new Error(
				`port ${port} on ${HOST} is in use; choose others with --port-base or --control-port`,
			);
		case "EACCES":
			return new Error(
				`port ${port} on ${HOST} is not allowed for this user; choose one above 1023`,
			);
		default:
			return error;
	}
}
