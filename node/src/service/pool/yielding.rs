//! Threads that leave a busy processor to authoring.

use futures::{future::BoxFuture, FutureExt};
use sc_service::SpawnEssentialTaskHandle;
use sp_core::traits::SpawnEssentialNamed;
use std::{
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
	thread,
};

/// How much less than others these threads ask for, as `nice` counts: about a quarter of a processor's time
/// when one other thread wants it.
const NICENESS: i32 = 5;

/// Spawns what the pool checks transactions with: two tasks that the SDK gives threads of their own, and
/// that share a queue.
///
/// Their threads have a low priority, and on a machine with fewer than four processors there is only one of
/// them. A transaction that is checked later waits a little longer; a block that is finished too late is
/// lost. And threads that all call the runtime wait for each other, in the kernel, over each call's memory.
#[derive(Clone)]
pub(super) struct Yielding {
	spawner: SpawnEssentialTaskHandle,
	threads_left: Arc<AtomicUsize>,
}

impl Yielding {
	/// Spawns with `spawner`, as many threads as half the machine's processors.
	pub(super) fn new(spawner: SpawnEssentialTaskHandle) -> Self {
		let processors = thread::available_parallelism().map_or(1, usize::from);
		let threads = (processors / 2).max(1);
		Self { spawner, threads_left: Arc::new(AtomicUsize::new(threads)) }
	}

	/// Whether another thread may be spawned.
	fn take_thread(&self) -> bool {
		let less = |left: usize| left.checked_sub(1);
		self.threads_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
	}
}

impl SpawnEssentialNamed for Yielding {
	fn spawn_essential_blocking(
		&self,
		name: &'static str,
		group: Option<&'static str>,
		task: BoxFuture<'static, ()>,
	) {
		if !self.take_thread() {
			// The tasks that were spawned empty the queue.
			return;
		}
		let task = async move {
			lower_priority(name);
			task.await;
		};
		self.spawner.spawn_essential_blocking(name, group, task.boxed());
	}

	fn spawn_essential(
		&self,
		name: &'static str,
		group: Option<&'static str>,
		task: BoxFuture<'static, ()>,
	) {
		self.spawner.spawn_essential(name, group, task);
	}
}

/// Lowers the priority of the thread that runs `task`, which is its own until it ends.
fn lower_priority(task: &str) {
	// On Linux a priority belongs to a thread, and none given means the one that asks.
	if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
		log::warn!("can't lower the priority of {task}, which may delay authoring: {error}");
	}
}
