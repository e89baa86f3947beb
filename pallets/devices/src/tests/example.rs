use frame_support::{assert_noop, assert_ok};

use crate::{
	mock::{
		by, device, free, Devices, ExtBuilder, Test, ASSET, DEPOSIT, ENDOWMENT, OWNER, STRANGER,
	},
	Error,
};

#[test]
fn a_device_should_be_registered_and_condemned_when_it_deceives() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		// A thermometer agrees to measure the owner's asset. The owner registers it.
		let thermometer = device();
		let proof = thermometer.proof(OWNER, ASSET);
		assert_ok!(Devices::register_device(by(OWNER), thermometer.key(), ASSET, proof.clone()));
		assert_eq!(free(OWNER), ENDOWMENT - DEPOSIT);

		// Its 17th measurement is 21.35 °C. To somebody else it says that it is 25.00 °C.
		let (first, second) = (thermometer.measure(17, 2_135), thermometer.measure(17, 2_500));
		assert_ok!(Devices::condemn_device(by(STRANGER), first, second));

		// Who shows both gets a tenth of the deposit, and the device is done with.
		assert_eq!(free(STRANGER), ENDOWMENT + DEPOSIT / 10);
		assert!(Devices::device(thermometer.key()).unwrap().state.is_condemned());
		assert_noop!(
			Devices::register_device(by(OWNER), thermometer.key(), ASSET, proof),
			Error::<Test>::KeyTaken
		);
	});
}
