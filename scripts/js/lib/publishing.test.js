import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DocumentFile, padded, storeFile } from "./publishing.js";

const folder = mkdtempSync(join(tmpdir(), "publishing-"));
after(() => rmSync(folder, { recursive: true }));

/** A file of so many bytes, and what is in it. */
function fileOf(size) {
	const path = join(folder, `${size}`);
	const bytes = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));
	writeFileSync(path, bytes);
	return { path, bytes };
}

/** A node that takes what it is sent, and remembers it. */
class TakingNode {
	parts = [];
	async send(method, [{ offset, part, last }]) {
		assert.equal(method, "rwa_storeDocument");
		const bytes = Buffer.from(part, "base64");
		this.parts.push(bytes);
		const received = offset + bytes.length;
		return last ? { upload: "u", document: { files: [], keys: {} } } : { upload: "u", received };
	}
}

for (const size of [0, 100, 4_016, 1 << 20, (1 << 20) + 1, 2_500_000]) {
	test(`a file of ${size} bytes is sent as if it had been read at once`, async () => {
		const { path, bytes } = fileOf(size);
		const file = new DocumentFile(path);
		const [ofFile, ofBytes] = [new TakingNode(), new TakingNode()];
		await storeFile(ofFile, file);
		await storeFile(ofBytes, padded(bytes));
		file.close();
		assert.equal(file.length, Math.max(4_016, size));
		assert.deepEqual(ofFile.parts, ofBytes.parts);
		assert.ok(Buffer.concat(ofFile.parts).subarray(0, size).equals(bytes));
	});
}

test("what is no file is refused, and not taken for an empty one", () => {
	assert.throws(() => new DocumentFile("/dev/zero"), /is not a file/);
	assert.throws(() => new DocumentFile(folder), /is not a file/);
});

test("a file that becomes shorter is not sent as another document", async () => {
	const { path } = fileOf(1_500_000);
	const file = new DocumentFile(path);
	truncateSync(path, 1_200_000);
	await assert.rejects(storeFile(new TakingNode(), file), /has become shorter/);
	file.close();
});
