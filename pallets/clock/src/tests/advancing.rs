//! While the network works, the clock counts blocks.

use crate::{
	mock::{author, Clock, ExtBuilder, System},
	WeightInfo,
};
use frame_support::traits::Hooks;
use rwa_primitives::traits::WorkingTime;

#[test]
fn clock_should_start_at_zero_and_running() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Clock::now(), 0);
		assert!(Clock::is_running());
	});
}

#[test]
fn clock_should_equal_the_block_number_when_never_halted() {
	ExtBuilder.build_and_execute(|| {
		for block in 1..=20 {
			author(1);
			assert_eq!(System::block_number(), block);
			assert_eq!(Clock::now(), block);
			assert!(Clock::is_running());
		}
	});
}

#[test]
fn trait_and_view_function_should_tell_the_same_time() {
	ExtBuilder.build_and_execute(|| {
		author(7);
		assert_eq!(<Clock as WorkingTime<u64>>::now(), 7);
		assert_eq!(Clock::now(), 7);
	});
}

#[test]
fn on_initialize_should_charge_its_weight() {
	ExtBuilder.build_and_execute(|| {
		System::set_block_number(1);
		assert_eq!(Clock::on_initialize(1), <() as WeightInfo>::on_initialize());
		assert_ne!(<() as WeightInfo>::on_initialize(), frame_support::weights::Weight::zero());
	});
}
