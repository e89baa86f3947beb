// The measurements that are replayed. They come from a package in node_modules; README.md says who
// measured them and under which licence they may be used.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DATA_FOLDER = fileURLToPath(
	new URL("../../node_modules/vega-datasets/data/", import.meta.url),
);

/**
 * A series of measurements by one station.
 *
 * @typedef {object} Series
 * @property {string} name How the command line calls it.
 * @property {string} station Where it was measured.
 * @property {string} quantity What was measured: the field of the answer that holds the number.
 * @property {string} unit Unit of the number.
 * @property {number} sigma Standard deviation of an honest instrument's noise, in that unit.
 * @property {number} lie How far a lying instrument is off, in that unit: plausible, yet far
 *   outside of what honest instruments show.
 * @property {{observed: string, value: number}[]} records The measurements, oldest first.
 */

// `sigma` is the usual uncertainty of such an instrument: a tenth of a degree for a platinum
// thermometer, a fifth of a part per million for an infrared gas analyser.
const CATALOGUE = {
	"seattle-temperature": {
		station: "Seattle",
		file: "weather.csv",
		where: { location: "Seattle" },
		columns: { observed: "date", value: "temp_max" },
		quantity: "temperature",
		unit: "°C",
		sigma: 0.1,
		lie: 25,
	},
	"new-york-temperature": {
		station: "New York",
		file: "weather.csv",
		where: { location: "New York" },
		columns: { observed: "date", value: "temp_max" },
		quantity: "temperature",
		unit: "°C",
		sigma: 0.1,
		lie: 25,
	},
	"mauna-loa-co2": {
		station: "Mauna Loa",
		file: "co2-concentration.csv",
		where: {},
		columns: { observed: "Date", value: "CO2" },
		quantity: "co2",
		unit: "ppm",
		sigma: 0.2,
		lie: 150,
	},
};

/** Names of all series. */
export const seriesNames = Object.keys(CATALOGUE);

/**
 * Read one series.
 *
 * @param {string} name One of `seriesNames`.
 * @returns {Series}
 * @throws {Error} Unknown name, package not installed, or a record that is not a number.
 */
export function loadSeries(name) {
	if (!Object.hasOwn(CATALOGUE, name)) {
		throw new Error(`unknown series "${name}"; there are: ${seriesNames.join(", ")}`);
	}
	const { file, where, columns, ...description } = CATALOGUE[name];
	const rows = parseCsv(readData(file)).filter((row) =>
		Object.entries(where).every(([column, wanted]) => row[column] === wanted),
	);
	const records = rows.map((row) => ({
		observed: row[columns.observed],
		value: parseMeasurement(row[columns.value], name, row[columns.observed]),
	}));
	if (records.length === 0) {
		throw new Error(`series "${name}" is empty in ${file}`);
	}
	return { name, ...description, records };
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

// The files have a header line and neither quotes nor commas within a field.
function parseCsv(text) {
	const [header, ...lines] = text.trimEnd().split(/\r?\n/);
	const names = header.split(",");
	return lines.map((line) => {
		const fields = line.split(",");
		return Object.fromEntries(names.map((name, column) => [name, fields[column]]));
	});
}

function parseMeasurement(text, name, observed) {
	const value = Number(text);
	if (text === "" || !Number.isFinite(value)) {
		throw new Error(`series "${name}" holds "${text}", not a number, at ${observed}`);
	}
	return value;
}
