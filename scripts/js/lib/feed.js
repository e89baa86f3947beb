// Feeds: how they are named, read and shown.

import { formatDecimal } from "./decimal.js";

/** Digits after the point of latitudes and longitudes. */
export const POINT_DECIMALS = 7;
/** Digits after the point of angles. */
export const ANGLE_DECIMALS = 6;

/** Kinds of sources, as the chain spells them. */
export const SOURCES = ["GpsTracker", "IotSensor", "SatelliteImagery", "WeatherApi", "TrafficApi"];

/**
 * The name of a feed from text: `"1/WeatherApi"` is asset 1 as its weather source sees it.
 *
 * @param {string} text
 * @returns {{asset: number, source: string}} As calls and queries take it.
 */
export function parseFeed(text) {
	const [, asset, source] = /^(\d+)\/(\w+)$/.exec(text) ?? [];
	if (!asset || Number(asset) > 0xffff_ffff || !SOURCES.includes(source)) {
		throw new Error(
			`"${text}" is not a feed such as 1/WeatherApi; sources: ${SOURCES.join(", ")}`,
		);
	}
	return { asset: Number(asset), source };
}

/** The name of a feed as text, from what events and storage hold: `"1/WeatherApi"`. */
export function feedName(feed) {
	return `${feed.asset}/${feed.source}`;
}

/** Whether two feeds, in whichever form, are the same. */
export function sameFeed(left, right) {
	return feedName(left) === feedName(right);
}

/**
 * What a feed measures, and on which terms. `undefined`: there is no such feed.
 *
 * @param {object} api The connection, or `await api.at(block)` for the state of an earlier block.
 * @param {{asset: number, source: string}} feed
 * @returns {Promise<{unit: string, kind: "Scalar"|"Point"|"Angle"|"Category", schema: object, committee: number,
 *   heartbeat: number, commitTime: number, revealTime: number, maxAge: number, reward: bigint,
 *   evidence: "Optional"|"Required", admin?: string,
 *   payer: string, paused: boolean, invited?: string[], roster: string[]} | undefined>} `schema` has numbers as strings in the
 *   feed's last digit; `invited` is missing if any oracle may join; `roster` is who has.
 */
export async function feedSpec(api, feed) {
	const stored = await api.query.oracle.feeds(feed);
	if (stored.isNone) {
		return undefined;
	}
	const { spec, admin, payer, paused, admission, roster } = stored.unwrap();
	const addresses = (accounts) => accounts.map((account) => account.toString());
	return {
		unit: new TextDecoder().decode(spec.unit.toU8a(true)),
		kind: spec.schema.type,
		schema: plainSchema(spec.schema),
		committee: spec.committee.toNumber(),
		heartbeat: spec.heartbeat.toNumber(),
		commitTime: spec.commitTime.toNumber(),
		revealTime: spec.revealTime.toNumber(),
		maxAge: spec.maxAge.toNumber(),
		reward: spec.reward.toBigInt(),
		evidence: spec.evidence.type,
		admin: admin.isSome ? admin.unwrap().toString() : undefined,
		payer: payer.toString(),
		paused: paused.isTrue,
		invited: admission.isInvited ? addresses(admission.asInvited) : undefined,
		roster: addresses(roster),
	};
}

function plainSchema(schema) {
	if (schema.isScalar) {
		const { decimals, minimum, maximum } = schema.asScalar;
		return {
			decimals: decimals.toNumber(),
			minimum: minimum.toString(),
			maximum: maximum.toString(),
		};
	}
	return schema.value.toPrimitive() ?? {};
}

/**
 * The latest answer of a feed, and whether it may still be used. `undefined`: there is no such feed,
 * or it has not agreed on anything yet.
 *
 * The pallet's view function `latest` tells the same of the best block. This reads the storage that it reads,
 * for the sake of earlier blocks and of more than one value at once.
 *
 * @param {object} api The connection, or `await api.at(block)` for the state of an earlier block.
 * @param {{asset: number, source: string}} feed
 * @returns {Promise<{reading: object, median: object, spread: bigint, spec: object, round: number, reports: number,
 *   committee: number, block: number, moment: Date, age: number, status: "Fresh"|"Stale"|"Paused"}
 *   | undefined>} Readings are as {@link plainReading} gives them. `age` counts blocks; `moment` is for people.
 */
export async function feedStatus(api, feed) {
	const [spec, answer, failures, now] = await Promise.all([
		feedSpec(api, feed),
		api.query.oracle.answers(feed),
		api.query.oracle.failures(feed),
		api.query.system.number(),
	]);
	if (!spec || answer.isNone) {
		return undefined;
	}
	const { reading, median, spread, round, reports, committee, block, moment } = answer.unwrap();
	const age = now.toNumber() - block.toNumber();
	const isStale = age > spec.maxAge || failures.toNumber() > 0;
	return {
		reading: plainReading(reading),
		median: plainReading(median),
		spread: spread.toBigInt(),
		spec,
		round: round.toNumber(),
		reports: reports.toNumber(),
		committee: committee.toNumber(),
		block: block.toNumber(),
		moment: new Date(moment.toNumber()),
		age,
		status: spec.paused ? "Paused" : isStale ? "Stale" : "Fresh",
	};
}

/**
 * A reading as the chain holds it, as a plain object.
 *
 * @returns {{kind: "Scalar", value: bigint} | {kind: "Point", latitude: bigint, longitude: bigint}
 *   | {kind: "Angle", value: bigint} | {kind: "Category", value: bigint}} In the last digit of the feed, of
 *   10⁻⁷ degrees, of 10⁻⁶ degrees, and the category's number.
 */
export function plainReading(reading) {
	const { type: kind, value } = reading;
	if (kind === "Point") {
		const { latitude, longitude } = value;
		return { kind, latitude: latitude.toBigInt(), longitude: longitude.toBigInt() };
	}
	return { kind, value: value.toBigInt() };
}

/** A plain reading of a feed for people: `"12.85 °C"`, `"47.6101500°, -122.2015000°"`, `"359.5°"`, `"category 2"`. */
export function formatReading(reading, { schema, unit }) {
	switch (reading.kind) {
		case "Scalar":
			return `${formatDecimal(reading.value, schema.decimals, schema.decimals)} ${unit}`;
		case "Point": {
			const degrees = (value) =>
				`${formatDecimal(value, POINT_DECIMALS, POINT_DECIMALS)}°`;
			return `${degrees(reading.latitude)}, ${degrees(reading.longitude)}`;
		}
		case "Angle":
			return `${formatDecimal(reading.value, ANGLE_DECIMALS)}°`;
		default:
			return `category ${reading.value}`;
	}
}

/**
 * Why a round failed, in a few words, from the `reason` of an `oracle.RoundFailed` event.
 *
 * @returns {string} `"too little weight committed: 500 of 1334 needed"`, say.
 */
export function failureText(reason) {
	switch (reason.type) {
		case "TooFewReporters":
			return `only ${reason.asTooFewReporters.able} reporters are able to report`;
		case "NoBudget":
			return "the feed's budget does not pay for a round";
		case "TooFewCommitted": {
			const { committed, needed } = reason.asTooFewCommitted;
			return `too little weight committed: ${committed} of ${needed} needed`;
		}
		case "Disagreement": {
			const { type, value } = reason.asDisagreement;
			return `no agreement: ${type} ${value.isEmpty ? "" : JSON.stringify(value.toHuman())}`.trim();
		}
		default:
			return reason.type;
	}
}
