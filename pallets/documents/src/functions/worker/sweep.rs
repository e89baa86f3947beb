//! The sweep: what the bridge keeps and nobody wants here any more is unpinned. Lost, handed over, removed, expired:
//! all that counts is that the chain says of nobody in this node that it has it, or is to have it.
//!
//! Goes through what the bridge keeps, and not through what was ordered from here: so neither a fork that was left,
//! nor a store that was lost, nor a node that was down leaves anything behind.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use log::Level;
use rwa_primitives::{
	ipfs::Cid,
	worker::bridge::{Job, Order},
};
use sp_core::H256;
use sp_runtime::SaturatedConversion;

use super::{
	bridge::{Fault, Question, Reply},
	memory::{forget_trouble, forget_unwanted, note_unwanted, Tour, Unwanted},
	Errand, Run,
};
use crate::{Cids, Config, Documents, Pallet};

/// Blocks from the end of a sweep to the next one.
pub(crate) const SWEEP_EVERY: u64 = 100;

/// Most files that a run unpins.
pub(crate) const MAX_UNPINS: usize = 32;

/// Most registrations of one file that are looked at.
const MAX_OWNERS: usize = 64;

/// How far a sweep is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub(crate) enum Stage {
	/// All up to this file was seen.
	Pins(Cid),
	/// All that was ordered was seen; what was not is next.
	Orphans,
}

/// The next step of a sweep.
pub(crate) struct Sweep(Tour<Stage>);

impl Sweep {
	/// What is to be asked.
	pub(crate) fn question(&self) -> Question {
		match self.0.after() {
			None => Question::Pins(None),
			Some(Stage::Pins(after)) => Question::Pins(Some(after)),
			Some(Stage::Orphans) => Question::Audit,
		}
	}

	/// It can't go on now, and begins anew later.
	pub(crate) fn put_off(self, block: u64) {
		self.0.end(block, SWEEP_EVERY);
	}
}

/// What comes of a step.
struct Step<T: Config> {
	unpin: Vec<Errand<T>>,
	next: Next,
}

/// How a sweep goes on.
enum Next {
	/// Here, in the next run.
	Go(Option<Stage>),
	/// Not at all: it is over.
	End,
}

impl<T: Config> Pallet<T> {
	/// The next step, unless the last sweep was just now.
	pub(crate) fn due_sweep(run: &Run<T>) -> Option<Sweep> {
		Tour::resume(b"sweep", run.block, SWEEP_EVERY).map(Sweep)
	}

	/// What is to be unpinned of what the bridge lists.
	pub(crate) fn conclude_sweep(run: &mut Run<T>, sweep: Sweep, reply: &Reply) -> Vec<Errand<T>> {
		let step = match sweep.0.after() {
			None => Self::see_page(run, None, reply),
			Some(Stage::Pins(after)) => Self::see_page(run, Some(after), reply),
			Some(Stage::Orphans) => Self::see_orphans(run, reply),
		};
		match step {
			Ok(Step { unpin, next: Next::Go(stage) }) => {
				sweep.0.go_on(stage);
				unpin
			}
			Ok(Step { unpin, next: Next::End }) => {
				sweep.0.end(run.block, SWEEP_EVERY);
				unpin
			}
			Err(fault) => {
				run.note(fault);
				sweep.put_off(run.block);
				Vec::new()
			}
		}
	}

	fn see_page(run: &Run<T>, after: Option<Cid>, reply: &Reply) -> Result<Step<T>, Fault> {
		let page = reply.page(after.as_ref())?;
		let files = page.pins.iter().map(|(cid, size)| (*cid, Some(*size)));
		let unpin = Self::unwanted(run, files);
		let last = page.pins.last().filter(|_| page.more);
		let next = match (unpin.len(), last) {
			// There may be more on this page.
			(MAX_UNPINS, _) => after.map(Stage::Pins),
			(_, Some((cid, _))) => Some(Stage::Pins(*cid)),
			(_, None) => Some(Stage::Orphans),
		};
		Ok(Step { unpin, next: Next::Go(next) })
	}

	fn see_orphans(run: &Run<T>, reply: &Reply) -> Result<Step<T>, Fault> {
		let files = reply.orphans()?.into_iter().map(|cid| (cid, None));
		Ok(Step { unpin: Self::unwanted(run, files), next: Next::End })
	}

	/// Those of `files` that can be unpinned, at most [`MAX_UNPINS`].
	fn unwanted(run: &Run<T>, files: impl Iterator<Item = Unwanted>) -> Vec<Errand<T>> {
		files
			.filter(|file| match Self::is_wanted(run, file) {
				true => {
					forget_unwanted(file);
					false
				}
				false => note_unwanted(file, run.block, Self::hash_of),
			})
			.take(MAX_UNPINS)
			.map(Errand::Unpin)
			.collect()
	}

	/// Whether the chain says that somebody whom this node has ever worked for has the file, or is to have it. Also if
	/// its key is gone from here: then it may come back. And if more have registered the file than are looked at.
	fn is_wanted(run: &Run<T>, (cid, size): &Unwanted) -> bool {
		Cids::<T>::iter_prefix_values(cid).enumerate().any(|(count, (document, replica))| {
			let replica = Documents::<T>::get(document)
				.and_then(|document| document.replicas.into_iter().nth(usize::from(replica)));
			count >= MAX_OWNERS
				|| replica.is_some_and(|replica| {
					size.is_none_or(|size| size == replica.file.size)
						&& replica
							.placement
							.places()
							.any(|place| run.accounts.contains(&place.node))
				})
		})
	}

	/// Of a block before this one, or of this one.
	fn hash_of(block: u64) -> H256 {
		frame_system::Pallet::<T>::block_hash(
			block.saturated_into::<frame_system::pallet_prelude::BlockNumberFor<T>>(),
		)
	}

	/// It was ordered to be unpinned.
	pub(crate) fn conclude_unpinning(run: &mut Run<T>, file: &Unwanted, reply: &Reply) {
		let (cid, _) = file;
		match reply.job(&Order::Unpin { cid: *cid }) {
			Ok(Job::Failed { code, .. }) => {
				log!(Level::Debug, "{cid}, which nobody wants here, can't be unpinned: {code}");
			}
			Ok(_) => log!(Level::Info, "{cid} is unpinned: nobody wants it kept here"),
			Err(fault) => return run.note(fault),
		}
		forget_unwanted(file);
		forget_trouble(&(b"file", cid));
	}
}
