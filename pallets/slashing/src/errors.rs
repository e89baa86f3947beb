//! Why calls and reports are refused, and what to do then.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod errors {
	/// Why a call or a report was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// The account is registered in no role, or as a validator, and was not elected for that session: no slash
		/// could reach it. Look at the view function `node` of the registry, and at `Staking.ErasStakersOverview`.
		#[codec(index = 0)]
		UnknownOffender,
		/// Nobody in this role can do this. Absence of validators is counted in sessions, and needs no report.
		#[codec(index = 1)]
		ImpossibleFault,
		/// The offender was reported for this fault with this evidence already, even if the penalty was
		/// cancelled. Treat as success when retrying.
		#[codec(index = 2)]
		AlreadyPunished,
		/// The fault is more than `ReportWindow` working blocks ago. Report sooner.
		#[codec(index = 3)]
		TooOld,
		/// The fault is said to have happened in a working block that is yet to come. Give the one in which it
		/// did happen.
		#[codec(index = 4)]
		NotYetHappened,
		/// The offender has nothing at stake, or was charged as much as it can be in this period. Report again
		/// when the period is over: `CapPeriod` working blocks after the start that `Charged` names.
		#[codec(index = 5)]
		NothingToTake,
		/// No penalty has this number: there never was one, or it was forgotten. List those that wait with the
		/// view function `pending_penalties`.
		#[codec(index = 6)]
		UnknownPenalty,
		/// The penalty was executed or cancelled. It can't be cancelled any more.
		#[codec(index = 7)]
		NotPending,
		/// The node was seen, or excused, within `AbsenceLimit` working blocks. Ask the view function `absence`
		/// first: a false report costs its sender the fee.
		#[codec(index = 8)]
		NotAbsent,
		/// Nobody can report itself, and be paid for it. Somebody else has to.
		#[codec(index = 9)]
		OwnFault,
		/// The heartbeat is for a period that is over. Send one for the current period.
		#[codec(index = 10)]
		PeriodOver,
		/// The heartbeat is for a period that has not begun. Wait for it.
		#[codec(index = 11)]
		PeriodNotBegun,
		/// The app key belongs to no node. Register it with the node registry.
		#[codec(index = 12)]
		UnknownKey,
		/// The node isn't expected to be there: it validates, or it was chilled, is leaving or has too little at
		/// stake. Make it active in the node registry first.
		#[codec(index = 13)]
		NotExpected,
		/// The node was seen in this period, or began to be expected in it. Send the next heartbeat in the next
		/// period.
		#[codec(index = 14)]
		AlreadySeen,
		/// The signature isn't the app key's over this heartbeat on this chain.
		#[codec(index = 15)]
		BadSignature,
	}
}
