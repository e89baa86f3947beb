// The kinds of readings that a series can be of, as feeds have them, and all that depends on the kind.

/** Digits after the point that an instrument shows of a number. */
export const DIGITS = 2;

/** Digits after the point of degrees of latitude and longitude: about a centimetre. */
const PLACE_DIGITS = 7;

/** Metres in a degree of latitude, on a ball of the Earth's mean radius (IUGG: 6371.0088 km). */
const METRES_PER_DEGREE = (6_371_008.8 * Math.PI) / 180;

const FULL_TURN = 360;

/**
 * What a kind is.
 *
 * @typedef {object} Kind
 * @property {(series, value) => object} fields What an answer in JSON says about a value.
 * @property {((from, to, share: number) => value) | undefined} between The value after this share of the way
 *   from one record to the next. Missing where there is nothing between two values.
 * @property {(value, sigma: number, noise: (axis: number) => number) => value} blurred The value as an
 *   instrument shows it whose noise has the standard deviation `sigma`; `noise` is normal with that of 1.
 * @property {(series, value, lie: number) => value} off A value that is off by `lie`.
 * @property {(series, draw: (axis: number) => number) => value} any A value at random, of those that could be.
 */

/** Each kind by its name. */
export const KINDS = {
	// Off by `lie` in the series' unit.
	scalar: {
		fields: ({ quantity, unit }, value) => ({ [quantity]: value, unit }),
		between: mixed,
		blurred: (value, sigma, noise) => round(value + sigma * noise(0)),
		off: (series, value, lie) => round(value + lie),
		any: ({ records }, draw) => round(spanned(records.map(({ value }) => value), draw(0))),
	},

	// Blurred in metres, off by `lie` degrees to the north.
	point: {
		fields: (series, { latitude, longitude }) => ({ latitude, longitude }),
		between: (from, to, share) =>
			place(
				mixed(from.latitude, to.latitude, share),
				mixed(from.longitude, to.longitude, share),
			),
		blurred({ latitude, longitude }, sigma, noise) {
			const degrees = sigma / METRES_PER_DEGREE;
			const east = noise(1) / Math.cos(radians(latitude));
			return place(latitude + degrees * noise(0), longitude + degrees * east);
		},
		off: (series, { latitude, longitude }, lie) => place(latitude + lie, longitude),
		any: ({ records }, draw) =>
			place(
				spanned(records.map(({ value }) => value.latitude), draw(0)),
				spanned(records.map(({ value }) => value.longitude), draw(1)),
			),
	},

	// Between two directions is the shorter way round.
	angle: {
		fields: ({ quantity, unit }, value) => ({ [quantity]: value, unit }),
		between: (from, to, share) => direction(from + share * shorterWay(from, to)),
		blurred: (value, sigma, noise) => direction(value + sigma * noise(0)),
		off: (series, value, lie) => direction(value + lie),
		any: (series, draw) => direction(FULL_TURN * draw(0)),
	},

	// Instruments don't mistake a state; off by `lie` places in the list of states.
	category: {
		fields: ({ quantity }, value) => ({ [quantity]: value }),
		blurred: (value) => value,
		off: ({ states }, value, lie) => states.at((states.indexOf(value) + lie) % states.length),
		any: ({ states }, draw) => states[Math.floor(states.length * draw(0)) % states.length],
	},
};

/** Round to what an instrument shows of a number. */
export function round(value) {
	return Number(value.toFixed(DIGITS));
}

/** The direction in which `to` is seen from `from`, on a ball: degrees from north over east, below 360. */
export function bearing(from, to) {
	const [south, north] = [radians(from.latitude), radians(to.latitude)];
	const turn = radians(to.longitude - from.longitude);
	const east = Math.sin(turn) * Math.cos(north);
	const ahead =
		Math.cos(south) * Math.sin(north) - Math.sin(south) * Math.cos(north) * Math.cos(turn);
	return direction((Math.atan2(east, ahead) * 180) / Math.PI);
}

/** Metres between two places near each other, as on a plane. */
export function metres(from, to) {
	const shrink = Math.cos(radians((from.latitude + to.latitude) / 2));
	const north = to.latitude - from.latitude;
	const east = (to.longitude - from.longitude) * shrink;
	return METRES_PER_DEGREE * Math.hypot(north, east);
}

function radians(degrees) {
	return (degrees * Math.PI) / 180;
}

function mixed(from, to, share) {
	return from + (to - from) * share;
}

/** A value at `share` of the way from the least to the greatest. */
function spanned(values, share) {
	return mixed(Math.min(...values), Math.max(...values), share);
}

function place(latitude, longitude) {
	const fixed = (degrees) => Number(degrees.toFixed(PLACE_DIGITS));
	return { latitude: fixed(latitude), longitude: fixed(longitude) };
}

/** Without full turns; what rounds up to one is none. */
function direction(degrees) {
	return round(degrees - FULL_TURN * Math.floor(degrees / FULL_TURN)) % FULL_TURN;
}

/** Degrees from one direction to another, from -180 to below 180. */
function shorterWay(from, to) {
	const turn = to - from + FULL_TURN / 2;
	return turn - FULL_TURN * Math.floor(turn / FULL_TURN) - FULL_TURN / 2;
}
