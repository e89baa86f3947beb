//! # Slashing
//!
//! Whether nodes are there, what it costs them when they are not or when they cheat, and penalties until
//! they are taken.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for calls, storage, events, errors and view functions. Other pallets report
//! faults through [`ReportFault`](rwa_primitives::traits::ReportFault), and ask who stands accused through
//! [`Accusations`](rwa_primitives::traits::Accusations).
//!
//! ## Overview
//!
//! Whoever can prove that a node cheated reports it here: a pallet that has the proof, or anybody who
//! brings it there. A fault costs the share of its stake that the node's role had at stake when it
//! happened, times the fault's [severity](rwa_primitives::fault::Fault::severity). No penalty is taken at once: it
//! waits for [`Config::Deferral`], in which the council or an appeal can cancel it, and whoever waits
//! for one can't withdraw its stake. Within one [`Config::CapPeriod`] a node is charged no more than
//! [`Config::Cap`] of its stake. Whoever brought the evidence gets [`Config::ReporterShare`] of what is
//! taken.
//!
//! **Nodes that don't validate** send a heartbeat in every [`Config::HeartbeatPeriod`], signed with their app
//! key by their off-chain worker and free of fees. When one was away for more than
//! [`Config::AbsenceLimit`] although it was expected, anybody may say so ([`Call::report_absence`]); the
//! registry's own record is the proof.
//!
//! **Validators** are punished by the SDK's pallets for offences and staking, their nominators with them:
//! that is where their slashes wait, and where the council cancels them. This pallet reports to them what
//! other pallets prove ([`ProvenFault`]), and whoever is away for a day ([`Offline`]).
//!
//! A validator shows that it is there by authoring a block or by the heartbeat that its node sends in
//! every session. `pallet-im-online` knows who did neither. This pallet counts, for each validator, the
//! sessions in a row that it has missed. After [`Config::OfflineLimit`] of them, a day, it reports
//! [`Offline`], which costs the share of the stake that the validators' tier says, and the
//! validator is disabled. Then it counts anew: another day costs as much again.
//!
//! `pallet-im-online`'s own offence is not reported. It costs nothing while no more than a tenth of
//! the validators are missing, however long.
//!
//! A session in which the network was halted, if only for a block, counts for nobody and against
//! nobody. Everything else here is counted in working blocks, which stand still meanwhile.
//!
//! [`Raised`] makes what others report cost at least the validators' tier. BABE's and GRANDPA's
//! equivocations alone would cost `(3k / n)²` of the stake, which is 0.09 % for one validator of a hundred.
//!
//! The pallet also keeps the [`Turnout`] of each session, for [`Config::HistoryLength`] sessions: how many
//! validators there were, and how many took part.
//!
//! ### States
//!
//! A penalty:
//!
//! ```text
//!               Deferral is over                ReportWindow is over
//!   Pending ───────────────────────► Executed ──────────────────────► forgotten
//!      │                                                ▲
//!      └─────────► Cancelled ───────────────────────────┘
//!   cancel_penalty
//! ```
//!
//! A validator, at the end of each working session:
//!
//! ```text
//!                  missed                 missed              missed: the limit
//!   Present ───────────────► Missing 1 ───────────► Missing n ─────────────────► Offline is reported
//!      ▲                         │                      │                             │
//!      └─────────────────────────┴──────────────────────┴─────────────────────────────┘
//!              took part, or is no validator any more; after a report, at once
//! ```
//!
//! ### Examples
//!
//! ```ignore
#![doc = include_str!("tests/example.rs")]
//! ```
//!
//! ```ignore
#![doc = include_str!("tests/penalty_example.rs")]
//! ```
//!
//! ## Implementation
//!
//! `pallet-im-online` reports at the end of a session, before the session pallet asks its manager to end
//! it, which calls [`Pallet::end_session`]. What was reported waits in [`Absent`] between the two, within one
//! block.
//!
//! Penalties are numbered in the order in which they were reported, and the deferral is the same for all,
//! so they are due in that order, too: no agenda is needed, only [`FirstPending`]. They are also old
//! in that order: [`FirstKept`]. A block executes, and forgets, no more than
//! [`Config::MaxExecutedPerBlock`] of them; the others wait for the next block. (If an upgrade shortens
//! the deferral, later penalties wait for the earlier ones.)
//!
//! [`Call::heartbeat`] is a general transaction, authorised by an app key's signature. The pool refuses
//! what is cheap to refuse first and looks at the signature last; dispatch checks everything again. The
//! worker is in `worker.rs`. Events and errors are declared in files of their own.
//!
//! How much storage penalties take is bounded by the nodes: every penalty charges its node something, so
//! that the cap is soon reached, with the cheapest faults of genesis after thirty of them in a
//! [`Config::CapPeriod`]. Whoever sends the evidence pays a fee for it, and a node that multiplies its own
//! faults pays with its stake.
//!
//! - **Invariant S1:** [`Absent`] is empty between blocks.
//! - **Invariant S2:** each count in [`Missed`] is at least 1 and below the limit, and no validator is in it
//!   twice.
//! - **Invariant S3:** in each [`Turnout`] no more took part than there were, and no more than
//!   [`Config::HistoryLength`] are kept.
//! - **Invariant S4:** [`Penalties`] has every number from [`FirstKept`] to below [`NextPenalty`] and no other;
//!   [`FirstPending`] is between them, and nothing below it is pending.
//! - **Invariant S5:** each [`Penalty`] is of a fault that its role can do and that doesn't concern
//!   validators, costs something, was reported after it happened and is due after that; no more was taken than its
//!   amount.
//! - **Invariant S6:** [`Pending`] has the penalties that are pending, and no others.
//! - **Invariant S7:** [`Known`] leads from each penalty's evidence to that penalty, and has no other
//!   entry.
//! - **Invariant S8:** what a node was [`Charged`] in a period is more than nothing and at most the cap's share
//!   of the base, and is the sum of the period's penalties that were not cancelled.

#![cfg_attr(not(feature = "std"), no_std)]
// Code that runs on chain must not panic or lose digits; tests may.
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
mod config;
mod errors;
mod events;
mod heartbeats;
mod liveness;
#[cfg(test)]
#[allow(unreachable_pub)] // FRAME's macros want a mock's items `pub`.
mod mock;
mod offences;
mod penalties;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;
mod worker;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use offences::{Offline, ProvenFault, Raised, RaisedReports};
pub use pallet::*;
pub use types::{
	Charge, ChargeOf, FaultReportOf, OffenderOf, Penalty, PenaltyId, PenaltyOf, PenaltyStatus,
	Turnout,
};
pub use weights::WeightInfo;
pub use worker::LOG_TARGET;

use frame_support::pallet_macros::import_section;

// Code that FRAME generates casts the number of an event, and expects the pallet to be part of the
// runtime. This pallet's own logic is outside the module, under the lints.
#[import_section(errors::errors)]
#[import_section(events::events)]
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use rwa_primitives::{
		app_key::{AppSignature, Role},
		fault::Fault,
		heartbeat::{Heartbeat, Period},
		traits::{AppKeys, Conduct, Presence, Stakes, WorkingTime},
		Balance,
	};
	use sp_core::H256;
	use sp_runtime::{traits::Convert, Perbill};
	use sp_staking::{offence::ReportOffence, SessionIndex};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the runtime decides for this pallet.
	///
	/// The runtime's transaction extensions must contain `frame_system::AuthorizeCall`, or no heartbeat
	/// is ever accepted.
	#[pallet::config]
	pub trait Config:
		CreateAuthorizedTransaction<Call<Self>> + frame_system::Config<Hash = H256>
	{
		/// What proves, besides its account, that somebody was a validator: the session pallet's.
		type FullIdentification: Parameter + MaxEncodedLen;

		/// [`Config::FullIdentification`] of an account that a slash for a fault in the session reaches: it was
		/// elected for that session, whether it is registered still or not. `None`: it wasn't. A
		/// converter that knows only the validators of the current session, as
		/// `pallet_staking::UnitIdentificationOf` does, lets everybody go who was not elected again.
		type FullIdentificationOf: Convert<
			(Self::AccountId, SessionIndex),
			Option<Self::FullIdentification>,
		>;

		/// Takes the offence [`Offline`]: the offences pallet.
		type ReportOffline: ReportOffence<
			Self::AccountId,
			OffenderOf<Self>,
			Offline<OffenderOf<Self>>,
		>;

		/// Takes the offence [`ProvenFault`]: the offences pallet. It must refuse what it knows, or validators
		/// are punished twice for one thing.
		type ReportValidatorFault: ReportOffence<
			Self::AccountId,
			OffenderOf<Self>,
			ProvenFault<OffenderOf<Self>>,
		>;

		/// The share of a validator's stake that a fault costs: the validators' tier.
		type SlashRate: Get<Perbill>;

		/// Sessions in a row after whose absence a validator is offline: at least 1.
		#[pallet::constant]
		type OfflineLimit: Get<u32>;

		/// Sessions whose turnout is kept: at least 1.
		#[pallet::constant]
		type HistoryLength: Get<SessionIndex>;

		/// Most validators in a session.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// The validators of the session that ends.
		type Validators: Get<Vec<Self::AccountId>>;

		/// The clock that stands still while the network is halted.
		type WorkingTime: WorkingTime<BlockNumberFor<Self>>;

		/// Who has what at stake: the node registry.
		type Stakes: Stakes<Self::AccountId, Balance, BlockNumberFor<Self>>;

		/// Who was seen when: the node registry.
		type Presence: Presence<Self::AccountId, BlockNumberFor<Self>>;

		/// What is remembered of a node's work: the node registry.
		type Conduct: Conduct<Self::AccountId>;

		/// Who acts with which app key: the node registry.
		type AppKeys: AppKeys<Self::AccountId>;

		/// Who may cancel a penalty while it waits: a body that can look at the evidence and decides within
		/// [`Config::Deferral`]. Who controls it can let anybody off.
		type CancelOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Working blocks for which a penalty waits: below [`Config::ReportWindow`]. Too short and nobody can
		/// cancel it in time; too long and an accused node that did nothing can't withdraw.
		///
		/// Penalties keep the deferral that they were reported with.
		#[pallet::constant]
		type Deferral: Get<BlockNumberFor<Self>>;

		/// Working blocks after a fault in which it can be reported, and after a report in which it is
		/// remembered. With the deferral no more than stake needs to leave, or it could be out of reach
		/// before the penalty is due. Every window in which a fault is found or judged must end within it.
		#[pallet::constant]
		type ReportWindow: Get<BlockNumberFor<Self>>;

		/// Share of what is taken that goes to whoever brought the evidence: less than all. Too little and
		/// nobody looks; too much and it is a business to provoke faults, and a fault costs less who reports
		/// itself through a friend.
		#[pallet::constant]
		type ReporterShare: Get<Perbill>;

		/// The most that a node can be charged within [`Config::CapPeriod`], as a share of its stake. Too
		/// little and further faults are free for the rest of the period; too much and a mistake, or a bug
		/// in a detector, costs everything. Lowering it breaks invariant S8 until the periods that run are
		/// over.
		#[pallet::constant]
		type Cap: Get<Perbill>;

		/// Working blocks from a node's first charge on for which [`Config::Cap`] holds: at least 1, and at
		/// most [`Config::ReportWindow`], or it could be forgotten before it is over.
		#[pallet::constant]
		type CapPeriod: Get<BlockNumberFor<Self>>;

		/// Working blocks of absence that cost nothing: at least two heartbeat periods, or one lost
		/// heartbeat would be a fault.
		#[pallet::constant]
		type AbsenceLimit: Get<BlockNumberFor<Self>>;

		/// Working blocks in which each node sends one heartbeat: at least 4. Shorter, and heartbeats fill
		/// the blocks; longer, and nobody knows who is there. It must be short beside what the registry
		/// allows between two of them, or stake earns nothing.
		#[pallet::constant]
		type HeartbeatPeriod: Get<BlockNumberFor<Self>>;

		/// Priority of heartbeats in the transaction pool. Above paid transactions, or whoever fills the blocks
		/// makes nodes absent; below reports, which are late sooner.
		#[pallet::constant]
		type HeartbeatPriority: Get<TransactionPriority>;

		/// Most penalties that one block executes, and most that it forgets. They must fit into a quarter of a
		/// block. Too few and a day with many faults is executed late, but nothing is lost.
		#[pallet::constant]
		type MaxExecutedPerBlock: Get<u32>;

		/// What calls, hooks and trait functions cost.
		type WeightInfo: WeightInfo;

		/// Makes nodes for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId, BlockNumberFor<Self>>;
	}

	/// Who took no part in the session that is ending.
	///
	/// **Invariant S1.**
	#[pallet::storage]
	pub type Absent<T: Config> =
		StorageValue<_, BoundedVec<OffenderOf<T>, T::MaxValidators>, ValueQuery>;

	/// The validators that took no part in the latest sessions, with how many in a row.
	///
	/// **Invariant S2.**
	#[pallet::storage]
	pub type Missed<T: Config> =
		StorageValue<_, BoundedVec<(T::AccountId, u32), T::MaxValidators>, ValueQuery>;

	/// How many validators took part in each of the latest sessions.
	///
	/// **Invariant S3.**
	#[pallet::storage]
	pub type Turnouts<T: Config> = StorageMap<_, Twox64Concat, SessionIndex, Turnout>;

	/// The block and the working block in which the current session began.
	#[pallet::storage]
	pub type SessionStart<T: Config> =
		StorageValue<_, (BlockNumberFor<T>, BlockNumberFor<T>), ValueQuery>;

	/// Penalties that wait, and those that were reported no longer ago than [`Config::ReportWindow`].
	///
	/// **Invariants S4 and S5.** Bounded by the nodes, as the pallet's documentation explains; whoever brings
	/// evidence pays a fee.
	#[pallet::storage]
	pub type Penalties<T: Config> = StorageMap<_, Twox64Concat, PenaltyId, PenaltyOf<T>>;

	/// The number of the next penalty.
	///
	/// **Invariant S4.**
	#[pallet::storage]
	pub type NextPenalty<T: Config> = StorageValue<_, PenaltyId, ValueQuery>;

	/// The first penalty that may wait. All before it are executed or cancelled.
	///
	/// **Invariant S4.**
	#[pallet::storage]
	pub type FirstPending<T: Config> = StorageValue<_, PenaltyId, ValueQuery>;

	/// The first penalty that is kept. All before it are forgotten.
	///
	/// **Invariant S4.**
	#[pallet::storage]
	pub type FirstKept<T: Config> = StorageValue<_, PenaltyId, ValueQuery>;

	/// The penalties that wait to be taken from each account. Whoever has one here stands accused.
	///
	/// **Invariant S6.** Part of what [`Penalties`] takes.
	// Hasher of the account: Blake2, because whoever makes an account could grind a Twox key.
	#[pallet::storage]
	pub type Pending<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, PenaltyId, ()>;

	/// Hash of offender, fault and evidence of each penalty, so that none is punished twice for one thing.
	/// When it is forgotten, the fault is too long ago to be reported.
	///
	/// **Invariant S7.** Part of what [`Penalties`] takes.
	// Hasher: Twox, because an entry takes a proven fault, which nobody has many of to choose from.
	#[pallet::storage]
	pub type Known<T: Config> = StorageMap<_, Twox64Concat, H256, PenaltyId>;

	/// What each node was charged in its current or latest period.
	///
	/// **Invariant S8.** One entry for each node at most, and only while it has penalties: it goes when the first
	/// of its penalties is forgotten after the period, or when all of them are cancelled.
	// Hasher: Blake2, because whoever makes an account could grind a Twox key.
	#[pallet::storage]
	pub type Charged<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, ChargeOf<T>>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_block: BlockNumberFor<T>) -> Weight {
			if T::WorkingTime::is_running() {
				Self::settle(T::WorkingTime::now())
			} else {
				T::WeightInfo::settle_halted()
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
		/// Cancel a penalty that waits. Nothing is taken, and the offender stands accused of it no more.
		///
		/// ## Dispatch origin
		/// [`Config::CancelOrigin`].
		///
		/// ## Details
		/// What was charged for it doesn't count towards the cap any more. The same evidence can't be brought
		/// again. Slashes of validators wait in the staking pallet: cancel them there.
		///
		/// ## Errors
		/// [`Error::UnknownPenalty`], [`Error::NotPending`].
		///
		/// ## Events
		/// [`Event::PenaltyCancelled`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::cancel_penalty())]
		pub fn cancel_penalty(origin: OriginFor<T>, id: PenaltyId) -> DispatchResult {
			T::CancelOrigin::ensure_origin(origin)?;
			Self::do_cancel_penalty(id)
		}

		/// Say that a node has been away for more than [`Config::AbsenceLimit`] working blocks.
		///
		/// ## Dispatch origin
		/// Signed, by anybody but the node.
		///
		/// ## Details
		/// The registry's record is the proof. A true report earns the caller [`Config::ReporterShare`] of what
		/// the penalty takes, when it is executed; a false one costs the fee. The node's absence is counted
		/// anew from now on: another day costs as much again.
		///
		/// ## Errors
		/// [`Error::OwnFault`], [`Error::UnknownOffender`], [`Error::ImpossibleFault`] for validators,
		/// [`Error::NotAbsent`], [`Error::TooOld`] if the node was excused too long ago,
		/// [`Error::NothingToTake`].
		///
		/// ## Events
		/// [`Event::PenaltyReported`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::report_absence())]
		pub fn report_absence(origin: OriginFor<T>, node: T::AccountId) -> DispatchResult {
			let reporter = ensure_signed(origin)?;
			Self::do_report_absence(reporter, node)
		}

		/// Say that a node is there. Free of fees.
		///
		/// ## Dispatch origin
		/// Authorised: a general transaction that carries the signature of the node's app key over
		/// [`Heartbeat::signing_payload`]. Nodes make it by themselves.
		///
		/// ## Details
		/// Counts once in each period, and only for nodes that are expected to be there. A node that was away
		/// for more than [`Config::AbsenceLimit`] is punished for it with its first heartbeat, if nobody
		/// reported it before.
		///
		/// ## Errors
		/// [`Error::PeriodOver`], [`Error::PeriodNotBegun`], [`Error::UnknownKey`], [`Error::NotExpected`],
		/// [`Error::AlreadySeen`], [`Error::BadSignature`]. The pool refuses such a transaction, so that it
		/// gets into no block.
		///
		/// ## Events
		/// [`Event::HeartbeatReceived`], before it [`Event::PenaltyReported`] if that is so.
		#[pallet::call_index(2)]
		#[pallet::weight((
			T::WeightInfo::heartbeat().saturating_add(T::WeightInfo::report_fault()),
			DispatchClass::Normal,
			Pays::No,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_heartbeat())]
		#[pallet::authorize(Self::authorize_heartbeat)]
		pub fn heartbeat(
			origin: OriginFor<T>,
			beat: Heartbeat,
			signature: AppSignature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_heartbeat(&beat, &signature)
		}
	}

	/// What anyone can ask a node, without a transaction.
	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// How many validators took part in `session`. `None`: it isn't over, or too long ago.
		pub fn turnout(session: SessionIndex) -> Option<Turnout> {
			Turnouts::<T>::get(session)
		}

		/// The share of validators that took part in the latest sessions that are kept, a day's. `None`:
		/// no session is over yet.
		pub fn participation() -> Option<Perbill> {
			Self::mean_participation()
		}

		/// How many sessions in a row `validator` has missed.
		pub fn missed(validator: T::AccountId) -> u32 {
			Self::missed_by(&validator)
		}

		/// Penalty number `id`. `None`: there never was one, or it was forgotten.
		pub fn penalty(id: PenaltyId) -> Option<PenaltyOf<T>> {
			Penalties::<T>::get(id)
		}

		/// The penalties that wait to be taken from `account`, with their numbers, oldest first. If there are
		/// more than 100, any 100 of them.
		pub fn pending_penalties(account: T::AccountId) -> Vec<(PenaltyId, PenaltyOf<T>)> {
			Self::pending_of(&account)
		}

		/// The penalties that are kept, with their numbers, from number `id` on, at most `limit` of them and at
		/// most 100. For the next page ask with the last number plus one; an empty page is the last.
		pub fn penalties_since(id: PenaltyId, limit: u32) -> Vec<(PenaltyId, PenaltyOf<T>)> {
			Self::page_from(id, limit)
		}

		/// Every kind of fault, with how much of its role's slash rate it costs.
		pub fn conditions() -> Vec<(Fault, Perbill)> {
			Fault::ALL.into_iter().map(|fault| (fault, fault.severity())).collect()
		}

		/// For how many working blocks `node` has been away although it was expected. Above
		/// [`Config::AbsenceLimit`] anybody may report it. `None`: it is registered in no role that sends
		/// heartbeats.
		pub fn absence(node: T::AccountId) -> Option<BlockNumberFor<T>> {
			Self::away(&node).map(|away| away.length())
		}
	}
}
