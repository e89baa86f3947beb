//! Reports: who may report what, and what a report does.

use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	traits::Get,
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::{AppPublic, AppSignature, Role},
	feed::Report,
	traits::{AppKeys, WorkingTime},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::{
	traits::{Saturating, Zero},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
	},
	SaturatedConversion,
};

use crate::{
	Config, Error, Event, FeedOf, Feeds, LastRound, Pallet, Reports, RoundOf, Rounds, WeightInfo,
};

/// With this code of `InvalidTransaction::Custom` the pool refuses a report whose value is outside
/// the feed's bounds.
pub const OUT_OF_BOUNDS: u8 = 1;

/// A report that has passed every check.
pub(crate) struct Admitted<T: Config> {
	feed: FeedOf<T>,
	round: RoundOf<T>,
	reporter: T::AccountId,
}

/// What the transaction pool says of a report that can't be admitted.
fn refusal<T: Config>(error: Error<T>) -> InvalidTransaction {
	match error {
		Error::RoundNotYetOpen => InvalidTransaction::Future,
		Error::NotAnOracle | Error::NotAssigned => InvalidTransaction::BadSigner,
		Error::OutOfBounds => InvalidTransaction::Custom(OUT_OF_BOUNDS),
		Error::BadSignature => InvalidTransaction::BadProof,
		_ => InvalidTransaction::Stale,
	}
}

impl<T: Config> Pallet<T> {
	/// Whether the pool, and then a block, should take a report.
	///
	/// One report per reporter, feed and round can be in the pool, whichever key signs it.
	pub(crate) fn authorize_report(
		_source: TransactionSource,
		report: &Report,
		signature: &AppSignature,
	) -> TransactionValidityWithRefund {
		let admitted = Self::admit(report, signature).map_err(refusal)?;
		let left = admitted.round.deadline.saturating_sub(T::WorkingTime::now());
		ValidTransaction::with_tag_prefix("rwa/oracle")
			.priority(T::ReportPriority::get())
			.and_provides((report.feed, report.round, &admitted.reporter))
			.longevity(left.saturated_into())
			.propagate(true)
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	/// The only way for a report to count. Trusts nothing that was checked before.
	pub(crate) fn do_submit_report(
		report: Report,
		signature: &AppSignature,
	) -> DispatchResultWithPostInfo {
		let Admitted { feed, mut round, reporter } = Self::admit(&report, signature)?;

		Reports::<T>::insert(report.feed, &reporter, report.value);
		round.reports.saturating_inc();
		Self::deposit_event(Event::Reported {
			feed: report.feed,
			round: report.round,
			reporter,
			value: report.value,
		});
		let weight = if round.reports >= round.needed {
			let assigned = round.reporters.len().saturated_into();
			Self::close_round(report.feed, &feed, round);
			T::WeightInfo::submit_last_report(assigned)
		} else {
			Rounds::<T>::insert(report.feed, round);
			T::WeightInfo::submit_report()
		};
		Ok(PostDispatchInfo { actual_weight: Some(weight), pays_fee: Pays::No })
	}

	/// Every condition on a report, cheapest first.
	fn admit(report: &Report, signature: &AppSignature) -> Result<Admitted<T>, Error<T>> {
		let round = Self::round_for(report)?;
		let feed = Feeds::<T>::get(report.feed).ok_or(Error::<T>::UnknownFeed)?;
		ensure!(feed.spec.allows(report.value), Error::<T>::OutOfBounds);
		let reporter = Self::oracle_of(&report.key).ok_or(Error::<T>::NotAnOracle)?;
		ensure!(round.reporters.contains(&reporter), Error::<T>::NotAssigned);
		ensure!(!Reports::<T>::contains_key(report.feed, &reporter), Error::<T>::AlreadyReported);
		let payload = report.signing_payload(&Self::genesis_hash());
		ensure!(report.key.verify(&payload, signature), Error::<T>::BadSignature);
		Ok(Admitted { feed, round, reporter })
	}

	/// The open round that `report` is for.
	fn round_for(report: &Report) -> Result<RoundOf<T>, Error<T>> {
		let now = T::WorkingTime::now();
		match Rounds::<T>::get(report.feed) {
			Some(round) if round.index == report.round && now < round.deadline => Ok(round),
			_ if !Feeds::<T>::contains_key(report.feed) => Err(Error::<T>::UnknownFeed),
			_ if report.round > LastRound::<T>::get(report.feed) => {
				Err(Error::<T>::RoundNotYetOpen)
			}
			_ => Err(Error::<T>::RoundNotOpen),
		}
	}

	/// The operator that `key` acts for, if it may act as an oracle now.
	pub(crate) fn oracle_of(key: &AppPublic) -> Option<T::AccountId> {
		let (account, role) = T::AppKeys::operator_of(key)?;
		(role == Role::Oracle && T::AppKeys::is_active(&account, role)).then_some(account)
	}

	/// What binds a signature to this chain. `frame_system` keeps this hash for ever.
	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}
}
