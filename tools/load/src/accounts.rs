//! The accounts between which transfers go: `//Sender//0`, `//Sender//1`, … and `//Receiver//0`, ….
//!
//! Their keys follow from the SDK's public development phrase, so anyone can spend what they hold:
//! they belong into the genesis of a test network and nowhere else.

use crate::error::LoadError;
use rwa_primitives::AccountId;
use sp_core::{
	crypto::{DeriveJunction, Pair as _, DEV_PHRASE},
	sr25519::Pair,
};
use std::{num::NonZeroUsize, ops::Range, thread};

/// Which of the two sets an account is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
	/// Pays.
	Sender,
	/// Is paid.
	Receiver,
}

impl Party {
	fn name(self) -> &'static str {
		match self {
			Self::Sender => "Sender",
			Self::Receiver => "Receiver",
		}
	}

	/// The derivation path of the account with this number, as `subkey` and polkadot.js write it.
	pub fn uri(self, number: u32) -> String {
		format!("//{}//{number}", self.name())
	}

	/// The keys with these numbers, in that order. Derived on all cores: each takes some tens of
	/// microseconds, and there can be a million.
	pub fn keys(self, numbers: Range<u32>) -> Result<Vec<Pair>, LoadError> {
		let parent = self.parent()?;
		in_parallel(numbers, |number| self.child(&parent, number))
	}

	/// The accounts with these numbers, in that order.
	pub fn accounts(self, numbers: Range<u32>) -> Result<Vec<AccountId>, LoadError> {
		let parent = self.parent()?;
		in_parallel(numbers, |number| Ok(account_of(&self.child(&parent, number)?)))
	}

	/// `//Sender` or `//Receiver`. Stretching the phrase into a seed takes a thousand times longer
	/// than a derivation, hence once for all.
	fn parent(self) -> Result<Pair, LoadError> {
		let failed = || LoadError::Derivation(format!("//{}", self.name()));
		let (root, _) = Pair::from_phrase(DEV_PHRASE, None).map_err(|_| failed())?;
		let path = [DeriveJunction::from(self.name()).harden()];
		root.derive(path.into_iter(), None).map(|(pair, _)| pair).map_err(|_| failed())
	}

	fn child(self, parent: &Pair, number: u32) -> Result<Pair, LoadError> {
		// In a path, a junction of digits is a 64-bit number.
		let path = [DeriveJunction::hard(u64::from(number))];
		parent
			.derive(path.into_iter(), None)
			.map(|(pair, _)| pair)
			.map_err(|_| LoadError::Derivation(self.uri(number)))
	}
}

/// The account that this key controls.
pub fn account_of(pair: &Pair) -> AccountId {
	AccountId::new(pair.public().0)
}

/// `make` of every number, in order, on all cores. Stops at an error.
pub fn in_parallel<T: Send>(
	numbers: Range<u32>,
	make: impl Fn(u32) -> Result<T, LoadError> + Sync,
) -> Result<Vec<T>, LoadError> {
	let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
	let share = numbers.len().div_ceil(cores).max(1);
	let make = &make;
	let parts: Vec<Result<Vec<T>, LoadError>> = thread::scope(|scope| {
		let running: Vec<_> = numbers
			.clone()
			.step_by(share)
			.map(|start| {
				let end = start.saturating_add(share as u32).min(numbers.end);
				scope.spawn(move || (start..end).map(make).collect())
			})
			.collect();
		running
			.into_iter()
			.map(|part| match part.join() {
				Ok(made) => made,
				Err(panic) => std::panic::resume_unwind(panic),
			})
			.collect()
	});
	let mut all = Vec::with_capacity(numbers.len());
	for part in parts {
		all.extend(part?);
	}
	Ok(all)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn keys_should_be_those_that_the_paths_name() {
		for party in [Party::Sender, Party::Receiver] {
			let keys = party.keys(7..10).unwrap();
			for (number, key) in (7..10).zip(keys) {
				let expected = Pair::from_string(&party.uri(number), None).unwrap();
				assert_eq!(key.public(), expected.public(), "{}", party.uri(number));
			}
		}
	}

	#[test]
	fn accounts_should_be_those_of_the_keys() {
		let keys = Party::Sender.keys(0..3).unwrap();
		let expected: Vec<_> = keys.iter().map(account_of).collect();
		assert_eq!(Party::Sender.accounts(0..3).unwrap(), expected);
	}

	#[test]
	fn in_parallel_should_keep_the_order_and_lose_nothing() {
		for count in [0, 1, 2, 3, 101] {
			let made = in_parallel(5..5 + count, Ok).unwrap();
			assert_eq!(made, (5..5 + count).collect::<Vec<_>>());
		}
	}

	#[test]
	fn in_parallel_should_pass_an_error_on() {
		let refuse_nine = |number| match number {
			9 => Err(LoadError::Derivation("nine".into())),
			other => Ok(other),
		};
		assert!(in_parallel(0..20, refuse_nine).is_err());
	}
}
