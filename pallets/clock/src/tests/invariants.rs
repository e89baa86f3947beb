//! C1 holds whatever the halts, and its check can fail.

use crate::{
	mock::{author, Clock, ExtBuilder, Halted, System, Test},
	Elapsed,
};
use frame_support::{assert_err, assert_ok};
use rwa_primitives::traits::WorkingTime;
use sp_runtime::TryRuntimeError;

/// Every pattern of halts over ten blocks: the clock counts exactly the working ones.
#[test]
fn clock_should_never_exceed_the_block_number() {
	const BLOCKS: u64 = 10;
	for pattern in 0_u64..1 << BLOCKS {
		ExtBuilder.build_and_execute(|| {
			let mut working = 0;
			for block in 0..BLOCKS {
				let halted = pattern & (1 << block) != 0;
				Halted::set(halted);
				author(1);
				working += u64::from(!halted);
				assert_eq!(Clock::now(), working, "pattern {pattern:b}, block {}", block + 1);
				assert_eq!(Clock::is_running(), !halted);
				assert_ok!(Clock::do_try_state());
			}
			assert_eq!(System::block_number(), BLOCKS);
		});
	}
}

#[test]
fn c1_should_fail_when_the_clock_is_ahead_of_the_chain() {
	ExtBuilder.build().execute_with(|| {
		author(2);
		Elapsed::<Test>::put(3);
		assert_err!(
			Clock::do_try_state(),
			TryRuntimeError::Other("C1: more working blocks than blocks")
		);
	});
}
