// How an endpoint behaves: honestly, or in one of the ways in which endpoints fail.

/** Bytes that a `huge` endpoint sends unless the caller hangs up. */
export const HUGE_BYTES = 100 * 1024 * 1024;

/** What is said in place of the truth in those modes whose answers look perfectly good. */
const LIES = {
	// Each off by the same, and with the noise of its own instrument.
	lying: ({ series, value, lie }) => series.kind.off(series, value, lie),

	// All that do so say exactly the same: off by as much, without noise, until the next record.
	colluding: ({ series, record, lie }) => series.kind.off(series, record, lie),

	random: ({ anything }) => anything,
};

/**
 * What each other mode does with a request. `answer` is the honest answer as an object, `slowMs` how long a slow
 * endpoint waits.
 *
 * `down` is not here: nothing answers at all, the endpoint stops listening.
 */
const RESPONDERS = {
	honest: (response, answer) => json(response, 200, answer),

	slow(response, answer, slowMs) {
		const timer = setTimeout(() => json(response, 200, answer), slowMs);
		response.on("close", () => clearTimeout(timer));
	},

	// Valid JSON that never seems to end. No length is announced, so the caller has to count.
	huge(response) {
		const chunk = Buffer.alloc(64 * 1024, "x");
		let left = HUGE_BYTES;
		response.writeHead(200, { "content-type": "application/json" });
		response.write('{"padding":"');
		const pump = () => {
			while (left > 0 && !response.destroyed) {
				left -= chunk.length;
				if (!response.write(chunk)) {
					return response.once("drain", pump);
				}
			}
			return response.end('"}');
		};
		pump();
	},

	// Cut in the middle of the number.
	malformed(response, { station, observed, ...fields }) {
		const [quantity] = Object.keys(fields);
		send(response, 200, `{"station":"${station}","${quantity}":1`);
	},

	// The body is a perfectly good reading: only the status says that it must not be used.
	status: (response, answer) => json(response, 500, answer),
};

/** Names of all modes. */
export const modes = [...Object.keys(RESPONDERS), ...Object.keys(LIES), "down"];

/**
 * Refuse a mode that does not exist.
 *
 * @param {string} mode
 * @returns {string} The same mode.
 * @throws {Error} It names the modes that exist.
 */
export function checkMode(mode) {
	if (!modes.includes(mode)) {
		throw new Error(`unknown mode "${mode}"; there are: ${modes.join(", ")}`);
	}
	return mode;
}

/**
 * Answer a request in a mode other than `down`.
 *
 * @param {string} mode
 * @param {import("node:http").ServerResponse} response
 * @param {(value) => object} answer The answer that says a value.
 * @param {object} truth
 * @param {import("./series.js").Series} truth.series
 * @param truth.value What the endpoint's instrument shows.
 * @param truth.record The current record's value.
 * @param truth.anything A value at random.
 * @param {number} truth.lie How far to be off.
 * @param {number} truth.slowMs How long a `slow` endpoint waits.
 */
export function respond(mode, response, answer, truth) {
	if (Object.hasOwn(LIES, mode)) {
		return json(response, 200, answer(LIES[mode](truth)));
	}
	return RESPONDERS[mode](response, answer(truth.value), truth.slowMs);
}

/** Send an object as JSON. */
export function json(response, status, object) {
	send(response, status, JSON.stringify(object));
}

function send(response, status, body) {
	response.writeHead(status, {
		"content-type": "application/json; charset=utf-8",
		"content-length": Buffer.byteLength(body),
	});
	response.end(body);
}
