//! Where nodes say that they are.

use rwa_primitives::{node::Region, traits::Whereabouts};
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash};

use crate::{Config, Nodes, Pallet};

impl<T: Config> Whereabouts<T::AccountId> for Pallet<T> {
	fn region_of(who: &T::AccountId) -> Option<Region> {
		Nodes::<T>::get(who).map(|node| node.region)
	}

	/// The address without port and peer. Loopback addresses are taken whole: they lead everybody to himself and
	/// name no host, and are of use on test networks only.
	fn host_of(who: &T::AccountId) -> Option<H256> {
		let endpoint = Nodes::<T>::get(who)?.endpoint;
		let host = host(&endpoint);
		let name = if is_loopback(host) { &endpoint[..] } else { host };
		Some(BlakeTwo256::hash(name))
	}
}

/// The network protocol and address that `endpoint` begins with, without the slash before them.
fn host(endpoint: &[u8]) -> &[u8] {
	let rest = endpoint.strip_prefix(b"/").unwrap_or(endpoint);
	let mut slashes = rest.iter().enumerate().filter(|(_, byte)| **byte == b'/');
	let end = slashes.nth(1).map_or(rest.len(), |(place, _)| place);
	rest.get(..end).unwrap_or(rest)
}

fn is_loopback(host: &[u8]) -> bool {
	host.starts_with(b"ip4/127.") || host == b"ip6/::1" || host.ends_with(b"localhost")
}
