//! Remembers which signatures are right.
//!
//! A node checks each transaction's signature twice, when the pool takes it and when a block with it is
//! made or imported. That is a sixth of all that a busy validator does. The answer depends on nothing but
//! signature, message and key, so the second time it need only be known.

pub(super) use host::crypto::HostFunctions;

use rwa_runtime::Hash;
use schnellru::{ByLength, LruMap};
use sp_core::{sr25519, Pair};
use sp_runtime::traits::{BlakeTwo256, Hash as _};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Signatures that are remembered: as many as transactions can be ready, unless an operator changes that.
/// They take about 5 MB. Whoever pushes them out, with right signatures of accounts that have nothing, only
/// makes them be checked again.
const MOST: u32 = 65_536;

/// Signatures that were found right, by a hash of all that makes them so.
struct Known(Mutex<LruMap<Hash, ()>>);

impl Known {
	fn new(most: u32) -> Self {
		Self(Mutex::new(LruMap::new(ByLength::new(most))))
	}

	/// Whether `signature` by `signer` under `message` is right.
	fn verify(
		&self,
		signature: &sr25519::Signature,
		message: &[u8],
		signer: &sr25519::Public,
	) -> bool {
		// Signature and key have one length each, so nothing else has these bytes.
		let hash = BlakeTwo256::hash(&[signature.as_ref(), signer.as_ref(), message].concat());
		if self.with(|known| known.get(&hash).is_some()) {
			return true;
		}
		let is_right = sr25519::Pair::verify(signature, message, signer);
		// Nobody asks twice about what is wrong.
		if is_right {
			self.with(|known| known.insert(hash, ()));
		}
		is_right
	}

	fn with<T>(&self, act: impl FnOnce(&mut LruMap<Hash, ()>) -> T) -> T {
		// Each use is one step, so whoever panicked left nothing half-done.
		act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
	}
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::new(MOST));

mod host {
	// The macro asks whether it is compiled for a runtime, makes functions for one too, and wants to be public.
	#![allow(dead_code, unexpected_cfgs, unreachable_pub)]

	use super::KNOWN;
	use sp_core::sr25519;
	use sp_runtime_interface::{
		pass_by::{PassFatPointerAndRead, PassPointerAndRead},
		runtime_interface,
	};

	/// Takes the place of the SDK's functions of the same names.
	#[runtime_interface]
	pub trait Crypto {
		/// As runtimes of other chains once checked signatures. This chain's never did, but the macro wants
		/// a first version.
		fn sr25519_verify(
			signature: PassPointerAndRead<&sr25519::Signature, 64>,
			message: PassFatPointerAndRead<&[u8]>,
			signer: PassPointerAndRead<&sr25519::Public, 32>,
		) -> bool {
			sr25519::Pair::verify_deprecated(signature, message, signer)
		}

		/// Whether the signature is right.
		#[version(2)]
		fn sr25519_verify(
			signature: PassPointerAndRead<&sr25519::Signature, 64>,
			message: PassFatPointerAndRead<&[u8]>,
			signer: PassPointerAndRead<&sr25519::Public, 32>,
		) -> bool {
			KNOWN.verify(signature, message, signer)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sc_executor::sp_wasm_interface;

	fn names<H: sp_wasm_interface::HostFunctions>() -> Vec<&'static str> {
		H::host_functions().iter().map(|function| function.name()).collect()
	}

	fn count(known: &Known) -> usize {
		known.with(|known| known.len())
	}

	#[test]
	fn the_answer_is_the_same_before_and_after_it_is_known() {
		let known = Known::new(8);
		let pair = sr25519::Pair::from_seed(&[1; 32]);
		let other = sr25519::Pair::from_seed(&[2; 32]);
		let signature = pair.sign(b"message");
		let mut forged = signature;
		forged.0[0] ^= 1;
		for _ in 0..2 {
			assert!(known.verify(&signature, b"message", &pair.public()));
			assert!(!known.verify(&signature, b"messagf", &pair.public()));
			assert!(!known.verify(&signature, b"", &pair.public()));
			assert!(!known.verify(&signature, b"message", &other.public()));
			assert!(!known.verify(&forged, b"message", &pair.public()));
			assert_eq!(count(&known), 1);
		}
		// Another right signature of the same message is not mistaken for it.
		assert!(known.verify(&pair.sign(b"message"), b"message", &pair.public()));
		assert_eq!(count(&known), 2);
	}

	#[test]
	fn only_so_many_are_remembered() {
		let known = Known::new(2);
		let pair = sr25519::Pair::from_seed(&[1; 32]);
		for message in 0..5u8 {
			assert!(known.verify(&pair.sign(&[message]), &[message], &pair.public()));
		}
		assert_eq!(count(&known), 2);
	}

	#[test]
	fn they_take_the_place_of_all_functions_that_check() {
		let standard = names::<sp_io::SubstrateHostFunctions>();
		let own = names::<HostFunctions>();
		let verify = "ext_crypto_sr25519_verify_";
		let replaced = standard.into_iter().filter(|name| name.starts_with(verify));
		assert_eq!(own, replaced.collect::<Vec<_>>());
	}
}
