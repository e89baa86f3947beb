import assert from "node:assert/strict";
import { test } from "node:test";
import { accountsIn, genesisValue, keepValidators, setSessionLength, setTempo, storageKey } from "./spec.js";

const ALICE = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
const BOB = "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48";

test("the key of a storage item is the one that the runtime uses", () => {
	const account = "0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9";
	assert.equal(storageKey("System", "Account"), account);
});

test("accounts in a vector are found, and an absent vector is empty", () => {
	assert.deepEqual(accountsIn(`0x08${ALICE}${BOB}`), [ALICE, BOB]);
	assert.deepEqual(accountsIn(`0x04${BOB}`), [BOB]);
	assert.deepEqual(accountsIn("0x00"), []);
	assert.deepEqual(accountsIn(undefined), []);
});

test("a value is read from genesis, and a tempo and a session's length are put there", () => {
	const spec = {
		genesis: { raw: { top: { [storageKey("Staking", "Invulnerables")]: "0x00" } } },
	};
	assert.equal(genesisValue(spec, "Staking", "Invulnerables"), "0x00");
	assert.equal(genesisValue(spec, "Sudo", "Key"), undefined);
	setTempo(spec, 1_000);
	assert.ok(Object.values(spec.genesis.raw.top).includes("0xe8030000"));
	assert.equal(Object.keys(spec.genesis.raw.top).length, 2);
	setSessionLength(spec, 20);
	assert.ok(Object.values(spec.genesis.raw.top).includes("0x1400000000000000"));
});

test("the first validators stay, with their keys and their stakes", () => {
	const patch = { session: { keys: ["a", "b", "c"] }, staking: { stakers: [1, 2, 3], more: 4 } };
	keepValidators({ genesis: { runtimeGenesis: { patch } } }, 2);
	assert.deepEqual(patch, { session: { keys: ["a", "b"] }, staking: { stakers: [1, 2], more: 4 } });
});
