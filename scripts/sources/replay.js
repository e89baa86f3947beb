// What is true at which moment, and what an honest instrument shows of it.

/** Noise never exceeds this many standard deviations, so that "honest" has a hard bound. */
export const NOISE_LIMIT = 3;

/** Digits after the point that an instrument shows. */
export const DIGITS = 2;

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
	 * @param {() => number} [options.now] The clock, in milliseconds since 1970.
	 */
	constructor(series, { stepMs, seed, now = Date.now }) {
		Object.assign(this, { series, stepMs, seed, now });
	}

	/** The current step at a moment: steps are counted from 1970, not from the start of a program. */
	stepAt(moment = this.now()) {
		return Math.floor(moment / this.stepMs);
	}

	/** What is true in a step. */
	truth(step = this.stepAt()) {
		const { records } = this.series;
		return records[step % records.length];
	}

	/**
	 * What the instrument of one operator shows in a step: the truth and a little noise. The same
	 * instrument shows the same number for the whole step.
	 */
	reading(operator, step = this.stepAt()) {
		const { observed, value } = this.truth(step);
		const noise = this.series.sigma * gaussian(this.seed, operator, step);
		return { observed, value: round(value + noise) };
	}

	/**
	 * Least and greatest number that an honest instrument may have shown between two moments.
	 *
	 * @returns {{minimum: number, maximum: number}}
	 */
	honestRange(from, to) {
		const values = [];
		const last = Math.min(this.stepAt(to), this.stepAt(from) + this.series.records.length);
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

/** Round to what an instrument shows. */
export function round(value) {
	return Number(value.toFixed(DIGITS));
}

// Standard normal noise from the seed and the step alone (Box and Muller's transform of two
// uniform numbers), cut at NOISE_LIMIT.
function gaussian(seed, operator, step) {
	const radius = Math.sqrt(-2 * Math.log(uniform(seed, operator, step, 1)));
	const angle = 2 * Math.PI * uniform(seed, operator, step, 2);
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
