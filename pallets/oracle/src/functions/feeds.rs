//! Feeds: created, changed, paused and removed. With `roster.rs` the only writer of [`Feeds`].

use alloc::collections::BTreeSet;

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision, EnsureOrigin, Get},
};
use frame_system::{
	ensure_signed,
	pallet_prelude::{BlockNumberFor, OriginFor},
};
use rwa_primitives::{feed::FeedId, reading::SchemaFault, traits::AssetOwners};
use sp_runtime::{traits::Zero, DispatchError};

use crate::{
	types::{SpecFault, SpecLimits},
	Admission, AdmissionOf, Answers, Config, Error, Event, Failures, Feed, FeedOf, FeedSpecOf,
	Feeds, History, HoldReason, Pallet, RosterOf, Rounds,
};

impl<T: Config> From<SpecFault> for Error<T> {
	fn from(fault: SpecFault) -> Self {
		match fault {
			SpecFault::Unit => Self::BadUnit,
			SpecFault::Schema(SchemaFault::TooManyDecimals) => Self::TooManyDecimals,
			SpecFault::Schema(SchemaFault::EmptyRange) => Self::EmptyRange,
			SpecFault::Schema(SchemaFault::TooLarge) => Self::BoundTooLarge,
			SpecFault::Schema(SchemaFault::NoSuchPlace) => Self::NoSuchPlace,
			SpecFault::Schema(SchemaFault::EmptyBox) => Self::EmptyBox,
			SpecFault::Schema(SchemaFault::TooFewCategories) => Self::TooFewCategories,
			SpecFault::Rules => Self::BadRules,
			SpecFault::Committee => Self::BadCommittee,
			SpecFault::PhaseTooShort => Self::PhaseTooShort,
			SpecFault::PhaseTooLong => Self::PhaseTooLong,
			SpecFault::Heartbeat => Self::HeartbeatTooShort,
			SpecFault::MaxAge => Self::MaxAgeTooShort,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Who would be the admin of a feed that `origin` creates: the owner of its asset, or nobody but
	/// governance.
	pub(crate) fn ensure_may_create(
		origin: OriginFor<T>,
		id: &FeedId,
	) -> Result<Option<T::AccountId>, DispatchError> {
		let origin = match T::AdminOrigin::try_origin(origin) {
			Ok(_) => return Ok(None),
			Err(origin) => origin,
		};
		let who = ensure_signed(origin)?;
		let owns = T::Assets::owner_of(id.asset).is_some_and(|owner| owner == who);
		ensure!(owns, Error::<T>::NotAssetOwner);
		Ok(Some(who))
	}

	/// The feed, if `origin` is its admin or governance.
	pub(crate) fn ensure_may_change(
		origin: OriginFor<T>,
		id: &FeedId,
	) -> Result<FeedOf<T>, DispatchError> {
		let signer = match T::AdminOrigin::try_origin(origin) {
			Ok(_) => None,
			Err(origin) => Some(ensure_signed(origin)?),
		};
		let feed = Feeds::<T>::get(id).ok_or(Error::<T>::UnknownFeed)?;
		ensure!(signer.is_none() || signer == feed.admin, Error::<T>::NotAdmin);
		Ok(feed)
	}

	/// What a spec's numbers have to be between.
	pub(crate) fn spec_limits() -> SpecLimits<BlockNumberFor<T>> {
		SpecLimits {
			committee: (T::MinCommittee::get(), T::MaxCommittee::get()),
			phase: (T::MinPhase::get(), T::Day::get()),
		}
	}

	/// The only way to create a feed. `admin`: the owner of the asset; `None` for governance.
	pub(crate) fn do_create_feed(
		id: FeedId,
		spec: FeedSpecOf<T>,
		admin: Option<T::AccountId>,
		admission: AdmissionOf<T>,
	) -> DispatchResult {
		ensure!(!Feeds::<T>::contains_key(id), Error::<T>::FeedExists);
		spec.check(&Self::spec_limits()).map_err(Error::<T>::from)?;
		Self::ensure_distinct(&admission)?;

		let deposit = match &admin {
			Some(owner) => {
				let deposit = T::FeedDeposit::get();
				T::Currency::hold(&HoldReason::FeedDeposit.into(), owner, deposit)?;
				deposit
			}
			None => Zero::zero(),
		};
		let feed = Feed {
			spec,
			payer: admin.clone().unwrap_or_else(T::Treasury::get),
			admin,
			deposit,
			paused: false,
			admission,
			roster: RosterOf::<T>::default(),
		};
		Feeds::<T>::insert(id, &feed);
		Self::schedule(id, Self::next_working_block());
		let Feed { spec, admin, payer, admission, .. } = feed;
		Self::deposit_event(Event::FeedCreated { feed: id, spec, admin, payer, admission });
		Ok(())
	}

	/// The only way to change who may join.
	pub(crate) fn do_set_admission(
		id: FeedId,
		mut feed: FeedOf<T>,
		admission: AdmissionOf<T>,
	) -> DispatchResult {
		Self::ensure_distinct(&admission)?;

		Self::take_off_uninvited(id, &mut feed, &admission);
		feed.admission = admission.clone();
		Feeds::<T>::insert(id, feed);
		Self::deposit_event(Event::AdmissionSet { feed: id, admission });
		Ok(())
	}

	/// The only way to pause a feed. An open round stays on the agenda.
	pub(crate) fn do_pause_feed(id: FeedId, mut feed: FeedOf<T>) -> DispatchResult {
		ensure!(!feed.paused, Error::<T>::AlreadyPaused);

		if !Rounds::<T>::contains_key(id) {
			Self::unschedule(id);
			Self::stand_down(id, &feed);
		}
		feed.paused = true;
		Feeds::<T>::insert(id, feed);
		Self::deposit_event(Event::FeedPaused { feed: id });
		Ok(())
	}

	/// The only way to let a paused feed go on.
	pub(crate) fn do_resume_feed(id: FeedId, mut feed: FeedOf<T>) -> DispatchResult {
		ensure!(feed.paused, Error::<T>::NotPaused);

		feed.paused = false;
		Feeds::<T>::insert(id, feed);
		if !Rounds::<T>::contains_key(id) {
			Self::schedule(id, Self::next_working_block());
		}
		Self::deposit_event(Event::FeedResumed { feed: id });
		Ok(())
	}

	/// The only way to remove a feed. [`crate::LastRound`] stays.
	pub(crate) fn do_remove_feed(id: FeedId, feed: FeedOf<T>) -> DispatchResult {
		ensure!(!Rounds::<T>::contains_key(id), Error::<T>::RoundOpen);

		Self::stand_down(id, &feed);
		let refund = Self::refund(id, &feed)?;
		if let Some(admin) = &feed.admin {
			let reason = HoldReason::FeedDeposit.into();
			T::Currency::release(&reason, admin, feed.deposit, Precision::Exact)?;
		}
		Self::unschedule(id);
		Self::disband(id, &feed.roster);
		Feeds::<T>::remove(id);
		Answers::<T>::remove(id);
		History::<T>::remove(id);
		Failures::<T>::remove(id);
		Self::keep_testimonies_of_removed(id);
		Self::deposit_event(Event::FeedRemoved { feed: id, refund });
		Ok(())
	}

	/// Whether each account is invited once.
	fn ensure_distinct(admission: &AdmissionOf<T>) -> DispatchResult {
		if let Admission::Invited(accounts) = admission {
			let distinct: BTreeSet<&T::AccountId> = accounts.iter().collect();
			ensure!(distinct.len() == accounts.len(), Error::<T>::InvitedTwice);
		}
		Ok(())
	}
}
