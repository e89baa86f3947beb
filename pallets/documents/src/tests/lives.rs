//! Random lives: whatever people do, in any order, every invariant holds, and no money comes or goes.

use frame_support::assert_ok;
use proptest::prelude::*;
use rwa_primitives::storage::{Act, DocumentKind};

use crate::{mock::*, NextDocument, Purpose};

/// What somebody does. Most of it may be refused: then nothing must have changed.
#[derive(Clone, Debug)]
enum Deed {
	Publish { size: u64, term: u32 },
	Renew { document: u64, by: u32 },
	TopUp { document: u64, amount: u128 },
	Remove { document: u64 },
	Notify { document: u64, replica: u8, act: Act },
	Forget { node: u64, document: u64, replica: u8 },
	Seal { document: u64, purpose: Purpose, reader: u64 },
	Revoke { document: u64, purpose: Purpose, reader: u64 },
	Declare { node: u64, capacity: u64 },
	Leave { node: u64 },
	Request { document: u64, replica: u8 },
	DrawAgain { document: u64 },
	RemoveNode { node: u64 },
	Claim { document: u64 },
	Price { price: u128 },
	Inactive { node: u64 },
	Halt { blocks: u32 },
	Congest { blocks: u32 },
	Silence { node: u64, blocks: u32 },
	Work { blocks: u32 },
}

fn deed() -> impl Strategy<Value = Deed> {
	let document = 0u64..6;
	let replica = 0u8..3;
	let node = 1u64..8;
	let act = prop_oneof![
		6 => Just(Act::Confirm),
		1 => Just(Act::Decline),
		1 => Just(Act::DeclareFault),
		2 => Just(Act::HandOver),
	];
	let purpose = || prop_oneof![Just(Purpose::Read), Just(Purpose::Repair)];
	let reader = 1u64..12;
	prop_oneof![
		4 => (4_096u64..200_000, 10u32..600).prop_map(|(size, term)| Deed::Publish { size, term }),
		1 => (document.clone(), 1u32..300).prop_map(|(document, by)| Deed::Renew { document, by }),
		1 => (document.clone(), 1u128..5_000)
			.prop_map(|(document, amount)| Deed::TopUp { document, amount }),
		1 => document.clone().prop_map(|document| Deed::Remove { document }),
		8 => (document.clone(), replica.clone(), act)
			.prop_map(|(document, replica, act)| Deed::Notify { document, replica, act }),
		1 => (node.clone(), document.clone(), replica.clone())
			.prop_map(|(node, document, replica)| Deed::Forget { node, document, replica }),
		2 => (document.clone(), purpose(), reader.clone())
			.prop_map(|(document, purpose, reader)| Deed::Seal { document, purpose, reader }),
		1 => (document.clone(), purpose(), reader)
			.prop_map(|(document, purpose, reader)| Deed::Revoke { document, purpose, reader }),
		2 => (node.clone(), 0u64..2_000_000)
			.prop_map(|(node, capacity)| Deed::Declare { node, capacity }),
		1 => node.clone().prop_map(|node| Deed::Leave { node }),
		1 => (document.clone(), replica).prop_map(|(document, replica)| Deed::Request { document, replica }),
		2 => document.clone().prop_map(|document| Deed::Claim { document }),
		1 => document.prop_map(|document| Deed::DrawAgain { document }),
		1 => node.clone().prop_map(|node| Deed::RemoveNode { node }),
		1 => (1u128..5).prop_map(|price| Deed::Price { price }),
		1 => node.clone().prop_map(|node| Deed::Inactive { node }),
		1 => (1u32..30).prop_map(|blocks| Deed::Halt { blocks }),
		1 => (1u32..20).prop_map(|blocks| Deed::Congest { blocks }),
		2 => (node, 1u32..250).prop_map(|(node, blocks)| Deed::Silence { node, blocks }),
		8 => (1u32..80).prop_map(|blocks| Deed::Work { blocks }),
	]
}

/// All that are nodes answer what they can, but for `silent`, and confirm what they are to take.
fn work(blocks: u32, silent: Option<u64>) {
	for _ in 0..blocks {
		to_next_block();
		for node in (1..8).filter(|node| Some(*node) != silent) {
			answer_all(node);
		}
	}
}

fn confirm_all(silent: Option<u64>) {
	for id in 0..NextDocument::<Test>::get() {
		for replica in 0..3 {
			if crate::Documents::<Test>::contains_key(id) {
				if let Some(node) = newcomer(id, replica).filter(|node| Some(*node) != silent) {
					confirm(node, id, replica);
				}
			}
		}
	}
}

fn do_it(deed: Deed) {
	let exists = |id| crate::Documents::<Test>::contains_key(id);
	match deed {
		Deed::Publish { size, term } => {
			let id = NextDocument::<Test>::get();
			let (kind, end) = (DocumentKind::Other, Now::get() + term);
			let files = files(id, size);
			let _ = Documents::register_document(by(OWNER), ASSET, kind, end, files);
		}
		Deed::Renew { document, by: more } if exists(document) => {
			let end = stored(document).expires_at + more;
			let _ = Documents::renew_document(by(OWNER), document, end);
		}
		Deed::TopUp { document, amount } => {
			let _ = Documents::top_up(by(BYSTANDER), document, amount);
		}
		Deed::Remove { document } => {
			let _ = Documents::remove_document(by(OWNER), document);
		}
		Deed::Notify { document, replica, act } if exists(document) => {
			let who = match act {
				Act::Confirm | Act::Decline => newcomer(document, replica),
				Act::DeclareFault | Act::HandOver => holder(document, replica),
			};
			if let Some(who) = who {
				let call = notify_call(sign(who, notice(who, document, replica, act)));
				// What the pool takes must not fail: nobody pays for it.
				if authorize(call.clone()).is_ok() {
					assert_ok!(dispatch(call));
				}
			}
		}
		Deed::Forget { node, document, replica } if exists(document) => {
			forget(node, document, replica);
		}
		Deed::Seal { document, purpose, reader } => {
			let version = match Documents::reader_key(reader) {
				Some(key) => key.version,
				None => give_key(reader),
			};
			let origin = by(OWNER);
			let _ = Documents::add_envelope(origin, document, purpose, reader, version, sealed());
		}
		Deed::Revoke { document, purpose, reader } => {
			let _ = Documents::revoke_envelope(by(OWNER), document, purpose, reader);
		}
		Deed::Declare { node, capacity } => {
			register(node);
			let _ = Documents::declare_capacity(by(node), capacity);
		}
		Deed::Leave { node } => {
			let _ = Documents::leave(by(node));
		}
		Deed::Request { document, replica } => {
			let _ = Documents::request_challenge(by(BYSTANDER), document, replica, None);
		}
		Deed::DrawAgain { document } => {
			let _ = Documents::draw_again(by(BYSTANDER), document);
		}
		Deed::RemoveNode { node } => {
			let _ = Documents::remove_node(by(BYSTANDER), node);
		}
		Deed::Claim { document } => {
			let list = vec![(document, 0), (document, 1), (document, 2)].try_into().unwrap();
			let _ = Documents::claim(by(BYSTANDER), list);
		}
		Deed::Price { price } => StoragePrice::set(price),
		Deed::Inactive { node } => Inactive::mutate(|inactive| {
			if !inactive.remove(&node) {
				inactive.insert(node);
			}
		}),
		Deed::Halt { blocks } => {
			Running::set(false);
			work(blocks, None);
			Running::set(true);
		}
		Deed::Congest { blocks } => {
			for _ in 0..blocks {
				frame_system::BlockSize::<Test>::put(1_000);
				work(1, None);
			}
		}
		Deed::Silence { node, blocks } => {
			confirm_all(Some(node));
			work(blocks, Some(node));
		}
		Deed::Work { blocks } => {
			confirm_all(None);
			work(blocks, None);
		}
		_ => (),
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

	#[test]
	fn every_life_should_keep_every_invariant(
		seed in any::<u64>(),
		deeds in prop::collection::vec(deed(), 1..80),
	) {
		ExtBuilder::default().nodes(6).build().execute_with(|| {
			Dice::set(Some(seed));
			MaxReplicasPerNode::set(8);
			for deed in deeds {
				do_it(deed);
				check();
			}
			// And all of it has an end.
			work(TERM + Grace::get(), None);
			check();
			for id in 0..NextDocument::<Test>::get() {
				let _ = Documents::remove_document(by(OWNER), id);
			}
			check();
			prop_assert_eq!(held(crate::HoldReason::Storage, OWNER), 0);
			prop_assert_eq!(held(crate::HoldReason::Entries, OWNER), 0);
			Ok(())
		})?;
	}
}
