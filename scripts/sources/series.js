// The measurements that are replayed. They come from a package in node_modules; README.md says who
// measured them and under which licence they may be used.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bearing, KINDS, metres } from "./kinds.js";

const DATA_FOLDER = fileURLToPath(
	new URL("../../node_modules/vega-datasets/data/", import.meta.url),
);

/**
 * A series of measurements by one station.
 *
 * @typedef {object} Series
 * @property {string} name How the command line calls it.
 * @property {import("./kinds.js").Kind} kind Whether its values are numbers, places, directions or states.
 * @property {string} station Where it was measured.
 * @property {string} quantity What was measured: the field of the answer that holds the value. Of a place there are
 *   the fields `latitude` and `longitude` in its stead.
 * @property {string} [unit] Unit of the value.
 * @property {string[]} [states] Of states: all that there are.
 * @property {number} sigma Standard deviation of an honest instrument's noise, in that unit; of places in metres.
 * @property {number} lie How far a lying instrument is off, as the kind has it: plausible, yet far
 *   outside of what honest instruments show.
 * @property {{observed: string, value: number | {latitude: number, longitude: number} | string}[]} records The
 *   measurements in order.
 */

// `sigma` is the usual uncertainty of such an instrument: a tenth of a degree for a platinum
// thermometer, a fifth of a part per million for an infrared gas analyser, five metres for a satellite
// receiver, half a degree for a radio direction finder.
const CATALOGUE = {
	"seattle-temperature": {
		kind: KINDS.scalar,
		station: "Seattle",
		file: "weather.csv",
		where: { location: "Seattle" },
		records: numbers({ observed: "date", value: "temp_max" }),
		quantity: "temperature",
		unit: "°C",
		sigma: 0.1,
		lie: 25,
	},
	"new-york-temperature": {
		kind: KINDS.scalar,
		station: "New York",
		file: "weather.csv",
		where: { location: "New York" },
		records: numbers({ observed: "date", value: "temp_max" }),
		quantity: "temperature",
		unit: "°C",
		sigma: 0.1,
		lie: 25,
	},
	"mauna-loa-co2": {
		kind: KINDS.scalar,
		station: "Mauna Loa",
		file: "co2-concentration.csv",
		where: {},
		records: numbers({ observed: "Date", value: "CO2" }),
		quantity: "co2",
		unit: "ppm",
		sigma: 0.2,
		lie: 150,
	},
	"seattle-weather": {
		kind: KINDS.category,
		station: "Seattle",
		file: "weather.csv",
		where: { location: "Seattle" },
		records: states({ observed: "date", value: "weather" }),
		quantity: "weather",
		states: ["drizzle", "fog", "rain", "snow", "sun"],
		sigma: 0,
		lie: 1,
	},
	"washington-flight": {
		kind: KINDS.point,
		station: "Washington",
		file: "airports.csv",
		where: { state: "WA" },
		records: flight,
		quantity: "position",
		sigma: 5,
		lie: 0.5,
	},
	"washington-bearing": {
		kind: KINDS.angle,
		station: "Ellensburg",
		file: "airports.csv",
		where: { state: "WA" },
		records: bearingsFrom("ELN"),
		quantity: "bearing",
		unit: "°",
		sigma: 0.5,
		lie: 90,
	},
};

/** Names of all series. */
export const seriesNames = Object.keys(CATALOGUE);

/**
 * Read one series.
 *
 * @param {string} name One of `seriesNames`.
 * @returns {Series}
 * @throws {Error} Unknown name, package not installed, or a record that is not what it should be.
 */
export function loadSeries(name) {
	if (!Object.hasOwn(CATALOGUE, name)) {
		throw new Error(`unknown series "${name}"; there are: ${seriesNames.join(", ")}`);
	}
	const { file, where, records, ...description } = CATALOGUE[name];
	const rows = parseCsv(readData(file)).filter((row) =>
		Object.entries(where).every(([column, wanted]) => row[column] === wanted),
	);
	if (rows.length === 0) {
		throw new Error(`series "${name}" is empty in ${file}`);
	}
	const series = { name, ...description };
	return { ...series, records: records(rows, series) };
}

function readData(file) {
	try {
		return readFileSync(DATA_FOLDER + file, "utf8");
	} catch (error) {
		if (error.code === "ENOENT") {
			throw new Error(
				`${DATA_FOLDER}${file} is missing; install the packages: scripts/setup.sh`,
			);
		}
		throw error;
	}
}

// The files have a header line. A field with a comma in it stands in quotes.
function parseCsv(text) {
	const [header, ...lines] = text.trimEnd().split(/\r?\n/);
	const names = header.split(",");
	return lines.map((line) => {
		const fields = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^",]*))/g)];
		return Object.fromEntries(
			names.map((name, column) => [name, fields[column]?.[1] ?? fields[column]?.[2]]),
		);
	});
}

// --- From rows to records ------------------------------------------------------------------------

/** Numbers in a column. */
function numbers(columns) {
	return (rows, { name }) =>
		rows.map((row) => ({
			observed: row[columns.observed],
			value: parseMeasurement(row[columns.value], name, row[columns.observed]),
		}));
}

/** States in a column. */
function states(columns) {
	return (rows, series) =>
		rows.map((row) => {
			const [observed, value] = [row[columns.observed], row[columns.value]];
			if (!series.states.includes(value)) {
				throw new Error(`series "${series.name}" holds "${value}", no known state, at ${observed}`);
			}
			return { observed, value };
		});
}

/** A flight from airport to airport: from the first one always to the nearest that was not visited yet. */
function flight(rows, { name }) {
	const left = rows.map((row) => {
		const coordinate = (column) => parseMeasurement(row[column], name, row.iata);
		const value = { latitude: coordinate("latitude"), longitude: coordinate("longitude") };
		return { observed: row.iata, value };
	});
	const visited = left.splice(0, 1);
	while (left.length > 0) {
		const here = visited.at(-1).value;
		const ways = left.map(({ value }) => metres(here, value));
		visited.push(...left.splice(ways.indexOf(Math.min(...ways)), 1));
	}
	return visited;
}

/** The directions in which an airport sees that flight. It isn't among those visited: it would see nothing. */
function bearingsFrom(iata) {
	return (rows, series) => {
		const visited = flight(rows, series);
		const { value: here } = visited.find(({ observed }) => observed === iata);
		return visited
			.filter(({ observed }) => observed !== iata)
			.map(({ observed, value }) => ({ observed, value: bearing(here, value) }));
	};
}

function parseMeasurement(text, name, observed) {
	const value = Number(text);
	if (text === "" || !Number.isFinite(value)) {
		throw new Error(`series "${name}" holds "${text}", not a number, at ${observed}`);
	}
	return value;
}
