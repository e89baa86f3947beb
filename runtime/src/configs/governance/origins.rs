//! Offices that a referendum on its own track can act as, each with less power than Root.

pub use pallet::*;

#[allow(missing_docs)]
#[frame_support::pallet]
mod pallet {
	use frame_support::pallet_prelude::*;

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::origin]
	#[derive(
		Clone,
		Copy,
		Debug,
		Decode,
		DecodeWithMemTracking,
		Encode,
		Eq,
		MaxEncodedLen,
		PartialEq,
		TypeInfo,
	)]
	pub enum Origin {
		/// Spends from the treasury, up to a limit.
		#[codec(index = 0)]
		Treasurer,
		/// Creates, changes and closes feeds.
		#[codec(index = 1)]
		FeedCurator,
	}
}

/// Declares a type that lets exactly one of the offices pass.
macro_rules! ensure_office {
	($(#[$doc:meta])* $office:ident) => {
		$(#[$doc])*
		pub struct $office;

		impl<O: OriginTrait + From<Origin>> frame_support::traits::EnsureOrigin<O> for $office
		where
			for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
		{
			type Success = ();

			fn try_origin(origin: O) -> Result<(), O> {
				let held: Option<Origin> = origin.caller().try_into().ok().copied();
				match held {
					Some(Origin::$office) => Ok(()),
					_ => Err(origin),
				}
			}

			#[cfg(feature = "runtime-benchmarks")]
			fn try_successful_origin() -> Result<O, ()> {
				Ok(O::from(Origin::$office))
			}
		}
	};
}

use frame_support::traits::OriginTrait;

ensure_office!(
	/// Lets the treasurer pass.
	Treasurer
);
ensure_office!(
	/// Lets the curator of feeds pass.
	FeedCurator
);
