//! Statements: who may say what, and what a word does.

use alloc::{collections::BTreeSet, vec::Vec};

use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	traits::Get,
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::{AppPublic, AppSignature, Role},
	feed::{Batch, FeedId, Statement, Word},
	traits::{AppKeys, WorkingTime},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::{
	traits::{Saturating, Zero},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
		ValidTransactionBuilder,
	},
	SaturatedConversion,
};

use crate::{
	Config, DutyState, Error, Event, Feeds, LastRound, Pallet, Phase, RoundOf, Rounds, WatchOf,
};

/// With this code of `InvalidTransaction::Custom` the pool refuses a batch that reveals a reading of another
/// kind than the feed's, or outside its bounds.
pub const OUT_OF_BOUNDS: u8 = 1;

/// With this code the pool refuses a batch that reveals something else than was committed to.
pub const WRONG_REVEAL: u8 = 2;

/// With this code the pool refuses a batch that reveals where nothing was committed to.
pub const NOTHING_COMMITTED: u8 = 3;

/// With this code the pool refuses a batch without statements, or with two about one feed.
pub const BAD_BATCH: u8 = 4;

/// With this code the pool refuses a batch that reveals what the feed doesn't take as it rests on nothing that a
/// device has signed, or on what a device has that isn't registered, was out of service, or has been used further.
pub const BAD_EVIDENCE: u8 = 5;

/// A statement that has passed every check.
enum Admitted<T: Config> {
	/// A word in an open round.
	Word {
		feed: FeedId,
		round: RoundOf<T>,
		/// The place of the reporter's duty in the round.
		duty: usize,
		/// What the duty's state becomes.
		state: DutyState,
	},
	/// An alarm before the next.
	Alarm {
		feed: FeedId,
		watch: WatchOf<T>,
		/// The reporter's place in it.
		watcher: usize,
	},
}

impl<T: Config> Admitted<T> {
	/// First working block in which it is too late to say it.
	fn deadline(&self) -> BlockNumberFor<T> {
		match self {
			Self::Word { round, .. } => round.deadline,
			Self::Alarm { watch, .. } => watch.until,
		}
	}

	/// Says of a transaction that only one in the pool says this, whichever key signs it.
	fn provided_by(
		&self,
		transaction: ValidTransactionBuilder,
		reporter: &T::AccountId,
	) -> ValidTransactionBuilder {
		match self {
			Self::Word { feed, round, .. } => {
				transaction.and_provides((feed, round.index, reporter, round.phase))
			}
			Self::Alarm { feed, watch, .. } => {
				transaction.and_provides((feed, watch.round, reporter, b"alarm"))
			}
		}
	}
}

/// The reporter of a batch that has passed every check, and its statements in their order.
type AdmittedBatch<T> = (<T as frame_system::Config>::AccountId, Vec<Admitted<T>>);

/// What the transaction pool says of a batch that can't be admitted.
fn refusal<T: Config>(error: Error<T>) -> InvalidTransaction {
	match error {
		Error::RoundNotYetOpen | Error::RevealTooEarly | Error::CallTooEarly => {
			InvalidTransaction::Future
		}
		Error::NotAnOracle | Error::NotDrawn | Error::NotWatching => InvalidTransaction::BadSigner,
		Error::OutOfBounds => InvalidTransaction::Custom(OUT_OF_BOUNDS),
		Error::WrongReveal => InvalidTransaction::Custom(WRONG_REVEAL),
		Error::NothingCommitted => InvalidTransaction::Custom(NOTHING_COMMITTED),
		Error::EmptyBatch | Error::FeedTwice => InvalidTransaction::Custom(BAD_BATCH),
		Error::MeasurementRequired
		| Error::UnknownDevice
		| Error::DeviceRetired
		| Error::DeviceCondemned
		| Error::Replayed => InvalidTransaction::Custom(BAD_EVIDENCE),
		Error::BadSignature => InvalidTransaction::BadProof,
		_ => InvalidTransaction::Stale,
	}
}

impl<T: Config> Pallet<T> {
	/// Whether the pool, and then a block, should take a batch.
	///
	/// One statement per reporter, feed, round and phase, and one alarm before each round, can be in the pool,
	/// whichever key signs it.
	pub(crate) fn authorize_batch(
		_source: TransactionSource,
		batch: &Batch,
		signature: &AppSignature,
	) -> TransactionValidityWithRefund {
		let (reporter, admitted) = Self::admit(batch, signature).map_err(refusal)?;
		let now = T::WorkingTime::now();
		let left = admitted.iter().map(|one| one.deadline().saturating_sub(now)).min();
		let valid = ValidTransaction::with_tag_prefix("rwa/oracle")
			.priority(T::ReportPriority::get())
			.longevity(left.unwrap_or_else(Zero::zero).saturated_into())
			.propagate(true);
		admitted
			.iter()
			.fold(valid, |valid, one| one.provided_by(valid, &reporter))
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	/// The only way to speak in a round. Trusts nothing that was checked before.
	pub(crate) fn do_submit(batch: Batch, signature: &AppSignature) -> DispatchResultWithPostInfo {
		let (reporter, admitted) = Self::admit(&batch, signature)?;

		for statement in admitted {
			match statement {
				Admitted::Word { feed, round, duty, state } => {
					Self::take_word(&reporter, feed, round, duty, state);
				}
				Admitted::Alarm { feed, watch, watcher } => {
					Self::take_alarm(feed, watch, watcher, &reporter);
				}
			}
		}
		Ok(PostDispatchInfo { actual_weight: None, pays_fee: Pays::No })
	}

	/// Notes a word. When it was the last one that the phase waits for, the round is due in the next working
	/// block: the agenda moves it on, so that every word costs the same.
	fn take_word(
		reporter: &T::AccountId,
		feed: FeedId,
		mut round: RoundOf<T>,
		duty: usize,
		state: DutyState,
	) {
		let (index, who) = (round.index, reporter.clone());
		Self::deposit_event(match &state {
			DutyState::Revealed(observation) => Event::Revealed {
				feed,
				round: index,
				reporter: who,
				observation: observation.clone(),
			},
			DutyState::Abstained => Event::Abstained { feed, round: index, reporter: who },
			DutyState::Committed(_) | DutyState::Silent => {
				Event::Committed { feed, round: index, reporter: who }
			}
		});
		if let Some(duty) = round.duties.get_mut(duty) {
			duty.state = state;
		}
		if round.is_complete() {
			Self::schedule(feed, Self::next_working_block());
		}
		Rounds::<T>::insert(feed, round);
	}

	/// Every condition on a batch, cheapest first. Gives the reporter, and its statements in their order.
	fn admit(batch: &Batch, signature: &AppSignature) -> Result<AdmittedBatch<T>, Error<T>> {
		ensure!(!batch.statements.is_empty(), Error::<T>::EmptyBatch);
		let feeds: BTreeSet<_> = batch.statements.iter().map(|one| one.feed).collect();
		ensure!(feeds.len() == batch.statements.len(), Error::<T>::FeedTwice);
		let reporter = Self::oracle_of(&batch.key).ok_or(Error::<T>::NotAnOracle)?;
		let genesis = Self::genesis_hash();
		let admitted = batch
			.statements
			.iter()
			.map(|statement| Self::admit_one(statement, &reporter, &genesis))
			.collect::<Result<Vec<_>, _>>()?;
		let payload = batch.signing_payload(&genesis);
		ensure!(batch.key.verify(&payload, signature), Error::<T>::BadSignature);
		Ok((reporter, admitted))
	}

	fn admit_one(
		statement: &Statement,
		reporter: &T::AccountId,
		genesis: &H256,
	) -> Result<Admitted<T>, Error<T>> {
		if statement.word == Word::Alarm {
			let (watch, watcher) = Self::admit_alarm(statement, reporter)?;
			return Ok(Admitted::Alarm { feed: statement.feed, watch, watcher });
		}
		let round = Self::round_for(statement)?;
		let (place, duty) = round
			.duties
			.iter()
			.enumerate()
			.find(|(_, duty)| duty.reporter == *reporter)
			.ok_or(Error::<T>::NotDrawn)?;
		let state = match (&statement.word, round.phase, &duty.state) {
			(Word::Commit(commitment), Phase::Commit, DutyState::Silent) => {
				DutyState::Committed(*commitment)
			}
			(Word::Abstain, Phase::Commit, DutyState::Silent) => DutyState::Abstained,
			(Word::Commit(_) | Word::Abstain, Phase::Commit, _) => {
				return Err(Error::<T>::AlreadySpoken)
			}
			(Word::Commit(_) | Word::Abstain, Phase::Reveal, _) => {
				return Err(Error::<T>::CommitTooLate)
			}
			(Word::Reveal { .. }, Phase::Commit, _) => return Err(Error::<T>::RevealTooEarly),
			(Word::Reveal { .. }, Phase::Reveal, DutyState::Revealed(_)) => {
				return Err(Error::<T>::AlreadySpoken)
			}
			(Word::Reveal { .. }, Phase::Reveal, DutyState::Silent | DutyState::Abstained) => {
				return Err(Error::<T>::NothingCommitted)
			}
			(
				Word::Reveal { observation, salt },
				Phase::Reveal,
				DutyState::Committed(commitment),
			) => {
				let feed = &statement.feed;
				let opens = observation.commitment(genesis, feed, round.index, reporter, salt);
				ensure!(opens == *commitment, Error::<T>::WrongReveal);
				ensure!(round.schema.allows(&observation.reading), Error::<T>::OutOfBounds);
				Self::check_evidence(feed, &round, observation)?;
				DutyState::Revealed(observation.clone())
			}
			// An alarm is about a round that isn't open.
			(Word::Alarm, ..) => return Err(Error::<T>::NotWatched),
		};
		Ok(Admitted::Word { feed: statement.feed, duty: place, round, state })
	}

	/// The open round that `statement` is for.
	fn round_for(statement: &Statement) -> Result<RoundOf<T>, Error<T>> {
		let now = T::WorkingTime::now();
		match Rounds::<T>::get(statement.feed) {
			Some(round) if round.index == statement.round && now < round.deadline => Ok(round),
			_ if !Feeds::<T>::contains_key(statement.feed) => Err(Error::<T>::UnknownFeed),
			_ if statement.round > LastRound::<T>::get(statement.feed) => {
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

	/// What binds a signature and a commitment to this chain. `frame_system` keeps this hash for ever.
	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}
}
