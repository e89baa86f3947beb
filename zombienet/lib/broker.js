// A real Mosquitto with TLS, passwords and access control, on loopback, and instruments that publish there.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { delimiter, join } from "node:path";
import mqtt from "mqtt";
import { freePorts } from "../../scripts/js/measure.js";
import { kill, start } from "./processes.js";
import { until } from "./wait.js";

const HOST = "127.0.0.1";

/** How long a client waits for the broker. */
const CONNECT_MS = 10_000;

/** Certificates are for the time of a test. */
const DAYS = "2";

/**
 * Start a broker.
 *
 * @param {string} folder Existing folder for all that it reads and writes.
 * @param {Record<string, {password: string, access: string[]}>} users Each with lines of Mosquitto's access control,
 *   such as `read instruments/#`.
 * @returns {Promise<{host: string, port: number, ca: string, stop: () => Promise<void>,
 *   connect: (user: string, password?: string) => Promise<import("mqtt").MqttClient>}>} `ca` is the file of the
 *   certificate that vouches for it. `connect` gives a client of one of the users.
 */
export async function startBroker(folder, users) {
	const own = join(folder, "broker");
	mkdirSync(own);
	makeCertificates(own);
	const [port] = await freePorts(1);
	const file = (name) => join(own, name);
	for (const [index, [user, { password }]] of Object.entries(users).entries()) {
		const create = index === 0 ? ["-c"] : [];
		run("mosquitto_passwd", [...create, "-b", file("passwords"), user, password], own);
	}
	const access = Object.entries(users).flatMap(([user, { access: lines }]) => [
		`user ${user}`,
		...lines.map((line) => `topic ${line}`),
	]);
	writeFileSync(file("access"), `${access.join("\n")}\n`, { mode: 0o600 });
	const settings = [
		`listener ${port} ${HOST}`,
		"allow_anonymous false",
		`password_file ${file("passwords")}`,
		`acl_file ${file("access")}`,
		`cafile ${file("ca.pem")}`,
		`certfile ${file("server.pem")}`,
		`keyfile ${file("server.key")}`,
		// As root it would become a user who can't read this folder.
		"user root",
	];
	writeFileSync(file("mosquitto.conf"), `${settings.join("\n")}\n`);
	const pid = start(mosquitto(), ["-c", file("mosquitto.conf")], file("mosquitto.log"));
	await until("Mosquitto listens", () => listens(port), 30);

	const connect = (user, password = users[user].password) =>
		mqtt.connectAsync(`mqtts://${HOST}:${port}`, {
			ca: readFileSync(file("ca.pem")),
			username: user,
			password,
			protocolVersion: 5,
			connectTimeout: CONNECT_MS,
			// Whoever is refused is told so, and doesn't try again.
			reconnectPeriod: 0,
		});
	return { host: HOST, port, ca: file("ca.pem"), connect, stop: () => kill(pid) };
}

/**
 * Publish what an instrument shows, again and again.
 *
 * @param {import("mqtt").MqttClient} client
 * @param {string} topic
 * @param {() => string} show What it shows at the moment.
 * @param {number} everyMs
 * @returns {() => Promise<void>} Ends it, and the connection.
 */
export function publishRegularly(client, topic, show, everyMs) {
	const publish = () => client.publish(topic, show(), { qos: 1 });
	publish();
	const timer = setInterval(publish, everyMs);
	return async () => {
		clearInterval(timer);
		await client.endAsync(true);
	};
}

/** An authority, and a certificate for this machine's own address that it vouches for. */
function makeCertificates(folder) {
	const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(" ");
	const openssl = (...args) => run("openssl", args, folder);
	const authority = ["-subj", "/CN=rwa test", "-keyout", "ca.key", "-out", "ca.pem"];
	openssl("req", "-x509", ...key, "-days", DAYS, ...authority);
	openssl("req", ...key, "-subj", `/CN=${HOST}`, "-keyout", "server.key", "-out", "server.csr");
	writeFileSync(join(folder, "names"), `subjectAltName=IP:${HOST}\n`);
	const signer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", DAYS];
	const request = ["-in", "server.csr", "-extfile", "names", "-out", "server.pem"];
	openssl("x509", "-req", ...signer, ...request);
}

/** The program. Debian keeps it where only root looks. */
function mosquitto() {
	const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
	const found = folders.map((folder) => join(folder, "mosquitto")).find(existsSync);
	if (!found) {
		throw new Error("no mosquitto here: run scripts/setup.sh, which installs it");
	}
	return found;
}

function run(program, args, cwd) {
	execFileSync(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
}

function listens(port) {
	return new Promise((resolve, reject) => {
		const socket = createConnection(port, HOST, () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", reject);
	});
}
