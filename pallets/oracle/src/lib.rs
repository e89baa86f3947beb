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
//! A *feed* says one thing about one asset from one kind of source: a number, a place, a direction or a
//! state ([`Schema`](rwa_primitives::reading::Schema)). Four kinds of people meet in it:
//!
//! * The asset's *owner*, or governance, creates it, says who may join, and pays for it.
//! * *Reporters* are operators who have joined it, each with a source of its own. Their nodes work by
//!   themselves: they ask the sources, sign what comes of it with the operator's app key, and send it.
//! * *Readers* take its answers: dApps by view functions, pallets by
//!   [`FeedReader`](rwa_primitives::traits::FeedReader). No answer comes without its age and status.
//! * Who punishes hears of reporters that are wrong or silent too often; this pallet takes no stake.
//!
//! Where *devices* sign what they measure, a report names the measurement that it was taken from. Whoever holds that
//! measurement can show that it says something else. Then the reporter has made its report up, or the device has
//! signed twice with one counter; who was framed so shows the other one, and the device is condemned in its place.
//! Who suspects that there is no such measurement at all *demands* to see it, for a bond: a node shows what it has kept
//! by itself, and the operator has the bond; who has nothing to show in time is punished.
//!
//! At every *heartbeat* a *round* draws a committee from the roster, by stake times reputation. First each
//! member *commits* to what it measures, a hash that nobody else can open; then it *reveals* it, when it is
//! too late to copy. The answer is a weighted mean without outliers, within what honest reports are sure to
//! span as long as less than a third of the committee's weight is faulty
//! ([`aggregate`](rwa_primitives::aggregate)). If too few commit or reveal, or they disagree, the round
//! fails for all to see: the old answer stays, and is stale.
//!
//! Between two rounds the next can be called *early*, if the world has moved away from the answer: by *alarms* of a third
//! of the last committee's weight, each signed by a node whose own sources have shown it twice, or by anyone's
//! *request*, with a bond and the price of the round. What comes of the round decides what that costs. Alarms in vain
//! shut alarms until a round of the heartbeat has closed; a request in vain pays for its round and loses its bond. So
//! liars can at most double the number of rounds, and whoever can see better than the reporters need not persuade them.
//!
//! Deadlines are counted in *working blocks*: while the network is halted in safe mode they stand still, so
//! that nobody is late because of it. The age of an answer is counted in blocks: data grows old in any case.
//!
//! ### States
//!
//! ```text
//!            heartbeat             all have spoken,            all have revealed,
//!            drawn, paid for       or two thirds in time       or time is up
//!   Waiting ────────────► Commit ───────────────────► Reveal ───────────────────► Waiting
//!    ▲ │▲  └─► fails        └─► fails                   └─► fails                 new answer
//!    │ │└─ alarms or request_round: as the heartbeat, but five working blocks later
//!    │ └─── pause_feed: no round opens; one that is open goes on to its end
//!    └── resume_feed
//! ```
//!
//! ### Money
//!
//! What a feed can pay is held on its payer, [`HoldReason::FeedBudget`], and belongs to nobody else until it is
//! paid. A round opens only if the budget pays its whole committee, so that nobody works for nothing, and costs
//! [`Config::DutyFee`] for each member. Each report that is accepted is paid in full. What is left is given
//! back with the feed's end. What is put up for an early round is held on the requester,
//! [`HoldReason::RoundRequest`], and given back when the round has a new answer, fails or can't open; if not, the bond
//! goes to the treasury, and what the round has cost into the feed's budget. A feed that can't open a round tries again
//! later and later, until somebody joins or tops it up. The bond of a demand is held on the challenger,
//! [`HoldReason::MeasurementDemand`], until it is met, which makes it the reporter's, or enforced.
//!
//! ### Example
//!
//! Four reporters serve a feed in °C with two decimals. Three reveal 2150, 2140 and 2160; the fourth, whose
//! instrument is broken, 9999. That is too far from the median to count: the feed answers the mean of the
//! others, 2150, which is 21.50 °C, and pays the three. If the fourth goes on like that, it is judged after
//! [`Config::WindowRounds`] rounds, and reported for
//! [`ConsistentOutliers`](rwa_primitives::fault::Fault::ConsistentOutliers). (From the test
//! `a_round_of_four_should_survive_a_liar`.)
//!
//! The same feed answers 20.00 °C, and wants an early round when that is more than 5 % off. The sensors of two reporters,
//! with half of the weight, show 21.01 °C: they raise alarms, the next round opens five blocks later, and answers 21.01 °C.
//! Had it answered 21.00 °C, alarms would be refused until the heartbeat's next round has closed. (From the tests
//! `a_founded_alarm_should_leave_alarms_open` and
//! `an_alarm_in_vain_should_shut_alarms_until_the_heartbeats_next_round_has_closed`.)
//!
//! ## Implementation
//!
//! * Each feed waits for exactly one thing, its next opening or the end of its round's phase, and has one
//!   entry in the [`Agenda`]. A block handles as many of them as fit into a quarter of it; the rest waits for
//!   the next block and is never lost. When the last word of a phase is spoken, the agenda is only told so:
//!   every word costs the same, and no transaction pays for the end of a round.
//! * [`Call::submit`] is a general transaction, authorised by an app key's signature and free of fees. It
//!   carries words about up to sixteen feeds. The pool refuses what is cheap to refuse first and looks at the
//!   signature last; dispatch checks everything again.
//! * A round's number is never used twice for a feed's name, even if the feed is removed and made anew: a word
//!   is a signed statement about one round, and must not count in another.
//! * Records of what reporters did outlive their leaving, so that leaving and joining washes nothing.
//! * What was revealed as a device's measurement is kept as a hash for [`Config::ProofRounds`] rounds; whoever proves
//!   that it was made up brings the rest. The same hash is the penalty's evidence, so that nothing is kept here of
//!   those who stand accused, and a feed's removal takes nobody's defence. Nor does it save a liar: the hashes stay for
//!   [`Config::ProofTime`].
//! * Who calls a round must not know whom it will draw. So committees are drawn by all of [`Config::Randomness`] so far
//!   ([`Entropy`]), and a round that was called opens some blocks later.
//! * The worker is in `functions/worker.rs`: what is due in `progress.rs`, measuring in `measure.rs`, fetching
//!   in `fetch.rs`, news about sources in `sources.rs`, looking between rounds in `watch.rs`.
//!
//! Invariants are numbered O1 to O16 and checked by `try_state`.

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
mod calls;
mod errors;
mod events;
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

use frame_support::pallet_macros::import_section;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use functions::{
	statements::{BAD_BATCH, BAD_EVIDENCE, NOTHING_COMMITTED, OUT_OF_BOUNDS, WRONG_REVEAL},
	worker::LOG_TARGET,
};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

// What FRAME generates casts and expects; the logic is outside this module, under the lints.
#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use alloc::{boxed::Box, vec::Vec};

	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, hold},
			Randomness, Time,
		},
	};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use rwa_primitives::{
		app_key::AppSignature,
		device::{DeviceKey, SignedMeasurement},
		fault::Fault,
		feed::{Answer, Batch, FeedId, Observation, RoundIndex, Value, Word},
		reading::Reading,
		traits::{
			Accusations, AppKeys, AssetOwners, CancelPenalty, Conduct, Devices, ReportFault,
			Reputation, WorkingTime,
		},
		Balance, Moment,
	};
	use sp_core::H256;
	use sp_runtime::{DispatchError, Percent};

	use crate::{
		types::{
			Admission, AdmissionOf, AgreementOf, Cause, DemandOf, EarlyRoundOf, FeedOf,
			FeedOverviewOf, FeedSpecOf, Record, RosterOf, RoundFailure, RoundOf, TestimoniesOf,
			WatchOf,
		},
		weights::WeightInfo,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	///
	/// The runtime's transaction extensions must contain `frame_system::AuthorizeCall`, or no statement is
	/// ever accepted. `integrity_test` refuses what is said here to be refused.
	#[pallet::config]
	pub trait Config:
		CreateAuthorizedTransaction<Call<Self>> + frame_system::Config<Hash = H256>
	{
		/// The token that feeds pay in.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who acts with which app key, and whether it may. Normally the node registry.
		type AppKeys: AppKeys<Self::AccountId>;

		/// How much an operator's word counts. Normally the node registry.
		type Reputation: Reputation<Self::AccountId>;

		/// Who hears of paid work. Normally the node registry.
		type Conduct: Conduct<Self::AccountId>;

		/// Who punishes. Normally the slashing pallet.
		type Faults: ReportFault<Self::AccountId, BlockNumberFor<Self>>;

		/// Who takes a punishment back that was for nothing. Normally the slashing pallet.
		type Penalties: CancelPenalty<Self::AccountId> + Accusations<Self::AccountId>;

		/// The devices that measure for feeds. Normally the devices pallet.
		type Devices: Devices<Self::AccountId, BlockNumberFor<Self>>;

		/// Who owns the assets.
		type Assets: AssetOwners<Self::AccountId>;

		/// What committees are drawn by, together with its values in all blocks before: a value that nobody could
		/// foresee when they joined or left, or `None` if there is none. Then the hash of the parent block takes
		/// its place, which its author can choose among as many as it has time to try.
		type Randomness: Randomness<Option<H256>, BlockNumberFor<Self>>;

		/// The clock of heartbeats, phases and days, in working blocks.
		type WorkingTime: WorkingTime<BlockNumberFor<Self>>;

		/// The time noted with each answer, in milliseconds since 1970-01-01 UTC. Normally
		/// `pallet_timestamp`. Shown, never used to decide anything.
		type TimeProvider: Time<Moment = Moment>;

		/// Who creates feeds of any asset, and changes and removes those of others: governance.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who pays for what governance creates: the treasury's account.
		type Treasury: Get<Self::AccountId>;

		/// What a feed holds from the asset's owner who creates it. Pays for the feed's entries in the state.
		/// A change applies to later feeds: each gives back what it took.
		#[pallet::constant]
		type FeedDeposit: Get<Balance>;

		/// What a round costs its feed for each reporter drawn, besides the reward: the price of the statements,
		/// which cost reporters no fee, and of the round itself. Goes to the treasury. Without it anyone could
		/// fill blocks for nothing with feeds and reporters of his own.
		#[pallet::constant]
		type DutyFee: Get<Balance>;

		/// What whoever calls a round early by its own money loses to the treasury if the answer stays much the
		/// same. Not 0: every round is a chance for liars, and shortens the windows in which reporters are judged.
		/// A change applies to later requests.
		#[pallet::constant]
		type RequestBond: Get<Balance>;

		/// Most operators in a feed's roster, and most that it invites: at least [`Config::MaxCommittee`], at
		/// most 100. Each is asked for its weight whenever a round opens.
		#[pallet::constant]
		type MaxReporters: Get<u32>;

		/// Fewest reporters of a round: at least 4, the least that survive one liar or one dead node.
		#[pallet::constant]
		type MinCommittee: Get<u32>;

		/// Most reporters of a round: at most 32. All of them may have to be paid and judged in one block.
		#[pallet::constant]
		type MaxCommittee: Get<u32>;

		/// Most feeds that one operator can join: a bound on what one node can serve in time.
		#[pallet::constant]
		type MaxFeedsPerReporter: Get<u32>;

		/// Most rounds that one block opens, moves on or ends, together, if they all fit into a quarter of a
		/// block. What is more waits for the next block.
		#[pallet::constant]
		type MaxDuePerBlock: Get<u32>;

		/// Fewest working blocks of a phase: at least 5. Must leave time to fetch (2 s), to retry, and to get
		/// through a burst of full blocks.
		#[pallet::constant]
		type MinPhase: Get<BlockNumberFor<Self>>;

		/// Working blocks of a day: a reporter is punished for its silence once in each, however many feeds it
		/// has joined. Also the longest a phase may be: at least [`Config::MinPhase`].
		#[pallet::constant]
		type Day: Get<BlockNumberFor<Self>>;

		/// Rounds after which a reporter is judged: at least 4, so that no single one decides.
		#[pallet::constant]
		type WindowRounds: Get<u32>;

		/// Share of a window's rounds, rounded up, from which outliers are a fault. Not 0. Honest instruments
		/// are outliers now and then: see [`rwa_primitives::aggregate::Rules::outlier_multiple`].
		#[pallet::constant]
		type OutlierLimit: Get<Percent>;

		/// Share of a window's rounds, rounded up, from which silence is a fault. Not 0.
		#[pallet::constant]
		type MissedLimit: Get<Percent>;

		/// Most bytes of the name of a unit.
		#[pallet::constant]
		type MaxUnitLength: Get<u32>;

		/// What is held on whoever demands to see a measurement, and paid to the reporter who shows it: more than that
		/// costs a node, so that nobody is demanded of for sport. A change applies to later demands.
		#[pallet::constant]
		type DemandBond: Get<Balance>;

		/// How many answers of each feed are kept, the latest included.
		#[pallet::constant]
		type HistoryLength: Get<u32>;

		/// For how many rounds of a feed it is kept what was revealed in them as measured by a device, so that it can
		/// be shown to be made up: at least 1. The newest round counts, also if it didn't open. Must not fall: what
		/// is kept for longer than a lower number says would stay for ever.
		#[pallet::constant]
		type ProofRounds: Get<u32>;

		/// How many working blocks a reporter has to show a measurement that somebody demands, and for how many it is kept
		/// what was revealed in the last rounds of a feed that was removed. At least [`Config::Day`]: an honest
		/// operator's node may be down for as long.
		#[pallet::constant]
		type ProofTime: Get<BlockNumberFor<Self>>;

		/// Priority of batches in the transaction pool. Above paid transactions: a statement is worth nothing
		/// when it comes late, and there are two per reporter and round.
		#[pallet::constant]
		type ReportPriority: Get<TransactionPriority>;

		/// What the calls, the authorisation and the agenda cost.
		type WeightInfo: WeightInfo;

		/// Makes operators for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// Why this pallet holds an account's money.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// What a feed can pay its reporters. Given back, as far as it is left, when the feed is removed.
		#[codec(index = 0)]
		FeedBudget,
		/// Deposit for a feed's entries. Given back when the feed is removed.
		#[codec(index = 1)]
		FeedDeposit,
		/// Bond and price of a round that was called early. Given back at its end, unless the answer stayed much the
		/// same.
		#[codec(index = 2)]
		RoundRequest,
		/// Bond for a demand to see a measurement. Paid to the reporter when it is shown, and given back if the demand
		/// has to be enforced.
		#[codec(index = 3)]
		MeasurementDemand,
	}

	/// The feeds.
	///
	/// **Invariants O1, O10, O11:** each has a sound spec and a roster of distinct operators, all of them
	/// admitted. Paid for by [`HoldReason::FeedDeposit`], unless governance created it, until it is removed.
	// Hasher: Twox, because asset numbers are few and cost a deposit each, and of sources there are five.
	#[pallet::storage]
	pub type Feeds<T: Config> = StorageMap<_, Twox64Concat, FeedId, FeedOf<T>>;

	/// Number of the newest round of each name a feed ever had.
	///
	/// **Invariant O2:** never falls and survives the feed: a word in a round must not count in another
	/// round of the same number. Eight bytes an asset and source for ever, bounded by the assets.
	#[pallet::storage]
	pub type LastRound<T: Config> = StorageMap<_, Twox64Concat, FeedId, RoundIndex, ValueQuery>;

	/// The open round of each feed that has one, with all that was said in it.
	///
	/// **Invariants O3, O4:** the feed exists, its budget pays the whole committee, and the round is its
	/// newest; nobody has a third of its weight. Removed when the round ends.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, FeedId, RoundOf<T>>;

	/// Who may call the next round of each feed early, and when. Between a round that closed and the call or the
	/// opening of the next.
	///
	/// **Invariant O13:** the feed isn't paused, and no round is open or called; its newest round has agreed on its
	/// answer; and those who have raised an alarm have less than a third of the weight.
	#[pallet::storage]
	pub type Watches<T: Config> = StorageMap<_, Twox64Concat, FeedId, WatchOf<T>>;

	/// The round of each feed that was called early and hasn't ended.
	///
	/// **Invariant O14:** it is the feed's open round or the next; what is held under
	/// [`HoldReason::RoundRequest`] on an account is what it has put up for these.
	#[pallet::storage]
	pub type EarlyRounds<T: Config> = StorageMap<_, Twox64Concat, FeedId, EarlyRoundOf<T>>;

	/// All values of [`Config::Randomness`] so far, stirred together: whoever knows one block's in advance does not
	/// know this one, unless it makes all of the blocks until then.
	#[pallet::storage]
	pub type Entropy<T: Config> = StorageValue<_, H256, ValueQuery>;

	/// What was revealed in the last [`Config::ProofRounds`] rounds of each feed as measured by a device.
	///
	/// **Invariant O15:** the feed exists, or was removed less than [`Config::ProofTime`] ago; the round has ended and is
	/// one of these; what is kept is distinct, and something. Removed when as many rounds have opened since, or failed
	/// to. Paid for by [`HoldReason::FeedDeposit`], and after that by the fees of the rounds.
	#[pallet::storage]
	pub type TestimoniesIn<T: Config> =
		StorageDoubleMap<_, Twox64Concat, FeedId, Twox64Concat, RoundIndex, TestimoniesOf<T>>;

	/// What each reporter has to show, by what it has revealed ([`Observation::testimony`]).
	///
	/// **Invariant O16:** what is held on an account under [`HoldReason::MeasurementDemand`] is the bonds of its demands.
	/// Removed when the demand is met or enforced, which anyone can do.
	// Hasher of the testimony: Blake2, because whoever reveals can grind it.
	#[pallet::storage]
	pub type Demands<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, H256, DemandOf<T>>;

	/// The latest answer of each feed that ever agreed on one.
	///
	/// **Invariant O5:** the feed exists, its schema allows the answer, and the answer is the last of the
	/// feed's [`History`].
	#[pallet::storage]
	pub type Answers<T: Config> = StorageMap<_, Twox64Concat, FeedId, AgreementOf<T>>;

	/// The last answers of each feed, oldest first; when full, the oldest gives way.
	///
	/// **Invariant O6:** rounds rise, blocks don't fall; none is newer than the feed's newest round.
	#[pallet::storage]
	pub type History<T: Config> = StorageMap<
		_,
		Twox64Concat,
		FeedId,
		BoundedVec<AgreementOf<T>, T::HistoryLength>,
		ValueQuery,
	>;

	/// Rounds of each feed that failed in a row since its last answer. No entry: none. While there is one,
	/// the answer is stale.
	///
	/// **Invariant O6:** the feed exists; none is 0.
	#[pallet::storage]
	pub type Failures<T: Config> = StorageMap<_, Twox64Concat, FeedId, u32, ValueQuery>;

	/// The feeds that each operator has joined.
	///
	/// **Invariant O7:** the mirror of the rosters in [`Feeds`]; no account has an empty entry.
	// Hasher: Blake2, because whoever makes an account could grind a Twox key.
	#[pallet::storage]
	pub type FeedsOf<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		BoundedVec<FeedId, T::MaxFeedsPerReporter>,
		ValueQuery,
	>;

	/// The working block in which each feed is due next: its round moves on or ends, if one is open, and
	/// otherwise its next round opens. No entry: the feed is paused, and no round is open.
	///
	/// **Invariant O8:** the feed exists, or was removed and is due to be forgotten; the [`Agenda`] has the same entry
	/// and no other.
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

	/// What is left of each feed's money. No entry: nothing.
	///
	/// **Invariant O10:** the feed exists; the sum over the feeds of one payer is what is held on it under
	/// [`HoldReason::FeedBudget`].
	#[pallet::storage]
	pub type Budgets<T: Config> = StorageMap<_, Twox64Concat, FeedId, Balance, ValueQuery>;

	/// What each reporter did in each feed in its current window. No entry: nothing.
	///
	/// **Invariant O12:** only of those in the feed's roster, and of [`Departed`]; of fewer rounds than a
	/// window has.
	// Hasher of the account: Blake2, because whoever makes an account could grind a Twox key.
	#[pallet::storage]
	pub type Records<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		FeedId,
		Blake2_128Concat,
		T::AccountId,
		Record,
		ValueQuery,
	>;

	/// Those who left each feed with something that they could be blamed for, in the order in which they
	/// left. When full, the first is forgiven.
	///
	/// Without it, leaving and joining again would wash a record. To make a place for one's own washing, one
	/// would have to have as many other operators drawn and blamed as a roster holds.
	///
	/// **Invariant O12:** distinct, not in the roster, and each with a record that isn't clean.
	#[pallet::storage]
	pub type Departed<T: Config> = StorageMap<_, Twox64Concat, FeedId, RosterOf<T>, ValueQuery>;

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

	/// What anyone can ask a node, without a transaction.
	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The latest answer of `feed`, with its age and status. `None`: no such feed, or it has
		/// not agreed on anything yet.
		pub fn latest(feed: FeedId) -> Option<Answer<BlockNumberFor<T>>> {
			Self::latest_answer(&feed)
		}

		/// The open round of `feed`, with all that was said in it. `None`: none is open.
		pub fn open_round(feed: FeedId) -> Option<RoundOf<T>> {
			Rounds::<T>::get(feed)
		}

		/// Who may call the next round of `feed` early, from when until when, and who has raised an alarm. `None`:
		/// nobody may now, or it was called.
		pub fn watch(feed: FeedId) -> Option<WatchOf<T>> {
			Watches::<T>::get(feed)
		}

		/// The round of `feed` that was called early and hasn't ended. `None`: there is none.
		pub fn early_round(feed: FeedId) -> Option<EarlyRoundOf<T>> {
			EarlyRounds::<T>::get(feed)
		}

		/// Feeds in an order of no meaning, at most `limit` of them and at most 100: the first
		/// ones, or those that follow `after`, which is the last one of the page before. A short
		/// page is the last.
		pub fn feeds(after: Option<FeedId>, limit: u32) -> Vec<FeedOverviewOf<T>> {
			Self::feeds_page(after, limit)
		}

		/// What was revealed in `round` of `feed` as measured by a device, as hashes. `None`: nothing was, or the round
		/// hasn't ended, or it is none of the last [`Config::ProofRounds`].
		pub fn testimonies(feed: FeedId, round: RoundIndex) -> Option<TestimoniesOf<T>> {
			TestimoniesIn::<T>::get(feed, round)
		}

		/// What `reporter` has to show, by the testimony that it is about: at most 100 of it, in no particular order.
		pub fn demands(reporter: T::AccountId) -> Vec<(H256, DemandOf<T>)> {
			Self::demands_on(&reporter)
		}

		/// The last answers of `feed`, oldest first, at most [`Config::HistoryLength`].
		pub fn history(feed: FeedId) -> Vec<AgreementOf<T>> {
			History::<T>::get(feed).into_inner()
		}

		/// The feeds that `reporter` has joined: what its node needs sources for.
		pub fn feeds_of(reporter: T::AccountId) -> Vec<FeedId> {
			FeedsOf::<T>::get(reporter).into_inner()
		}

		/// What is left of the money of `feed`.
		pub fn budget(feed: FeedId) -> Balance {
			Budgets::<T>::get(feed)
		}

		/// What `reporter` did in `feed` in its current window.
		pub fn record(feed: FeedId, reporter: T::AccountId) -> Record {
			Records::<T>::get(feed, reporter)
		}

		/// The mean of a scalar feed's answers from block `from` to before block `until`, each counted for as
		/// long as it was the latest. `None`: no scalars, `from` is before the oldest answer that is kept,
		/// `until` is not after it or in the future.
		pub fn time_weighted(
			feed: FeedId,
			from: BlockNumberFor<T>,
			until: BlockNumberFor<T>,
		) -> Option<Value> {
			Self::mean_over_time(&feed, from, until)
		}
	}

	/// How many are invited; bounded, so that it fits.
	fn invited<Account, Max: Get<u32>>(admission: &Admission<BoundedVec<Account, Max>>) -> u32 {
		match admission {
			Admission::Open => 0,
			Admission::Invited(accounts) => accounts.len() as u32,
		}
	}

	/// How many statements; bounded, so that it fits.
	fn statements(batch: &Batch) -> u32 {
		batch.statements.len() as u32
	}

	/// What a batch costs: nodes send alarms apart from words, and only a mixed one pays as if all were the dearer.
	fn weight_of<T: Config>(batch: &Batch) -> Weight {
		let (all, words) = (statements(batch), T::WeightInfo::submit(statements(batch)));
		match batch.statements.iter().any(|statement| statement.word == Word::Alarm) {
			true => words.max(T::WeightInfo::submit_alarms(all)),
			false => words,
		}
	}
}
