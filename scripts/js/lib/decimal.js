// Exact decimal numbers. Balances and readings are whole numbers on chain, with a fixed count of
// digits behind the point; a float would lose the last ones.

/**
 * Text to a whole number of the smallest unit: `("1.5", 12)` is `1_500_000_000_000n`.
 *
 * @param {string} text Digits with at most one point and at most `decimals` digits behind it.
 * @param {number} decimals Digits behind the point.
 * @returns {bigint}
 * @throws {Error} Not such a number, or too many digits: nothing is ever rounded.
 */
export function parseDecimal(text, decimals) {
	const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
	if (whole === undefined) {
		throw new Error(`"${text}" is not a decimal number such as 12.5`);
	}
	if (fraction.length > decimals) {
		throw new Error(`"${text}" has more than ${decimals} digits behind the point`);
	}
	const value = BigInt(whole + fraction.padEnd(decimals, "0"));
	return sign ? -value : value;
}

/**
 * A whole number of the smallest unit to text: `(1_500_000_000_000n, 12)` is `"1.5"`.
 *
 * @param {bigint} value
 * @param {number} decimals Digits behind the point.
 * @param {number} [least] Digits behind the point to show in any case.
 * @returns {string}
 */
export function formatDecimal(value, decimals, least = 0) {
	const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
	const whole = digits.slice(0, digits.length - decimals);
	const fraction = digits
		.slice(digits.length - decimals)
		.replace(/0+$/, "")
		.padEnd(least, "0");
	return `${value < 0n ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}
