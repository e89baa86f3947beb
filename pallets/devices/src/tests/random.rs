//! Whatever order people call in, no invariant breaks and no money comes or goes.

use std::collections::BTreeSet;

use codec::Encode;
use rwa_primitives::{feed::SourceKind, traits::Devices as _, AssetId};

use crate::{mock::*, Devices as Stored, Event};

/// Numbers that look random, and are the same in each run.
struct Random(u64);

impl Random {
	/// Below `limit`, which is small.
	fn below(&mut self, limit: u64) -> u64 {
		// Knuth's MMIX. The low bits of such a generator are poor.
		self.0 =
			self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		(self.0 >> 33) % limit
	}

	fn somebody(&mut self) -> Account {
		[OWNER, STRANGER, PAUPER][self.below(3) as usize]
	}

	fn instrument(&mut self) -> Instrument {
		other_device(self.below(6) as u8)
	}

	fn asset(&mut self) -> AssetId {
		[ASSET, OTHER_ASSET][self.below(2) as usize]
	}
}

/// One thing that somebody does, allowed or not.
fn act(random: &mut Random) {
	let (who, instrument) = (random.somebody(), random.instrument());
	let key = instrument.key();
	// Refused or not: whatever comes of it, the invariants hold.
	let _ = match random.below(13) {
		0..=2 => {
			let asset = random.asset();
			let proof = instrument.proof(who, asset);
			Devices::register_device(by(who), key, asset, proof)
		}
		3 => Devices::retire_device(by(who), key),
		4 | 5 => Devices::remove_device(by(who), key),
		6 => Devices::adopt_device(by(who), key),
		7 if random.below(8) == 0 => {
			let (first, second) = (instrument.measure(17, 1), instrument.measure(17, 2));
			Devices::condemn_device(by(who), first, second)
		}
		8 => {
			own(who, random.asset());
			Ok(())
		}
		9 => {
			DeviceDeposit::set(EXISTENTIAL_DEPOSIT + u128::from(random.below(2_000)));
			Ok(())
		}
		10 => {
			Devices::note_counter(&key, &feed(SourceKind::IotSensor), random.below(50));
			Ok(())
		}
		11 => {
			let value = random.below(2).into();
			Devices::reset_counter(by(who), instrument.measure(random.below(50), value))
		}
		_ => {
			pass(random.below(20) as u32);
			Ok(())
		}
	};
}

#[test]
fn no_sequence_of_calls_should_break_an_invariant() {
	let mut seen = BTreeSet::new();
	for seed in 0..40 {
		ExtBuilder::default().without_device().build_and_execute(|| {
			let mut random = Random(seed);
			for _ in 0..500 {
				act(&mut random);
				assert_eq!(Devices::do_try_state(), Ok(()), "with seed {seed}");
			}
			let condemned = |event: &&Event<Test>| matches!(event, Event::DeviceCondemned { .. });
			let states = Stored::<Test>::iter_values().filter(|device| device.state.is_condemned());
			assert_eq!(events().iter().filter(condemned).count(), states.count());
			seen.extend(events().iter().map(|event| event.encode()[0]));
		});
	}
	// A run in which something never works shows nothing of it.
	assert_eq!(seen, (0..7).collect(), "numbers of the events that there were");
}
