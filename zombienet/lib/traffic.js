// Transfers that keep flowing while a test does something else to the chain.

import { setTimeout as sleep } from "node:timers/promises";
import { submitFinalised } from "../../scripts/js/lib/chain.js";

/**
 * Several accounts, each sending one transfer after the other to a receiver of its own. A transfer
 * that was refused or not included is signed anew with the same nonce, so that none is lost and none
 * is made twice.
 */
export class Traffic {
	/**
	 * @param {object} api
	 * @param {object[]} senders Key pairs of accounts that nobody else uses.
	 * @param {string[]} receivers Addresses of accounts that own nothing yet, one for each sender.
	 * @param {bigint} amount What each transfer sends.
	 */
	constructor(api, senders, receivers, amount) {
		Object.assign(this, { api, senders, receivers, amount });
		this.finalised = senders.map(() => 0);
		this.repeated = 0;
		this.stopping = false;
		this.done = Promise.all(senders.map((_, index) => this.send(index)));
		// Reported by `stop`, not as an unhandled rejection.
		this.done.catch(() => {});
	}

	async send(index) {
		for (let nonce = 0; !this.stopping; nonce++) {
			await this.sendOnce(index, nonce);
			this.finalised[index] += 1;
		}
	}

	async sendOnce(index, nonce) {
		const { api, senders, receivers, amount } = this;
		for (;;) {
			const call = api.tx.balances.transferKeepAlive(receivers[index], amount);
			try {
				return await submitFinalised(api, call, senders[index], { nonce });
			} catch (error) {
				// Signed for a runtime that is no more: the nonce tells that it was not included.
				const { nonce: next } = await api.query.system.account(senders[index].address);
				if (next.toNumber() !== nonce) {
					throw error;
				}
				this.repeated += 1;
				await sleep(500);
			}
		}
	}

	/** How many transfers are final. */
	count() {
		return this.finalised.reduce((sum, count) => sum + count, 0);
	}

	/** Finish the transfers that are under way, and send no more. */
	async stop() {
		this.stopping = true;
		await this.done;
	}

	/** Each receiver owns what was sent to it: nothing is lost and nothing was sent twice. */
	async check(assert) {
		for (const [index, address] of this.receivers.entries()) {
			const { data } = await this.api.query.system.account(address);
			assert.equal(
				data.free.toBigInt(),
				BigInt(this.finalised[index]) * this.amount,
				address,
			);
		}
	}
}
