//! Why calls and statements are refused, and what to do then.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod errors {
	/// Why a call or a statement was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// No feed has this name. List those that exist with the view function `feeds`.
		#[codec(index = 0)]
		UnknownFeed,
		/// A feed of this name exists. Join it, or top it up; to change what it measures, remove it first.
		#[codec(index = 1)]
		FeedExists,
		/// The caller neither owns the asset nor is governance. Only they create its feeds.
		#[codec(index = 2)]
		NotAssetOwner,
		/// The caller is neither the feed's admin nor governance. The view function `feeds` names the admin.
		#[codec(index = 3)]
		NotAdmin,
		/// The unit isn't UTF-8 text, or has control characters in it.
		#[codec(index = 4)]
		BadUnit,
		/// A scalar has more than 18 decimals. Choose a larger unit.
		#[codec(index = 5)]
		TooManyDecimals,
		/// A scalar's minimum isn't below its maximum.
		#[codec(index = 6)]
		EmptyRange,
		/// A scalar's bound is beyond 10³⁰. Use fewer decimals or a larger unit.
		#[codec(index = 7)]
		BoundTooLarge,
		/// A corner of the box is no place. Latitudes go from -90° to 90°, longitudes from -180° to below
		/// 180°, both in 10⁻⁷ degrees.
		#[codec(index = 8)]
		NoSuchPlace,
		/// The box has no area: south isn't below north, or west is east.
		#[codec(index = 9)]
		EmptyBox,
		/// Fewer than two categories leave nothing to report. Name at least two.
		#[codec(index = 10)]
		TooFewCategories,
		/// The outlier multiple is 0, by which everybody but the median would be an outlier. Give 1 or more; 3 is
		/// usual.
		#[codec(index = 11)]
		BadRules,
		/// The committee isn't between `MinCommittee` and `MaxCommittee`.
		#[codec(index = 12)]
		BadCommittee,
		/// A phase is shorter than `MinPhase` working blocks: nobody could speak in time.
		#[codec(index = 13)]
		PhaseTooShort,
		/// A phase is longer than `Day` working blocks: what was measured then is no news.
		#[codec(index = 14)]
		PhaseTooLong,
		/// The heartbeat isn't longer than both phases together, so that rounds would overlap.
		#[codec(index = 15)]
		HeartbeatTooShort,
		/// The greatest age is less than the heartbeat, so that every answer would turn stale before the next
		/// one.
		#[codec(index = 16)]
		MaxAgeTooShort,
		/// An account is invited twice. Name each once.
		#[codec(index = 17)]
		InvitedTwice,
		/// The feed is paused already. Treat as success when retrying.
		#[codec(index = 18)]
		AlreadyPaused,
		/// The feed isn't paused. Treat as success when retrying.
		#[codec(index = 19)]
		NotPaused,
		/// The feed's round has to end before the feed is removed, so that those who work get paid. Pause the
		/// feed and wait for the round's end.
		#[codec(index = 20)]
		RoundOpen,
		/// The account, or the account behind the app key, is no active oracle operator. Register it with the
		/// node registry, and see to its stake.
		#[codec(index = 21)]
		NotAnOracle,
		/// The operator's word weighs nothing, so that it would never be drawn. Raise its stake or reputation.
		#[codec(index = 22)]
		NoWeight,
		/// The feed is for invited operators. Ask its admin for an invitation.
		#[codec(index = 23)]
		NotInvited,
		/// The operator has joined the feed already. Treat as success when retrying.
		#[codec(index = 24)]
		AlreadyJoined,
		/// The operator hasn't joined the feed. Treat as success when retrying to leave.
		#[codec(index = 25)]
		NotJoined,
		/// The feed's roster is full, and nobody in it weighs less. Wait for a place, or raise your stake or
		/// reputation.
		#[codec(index = 26)]
		RosterFull,
		/// The operator has joined `MaxFeedsPerReporter` feeds. Leave one of them first.
		#[codec(index = 27)]
		TooManyFeeds,
		/// Topping up by nothing. Name an amount.
		#[codec(index = 28)]
		NoAmount,
		/// The batch says nothing. Make at least one statement.
		#[codec(index = 29)]
		EmptyBatch,
		/// The batch has two statements about one feed. Make at most one about each.
		#[codec(index = 30)]
		FeedTwice,
		/// The round isn't open: it has ended, or the time of its phase is over. Or an alarm is about a round that has
		/// opened. Wait for the next one.
		#[codec(index = 31)]
		RoundNotOpen,
		/// The round hasn't opened yet, or an alarm isn't about the next one. Wait for its `RoundOpened`.
		#[codec(index = 32)]
		RoundNotYetOpen,
		/// The operator wasn't drawn for this round. Wait for a `RoundOpened` that names it.
		#[codec(index = 33)]
		NotDrawn,
		/// Revealing in the phase of commitments. Wait for the round's `RevealStarted`.
		#[codec(index = 34)]
		RevealTooEarly,
		/// Committing or abstaining in the phase in which commitments are revealed. Wait for the next round.
		#[codec(index = 35)]
		CommitTooLate,
		/// The operator has spoken in this phase of the round. Treat as success when retrying.
		#[codec(index = 36)]
		AlreadySpoken,
		/// The operator has committed to nothing, so it has nothing to reveal. Wait for the next round.
		#[codec(index = 37)]
		NothingCommitted,
		/// The observation and salt aren't what the operator committed to in this round of this feed on this
		/// chain. Reveal exactly that.
		#[codec(index = 38)]
		WrongReveal,
		/// The reading is of another kind than the feed's, or outside its bounds, so that it can't be real.
		/// Check the instrument and the unit.
		#[codec(index = 39)]
		OutOfBounds,
		/// The signature isn't the app key's over this batch on this chain.
		#[codec(index = 40)]
		BadSignature,
		/// The feed's next round can't be called early: it has been called, a round is open, the feed is paused, or
		/// its newest round has no answer. Wait for the next `RoundClosed`.
		#[codec(index = 41)]
		NotWatched,
		/// Less than a whole round's time has passed since the last opening. Retry in the working block that the view
		/// function `watch` gives as `since`.
		#[codec(index = 42)]
		CallTooEarly,
		/// The next round opens soon in any case. Wait for its `RoundOpened`.
		#[codec(index = 43)]
		CallTooLate,
		/// The last alarm was in vain, so that none is taken until the next round that the heartbeat opens has
		/// closed. Wait for it, or put up a bond by `request_round`.
		#[codec(index = 44)]
		AlarmsShut,
		/// The operator wasn't drawn for the feed's last round, so that it raises no alarm before the next. Put up a
		/// bond by `request_round`.
		#[codec(index = 45)]
		NotWatching,
		/// The operator has raised an alarm since the last round. Treat as success when retrying.
		#[codec(index = 46)]
		AlreadyAlarmed,
		/// What is left of the feed's budget doesn't pay another round. Top it up first.
		#[codec(index = 47)]
		BudgetTooSmall,
		/// The feed takes no report without a measurement that a device has signed. Abstain if there is none.
		#[codec(index = 60)]
		MeasurementRequired,
		/// No such device is registered on the feed's asset. The asset's owner registers it, by
		/// `Devices.register_device`.
		#[codec(index = 61)]
		UnknownDevice,
		/// The device was out of service when the round opened. Use another one.
		#[codec(index = 62)]
		DeviceRetired,
		/// The device was shown to deceive. Of a report: use another one. Of a proof: its word is worth nothing against a
		/// reporter who names another measurement.
		#[codec(index = 63)]
		DeviceCondemned,
		/// The feed has used newer measurements of the device than this one. Measure again.
		#[codec(index = 64)]
		Replayed,
		/// Nothing is known of such a report: the reporter has revealed something else in that round of that feed, or
		/// named no measurement; the round hasn't ended, or is none of the last `ProofRounds`; or the report was settled:
		/// proven false, or its measurement shown or demanded in vain. Take what the round's `Revealed` says. If the
		/// measurement was shown, another one of the device with its counter condemns the device:
		/// `Devices.condemn_device`.
		#[codec(index = 65)]
		NotTestified,
		/// The measurement is of another device, or has another counter, than the report names, so that it says nothing
		/// about it.
		#[codec(index = 66)]
		OtherMeasurement,
		/// The report says exactly what the measurement does.
		#[codec(index = 67)]
		NoManipulation,
		/// The device that the measurement names has not signed it, or for another chain.
		#[codec(index = 68)]
		NotSignedByDevice,
		/// No penalty waits for this reporter to have made this report up: it was taken or cancelled, or is for another
		/// round or report than that of this measurement. List what waits with the view function
		/// `pending_penalties` of the slashing pallet.
		#[codec(index = 69)]
		NotAccused,
		/// Somebody has demanded this measurement, and it wasn't shown yet. Wait for `MeasurementShown`, or until the
		/// demand can be enforced.
		#[codec(index = 70)]
		AlreadyDemanded,
		/// Nobody demands this of the reporter: it was shown or enforced, or the measurement isn't what the reporter has
		/// revealed in this round. Treat as success when retrying. List what is demanded with the view function
		/// `demands`.
		#[codec(index = 71)]
		NotDemanded,
		/// The reporter still has time to show the measurement. Retry in the working block that the demand gives as
		/// `due_at`.
		#[codec(index = 72)]
		TimeToShow,
		/// The report's round ended more than `ProofTime` working blocks ago: nobody has to keep what it rested on any
		/// longer.
		#[codec(index = 73)]
		TooLateToDemand,
	}
}
