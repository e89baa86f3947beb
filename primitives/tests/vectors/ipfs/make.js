// Makes kubo.json with the `ipfs` in the path: node make.js > kubo.json
// What the file holds and why is in README.md.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const home = mkdtempSync(join(tmpdir(), "ipfs-vectors-"));
const ipfs = (args, input) =>
	execFileSync("ipfs", args, {
		input,
		env: { ...process.env, IPFS_PATH: home },
		maxBuffer: 1 << 26,
	});

// The SHA-256 of 0, 1, 2, …, each as eight bytes in little endian, cut to `size`.
function content(size) {
	const digests = [];
	for (let number = 0; number * 32 < size; number++) {
		const bytes = Buffer.alloc(8);
		bytes.writeBigUInt64LE(BigInt(number));
		digests.push(createHash("sha256").update(bytes).digest());
	}
	return Buffer.concat(digests).subarray(0, size);
}

function add({ chunk, links, size }) {
	const options = [`--chunker=size-${chunk}`, `--max-file-links=${links}`];
	const fixed = ["--offline", "add", "--quieter", "--cid-version=1", "--raw-leaves", "--pin=false"];
	return ipfs([...fixed, ...options], content(size))
		.toString()
		.trim();
}

// The blocks from the root to a leaf, as Kubo keeps them.
function blocks(file, leaf) {
	const leaves = Math.max(1, Math.ceil(file.size / file.chunk));
	let width = 1;
	while (width < leaves) width *= file.links;
	const path = [];
	for (let cid = file.root; ;) {
		path.push(ipfs(["--offline", "block", "get", cid]).toString("hex"));
		if (width === 1) return path;
		width /= file.links;
		const node = JSON.parse(ipfs(["--offline", "dag", "get", cid]));
		cid = node.Links[Math.floor(leaf / width)].Hash["/"];
		leaf %= width;
	}
}

// Every size at which the shape of the dag changes, up to three heights of nodes.
const around = (chunk, links) =>
	[
		...[0, 1, chunk - 1, chunk, chunk + 1],
		...[chunk * links, chunk * links + 1, chunk * links ** 2, chunk * links ** 2 + 1],
	].map((size) => ({ chunk, links, size }));

const sizes = [
	...around(4096, 32),
	{ chunk: 4096, links: 32, size: 1 << 20 },
	{ chunk: 4096, links: 32, size: (5 << 20) + 12345 },
	...[262143, 262144, 262145, 1 << 20].map((size) => ({ chunk: 262144, links: 174, size })),
	...[4096 * 174, 4096 * 174 + 1].map((size) => ({ chunk: 4096, links: 174, size })),
	...around(64, 2),
	{ chunk: 64, links: 2, size: 5000 },
	{ chunk: 1, links: 2, size: 100 },
	{ chunk: 7, links: 3, size: 2000 },
];

// Of each of these files, the proofs of these leaves: [chunk, links, size, leaf].
const challenges = [
	[4096, 32, 4095, 0],
	[4096, 32, 4097, 1],
	[4096, 32, 4194305, 1024],
	[4096, 32, 5255225, 700],
	[4096, 32, 5255225, 1283],
	[4096, 174, 712705, 100],
	[64, 2, 257, 3],
	[64, 2, 257, 4],
	[64, 2, 5000, 41],
	[7, 3, 2000, 285],
];

try {
	ipfs(["init", "--profile=test"]);
	const version = ipfs(["version", "--number"]).toString().trim();
	const files = sizes.map((file) => ({ ...file, root: add(file) }));
	const proofs = challenges.map(([chunk, links, size, leaf]) => {
		const file = files.find((f) => f.chunk === chunk && f.links === links && f.size === size);
		return { ...file, leaf, blocks: blocks(file, leaf) };
	});
	// One file or proof a line.
	const list = (entries) => entries.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
	console.log(`{
  "kubo": "${version}",
  "files": [
${list(files)}
  ],
  "proofs": [
${list(proofs)}
  ]
}`);
} finally {
	rmSync(home, { recursive: true });
}
