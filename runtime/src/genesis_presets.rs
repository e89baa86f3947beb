//! How a chain begins: one preset per kind of network.
//!
//! - `development`: one validator, Alice; Sudo with Alice's key.
//! - `local_testnet`: four validators, Alice to Dave; Sudo with Alice's key.
//! - `staging`: no Sudo key, no well-known key, no validator and no balance. Those who start a
//!   network put their own into the exported chain spec; see `docs/operators.md`.

#![warn(missing_docs)]

use crate::{
	configs::{
		consensus::BABE_GENESIS_EPOCH_CONFIG,
		staking::{MaxActiveValidators, MIN_NOMINATOR_BOND, MIN_VALIDATOR_BOND},
	},
	AccountId, BabeConfig, Balance, BalancesConfig, CouncilConfig, RuntimeGenesisConfig,
	SessionConfig, SessionKeys, StakingConfig, SudoConfig, RWA,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_core::crypto::get_public_from_string_or_panic;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::Perbill;
use sp_staking::StakerStatus;

/// Name of the preset that a real network starts from.
pub const STAGING_RUNTIME_PRESET: &str = "staging";

/// What each account of a test network owns at genesis.
const TEST_ENDOWMENT: Balance = 10_000_000 * RWA;

/// What each validator of a test network has at stake: ten times the least. One of four that
/// equivocates loses 56 % (`(3 / 4)²`), and keeps enough to stay.
const TEST_STAKE: Balance = 10 * MIN_VALIDATOR_BOND;

/// Oracle operators of a test network: accounts `//Oracle//1` to `//Oracle//7`.
const TEST_ORACLES: u32 = 7;

/// The part of a slash that goes to whoever reported the offence.
const REPORTER_SHARE: Perbill = Perbill::from_percent(10);

/// A validator at genesis.
struct Validator {
	stash: AccountId,
	keys: SessionKeys,
}

impl Validator {
	/// A well-known one: stake of `//Name//stash`, session keys of `//Name`.
	fn well_known(stash: Sr25519Keyring, sr25519: Sr25519Keyring, ed25519: Ed25519Keyring) -> Self {
		Self {
			stash: stash.to_account_id(),
			keys: SessionKeys {
				babe: sr25519.public().into(),
				grandpa: ed25519.public().into(),
				im_online: sr25519.public().into(),
				authority_discovery: sr25519.public().into(),
			},
		}
	}
}

/// The genesis state of a network with these validators, balances, council and Sudo key.
fn genesis(
	validators: &[Validator],
	endowed: &[AccountId],
	council: Vec<AccountId>,
	sudo: Option<AccountId>,
) -> Value {
	let session_keys = validators
		.iter()
		.map(|v| (v.stash.clone(), v.stash.clone(), v.keys.clone()))
		.collect::<Vec<_>>();
	let stakers = validators
		.iter()
		.map(|v| {
			let status = StakerStatus::<AccountId>::Validator;
			(v.stash.clone(), v.stash.clone(), TEST_STAKE, status)
		})
		.collect::<Vec<_>>();
	let max_validators: u32 = MaxActiveValidators::get();
	build_struct_json_patch!(RuntimeGenesisConfig {
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		balances: BalancesConfig {
			balances: endowed.iter().cloned().map(|who| (who, TEST_ENDOWMENT)).collect::<Vec<_>>(),
		},
		council: CouncilConfig { members: council },
		session: SessionConfig { keys: session_keys },
		staking: StakingConfig {
			validator_count: max_validators,
			minimum_validator_count: 1,
			// Nobody is beyond punishment.
			invulnerables: Vec::<AccountId>::new(),
			slash_reward_fraction: REPORTER_SHARE,
			stakers,
			min_validator_bond: MIN_VALIDATOR_BOND,
			min_nominator_bond: MIN_NOMINATOR_BOND,
			max_validator_count: Some(2 * max_validators),
			max_nominator_count: Some(10_000),
		},
		sudo: SudoConfig { key: sudo },
	})
}

/// Accounts of a test network that own something: the well-known ones, their stashes, and the
/// operators of oracles.
fn test_accounts() -> Vec<AccountId> {
	let oracles = (1..=TEST_ORACLES).map(|number| {
		get_public_from_string_or_panic::<sp_core::sr25519::Public>(&alloc::format!(
			"Oracle//{number}"
		))
	});
	Sr25519Keyring::well_known()
		.map(|key| key.to_account_id())
		.chain(oracles.map(|public| AccountId::from(public.0)))
		.collect()
}

fn test_network(validators: &[Validator]) -> Value {
	let council = [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie]
		.map(|k| k.to_account_id());
	let sudo = Sr25519Keyring::Alice.to_account_id();
	genesis(validators, &test_accounts(), council.to_vec(), Some(sudo))
}

fn development() -> Value {
	use {Ed25519Keyring as Ed, Sr25519Keyring as Sr};
	test_network(&[Validator::well_known(Sr::AliceStash, Sr::Alice, Ed::Alice)])
}

fn local_testnet() -> Value {
	use {Ed25519Keyring as Ed, Sr25519Keyring as Sr};
	test_network(&[
		Validator::well_known(Sr::AliceStash, Sr::Alice, Ed::Alice),
		Validator::well_known(Sr::BobStash, Sr::Bob, Ed::Bob),
		Validator::well_known(Sr::CharlieStash, Sr::Charlie, Ed::Charlie),
		Validator::well_known(Sr::DaveStash, Sr::Dave, Ed::Dave),
	])
}

fn staging() -> Value {
	genesis(&[], &[], Vec::new(), None)
}

/// The preset named `id`, as the JSON patch that [`RuntimeGenesisConfig`] is made from. `None`: no
/// such preset.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
		STAGING_RUNTIME_PRESET => staging(),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

/// Names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![
		PresetId::from(DEV_RUNTIME_PRESET),
		PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET),
		PresetId::from(STAGING_RUNTIME_PRESET),
	]
}
