#!/usr/bin/env node
// What a chain offers, from its own metadata: a dApp needs no description beside it.

import { chainUnits } from "../lib/chain.js";
import { runAsProgram } from "../lib/cli.js";

/**
 * Name, version, units, and for each pallet its calls, events, errors and storage.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 */
export async function readMetadata(api) {
	const [chain, version] = await Promise.all([
		api.rpc.system.chain(),
		api.rpc.state.getRuntimeVersion(),
	]);
	const pallets = api.runtimeMetadata.asLatest.pallets.map((pallet) => ({
		name: pallet.name.toString(),
		index: pallet.index.toNumber(),
		calls: variantNames(api, pallet.calls),
		events: variantNames(api, pallet.events),
		errors: variantNames(api, pallet.errors),
		storage: pallet.storage.isSome
			? pallet.storage.unwrap().items.map((item) => item.name.toString())
			: [],
	}));
	return {
		chain: chain.toString(),
		genesis: api.genesisHash.toHex(),
		specName: version.specName.toString(),
		specVersion: version.specVersion.toNumber(),
		units: chainUnits(api),
		pallets,
	};
}

// Calls, events and errors are enums: one variant each.
function variantNames(api, item) {
	if (item.isNone) {
		return [];
	}
	const { def } = api.registry.lookup.getSiType(item.unwrap().type);
	return def.asVariant.variants.map(({ name }) => name.toString());
}

await runAsProgram(import.meta.url, {
	usage: `Show what the chain offers.

Usage: node scripts/js/examples/metadata.js [options]
`,
	async main(api) {
		const { pallets, units, ...chain } = await readMetadata(api);
		console.log(
			`${chain.chain}: ${chain.specName} ${chain.specVersion}, genesis ${chain.genesis}`,
		);
		console.log(
			`${units.token} with ${units.decimals} decimals, addresses with prefix ${units.prefix}`,
		);
		for (const { index, name, calls, events, storage } of pallets) {
			const counts = `${calls.length} calls, ${events.length} events, ${storage.length} storage items`;
			console.log(`${String(index).padStart(3)} ${name.padEnd(24)} ${counts}`);
		}
	},
});
