//! Where nodes say that they are.

use crate::mock::{minimum, signed, ExtBuilder, NodeRegistry, ALICE, BOB, HERE};
use frame_support::assert_ok;
use rwa_primitives::{app_key::Role, traits::Whereabouts};
use sp_core::H256;

/// What [`Whereabouts::host_of`] says of a node at `endpoint`.
fn host_at(endpoint: &str) -> H256 {
	let endpoint = endpoint.as_bytes().to_vec();
	assert_ok!(NodeRegistry::update_node(signed(&ALICE), HERE, endpoint));
	NodeRegistry::host_of(&ALICE).unwrap()
}

#[test]
fn region_of_should_be_what_the_node_says() {
	ExtBuilder::default().node(ALICE, Role::Storage).build_and_execute(|| {
		assert_eq!(NodeRegistry::region_of(&ALICE), Some(HERE));
		assert_eq!(NodeRegistry::region_of(&BOB), None);
		assert_eq!(NodeRegistry::host_of(&BOB), None);
	});
}

#[test]
fn host_of_should_be_the_same_behind_every_port() {
	ExtBuilder::default().node(ALICE, Role::Storage).build_and_execute(|| {
		let host = host_at("/dns4/node.example/tcp/30333");
		assert_eq!(host_at("/dns4/node.example/tcp/30334/p2p/12D3"), host);
		assert_ne!(host_at("/dns4/other.example/tcp/30333"), host);
		assert_ne!(host_at("/ip4/192.0.2.1/tcp/30333"), host);

		let endpoint = b"/dns4/node.example/udp/1".to_vec();
		let stake = minimum(Role::Storage);
		assert_ok!(NodeRegistry::register(signed(&BOB), Role::Storage, HERE, endpoint, stake));
		assert_eq!(NodeRegistry::host_of(&BOB), Some(host));
	});
}

#[test]
fn host_of_should_tell_services_apart_on_a_machine_that_has_no_name() {
	ExtBuilder::default().node(ALICE, Role::Storage).build_and_execute(|| {
		for address in ["/ip4/127.0.0.1", "/ip6/::1", "/dns4/localhost", "/dns/a.localhost"] {
			let one = host_at(&format!("{address}/tcp/1"));
			assert_ne!(host_at(&format!("{address}/tcp/2")), one, "{address}");
		}
		// Not loopback, however it looks.
		assert_eq!(host_at("/ip4/12.7.0.1/tcp/1"), host_at("/ip4/12.7.0.1/tcp/2"));
	});
}
