//! What registering, reading a page and changing session touch of the state, with few nodes and with ten
//! thousand. Counted in nodes of the state trie, which are what a database reads: no more of them than the
//! trie is deeper.
//!
//! Run with `--nocapture`, it prints the table of `docs/registry.md`.

use crate::support::chain;
use rwa_primitives::{app_key::Role, node::Region};
use rwa_runtime::{
	AccountId, Balances, NodeRegistry, RuntimeOrigin, Session, Slashing, System, RWA,
};

const FEW: u32 = 100;
const MANY: u32 = 10_000;
const PAGE: u32 = 100;

fn account(number: u32) -> AccountId {
	AccountId::new(sp_io::hashing::blake2_256(&number.to_le_bytes()))
}

fn register(number: u32) {
	use frame_support::traits::fungible::Mutate;
	let who = account(number);
	<Balances as Mutate<_>>::set_balance(&who, 1_000 * RWA);
	let endpoint = format!("/dns4/n{number}.example/tcp/30333").into_bytes();
	let region = Region(*b"DE");
	NodeRegistry::register(RuntimeOrigin::signed(who), Role::Relay, region, endpoint, 100 * RWA)
		.expect("it can");
}

/// Trie nodes that `work` touches in a state of so many relays.
fn touched(state: &mut sp_io::TestExternalities, work: impl FnOnce()) -> usize {
	state.commit_all().expect("nothing is open");
	let ((), proof) = state.execute_and_prove(work);
	proof.iter_nodes().count()
}

/// The same for each kind of work.
fn costs(nodes: u32) -> [(&'static str, usize); 4] {
	let mut state = chain("local_testnet");
	state.execute_with(|| {
		System::set_block_number(1);
		(0..nodes).for_each(register);
	});
	state.execute_with(System::reset_events);
	let page = |after: Option<(Region, AccountId)>| {
		move || {
			let page = NodeRegistry::nodes(Role::Relay, Some(Region(*b"DE")), after, PAGE);
			assert_eq!(page.len(), PAGE as usize);
		}
	};
	[
		("register one more", touched(&mut state, || register(nodes))),
		("read the first page", touched(&mut state, page(None))),
		(
			"read what is known of one",
			touched(&mut state, || {
				assert!(NodeRegistry::node(account(0)).is_some());
			}),
		),
		(
			"change session",
			touched(&mut state, || {
				Slashing::end_session(Session::current_index());
				Slashing::start_session();
			}),
		),
	]
}

#[test]
fn what_is_touched_does_not_grow_with_the_number_of_nodes() {
	let (few, many) = (costs(FEW), costs(MANY));
	println!("| trie nodes touched by | {FEW} relays | {MANY} relays |\n|---|---|---|");
	for ((work, few), (_, many)) in few.into_iter().zip(many) {
		println!("| {work} | {few} | {many} |");
		// A hundred times as many make a trie less than two levels deeper.
		assert!(many <= 2 * few, "to {work}: {few} trie nodes, then {many}");
	}
}
