#!/usr/bin/env node
// Live view of a test network: blocks, finality, readings as they come, values as they are agreed, beside
// what is true, and documents as they are stored, confirmed and proven.

import { setTimeout as sleep } from "node:timers/promises";
import { fieldsOf, keyPair } from "./lib/chain.js";
import { finalisedBlocks } from "./lib/blocks.js";
import { runAsProgram } from "./lib/cli.js";
import {
	failureText,
	feedName,
	feedSpec,
	formatReading,
	parseFeed,
	plainReading,
} from "./lib/feed.js";

/** Well-known accounts of test networks, by the name that they are shown under. */
const KNOWN = {
	...Object.fromEntries(
		["Alice", "Bob", "Charlie", "Dave"].map((name) => [name, `//${name}//stash`]),
	),
	...Object.fromEntries(
		[1, 2, 3, 4].map((number) => [`oracle ${number}`, `//Oracle//${number}`]),
	),
	...Object.fromEntries(
		["Bob", "Charlie", "Dave"].map((name) => [`${name}'s storage`, `//${name}`]),
	),
};

/** Colours, if somebody looks at a terminal. */
const paint = (code) => (text) => (process.stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text);
const [dim, green, yellow, red] = ["2", "32", "33", "31"].map(paint);

/** Where polkadot.js shows the chain. */
export function explorerUrl(url) {
	return `https://polkadot.js.org/apps/?rpc=${encodeURIComponent(url)}#/explorer`;
}

class View {
	constructor(api, { truthUrl, feed }) {
		Object.assign(this, { api, truthUrl, feed });
		this.names = new Map(
			Object.entries(KNOWN).map(([name, suri]) => [keyPair(api, suri).address, name]),
		);
		this.finalised = 0;
		this.seen = new Map();
		this.lag = "";
		this.shownReadings = new Set();
		this.opened = new Map();
		this.closedRounds = 0;
		this.spec = undefined;
	}

	line(kind, text) {
		console.log(`${dim(new Date().toISOString().slice(11, 19))}  ${kind.padEnd(9)} ${text}`);
	}

	nameOf(address) {
		const text = address?.toString() ?? "unknown";
		return this.names.get(text) ?? `${text.slice(0, 6)}…${text.slice(-4)}`;
	}

	async specOf(feed) {
		this.spec ??= await feedSpec(this.api, feed);
		return this.spec;
	}

	isWatched(event) {
		return event.section === "oracle" && feedName(fieldsOf(event).feed) === feedName(this.feed);
	}

	/** A new best block: it may still be replaced by another. */
	async best(header) {
		const number = header.number.toNumber();
		this.seen.set(header.hash.toHex(), Date.now());
		const behind = this.finalised ? `final: #${this.finalised}${this.lag}` : "none final yet";
		this.line("block", `#${number} by ${this.nameOf(header.author)}, ${behind}`);
		const at = await this.api.at(header.hash);
		for (const { event } of await at.query.system.events()) {
			if (this.api.events.oracle.Revealed.is(event) && this.isWatched(event)) {
				await this.reading(fieldsOf(event));
			}
		}
	}

	async reading({ feed, round, reporter, observation }) {
		// The same reading can be in two competing blocks.
		const key = `${round}/${reporter}`;
		if (!this.shownReadings.has(key)) {
			this.shownReadings.add(key);
			const reading = plainReading(observation.reading);
			const shown = formatReading(reading, await this.specOf(feed));
			this.line("reading", `round ${round}, ${this.nameOf(reporter)}: ${yellow(shown)}`);
		}
	}

	/** A block that can't be replaced any more. */
	async final({ number, hash, at, events }) {
		this.finalised = number;
		const seen = this.seen.get(hash);
		if (seen) {
			this.lag = `, ${((Date.now() - seen) / 1_000).toFixed(1)} s after it was seen`;
			this.forgetUpTo(hash);
		}
		for (const event of events.filter(({ section }) => section === "documents")) {
			this.document(event.method, fieldsOf(event));
		}
		for (const event of events.filter((candidate) => this.isWatched(candidate))) {
			const fields = fieldsOf(event);
			const moment = (await at.query.timestamp.now()).toNumber();
			switch (event.method) {
				case "RoundOpened":
					this.opened.set(fields.round.toNumber(), moment);
					break;
				case "RoundClosed":
					await this.agreed(fields, moment);
					break;
				case "RoundFailed":
					this.line(
						"failed",
						red(`round ${fields.round}: ${failureText(fields.reason)}`),
					);
					break;
			}
		}
	}

	/** What has happened to a document. */
	document(method, { document, replica, node, kind, files, round, missing, why }) {
		const which = `document ${document}, replica ${replica}`;
		switch (method) {
			case "DocumentRegistered":
				this.line("stored", `document ${document}: ${kind}, 3 times ${files[0].size} bytes`);
				break;
			case "ReplicaConfirmed":
				this.line("confirmed", green(`${which} by ${this.nameOf(node)}`));
				break;
			case "Proven":
				this.line("proven", `${which} by ${this.nameOf(node)}, in its round ${round}`);
				break;
			case "ReplicaLost":
				this.line("lost", red(`${which} by ${this.nameOf(node)}: ${why}`));
				break;
			case "RoundSettled":
				if (!missing.isZero()) {
					const holes = `${missing} replicas not proven in its round ${round}`;
					this.line("missing", red(`${this.nameOf(node)}: ${holes}`));
				}
				break;
		}
	}

	async agreed({ feed, round, reading, reports, outliers }, moment) {
		const shown = formatReading(plainReading(reading), await this.specOf(feed));
		const truth = await this.truth(this.opened.get(round.toNumber()) ?? moment, moment);
		this.line(
			"agreed",
			`round ${round}: ${green(shown)} from ${reports} reports${this.unheard(outliers)}${truth}`,
		);
		this.opened.delete(round.toNumber());
		this.closedRounds += 1;
	}

	/** Who reported something too far from the others to count. */
	unheard(outliers) {
		const names = outliers.map((reporter) => this.nameOf(reporter));
		return names.length ? `, without ${names.join(" and ")}` : "";
	}

	/** What the instruments should have shown during a round, if the data sources tell. */
	async truth(from, to) {
		if (!this.truthUrl) {
			return "";
		}
		try {
			const [opening, closing] = await Promise.all(
				[from, to].map(async (at) =>
					(await fetch(`${this.truthUrl}/truth?at=${at}`)).json(),
				),
			);
			const records = opening.step === closing.step ? [opening] : [opening, closing];
			const values = records.map(
				({ value, unit, observed }) => `${value} ${unit} on ${observed}`,
			);
			return dim(`, measured at ${opening.station}: ${values.join(" and ")}`);
		} catch {
			return dim(", truth unknown: the data sources don't answer");
		}
	}

	// Heads before a final one can't become final any more.
	forgetUpTo(hash) {
		for (const older of this.seen.keys()) {
			this.seen.delete(older);
			if (older === hash) {
				return;
			}
		}
	}
}

/**
 * Show what happens until `signal` aborts, `rounds` values have been agreed on, or `blocks` blocks
 * have become final.
 */
export async function watch(api, { feed, truthUrl, rounds = Infinity, blocks = Infinity, signal }) {
	const view = new View(api, { feed, truthUrl });
	// One at a time, so that the lines of two blocks don't mix.
	let queue = Promise.resolve();
	const enqueue = (job) => {
		const done = queue.then(job);
		queue = done.catch(() => {});
		return done;
	};
	const unsubscribe = await api.derive.chain.subscribeNewHeads((header) => {
		enqueue(() => view.best(header)).catch((error) => view.line("error", red(error.message)));
	});
	try {
		let count = 0;
		for await (const block of finalisedBlocks(api, { signal })) {
			await enqueue(() => view.final(block));
			count += 1;
			if (view.closedRounds >= rounds || count >= blocks) {
				return;
			}
		}
	} finally {
		unsubscribe();
	}
}

await runAsProgram(import.meta.url, {
	usage: `Show blocks, finality, readings, agreed values and documents until interrupted.

Usage: node scripts/js/watch.js [options]

  --feed ASSET/SOURCE   which feed (default 1/WeatherApi)
  --truth URL           control port of the data sources, to show the truth beside
  --until-rounds N      stop after N agreed values
  --until-blocks N      stop after N finalised blocks
  --timeout SECONDS     give up, with exit code 1, if that has not happened by then
`,
	options: {
		feed: { type: "string", default: "1/WeatherApi" },
		truth: { type: "string" },
		"until-rounds": { type: "string" },
		"until-blocks": { type: "string" },
		timeout: { type: "string" },
	},
	async main(api, values) {
		console.log(`polkadot.js: ${explorerUrl(values.url)}`);
		console.log("(the page is loaded from the internet and talks to this machine only)\n");
		const limit = (name) => (values[name] === undefined ? undefined : Number(values[name]));
		const watching = watch(api, {
			feed: parseFeed(values.feed),
			truthUrl: values.truth,
			rounds: limit("until-rounds"),
			blocks: limit("until-blocks"),
		});
		await Promise.race([watching, giveUp(limit("timeout"))].filter(Boolean));
	},
});

function giveUp(seconds) {
	return (
		seconds &&
		sleep(seconds * 1_000, undefined, { ref: false }).then(() => {
			throw new Error(`what was waited for has not happened within ${seconds} s`);
		})
	);
}
