//! Weights of `pallet_rwa_documents`: estimates, to be replaced by what `scripts/weights.sh` measures.
//!
//! Reads and writes are counted in the code, as if no two touched the same value; a sum over seats has eleven cells, one
//! over a node's slots fifteen. The time besides is above what was measured of calls that do as much: a signature and a
//! hold, 332 µs (`register_app_key`); a hold given back, 305 µs (`withdraw_unbonded`); a signature in the pool, 152 µs
//! (`authorize_heartbeat`); a block of 4 KiB hashed and read, 80 µs, which is a guess.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_rwa_documents`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_rwa_documents::WeightInfo for WeightInfo<T> {
	// The asset, three CIDs, number, clock, account and holds, and what each of four tasks waits for; all of that but asset,
	// clock and number's old value, the entry, the asset's list, and the agenda twice over. What the owner may announce.
	fn register_document() -> Weight {
		Weight::from_parts(700_000_000, 63_000)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(20))
	}

	// Three holders paid, each with a node, an account and the owner's holds; four tasks, of which each is moved. The draws
	// that follow are not in it.
	fn renew_document() -> Weight {
		Weight::from_parts(1_200_000_000, 133_000)
			.saturating_add(T::DbWeight::get().reads(38))
			.saturating_add(T::DbWeight::get().writes(30))
	}

	// The document, two accounts and holds; all of them.
	fn top_up() -> Weight {
		Weight::from_parts(350_000_000, 17_500)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	// Six nodes, each with a slot, a round, what the registry says of it in five reads, and eleven sums over seats; three
	// holders paid twice; four tasks; CIDs, list and entry; what the owner may announce. Each envelope.
	fn remove_document(n: u32) -> Weight {
		Weight::from_parts(3_000_000_000, 563_500)
			.saturating_add(Weight::from_parts(15_000_000, 3_500).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(161))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(126))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
	}

	// The key, its number, account and holds.
	fn set_reader_key() -> Weight {
		Weight::from_parts(300_000_000, 14_000)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	// The key, account and holds.
	fn remove_reader_key() -> Weight {
		Weight::from_parts(300_000_000, 10_500)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	// The document, the reader's key, the envelope, account and holds.
	fn add_envelope() -> Weight {
		Weight::from_parts(350_000_000, 17_500)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	// The document, the envelope, account and holds.
	fn revoke_envelope() -> Weight {
		Weight::from_parts(350_000_000, 14_000)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	// What the registry says in five reads, the node, seats, account and holds, the clock, and a task.
	fn declare_capacity() -> Weight {
		Weight::from_parts(500_000_000, 70_000)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(10))
	}

	// The node with its round and task, two seats with eleven sums each way, account and holds; each slot twice, its note,
	// and sums over slots that are shared by some.
	fn leave(n: u32) -> Weight {
		Weight::from_parts(700_000_000, 210_000)
			.saturating_add(Weight::from_parts(80_000_000, 35_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(60))
			.saturating_add(T::DbWeight::get().reads(10).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(52))
			.saturating_add(T::DbWeight::get().writes(10).saturating_mul(n.into()))
	}

	// The registry's key, the genesis hash, the document, the clock, a task; a holder paid; two nodes, each with a slot,
	// fifteen sums over slots and eleven over seats. A signature.
	fn notify() -> Weight {
		Weight::from_parts(1_000_000_000, 280_000)
			.saturating_add(T::DbWeight::get().reads(80))
			.saturating_add(T::DbWeight::get().writes(64))
	}

	// As `notify`, with two more tasks, and the account and holds of who pays.
	fn declare_fault() -> Weight {
		Weight::from_parts(1_300_000_000, 315_000)
			.saturating_add(T::DbWeight::get().reads(90))
			.saturating_add(T::DbWeight::get().writes(74))
	}

	// The registry's key, the genesis hash, the document, the clock, two tasks; a repairer paid; a node with a slot, fifteen
	// sums over slots and eleven over seats. A signature.
	fn confirm_repair() -> Weight {
		Weight::from_parts(900_000_000, 196_000)
			.saturating_add(T::DbWeight::get().reads(56))
			.saturating_add(T::DbWeight::get().writes(44))
	}

	// The registry's key, the node, the document, the genesis hash, account and holds. A signature.
	fn authorize_notify() -> Weight {
		Weight::from_parts(350_000_000, 24_500).saturating_add(T::DbWeight::get().reads(7))
	}

	// The registry's key, the node, its round, clock and congestion, fifteen sums, the slot, the document, the genesis hash,
	// a task; round and task. A signature. Each block of 4 KiB is hashed and read.
	fn prove(n: u32) -> Weight {
		Weight::from_parts(500_000_000, 108_500)
			.saturating_add(Weight::from_parts(80_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(31))
			.saturating_add(T::DbWeight::get().writes(6))
	}

	// As `prove`, without a task.
	fn authorize_prove(n: u32) -> Weight {
		Weight::from_parts(400_000_000, 94_500)
			.saturating_add(Weight::from_parts(80_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(27))
	}

	// The document, the node, two accounts.
	fn request_challenge() -> Weight {
		Weight::from_parts(350_000_000, 17_500)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	// The clock. Each document with its node, its owner's account and holds, and its holder's account.
	fn claim(n: u32) -> Weight {
		Weight::from_parts(50_000_000, 17_500)
			.saturating_add(Weight::from_parts(300_000_000, 17_500).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(5).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(5).saturating_mul(n.into()))
	}

	// The clock, and why it stands still.
	fn agenda_halted() -> Weight {
		Weight::from_parts(6_000_000, 10_500).saturating_add(T::DbWeight::get().reads(3))
	}

	// The clock, two cursors, and how full the block was; the cursors and the count of congested blocks.
	fn agenda_base() -> Weight {
		Weight::from_parts(18_000_000, 31_500)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	// Each task is a key.
	fn agenda_bucket(n: u32) -> Weight {
		Weight::from_parts(10_000_000, 3_500)
			.saturating_add(Weight::from_parts(5_000_000, 3_500).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
	}

	// The node with its round, the clock, chance, congestion, its stake, a task, what the registry says, and eleven sums.
	fn open_round() -> Weight {
		Weight::from_parts(300_000_000, 112_000)
			.saturating_add(T::DbWeight::get().reads(32))
			.saturating_add(T::DbWeight::get().writes(18))
	}

	// The first note that is left; each with a slot and sums over slots, of which some are shared.
	fn apply_changes(n: u32) -> Weight {
		Weight::from_parts(20_000_000, 3_500)
			.saturating_add(Weight::from_parts(70_000_000, 42_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(12).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(12).saturating_mul(n.into()))
	}

	// The node with its round, what the registry says, eleven sums, a task, evictions; two faults reported to the slashing
	// pallet, 57 µs and five writes each. Each challenge with the sums that lead to it, a slot and a document.
	fn settle_round(n: u32) -> Weight {
		Weight::from_parts(900_000_000, 224_000)
			.saturating_add(Weight::from_parts(80_000_000, 42_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(64))
			.saturating_add(T::DbWeight::get().reads(12).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(48))
	}

	// The document; two nodes, each with a slot, fifteen sums over slots and eleven over seats; a task, twice; the holder's
	// entry in the registry, its totals and holds, and the treasury's account.
	fn lose_replica() -> Weight {
		Weight::from_parts(900_000_000, 280_000)
			.saturating_add(T::DbWeight::get().reads(82))
			.saturating_add(T::DbWeight::get().writes(73))
	}

	// Thirty-two slots, the node, what the registry says, eleven sums, a task, evictions. Each replica as `lose_replica`.
	fn evict(n: u32) -> Weight {
		Weight::from_parts(400_000_000, 210_000)
			.saturating_add(Weight::from_parts(900_000_000, 280_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(60))
			.saturating_add(T::DbWeight::get().reads(82).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(18))
			.saturating_add(T::DbWeight::get().writes(73).saturating_mul(n.into()))
	}

	// Sixteen nodes, each with a seat, eleven sums to find it, what the registry says in seven reads, and eleven sums if that
	// has changed; a slot of the last with fifteen sums; the document and a task.
	fn draw_replica() -> Weight {
		Weight::from_parts(4_500_000_000, 1_295_000)
			.saturating_add(T::DbWeight::get().reads(370))
			.saturating_add(T::DbWeight::get().writes(210))
	}

	// Two draws of sixteen nodes, as `draw_replica`, with the readers' keys; the document and a task.
	fn draw_repairers() -> Weight {
		Weight::from_parts(8_000_000_000, 2_450_000)
			.saturating_add(T::DbWeight::get().reads(700))
			.saturating_add(T::DbWeight::get().writes(360))
	}

	// The document, the node with a slot, fifteen sums over slots and eleven over seats, and a task.
	fn refuse_late() -> Weight {
		Weight::from_parts(400_000_000, 147_000)
			.saturating_add(T::DbWeight::get().reads(42))
			.saturating_add(T::DbWeight::get().writes(38))
	}

	// The document and a task.
	fn expire_document() -> Weight {
		Weight::from_parts(100_000_000, 14_000)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	// As `remove_document`; three holders are noted to have finished a job, each with an entry in the registry and a right
	// to rate, instead of being paid twice.
	fn end_document(n: u32) -> Weight {
		Weight::from_parts(3_000_000_000, 560_000)
			.saturating_add(Weight::from_parts(15_000_000, 3_500).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(160))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(131))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
	}

	// The document, and three tasks, each of which is new; the draws that follow are not in it.
	fn draw_again() -> Weight {
		Weight::from_parts(100_000_000, 24_500)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(8))
	}
}
