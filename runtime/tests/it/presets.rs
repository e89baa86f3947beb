//! How chains begin.

use crate::support::{account, chain};
use pallet_staking::{Invulnerables, MinValidatorBond, Validators};
use rwa_runtime::{
	genesis_presets::{get_preset, preset_names},
	Babe, Balances, Runtime, Session, RWA,
};

/// The public keys that everybody has the secrets of.
fn well_known() -> Vec<String> {
	sp_keyring::Sr25519Keyring::iter()
		.map(|key| key.to_account_id().to_string())
		.chain(sp_keyring::Ed25519Keyring::iter().map(|key| key.to_account_id().to_string()))
		.collect()
}

#[test]
fn every_preset_builds_a_state() {
	for name in preset_names() {
		chain(name.as_ref()).execute_with(|| {
			assert!(Balances::total_issuance() < 1_000_000_000 * RWA, "{name}");
		});
	}
}

#[test]
fn local_testnet_has_four_validators_with_stake_and_keys() {
	chain("local_testnet").execute_with(|| {
		let names = ["//Alice//stash", "//Bob//stash", "//Charlie//stash", "//Dave//stash"];
		let mut expected = names.map(account).to_vec();
		expected.sort();
		let mut found = Session::validators();
		found.sort();
		assert_eq!(found, expected);
		assert_eq!(Babe::authorities().len(), 4);
		assert_eq!(Validators::<Runtime>::count(), 4);
	});
}

#[test]
fn test_networks_have_a_sudo_key_and_oracle_operators() {
	for preset in ["development", "local_testnet"] {
		chain(preset).execute_with(|| {
			assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(account("//Alice")));
			assert!(Balances::free_balance(account("//Oracle//1")) > RWA);
		});
	}
}

#[test]
fn nobody_is_invulnerable_and_the_least_bond_is_the_specs() {
	for name in preset_names() {
		chain(name.as_ref()).execute_with(|| {
			assert!(Invulnerables::<Runtime>::get().is_empty(), "{name}");
			assert_eq!(MinValidatorBond::<Runtime>::get(), 1_000 * RWA, "{name}");
		});
	}
}

#[test]
fn staging_has_neither_sudo_nor_a_well_known_key() {
	chain("staging").execute_with(|| assert_eq!(pallet_sudo::Key::<Runtime>::get(), None));
	let preset =
		String::from_utf8(get_preset(&"staging".into()).expect("it exists")).expect("JSON");
	for key in well_known() {
		assert!(!preset.contains(&key), "{key} is in the preset");
	}
}

#[test]
fn an_unknown_preset_is_none() {
	assert_eq!(get_preset(&"production".into()), None);
}
