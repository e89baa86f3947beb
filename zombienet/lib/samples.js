// Documents to store: of all sizes, and the same in each run.

import { createCipheriv, createHash } from "node:crypto";

/** From the smallest to the largest. */
export const SIZES = { least: 1 << 10, most: 1 << 26 };

/** How many documents have a gibibyte together. */
const IN_A_GIBIBYTE = 200;
/** How far from that share of a gibibyte the documents of a run may be together. */
const TOLERANCE = 0.02;

const digest = (text) => createHash("sha256").update(text).digest();

/** A number from zero on, below one, that follows from a text. */
const fraction = (text) => digest(text).readUIntBE(0, 6) / 2 ** 48;

/**
 * Sizes of documents: as many between one and two kibibytes as between 32 and 64 mebibytes, and together as much of a
 * gibibyte as `count` is of 200. The first of many series that is so.
 *
 * @param {number} count
 * @returns {number[]} Bytes.
 */
export function sampleSizes(count) {
	const { least, most } = SIZES;
	const wanted = (count / IN_A_GIBIBYTE) * 2 ** 30;
	for (let series = 0; ; series++) {
		const sizes = Array.from({ length: count }, (_, index) =>
			Math.floor(least * (most / least) ** fraction(`size ${index} of series ${series}`)),
		);
		const total = sizes.reduce((sum, size) => sum + size, 0);
		if (Math.abs(total - wanted) <= TOLERANCE * wanted) {
			return sizes;
		}
	}
}

/**
 * A document that looks like no other.
 *
 * @param {string} name What its bytes follow from.
 * @param {number} size
 * @returns {Buffer}
 */
export function sampleBytes(name, size) {
	const cipher = createCipheriv("aes-256-ctr", digest(name), Buffer.alloc(16));
	return cipher.update(Buffer.alloc(size));
}
