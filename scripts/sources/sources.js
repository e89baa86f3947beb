// All operators' sources and their control port as one thing that starts and stops.

import { Control } from "./control.js";
import { Endpoint } from "./endpoint.js";
import { Replay } from "./replay.js";
import { loadSeries } from "./series.js";

/** Milliseconds that a `slow` endpoint takes: far beyond what any node waits. */
export const SLOW_MS = 30_000;

/**
 * Start the sources.
 *
 * @param {object} options
 * @param {string} options.series Name of the series.
 * @param {number} options.operators How many operators.
 * @param {number} options.portBase Port of the first operator; the others follow. 0: any free ports.
 * @param {number} options.controlPort Port of the control server. 0: any free port.
 * @param {number} options.stepMs Milliseconds for which a record is the current one.
 * @param {number} options.seed Seed of the instruments' noise.
 * @param {boolean} [options.gradual] Whether the truth moves from each record to the next instead of jumping.
 * @param {Map<number, string>} [options.modes] Operators that do not start honest.
 * @param {number} [options.slowMs] How long a `slow` endpoint waits.
 * @param {() => number} [options.now] The clock, in milliseconds since 1970.
 * @returns {Promise<{endpoints: Endpoint[], control: Control, replay: Replay, stop: () => Promise<void>}>}
 * @throws {Error} A port is taken, or a setting makes no sense. Nothing is left running then.
 */
export async function startSources(options) {
	const {
		series,
		operators,
		portBase,
		controlPort,
		modes = new Map(),
		slowMs = SLOW_MS,
	} = options;
	const replay = new Replay(loadSeries(series), options);
	const endpoints = Array.from({ length: operators }, (_, index) => {
		const port = portBase === 0 ? 0 : portBase + index;
		return new Endpoint(index + 1, port, replay, slowMs);
	});
	const control = new Control(controlPort, replay, endpoints);
	const listeners = [control, ...endpoints].map(({ listener }) => listener);
	const stop = async () => {
		await Promise.all(listeners.map((listener) => listener.down()));
	};

	try {
		for (const operator of modes.keys()) {
			control.endpoint(String(operator));
		}
		// Those that start down listen for a moment too: a taken port is found now, not later.
		for (const listener of listeners) {
			await listener.up();
		}
		for (const [operator, mode] of modes) {
			await endpoints[operator - 1].set(mode);
		}
	} catch (error) {
		await stop();
		throw error;
	}
	return { endpoints, control, replay, stop };
}
