//! What happened. Penalties and turnouts can be rebuilt from these, in order.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod events {
	/// What was seen of nodes, and what it cost them.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A session ended.
		#[codec(index = 0)]
		SessionEnded {
			/// The session.
			session: SessionIndex,
			/// How many validators there were, and how many took part.
			turnout: Turnout,
		},
		/// A validator took no part in a session.
		#[codec(index = 1)]
		SessionMissed {
			/// The validator.
			validator: T::AccountId,
			/// The session.
			session: SessionIndex,
			/// How many it has missed in a row, this one included.
			missed: u32,
		},
		/// A validator was reported: it missed as many sessions as the limit.
		#[codec(index = 2)]
		OfflineReported {
			/// The validator.
			validator: T::AccountId,
			/// The last session that it missed.
			session: SessionIndex,
			/// The share of its stake that this costs.
			fraction: Perbill,
		},
		/// A fault was reported. Its penalty waits.
		#[codec(index = 3)]
		PenaltyReported {
			/// Number of the penalty.
			penalty: PenaltyId,
			/// Whom it is to be taken from.
			offender: T::AccountId,
			/// The role in which it did it.
			role: Role,
			/// What it did.
			fault: Fault,
			/// What it is to cost, in the smallest unit.
			amount: Balance,
			/// Who brought the evidence, if that gives a share.
			reporter: Option<T::AccountId>,
			/// The first working block in which it is taken.
			due_at: BlockNumberFor<T>,
		},
		/// A penalty was taken.
		#[codec(index = 4)]
		PenaltyExecuted {
			/// Number of the penalty.
			penalty: PenaltyId,
			/// From whom.
			offender: T::AccountId,
			/// How much: the amount, or what was left of the stake.
			taken: Balance,
			/// What of it the reporter got.
			to_reporter: Balance,
		},
		/// A penalty was cancelled. Nothing is taken for it.
		#[codec(index = 5)]
		PenaltyCancelled {
			/// Number of the penalty.
			penalty: PenaltyId,
			/// Who stood accused.
			offender: T::AccountId,
		},
		/// A node said that it is there.
		#[codec(index = 6)]
		HeartbeatReceived {
			/// The node.
			node: T::AccountId,
			/// The period in which it counts.
			period: Period,
		},
		/// A validator's fault was reported to the offices that punish validators.
		#[codec(index = 7)]
		ValidatorReported {
			/// The validator.
			validator: T::AccountId,
			/// What it did.
			fault: Fault,
			/// The session in which it did it.
			session: SessionIndex,
			/// The share of its stake that this costs, its nominators' too.
			fraction: Perbill,
			/// Hash of what proves it.
			evidence: H256,
			/// Who brought the evidence, if that gives a share.
			reporter: Option<T::AccountId>,
		},
		/// A penalty was executed or cancelled long ago, and isn't kept any more.
		#[codec(index = 8)]
		PenaltyForgotten {
			/// Number of the penalty.
			penalty: PenaltyId,
		},
	}
}
