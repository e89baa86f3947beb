//! Tiers, regions and endpoints.

use proptest::prelude::*;
use rwa_primitives::{
	app_key::Role,
	node::{genesis_tier, is_dialable, Region},
	Balance,
};
use sp_arithmetic::Perbill;

const RWA: Balance = 1_000_000_000_000;

#[test]
fn the_tiers_at_genesis_are_the_specifications() {
	let table = [
		(Role::Validator, 1_000, 10, 5),
		(Role::Verifier, 500, 5, 2),
		(Role::Oracle, 500, 5, 3),
		(Role::Relay, 100, 2, 2),
		(Role::Storage, 250, 5, 3),
	];
	for (role, minimum, slash, reward) in table {
		let tier = genesis_tier(role);
		assert_eq!(tier.minimum, minimum * RWA, "{role:?}");
		assert_eq!(tier.slash, Perbill::from_percent(slash), "{role:?}");
		assert_eq!(tier.yearly_reward, Perbill::from_percent(reward), "{role:?}");
	}
}

#[test]
fn a_region_is_two_capital_letters() {
	for region in [*b"DE", *b"AA", *b"ZZ"] {
		assert!(Region(region).is_well_formed(), "{region:?}");
	}
	for region in [*b"de", *b"D1", *b" D", *b"D\0", [0xc3, 0x84], *b"@A", *b"A["] {
		assert!(!Region(region).is_well_formed(), "{region:?}");
	}
}

#[test]
fn multiaddresses_that_a_client_can_dial_are_taken() {
	let good = [
		"/ip4/192.0.2.1/tcp/30333",
		"/ip6/2001:db8::1/tcp/30333/ws",
		"/ip6/fe80::1%25eth0/tcp/1",
		"/dns/node.example/tcp/443/wss",
		"/dns4/node-1.example/tcp/30333/p2p/12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD",
		"/dns6/node.example/udp/30333/quic-v1",
		"/dnsaddr/bootstrap.example",
	];
	for endpoint in good {
		assert!(is_dialable(endpoint.as_bytes()), "{endpoint}");
	}
}

#[test]
fn what_is_no_such_address_is_refused() {
	let bad = [
		"",
		"/",
		"//",
		"node.example:30333",
		"https://node.example",
		"dns4/node.example/tcp/30333",
		"/dns4",
		"/dns4/",
		"/dns4//tcp/30333",
		"/dns4/node.example/",
		"/tcp/30333",
		"/p2p/12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD",
		"/dns4/node example/tcp/1",
		"/dns4/<script>/tcp/1",
		"/dns4/\"onload=\"/tcp/1",
		"/dns4/nöde.example/tcp/1",
		"/dns4/node.example\n/tcp/1",
		"/DNS4/node.example/tcp/1",
	];
	for endpoint in bad {
		assert!(!is_dialable(endpoint.as_bytes()), "{endpoint}");
	}
}

proptest! {
	#[test]
	fn nothing_that_a_page_could_take_for_markup_is_taken(
		host in prop::collection::vec(any::<u8>(), 0..40),
	) {
		let endpoint = [b"/dns4/", host.as_slice()].concat();
		if is_dialable(&endpoint) {
			let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"/.-_:%".contains(byte);
			prop_assert!(endpoint.iter().all(harmless));
		}
	}

	#[test]
	fn noise_is_refused_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
		let rooted = noise.first() == Some(&b'/');
		prop_assert!(!is_dialable(&noise) || rooted);
	}
}
