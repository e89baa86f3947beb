import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { base32, blockFile, discardLeaves, flipBit, keepPort } from "./kubo-disk.js";

/** Runs with a folder of its own. */
function within(run) {
	const folder = mkdtempSync(join(tmpdir(), "rwa-disk-"));
	try {
		run(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test("bytes are written in base 32 as RFC 4648 has it", () => {
	const vectors = ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"];
	for (const [length, text] of vectors.entries()) {
		assert.equal(base32(Buffer.from("foobar").subarray(0, length)), text);
	}
});

test("a block's file is named by its hash, in the folder of its last digits but one", () => {
	// The empty file's, which every Kubo has.
	const cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
	const name = "CIQOHMGEIKMPYHAUTL57JSEZN64SIJ5OIHSGJG4TJSSJLGI3PBJLQVI";
	assert.equal(blockFile("/kubo", cid), `/kubo/blocks/QV/${name}.data`);
});

test("a bit is flipped, and flipped back", () => {
	within((folder) => {
		const file = join(folder, "block");
		writeFileSync(file, "abc");
		const restore = flipBit(file);
		assert.equal(readFileSync(file, "utf8"), "acc");
		restore();
		assert.equal(readFileSync(file, "utf8"), "abc");
	});
});

test("a share of the full leaves is deleted, and nothing else", () => {
	within((folder) => {
		const shard = join(folder, "blocks", "AA");
		mkdirSync(shard, { recursive: true });
		writeFileSync(join(folder, "blocks", "SHARDING"), "");
		for (let number = 0; number < 20; number++) {
			writeFileSync(join(shard, `${number}.data`), Buffer.alloc(4_096));
		}
		writeFileSync(join(shard, "node.data"), Buffer.alloc(1_500));
		assert.deepEqual(discardLeaves(folder, 10), { leaves: 20, deleted: 2 });
		assert.equal(readdirSync(shard).length, 19);
		assert.ok(readdirSync(shard).includes("node.data"));
	});
});

test("a Kubo gets the port that others know it by", () => {
	within((folder) => {
		const file = join(folder, "config");
		writeFileSync(file, JSON.stringify({ Addresses: { API: "/ip4/127.0.0.1/tcp/0", Swarm: [] } }));
		keepPort({ repo: folder, api: "http://127.0.0.1:4321" });
		const { Addresses: addresses } = JSON.parse(readFileSync(file, "utf8"));
		assert.deepEqual(addresses, { API: "/ip4/127.0.0.1/tcp/4321", Swarm: [] });
	});
});
