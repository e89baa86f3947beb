//! Lists of nodes, in pages.

use crate::{
	mock::{
		bond_with_staking, pass, signed, Balances, ExtBuilder, MaxPage, NodeRegistry, Test, ALICE,
		BOB, ELSEWHERE, ENDPOINT, HERE, RWA, UNBONDING,
	},
	Listed, ListedNode,
};
use frame_support::{assert_ok, traits::fungible::Mutate};
use rwa_primitives::{app_key::Role, node::Region, AccountId};

/// The oracle with this number, in `region`.
fn oracle(number: u8, region: Region) -> AccountId {
	let account = AccountId::new([100 + number; 32]);
	assert_ok!(Balances::mint_into(&account, 1_000 * RWA));
	assert_ok!(NodeRegistry::register(
		signed(&account),
		Role::Oracle,
		region,
		ENDPOINT.to_vec(),
		500 * RWA
	));
	account
}

/// All nodes of `region`, or of all regions, read in pages of `limit`; and how many pages that took.
fn all_pages(region: Option<Region>, limit: u32) -> (Vec<AccountId>, u32) {
	let (mut found, mut pages, mut after) = (Vec::new(), 0, None);
	loop {
		let page = NodeRegistry::nodes(Role::Oracle, region, after.clone(), limit);
		let Some(last) = page.last() else { return (found, pages) };
		after = Some((last.region, last.account.clone()));
		found.extend(page.into_iter().map(|node| node.account));
		pages += 1;
	}
}

fn sorted(mut accounts: Vec<AccountId>) -> Vec<AccountId> {
	accounts.sort();
	accounts
}

#[test]
fn pages_should_show_every_node_once_whatever_their_size() {
	ExtBuilder::default().node(BOB, Role::Relay).build_and_execute(|| {
		let here: Vec<_> = (0..7).map(|number| oracle(number, HERE)).collect();
		let there: Vec<_> = (7..12).map(|number| oracle(number, ELSEWHERE)).collect();
		let everywhere = sorted([here.clone(), there.clone()].concat());
		for limit in 1..=MaxPage::get() {
			let (found, pages) = all_pages(None, limit);
			assert_eq!(sorted(found), everywhere);
			assert_eq!(pages, 12u32.div_ceil(limit));
			assert_eq!(sorted(all_pages(Some(HERE), limit).0), here);
			assert_eq!(sorted(all_pages(Some(ELSEWHERE), limit).0), there);
		}
	});
}

#[test]
fn a_page_should_never_be_larger_than_the_limit_and_the_maximum() {
	ExtBuilder::default().build_and_execute(|| {
		for number in 0..10 {
			oracle(number, HERE);
		}
		let length = |limit| NodeRegistry::nodes(Role::Oracle, None, None, limit).len();
		assert_eq!(length(0), 0);
		assert_eq!(length(3), 3);
		assert_eq!(length(u32::MAX), MaxPage::get() as usize);
	});
}

#[test]
fn a_region_without_nodes_should_be_empty() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert!(NodeRegistry::nodes(Role::Oracle, Some(ELSEWHERE), None, 10).is_empty());
		assert!(NodeRegistry::nodes(Role::Relay, Some(HERE), None, 10).is_empty());
		assert!(NodeRegistry::nodes(Role::Relay, None, None, 10).is_empty());
	});
}

#[test]
fn a_page_should_say_who_is_active_and_where() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let line = |active| ListedNode {
			account: ALICE,
			region: HERE,
			endpoint: ENDPOINT.to_vec().try_into().unwrap(),
			active,
		};
		let page = || NodeRegistry::nodes(Role::Oracle, Some(HERE), None, 10);
		assert_eq!(page(), [line(true)]);
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		assert_eq!(page(), [line(false)]);
	});
}

#[test]
fn a_listed_validator_should_be_active_as_the_staking_pallet_says() {
	ExtBuilder::default().node(ALICE, Role::Validator).build_and_execute(|| {
		let active = || NodeRegistry::nodes(Role::Validator, None, None, 1)[0].active;
		assert!(active());
		bond_with_staking(&ALICE, 1);
		assert!(!active());
	});
}

#[test]
fn the_next_page_should_be_found_when_the_last_node_of_the_page_before_is_gone() {
	ExtBuilder::default().build_and_execute(|| {
		for number in 0..6 {
			oracle(number, if number % 2 == 0 { HERE } else { ELSEWHERE });
		}
		for region in [None, Some(HERE)] {
			let (all, _) = all_pages(region, 4);
			let first = NodeRegistry::nodes(Role::Oracle, region, None, 2);
			let last = first[1].clone();
			assert_ok!(NodeRegistry::deregister(signed(&last.account)));
			pass(UNBONDING);
			assert_ok!(NodeRegistry::withdraw_unbonded(signed(&last.account)));

			let after = Some((last.region, last.account));
			let rest = NodeRegistry::nodes(Role::Oracle, region, after, 4);
			let rest: Vec<_> = rest.into_iter().map(|node| node.account).collect();
			assert_eq!(rest, all[2..]);
		}
	});
}

#[test]
fn a_node_that_moves_should_be_listed_in_its_new_region_only() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let moved = NodeRegistry::update_node(signed(&ALICE), ELSEWHERE, ENDPOINT.to_vec());
		assert_ok!(moved);
		assert!(NodeRegistry::nodes(Role::Oracle, Some(HERE), None, 10).is_empty());
		assert_eq!(NodeRegistry::nodes(Role::Oracle, Some(ELSEWHERE), None, 10).len(), 1);
		assert_eq!(Listed::<Test>::iter_keys().count(), 1);
	});
}
