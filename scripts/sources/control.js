// The control port: shows what is true and what each operator does, and switches operators' modes.
// Only for tests and for people who watch; no node ever asks it.

import { Listener } from "./listener.js";
import { json } from "./modes.js";

/** Longest body of a request, in bytes: ample for a mode and an offset. */
const MAX_BODY = 1024;

export class Control {
	/**
	 * @param {number} port Port to listen on.
	 * @param {import("./replay.js").Replay} replay What is true.
	 * @param {import("./endpoint.js").Endpoint[]} endpoints The operators' sources.
	 */
	constructor(port, replay, endpoints) {
		Object.assign(this, { replay, endpoints });
		this.listener = new Listener(port, (request, response) => {
			this.handle(request, response).catch((error) =>
				json(response, error.status ?? 500, { error: error.message }),
			);
		});
	}

	async handle(request, response) {
		const { pathname, searchParams } = new URL(request.url, "http://localhost");
		const [, collection, operator] = pathname.split("/");
		const route = `${request.method} /${collection}${operator ? "/:operator" : ""}`;
		switch (route) {
			case "GET /truth":
				return json(
					response,
					200,
					this.truth(moment(searchParams, "at", this.replay.now())),
				);
			case "GET /range":
				return json(response, 200, this.range(searchParams));
			case "GET /operators":
				return json(
					response,
					200,
					this.endpoints.map((endpoint) => endpoint.status()),
				);
			case "GET /operators/:operator":
				return json(response, 200, this.details(operator));
			case "POST /operators/:operator":
				return json(response, 200, await this.switch(operator, await readBody(request)));
			default:
				throw failure(404, "unknown path; see README.md for those that exist");
		}
	}

	truth(at) {
		const { series, stepMs } = this.replay;
		const step = this.replay.stepAt(at);
		const { observed, value } = this.replay.truthAt(at);
		const { name, station, quantity, unit, sigma } = series;
		return { series: name, station, quantity, unit, sigma, step, stepMs, observed, value };
	}

	range(searchParams) {
		const now = this.replay.now();
		const [from, to] = [moment(searchParams, "from", now), moment(searchParams, "to", now)];
		try {
			return this.replay.honestRange(from, to);
		} catch (error) {
			throw failure(400, error.message);
		}
	}

	details(operator) {
		const endpoint = this.endpoint(operator);
		return { ...endpoint.status(), answers: endpoint.answers };
	}

	async switch(operator, { mode, lie }) {
		const endpoint = this.endpoint(operator);
		if (lie !== undefined && !Number.isFinite(lie)) {
			throw failure(400, "`lie` must be a number");
		}
		try {
			await endpoint.set(mode, lie);
		} catch (error) {
			throw failure(400, error.message);
		}
		return endpoint.status();
	}

	endpoint(operator) {
		const endpoint = this.endpoints.find(
			(candidate) => String(candidate.operator) === operator,
		);
		if (!endpoint) {
			throw failure(
				404,
				`there is no operator ${operator}; there are 1 to ${this.endpoints.length}`,
			);
		}
		return endpoint;
	}
}

function moment(searchParams, name, otherwise) {
	const text = searchParams.get(name);
	const value = text === null ? otherwise : Number(text);
	if (!Number.isFinite(value) || value < 0) {
		throw failure(400, `\`${name}\` must be milliseconds since 1970`);
	}
	return value;
}

async function readBody(request) {
	let text = "";
	for await (const chunk of request) {
		text += chunk;
		if (text.length > MAX_BODY) {
			throw failure(413, `at most ${MAX_BODY} bytes`);
		}
	}
	try {
		const body = JSON.parse(text);
		if (body !== null && typeof body === "object") {
			return body;
		}
	} catch {
		// Falls through to the same refusal: it is not a JSON object.
	}
	throw failure(400, 'the body must be a JSON object such as {"mode":"lying"}');
}

function failure(status, message) {
	return Object.assign(new Error(message), { status });
}
