// Finalised blocks, all of them, in order.

/**
 * Every finalised block from now on, or from `from` on, with its events. For `for await … of`.
 *
 * A subscription to finalised heads announces only the last of several blocks that become final
 * together; this fills the gaps. Each block is read with the metadata of its own runtime, so an
 * upgrade in the middle does no harm.
 *
 * @param {import("@polkadot/api").ApiPromise} api
 * @param {object} [options]
 * @param {number} [options.from] First block wanted; the next one if not given.
 * @param {AbortSignal} [options.signal] Ends the iteration.
 * @returns {AsyncGenerator<{number: number, hash: string, at: object, events: object[]}>} `at` reads
 *   the state of that block.
 */
export async function* finalisedBlocks(api, { from, signal } = {}) {
	// Nothing is known before the first header: without waiting for it "from now on" would be from genesis.
	let newest = -1;
	let wake = () => {};
	const unsubscribe = await api.rpc.chain.subscribeFinalizedHeads((header) => {
		newest = Math.max(newest, header.number.toNumber());
		wake();
	});
	const onAbort = () => wake();
	signal?.addEventListener("abort", onAbort);
	const somethingNew = (next) =>
		new Promise((resolve) => {
			wake = () => (newest >= next || signal?.aborted) && resolve();
			wake();
		});
	try {
		await somethingNew(0);
		for (let next = from ?? newest + 1; ; next++) {
			await somethingNew(next);
			if (signal?.aborted) {
				return;
			}
			yield await readBlock(api, next);
		}
	} finally {
		signal?.removeEventListener("abort", onAbort);
		unsubscribe();
	}
}

/** One block of the canonical chain with its events. */
export async function readBlock(api, number) {
	const hash = await api.rpc.chain.getBlockHash(number);
	const at = await api.at(hash);
	const records = await at.query.system.events();
	return { number, hash: hash.toHex(), at, events: records.map(({ event }) => event) };
}
