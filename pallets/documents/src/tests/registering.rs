//! Documents are registered, renewed, topped up and removed.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::GetDispatchInfo,
	traits::{fungible::Mutate, tokens::Preservation},
};
use rwa_primitives::{
	ipfs::{Cid, Codec},
	storage::{DocumentId, DocumentKind},
	traits::Announcers,
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult, TokenError};

use crate::{mock::*, Call, Cids, Error, Event, File, HoldReason, Stage, WeightInfo};

const STORAGE: u128 = 3 * LEAVES * (TERM as u128 + 100) * 2;
const REPAIR: u128 = 1_000 + LEAVES * 10;

fn register(files: [File; 3]) -> DispatchResult {
	let expires_at = Now::get() + TERM;
	Documents::register_document(by(OWNER), ASSET, DocumentKind::Title, expires_at, files)
}

fn register_until(expires_at: u32) -> DispatchResult {
	Documents::register_document(by(OWNER), ASSET, DocumentKind::Title, expires_at, files(7, SIZE))
}

#[test]
fn register_should_hold_storage_a_repair_and_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let files = files(0, SIZE);
		let expires_at = Now::get() + TERM;
		let quote = Documents::quote([SIZE; 3], expires_at).unwrap();
		assert_eq!((quote.storage, quote.repair, quote.deposit), (STORAGE, REPAIR, 500));
		assert_ok!(register(files));
		assert_eq!(
			events(),
			[Event::DocumentRegistered {
				document: 0,
				asset: ASSET,
				owner: OWNER,
				kind: DocumentKind::Title,
				files,
				expires_at,
				price: 2,
				funds: STORAGE + REPAIR,
				deposit: 500,
			}]
		);
		assert_eq!(held(HoldReason::Storage, OWNER), STORAGE + REPAIR);
		assert_eq!(held(HoldReason::Entries, OWNER), 500);
		assert_eq!(free(OWNER), ENDOWMENT - STORAGE - REPAIR - 500);
		assert_eq!(Documents::document_of(files[1].cid, OWNER), Some((0, 1)));
		assert_eq!(Documents::documents_of(ASSET, None, 10), [0]);
		assert_eq!(publish(), 1);
		assert_eq!(Documents::documents_of(ASSET, None, 10).len(), 2);
	});
}

#[test]
fn register_should_refuse_who_does_not_own_the_asset() {
	ExtBuilder::default().build_and_execute(|| {
		let register = |who, asset| {
			let (kind, end) = (DocumentKind::Image, Now::get() + TERM);
			Documents::register_document(by(who), asset, kind, end, files(0, SIZE))
		};
		assert_noop!(register(BYSTANDER, ASSET), Error::<Test>::NotAssetOwner);
		assert_noop!(register(OWNER, ASSET + 1), Error::<Test>::NotAssetOwner);
		let root = RuntimeOrigin::root();
		let files = files(0, SIZE);
		assert_noop!(
			Documents::register_document(root, ASSET, DocumentKind::Image, TERM, files),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn register_should_refuse_terms_that_are_too_short_or_too_long() {
	ExtBuilder::default().build_and_execute(|| {
		let now = Now::get();
		assert_noop!(register_until(0), Error::<Test>::TermTooShort);
		assert_noop!(register_until(now + MinTerm::get() - 1), Error::<Test>::TermTooShort);
		assert_noop!(register_until(now + MaxTerm::get() + 1), Error::<Test>::TermTooLong);
		assert_ok!(register_until(now + MinTerm::get()));
	});
}

#[test]
fn register_should_refuse_files_that_can_not_be_kept_or_proven() {
	ExtBuilder::default().build_and_execute(|| {
		let good = files(0, SIZE);
		let with = |spoil: fn(&mut File)| {
			let mut files = good;
			spoil(&mut files[2]);
			files
		};
		let too_small = with(|file| file.size = 4_095);
		assert_noop!(register(too_small), Error::<Test>::ReplicaTooSmall);
		let too_large = with(|file| file.size = (1 << 24) + 1);
		assert_noop!(register(too_large), Error::<Test>::ReplicaTooLarge);
		// A node where one leaf is all, and a leaf where there has to be a node.
		let one_leaf = with(|file| file.size = 4_096);
		assert_noop!(register(one_leaf), Error::<Test>::WrongCodec);
		let raw = with(|file| file.cid = Cid::new(Codec::Raw, [1; 32]));
		assert_noop!(register(raw), Error::<Test>::WrongCodec);
		assert_ok!(register(good));
		assert_ok!(register(files(1, 4_096)));
	});
}

#[test]
fn register_should_refuse_files_that_are_not_distinct() {
	ExtBuilder::default().build_and_execute(|| {
		let [one, two, three] = files(0, SIZE);
		assert_noop!(register([one, two, one]), Error::<Test>::CidTwice);
		assert_ok!(register([one, two, three]));
		let [four, five, _] = files(1, SIZE);
		assert_noop!(register([four, three, five]), Error::<Test>::CidTaken);
		// Free again when the document is gone.
		assert_ok!(Documents::remove_document(by(OWNER), 0));
		assert!(!Cids::<Test>::contains_key(three.cid, OWNER));
		assert_ok!(register([four, three, five]));
	});
}

#[test]
fn register_should_refuse_what_the_owner_can_not_pay() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Balances::transfer(
			&OWNER,
			&BYSTANDER,
			ENDOWMENT - STORAGE - REPAIR,
			Preservation::Preserve
		));
		assert_noop!(register(files(0, SIZE)), TokenError::FundsUnavailable);
		StoragePrice::set(u128::MAX);
		assert_noop!(register(files(0, SIZE)), ArithmeticError::Overflow);
		assert_eq!(Documents::quote([SIZE; 3], TERM), None);
	});
}

#[test]
fn register_should_never_use_a_number_twice() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(publish(), 0);
		assert_ok!(Documents::remove_document(by(OWNER), 0));
		assert_eq!(publish(), 1);
		crate::NextDocument::<Test>::put(DocumentId::MAX);
		assert_noop!(register(files(5, SIZE)), ArithmeticError::Overflow);
	});
}

#[test]
fn renew_should_hold_what_the_time_costs() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		let expires_at = stored(id).expires_at + 500;
		assert_ok!(Documents::renew_document(by(OWNER), id, expires_at));
		let (added, funds) = (3 * LEAVES * 500 * 2, STORAGE + REPAIR + 3 * LEAVES * 500 * 2);
		let price = 2;
		assert_eq!(
			last_event(),
			Event::DocumentRenewed { document: id, expires_at, price, added, funds }
		);
		assert_eq!(held(HoldReason::Storage, OWNER), funds);
		assert_eq!(stored(id).expires_at, expires_at);
	});
}

#[test]
fn renew_should_use_what_was_topped_up_or_not_earned() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		assert_ok!(Documents::top_up(by(BYSTANDER), id, 10_000));
		let expires_at = stored(id).expires_at + 500;
		assert_ok!(Documents::renew_document(by(OWNER), id, expires_at));
		assert_eq!(held(HoldReason::Storage, OWNER), STORAGE + REPAIR + 3 * LEAVES * 500 * 2);

		// No node has been drawn for a while, and nobody earned anything: the next days are paid.
		DrawDelay::set(1);
		run_for(1);
		let before = held(HoldReason::Storage, OWNER);
		assert_ok!(Documents::renew_document(by(OWNER), id, expires_at + 1));
		assert_eq!(held(HoldReason::Storage, OWNER), before);
	});
}

#[test]
fn renew_should_ask_for_the_price_of_today() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		StoragePrice::set(3);
		let expires_at = stored(id).expires_at + 1;
		assert_ok!(Documents::renew_document(by(OWNER), id, expires_at));
		assert_eq!(stored(id).price, 3);
		let storage = 3 * LEAVES * (u128::from(TERM) + 101) * 3;
		assert_eq!(held(HoldReason::Storage, OWNER), storage + REPAIR);
		// A lower one is good for the owner later, and gives nothing back at once.
		StoragePrice::set(1);
		assert_ok!(Documents::renew_document(by(OWNER), id, expires_at + 1));
		assert_eq!(held(HoldReason::Storage, OWNER), storage + REPAIR);
		assert_eq!(stored(id).price, 1);
	});
}

#[test]
fn renew_should_refuse_others_and_times_that_make_no_sense() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		let end = stored(id).expires_at;
		let renew = |who, at| Documents::renew_document(by(who), id, at);
		assert_noop!(renew(BYSTANDER, end + 1), Error::<Test>::NotOwner);
		assert_noop!(renew(OWNER, end), Error::<Test>::NotLonger);
		assert_noop!(renew(OWNER, Now::get() + MaxTerm::get() + 1), Error::<Test>::TermTooLong);
		assert_noop!(
			Documents::renew_document(by(OWNER), 9, end + 1),
			Error::<Test>::UnknownDocument
		);
		run_for(TERM + 20);
		assert_noop!(renew(OWNER, Now::get() + 9), Error::<Test>::TermTooShort);
	});
}

#[test]
fn anybody_should_top_up_a_document_for_its_owner() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		assert_ok!(Documents::top_up(by(BYSTANDER), id, 700));
		let funds = STORAGE + REPAIR + 700;
		assert_eq!(
			last_event(),
			Event::ToppedUp { document: id, from: BYSTANDER, amount: 700, funds }
		);
		assert_eq!(held(HoldReason::Storage, OWNER), funds);
		assert_eq!(free(BYSTANDER), ENDOWMENT - 700);
		assert_eq!(Documents::document(id).unwrap().spare, REPAIR + 700);
	});
}

#[test]
fn top_up_should_refuse_what_is_nothing_or_not_there() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		let top_up = |amount| Documents::top_up(by(BYSTANDER), id, amount);
		assert_noop!(top_up(0), Error::<Test>::NoAmount);
		// The giver's account has to stay.
		assert_noop!(top_up(ENDOWMENT), TokenError::FundsUnavailable);
		assert_noop!(top_up(u128::MAX), ArithmeticError::Overflow);
		assert_noop!(Documents::top_up(by(BYSTANDER), 9, 1), Error::<Test>::UnknownDocument);
	});
}

#[test]
fn remove_should_give_back_what_nobody_earned() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, holders) = keep();
		run_answering(2 * ChallengePeriod::get(), &[1, 2, 3, 4, 5]);
		let due: u128 = (0..3).map(|replica| Documents::claimable(id, replica)).sum();
		assert!(due > 0);
		assert_ok!(Documents::remove_document(by(OWNER), id));
		let refund = STORAGE + REPAIR - due;
		assert_eq!(last_event(), Event::DocumentRemoved { document: id, refund, deposit: 500 });
		assert_eq!(free(OWNER), ENDOWMENT - due);
		assert_eq!(held(HoldReason::Storage, OWNER), 0);
		assert_eq!(held(HoldReason::Entries, OWNER), 0);
		assert_eq!(Documents::document(id), None);
		assert!(Documents::documents_of(ASSET, None, 10).is_empty());
		for node in holders {
			assert_eq!(node_entry(node).taken, 0);
			assert!(Documents::assignments(node, None, 10).is_empty());
		}
	});
}

#[test]
fn remove_should_pay_for_the_least_term_in_any_case() {
	ExtBuilder::default().build_and_execute(|| {
		MinTerm::set(100);
		let (id, holders) = keep();
		let left = stored(id).binding_until - Now::get();
		assert_eq!(left, 100 - draws());
		assert_ok!(Documents::remove_document(by(OWNER), id));
		let each = LEAVES * u128::from(left) * 2;
		for node in holders {
			assert_eq!(free(node), ENDOWMENT - 200 + each);
		}
		assert_eq!(free(OWNER), ENDOWMENT - 3 * each);
		// Nobody took this one, and nobody is paid.
		let id = publish();
		assert_ok!(Documents::remove_document(by(OWNER), id));
		assert_eq!(free(OWNER), ENDOWMENT - 3 * each);
	});
}

#[test]
fn remove_should_free_what_was_reserved() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		run_for(DrawDelay::get());
		let drawn = newcomer(id, 0).unwrap();
		assert_eq!(node_entry(drawn).assigned, SIZE);
		assert_ok!(Documents::remove_document(by(OWNER), id));
		assert_eq!(node_entry(drawn).assigned, 0);
		assert_eq!(crate::Due::<Test>::iter().count(), 0);
	});
}

#[test]
fn remove_should_refuse_others() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		let remove = |who, id| Documents::remove_document(by(who), id);
		assert_noop!(remove(BYSTANDER, id), Error::<Test>::NotOwner);
		assert_noop!(remove(OWNER, 9), Error::<Test>::UnknownDocument);
		assert_eq!(stored(id).stage, Stage::New);
	});
}

#[test]
fn an_owner_should_be_let_announce_as_many_documents_as_it_has() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Allowances::allowed(&OWNER), 0);
		let first = publish();
		assert_eq!(Allowances::allowed(&OWNER), 1);
		publish();
		assert_eq!(Allowances::allowed(&OWNER), 2);
		assert_noop!(register([files(7, SIZE)[0]; 3]), Error::<Test>::CidTwice);
		assert_eq!(Allowances::allowed(&OWNER), 2);
		assert_ok!(Documents::remove_document(by(OWNER), first));
		assert_eq!(Allowances::allowed(&OWNER), 1);
		// Removed because its time is over.
		run_to(stored(1).expires_at + Grace::get());
		assert_eq!(Documents::document(1), None);
		assert_eq!(Allowances::allowed(&OWNER), 0);
	});
}

#[test]
fn whoever_registers_should_pay_for_the_draws_that_follow() {
	ExtBuilder::default().build_and_execute(|| {
		let weight = |call: Call<Test>| call.get_dispatch_info().call_weight;
		let (draw, refuse) =
			(<() as WeightInfo>::draw_replica(), <() as WeightInfo>::refuse_late());
		let draws = |count: u64| draw.saturating_add(refuse).saturating_mul(count);
		let (asset, kind, expires_at) = (ASSET, DocumentKind::Title, TERM);
		let files = files(0, SIZE);
		let placing = draws(3 * u64::from(MaxTries::get()))
			.saturating_add(<() as WeightInfo>::draw_repairers());
		assert_eq!(
			weight(Call::register_document { asset, kind, expires_at, files }),
			<() as WeightInfo>::register_document().saturating_add(placing)
		);
		assert_eq!(
			weight(Call::draw_again { document: 0 }),
			<() as WeightInfo>::draw_again().saturating_add(draws(3))
		);
		let renewing = <() as WeightInfo>::renew_document();
		assert_eq!(
			weight(Call::renew_document { document: 0, expires_at }),
			renewing.saturating_add(draws(3))
		);
		// What isn't needed is given back.
		let (id, _) = keep();
		let at = stored(id).expires_at + 1;
		let info = Documents::renew_document(by(OWNER), id, at).unwrap();
		assert_eq!(info.actual_weight, Some(renewing));
	});
}

#[test]
fn nobody_should_keep_others_from_registering_by_overtaking_them() {
	ExtBuilder::default().build_and_execute(|| {
		let files = files(0, SIZE);
		Owners::mutate(|owners| owners.insert(2, BYSTANDER));
		let (kind, end) = (DocumentKind::Title, Now::get() + TERM);
		assert_ok!(Documents::register_document(by(BYSTANDER), 2, kind, end, files));
		assert_ok!(register(files));
		assert_eq!(Documents::document_of(files[0].cid, OWNER), Some((1, 0)));
		let mut all = Documents::documents_with(files[0].cid);
		all.sort_unstable();
		assert_eq!(all, [(OWNER, 1, 0), (BYSTANDER, 0, 0)]);
		assert_noop!(register(files), Error::<Test>::CidTaken);
		// What one removes is still the other's.
		assert_ok!(Documents::remove_document(by(BYSTANDER), 0));
		assert_eq!(Documents::documents_with(files[0].cid), [(OWNER, 1, 0)]);
		assert_eq!(Documents::document_of(files[0].cid, BYSTANDER), None);
	});
}

#[test]
fn remove_should_not_pay_the_least_term_to_who_has_not_proven() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		MinTerm::set(500);
		let (id, _) = keep();
		// Two answer, the third does not.
		run_answering(ChallengePeriod::get() + ChallengeTime::get() + 1, &[1, 2]);
		let before = free(3);
		assert_ok!(Documents::remove_document(by(OWNER), id));
		assert_eq!(free(3), before);
		assert!(free(1) > ENDOWMENT && free(2) > ENDOWMENT);
	});
}
