//! While the network is halted, the clock stands still.

use crate::mock::{author, Clock, ExtBuilder, Halted};
use rwa_primitives::traits::WorkingTime;

#[test]
fn clock_should_stand_still_when_halted() {
	ExtBuilder.build_and_execute(|| {
		author(3);
		Halted::set(true);
		author(100);
		assert_eq!(Clock::now(), 3);
		assert!(!Clock::is_running());
	});
}

#[test]
fn clock_should_go_on_from_where_it_stood() {
	ExtBuilder.build_and_execute(|| {
		author(3);
		Halted::set(true);
		author(100);
		Halted::set(false);
		author(1);
		assert_eq!(Clock::now(), 4);
		assert!(Clock::is_running());
	});
}

#[test]
fn clock_should_stand_still_when_halted_from_the_first_block() {
	ExtBuilder.build_and_execute(|| {
		Halted::set(true);
		author(5);
		assert_eq!(Clock::now(), 0);
		assert!(!Clock::is_running());
	});
}

#[test]
fn a_halt_that_begins_within_a_block_should_count_from_the_next() {
	ExtBuilder.build_and_execute(|| {
		author(1);
		Halted::set(true);
		assert!(Clock::is_running(), "this block was counted already");
		assert_eq!(Clock::now(), 1);
		author(1);
		assert!(!Clock::is_running());
		assert_eq!(Clock::now(), 1);
	});
}

#[test]
fn a_halt_that_ends_within_a_block_should_end_with_the_next() {
	ExtBuilder.build_and_execute(|| {
		Halted::set(true);
		author(1);
		Halted::set(false);
		assert!(!Clock::is_running(), "this block was not counted");
		assert_eq!(Clock::now(), 0);
		author(1);
		assert!(Clock::is_running());
		assert_eq!(Clock::now(), 1);
	});
}
