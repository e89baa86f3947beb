// What programs about documents ask of a Kubo, by its RPC: whoever reaches that can do everything with the Kubo, so it
// belongs on this machine.

/** Where Kubo's RPC is unless told otherwise. */
export const DEFAULT_KUBO = "http://127.0.0.1:5001";

/** How long an answer may take. */
const ANSWER_MS = 60_000;

/**
 * Ask a Kubo.
 *
 * @param {string} url Its RPC: `"http://127.0.0.1:5001"`.
 * @param {string} request Path and parameters.
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} One that is a success.
 * @throws {Error} It names the Kubo, and says what it answered, or that it didn't.
 */
async function askKubo(url, request, options = {}) {
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

/** Keep a file no longer. */
export async function unpinFile(url, cid) {
	await askKubo(url, `pin/rm?arg=${cid}`);
}
