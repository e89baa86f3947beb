#!/usr/bin/env node
// Serve real measurements over HTTP on loopback, one endpoint per oracle operator. See README.md.

import { parseArgs } from "node:util";
import { checkMode, modes } from "./modes.js";
import { seriesNames } from "./series.js";
import { startSources } from "./sources.js";

const USAGE = `Serve real measurements over HTTP on loopback, one endpoint per oracle operator.

Usage: node scripts/sources/serve.js [options]

  --series NAME         what to replay (default ${seriesNames[0]})
                        one of: ${seriesNames.join(", ")}
  --operators N         how many operators, 1 to 100 (default 4)
  --port-base PORT      port of operator 1; the others follow (default 8081)
  --control-port PORT   port that shows the truth and switches modes (default 8080)
  --operator N=MODE     start operator N in a mode other than honest; may be repeated
                        one of: ${modes.join(", ")}
  --step-seconds S      seconds for which a record is the current one (default 30)
  --gradual             the truth moves from each record to the next, instead of jumping
  --seed N              seed of the instruments' noise (default 1)
  --help                show this

Example: node scripts/sources/serve.js --operator 3=lying --operator 4=down
         curl http://127.0.0.1:8081/reading
         curl -X POST http://127.0.0.1:8080/operators/3 -d '{"mode":"honest"}'
`;

function readOptions(args) {
	const { values } = parseArgs({
		args,
		options: {
			series: { type: "string", default: seriesNames[0] },
			operators: { type: "string", default: "4" },
			"port-base": { type: "string", default: "8081" },
			"control-port": { type: "string", default: "8080" },
			operator: { type: "string", multiple: true, default: [] },
			"step-seconds": { type: "string", default: "30" },
			gradual: { type: "boolean", default: false },
			seed: { type: "string", default: "1" },
			help: { type: "boolean", default: false },
		},
	});
	const operators = whole("--operators", values.operators, 1, 100);
	return {
		help: values.help,
		series: values.series,
		operators,
		portBase: whole("--port-base", values["port-base"], 1, 65_536 - operators),
		controlPort: whole("--control-port", values["control-port"], 1, 65_535),
		modes: new Map(values.operator.map(readMode)),
		stepMs: whole("--step-seconds", values["step-seconds"], 1, 86_400) * 1_000,
		gradual: values.gradual,
		seed: whole("--seed", values.seed, 0, 2 ** 32 - 1),
	};
}

function whole(flag, text, least, most) {
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < least || value > most) {
		throw new Error(`${flag} is "${text}"; allowed: whole numbers from ${least} to ${most}`);
	}
	return value;
}

function readMode(text) {
	const [, operator, mode] = /^(\d+)=(.+)$/.exec(text) ?? [];
	if (!operator) {
		throw new Error(`--operator is "${text}"; it must look like 3=lying`);
	}
	return [Number(operator), checkMode(mode)];
}

async function main() {
	const options = readOptions(process.argv.slice(2));
	if (options.help) {
		process.stdout.write(USAGE);
		return;
	}
	const { control, endpoints, replay, stop } = await startSources(options);
	const { station, quantity, unit, records } = replay.series;
	const measured = unit ? `${quantity} in ${unit}` : quantity;
	console.log(`${station}: ${measured}, ${records.length} records`);
	console.log(`control  http://127.0.0.1:${control.listener.port}`);
	for (const { operator, url, mode } of endpoints.map((endpoint) => endpoint.status())) {
		console.log(`operator ${operator}  ${url}  ${mode}`);
	}
	for (const signal of ["SIGINT", "SIGTERM"]) {
		process.once(signal, () => stop().then(() => process.exit(0)));
	}
}

main().catch((error) => {
	console.error(`error: ${error.message}`);
	process.exit(1);
});
