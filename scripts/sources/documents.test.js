import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { documentFiles } from "./documents.js";

test("there are three photographs, large enough to be divided into leaves", () => {
	const files = documentFiles();
	assert.equal(files.length, 3);
	for (const { name, file } of files) {
		const bytes = readFileSync(file);
		assert.equal(bytes.subarray(0, 3).toString("hex"), "ffd8ff", `${name} is not a JPEG`);
		assert.ok(bytes.length > 100_000, `${name} has ${bytes.length} bytes`);
	}
});
