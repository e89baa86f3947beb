//! Configurations that must not get into a runtime, and what must not change once it is public.

use codec::Encode;
use frame_support::{
	traits::{Hooks, PalletInfoAccess},
	weights::Weight,
};
use rwa_primitives::storage::{Act, DocumentKind};
use sp_runtime::Perbill;

use crate::{mock::*, Call, Error, HoldReason, Purpose};

/// What the runtime's tests would say of the configuration that `spoil` makes of a good one.
fn check(spoil: impl FnOnce()) {
	reset();
	spoil();
	<Documents as Hooks<u32>>::integrity_test();
}

#[test]
fn integrity_test_accepts_the_configuration_of_the_tests() {
	check(|| ());
}

macro_rules! refuses {
	($($name:ident: $spoil:expr => $complaint:literal,)+) => {$(
		#[test]
		#[should_panic(expected = $complaint)]
		fn $name() {
			check(|| $spoil);
		}
	)+};
}

refuses! {
	integrity_test_refuses_less_than_a_leaf: MinReplicaSize::set(4_095) => "MinReplicaSize: less",
	integrity_test_refuses_sizes_that_nothing_has: MinReplicaSize::set(1 << 25) => "exceeds MaxReplicaSize",
	integrity_test_refuses_proofs_that_are_too_long: MaxReplicaSize::set(u64::MAX) => "MaxReplicaSize: a proof",
	integrity_test_refuses_newcomers_that_get_nothing: NewcomerSpace::set((1 << 24) - 1) => "NewcomerSpace: ",
	integrity_test_refuses_no_transfer: TransferRate::set(0) => "TransferRate: ",
	integrity_test_refuses_storage_for_nothing: StoragePrice::set(0) => "StoragePrice: ",
	integrity_test_refuses_terms_of_nothing: MinTerm::set(0) => "MinTerm: ",
	integrity_test_refuses_terms_that_none_has: MinTerm::set(10_001) => "MinTerm exceeds MaxTerm",
	integrity_test_refuses_draws_at_once: DrawDelay::set(0) => "DrawDelay: ",
	integrity_test_refuses_no_time_to_confirm: ConfirmTime::set(0) => "ConfirmTime: ",
	integrity_test_refuses_to_retry_at_once: RetryDelay::set(1) => "RetryDelay: ",
	integrity_test_refuses_to_try_never: MaxTries::set(0) => "MaxTries: no node",
	integrity_test_refuses_to_repair_never: MaxRepairTries::set(0) => "MaxRepairTries: ",
	integrity_test_refuses_relocation_at_once: RepairGrace::set(0) => "RepairGrace: ",
	integrity_test_refuses_no_time_to_answer: ChallengeTime::set(4) => "ChallengeTime: nobody",
	integrity_test_refuses_rounds_that_overlap: ChallengeTime::set(50) => "ChallengeTime: rounds",
	integrity_test_refuses_no_challenges: MinChallenges::set(0) => "MinChallenges: nothing",
	integrity_test_refuses_a_minimum_above_the_maximum: MinChallenges::set(9) => "MinChallenges exceeds",
	integrity_test_refuses_more_challenges_than_bits: MaxChallenges::set(61) => "MaxChallenges, MaxRechecks: ",
	integrity_test_refuses_no_rechecks: MaxRechecks::set(1) => "MaxRechecks: ",
	integrity_test_refuses_challenges_for_nothing: StakePerChallenge::set(0) => "StakePerChallenge: ",
	integrity_test_refuses_to_punish_the_faultless: StrikeLimit::set(0) => "StrikeLimit: ",
	integrity_test_refuses_losses_by_one_outage: LossLimit::set(1) => "LossLimit: ",
	integrity_test_refuses_no_evictions_in_a_block: MaxEvictionsPerBlock::set(0) => "MaxEvictionsPerBlock: ",
	integrity_test_refuses_no_evictions_in_a_period: MaxEvictionsPerPeriod::set(1) => "MaxEvictionsPerPeriod: ",
	integrity_test_refuses_congestion_always: CongestionThreshold::set(Perbill::zero()) => "CongestionThreshold: ",
	integrity_test_refuses_congestion_never: CongestionThreshold::set(Perbill::one()) => "CongestionThreshold: ",
	integrity_test_refuses_no_nodes: MaxNodes::set(0) => "MaxNodes: ",
	integrity_test_refuses_more_nodes_than_places: MaxNodes::set(u32::MAX) => "MaxNodes: ",
	integrity_test_refuses_no_slots: MaxReplicasPerNode::set(0) => "MaxReplicasPerNode: ",
	integrity_test_refuses_nobody_to_be_drawn: MaxLapses::set(0) => "MaxLapses: ",
	integrity_test_refuses_no_readers: MaxEnvelopes::set(0) => "MaxEnvelopes: ",
	integrity_test_refuses_envelopes_without_room: MaxEnvelopeSize::set(143) => "MaxEnvelopeSize: ",
	integrity_test_refuses_repairers_by_the_chain_only: DrawnRepairers::set(2) => "DrawnRepairers: ",
	integrity_test_refuses_an_idle_agenda: MaxDuePerBlock::set(0) => "MaxDuePerBlock: nothing",
	integrity_test_refuses_an_agenda_without_room:
		MaxBlock::set(Weight::from_parts(600_000, u64::MAX)) => "MaxDuePerBlock: looking",
}

#[test]
#[should_panic(expected = "a proof would take more")]
fn integrity_test_refuses_proofs_that_fill_blocks() {
	// The agenda is checked first, and has to fit: it never does in a block in which no proof fits, because
	// ending a round costs more than one. So this is about the check itself.
	reset();
	MaxBlock::set(Weight::from_parts(100_000, u64::MAX));
	Documents::check_proof_weight();
}

#[test]
#[should_panic(expected = "MaxTries: registering would take more")]
fn integrity_test_refuses_registrations_that_fill_blocks() {
	check(|| {
		MaxTries::set(100_000);
		// Enough for the agenda.
		MaxBlock::set(Weight::from_parts(10_000_000, u64::MAX));
	});
}

#[test]
fn call_indices_are_pinned() {
	// Callers and wallets encode them.
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let index = |call: Call<Test>| call.encode()[0];
		let files = files(0, SIZE);
		let (asset, kind, expires_at) = (ASSET, DocumentKind::Other, TERM);
		let (document, replica, purpose, reader) = (0, 0, Purpose::Read, BYSTANDER);
		assert_eq!(index(Call::register_document { asset, kind, expires_at, files }), 0);
		assert_eq!(index(Call::renew_document { document, expires_at }), 1);
		assert_eq!(index(Call::top_up { document, amount: 1 }), 2);
		assert_eq!(index(Call::remove_document { document }), 3);
		assert_eq!(index(Call::set_reader_key { key: [1; 32] }), 4);
		assert_eq!(index(Call::remove_reader_key {}), 5);
		let (key_version, sealed) = (0, sealed());
		let add = Call::add_envelope { document, purpose, reader, key_version, sealed };
		assert_eq!(index(add), 6);
		assert_eq!(index(Call::revoke_envelope { document, purpose, reader }), 7);
		assert_eq!(index(Call::declare_capacity { capacity: 1 }), 8);
		assert_eq!(index(Call::leave {}), 9);
		keep();
		let (notice, signature) = sign(1, notice(1, 0, 0, Act::Confirm));
		assert_eq!(index(Call::notify { notice, signature }), 10);
		let (proof, signature) = sign_proof(1, 1, 0, vec![]);
		assert_eq!(index(Call::prove { proof, signature }), 11);
		assert_eq!(index(Call::request_challenge { document, replica, leaf: None }), 12);
		assert_eq!(index(Call::claim { replicas: Default::default() }), 13);
		assert_eq!(index(Call::remove_node { node: 1 }), 14);
		assert_eq!(index(Call::draw_again { document }), 15);
	});
}

#[test]
fn error_and_hold_indices_are_pinned() {
	// Clients map them to messages.
	let index = |error: Error<Test>| error.encode()[0];
	assert_eq!(index(Error::UnknownDocument), 0);
	assert_eq!(index(Error::UnknownEnvelope), 20);
	assert_eq!(index(Error::WrongProof), 38);
	assert_eq!(index(Error::CantPayForRepair), 43);
	assert_eq!(index(Error::NothingGivenUp), 46);
	assert_eq!(HoldReason::Storage.encode(), [0]);
	assert_eq!(HoldReason::Node.encode(), [3]);
}

#[test]
fn storage_prefixes_are_pinned() {
	// Clients read storage by them.
	use frame_support::storage::StoragePrefixedMap;
	assert_eq!(Documents::name(), "Documents");
	assert_eq!(crate::Documents::<Test>::storage_prefix(), b"Documents");
	assert_eq!(crate::Cids::<Test>::storage_prefix(), b"Cids");
	assert_eq!(crate::StorageNodes::<Test>::storage_prefix(), b"StorageNodes");
	assert_eq!(crate::Rounds::<Test>::storage_prefix(), b"Rounds");
	assert_eq!(crate::Envelopes::<Test>::storage_prefix(), b"Envelopes");
	assert_eq!(crate::ReaderKeys::<Test>::storage_prefix(), b"ReaderKeys");
}
