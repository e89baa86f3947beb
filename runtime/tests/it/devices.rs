//! Devices in the real runtime: real assets, real money, real halts.

use crate::support::{
	account, add_any_proxy, all_succeed, chain,
	device::{condemn, create_asset, device, measure, proof, register, registration, ASSET},
	empty_blocks, next_block, signed, sudo,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use pallet_rwa_devices::{Call, Error, HoldReason};
use rwa_primitives::{
	app_key::Role,
	device::DeviceState,
	feed::{FeedId, SourceKind},
	node::genesis_tier,
	traits::{AssetOwners, Devices as _},
	Balance,
};
use rwa_runtime::{
	configs::rwa::{
		DeviceDeposit, PenaltyDeferral, ReportWindow, ReporterShare, RetirementTime, TokenOwners,
	},
	Balances, BlockNumber, Devices, Runtime, RuntimeCall, RuntimeOrigin, SafeMode, Treasury,
	TxPause, DAYS, RWA,
};
use sp_runtime::DispatchError;

/// Owns the asset at first.
const OWNER: &str = "//Eve";
/// Buys it.
const BUYER: &str = "//Ferdie";
/// Owns nothing but money.
const REPORTER: &str = "//Bob";
/// The device of most tests.
const SENSOR: u8 = 1;

fn origin(path: &str) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(path))
}

fn held(path: &str) -> Balance {
	Balances::balance_on_hold(&HoldReason::DeviceDeposit.into(), &account(path))
}

fn free(path: &str) -> Balance {
	Balances::free_balance(account(path))
}

fn state() -> DeviceState<BlockNumber> {
	Devices::device(device(SENSOR)).expect("it is registered").state
}

/// Working time passes, without the blocks.
fn pass(blocks: BlockNumber) {
	pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += blocks);
}

fn sell() {
	let owner = account(BUYER).into();
	all_succeed(vec![signed(
		OWNER,
		pallet_assets::Call::transfer_ownership { id: ASSET.into(), owner },
	)]);
	assert_eq!(TokenOwners::owner_of(ASSET), Some(account(BUYER)));
}

/// A chain on which [`OWNER`] has registered a device on its asset. No token comes or goes in the test, and no
/// invariant breaks.
fn with_device(test: impl FnOnce()) {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		let issued = Balances::total_issuance();
		all_succeed(vec![create_asset(OWNER)]);
		all_succeed(vec![register(SENSOR, OWNER)]);
		assert_eq!(held(OWNER), 30 * RWA);
		test();
		assert_eq!(Balances::total_issuance(), issued);
		#[cfg(feature = "try-runtime")]
		assert_ok!(<Devices as frame_support::traits::Hooks<BlockNumber>>::try_state(
			rwa_runtime::System::block_number()
		));
	});
}

#[test]
fn a_device_is_registered_sold_retired_and_removed() {
	with_device(|| {
		let (owner, buyer) = (free(OWNER), free(BUYER));
		sell();
		let fee = owner - free(OWNER);
		let key = || device(SENSOR);
		assert_ok!(Devices::adopt_device(origin(BUYER), key()));
		assert_eq!((held(OWNER), held(BUYER)), (0, 30 * RWA));
		assert_eq!(free(OWNER), owner - fee + 30 * RWA);

		assert_noop!(
			Devices::retire_device(origin(OWNER), key()),
			Error::<Runtime>::NotDeviceOwner
		);
		assert_ok!(Devices::retire_device(origin(BUYER), key()));
		pass(RetirementTime::get() - 1);
		assert_noop!(
			Devices::remove_device(origin(BUYER), key()),
			Error::<Runtime>::RetirementNotOver
		);
		pass(1);
		assert_ok!(Devices::remove_device(origin(REPORTER), key()));
		assert_eq!((held(BUYER), free(BUYER)), (0, buyer));
		assert_eq!(Devices::device(key()), None);
	});
}

#[test]
fn only_who_owns_the_token_registers_devices_on_it() {
	with_device(|| {
		let register =
			|path: &str| Devices::register_device(origin(path), device(2), ASSET, proof(2, path));
		assert_noop!(register(BUYER), Error::<Runtime>::NotAssetOwner);
		sell();
		assert_noop!(register(OWNER), Error::<Runtime>::NotAssetOwner);
		assert_ok!(register(BUYER));
	});
}

#[test]
fn a_device_that_deceives_costs_its_deposit_and_whoever_shows_it_gets_a_tenth() {
	with_device(|| {
		let (first, second) = (measure(SENSOR, 17, 2_135), measure(SENSOR, 17, 2_500));
		let treasury = Balances::free_balance(Treasury::account_id());
		let (owner, reporter) = (free(OWNER), free(REPORTER));
		assert_ok!(Devices::condemn_device(origin(REPORTER), first, second));
		assert_eq!((held(OWNER), free(OWNER)), (0, owner));
		assert_eq!(free(REPORTER) - reporter, 3 * RWA);
		assert_eq!(Balances::free_balance(Treasury::account_id()) - treasury, 27 * RWA);
		let feed = FeedId { asset: ASSET, source: SourceKind::IotSensor };
		let standing = Devices::standing(&device(SENSOR), &feed).expect("it is known");
		assert!(standing.state.is_condemned());
		assert_noop!(
			Devices::register_device(origin(OWNER), device(SENSOR), ASSET, proof(SENSOR, OWNER)),
			Error::<Runtime>::KeyTaken
		);
	});
}

/// In a block, with a fee: what it brings is worth far more than what it costs to send.
#[test]
fn to_show_it_costs_less_than_it_brings() {
	with_device(|| {
		let before = free(REPORTER);
		all_succeed(vec![signed(REPORTER, condemn(SENSOR))]);
		let fee = before + 3 * RWA - free(REPORTER);
		assert!(fee > 0 && fee < RWA / 10, "the fee is {fee}");
	});
}

#[test]
fn evidence_is_taken_while_the_chain_is_halted_and_nothing_else() {
	with_device(|| {
		all_succeed(vec![register(2, OWNER), signed(REPORTER, add_any_proxy(BUYER))]);
		let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
		all_succeed(vec![sudo(enter)]);
		assert!(SafeMode::is_entered());

		let refused = Err(DispatchError::from(frame_system::Error::<Runtime>::CallFiltered));
		let halted: [(&str, Call<Runtime>); 4] = [
			(OWNER, registration(3, OWNER)),
			(OWNER, Call::retire_device { key: device(SENSOR) }),
			(OWNER, Call::remove_device { key: device(SENSOR) }),
			(BUYER, Call::adopt_device { key: device(SENSOR) }),
		];
		for (path, call) in halted {
			assert_eq!(next_block(vec![signed(path, call)]), [Ok(refused)]);
		}
		all_succeed(vec![signed(REPORTER, condemn(SENSOR))]);
		assert!(state().is_condemned());

		// Through a proxy, too, and the share is the account's for which it acts.
		let before = free(REPORTER);
		let call = Box::new(condemn(2).into());
		let real = account(REPORTER).into();
		let proxy = pallet_proxy::Call::<Runtime>::proxy { real, force_proxy_type: None, call };
		all_succeed(vec![signed(BUYER, proxy)]);
		assert_eq!(free(REPORTER) - before, 3 * RWA);
		assert_eq!(held(OWNER), 0);
	});
}

#[test]
fn evidence_cannot_be_paused() {
	with_device(|| {
		let pause = |call: &str| {
			let name = |text: &str| text.as_bytes().to_vec().try_into().expect("names are short");
			let full_name = (name("Devices"), name(call));
			TxPause::pause(RuntimeOrigin::root(), full_name)
		};
		assert_ok!(pause("register_device"));
		assert_noop!(pause("condemn_device"), pallet_tx_pause::Error::<Runtime>::Unpausable);
		all_succeed(vec![signed(REPORTER, condemn(SENSOR))]);
	});
}

/// Or an oracle of the least stake would get away with a false report by letting a friend's device contradict itself.
#[test]
fn to_condemn_a_friends_device_costs_more_than_the_least_penalty_for_manipulation() {
	chain("staging").execute_with(|| {
		let tier = genesis_tier(Role::Oracle);
		let deposit = DeviceDeposit::get();
		assert!(deposit - ReporterShare::get() * deposit > tier.slash * tier.minimum);
	});
}

/// Rounds, reports and appeals end while the device can still be shown to deceive.
#[test]
fn a_device_is_kept_longer_than_a_penalty_can_wait_at_every_tempo() {
	chain("staging").execute_with(|| {
		assert_eq!(RetirementTime::get(), 31 * DAYS);
		for tempo in [1u32, 3, 72, 1_000, 100_000] {
			let name = sp_io::hashing::twox_128(b":TestTempo:");
			sp_io::storage::set(&name, &tempo.encode());
			let longest = ReportWindow::get() + PenaltyDeferral::get();
			assert!(RetirementTime::get() > longest, "at tempo {tempo}");
		}
	});
}
