//! Early rounds: who calls them, when, and who pays.

mod alarms;
mod feeds;
mod news;
mod opening;
mod requests;

use frame_support::assert_noop;
use rwa_primitives::{
	feed::{Statement, Word},
	Balance,
};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

use crate::{functions::early::NOTICE, mock::*, Error, Event, FeedSpec, FeedSpecOf, LastRound};

/// Long enough that there is time to call a round between two.
const LONG: u32 = 100;
/// From an opening on, when rounds can be called, and when not any more.
const SINCE: u32 = COMMIT_TIME + REVEAL_TIME;
const UNTIL: u32 = LONG - NOTICE - 5;

fn unhurried() -> FeedSpecOf<Test> {
	FeedSpec { heartbeat: LONG, max_age: 2 * LONG, ..spec() }
}

/// What `test` may do with a feed that has just said 20 °C, in a round that opened at its first argument.
fn after_an_answer(chain: ExtBuilder, test: impl FnOnce(u32)) {
	chain.spec(unhurried()).build_and_execute(|| {
		test(answer_with(2_000));
	});
}

/// The next round opens and closes with `value`. Gives when it opened.
fn answer_with(value: i128) -> u32 {
	let opened_at = open();
	let committee = Oracle::open_round(FEED).unwrap().duties.len();
	let round = LastRound::<Test>::get(FEED);
	report_all(round, &vec![value; committee]);
	opened_at
}

/// Blocks until the next round opens. Gives when it did.
fn open() -> u32 {
	let last = LastRound::<Test>::get(FEED);
	while LastRound::<Test>::get(FEED) == last {
		to_next_block();
	}
	Now::get()
}

fn to_alarm() -> Statement {
	statement(LastRound::<Test>::get(FEED) + 1, Word::Alarm)
}

fn alarm(account: Account) {
	say(account, to_alarm());
}

/// The accounts raise alarms in the first block in which they may, and the round that they call opens.
fn call_by_alarms(opened_at: u32, accounts: impl IntoIterator<Item = Account>) {
	run_to(opened_at + SINCE);
	accounts.into_iter().for_each(alarm);
	run_to(Now::get() + NOTICE);
	assert!(Oracle::open_round(FEED).is_some());
}

#[track_caller]
fn assert_alarm_refused(
	account: Account,
	statement: Statement,
	by_pool: InvalidTransaction,
	by_block: Error<Test>,
) {
	let batch = signed(account, [statement]);
	assert_eq!(authorize(batch.clone()), Err(TransactionValidityError::Invalid(by_pool)));
	assert_noop!(dispatch(batch), by_block);
}

fn request() -> frame_support::dispatch::DispatchResult {
	Oracle::request_round(by(BYSTANDER), FEED)
}

/// What a requester loses and gets back, and whether it was right.
fn settled() -> Option<(bool, Balance, Balance)> {
	events().into_iter().find_map(|event| match event {
		Event::RequestSettled {
			feed: FEED,
			requester: BYSTANDER,
			founded,
			charged,
			forfeited,
			..
		} => Some((founded, charged, forfeited)),
		_ => None,
	})
}
