//! Safe mode: what stops, what never does.

use crate::support::{
	account, add_any_proxy, all_succeed, chain, empty_blocks, next_block, signed, sudo,
};
use frame_support::{
	migrations::{FailedMigrationHandler, FailedMigrationHandling},
	traits::Contains,
};
use rwa_runtime::{
	configs::{halting::NeverHalted, tools::SafeModeOnFailedMigration},
	Balances, Clock, Runtime, RuntimeCall, SafeMode, RWA,
};
use sp_runtime::DispatchError;

fn transfer() -> RuntimeCall {
	RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
		dest: account("//Ferdie").into(),
		value: RWA,
	})
}

fn enter_safe_mode() {
	let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
	all_succeed(vec![sudo(enter)]);
	assert!(SafeMode::is_entered());
}

#[test]
fn the_working_clock_stands_still_and_goes_on() {
	chain("local_testnet").execute_with(|| {
		empty_blocks(3);
		let running = Clock::now();
		empty_blocks(2);
		assert_eq!(Clock::now(), running + 2);
		enter_safe_mode();
		let stopped = Clock::now();
		empty_blocks(5);
		assert_eq!(Clock::now(), stopped);
		let exit = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_exit {});
		all_succeed(vec![sudo(exit)]);
		empty_blocks(2);
		assert!(Clock::now() > stopped);
	});
}

#[test]
fn a_transfer_is_refused_meanwhile() {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		enter_safe_mode();
		let outcome = next_block(vec![signed("//Eve", transfer())]).remove(0).expect("it is valid");
		assert_eq!(outcome, Err(DispatchError::from(frame_system::Error::<Runtime>::CallFiltered)));
	});
}

#[test]
fn a_failed_migration_halts_the_chain_and_leaves_a_way_out() {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		let next = SafeModeOnFailedMigration::failed(Some(0));
		// Stuck, it would take no transaction at all.
		assert!(matches!(next, FailedMigrationHandling::ForceUnstuck));
		let outcome = next_block(vec![signed("//Eve", transfer())]).remove(0).expect("it is valid");
		assert_eq!(outcome, Err(DispatchError::from(frame_system::Error::<Runtime>::CallFiltered)));
		all_succeed(vec![sudo(RuntimeCall::SafeMode(pallet_safe_mode::Call::force_exit {}))]);
		all_succeed(vec![signed("//Eve", transfer())]);
	});
}

#[test]
fn who_acts_through_a_proxy_is_judged_by_the_inner_call() {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		let through = |call: RuntimeCall| pallet_proxy::Call::<Runtime>::proxy {
			real: account("//Eve").into(),
			force_proxy_type: None,
			call: Box::new(call),
		};
		all_succeed(vec![signed("//Eve", add_any_proxy("//Ferdie"))]);
		enter_safe_mode();
		let before = Balances::free_balance(account("//Eve"));
		// The wrapper is let through, the transfer in it is not.
		all_succeed(vec![signed("//Ferdie", through(transfer()))]);
		assert_eq!(Balances::free_balance(account("//Eve")), before);
	});
}

#[test]
fn duties_evidence_and_the_way_out_are_never_halted() {
	let never = [
		("ImOnline", "heartbeat"),
		("Oracle", "submit"),
		("Oracle", "prove_manipulation"),
		("Oracle", "absolve"),
		("Oracle", "demand_measurement"),
		("Oracle", "show_measurement"),
		("Oracle", "enforce_demand"),
		("Babe", "report_equivocation_unsigned"),
		("Grandpa", "report_equivocation_unsigned"),
		("Devices", "condemn_device"),
		("Documents", "notify"),
		("Documents", "prove"),
		("Timestamp", "set"),
		("Council", "vote"),
		("SafeMode", "force_exit"),
		("TxPause", "unpause"),
	];
	for (pallet, call) in never {
		let name = (bounded(pallet), bounded(call));
		assert!(NeverHalted::contains(&name), "{pallet}::{call}");
	}
	let halted = (bounded("Balances"), bounded("transfer_keep_alive"));
	assert!(!NeverHalted::contains(&halted));
}

fn bounded(name: &str) -> frame_support::BoundedVec<u8, frame_support::traits::ConstU32<256>> {
	name.as_bytes().to_vec().try_into().expect("names are short")
}

#[test]
fn every_name_on_the_list_is_a_call() {
	use rwa_runtime::configs::halting::{CALLS_NEVER_HALTED, PALLETS_NEVER_HALTED};
	let pallets = <RuntimeCall as frame_support::traits::GetCallMetadata>::get_module_names();
	for pallet in PALLETS_NEVER_HALTED {
		assert!(pallets.contains(&pallet), "{pallet}");
	}
	for (pallet, call) in CALLS_NEVER_HALTED {
		let calls = <RuntimeCall as frame_support::traits::GetCallMetadata>::get_call_names(pallet);
		assert!(calls.contains(&call), "{pallet}::{call}");
	}
}
