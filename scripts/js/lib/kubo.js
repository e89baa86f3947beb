// What programs about documents ask of a Kubo, by its RPC: whoever reaches that can do everything with the Kubo, so it
// belongs on this machine.

/** Where Kubo's RPC is unless told otherwise. */
export const DEFAULT_KUBO = "http://127.0.0.1:5001";

/** How documents are added: the CIDs follow from this. */
const LAYOUT = "cid-version=1&raw-leaves=true&chunker=size-4096&max-file-links=32";

/** How long an answer may take. A file comes from the network, perhaps slowly. */
const ANSWER_MS = 600_000;

/**
 * Ask a Kubo.
 *
 * @param {string} url Its RPC: `"http://127.0.0.1:5001"`.
 * @param {string} request Path and parameters.
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} One that is a success.
 * @throws {Error} It names the Kubo, and says what it answered, or that it didn't.
 */
export async function askKubo(url, request, options = {}) {
	const [command] = request.split("?");
	const signal = AbortSignal.timeout(ANSWER_MS);
	let answer;
	try {
		answer = await fetch(`${url}/api/v0/${request}`, { method: "POST", signal, ...options });
	} catch (error) {
		const reason = error.cause?.code ?? error.message;
		throw new Error(`Kubo at ${url} doesn't answer ${command} (${reason}); is it running?`, {
			cause: error,
		});
	}
	if (!answer.ok) {
		const text = (await answer.text()).slice(0, 300).trim();
		throw new Error(`Kubo at ${url} refuses ${command}: ${answer.status} ${text}`);
	}
	return answer;
}

/**
 * Add a file as documents are, and pin it.
 *
 * @param {string} url
 * @param {Uint8Array} bytes
 * @param {string} expected The CID that it must get.
 */
export async function addFile(url, bytes, expected) {
	const body = new FormData();
	body.append("file", new Blob([bytes]));
	const answer = await askKubo(url, `add?${LAYOUT}&pin=true&quieter=true`, { body });
	const last = (await answer.text()).trim().split("\n").at(-1);
	const { Hash: cid } = JSON.parse(last);
	if (cid !== expected) {
		await unpinFile(url, cid);
		throw new Error(`Kubo at ${url} gave the file the CID ${cid}, and not ${expected}`);
	}
}

/**
 * A file, from wherever it is.
 *
 * @param {string} url
 * @param {string} cid
 * @param {number} size Its bytes. More are not read.
 * @returns {Promise<Buffer>}
 */
export async function readFile(url, cid, size) {
	const answer = await askKubo(url, `cat?arg=${cid}&length=${size + 1}`);
	const bytes = Buffer.from(await answer.arrayBuffer());
	if (bytes.length !== size) {
		throw new Error(`${cid} has other than the ${size} bytes that the chain says`);
	}
	return bytes;
}

/** Keep a file no longer. */
export async function unpinFile(url, cid) {
	await askKubo(url, `pin/rm?arg=${cid}`);
}
