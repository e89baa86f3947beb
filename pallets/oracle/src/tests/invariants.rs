//! `try_state` notices each invariant that is broken, by its number.

use frame_support::traits::{
	fungible::{MutateHold, UnbalancedHold},
	tokens::Precision,
};

use crate::{
	mock::*, Agenda, AgendaCursor, Answers, Budgets, Departed, Due, DutyState, EarlyRounds,
	Failures, Feeds, FeedsOf, History, HoldReason, LastRound, Record, Records, Rounds, Testimonies,
	TestimoniesIn, Watches,
};

/// In a chain with an answer and an open round, `spoil` breaks the invariant that the error begins with.
#[track_caller]
fn assert_broken(number: &str, spoil: impl FnOnce()) {
	ExtBuilder::default().reporters(5).build().execute_with(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3, 4]);
		let round = open_next_round();
		commit(1, round, 5);
		assert_breaks(number, spoil);
	});
}

/// The same in a chain whose next round can be called, or was requested.
#[track_caller]
fn assert_broken_between(number: &str, requested: bool, spoil: impl FnOnce()) {
	ExtBuilder::default().reporters(5).build().execute_with(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3, 4, 5]);
		run_to(Watches::<Test>::get(FEED).unwrap().since);
		say(1, statement(round + 1, rwa_primitives::feed::Word::Alarm));
		if requested {
			frame_support::assert_ok!(Oracle::request_round(by(BYSTANDER), FEED));
		}
		assert_breaks(number, spoil);
	});
}

#[track_caller]
fn assert_breaks(number: &str, spoil: impl FnOnce()) {
	assert_eq!(Oracle::do_try_state(), Ok(()));
	spoil();
	let error = Oracle::do_try_state().expect_err("it is broken");
	let sp_runtime::TryRuntimeError::Other(message) = error else { panic!("{error:?}") };
	assert!(message.starts_with(&format!("{number}: ")), "{message}");
}

fn change_watch(change: impl FnOnce(&mut crate::WatchOf<Test>)) {
	Watches::<Test>::mutate(FEED, |watch| change(watch.as_mut().unwrap()));
}

fn change_early(change: impl FnOnce(&mut crate::EarlyRoundOf<Test>)) {
	EarlyRounds::<Test>::mutate(FEED, |early| change(early.as_mut().unwrap()));
}

fn change_feed(change: impl FnOnce(&mut crate::FeedOf<Test>)) {
	Feeds::<Test>::mutate(FEED, |feed| change(feed.as_mut().unwrap()));
}

fn change_round(change: impl FnOnce(&mut crate::RoundOf<Test>)) {
	Rounds::<Test>::mutate(FEED, |round| change(round.as_mut().unwrap()));
}

#[test]
fn feeds_are_checked() {
	assert_broken("O1", || change_feed(|feed| feed.spec.committee = 0));
	assert_broken("O1", || change_feed(|feed| feed.roster = accounts([1, 2, 3, 4, 5, 5])));
	assert_broken("O1", || change_feed(|feed| feed.admission = invited([1, 2, 3, 4])));
}

#[test]
fn rounds_are_checked() {
	assert_broken("O2", || LastRound::<Test>::insert(FEED, 7));
	assert_broken("O3", || {
		let round = Rounds::<Test>::get(FEED).unwrap();
		Rounds::<Test>::insert(other_feed(1), round);
	});
	assert_broken("O3", || Due::<Test>::remove(FEED));
	assert_broken("O3", || change_round(|round| round.deadline -= 1));
	assert_broken("O3", || {
		change_round(|round| round.schema = rwa_primitives::reading::Schema::Angle);
	});
	assert_broken("O3", || Budgets::<Test>::insert(FEED, 5 * REWARD - 1));
}

#[test]
fn duties_are_checked() {
	assert_broken("O4", || {
		change_round(|round| round.duties[0].reporter = round.duties[1].reporter)
	});
	assert_broken("O4", || change_round(|round| round.assigned += 1));
	assert_broken("O4", || {
		change_round(|round| {
			round.duties[0].weight += 200;
			round.assigned += 200;
		});
	});
	assert_broken("O4", || {
		change_round(|round| round.duties[0].state = DutyState::Revealed(observe(10_001)));
	});
}

#[test]
fn answers_are_checked() {
	assert_broken("O5", || {
		let answer = Answers::<Test>::get(FEED).unwrap();
		Answers::<Test>::insert(other_feed(1), answer);
	});
	assert_broken("O5", || {
		Answers::<Test>::mutate(FEED, |answer| answer.as_mut().unwrap().reports = 9);
	});
	assert_broken("O6", || {
		let history = History::<Test>::get(FEED);
		History::<Test>::insert(other_feed(1), history);
	});
	assert_broken("O6", || {
		History::<Test>::mutate(FEED, |history| {
			let answer = history[0].clone();
			history.try_push(answer).unwrap();
		});
	});
	assert_broken("O6", || {
		History::<Test>::mutate(FEED, |history| {
			let mut older = history[0].clone();
			older.round -= 1;
			older.block += 1;
			history.try_insert(0, older).unwrap();
		});
	});
	assert_broken("O6", || Failures::<Test>::insert(other_feed(1), 1));
	assert_broken("O6", || Failures::<Test>::insert(FEED, 0));
}

#[test]
fn the_mirror_of_the_rosters_is_checked() {
	assert_broken("O7", || FeedsOf::<Test>::remove(1));
	assert_broken("O7", || FeedsOf::<Test>::insert(STRANGER, FeedsOf::<Test>::get(1)));
	assert_broken("O7", || {
		FeedsOf::<Test>::insert(STRANGER, FeedsOf::<Test>::get(STRANGER));
	});
}

#[test]
fn the_agenda_is_checked() {
	assert_broken("O8", || Agenda::<Test>::insert(99, FEED, ()));
	// Nothing was ever revealed under that name.
	assert_broken("O8", || {
		Due::<Test>::insert(other_feed(1), 99);
		Agenda::<Test>::insert(99, other_feed(1), ());
	});
	assert_broken("O9", || AgendaCursor::<Test>::put(99));
}

#[test]
fn money_is_checked() {
	assert_broken("O10", || Budgets::<Test>::mutate(FEED, |budget| *budget -= 1));
	assert_broken("O10", || Budgets::<Test>::insert(other_feed(1), 1));
	assert_broken("O10", || {
		let reason = HoldReason::FeedBudget.into();
		Balances::release(&reason, &OWNER, 1, Precision::Exact).unwrap();
	});
	assert_broken("O11", || {
		let reason = HoldReason::FeedDeposit.into();
		Balances::increase_balance_on_hold(&reason, &OWNER, 1, Precision::Exact).unwrap();
	});
	assert_broken("O11", || change_feed(|feed| feed.deposit -= 1));
	assert_broken("O11", || change_feed(|feed| feed.admin = None));
}

#[test]
fn records_are_checked() {
	let slip = Record { rounds: 1, missed: 1, ..Default::default() };
	assert_broken("O12", || Records::<Test>::insert(other_feed(1), 1, slip));
	assert_broken("O12", || Records::<Test>::insert(FEED, STRANGER, slip));
	assert_broken("O12", || Records::<Test>::insert(FEED, 1, Record::default()));
	assert_broken("O12", || {
		let rounds = WindowRounds::get();
		Records::<Test>::insert(FEED, 1, Record { rounds, ..slip });
	});
	assert_broken("O12", || Departed::<Test>::insert(other_feed(1), accounts([1])));
	assert_broken("O12", || Departed::<Test>::insert(FEED, accounts([])));
	assert_broken("O12", || Departed::<Test>::insert(FEED, accounts([1])));
	assert_broken("O12", || Departed::<Test>::insert(FEED, accounts([STRANGER])));
	assert_broken("O12", || {
		Records::<Test>::insert(FEED, STRANGER, slip);
		Departed::<Test>::insert(FEED, accounts([STRANGER, STRANGER]));
	});
}

#[test]
fn watches_are_checked() {
	let broken = |spoil: &dyn Fn()| assert_broken_between("O13", false, spoil);
	broken(&|| {
		let watch = Watches::<Test>::get(FEED).unwrap();
		Watches::<Test>::insert(other_feed(1), watch);
	});
	broken(&|| {
		change_feed(|feed| feed.paused = true);
		Agenda::<Test>::remove(Due::<Test>::take(FEED).unwrap(), FEED);
	});
	broken(&|| {
		let watch = Watches::<Test>::get(FEED).unwrap();
		assert!(Oracle::request_round(by(BYSTANDER), FEED).is_ok());
		Watches::<Test>::insert(FEED, watch);
	});
	broken(&|| {
		Answers::<Test>::remove(FEED);
		History::<Test>::remove(FEED);
	});
	broken(&|| LastRound::<Test>::insert(FEED, 7));
	broken(&|| Failures::<Test>::insert(FEED, 1));
	broken(&|| change_watch(|watch| watch.due += 1));
	broken(&|| change_watch(|watch| watch.until = watch.since));
	broken(&|| change_watch(|watch| watch.until = watch.due));
	broken(&|| change_watch(|watch| watch.watchers[0].reporter = watch.watchers[1].reporter));
	broken(&|| change_watch(|watch| watch.watchers[0].weight += 1));
	broken(&|| change_watch(|watch| watch.watchers.iter_mut().for_each(|one| one.alarmed = true)));
}

#[test]
fn early_rounds_are_checked() {
	let broken = |spoil: &dyn Fn()| assert_broken_between("O14", true, spoil);
	broken(&|| {
		let early = EarlyRounds::<Test>::get(FEED).unwrap();
		EarlyRounds::<Test>::insert(other_feed(1), early);
	});
	broken(&|| change_early(|early| early.round += 1));
	broken(&|| {
		change_feed(|feed| feed.paused = true);
		Agenda::<Test>::remove(Due::<Test>::take(FEED).unwrap(), FEED);
	});
	broken(&|| change_early(|early| early.request.as_mut().unwrap().bond += 1));
	broken(&|| {
		let reason = HoldReason::RoundRequest.into();
		Balances::release(&reason, &BYSTANDER, 1, Precision::Exact).unwrap();
	});
	// Nor may it be another than the open one.
	assert_broken("O14", || {
		let early = crate::EarlyRound { round: 1, due: 1, request: None, shut: false, fee: 0 };
		EarlyRounds::<Test>::insert(FEED, early);
	});
}

#[test]
fn demands_are_checked() {
	assert_broken("O16", || {
		let demand = crate::Demand { feed: FEED, round: 1, challenger: OWNER, bond: 1, due_at: 9 };
		crate::Demands::<Test>::insert(1, sp_core::H256::zero(), demand);
	});
}

#[test]
fn testimonies_are_checked() {
	/// Of two rounds so far the second is open.
	fn keep(feed: rwa_primitives::feed::FeedId, round: u32, ended_at: u32, hashes: &[u8]) {
		let hashes: Vec<_> = hashes.iter().map(|byte| sp_core::H256::repeat_byte(*byte)).collect();
		let hashes = hashes.try_into().unwrap();
		TestimoniesIn::<Test>::insert(feed, round, Testimonies { ended_at, hashes });
	}
	ExtBuilder::default().build().execute_with(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3, 4]);
		keep(FEED, round, Now::get(), &[1, 2]);
		assert_eq!(Oracle::do_try_state(), Ok(()));
	});
	assert_broken("O15", || keep(other_feed(1), 1, 1, &[1]));
	assert_broken("O15", || keep(FEED, 3, 1, &[1]));
	assert_broken("O15", || keep(FEED, 2, 1, &[1]));
	assert_broken("O15", || keep(FEED, 1, Now::get() + 1, &[1]));
	assert_broken("O15", || keep(FEED, 1, 1, &[1, 1]));
	assert_broken("O15", || keep(FEED, 1, 1, &[]));
	assert_broken("O15", || {
		ProofRounds::set(1);
		keep(FEED, 1, 1, &[1]);
	});
}
