//! Rounds before their time, plugged together: watched by reporters, called by alarms or by money, and paid.

use crate::support::{
	account, all_succeed, chain, empty_blocks, next_block,
	oracle::{alarm, commit, join, register, reveal, spec, top_up, FEED, OPERATORS, REWARD},
	signed, sudo,
};
use frame_support::traits::{
	fungible::{Inspect, InspectHold},
	Get,
};
use pallet_rwa_oracle::{
	Admission, Call, Config, Error, Event, FeedSpec, FeedSpecOf, HoldReason, WatchOf,
};
use rwa_primitives::{
	feed::{AnswerStatus, RoundIndex, Value},
	reading::Reading,
	traits::WorkingTime,
	Balance,
};
use rwa_runtime::{
	AccountId, Balances, Clock, Oracle, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason,
	System, Treasury, RWA,
};

/// Who calls rounds by money. It has no part in the feed.
const REQUESTER: &str = "//Eve";
/// Blocks from round to round, if nobody calls one early.
const HEARTBEAT: u32 = 120;
const BUDGET: Balance = 100 * RWA;

fn unhurried() -> FeedSpecOf<Runtime> {
	FeedSpec { heartbeat: HEARTBEAT, max_age: 2 * HEARTBEAT, ..spec(20) }
}

/// A chain with a feed of the four operators that has just said 21.30 °C.
fn after_an_answer(test: impl FnOnce()) {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		all_succeed(OPERATORS.map(register).to_vec());
		let call = Call::create_feed { id: FEED, spec: unhurried(), admission: Admission::Open };
		// In one block with the creation, so that everybody has joined when the first round opens.
		let mut calls = vec![sudo(RuntimeCall::Oracle(call))];
		calls.extend(OPERATORS.map(join));
		calls.push(top_up("//Bob", BUDGET));
		all_succeed(calls);
		answer(1, 2_130);
		test();
	});
}

/// Round `round` opens, all report `value`, and it closes.
fn answer(round: RoundIndex, value: Value) {
	while Oracle::open_round(FEED).is_none() {
		empty_blocks(1);
	}
	all_succeed(OPERATORS.map(|who| commit(who, round, value)).to_vec());
	empty_blocks(1);
	all_succeed(OPERATORS.map(|who| reveal(who, round, value)).to_vec());
	empty_blocks(1);
	let latest = Oracle::latest(FEED).expect("they agree");
	assert_eq!((latest.round, latest.reading), (round, Reading::Scalar(value)));
	assert_eq!(latest.status, AnswerStatus::Fresh);
}

/// The next round can be called now. Gives who watches.
fn until_callable() -> WatchOf<Runtime> {
	let watch = Oracle::watch(FEED).expect("a feed with an answer is watched");
	while now() < watch.since {
		empty_blocks(1);
	}
	watch
}

fn now() -> u32 {
	<Clock as WorkingTime<u32>>::now()
}

fn request() {
	all_succeed(vec![signed(REQUESTER, Call::<Runtime>::request_round { id: FEED })]);
}

fn is_event(wanted: Event<Runtime>) -> bool {
	System::events().iter().any(|record| record.event == RuntimeEvent::Oracle(wanted.clone()))
}

fn bond() -> Balance {
	<<Runtime as Config>::RequestBond as Get<Balance>>::get()
}

/// What a feed pays for each of `reporters` that are drawn and accepted.
fn price(reporters: u32) -> Balance {
	let fee = <<Runtime as Config>::DutyFee as Get<Balance>>::get();
	Balance::from(reporters) * (REWARD + fee)
}

fn put_up() -> Balance {
	let reason = RuntimeHoldReason::Oracle(HoldReason::RoundRequest);
	Balances::balance_on_hold(&reason, &account(REQUESTER))
}

/// What everybody who has to do with the feed has, held or not. Nothing that they do with each other changes the sum.
struct Purses {
	requester: Balance,
	treasury: Balance,
	operators: Balance,
	issued: Balance,
}

impl Purses {
	fn now() -> Self {
		let total = |who: AccountId| Balances::total_balance(&who);
		Self {
			requester: total(account(REQUESTER)),
			treasury: total(Treasury::account_id()),
			operators: OPERATORS.iter().map(|who| total(account(who))).sum(),
			issued: Balances::total_issuance(),
		}
	}

	fn sum(&self) -> Balance {
		self.requester + self.treasury + self.operators
	}

	#[track_caller]
	fn assert_conserved(&self) {
		let now = Self::now();
		assert_eq!((self.sum(), self.issued), (now.sum(), now.issued));
	}
}

/// Every pallet's invariants, where they are compiled in: in `scripts/test.sh state`.
fn check_every_pallet() {
	#[cfg(feature = "try-runtime")]
	{
		use frame_support::traits::{TryState, TryStateSelect};
		use rwa_runtime::{AllPalletsWithSystem, BlockNumber};
		let block = System::block_number();
		<AllPalletsWithSystem as TryState<BlockNumber>>::try_state(block, TryStateSelect::All)
			.expect("no invariant is broken");
	}
}

#[test]
fn the_feed_follows_the_alarms_of_a_third_before_its_heartbeat() {
	after_an_answer(|| {
		let watch = until_callable();
		let purses = Purses::now();
		all_succeed(vec![alarm(OPERATORS[0], 2)]);
		assert!(Oracle::early_round(FEED).is_none());
		check_every_pallet();
		all_succeed(vec![alarm(OPERATORS[1], 2)]);
		assert!(Oracle::early_round(FEED).is_some());
		// It is called: the others need not raise any.
		assert!(next_block(vec![alarm(OPERATORS[2], 2)]).remove(0).is_err());
		check_every_pallet();

		answer(2, 2_500);
		assert!(now() < watch.due, "it was not early");
		check_every_pallet();
		purses.assert_conserved();
		assert_eq!(Purses::now().operators, purses.operators + 4 * REWARD);
		assert_eq!(Oracle::budget(FEED), BUDGET - 2 * price(4));
		// They were right.
		assert!(!Oracle::watch(FEED).expect("it is watched again").shut);

		until_callable();
		all_succeed(OPERATORS[2..].iter().map(|who| alarm(who, 3)).collect());
		answer(3, 2_500);
		assert!(is_event(Event::AlarmsShut { feed: FEED, round: 3 }));
		check_every_pallet();
		until_callable();
		assert!(next_block(vec![alarm(OPERATORS[0], 4)]).remove(0).is_err());
		answer(4, 2_500);
		assert!(!Oracle::watch(FEED).expect("it is watched again").shut);
		check_every_pallet();
	});
}

#[test]
fn a_request_in_vain_pays_for_its_round_and_loses_the_bond() {
	after_an_answer(|| {
		let watch = until_callable();
		let budget = Oracle::budget(FEED);
		request();
		assert_eq!(put_up(), bond() + price(unhurried().committee));
		check_every_pallet();
		let purses = Purses::now();

		answer(2, 2_130);
		assert!(now() < watch.due, "it was not early");
		assert!(is_event(Event::RequestSettled {
			feed: FEED,
			round: 2,
			requester: account(REQUESTER),
			founded: false,
			charged: price(4),
			forfeited: bond(),
		}));
		check_every_pallet();
		purses.assert_conserved();
		let after = Purses::now();
		assert_eq!((put_up(), Oracle::budget(FEED)), (0, budget));
		assert_eq!(after.requester, purses.requester - bond() - price(4));
		assert_eq!(after.operators, purses.operators + 4 * REWARD);
	});
}

#[test]
fn a_request_that_finds_another_answer_gets_everything_back() {
	after_an_answer(|| {
		until_callable();
		let budget = Oracle::budget(FEED);
		request();
		let purses = Purses::now();
		answer(2, 2_500);
		purses.assert_conserved();
		assert_eq!((put_up(), Purses::now().requester), (0, purses.requester));
		assert_eq!(Oracle::budget(FEED), budget - price(4));
		check_every_pallet();
	});
}

#[test]
fn a_request_gets_everything_back_when_the_feed_goes() {
	after_an_answer(|| {
		until_callable();
		request();
		let purses = Purses::now();
		all_succeed(vec![sudo(RuntimeCall::Oracle(Call::remove_feed { id: FEED }))]);
		assert_eq!((put_up(), Purses::now().requester), (0, purses.requester));
		assert_eq!(Purses::now().issued, purses.issued);
		check_every_pallet();
	});
}

#[test]
fn who_can_not_afford_a_round_does_not_call_it() {
	after_an_answer(|| {
		until_callable();
		let call = || signed("//Oracle//1", Call::<Runtime>::request_round { id: FEED });
		let spare = Balances::free_balance(account("//Oracle//1")) - bond();
		let dest = account("//Bob").into();
		let give = pallet_balances::Call::transfer_keep_alive { dest, value: spare };
		all_succeed(vec![signed("//Oracle//1", give)]);
		assert!(next_block(vec![call()]).remove(0).expect("it is included").is_err());
		// Nothing has come of it.
		request();
		let again =
			next_block(vec![signed(REQUESTER, Call::<Runtime>::request_round { id: FEED })]);
		let refused = Error::<Runtime>::NotWatched.into();
		assert_eq!(again[0].expect("it is included"), Err(refused));
		check_every_pallet();
	});
}
