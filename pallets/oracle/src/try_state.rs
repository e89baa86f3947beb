//! What always holds between two blocks.

use alloc::collections::BTreeSet;

use frame_support::{ensure, traits::Get};
use sp_runtime::{SaturatedConversion, TryRuntimeError};

use crate::{
	types::needed_reports, Agenda, AgendaCursor, Answers, Config, Due, Feeds, FeedsOf, History,
	LastRound, Pallet, Reports, Rounds,
};

impl<T: Config> Pallet<T> {
	/// Every invariant. The error names the one that is broken.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_feeds()?;
		Self::check_rounds()?;
		Self::check_reports()?;
		Self::check_answers()?;
		Self::check_feeds_of()?;
		Self::check_agenda()
	}

	/// O1: each feed has a sound spec and enough distinct reporters.
	fn check_feeds() -> Result<(), TryRuntimeError> {
		let least: usize = T::MinReporters::get().saturated_into();
		for feed in Feeds::<T>::iter_values() {
			let fault = feed.spec.fault(T::MinDeadline::get());
			ensure!(fault.is_none(), "O1: a feed's spec is not sound");
			let distinct: BTreeSet<_> = feed.reporters.iter().collect();
			ensure!(distinct.len() == feed.reporters.len(), "O1: a feed has a reporter twice");
			ensure!(distinct.len() >= least, "O1: a feed has too few reporters");
		}
		Ok(())
	}

	/// O2, O3: each open round is the newest of an unpaused feed and waits for reports.
	fn check_rounds() -> Result<(), TryRuntimeError> {
		for (id, round) in Rounds::<T>::iter() {
			ensure!(Feeds::<T>::contains_key(id), "O3: a round of no feed is open");
			ensure!(Due::<T>::get(id) == Some(round.deadline), "O3: a round has no due deadline");
			ensure!(
				LastRound::<T>::get(id) == round.index,
				"O2: an open round is not its feed's newest"
			);
			ensure!(round.reports < round.needed, "O3: a round is open that has its reports");
			let assigned = round.reporters.len().saturated_into();
			ensure!(
				round.needed == needed_reports(T::Quorum::get(), assigned),
				"O3: a round waits for another number of reports than the quorum"
			);
		}
		Ok(())
	}

	/// O4: each report is by a reporter of an open round, within bounds, and counted.
	fn check_reports() -> Result<(), TryRuntimeError> {
		for (id, reporter, value) in Reports::<T>::iter() {
			let round = Rounds::<T>::get(id).ok_or("O4: a report is kept of no open round")?;
			ensure!(round.reporters.contains(&reporter), "O4: a report is by nobody assigned");
			let feed = Feeds::<T>::get(id).ok_or("O4: a report is kept of no feed")?;
			ensure!(feed.spec.allows(value), "O4: a report is out of bounds");
		}
		for (id, round) in Rounds::<T>::iter() {
			let reports: u32 = Reports::<T>::iter_key_prefix(id).count().saturated_into();
			ensure!(reports == round.reports, "O4: a round has miscounted its reports");
		}
		Ok(())
	}

	/// O5, O6: each answer is real, the last of its history, and the history rises.
	fn check_answers() -> Result<(), TryRuntimeError> {
		for (id, answer) in Answers::<T>::iter() {
			let feed = Feeds::<T>::get(id).ok_or("O5: an answer is kept of no feed")?;
			ensure!(feed.spec.allows(answer.value), "O5: an answer is out of bounds");
			ensure!(
				History::<T>::get(id).last() == Some(&answer),
				"O5: an answer is not the last of its history"
			);
		}
		for (id, history) in History::<T>::iter() {
			ensure!(Answers::<T>::contains_key(id), "O6: a history is kept of no answer");
			let rounds = || history.iter().map(|answer| answer.round);
			ensure!(
				rounds().zip(rounds().skip(1)).all(|(older, newer)| older < newer),
				"O6: a history does not rise"
			);
			let newest = LastRound::<T>::get(id);
			ensure!(rounds().all(|round| round <= newest), "O6: a history is ahead of its feed");
		}
		Ok(())
	}

	/// O7: who reports to what is the same seen from both sides.
	fn check_feeds_of() -> Result<(), TryRuntimeError> {
		for (account, feeds) in FeedsOf::<T>::iter() {
			ensure!(!feeds.is_empty(), "O7: an account has an empty list of feeds");
			let distinct: BTreeSet<_> = feeds.iter().collect();
			ensure!(distinct.len() == feeds.len(), "O7: an account has a feed twice");
			for id in feeds.iter() {
				let feed = Feeds::<T>::get(id).ok_or("O7: an account reports to no feed")?;
				ensure!(feed.reporters.contains(&account), "O7: an account is in no feed's list");
			}
		}
		for (id, feed) in Feeds::<T>::iter() {
			let mirrored = |account| FeedsOf::<T>::get(account).contains(&id);
			ensure!(feed.reporters.iter().all(mirrored), "O7: a reporter lacks its feed");
		}
		Ok(())
	}

	/// O8, O9: the agenda and the due times are the same, and nothing was passed over.
	fn check_agenda() -> Result<(), TryRuntimeError> {
		for (id, at) in Due::<T>::iter() {
			ensure!(Feeds::<T>::contains_key(id), "O8: a feed is due that does not exist");
			ensure!(Agenda::<T>::contains_key(at, id), "O8: a due feed is not on the agenda");
			ensure!(
				AgendaCursor::<T>::get().is_some_and(|cursor| cursor <= at),
				"O9: a feed on the agenda was passed over"
			);
		}
		ensure!(
			Agenda::<T>::iter_keys().all(|(at, id)| Due::<T>::get(id) == Some(at)),
			"O8: the agenda has a feed that is not due"
		);
		Ok(())
	}
}
