// The endpoints and the control port over real connections, as a node and a test see them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { get } from "node:http";
import { createServer } from "node:net";
import { after, beforeEach, describe, test } from "node:test";
import { HUGE_BYTES } from "./modes.js";
import { startSources } from "./sources.js";

const STEP = 10_000;
// A fixed clock: no record ends while a test looks at it.
const NOW = 1_000_000 * STEP;

const OPTIONS = {
	series: "seattle-temperature",
	operators: 4,
	portBase: 0,
	controlPort: 0,
	stepMs: STEP,
	seed: 1,
	now: () => NOW,
};

let sources;

async function start(options = {}) {
	await sources?.stop();
	sources = await startSources({ ...OPTIONS, ...options });
}

const url = (operator) => sources.endpoints[operator - 1].status().url;
const controlUrl = (path) => `http://127.0.0.1:${sources.control.listener.port}${path}`;
const truth = () => sources.replay.truth().value;

async function post(operator, body) {
	const response = await fetch(controlUrl(`/operators/${operator}`), { method: "POST", body });
	return { status: response.status, body: await response.json() };
}

after(() => sources?.stop());

describe("an endpoint", () => {
	beforeEach(() => start());

	test("answers with a reading near the truth", async () => {
		for (const { operator } of sources.endpoints) {
			const response = await fetch(url(operator));
			const reading = await response.json();
			assert.equal(response.status, 200);
			assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
			assert.deepEqual(Object.keys(reading), ["station", "observed", "temperature", "unit", "record"]);
			assert.equal(reading.station, "Seattle");
			assert.equal(reading.unit, "°C");
			assert.equal(reading.observed, sources.replay.truth().observed);
			assert.ok(Math.abs(reading.temperature - truth()) <= 0.3 + 0.005);
		}
	});

	test("names the record that the reading comes from, and shows it", async () => {
		const { record } = await (await fetch(url(1))).json();
		const bytes = await (await fetch(url(1).replace("/reading", "/record"))).bytes();
		assert.equal(createHash("sha256").update(bytes).digest("hex"), record);
		assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), {
			...{ station: "Seattle", quantity: "temperature" },
			...sources.replay.truth(),
		});
	});

	test("has no other path and no other method", async () => {
		assert.equal((await fetch(url(1).replace("/reading", "/"))).status, 404);
		assert.equal((await fetch(url(1), { method: "POST" })).status, 404);
	});

	test("is off by the stated amount while lying", async () => {
		const honest = (await (await fetch(url(3))).json()).temperature;
		await post(3, '{"mode":"lying"}');
		const lie = (await (await fetch(url(3))).json()).temperature;
		assert.equal((lie - honest).toFixed(2), "25.00");
		await post(3, '{"mode":"lying","lie":-7.5}');
		const other = (await (await fetch(url(3))).json()).temperature;
		assert.equal((other - honest).toFixed(2), "-7.50");
	});

	test("says the same as all others that collude, without noise", async () => {
		for (const operator of [1, 4]) {
			await post(operator, '{"mode":"colluding","lie":-20}');
			const { temperature } = await (await fetch(url(operator))).json();
			assert.equal(temperature, Number((truth() - 20).toFixed(2)));
		}
	});

	test("says anything at random, within what the series has", async () => {
		const values = sources.replay.series.records.map(({ value }) => value);
		await post(2, '{"mode":"random"}');
		const { temperature } = await (await fetch(url(2))).json();
		assert.equal(temperature, sources.replay.anything(2));
		assert.ok(temperature >= Math.min(...values) && temperature <= Math.max(...values));
	});

	test("shows and misses places, directions and states as it does numbers", async () => {
		const cases = [
			["washington-flight", ["station", "observed", "latitude", "longitude"]],
			["washington-bearing", ["station", "observed", "bearing", "unit"]],
			["seattle-weather", ["station", "observed", "weather"]],
		];
		for (const [series, names] of cases) {
			await start({ series, gradual: true });
			const { kind } = sources.replay.series;
			const said = async (operator) => {
				const answer = await (await fetch(url(operator))).json();
				const { station, observed, record, ...fields } = answer;
				assert.match(record, /^[0-9a-f]{64}$/);
				assert.deepEqual(["station", "observed", ...Object.keys(fields)], names);
				assert.deepEqual([station, observed], [sources.replay.series.station, sources.replay.truth().observed]);
				return fields;
			};
			const shown = sources.replay.readingAt(1).value;
			assert.deepEqual(await said(1), kind.fields(sources.replay.series, shown));
			await post(1, '{"mode":"lying"}');
			const lie = kind.off(sources.replay.series, shown, sources.replay.series.lie);
			assert.deepEqual(await said(1), kind.fields(sources.replay.series, lie));
			assert.notDeepEqual(lie, shown);
			await post(1, '{"mode":"malformed"}');
			const text = await (await fetch(url(1))).text();
			assert.ok(text.endsWith(`"${names[2]}":1`), text);
		}
	});

	test("sends a good reading under status 500", async () => {
		await post(1, '{"mode":"status"}');
		const response = await fetch(url(1));
		assert.equal(response.status, 500);
		assert.ok(Number.isFinite((await response.json()).temperature));
	});

	test("sends JSON that ends too early while malformed", async () => {
		await post(1, '{"mode":"malformed"}');
		const text = await (await fetch(url(1))).text();
		assert.match(text, /"temperature":1$/);
		assert.throws(() => JSON.parse(text), SyntaxError);
	});

	test("refuses connections while down, and comes back on the same port", async () => {
		const before = url(2);
		await post(2, '{"mode":"down"}');
		await assert.rejects(fetch(before), (error) => error.cause.code === "ECONNREFUSED");
		await post(2, '{"mode":"honest"}');
		assert.equal(url(2), before);
		assert.equal((await fetch(before)).status, 200);
	});

	test("keeps a caller waiting while slow, and answers at last", async () => {
		await start({ slowMs: 1_000_000 });
		await post(1, '{"mode":"slow"}');
		const waiting = new AbortController();
		const answer = fetch(url(1), { signal: waiting.signal });
		// Another endpoint answers meanwhile: only this one is slow.
		assert.equal((await fetch(url(2))).status, 200);
		waiting.abort();
		await assert.rejects(answer, { name: "AbortError" });

		await start({ slowMs: 1 });
		await post(1, '{"mode":"slow"}');
		assert.equal((await fetch(url(1))).status, 200);
	});

	test("streams 100 MiB without announcing a length", async () => {
		await post(1, '{"mode":"huge"}');
		const response = await fetch(url(1));
		assert.equal(response.headers.get("content-length"), null);
		let bytes = 0;
		for await (const chunk of response.body) {
			bytes += chunk.length;
		}
		assert.equal(bytes, HUGE_BYTES + '{"padding":""}'.length);
		assert.equal(HUGE_BYTES, 104_857_600);
	});

	test("survives a caller that hangs up in the middle of a huge answer", async () => {
		await post(1, '{"mode":"huge"}');
		await new Promise((resolve, reject) => {
			get(url(1), (response) => {
				response.once("data", () => response.destroy());
				response.once("close", resolve);
			}).once("error", reject);
		});
		await post(1, '{"mode":"honest"}');
		assert.equal((await fetch(url(1))).status, 200);
	});
});

describe("the control port", () => {
	beforeEach(() => start());

	test("shows the truth now and at a moment", async () => {
		const now = await (await fetch(controlUrl("/truth"))).json();
		assert.deepEqual(now, {
			series: "seattle-temperature",
			station: "Seattle",
			quantity: "temperature",
			unit: "°C",
			sigma: 0.1,
			step: 1_000_000,
			stepMs: STEP,
			...sources.replay.truth(),
		});
		const first = await (await fetch(controlUrl("/truth?at=0"))).json();
		assert.equal(first.observed, "2012-01-01");
	});

	test("shows the honest range of a time", async () => {
		const range = await (await fetch(controlUrl("/range?from=0&to=0"))).json();
		assert.deepEqual(range, { minimum: 12.5, maximum: 13.1 });
	});

	test("shows a truth that moves, and no range of what isn't a number", async () => {
		await start({ series: "washington-flight", gradual: true });
		const at = NOW + STEP / 2;
		const { value } = await (await fetch(controlUrl(`/truth?at=${at}`))).json();
		assert.deepEqual(value, sources.replay.truthAt(at).value);
		assert.notDeepEqual(value, truth());
		const range = await fetch(controlUrl("/range"));
		assert.equal(range.status, 400);
		assert.match((await range.json()).error, /has no numbers that could have a range/);
	});

	test("remembers what each operator was asked and answered", async () => {
		await fetch(url(2));
		const all = await (await fetch(controlUrl("/operators"))).json();
		assert.deepEqual(
			all.map(({ requests }) => requests),
			[0, 1, 0, 0],
		);
		const one = await (await fetch(controlUrl("/operators/2"))).json();
		const { value, observed } = sources.replay.reading(2);
		assert.deepEqual(one.answers, [{ at: NOW, observed, value, mode: "honest" }]);
	});

	test("refuses what makes no sense, and changes nothing", async () => {
		const refused = [
			[1, '{"mode":"asleep"}', 400, /unknown mode "asleep"; there are: honest, slow/],
			[1, "{}", 400, /unknown mode/],
			[1, '{"mode":"lying","lie":"much"}', 400, /`lie` must be a number/],
			[1, "lying", 400, /must be a JSON object/],
			[1, "null", 400, /must be a JSON object/],
			[1, `{"mode":"${"x".repeat(2_000)}"}`, 413, /at most 1024 bytes/],
			[9, '{"mode":"lying"}', 404, /there is no operator 9; there are 1 to 4/],
		];
		for (const [operator, body, status, message] of refused) {
			const answer = await post(operator, body);
			assert.equal(answer.status, status);
			assert.match(answer.body.error, message);
		}
		assert.equal((await fetch(controlUrl("/nowhere"))).status, 404);
		assert.equal((await fetch(controlUrl("/truth?at=soon"))).status, 400);
		assert.ok(sources.endpoints.every(({ mode }) => mode === "honest"));
	});
});

describe("starting", () => {
	test("puts operators in the modes asked for", async () => {
		await start({
			modes: new Map([
				[3, "lying"],
				[4, "down"],
			]),
		});
		const modes = sources.endpoints.map(({ mode }) => mode);
		assert.deepEqual(modes, ["honest", "honest", "lying", "down"]);
		await assert.rejects(fetch(url(4)), (error) => error.cause.code === "ECONNREFUSED");
	});

	test("refuses an operator that does not exist", async () => {
		await assert.rejects(start({ modes: new Map([[5, "down"]]) }), /there is no operator 5/);
	});

	test("names a taken port and leaves nothing running", async () => {
		const blocker = createServer();
		await new Promise((resolve) => blocker.listen(0, "127.0.0.1", resolve));
		const { port } = blocker.address();
		const taken = new RegExp(`^Error: port ${port} on 127.0.0.1 is in use; choose others with`);
		await assert.rejects(start({ portBase: port, operators: 1 }), taken);
		await assert.rejects(
			start({ portBase: port, operators: 1, modes: new Map([[1, "down"]]) }),
			taken,
		);
		await assert.rejects(start({ controlPort: port }), taken);
		await new Promise((resolve) => blocker.close(resolve));
	});
});
