use crate::{mock::*, PenaltyStatus};
use rwa_primitives::{fault::Fault, traits::Accusations};

#[test]
fn a_storage_node_that_lost_a_replica_should_pay_when_nobody_objects() {
	execute(|| {
		// The documents pallet has proof of it, brought by a stranger. Storage nodes have 250 RWA at
		// stake, and a lost replica costs 5 % of it.
		let penalty = accuse(&STORAGE, Fault::LostReplica, 1);
		assert_eq!(
			Slashing::penalty(penalty).map(|penalty| penalty.amount),
			Some(12_500_000_000_000)
		);

		// For some time it only stands accused, and can't withdraw.
		pass(WAIT - 1);
		assert!(Slashing::is_accused(&STORAGE));
		assert_eq!(stake_of(&STORAGE), 250 * RWA);

		// Then it pays, and a tenth goes to the stranger.
		pass(1);
		assert!(!Slashing::is_accused(&STORAGE));
		assert_eq!(stake_of(&STORAGE), 237_500_000_000_000);
		assert_eq!(Shares::get()[&STRANGER], 1_250_000_000_000);
		let taken = 12_500_000_000_000;
		let status = Slashing::penalty(penalty).map(|penalty| penalty.status);
		assert_eq!(status, Some(PenaltyStatus::Executed { taken }));
	});
}
