// What is true at which moment, and what an honest instrument shows of it.

import { KINDS, round } from "./kinds.js";

/** Noise never exceeds this many standard deviations, so that "honest" has a hard bound. */
export const NOISE_LIMIT = 3;

/**
 * Replays a series by the clock on the wall: one record per `stepMs`, from the start again after
 * the last. Whoever asks within one step is told about the same record, in whichever process.
 */
export class Replay {
	/**
	 * @param {import("./series.js").Series} series What to replay.
	 * @param {object} options
	 * @param {number} options.stepMs Milliseconds for which a record is the current one.
	 * @param {number} options.seed Seed of the instruments' noise.
	 * @param {boolean} [options.gradual] Whether the truth moves from each record to the next, instead of
	 *   jumping there at the end of the step. Of states there is nothing between: they jump in any case.
	 * @param {() => number} [options.now] The clock, in milliseconds since 1970.
	 */
	constructor(series, { stepMs, seed, gradual = false, now = Date.now }) {
		const moves = gradual && series.kind.between !== undefined;
		Object.assign(this, { series, stepMs, seed, moves, now });
	}

	/** The current step at a moment: steps are counted from 1970, not from the start of a program. */
	stepAt(moment = this.now()) {
		return Math.floor(moment / this.stepMs);
	}

	/** What is true in a step, or at its beginning if the truth moves. */
	truth(step = this.stepAt()) {
		const { records } = this.series;
		return records[step % records.length];
	}

	/** What is true at a moment. */
	truthAt(moment = this.now()) {
		const step = this.stepAt(moment);
		const { observed, value } = this.truth(step);
		if (!this.moves) {
			return { observed, value };
		}
		const share = moment / this.stepMs - step;
		return {
			observed,
			value: this.series.kind.between(value, this.truth(step + 1).value, share),
		};
	}

	/**
	 * What the instrument of one operator shows at a moment: the truth and a little noise. The noise is the
	 * same for the whole step.
	 */
	readingAt(operator, moment = this.now()) {
		const { observed, value } = this.truthAt(moment);
		const { kind, sigma } = this.series;
		const step = this.stepAt(moment);
		const noise = (axis) => gaussian(this.seed, operator, step, axis);
		return { observed, value: kind.blurred(value, sigma, noise) };
	}

	/** The same at the beginning of a step. */
	reading(operator, step = this.stepAt()) {
		return this.readingAt(operator, step * this.stepMs);
	}

	/** Any value that the series could have, whatever is true: another one in each millisecond. */
	anything(operator, moment = this.now()) {
		const draw = (axis) => uniform(this.seed, operator, moment / 2 ** 32, moment, axis);
		return this.series.kind.any(this.series, draw);
	}

	/**
	 * Least and greatest number that an honest instrument may have shown between two moments.
	 *
	 * @returns {{minimum: number, maximum: number}}
	 * @throws {Error} The series is not one of numbers.
	 */
	honestRange(from, to) {
		if (this.series.kind !== KINDS.scalar) {
			throw new Error(`series "${this.series.name}" has no numbers that could have a range`);
		}
		const values = [];
		// What moves is between a record and the next.
		const end = this.stepAt(to) + (this.moves ? 1 : 0);
		const last = Math.min(end, this.stepAt(from) + this.series.records.length);
		for (let step = this.stepAt(from); step <= last; step++) {
			values.push(this.truth(step).value);
		}
		const noise = NOISE_LIMIT * this.series.sigma;
		return {
			minimum: round(Math.min(...values) - noise),
			maximum: round(Math.max(...values) + noise),
		};
	}
}

// Standard normal noise from the seed and the step alone (Box and Muller's transform of two
// uniform numbers), cut at NOISE_LIMIT. For each coordinate another one.
function gaussian(seed, operator, step, axis) {
	const radius = Math.sqrt(-2 * Math.log(uniform(seed, operator, step, 2 * axis + 1)));
	const angle = 2 * Math.PI * uniform(seed, operator, step, 2 * axis + 2);
	return Math.max(-NOISE_LIMIT, Math.min(NOISE_LIMIT, radius * Math.cos(angle)));
}

// A number in (0, 1], well mixed from whole numbers (the finaliser of MurmurHash3 over each).
function uniform(...numbers) {
	let hash = 0;
	for (const number of numbers) {
		hash = Math.imul(hash ^ (number >>> 0), 0x9e3779b1);
		hash ^= hash >>> 16;
		hash = Math.imul(hash, 0x85ebca6b);
		hash ^= hash >>> 13;
		hash = Math.imul(hash, 0xc2b2ae35);
		hash ^= hash >>> 16;
	}
	return ((hash >>> 0) + 1) / 2 ** 32;
}
