//! What the oracle asks, and what it notes.

use frame_support::assert_ok;
use rwa_primitives::{
	device::{DeviceState, Standing},
	feed::{FeedId, SourceKind},
	traits::Devices as _,
};

use crate::{mock::*, Event};

const SENSOR: FeedId = feed(SourceKind::IotSensor);
const TRACKER: FeedId = feed(SourceKind::GpsTracker);

fn standing(feed: FeedId) -> Option<Standing<u32>> {
	Devices::standing(&device().key(), &feed)
}

#[test]
fn a_device_should_be_known_for_the_feeds_of_its_asset() {
	ExtBuilder::default().build_and_execute(|| {
		let fresh = Standing { state: DeviceState::Active, counter: 0 };
		assert_eq!(standing(SENSOR), Some(fresh));
		assert_eq!(standing(TRACKER), Some(fresh));
		assert_eq!(standing(FeedId { asset: OTHER_ASSET, ..SENSOR }), None);
		assert_eq!(Devices::standing(&other_device(2).key(), &SENSOR), None);
	});
}

#[test]
fn a_device_out_of_service_should_be_known_as_that() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Devices::retire_device(by(OWNER), device().key()));
		assert_eq!(standing(SENSOR).unwrap().state, DeviceState::Retired { since: 5 });
		assert_ok!(Devices::condemn(&device().key(), &STRANGER));
		assert_eq!(standing(SENSOR).unwrap().state, DeviceState::Condemned { since: 5 });
	});
}

#[test]
fn each_feed_should_have_a_counter_that_nothing_used_lowers() {
	ExtBuilder::default().build_and_execute(|| {
		let key = device().key();
		let noted = |feed: FeedId, counter| {
			System::reset_events();
			Devices::note_counter(&key, &feed, counter);
			events()
		};
		let event = |source, counter| {
			let device = device().key();
			[Event::CounterNoted { device, source, counter }]
		};
		assert_eq!(noted(SENSOR, 17), event(SourceKind::IotSensor, 17));
		assert_eq!(noted(TRACKER, 3), event(SourceKind::GpsTracker, 3));
		assert_eq!(noted(SENSOR, 17), []);
		assert_eq!(noted(SENSOR, 16), []);
		assert_eq!(noted(SENSOR, 18), event(SourceKind::IotSensor, 18));
		assert_eq!(standing(SENSOR).unwrap().counter, 18);
		assert_eq!(standing(TRACKER).unwrap().counter, 3);
		// Another asset's feed, and a device that nobody knows.
		assert_eq!(noted(FeedId { asset: OTHER_ASSET, ..SENSOR }, 99), []);
		Devices::note_counter(&other_device(2).key(), &SENSOR, 99);
		assert_eq!(events(), []);
	});
}

#[test]
fn a_device_should_serve_feeds_of_every_kind_of_source() {
	ExtBuilder::default().build_and_execute(|| {
		let sources = [
			SourceKind::GpsTracker,
			SourceKind::IotSensor,
			SourceKind::SatelliteImagery,
			SourceKind::WeatherApi,
			SourceKind::TrafficApi,
		];
		for counter in [1, 2] {
			for source in sources {
				Devices::note_counter(&device().key(), &feed(source), counter);
			}
		}
		let known = Devices::device(device().key()).unwrap();
		assert_eq!(known.counters.len(), sources.len());
		assert!(known.counters.iter().all(|(_, counter)| *counter == 2));
	});
}
