//! What happened. Feeds, rosters, rounds, answers and budgets can be rebuilt from these, in order.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod events {
	/// What happened. Feeds, rosters, rounds, answers and budgets can be rebuilt from these, in order.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A feed was created. Its first round opens in the next working block.
		#[codec(index = 0)]
		FeedCreated {
			/// The feed.
			feed: FeedId,
			/// What it measures, how, and what it pays.
			spec: FeedSpecOf<T>,
			/// Who may change and remove it besides governance. `None`: governance created it.
			admin: Option<T::AccountId>,
			/// Who pays.
			payer: T::AccountId,
			/// Who may join.
			admission: AdmissionOf<T>,
		},
		/// Others may join a feed. Whoever has joined and isn't invited any more was taken off: see the
		/// `Left` before.
		#[codec(index = 1)]
		AdmissionSet {
			/// The feed.
			feed: FeedId,
			/// Who may join.
			admission: AdmissionOf<T>,
		},
		/// A feed was stopped. It opens no rounds; its answer counts as paused. An open round goes on.
		#[codec(index = 2)]
		FeedPaused {
			/// The feed.
			feed: FeedId,
		},
		/// A feed goes on. If no round is open, one opens in the next working block.
		#[codec(index = 3)]
		FeedResumed {
			/// The feed.
			feed: FeedId,
		},
		/// A feed and its answers were removed. Whoever had joined it has left.
		#[codec(index = 4)]
		FeedRemoved {
			/// The feed.
			feed: FeedId,
			/// What was left of its budget: its payer's again.
			refund: Balance,
		},
		/// An operator joined a feed. It may be drawn from the next round on.
		#[codec(index = 5)]
		Joined {
			/// The feed.
			feed: FeedId,
			/// Who joined.
			reporter: T::AccountId,
			/// Who had to go, because the roster was full and its word weighed least.
			replaced: Option<T::AccountId>,
		},
		/// A reporter left a feed, or isn't invited any more. What it is drawn for already stays its duty.
		#[codec(index = 6)]
		Left {
			/// The feed.
			feed: FeedId,
			/// Who left.
			reporter: T::AccountId,
		},
		/// Somebody added to a feed's budget.
		#[codec(index = 7)]
		ToppedUp {
			/// The feed.
			feed: FeedId,
			/// Who gave.
			from: T::AccountId,
			/// How much.
			amount: Balance,
			/// What there is now.
			budget: Balance,
		},
		/// A round takes commitments.
		#[codec(index = 8)]
		RoundOpened {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who was drawn, and how much each one's word counts.
			committee: Vec<(T::AccountId, u128)>,
			/// First working block in which commitments are too late.
			deadline: BlockNumberFor<T>,
			/// What the feed paid the treasury for the round.
			fee: Balance,
		},
		/// A reporter has measured, and will say what.
		#[codec(index = 9)]
		Committed {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who committed.
			reporter: T::AccountId,
		},
		/// A reporter can't measure in this round.
		#[codec(index = 10)]
		Abstained {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who abstained.
			reporter: T::AccountId,
		},
		/// A round takes what was committed to.
		#[codec(index = 11)]
		RevealStarted {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// First working block in which it is too late to reveal.
			deadline: BlockNumberFor<T>,
		},
		/// A reporter said what it measured.
		#[codec(index = 12)]
		Revealed {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who revealed.
			reporter: T::AccountId,
			/// What it measured.
			observation: Observation,
		},
		/// A round agreed: the feed's new answer.
		#[codec(index = 13)]
		RoundClosed {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// The answer.
			reading: Reading,
			/// The weighted median of the reports.
			median: Reading,
			/// How far the reports were from it.
			spread: u128,
			/// How many revealed.
			reports: u32,
			/// Weight of those.
			reported: u128,
			/// Weight of all who were to report.
			assigned: u128,
			/// Whose report was too far off to count. It isn't paid.
			outliers: Vec<T::AccountId>,
		},
		/// The accepted reports of a round were paid, out of the feed's budget.
		#[codec(index = 14)]
		Paid {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// What each got.
			each: Balance,
			/// How many got it.
			reporters: u32,
		},
		/// A round ended without an answer. The old one stays, and is stale.
		#[codec(index = 15)]
		RoundFailed {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Why.
			reason: RoundFailure,
		},
		/// A reporter's window of rounds was over: its record begins anew.
		#[codec(index = 16)]
		Judged {
			/// The feed.
			feed: FeedId,
			/// Who was judged.
			reporter: T::AccountId,
			/// What it did in the window.
			record: Record,
			/// What it was found guilty of and has to answer for.
			faults: Vec<Fault>,
		},
		/// A reporter was found guilty, but nothing comes of it.
		#[codec(index = 17)]
		FaultNotTaken {
			/// The feed.
			feed: FeedId,
			/// Who was found guilty.
			reporter: T::AccountId,
			/// Of what.
			fault: Fault,
			/// Why nothing comes of it: the slashing pallet's error. It was punished for this day already,
			/// say.
			error: DispatchError,
		},
		/// A reporter of the last round says that the feed's answer is not what is measured any more.
		#[codec(index = 18)]
		AlarmRaised {
			/// The feed.
			feed: FeedId,
			/// The next round.
			round: RoundIndex,
			/// Who says so.
			reporter: T::AccountId,
			/// How much its word counts.
			weight: u128,
			/// Weight of all who have said so since the last round.
			alarmed: u128,
			/// Weight of all who may. A third of it calls the round.
			assigned: u128,
		},
		/// Somebody has put up money for an early round. See the `EarlyRound` that follows.
		#[codec(index = 19)]
		RoundRequested {
			/// The feed.
			feed: FeedId,
			/// The next round.
			round: RoundIndex,
			/// Who has.
			requester: T::AccountId,
			/// What it loses if the answer stays much the same.
			bond: Balance,
			/// The most of what it pays of the round then. Held as well.
			price: Balance,
		},
		/// The next round was called early.
		#[codec(index = 20)]
		EarlyRound {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// By whom.
			cause: Cause,
			/// The working block in which it opens, or later if that block has too much to do.
			opens_at: BlockNumberFor<T>,
		},
		/// A round that was called early could not open. The answer is as good as before; the round opens by the
		/// heartbeat.
		#[codec(index = 21)]
		EarlyRoundDropped {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Why.
			reason: RoundFailure,
		},
		/// A round called by alarms came to much the same answer. No alarm is taken until the next round that the
		/// heartbeat opens has closed.
		#[codec(index = 22)]
		AlarmsShut {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
		},
		/// What was held for a requested round was paid or given back.
		#[codec(index = 23)]
		RequestSettled {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Whose money it was.
			requester: T::AccountId,
			/// Whether the round's answer was another one. If it had none, or did not open, everything was given back
			/// all the same.
			founded: bool,
			/// What of it went into the feed's budget, in place of what the round has cost.
			charged: Balance,
			/// What of it went to the treasury.
			forfeited: Balance,
		},
		/// A reporter was shown to have made a report up. It is punished, unless it clears itself in time.
		#[codec(index = 40)]
		ManipulationProven {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who has revealed it.
			reporter: T::AccountId,
			/// What it has revealed.
			observation: Observation,
			/// What the device has signed.
			measurement: SignedMeasurement,
			/// Who has shown it.
			prover: T::AccountId,
			/// The penalty that waits. `None`: it waits elsewhere.
			penalty: Option<u64>,
		},
		/// A reporter was cleared: it had revealed exactly what the device has signed.
		#[codec(index = 41)]
		Absolved {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who was cleared.
			reporter: T::AccountId,
			/// The device, which has signed two measurements with one counter.
			device: DeviceKey,
			/// Who has shown it.
			caller: T::AccountId,
			/// The penalty that was cancelled.
			penalty: u64,
			/// Whether the device was condemned by it. `false`: it was before, or is gone.
			condemned: bool,
		},
		/// A reporter has to show the measurement that its report names.
		#[codec(index = 42)]
		MeasurementDemanded {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who has revealed it.
			reporter: T::AccountId,
			/// What it has revealed.
			observation: Observation,
			/// What the report is known by: [`Observation::testimony`].
			testimony: H256,
			/// Who wants to see it.
			challenger: T::AccountId,
			/// What is held on the challenger, and the reporter's when it shows the measurement.
			bond: Balance,
			/// The working block from which the demand can be enforced.
			due_at: BlockNumberFor<T>,
		},
		/// A reporter, or somebody for it, has shown the measurement that its report names.
		#[codec(index = 43)]
		MeasurementShown {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who has revealed it.
			reporter: T::AccountId,
			/// What the device has signed.
			measurement: SignedMeasurement,
			/// Who wanted to see it.
			challenger: T::AccountId,
			/// What of the challenger's bond the reporter got.
			paid: Balance,
		},
		/// A reporter has not shown in time the measurement that its report names, or was shown before that to have made
		/// the report up. The challenger has its bond back.
		#[codec(index = 44)]
		DemandEnforced {
			/// The feed.
			feed: FeedId,
			/// The round.
			round: RoundIndex,
			/// Who has revealed it.
			reporter: T::AccountId,
			/// What the report is known by.
			testimony: H256,
			/// Who wanted to see it.
			challenger: T::AccountId,
			/// What is held no more.
			bond: Balance,
			/// The penalty that waits. `None`: the reporter is gone, or has nothing left that it may be charged.
			penalty: Option<u64>,
		},
	}
}
