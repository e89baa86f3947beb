//! What a referendum must reach, for each office: the more power, the more time and support.

use super::origins::Origin;
use crate::{
	configs::staking::TestTempo, Balance, BlockNumber, OriginCaller, RuntimeOrigin, DAYS, HOURS,
	MINUTES, RWA,
};
use alloc::borrow::Cow;
use frame_support::traits::OriginTrait;
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use sp_runtime::{str_array, Perbill};

/// Number of Root's track.
pub const ROOT: u16 = 0;
/// Number of the treasurer's track.
pub const TREASURER: u16 = 10;
/// Number of the track of the curator of feeds.
pub const FEED_CURATOR: u16 = 20;

/// Approval falls from all to half over the decision period, for every office: who is sure of the
/// majority wins early.
const APPROVAL: Curve = falling(50, 100);

const TRACKS: [Track<u16, Balance, BlockNumber>; 3] = [
	Track {
		id: ROOT,
		info: TrackInfo {
			name: str_array("root"),
			// Few, because a change of the rules wants attention; not one, because a single junk
			// referendum would keep an urgent one waiting for two weeks.
			max_deciding: 3,
			decision_deposit: 10_000 * RWA,
			prepare_period: 2 * HOURS,
			decision_period: 14 * DAYS,
			confirm_period: DAYS,
			// Time for those who disagree to leave, and for operators to prepare.
			min_enactment_period: DAYS,
			min_approval: APPROVAL,
			min_support: falling(5, 50),
		},
	},
	Track {
		id: TREASURER,
		info: TrackInfo {
			name: str_array("treasurer"),
			max_deciding: 10,
			decision_deposit: 500 * RWA,
			prepare_period: 2 * HOURS,
			decision_period: 7 * DAYS,
			confirm_period: 12 * HOURS,
			min_enactment_period: HOURS,
			min_approval: APPROVAL,
			min_support: falling(2, 25),
		},
	},
	Track {
		id: FEED_CURATOR,
		info: TrackInfo {
			name: str_array("feed_curator"),
			max_deciding: 20,
			decision_deposit: 100 * RWA,
			prepare_period: 30 * MINUTES,
			decision_period: 3 * DAYS,
			confirm_period: 3 * HOURS,
			min_enactment_period: 10 * MINUTES,
			min_approval: APPROVAL,
			min_support: falling(1, 10),
		},
	},
];

/// Falls in a straight line from `ceil` percent to `floor` percent over the decision period.
const fn falling(floor: u32, ceil: u32) -> Curve {
	Curve::LinearDecreasing {
		length: Perbill::one(),
		floor: Perbill::from_percent(floor),
		ceil: Perbill::from_percent(ceil),
	}
}

/// The tracks, at the network's [`TestTempo`].
pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
	type Id = u16;
	type RuntimeOrigin = <RuntimeOrigin as OriginTrait>::PalletsOrigin;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
		let tempo = TestTempo::get();
		TRACKS.into_iter().map(move |track| Cow::Owned(at_tempo(track, tempo)))
	}

	fn track_for(origin: &Self::RuntimeOrigin) -> Result<u16, ()> {
		match origin {
			OriginCaller::system(frame_system::RawOrigin::Root) => Ok(ROOT),
			OriginCaller::Origins(Origin::Treasurer) => Ok(TREASURER),
			OriginCaller::Origins(Origin::FeedCurator) => Ok(FEED_CURATOR),
			_ => Err(()),
		}
	}
}

/// Shortens every period of `track` to a `tempo`-th, and to one block at least.
fn at_tempo(
	mut track: Track<u16, Balance, BlockNumber>,
	tempo: u32,
) -> Track<u16, Balance, BlockNumber> {
	let info = &mut track.info;
	for period in [
		&mut info.prepare_period,
		&mut info.decision_period,
		&mut info.confirm_period,
		&mut info.min_enactment_period,
	] {
		*period = period.checked_div(tempo).unwrap_or(*period).max(1);
	}
	track
}
