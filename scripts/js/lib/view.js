// View functions: what a pallet tells of its state, worked out by the runtime. polkadot.js has no method
// for them, but everything to make one: their names and types are in the metadata, from version 16 on.

import { hexToU8a } from "@polkadot/util";

/** How the runtime names a failure, in the order of its encoding (`ViewFunctionDispatchError`). */
const FAILURES = ["is not implemented", "is not known", "doesn't understand these arguments"];

/**
 * Ask a view function.
 *
 * @param {ApiPromise} api
 * @param {string} pallet Its name in the runtime: `"NodeRegistry"`.
 * @param {string} name The function, as the documentation writes it: `"pending_penalties"`.
 * @param {unknown[]} [args] Its arguments, as polkadot.js takes them for storage and calls.
 * @param {object} [options]
 * @param {string} [options.at] Hash of the block whose state is asked. Default: the best block.
 * @returns {Promise<import("@polkadot/types/types").Codec>} Of the type that the metadata says.
 * @throws {Error} No such function, or other arguments than it takes. The message lists what there is.
 */
export async function callView(api, pallet, name, args = [], { at } = {}) {
	// An earlier block may be of an earlier runtime, with other functions and types.
	const { registry, metadata } = at
		? await api.getBlockRegistry(hexToU8a(at))
		: { registry: api.registry, metadata: api.runtimeMetadata };
	const { id, inputs, output } = findView(metadata, pallet, name);
	if (args.length !== inputs.length) {
		const wanted = inputs.map((input) => input.name.toString()).join(", ");
		throw new Error(`${pallet}.${name} takes (${wanted}); ${args.length} arguments were given`);
	}
	const type = (lookup) => registry.createLookupType(lookup);
	const values = inputs.map((input, index) =>
		registry.createType(type(input.type), args[index]).toU8a(),
	);
	const query = Buffer.concat([id.toU8a(), encodeBytes(registry, Buffer.concat(values))]);
	const answer = await api.rpc.state.call(
		"RuntimeViewFunction_execute_view_function",
		`0x${query.toString("hex")}`,
		...(at ? [at] : []),
	);
	const [failed, ...rest] = answer.toU8a(true);
	if (failed) {
		throw new Error(`${pallet}.${name} ${FAILURES[rest[0]] ?? "failed"}`);
	}
	const bytes = registry.createType("Bytes", Uint8Array.from(rest)).toU8a(true);
	return registry.createType(type(output), bytes);
}

function encodeBytes(registry, bytes) {
	return registry.createType("Bytes", `0x${bytes.toString("hex")}`).toU8a();
}

function findView(metadata, pallet, name) {
	if (metadata.version < 16) {
		throw new Error(`the metadata is of version ${metadata.version}; view functions need 16`);
	}
	const { pallets } = metadata.asV16;
	const views = pallets.find((entry) => entry.name.toString() === pallet)?.viewFunctions ?? [];
	const view = views.find((entry) => entry.name.toString() === name);
	if (!view) {
		const there = views.map((entry) => entry.name.toString()).join(", ") || "none";
		throw new Error(`${pallet} has no view function ${name}; it has: ${there}`);
	}
	return view;
}
