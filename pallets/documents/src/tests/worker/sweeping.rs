//! What nobody wants any more is unpinned, when it is sure; and nothing else.

use frame_support::assert_ok;
use rwa_primitives::{app_key::Role, ipfs::Cid};
use sp_core::H256;

use super::{cid, lines, taken, three};
use crate::{
	functions::worker::{
		memory::UNPIN_AFTER,
		sweep::{MAX_UNPINS, SWEEP_EVERY},
	},
	mock::*,
	tests::node::{take_log, Node},
};

/// Blocks in which a sweep sees that something isn't wanted, and then one more that it hasn't been for long.
const LONG: u64 = UNPIN_AFTER + 3 * SWEEP_EVERY;

fn live(node: &Node, blocks: u64) {
	Running::set(false); // Nothing is due on chain.
	node.live(blocks.try_into().unwrap());
	Running::set(true);
}

fn is_pinned(node: &Node, cid: &Cid) -> bool {
	node.with(|state| state.pins.contains_key(cid))
}

#[test]
fn what_was_removed_should_be_unpinned_and_not_at_once() {
	Node::execute(three(), &[1], |node| {
		let replica = taken(node);
		let cid = cid(replica);
		assert_ok!(Documents::remove_document(by(OWNER), replica.0));
		live(node, UNPIN_AFTER);
		assert!(is_pinned(node, &cid));
		take_log();
		live(node, LONG - UNPIN_AFTER);
		assert!(!is_pinned(node, &cid));
		assert_eq!(lines(), [format!("INFO {cid} is unpinned: nobody wants it kept here")]);
		assert_eq!(node.orders("unpin").len(), 1);
	});
}

#[test]
fn what_is_held_should_stay_pinned() {
	Node::execute(three(), &[1], |node| {
		let cid = cid(taken(node));
		live(node, 2 * LONG);
		assert!(is_pinned(node, &cid));
		assert!(node.orders("unpin").is_empty());
	});
}

#[test]
fn what_is_given_back_to_a_fork_should_stay_pinned() {
	Node::execute(three(), &[1], |node| {
		let replica = taken(node);
		let cid = cid(replica);
		let before = crate::Cids::<Test>::take(cid, OWNER);
		live(node, UNPIN_AFTER);
		crate::Cids::<Test>::insert(cid, OWNER, before.unwrap());
		live(node, LONG);
		assert!(is_pinned(node, &cid));
		// And it counts anew from the next time on.
		crate::Cids::<Test>::remove(cid, OWNER);
		live(node, UNPIN_AFTER);
		assert!(is_pinned(node, &cid));
		crate::Cids::<Test>::insert(cid, OWNER, before.unwrap());
	});
}

#[test]
fn what_was_seen_on_another_fork_should_not_count() {
	Node::execute(three(), &[1], |node| {
		let replica = taken(node);
		let cid = cid(replica);
		assert_ok!(Documents::remove_document(by(OWNER), replica.0));
		live(node, UNPIN_AFTER);
		// All blocks so far are others now.
		for block in 1..=System::block_number() {
			frame_system::BlockHash::<Test>::insert(block, H256::repeat_byte(9));
		}
		live(node, UNPIN_AFTER);
		assert!(is_pinned(node, &cid));
		live(node, LONG);
		assert!(!is_pinned(node, &cid));
	});
}

#[test]
fn a_node_that_catches_up_should_unpin_nothing() {
	Node::execute(three(), &[1], |node| {
		let replica = taken(node);
		let cid = cid(replica);
		assert_ok!(Documents::remove_document(by(OWNER), replica.0));
		Running::set(false);
		for _ in 0..LONG {
			to_next_block(); // In no time.
			node.work();
		}
		assert!(is_pinned(node, &cid));
		Running::set(true);
	});
}

#[test]
fn what_is_with_another_node_by_now_should_be_unpinned() {
	Node::execute(ExtBuilder::default().nodes(3), &[1], |node| {
		let replica = taken(node);
		let cid = cid(replica);
		say(1, replica.0, replica.1, rwa_primitives::storage::Act::DeclareFault);
		live(node, LONG);
		assert!(!is_pinned(node, &cid));
	});
}

#[test]
fn what_is_held_by_an_account_whose_key_is_gone_should_stay_pinned() {
	Node::execute(three(), &[1], |node| {
		let cid = cid(taken(node));
		// Its operator has registered another key, which this node doesn't have.
		Operators::mutate(|keys| {
			keys.remove(&key(1));
			keys.insert(key(99), (1, Role::Storage));
		});
		live(node, 2 * LONG);
		assert!(is_pinned(node, &cid));
	});
}

#[test]
fn what_was_never_ordered_should_go_unless_it_is_wanted() {
	Node::execute(three(), &[1], |node| {
		let wanted = cid(taken(node));
		let orphan = Dag::new(77, SIZE).file.cid;
		// The bridge's folder was lost.
		node.with(|state| {
			state.lose_store();
			state.orphans = vec![orphan, wanted];
			state.disk.insert(orphan);
		});
		live(node, 2 * LONG);
		assert!(is_pinned(node, &wanted));
		node.with(|state| {
			assert!(!state.disk.contains(&orphan));
			assert!(state.disk.contains(&wanted));
		});
	});
}

#[test]
fn many_pages_should_all_be_seen() {
	Node::execute(three(), &[1], |node| {
		let wanted = cid(taken(node));
		let strays = MAX_UNPINS * 2 + 5;
		node.with(|state| {
			state.page = 40;
			for number in 0..strays {
				let file = Dag::new(1_000 + number as u64, 4_096).file;
				state.pins.insert(file.cid, (file.size, true));
			}
		});
		live(node, 2 * LONG);
		assert_eq!(node.with(|state| state.pins.keys().copied().collect::<Vec<_>>()), [wanted]);
		assert_eq!(node.orders("unpin").len(), strays);
	});
}

#[test]
fn what_is_wanted_with_another_size_should_be_unpinned_and_got_anew() {
	Node::execute(three(), &[1], |node| {
		let replica = super::assigned(1);
		let cid = cid(replica);
		node.with(|state| state.pins.insert(cid, (SIZE + 1, true)));
		live(node, LONG);
		let wanted = node.with(|state| state.pins.get(&cid).copied());
		assert_eq!(wanted, Some((SIZE, true)));
		take_log();
	});
}
