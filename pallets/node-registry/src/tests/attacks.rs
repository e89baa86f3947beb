//! Mallory tries to act for others, to make others act for her, or to lock them out.

use crate::{
	mock::{
		accuse, app_key, beat, bond_with_staking, free, held, is_active, join, leave_staking, node,
		pass, proof, register, register_key, revoke_key, signed, slash, submit_key, wealth, work,
		ExtBuilder, NodeRegistry, Test, ALICE, BOB, CAP, ENDOWMENT, GAP, GENESIS, MALLORY, RWA,
		TREASURY, UNBONDING, WINDOW, YEAR,
	},
	Error, HoldReason, ROLES,
};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	app_key::{possession_payload, AppSignature, Role},
	traits::{AppKeys, Conduct, Presence, Reputation, Stakes},
	AccountId, Hash,
};
use sp_core::Pair;

/// Mallory copies key and proof out of Alice's pending transaction and comes first.
#[test]
fn a_proof_for_another_account_should_be_worthless() {
	let builder = ExtBuilder::default().node(ALICE, Role::Oracle).node(MALLORY, Role::Oracle);
	builder.build_and_execute(|| {
		let key = app_key("alice");
		let seen = proof(&key, &ALICE);
		assert_noop!(
			submit_key(&MALLORY, Role::Oracle, key.public(), seen.clone()),
			Error::<Test>::BadProof
		);
		assert_ok!(submit_key(&ALICE, Role::Oracle, key.public(), seen));
	});
}

/// Alice revoked her key; its proof is in the chain's history for everyone to read.
#[test]
fn a_proof_from_history_should_stay_worthless_for_others() {
	let key = app_key("alice");
	let builder = ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone());
	builder.node(MALLORY, Role::Oracle).build_and_execute(|| {
		let seen = proof(&key, &ALICE);
		assert_ok!(revoke_key(&ALICE));
		assert_noop!(
			submit_key(&MALLORY, Role::Oracle, key.public(), seen),
			Error::<Test>::BadProof
		);
	});
}

/// Alice uses the same key and account on a test network.
#[test]
fn a_proof_for_another_genesis_should_be_worthless() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let key = app_key("alice");
		let elsewhere = Hash::repeat_byte(8);
		assert_ne!(elsewhere, GENESIS);
		let seen = key.sign(&possession_payload(&elsewhere, &ALICE, &key.public()));
		assert_noop!(submit_key(&ALICE, Role::Oracle, key.public(), seen), Error::<Test>::BadProof);
	});
}

/// Mallory claims a key that she has seen, with a signature of her own.
#[test]
fn a_key_should_not_be_claimed_with_another_keys_signature() {
	ExtBuilder::default().node(MALLORY, Role::Oracle).build_and_execute(|| {
		let (victim, own) = (app_key("alice"), app_key("mallory"));
		let forged = own.sign(&possession_payload(&GENESIS, &MALLORY, &victim.public()));
		assert_noop!(
			submit_key(&MALLORY, Role::Oracle, victim.public(), forged),
			Error::<Test>::BadProof
		);
	});
}

/// Mallory moves a good proof of one of her keys to another key.
#[test]
fn a_proof_should_hold_for_no_other_key() {
	ExtBuilder::default().node(MALLORY, Role::Oracle).build_and_execute(|| {
		let (one, other) = (app_key("one"), app_key("other"));
		assert_noop!(
			submit_key(&MALLORY, Role::Oracle, other.public(), proof(&one, &MALLORY)),
			Error::<Test>::BadProof
		);
	});
}

/// The key signed something for its duty, which must not pass for a proof; nor must noise.
#[test]
fn a_signature_of_anything_else_should_be_no_proof() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let key = app_key("alice");
		let payload = possession_payload(&GENESIS, &ALICE, &key.public());
		let mut longer = payload.clone();
		longer.push(0);
		let wrong = [
			key.sign(&longer),
			key.sign(&payload[1..]),
			key.sign(b""),
			AppSignature::from(sp_core::sr25519::Signature::from_raw([0; 64])),
			AppSignature::from(sp_core::sr25519::Signature::from_raw([0xff; 64])),
		];
		for signature in wrong {
			assert_noop!(
				submit_key(&ALICE, Role::Oracle, key.public(), signature),
				Error::<Test>::BadProof
			);
		}
	});
}

/// Mallory took the app key from Alice's machine, so she can make any proof with it.
#[test]
fn a_stolen_key_should_not_move_to_the_thief() {
	let stolen = app_key("alice");
	let builder = ExtBuilder::default().registered(ALICE, Role::Oracle, stolen.clone());
	builder.node(MALLORY, Role::Oracle).build_and_execute(|| {
		assert_noop!(register_key(&MALLORY, Role::Oracle, &stolen), Error::<Test>::KeyTaken);
	});
}

/// The stolen key's public half is an account id too; Mallory signs transactions as that account.
#[test]
fn a_stolen_key_should_neither_revoke_nor_replace_itself() {
	let stolen = app_key("alice");
	ExtBuilder::default().registered(ALICE, Role::Oracle, stolen.clone()).build_and_execute(|| {
		let as_account = AccountId::from(sp_core::sr25519::Public::from(stolen.public()));
		assert_noop!(revoke_key(&as_account), Error::<Test>::NotRegistered);

		// With a proof for Alice, the key asks for a replacement that Mallory holds.
		let own = app_key("mallory");
		assert_noop!(
			submit_key(&as_account, Role::Oracle, own.public(), proof(&own, &ALICE)),
			Error::<Test>::UnknownNode
		);
		assert_eq!(NodeRegistry::operator(stolen.public()), Some((ALICE, Role::Oracle)));
	});
}

/// Alice notices the theft and replaces the key. What the thief can still do is act for herself, at
/// her own expense.
#[test]
fn replacing_a_stolen_key_should_lock_the_thief_out() {
	let stolen = app_key("alice");
	let builder = ExtBuilder::default().registered(ALICE, Role::Oracle, stolen.clone());
	builder.node(MALLORY, Role::Oracle).build_and_execute(|| {
		assert_ok!(register_key(&ALICE, Role::Oracle, &app_key("fresh")));
		assert_eq!(NodeRegistry::operator(stolen.public()), None);

		assert_ok!(register_key(&MALLORY, Role::Oracle, &stolen));
		assert_eq!(NodeRegistry::operator(stolen.public()), Some((MALLORY, Role::Oracle)));
		assert!(held(&MALLORY, HoldReason::AppKey) > 0);
		assert_eq!(
			NodeRegistry::app_key(ALICE).map(|found| found.key),
			Some(app_key("fresh").public())
		);
	});
}

/// Mallory wants a second role for the price of one.
#[test]
fn an_account_should_not_hold_two_roles() {
	ExtBuilder::default().node(MALLORY, Role::Oracle).build_and_execute(|| {
		for role in ROLES {
			assert_noop!(join(&MALLORY, role), Error::<Test>::AlreadyRegistered);
			if role != Role::Oracle {
				let key = app_key("two");
				assert_noop!(register_key(&MALLORY, role, &key), Error::<Test>::RoleMismatch);
				assert!(!NodeRegistry::is_active(&MALLORY, role));
			}
		}
		// She bonded as a validator in vain; the runtime would not have let her.
		leave_staking(&MALLORY);
	});
}

/// Mallory has cheated and wants to be gone, with her stake, before anybody notices.
#[test]
fn nobody_should_unbond_their_way_out_of_a_penalty() {
	ExtBuilder::default().node(MALLORY, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::unbond(signed(&MALLORY), 200 * RWA));
		pass(1);
		assert_ok!(NodeRegistry::deregister(signed(&MALLORY)));
		assert_eq!(NodeRegistry::at_stake(&MALLORY), 500 * RWA);

		// The penalty is found out just before the first part is released, and waits.
		pass(UNBONDING - 2);
		accuse(&MALLORY, true);
		pass(UNBONDING);
		assert_noop!(NodeRegistry::withdraw_unbonded(signed(&MALLORY)), Error::<Test>::Accused);
		assert_noop!(register(&MALLORY, Role::Oracle, 500 * RWA), Error::<Test>::AlreadyRegistered);

		let treasury = free(&TREASURY);
		assert_eq!(slash(&MALLORY, 25 * RWA), 25 * RWA);
		assert_eq!(free(&TREASURY), treasury + 25 * RWA);
		accuse(&MALLORY, false);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&MALLORY)));
		assert_eq!(wealth(&MALLORY), ENDOWMENT - 25 * RWA);
	});
}

/// Mallory's node runs for a moment once a year.
#[test]
fn nobody_should_earn_while_they_are_away() {
	ExtBuilder::default().node(MALLORY, Role::Oracle).build_and_execute(|| {
		beat(&MALLORY);
		pass(YEAR);
		beat(&MALLORY);
		assert_eq!(NodeRegistry::claimable(MALLORY), 0);

		// Nor does it help to move stake about, to stop or to go on.
		assert_ok!(NodeRegistry::bond_more(signed(&MALLORY), RWA));
		pass(GAP + 1);
		assert_ok!(NodeRegistry::unbond(signed(&MALLORY), RWA));
		assert_ok!(NodeRegistry::chill(signed(&MALLORY)));
		pass(GAP);
		assert_ok!(NodeRegistry::unchill(signed(&MALLORY)));
		pass(GAP);
		assert_ok!(NodeRegistry::chill(signed(&MALLORY)));
		assert_eq!(NodeRegistry::claimable(MALLORY), 0);
	});
}

/// Mallory bonds a fortune just before each heartbeat.
#[test]
fn nobody_should_earn_on_stake_that_was_not_there() {
	let builder = ExtBuilder::default().node(ALICE, Role::Oracle).node(MALLORY, Role::Oracle);
	builder.build_and_execute(|| {
		for account in [&ALICE, &MALLORY] {
			beat(account);
		}
		pass(GAP);
		assert_ok!(NodeRegistry::bond_more(signed(&MALLORY), 5_000 * RWA));
		for account in [&ALICE, &MALLORY] {
			beat(account);
		}
		assert!(NodeRegistry::claimable(ALICE) > 0);
		assert_eq!(NodeRegistry::claimable(MALLORY), NodeRegistry::claimable(ALICE));
	});
}

/// Mallory and a friend rate each other for jobs that nobody needed.
#[test]
fn friends_should_gain_little_however_many_jobs_they_fake() {
	let builder = ExtBuilder::default().node(MALLORY, Role::Oracle).node(ALICE, Role::Oracle);
	builder.build_and_execute(|| {
		assert_noop!(
			NodeRegistry::note_finished_job(&MALLORY, &MALLORY),
			Error::<Test>::SelfDealing
		);
		for _ in 0..500 {
			assert_ok!(NodeRegistry::note_finished_job(&MALLORY, &BOB));
			assert_ok!(NodeRegistry::rate(signed(&BOB), MALLORY, 5));
			assert_noop!(NodeRegistry::rate(signed(&BOB), MALLORY, 5), Error::<Test>::AlreadyRated);
			// A second job of the same pair gives no second vote.
			assert_ok!(NodeRegistry::note_finished_job(&MALLORY, &BOB));
			assert_noop!(NodeRegistry::rate(signed(&BOB), MALLORY, 5), Error::<Test>::AlreadyRated);
			pass(WINDOW);
		}
		let (faked, honest) =
			(NodeRegistry::vote_weight(&MALLORY), NodeRegistry::vote_weight(&ALICE));
		assert!(faked > honest, "the test has faked nothing");
		assert!(faked * 100 < honest * 142);
	});
}

/// Mallory was found wrong again and again, and begins anew.
#[test]
fn a_bad_reputation_should_cost_an_unbonding_period_to_shed() {
	ExtBuilder::default().node(MALLORY, Role::Oracle).build_and_execute(|| {
		for _ in 0..50 {
			NodeRegistry::note_proven(&MALLORY, false);
		}
		assert!(NodeRegistry::score(&MALLORY) < Some(600));
		assert_ok!(NodeRegistry::deregister(signed(&MALLORY)));
		pass(UNBONDING - 1);
		assert_noop!(
			NodeRegistry::withdraw_unbonded(signed(&MALLORY)),
			Error::<Test>::NothingToWithdraw
		);
		assert_noop!(join(&MALLORY, Role::Oracle), Error::<Test>::AlreadyRegistered);
		pass(1);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&MALLORY)));
		assert_ok!(join(&MALLORY, Role::Oracle));
		assert_eq!(NodeRegistry::score(&MALLORY), Some(1_000));
	});
}

/// Mallory splits one stake among several accounts.
#[test]
fn splitting_a_node_should_gain_nothing_below_the_cap() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&MALLORY, Role::Oracle, 1_000 * RWA));
		assert_ok!(register(&ALICE, Role::Oracle, 500 * RWA));
		assert_ok!(register(&BOB, Role::Oracle, 500 * RWA));
		let weight = |account: &AccountId| NodeRegistry::vote_weight(account);
		assert_eq!(weight(&ALICE) + weight(&BOB), weight(&MALLORY));

		// Above the cap more stake weighs no more.
		assert_ok!(NodeRegistry::bond_more(signed(&MALLORY), 5_000 * RWA));
		assert_eq!(weight(&MALLORY), CAP * 850);
	});
}

/// Mallory stakes with the staking pallet, where she validates, and wants an oracle's role for that money.
#[test]
fn a_staker_should_not_have_another_role() {
	ExtBuilder::default().build_and_execute(|| {
		bond_with_staking(&MALLORY, 5_000 * RWA);
		for role in ROLES.into_iter().filter(|role| *role != Role::Validator) {
			assert_noop!(register(&MALLORY, role, 500 * RWA), Error::<Test>::IsStaker);
		}
		assert_ok!(register(&MALLORY, Role::Validator, 0));
	});
}

/// Mallory's node is slashed below its minimum, and its worker goes on as if nothing had happened.
#[test]
fn a_node_below_its_minimum_should_neither_act_nor_earn() {
	let key = app_key("key");
	ExtBuilder::default().registered(MALLORY, Role::Oracle, key).build_and_execute(|| {
		beat(&MALLORY);
		assert_eq!(slash(&MALLORY, 1), 1);
		assert!(!is_active(&MALLORY));
		assert_eq!(NodeRegistry::vote_weight(&MALLORY), 0);
		work(&MALLORY, YEAR);
		assert_eq!(NodeRegistry::claimable(MALLORY), 0);
		assert_eq!(node(&MALLORY).earnings.earning, 0);
		assert!(NodeRegistry::excused_since(&MALLORY).is_some());
	});
}
