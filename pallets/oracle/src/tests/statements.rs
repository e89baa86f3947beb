//! Who may say what, and who tries in vain.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	traits::Authorize,
};
use rwa_primitives::{
	app_key::Role,
	device::DeviceKey,
	feed::{Batch, Evidence, MeasurementRef, Observation, Statement, Word, MAX_STATEMENTS},
	reading::{Angle, Reading},
};
use sp_core::{Pair, H256};
use sp_runtime::{
	traits::{Checkable, IdentityLookup},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
	BoundedVec, DispatchError,
};

use crate::{
	mock::*, DutyState, Error, Event, Phase, WeightInfo, BAD_BATCH, NOTHING_COMMITTED,
	OUT_OF_BOUNDS, WRONG_REVEAL,
};

/// Neither the pool nor a block takes the batch, and for which reasons.
#[track_caller]
fn assert_refused(batch: Signed, by_pool: InvalidTransaction, by_block: Error<Test>) {
	assert_eq!(authorize(batch.clone()), Err(TransactionValidityError::Invalid(by_pool)));
	assert_noop!(dispatch(batch), by_block);
}

/// The same of one statement of `account`'s.
#[track_caller]
fn assert_word_refused(
	account: Account,
	statement: Statement,
	by_pool: InvalidTransaction,
	by_block: Error<Test>,
) {
	assert_refused(signed(account, [statement]), by_pool, by_block);
}

fn state_of(account: Account) -> DutyState {
	Oracle::open_round(FEED).unwrap().duty_of(&account).unwrap().state.clone()
}

#[test]
fn a_reporter_should_commit_once_and_reveal_once() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		System::reset_events();
		commit(1, round, 2_135);
		assert_eq!(events(), [Event::Committed { feed: FEED, round, reporter: 1 }]);
		assert_eq!(state_of(1), DutyState::Committed(commitment(1, round, 2_135)));
		let again = to_commit(1, round, 2_136);
		assert_word_refused(1, again, InvalidTransaction::Stale, Error::AlreadySpoken);

		(2..=3).for_each(|account| commit(account, round, 2_000));
		abstain(4, round);
		to_reveal();
		System::reset_events();
		reveal(1, round, 2_135);
		let observation = observe(2_135);
		let revealed = Event::Revealed { feed: FEED, round, reporter: 1, observation };
		assert_eq!(events(), [revealed]);
		assert_eq!(state_of(1), DutyState::Revealed(observe(2_135)));
		let again = to_reveal_value(1, round, 2_135);
		assert_word_refused(1, again, InvalidTransaction::Stale, Error::AlreadySpoken);
	});
}

#[test]
fn whoever_abstains_should_have_spoken() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		System::reset_events();
		abstain(1, round);
		assert_eq!(events(), [Event::Abstained { feed: FEED, round, reporter: 1 }]);
		let stale = InvalidTransaction::Stale;
		assert_word_refused(1, to_commit(1, round, 1), stale, Error::AlreadySpoken);
		assert_word_refused(1, statement(round, Word::Abstain), stale, Error::AlreadySpoken);
		// Nor can what was committed to be taken back.
		commit(2, round, 1);
		assert_word_refused(2, statement(round, Word::Abstain), stale, Error::AlreadySpoken);
	});
}

#[test]
fn a_copied_commitment_should_be_of_no_use() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		commit(1, round, 2_000);
		commit(2, round, 2_000);
		commit(3, round, 2_000);
		// 4 has not measured. It takes 1's commitment for its own, and learns the reading and salt.
		say(4, statement(round, Word::Commit(commitment(1, round, 2_000))));
		to_reveal();
		reveal(1, round, 2_000);
		let copied = to_reveal_value(1, round, 2_000);
		assert_word_refused(
			4,
			copied,
			InvalidTransaction::Custom(WRONG_REVEAL),
			Error::WrongReveal,
		);
	});
}

#[test]
fn nothing_but_what_was_committed_to_should_be_revealed() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		(1..=4).for_each(|account| commit(account, round, 2_000));
		to_reveal();
		let refused = |statement| {
			let by_pool = InvalidTransaction::Custom(WRONG_REVEAL);
			assert_word_refused(1, statement, by_pool, Error::WrongReveal);
		};
		refused(to_reveal_value(1, round, 2_001));
		// Another salt.
		let observation = observe(2_000);
		refused(statement(round, Word::Reveal { observation, salt: salt(2) }));
		// Another measurement as evidence of the same reading.
		let evidence = Evidence::Measurement(MeasurementRef {
			device: DeviceKey::Ed25519([1; 32].into()),
			counter: 1,
			digest: H256::zero(),
		});
		refused(to_reveal_observation(
			1,
			round,
			Observation { evidence: Some(evidence), ..observe(2_000) },
		));
	});
}

#[test]
fn a_commitment_should_count_in_one_round_of_one_feed_on_one_chain() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let (observation, salt) = (observe(2_000), salt(1));
		let made = |genesis: &H256, feed, round| {
			observation.commitment(genesis, feed, round, &1u64, &salt)
		};
		// Each in a round of its own; only the first is for another round than it is used in.
		for foreign in [
			made(&genesis_hash(), &FEED, round),
			made(&genesis_hash(), &other_feed(1), round + 2),
			made(&H256::zero(), &FEED, round + 3),
			observation.commitment(&genesis_hash(), &FEED, round + 4, &2u64, &salt),
		] {
			let round = open_next_round();
			say(1, statement(round, Word::Commit(foreign)));
			(2..=4).for_each(|account| commit(account, round, 2_000));
			to_reveal();
			assert_word_refused(
				1,
				to_reveal_value(1, round, 2_000),
				InvalidTransaction::Custom(WRONG_REVEAL),
				Error::WrongReveal,
			);
			to_end();
		}
	});
}

#[test]
fn words_in_the_wrong_phase_should_be_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		(1..=3).for_each(|account| commit(account, round, 2_000));
		let early = to_reveal_value(1, round, 2_000);
		assert_word_refused(1, early, InvalidTransaction::Future, Error::RevealTooEarly);
		to_reveal();
		let stale = InvalidTransaction::Stale;
		assert_word_refused(4, to_commit(4, round, 2_000), stale, Error::CommitTooLate);
		assert_word_refused(4, statement(round, Word::Abstain), stale, Error::CommitTooLate);
	});
}

#[test]
fn whoever_committed_to_nothing_should_reveal_nothing() {
	ExtBuilder::default().reporters(5).build_and_execute(|| {
		let round = open_next_round();
		(1..=4).for_each(|account| commit(account, round, 2_000));
		abstain(5, round);
		to_reveal();
		let refused = |account| {
			let by_pool = InvalidTransaction::Custom(NOTHING_COMMITTED);
			let statement = to_reveal_value(account, round, 2_000);
			assert_word_refused(account, statement, by_pool, Error::NothingCommitted);
		};
		refused(5);
		(1..=4).for_each(|account| reveal(account, round, 2_000));

		let round = open_next_round();
		(1..=4).for_each(|account| commit(account, round, 2_000));
		to_reveal();
		assert_word_refused(
			5, // Was silent.
			to_reveal_value(5, round, 2_000),
			InvalidTransaction::Custom(NOTHING_COMMITTED),
			Error::NothingCommitted,
		);
	});
}

#[test]
fn impossible_readings_should_not_be_revealed() {
	ExtBuilder::default().build_and_execute(|| {
		for value in [i128::MIN, -5_001, 10_001, i128::MAX] {
			let round = open_next_round();
			(1..=3).for_each(|account| commit(account, round, 2_000));
			commit(4, round, value);
			to_reveal();
			let by_pool = InvalidTransaction::Custom(OUT_OF_BOUNDS);
			assert_word_refused(4, to_reveal_value(4, round, value), by_pool, Error::OutOfBounds);
			to_end();
		}
		// Nor one of another kind.
		let round = open_next_round();
		let reading = Reading::Angle(Angle::new(1).unwrap());
		let odd = Observation { reading, evidence: None };
		let hidden = odd.commitment(&genesis_hash(), &FEED, round, &4u64, &salt(4));
		(1..=3).for_each(|account| commit(account, round, 2_000));
		say(4, statement(round, Word::Commit(hidden)));
		to_reveal();
		let by_pool = InvalidTransaction::Custom(OUT_OF_BOUNDS);
		assert_word_refused(4, to_reveal_observation(4, round, odd), by_pool, Error::OutOfBounds);
	});
}

#[test]
fn words_in_rounds_that_are_not_open_should_be_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let (future, stale) = (InvalidTransaction::Future, InvalidTransaction::Stale);
		assert_word_refused(1, to_commit(1, 1, 0), future, Error::RoundNotYetOpen);
		let round = open_next_round();
		assert_word_refused(1, to_commit(1, round + 1, 0), future, Error::RoundNotYetOpen);
		assert_word_refused(1, to_commit(1, round - 1, 0), stale, Error::RoundNotOpen);
		report_all(round, &[1, 2, 3, 4]);
		assert_word_refused(1, to_reveal_value(1, round, 1), stale, Error::RoundNotOpen);
	});
}

#[test]
fn words_about_feeds_that_do_not_exist_should_be_refused() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let stale = InvalidTransaction::Stale;
		assert_word_refused(1, to_commit(1, 1, 0), stale, Error::UnknownFeed);
	});
}

#[test]
fn words_after_the_deadline_should_be_refused_though_the_agenda_is_late() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		(1..=3).for_each(|account| commit(account, round, 1));
		run_to(Now::get() + COMMIT_TIME - 1);
		// The deadline passes, but the agenda has not come to this feed.
		Now::mutate(|now| *now += 1);
		let stale = InvalidTransaction::Stale;
		assert_word_refused(4, to_commit(4, round, 1), stale, Error::RoundNotOpen);
		Now::mutate(|now| *now -= 1);

		to_reveal();
		run_to(Now::get() + REVEAL_TIME - 1);
		Now::mutate(|now| *now += 1);
		assert_word_refused(1, to_reveal_value(1, round, 1), stale, Error::RoundNotOpen);
		Now::mutate(|now| *now -= 1);
	});
}

#[test]
fn a_rotated_key_should_not_speak_a_second_time() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		commit(1, round, 1);
		// Account 1 replaces its key by the one of seed 50.
		Operators::mutate(|keys| {
			keys.remove(&key(1));
			keys.insert(key(50), (1, Role::Oracle));
		});
		let by_new_key = |statement: Statement| {
			let statements = BoundedVec::truncate_from(vec![statement]);
			sign(50, Batch { key: key(50), statements })
		};
		let again = by_new_key(to_commit(1, round, 2));
		assert_refused(again, InvalidTransaction::Stale, Error::AlreadySpoken);
		let by_old_key = signed(1, [to_commit(1, round, 2)]);
		assert_refused(by_old_key, InvalidTransaction::BadSigner, Error::NotAnOracle);

		// The new key reveals what the old one committed to.
		(2..=4).for_each(|account| commit(account, round, 2));
		to_reveal();
		assert_ok!(dispatch(by_new_key(to_reveal_value(1, round, 1))));
	});
}

#[test]
fn only_active_oracles_should_speak() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let refused = |account| {
			let batch = signed(account, [to_commit(account, round, 0)]);
			assert_refused(batch, InvalidTransaction::BadSigner, Error::NotAnOracle);
		};
		refused(77); // Registered nothing.
		register(1, Role::Validator);
		refused(1);
		Inactive::mutate(|inactive| inactive.insert(2));
		refused(2);
		Inactive::mutate(|inactive| inactive.remove(&2));
		commit(2, round, 0);
	});
}

#[test]
fn only_those_who_were_drawn_should_speak() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let bad = InvalidTransaction::BadSigner;
		assert_word_refused(STRANGER, to_commit(STRANGER, round, 0), bad, Error::NotDrawn);
		// Having joined, the stranger may be drawn for the next round.
		join(STRANGER, FEED);
		assert_word_refused(STRANGER, to_commit(STRANGER, round, 0), bad, Error::NotDrawn);
		let round = open_next_round();
		commit(STRANGER, round, 0);
	});
}

#[test]
fn signatures_should_bind_every_word_of_the_batch() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let refused =
			|batch| assert_refused(batch, InvalidTransaction::BadProof, Error::BadSignature);
		let batch = || signed(1, [to_commit(1, round, 100)]).0;

		// The relay changes the word.
		let (mut changed, signature) = signed(1, [to_commit(1, round, 100)]);
		changed.statements[0].word = Word::Abstain;
		refused((changed, signature));

		// Signed by somebody else's key.
		refused((batch(), sign(2, batch()).1));

		// Signed for another chain.
		refused((batch(), pair(1).sign(&batch().signing_payload(&H256::zero()))));

		// The bare batch, without the domain.
		refused((batch(), pair(1).sign(&codec::Encode::encode(&batch()))));

		// Signed for an earlier round, or another feed.
		let earlier = signed(1, [to_commit(1, round - 1, 100)]).1;
		refused((batch(), earlier));
		let elsewhere = Statement { feed: other_feed(1), ..to_commit(1, round, 100) };
		refused((batch(), signed(1, [elsewhere]).1));
	});
}

#[test]
fn only_authorised_transactions_should_carry_batches() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		for origin in [root(), by(1), RuntimeOrigin::none()] {
			let (batch, signature) = signed(1, [to_commit(1, round, 0)]);
			assert_noop!(Oracle::submit(origin, batch, signature), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn a_batch_should_speak_about_several_feeds_in_different_phases() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		(1..=4).for_each(|account| commit(account, round, 100));
		to_reveal();
		let other = other_feed(2);
		create_other(other);
		to_next_block();
		System::reset_events();
		let elsewhere = Statement { feed: other, ..statement(1, Word::Abstain) };
		let batch = signed(1, [to_reveal_value(1, round, 100), elsewhere]);
		let provides = authorize(batch.clone()).unwrap().provides;
		assert_eq!(provides.len(), 2);
		assert_ok!(dispatch(batch));
		assert_eq!(
			events(),
			[
				Event::Revealed { feed: FEED, round, reporter: 1, observation: observe(100) },
				Event::Abstained { feed: other, round: 1, reporter: 1 },
			]
		);
	});
}

#[test]
fn one_bad_statement_should_refuse_the_whole_batch() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let elsewhere = Statement { feed: other_feed(9), ..to_commit(1, 1, 0) };
		let batch = signed(1, [to_commit(1, round, 100), elsewhere]);
		assert_refused(batch, InvalidTransaction::Stale, Error::UnknownFeed);
		assert_eq!(state_of(1), DutyState::Silent);
	});
}

#[test]
fn a_batch_should_speak_once_about_each_feed() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let bad = InvalidTransaction::Custom(BAD_BATCH);
		assert_refused(signed(1, []), bad, Error::EmptyBatch);
		let twice = signed(1, [to_commit(1, round, 1), to_commit(1, round, 2)]);
		assert_refused(twice, bad, Error::FeedTwice);
	});
}

#[test]
fn the_pool_should_keep_one_word_per_reporter_round_and_phase() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		run_to(Now::get() + 5);
		let first = authorize(signed(1, [to_commit(1, round, 1)])).unwrap();
		assert_eq!(
			first,
			ValidTransaction::with_tag_prefix("rwa/oracle")
				.priority(ReportPriority::get())
				.and_provides((FEED, round, 1u64, Phase::Commit))
				.longevity(u64::from(COMMIT_TIME - 5))
				.propagate(true)
				.build()
				.unwrap()
		);
		// Another word, and another key of the same account, provide the same.
		let other = authorize(signed(1, [statement(round, Word::Abstain)])).unwrap();
		assert_eq!(other.provides, first.provides);
		Operators::mutate(|keys| keys.insert(key(50), (1, Role::Oracle)));
		let statements = BoundedVec::truncate_from(vec![to_commit(1, round, 2)]);
		let rotated = sign(50, Batch { key: key(50), statements });
		assert_eq!(authorize(rotated).unwrap().provides, first.provides);
		let of_2 = authorize(signed(2, [to_commit(2, round, 1)])).unwrap();
		assert_ne!(of_2.provides, first.provides);

		// What was committed to is a word of its own.
		(1..=4).for_each(|account| commit(account, round, 1));
		to_reveal();
		let revealed = authorize(signed(1, [to_reveal_value(1, round, 1)])).unwrap();
		assert_ne!(revealed.provides, first.provides);
	});
}

#[test]
fn a_batch_should_live_as_long_as_its_first_deadline() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		run_to(Now::get() + 4);
		create_other(other_feed(2));
		to_next_block();
		let later = Statement { feed: other_feed(2), ..statement(1, Word::Abstain) };
		let batch = signed(1, [later, to_commit(1, round, 1)]);
		assert_eq!(authorize(batch).unwrap().longevity, u64::from(COMMIT_TIME - 5));
	});
}

#[test]
fn batches_should_cost_no_fee_and_weigh_what_they_hold() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let batch = signed(1, [to_commit(1, round, 0)]);
		let info = call(batch.clone()).get_dispatch_info();
		assert_eq!(info.pays_fee, Pays::No);
		assert_eq!(info.call_weight, <() as WeightInfo>::submit(1));
		let weighed = call(batch.clone()).weight_of_authorize();
		assert_eq!(weighed, <() as WeightInfo>::authorize_submit(1));
		assert_eq!(dispatch(batch).unwrap().pays_fee, Pays::No);

		let about = |asset| Statement { feed: other_feed(asset), ..statement(1, Word::Abstain) };
		let full = signed(1, (0..MAX_STATEMENTS).map(about));
		let weight = call(full).get_dispatch_info().call_weight;
		assert_eq!(weight, <() as WeightInfo>::submit(MAX_STATEMENTS));

		// With an alarm among them, the dearer of both.
		for words in [0, MAX_STATEMENTS - 1] {
			let alarm = Statement { feed: other_feed(words), ..statement(1, Word::Alarm) };
			let mixed = signed(1, (0..words).map(about).chain([alarm]));
			let weight = call(mixed).get_dispatch_info().call_weight;
			let (as_words, as_alarms) = (
				<() as WeightInfo>::submit(words + 1),
				<() as WeightInfo>::submit_alarms(words + 1),
			);
			assert_eq!(weight, as_words.max(as_alarms));
		}
	});
}

#[test]
fn a_batch_should_pass_through_the_transaction_extension_that_authorises_it() {
	use frame_system::offchain::CreateAuthorizedTransaction;
	use sp_runtime::traits::Applyable;

	fn create_authorized_transaction(call: RuntimeCall) -> Extrinsic {
		<Test as CreateAuthorizedTransaction<crate::Call<Test>>>::create_authorized_transaction(
			call,
		)
	}

	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let apply = |batch| {
			let call = call(batch);
			let info = call.get_dispatch_info();
			let transaction: Extrinsic = create_authorized_transaction(call);
			let checked = transaction.check(&IdentityLookup::<u64>::default()).unwrap();
			checked.validate::<Test>(TransactionSource::External, &info, 0)?;
			checked.apply::<Test>(&info, 0)
		};
		assert_ok!(apply(signed(1, [to_commit(1, round, 7)])).unwrap());
		assert_eq!(state_of(1), DutyState::Committed(commitment(1, round, 7)));

		let (mut forged, signature) = signed(2, [to_commit(2, round, 7)]);
		forged.statements[0].word = Word::Abstain;
		assert_eq!(
			apply((forged, signature)).unwrap_err(),
			TransactionValidityError::Invalid(InvalidTransaction::BadProof)
		);
		assert_eq!(state_of(2), DutyState::Silent);
	});
}

#[test]
fn only_batches_can_be_authorised() {
	ExtBuilder::default().build_and_execute(|| {
		let pause: RuntimeCall = crate::Call::pause_feed { id: FEED }.into();
		assert!(pause.authorize(TransactionSource::External).is_none());
	});
}
