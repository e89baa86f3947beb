//! What validators are reported for, and what it costs.

use alloc::{vec, vec::Vec};
use codec::Encode;
use core::marker::PhantomData;
use frame_support::traits::Get;
use rwa_primitives::fault::Fault;
use sp_core::H256;
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	Perbill,
};
use sp_staking::{
	offence::{Kind, Offence, OffenceError, ReportOffence},
	SessionIndex,
};

/// Validators missed as many sessions in a row as make a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offline<Offender> {
	/// The last session that they missed.
	pub session: SessionIndex,
	/// How many validators there were in it.
	pub validators: u32,
	/// Who missed it.
	pub offenders: Vec<Offender>,
	/// The share of its stake that this costs each of them, however many they are.
	pub fraction: Perbill,
}

impl<Offender: Clone> Offence<Offender> for Offline<Offender> {
	const ID: Kind = *b"rwa:offline-day_";
	type Slot = SessionIndex;

	fn offenders(&self) -> Vec<Offender> {
		self.offenders.clone()
	}

	fn session_index(&self) -> SessionIndex {
		self.session
	}

	fn validator_set_count(&self) -> u32 {
		self.validators
	}

	fn slot(&self) -> SessionIndex {
		self.session
	}

	fn slash_fraction(&self, _offenders: u32) -> Perbill {
		self.fraction
	}
}

/// A validator did what a pallet has proof of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvenFault<Offender> {
	/// The session in which it did so.
	pub session: SessionIndex,
	/// How many validators there are.
	pub validators: u32,
	/// Who did it.
	pub offender: Offender,
	/// What it did.
	pub fault: Fault,
	/// Hash of what proves it.
	pub evidence: H256,
	/// The share of its stake that this costs.
	pub fraction: Perbill,
}

impl<Offender: Clone + Encode> Offence<Offender> for ProvenFault<Offender> {
	const ID: Kind = *b"rwa:proven-fault";
	/// Hash of offender, fault and evidence.
	type Slot = H256;

	fn offenders(&self) -> Vec<Offender> {
		vec![self.offender.clone()]
	}

	fn session_index(&self) -> SessionIndex {
		self.session
	}

	fn validator_set_count(&self) -> u32 {
		self.validators
	}

	/// Two offences of one slot and offender are one, so each fault and evidence has a slot. And each
	/// offender: of one slot, the earlier offenders are reported again with every new one.
	fn slot(&self) -> H256 {
		BlakeTwo256::hash_of(&(&self.offender, self.fault, self.evidence))
	}

	fn slash_fraction(&self, _offenders: u32) -> Perbill {
		self.fraction
	}
}

/// An offence that costs what it says, and at least `Least`.
pub struct Raised<Inner, Least>(Inner, PhantomData<Least>);

impl<Offender, Inner: Offence<Offender>, Least: Get<Perbill>> Offence<Offender>
	for Raised<Inner, Least>
{
	// Who asks whether the offence is known must find it under its own name.
	const ID: Kind = Inner::ID;
	type Slot = Inner::Slot;

	fn offenders(&self) -> Vec<Offender> {
		self.0.offenders()
	}

	fn session_index(&self) -> SessionIndex {
		self.0.session_index()
	}

	fn validator_set_count(&self) -> u32 {
		self.0.validator_set_count()
	}

	fn slot(&self) -> Self::Slot {
		self.0.slot()
	}

	fn slash_fraction(&self, offenders: u32) -> Perbill {
		self.0.slash_fraction(offenders).max(Least::get())
	}
}

/// Passes reports on to `Reports`, with every offence [`Raised`] to `Least`.
pub struct RaisedReports<Reports, Least>(PhantomData<(Reports, Least)>);

impl<Reporter, Offender, Inner, Reports, Least> ReportOffence<Reporter, Offender, Inner>
	for RaisedReports<Reports, Least>
where
	Inner: Offence<Offender>,
	Least: Get<Perbill>,
	Reports: ReportOffence<Reporter, Offender, Raised<Inner, Least>>,
{
	fn report_offence(reporters: Vec<Reporter>, offence: Inner) -> Result<(), OffenceError> {
		Reports::report_offence(reporters, Raised(offence, PhantomData))
	}

	fn is_known_offence(offenders: &[Offender], time_slot: &Inner::Slot) -> bool {
		Reports::is_known_offence(offenders, time_slot)
	}
}
