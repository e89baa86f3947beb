// Feeds: how they are named, read and shown.

import { formatDecimal } from "./decimal.js";

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
 * What a feed measures. `undefined`: there is no such feed.
 *
 * @param {object} api The connection, or `await api.at(block)` for the state of an earlier block.
 * @param {{asset: number, source: string}} feed
 */
export async function feedSpec(api, feed) {
	const stored = await api.query.oracle.feeds(feed);
	if (stored.isNone) {
		return undefined;
	}
	const { spec, reporters } = stored.unwrap();
	return {
		unit: new TextDecoder().decode(spec.unit.toU8a(true)),
		decimals: spec.decimals.toNumber(),
		minimum: spec.minimum.toBigInt(),
		maximum: spec.maximum.toBigInt(),
		heartbeat: spec.heartbeat.toNumber(),
		deadline: spec.deadline.toNumber(),
		maxAge: spec.maxAge.toNumber(),
		reporters: reporters.map((reporter) => reporter.toString()),
	};
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
 * @returns {Promise<{value: bigint, decimals: number, unit: string, round: number, reports: number,
 *   assigned: number, block: number, moment: Date, age: number, status: "Fresh"|"Stale"|"Paused"}
 *   | undefined>} `age` counts blocks; `moment` is for people.
 */
export async function feedStatus(api, feed) {
	const [spec, answer, due, now] = await Promise.all([
		feedSpec(api, feed),
		api.query.oracle.answers(feed),
		api.query.oracle.due(feed),
		api.query.system.number(),
	]);
	if (!spec || answer.isNone) {
		return undefined;
	}
	const { value, round, reports, assigned, block, moment } = answer.unwrap();
	const age = now.toNumber() - block.toNumber();
	return {
		value: value.toBigInt(),
		decimals: spec.decimals,
		unit: spec.unit,
		round: round.toNumber(),
		reports: reports.toNumber(),
		assigned: assigned.toNumber(),
		block: block.toNumber(),
		moment: new Date(moment.toNumber()),
		age,
		status: due.isNone ? "Paused" : age > spec.maxAge ? "Stale" : "Fresh",
	};
}

/** A value of a feed with its unit: `"12.85 °C"`. */
export function formatValue(value, { decimals, unit }) {
	return `${formatDecimal(BigInt(value), decimals, decimals)} ${unit}`;
}
