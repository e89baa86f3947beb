//! How often announcements may come.

use schnellru::{ByLength, LruMap};
use sp_statement_store::AccountId;
use std::time::{Duration, Instant};

/// Of all accounts: the whole store at once, which a new node gets from its first peer, and then 32 a second, which are
/// 47 KB for each peer.
const ALL: Limit = Limit { burst: 4_096, every: Duration::from_nanos(31_250_000) };

/// Of an account: a batch of documents at once, and then six a minute, so that nobody takes what is for all. Who has
/// that many documents can wait.
const EACH: Limit = Limit { burst: 256, every: Duration::from_secs(10) };

/// Accounts that are remembered. Only those with documents get here.
const ACCOUNTS: u32 = 4_096;

/// So many at once, and one more after each interval.
struct Limit {
	burst: u32,
	every: Duration,
}

impl Limit {
	/// Whether one more may come. `full_at` is when as many as at first may come at once again.
	fn has_room(&self, full_at: Instant, now: Instant) -> bool {
		full_at.saturating_duration_since(now) + self.every <= self.every * self.burst
	}

	/// When it is full again after one more.
	fn after(&self, full_at: Instant, now: Instant) -> Instant {
		full_at.max(now) + self.every
	}
}

/// What has come lately.
pub(super) struct Pace {
	all: Instant,
	each: LruMap<AccountId, Instant>,
}

impl Pace {
	/// Nothing has come before `now`.
	pub(super) fn new(now: Instant) -> Self {
		Self { all: now, each: LruMap::new(ByLength::new(ACCOUNTS)) }
	}

	/// Whether one more of `who` may come.
	pub(super) fn has_room(&self, who: &AccountId, now: Instant) -> bool {
		let each = self.each.peek(who).copied().unwrap_or(now);
		ALL.has_room(self.all, now) && EACH.has_room(each, now)
	}

	/// One more of `who` has come.
	pub(super) fn note(&mut self, who: AccountId, now: Instant) {
		self.all = ALL.after(self.all, now);
		let each = self.each.peek(&who).copied().unwrap_or(now);
		self.each.insert(who, EACH.after(each, now));
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn who(number: u32) -> AccountId {
		let mut account = [0; 32];
		account[..4].copy_from_slice(&number.to_le_bytes());
		account
	}

	/// How many of those `accounts` in turn may come at this moment.
	fn come(pace: &mut Pace, accounts: std::ops::Range<u32>, now: Instant) -> u32 {
		let mut count = 0;
		loop {
			let mut passed = 0;
			for account in accounts.clone().map(who) {
				if pace.has_room(&account, now) {
					pace.note(account, now);
					passed += 1;
				}
			}
			if passed == 0 {
				return count;
			}
			count += passed;
		}
	}

	#[test]
	fn an_account_has_a_batch_and_then_six_a_minute() {
		let start = Instant::now();
		let mut pace = Pace::new(start);
		assert_eq!(come(&mut pace, 0..1, start), 256);
		assert_eq!(come(&mut pace, 0..1, start + Duration::from_millis(9_999)), 0);
		assert_eq!(come(&mut pace, 0..1, start + Duration::from_secs(60)), 6);
		// Others are not kept out.
		assert_eq!(come(&mut pace, 1..2, start), 256);
		assert_eq!(come(&mut pace, 0..1, start + Duration::from_secs(86_400)), 256);
	}

	#[test]
	fn all_together_have_a_store_and_then_32_a_second() {
		let start = Instant::now();
		let mut pace = Pace::new(start);
		assert_eq!(come(&mut pace, 0..1_000, start), 4_096);
		assert_eq!(come(&mut pace, 1_000..2_000, start), 0);
		assert_eq!(come(&mut pace, 1_000..2_000, start + Duration::from_secs(10)), 320);
	}
}
