use crate::mock::{author, Clock, ExtBuilder, Halted};

#[test]
fn a_halt_should_make_nobody_late() {
	ExtBuilder.build_and_execute(|| {
		author(10);
		let deadline = Clock::now() + 5;

		Halted::set(true);
		author(1_000);
		assert!(Clock::now() < deadline);

		Halted::set(false);
		author(5);
		assert_eq!(Clock::now(), deadline);
	});
}
