#!/usr/bin/env node
// Let another key act for an account, and take that right back. The account's own key can stay
// offline meanwhile.

import { formatAmount, keyPair, parseAmount, submitFinalised } from "../lib/chain.js";
import { required, runAsProgram } from "../lib/cli.js";

/** No delay: the proxy may act at once. With a delay it must announce each call beforehand. */
const NO_DELAY = 0;

/** Let `delegate` act for `owner`. Holds a deposit from the owner until the right is taken back. */
export async function addProxy(api, { owner, delegate, type = "Any" }) {
	return submitFinalised(api, api.tx.proxy.addProxy(delegate, type, NO_DELAY), owner);
}

/** Make `call` as `delegate`, with the rights and the money of `owner`. The delegate pays the fee. */
export async function callAsProxy(api, { owner, delegate, call }) {
	return submitFinalised(api, api.tx.proxy.proxy(owner, null, call), delegate);
}

/** Take the right back, and the deposit. */
export async function removeProxy(api, { owner, delegate, type = "Any" }) {
	return submitFinalised(api, api.tx.proxy.removeProxy(delegate, type, NO_DELAY), owner);
}

/** Who may act for an account: `[{ delegate, proxyType, delay }]`. */
export async function proxiesOf(api, owner) {
	const [proxies] = await api.query.proxy.proxies(owner);
	return proxies.map(({ delegate, proxyType, delay }) => ({
		delegate: delegate.toString(),
		proxyType: proxyType.toString(),
		delay: delay.toNumber(),
	}));
}

await runAsProgram(import.meta.url, {
	usage: `Let one test key send another one's tokens, once.

Usage: node scripts/js/examples/proxy.js --to ADDRESS [options]

  --to ADDRESS          who receives
  --amount AMOUNT       how much, in whole tokens (default 1)
  --owner SURI          whose tokens are sent (default //Alice)
  --delegate SURI       who sends them (default //Bob)
`,
	options: {
		to: { type: "string" },
		amount: { type: "string", default: "1" },
		owner: { type: "string", default: "//Alice" },
		delegate: { type: "string", default: "//Bob" },
	},
	async main(api, values) {
		const owner = keyPair(api, values.owner);
		const delegate = keyPair(api, values.delegate);
		const amount = parseAmount(api, values.amount);
		const call = api.tx.balances.transferKeepAlive(required(values, "to"), amount);

		await addProxy(api, { owner, delegate: delegate.address });
		console.log(`${delegate.address} may act for ${owner.address}`);
		const { number } = await callAsProxy(api, { owner: owner.address, delegate, call });
		console.log(`it sent ${formatAmount(api, amount)}, final in block ${number}`);
		await removeProxy(api, { owner, delegate: delegate.address });
		console.log("it may not any more");
	},
});
