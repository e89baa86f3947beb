// Readings as the chain counts them, and where the honest ones are.

import { ANGLE_DECIMALS, POINT_DECIMALS } from "../../scripts/js/lib/feed.js";

/** Once round, in the last digit of angles and of longitudes. */
const ANGLE_TURN = 360n * 10n ** BigInt(ANGLE_DECIMALS);
const LONGITUDE_TURN = 360n * 10n ** BigInt(POINT_DECIMALS);

/** Whether a value lies where the readings of honest reporters are. All of them are as `ChainLog` gives them. */
const WITHIN = {
	Scalar: isBetween,
	// North and south of each other as numbers, east and west as directions.
	Point: ({ latitude, longitude }, readings) =>
		isBetween(latitude, readings.map((reading) => reading.latitude)) &&
		isOnArc(longitude, readings.map((reading) => reading.longitude), LONGITUDE_TURN),
	Angle: (value, readings) => isOnArc(value, readings, ANGLE_TURN),
	Category: (value, readings) => readings.includes(value),
};

/**
 * Whether an answer is one that honest reporters can't be blamed for: scalars between their lowest and their
 * highest, points in their box, angles on the shortest arc that holds theirs, categories one of theirs.
 *
 * @param {"Scalar"|"Point"|"Angle"|"Category"} kind
 * @param {bigint | {latitude: bigint, longitude: bigint}} value
 * @param {(bigint | {latitude: bigint, longitude: bigint})[]} honest
 */
export function isHonest(kind, value, honest) {
	return WITHIN[kind](value, honest);
}

/**
 * What a source says of a value, as the chain counts it.
 *
 * @param {"Scalar"|"Point"|"Angle"|"Category"} kind
 * @param {number | {latitude: number, longitude: number} | string} value In degrees, say, or the state's name.
 * @param {{decimals?: number, states?: string[]}} feed Digits of scalars; names of categories in their order.
 */
export function unitsOf(kind, value, { decimals, states }) {
	const units = (number, digits) => BigInt(Math.round(number * 10 ** digits));
	switch (kind) {
		case "Scalar":
			return units(value, decimals);
		case "Point":
			return {
				latitude: units(value.latitude, POINT_DECIMALS),
				longitude: units(value.longitude, POINT_DECIMALS),
			};
		case "Angle":
			return units(value, ANGLE_DECIMALS);
		default:
			return BigInt(states.indexOf(value));
	}
}

function isBetween(value, values) {
	return values.some((other) => other <= value) && values.some((other) => other >= value);
}

/** Whether a direction is on the shortest arc that holds the others: not in the widest gap between two of them. */
function isOnArc(direction, directions, turn) {
	const clockwise = (from, to) => (((to - from) % turn) + turn) % turn;
	const gaps = directions.map((from) => {
		const ways = directions.map((to) => clockwise(from, to)).filter((way) => way > 0n);
		const width = ways.reduce((least, way) => (way < least ? way : least), turn);
		return { from, width };
	});
	const widest = gaps.reduce((most, gap) => (gap.width > most.width ? gap : most));
	const way = clockwise(widest.from, direction);
	return way === 0n || way >= widest.width;
}
