//! What the pallet's calls and hooks cost. The runtime brings the measured weights:
//! `runtime/src/weights`.

use frame_support::weights::Weight;

/// What the pallet's calls and hooks cost.
pub trait WeightInfo {
	/// [`crate::Call::register_document`], without the draws that follow.
	fn register_document() -> Weight;
	/// [`crate::Call::renew_document`] of an expired document, three of whose holders are paid, or whose replicas are
	/// taken up again, without the draws that follow.
	fn renew_document() -> Weight;
	/// [`crate::Call::top_up`].
	fn top_up() -> Weight;
	/// [`crate::Call::remove_document`] with `n` envelopes, three holders that are paid twice, and three heirs, none of
	/// whose rounds is open.
	fn remove_document(n: u32) -> Weight;
	/// [`crate::Call::set_reader_key`], the first one.
	fn set_reader_key() -> Weight;
	/// [`crate::Call::remove_reader_key`].
	fn remove_reader_key() -> Weight;
	/// [`crate::Call::add_envelope`] of the most bytes, which makes a proposed repairer give way.
	fn add_envelope() -> Weight;
	/// [`crate::Call::revoke_envelope`] of the last of as many repairers as there may be.
	fn revoke_envelope() -> Weight;
	/// [`crate::Call::declare_capacity`] of a new node.
	fn declare_capacity() -> Weight;
	/// [`crate::Call::leave`] of a node whose `n` slots have to be emptied and cleared.
	fn leave(n: u32) -> Weight;
	/// [`crate::Call::notify`] that an heir confirms, whose predecessor is paid.
	fn notify() -> Weight;
	/// [`crate::Call::notify`] that a replica is lost that was being handed over.
	fn declare_fault() -> Weight;
	/// [`crate::Call::notify`] that a replica was made again, whose repairer is paid.
	fn confirm_repair() -> Weight;
	/// Authorising [`crate::Call::notify`].
	fn authorize_notify() -> Weight;
	/// [`crate::Call::prove`] by `n` blocks of the most bytes, the last that a round waits for.
	fn prove(n: u32) -> Weight;
	/// Authorising [`crate::Call::prove`] by `n` blocks.
	fn authorize_prove(n: u32) -> Weight;
	/// [`crate::Call::request_challenge`].
	fn request_challenge() -> Weight;
	/// [`crate::Call::claim`] of `n` replicas of different documents, all of which are paid.
	fn claim(n: u32) -> Weight;
	/// A block in which the network is halted.
	fn agenda_halted() -> Weight;
	/// A block in which nothing is due, without looking into the agenda. And the end of any block, at which
	/// congestion is noted.
	fn agenda_base() -> Weight;
	/// Looking into the agenda of one working block and finding `n` tasks.
	fn agenda_bucket(n: u32) -> Weight;
	/// Handling a due node by opening a round of the most challenges.
	fn open_round() -> Weight;
	/// Letting the weights of `n` slots follow what is in them.
	fn apply_changes(n: u32) -> Weight;
	/// Handling a due node by ending a round with `n` challenges that were not answered, and reporting both faults,
	/// without what is lost by it.
	fn settle_round(n: u32) -> Weight;
	/// Taking a replica that was not proven from its holder, which was handing it over.
	fn lose_replica() -> Weight;
	/// Handling a due node by taking `n` replicas from it, after looking into as many slots as a step may.
	fn evict(n: u32) -> Weight;
	/// Handling a due replica by drawing nodes until the last that may be tried, all others of which weigh something
	/// else by now, and a repairer.
	fn draw_replica() -> Weight;
	/// Handling a due document by drawing as many nodes as are proposed, each in the last try.
	fn draw_repairers() -> Weight;
	/// Handling a due replica whose node is late.
	fn refuse_late() -> Weight;
	/// Handling a due document that expires.
	fn expire_document() -> Weight;
	/// Handling a due document whose grace period is over, with `n` envelopes, three holders who are paid and have
	/// finished a job, and three heirs, none of whose rounds is open.
	fn end_document(n: u32) -> Weight;
	/// [`crate::Call::draw_again`] for three replicas, without the draws that follow.
	fn draw_again() -> Weight;
}

/// For tests: figures that can be told apart, and that grow with what they are of.
#[cfg(test)]
impl WeightInfo for () {
	fn register_document() -> Weight {
		figure(1_000, 0)
	}

	fn renew_document() -> Weight {
		figure(2_000, 0)
	}

	fn top_up() -> Weight {
		figure(3_000, 0)
	}

	fn remove_document(n: u32) -> Weight {
		figure(4_000, n)
	}

	fn set_reader_key() -> Weight {
		figure(5_000, 0)
	}

	fn remove_reader_key() -> Weight {
		figure(6_000, 0)
	}

	fn add_envelope() -> Weight {
		figure(7_000, 0)
	}

	fn revoke_envelope() -> Weight {
		figure(8_000, 0)
	}

	fn declare_capacity() -> Weight {
		figure(9_000, 0)
	}

	fn leave(n: u32) -> Weight {
		figure(10_000, n)
	}

	fn notify() -> Weight {
		figure(11_000, 0)
	}

	fn authorize_notify() -> Weight {
		figure(12_000, 0)
	}

	fn prove(n: u32) -> Weight {
		figure(13_000, n)
	}

	fn authorize_prove(n: u32) -> Weight {
		figure(14_000, n)
	}

	fn request_challenge() -> Weight {
		figure(15_000, 0)
	}

	fn claim(n: u32) -> Weight {
		figure(16_000, n)
	}

	fn agenda_halted() -> Weight {
		figure(17_000, 0)
	}

	fn agenda_base() -> Weight {
		figure(18_000, 0)
	}

	fn agenda_bucket(n: u32) -> Weight {
		figure(19_000, n)
	}

	fn open_round() -> Weight {
		figure(20_000, 0)
	}

	fn apply_changes(n: u32) -> Weight {
		figure(21_000, n)
	}

	fn settle_round(n: u32) -> Weight {
		figure(22_000, n)
	}

	fn lose_replica() -> Weight {
		figure(23_000, 0)
	}

	fn evict(n: u32) -> Weight {
		figure(24_000, n)
	}

	fn draw_replica() -> Weight {
		figure(25_000, 0)
	}

	fn draw_repairers() -> Weight {
		figure(26_000, 0)
	}

	fn refuse_late() -> Weight {
		figure(27_000, 0)
	}

	fn expire_document() -> Weight {
		figure(28_000, 0)
	}

	fn end_document(n: u32) -> Weight {
		figure(29_000, n)
	}

	fn draw_again() -> Weight {
		figure(30_000, 0)
	}

	fn declare_fault() -> Weight {
		figure(31_000, 0)
	}

	fn confirm_repair() -> Weight {
		figure(32_000, 0)
	}
}

#[cfg(test)]
fn figure(base: u64, n: u32) -> Weight {
	Weight::from_parts(base, 0).saturating_add(Weight::from_parts(1, 0).saturating_mul(n.into()))
}
