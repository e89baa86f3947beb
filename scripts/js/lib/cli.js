// What the programs in this folder have in common when run from the command line.

import { readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connect, DEFAULT_URL } from "./chain.js";

/** Options that every program has. */
const COMMON = {
	url: { type: "string", default: DEFAULT_URL },
	wait: { type: "string", default: "0" },
	help: { type: "boolean", default: false },
};

const COMMON_USAGE = `
  --url URL             node to talk to (default ${DEFAULT_URL})
  --wait SECONDS        how long to wait for a node that is not there yet (default 0)
  --help                show this
`;

/**
 * Run `main` if the file was started by itself, and not if it was imported.
 *
 * Ends with exit code 0, or with one line that says what went wrong and exit code 1.
 *
 * @param {string} file `import.meta.url` of the file.
 * @param {object} program
 * @param {string} program.usage What the program does and its own options, for `--help`.
 * @param {object} [program.options] Its own options, in the form of `node:util`'s `parseArgs`.
 * @param {(api, values: object) => Promise<void>} program.main Gets the connection and the options.
 */
export async function runAsProgram(file, { usage, options = {}, main }) {
	if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(file)) {
		return;
	}
	// Nobody reads any more, as in `… | head`: nothing is left to do.
	process.stdout.on("error", () => process.exit());
	let api;
	try {
		const { values } = parseArgs({ options: { ...COMMON, ...options } });
		if (values.help) {
			process.stdout.write(`${usage.trimEnd()}\n${COMMON_USAGE}`);
			return;
		}
		api = await connect(values.url, { waitMs: Number(values.wait) * 1_000 });
		await main(api, values);
	} catch (error) {
		console.error(`error: ${error.message}`);
		process.exitCode = 1;
	} finally {
		await api?.disconnect();
	}
}

/**
 * The secret that a program signs with: `--suri //Alice` for keys that are public anyway, or
 * `--suri-file FILE` for real ones, which must not show in the list of processes.
 *
 * @param {{suri?: string, "suri-file"?: string}} values
 * @param {string} [otherwise] Used if neither is given.
 */
export function readSecret(values, otherwise) {
	const file = values["suri-file"];
	const secret = file ? readFileSync(file, "utf8").trim() : (values.suri ?? otherwise);
	if (!secret) {
		throw new Error(
			"whose key signs? Give --suri-file FILE, or --suri for a well-known test key",
		);
	}
	return secret;
}

/** Options for `readSecret`. */
export const SECRET_OPTIONS = {
	suri: { type: "string" },
	"suri-file": { type: "string" },
};

/** Refuse to go on without an option. */
export function required(values, name) {
	if (values[name] === undefined) {
		throw new Error(`--${name} is missing; see --help`);
	}
	return values[name];
}
