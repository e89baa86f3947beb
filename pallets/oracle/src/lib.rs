//! # Oracle
//!
//! Feeds of real measurements about assets, agreed on by independent reporters.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for calls, storage, events, errors and view functions.
//!
//! ## Overview
//!
//! A *feed* says one number about one asset from one kind of source: the temperature in a
//! warehouse, measured by sensors in it. Governance creates a feed and names its *reporters*:
//! operators who each run an instrument, or buy data, of their own. At every *heartbeat* a *round*
//! opens, in which each reporter may say once what it measures. As soon as 66 % of them have, the
//! round closes with the median of what they said. The median is what somebody reported, and less
//! than half of the reports can't push it beyond what the others saw. If too few report before the
//! round's deadline, the round fails for all to see: the old answer stays, and turns stale when it
//! is older than the feed allows.
//!
//! Reporters' nodes do the work by themselves. A node that holds an operator's app key asks the
//! address that its operator configured, checks the answer, signs the value and sends it. A source
//! that lies, is down, is slow or answers nonsense costs that reporter its report and nobody else
//! anything.
//!
//! Intervals are counted in *working blocks*: while the network is halted in safe mode they stand
//! still, so that nobody is late because of it.
//!
//! ### States
//!
//! ```text
//!             heartbeat                    66 % reported
//!   Waiting ─────────────► Round open ─────────────────────► Waiting, new answer
//!      ▲ │                  │      │   deadline passed
//!      │ │ pause_feed       │      └───────────────────────► Waiting, old answer
//!      │ ▼                  │ pause_feed: the round fails
//!      Paused ◄─────────────┘
//!        resume_feed: Waiting
//! ```
//!
//! ### Example
//!
//! Four reporters serve a feed in °C with two decimals. Two of them report 2150 and 2100; a third,
//! whose instrument is broken, 9999. Three of four are 66 %, rounded up, so the round closes, and
//! the feed answers 2150: 21.50 °C. The fourth comes too late for this round, and for nothing else.
//! (From the test `a_round_should_close_with_the_median_as_soon_as_66_percent_have_reported`.)
//!
//! ## Implementation
//!
//! * Each feed that isn't paused waits for exactly one thing, its next opening or its round's
//!   deadline, and has one entry in the [`Agenda`]. A block handles at most
//!   [`Config::MaxDuePerBlock`] of them; the rest waits for the next block and is never lost.
//! * [`Call::submit_report`] is a general transaction, authorised by an app key's signature and
//!   free of fees. The pool refuses what is cheap to refuse first and looks at the signature last;
//!   dispatch checks everything again.
//! * A round's number is never used twice for a feed's name, even if the feed is removed and made
//!   anew: a report is a signed statement about one round, and must not count in another.
//! * The worker is in `functions/worker.rs`, fetching in `functions/fetch.rs`.
//!
//! Invariants are numbered O1 to O9 and checked by `try_state`.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	warn(
		clippy::arithmetic_side_effects,
		clippy::cast_lossless,
		clippy::cast_possible_truncation,
		clippy::cast_possible_wrap,
		clippy::cast_sign_loss,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod functions;
#[cfg(test)]
#[allow(unreachable_pub)] // FRAME's macros make a mock's items `pub`.
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use functions::{reports::OUT_OF_BOUNDS, worker::LOG_TARGET};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
// What FRAME generates casts and expects; the logic is outside this module, under the lints.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
pub mod pallet {
	use alloc::vec::Vec;

	use frame_support::{pallet_prelude::*, traits::Time};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use rwa_primitives::{
		app_key::AppSignature,
		feed::{Answer, FeedId, Report, RoundIndex, Value},
		traits::{AppKeys, WorkingTime},
		Moment,
	};
	use sp_core::H256;
	use sp_runtime::Percent;

	use crate::{
		types::{AgreementOf, FeedOf, FeedOverviewOf, FeedSpecOf, ReportersOf, RoundOf},
		weights::WeightInfo,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	///
	/// The runtime's transaction extensions must contain `frame_system::AuthorizeCall`, or no
	/// report is ever accepted.
	#[pallet::config]
	pub trait Config:
		CreateAuthorizedTransaction<Call<Self>> + frame_system::Config<Hash = H256>
	{
		/// Who acts with which app key, and whether it may. Normally the node registry.
		type AppKeys: AppKeys<Self::AccountId>;

		/// The clock of heartbeats, deadlines and ages, in working blocks.
		type WorkingTime: WorkingTime<BlockNumberFor<Self>>;

		/// The time noted with each answer, in milliseconds since 1970-01-01 UTC. Normally
		/// `pallet_timestamp`. Shown, never used to decide anything.
		type TimeProvider: Time<Moment = Moment>;

		/// Who creates, changes, pauses and removes feeds: governance.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Most reporters of one feed: at most 100. Each costs 32 bytes in every round and one
		/// storage access when the round closes.
		#[pallet::constant]
		type MaxReporters: Get<u32>;

		/// Fewest reporters of one feed: at least 4, the least that survive one liar or one dead
		/// node with a quorum of 66 %.
		#[pallet::constant]
		type MinReporters: Get<u32>;

		/// Share of a round's reporters that closes it, rounded up: above half, at most all. Too
		/// low and a minority answers alone; too high and one dead reporter stalls the feed.
		#[pallet::constant]
		type Quorum: Get<Percent>;

		/// Most feeds that one account reports to: a bound on what one node can serve in time.
		#[pallet::constant]
		type MaxFeedsPerReporter: Get<u32>;

		/// Most openings and expiries of rounds that one block handles, together. What is more
		/// waits for the next block. At [`Config::MaxReporters`] each, they must fit into a quarter
		/// of a block.
		#[pallet::constant]
		type MaxDuePerBlock: Get<u32>;

		/// Fewest working blocks that a round takes reports. Must leave time to fetch (2 s), to
		/// retry, and to get through a burst of full blocks: at least 6.
		#[pallet::constant]
		type MinDeadline: Get<BlockNumberFor<Self>>;

		/// Most bytes of the name of a unit.
		#[pallet::constant]
		type MaxUnitLength: Get<u32>;

		/// How many answers of each feed are kept, the latest included.
		#[pallet::constant]
		type HistoryLength: Get<u32>;

		/// Priority of reports in the transaction pool. Above paid transactions: a report is worth
		/// nothing when it comes late, and there is one per reporter and round.
		#[pallet::constant]
		type ReportPriority: Get<TransactionPriority>;

		/// What the calls, the authorisation and the agenda cost.
		type WeightInfo: WeightInfo;

		/// Makes operators for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// The feeds.
	///
	/// **Invariant O1:** each has a sound spec and between [`Config::MinReporters`] and
	/// [`Config::MaxReporters`] distinct reporters. Governance creates and removes them.
	// Hasher: Twox, because governance chooses the names.
	#[pallet::storage]
	pub type Feeds<T: Config> = StorageMap<_, Twox64Concat, FeedId, FeedOf<T>>;

	/// Number of the newest round of each name a feed ever had.
	///
	/// **Invariant O2:** never falls and survives the feed: a report for a round must not count in
	/// another round of the same number.
	#[pallet::storage]
	pub type LastRound<T: Config> = StorageMap<_, Twox64Concat, FeedId, RoundIndex, ValueQuery>;

	/// The open round of each feed that has one.
	///
	/// **Invariant O3:** the feed exists and isn't paused; the round is its newest; it waits for
	/// more reports than it has, and for as many as the quorum of its reporters.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, FeedId, RoundOf<T>>;

	/// The reports of each open round: one value per reporter.
	///
	/// **Invariant O4:** each is by a reporter of the feed's open round and within the feed's
	/// bounds; there are as many as the round says. Removed when the round ends.
	// Hasher of the account: Blake2, because whoever makes an account could grind a Twox key.
	#[pallet::storage]
	pub type Reports<T: Config> =
		StorageDoubleMap<_, Twox64Concat, FeedId, Blake2_128Concat, T::AccountId, Value>;

	/// The latest answer of each feed that ever agreed on one.
	///
	/// **Invariant O5:** the feed exists, the value is within its bounds, and the answer is the
	/// last of the feed's [`History`].
	#[pallet::storage]
	pub type Answers<T: Config> = StorageMap<_, Twox64Concat, FeedId, AgreementOf<T>>;

	/// The last answers of each feed, oldest first; when full, the oldest gives way.
	///
	/// **Invariant O6:** rounds rise; none is newer than the feed's newest round.
	#[pallet::storage]
	pub type History<T: Config> = StorageMap<
		_,
		Twox64Concat,
		FeedId,
		BoundedVec<AgreementOf<T>, T::HistoryLength>,
		ValueQuery,
	>;

	/// The feeds that each account reports to from their next round on.
	///
	/// **Invariant O7:** the mirror of the reporters in [`Feeds`]; no account has an empty entry.
	// Hasher: Blake2, because whoever makes an account could grind a Twox key.
	#[pallet::storage]
	pub type FeedsOf<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		BoundedVec<FeedId, T::MaxFeedsPerReporter>,
		ValueQuery,
	>;

	/// The working block in which each feed is due next: its round expires, if one is open, and
	/// otherwise its next round opens. No entry: the feed is paused.
	///
	/// **Invariant O8:** the feed exists; the [`Agenda`] has the same entry and no other.
	#[pallet::storage]
	pub type Due<T: Config> = StorageMap<_, Twox64Concat, FeedId, BlockNumberFor<T>>;

	/// [`Due`] the other way round: the feeds due in each working block.
	#[pallet::storage]
	pub type Agenda<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BlockNumberFor<T>, Twox64Concat, FeedId, ()>;

	/// The first working block whose agenda may not have been handled in full. `None`: no feed was
	/// ever due.
	///
	/// **Invariant O9:** nothing in the [`Agenda`] is before it.
	#[pallet::storage]
	pub type AgendaCursor<T: Config> = StorageValue<_, BlockNumberFor<T>>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A feed was created. Its first round opens in the next working block.
		FeedCreated {
			/// The feed.
			feed: FeedId,
			/// What it measures and how often.
			spec: FeedSpecOf<T>,
			/// Who reports to it.
			reporters: ReportersOf<T>,
		},
		/// Others report to a feed from its next round on.
		ReportersSet {
			/// The feed.
			feed: FeedId,
			/// Who reports to it.
			reporters: ReportersOf<T>,
		},
		/// A feed was stopped. It opens no rounds; its answer counts as paused.
		FeedPaused {
			/// The feed.
			feed: FeedId,
		},
		/// A feed goes on. A round opens in the next working block.
		FeedResumed {
			/// The feed.
			feed: FeedId,
		},
		/// A feed and its answers were removed.
		FeedRemoved {
			/// The feed.
			feed: FeedId,
		},
		/// A round takes reports.
		RoundOpened {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who may report.
			reporters: ReportersOf<T>,
			/// First working block in which reports are too late.
			deadline: BlockNumberFor<T>,
		},
		/// A reporter said what it measured.
		Reported {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who reported.
			reporter: T::AccountId,
			/// What it measured, in units of 10^-`decimals` of the feed.
			value: Value,
		},
		/// A round agreed on a value: the feed's new answer.
		RoundClosed {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// The median of the reports, in units of 10^-`decimals` of the feed.
			value: Value,
			/// How many reported.
			reports: u32,
			/// How many were asked to.
			assigned: u32,
		},
		/// A round ended without a value: too few reported in time, or its feed was paused or
		/// removed. The old answer stays.
		RoundFailed {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// How many reported.
			reports: u32,
			/// How many were needed.
			needed: u32,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No feed has this name. List those that exist with the view function `feeds`.
		#[codec(index = 0)]
		UnknownFeed,
		/// A feed of this name exists. Change its reporters with `set_reporters`; to change what it
		/// measures, remove it first.
		#[codec(index = 1)]
		FeedExists,
		/// Fewer reporters than `MinReporters`. Name more.
		#[codec(index = 2)]
		TooFewReporters,
		/// An account is named twice among the reporters. Name each once.
		#[codec(index = 3)]
		DuplicateReporter,
		/// One of the reporters reports to `MaxFeedsPerReporter` feeds already. Name another, or
		/// take it off another feed.
		#[codec(index = 4)]
		TooManyFeeds,
		/// The unit isn't UTF-8 text, or has control characters in it.
		#[codec(index = 5)]
		BadUnit,
		/// More decimals than 18. Choose a larger unit.
		#[codec(index = 6)]
		TooManyDecimals,
		/// The minimum isn't below the maximum.
		#[codec(index = 7)]
		BadBounds,
		/// The deadline is shorter than `MinDeadline` working blocks: nobody could report in time.
		#[codec(index = 8)]
		DeadlineTooShort,
		/// The heartbeat isn't longer than the deadline, so that rounds would overlap.
		#[codec(index = 9)]
		HeartbeatTooShort,
		/// The greatest age is less than the heartbeat, so that every answer would turn stale
		/// before the next one.
		#[codec(index = 10)]
		MaxAgeTooShort,
		/// The feed is paused already. Treat as success when retrying.
		#[codec(index = 11)]
		AlreadyPaused,
		/// The feed isn't paused. Treat as success when retrying.
		#[codec(index = 12)]
		NotPaused,
		/// The round isn't open: it has closed, or failed, or its deadline has passed. Report to
		/// the next one.
		#[codec(index = 13)]
		RoundNotOpen,
		/// The round hasn't opened yet. Wait for its `RoundOpened`.
		#[codec(index = 14)]
		RoundNotYetOpen,
		/// The app key belongs to no active oracle operator. Register it with the node registry.
		#[codec(index = 15)]
		NotAnOracle,
		/// The operator isn't a reporter of this round. New reporters count from the next round on.
		#[codec(index = 16)]
		NotAssigned,
		/// The operator has reported to this round. Treat as success when retrying.
		#[codec(index = 17)]
		AlreadyReported,
		/// The value is outside the feed's bounds, so it can't be real. Check the instrument and
		/// the unit.
		#[codec(index = 18)]
		OutOfBounds,
		/// The signature isn't the app key's over this report on this chain.
		#[codec(index = 19)]
		BadSignature,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_block: BlockNumberFor<T>) -> Weight {
			if T::WorkingTime::is_running() {
				Self::handle_agenda(T::WorkingTime::now())
			} else {
				T::WeightInfo::agenda_halted()
			}
		}

		fn offchain_worker(block: BlockNumberFor<T>) {
			Self::run_worker(block);
		}

		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Create a feed.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// The first round opens in the next working block. Reporters need not be registered yet,
		/// but can only report once they are.
		///
		/// ## Errors
		/// [`Error::FeedExists`]; what is wrong with `spec`: [`Error::BadUnit`],
		/// [`Error::TooManyDecimals`], [`Error::BadBounds`], [`Error::DeadlineTooShort`],
		/// [`Error::HeartbeatTooShort`], [`Error::MaxAgeTooShort`]; what is wrong with `reporters`:
		/// [`Error::TooFewReporters`], [`Error::DuplicateReporter`], [`Error::TooManyFeeds`].
		///
		/// ## Events
		/// [`Event::FeedCreated`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::create_feed(count(reporters)))]
		pub fn create_feed(
			origin: OriginFor<T>,
			id: FeedId,
			spec: FeedSpecOf<T>,
			reporters: ReportersOf<T>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_create_feed(id, spec, reporters)
		}

		/// Replace the reporters of a feed, from its next round on.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// An open round goes on with the reporters it opened with.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::TooFewReporters`], [`Error::DuplicateReporter`],
		/// [`Error::TooManyFeeds`].
		///
		/// ## Events
		/// [`Event::ReportersSet`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_reporters(count(reporters)))]
		pub fn set_reporters(
			origin: OriginFor<T>,
			id: FeedId,
			reporters: ReportersOf<T>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_reporters(id, reporters)
		}

		/// Stop a feed: it opens no rounds, and its answer counts as paused.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Fails the open round, if there is one.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::AlreadyPaused`].
		///
		/// ## Events
		/// [`Event::FeedPaused`], after [`Event::RoundFailed`] if a round was open.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::pause_feed())]
		pub fn pause_feed(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_pause_feed(id)
		}

		/// Let a paused feed go on. A round opens in the next working block.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Until that round closes, the old answer is fresh or stale by its age.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NotPaused`].
		///
		/// ## Events
		/// [`Event::FeedResumed`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::resume_feed())]
		pub fn resume_feed(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_resume_feed(id)
		}

		/// Remove a feed and its answers.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Fails the open round, if there is one. A feed made later under the same name continues
		/// the count of rounds.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`].
		///
		/// ## Events
		/// [`Event::FeedRemoved`], after [`Event::RoundFailed`] if a round was open.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::remove_feed())]
		pub fn remove_feed(origin: OriginFor<T>, id: FeedId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_remove_feed(id)
		}

		/// Report a measurement to an open round. Free of fees.
		///
		/// ## Dispatch origin
		/// Authorised: a general transaction that carries the signature of a reporter's app key
		/// over [`Report::signing_payload`]. Nodes make it by themselves.
		///
		/// ## Details
		/// Each reporter of the round may report once, whichever of its keys signs. The report that
		/// reaches the quorum closes the round.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::RoundNotOpen`], [`Error::RoundNotYetOpen`],
		/// [`Error::NotAnOracle`], [`Error::NotAssigned`], [`Error::AlreadyReported`],
		/// [`Error::OutOfBounds`], [`Error::BadSignature`]. The pool refuses such a transaction, so
		/// that it gets into no block.
		///
		/// ## Events
		/// [`Event::Reported`]; then [`Event::RoundClosed`] if it was the last one needed.
		#[pallet::call_index(5)]
		#[pallet::weight((
			T::WeightInfo::submit_last_report(T::MaxReporters::get()),
			DispatchClass::Normal,
			Pays::No,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_submit_report())]
		#[pallet::authorize(Self::authorize_report)]
		pub fn submit_report(
			origin: OriginFor<T>,
			report: Report,
			signature: AppSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			Self::do_submit_report(report, &signature)
		}
	}

	/// What anyone can ask a node, without a transaction.
	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The latest answer of `feed`, with its age and status. `None`: no such feed, or it has
		/// not agreed on anything yet.
		pub fn latest(feed: FeedId) -> Option<Answer<BlockNumberFor<T>>> {
			Self::latest_answer(&feed)
		}

		/// The open round of `feed`. `None`: none is open.
		pub fn open_round(feed: FeedId) -> Option<RoundOf<T>> {
			Rounds::<T>::get(feed)
		}

		/// Feeds in an order of no meaning, at most `limit` of them and at most 100: the first
		/// ones, or those that follow `after`, which is the last one of the page before. A short
		/// page is the last.
		pub fn feeds(after: Option<FeedId>, limit: u32) -> Vec<FeedOverviewOf<T>> {
			Self::feeds_page(after, limit)
		}

		/// The last answers of `feed`, oldest first, at most [`Config::HistoryLength`].
		pub fn history(feed: FeedId) -> Vec<AgreementOf<T>> {
			History::<T>::get(feed).into_inner()
		}

		/// The feeds that `reporter` reports to from their next round on: what its node needs
		/// sources for.
		pub fn feeds_of(reporter: T::AccountId) -> Vec<FeedId> {
			FeedsOf::<T>::get(reporter).into_inner()
		}
	}

	/// How many reporters; bounded, so that it fits.
	fn count<Account, Max: Get<u32>>(reporters: &BoundedVec<Account, Max>) -> u32 {
		reporters.len() as u32
	}
}
