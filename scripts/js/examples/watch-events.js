#!/usr/bin/env node
// Follow what happens on chain without missing or repeating anything: events of finalised blocks.

import { finalisedBlocks } from "../lib/blocks.js";
import { fieldsOf } from "../lib/chain.js";
import { runAsProgram } from "../lib/cli.js";

/**
 * Every event of every finalised block from now on, or from block `from` on.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} [options]
 * @param {string[]} [options.pallets] Only events of these pallets, such as `["balances"]`.
 * @param {number} [options.from] First block.
 * @param {AbortSignal} [options.signal] Ends the iteration.
 * @returns {AsyncGenerator<{block: number, name: string, fields: object, event: object}>}
 */
export async function* watchEvents(api, { pallets, from, signal } = {}) {
	for await (const { number, events } of finalisedBlocks(api, { from, signal })) {
		for (const event of events) {
			if (!pallets || pallets.includes(event.section)) {
				const name = `${event.section}.${event.method}`;
				yield { block: number, name, fields: fieldsOf(event), event };
			}
		}
	}
}

await runAsProgram(import.meta.url, {
	usage: `Print events of finalised blocks until interrupted.

Usage: node scripts/js/examples/watch-events.js [options]

  --pallet NAME         only events of this pallet, such as balances; may be repeated
  --from BLOCK          start at this block instead of now
`,
	options: { pallet: { type: "string", multiple: true }, from: { type: "string" } },
	async main(api, values) {
		const from = values.from === undefined ? undefined : Number(values.from);
		for await (const { block, name, fields } of watchEvents(api, {
			pallets: values.pallet,
			from,
		})) {
			const shown = Object.entries(fields).map(([field, value]) => `${field}=${value}`);
			console.log(`#${block} ${name} ${shown.join(" ")}`);
		}
	},
});
