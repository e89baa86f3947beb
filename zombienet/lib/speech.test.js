import assert from "node:assert/strict";
import { test } from "node:test";
import { generalTransaction } from "./speech.js";

test("a general transaction is its length, format 5, extensions without content, and the call", () => {
	const call = Uint8Array.of(0x3e, 0x05, 0xff);
	assert.deepEqual(
		[...generalTransaction(call)],
		[9 << 2, 0x45, 0, 0, 0, 0, 0, 0x3e, 0x05, 0xff],
	);
});
