//! What wallets and dApps build on: names and numbers that must not move.

use frame_support::traits::PalletInfoAccess;
use rwa_runtime::*;

#[test]
fn pallet_indices_and_names_stay() {
	fn named<P: PalletInfoAccess>() -> (usize, &'static str) {
		(P::index(), P::name())
	}
	let found = [
		named::<System>(),
		named::<Babe>(),
		named::<Timestamp>(),
		named::<Balances>(),
		named::<TransactionPayment>(),
		named::<Assets>(),
		named::<Authorship>(),
		named::<Staking>(),
		named::<VoterList>(),
		named::<Offences>(),
		named::<Historical>(),
		named::<Session>(),
		named::<Grandpa>(),
		named::<ImOnline>(),
		named::<AuthorityDiscovery>(),
		named::<Treasury>(),
		named::<ConvictionVoting>(),
		named::<Referenda>(),
		named::<Origins>(),
		named::<Council>(),
		named::<Scheduler>(),
		named::<Preimage>(),
		named::<Utility>(),
		named::<Multisig>(),
		named::<Proxy>(),
		named::<MultiBlockMigrations>(),
		named::<SafeMode>(),
		named::<TxPause>(),
		named::<Clock>(),
		named::<NodeRegistry>(),
		named::<Oracle>(),
		named::<Slashing>(),
		named::<Devices>(),
		named::<Documents>(),
		named::<Sudo>(),
	];
	assert_eq!(
		found,
		[
			(0, "System"),
			(1, "Babe"),
			(2, "Timestamp"),
			(10, "Balances"),
			(11, "TransactionPayment"),
			(12, "Assets"),
			(20, "Authorship"),
			(21, "Staking"),
			(22, "VoterList"),
			(23, "Offences"),
			(24, "Historical"),
			(25, "Session"),
			(26, "Grandpa"),
			(27, "ImOnline"),
			(28, "AuthorityDiscovery"),
			(30, "Treasury"),
			(31, "ConvictionVoting"),
			(32, "Referenda"),
			(33, "Origins"),
			(34, "Council"),
			(40, "Scheduler"),
			(41, "Preimage"),
			(42, "Utility"),
			(43, "Multisig"),
			(44, "Proxy"),
			(45, "MultiBlockMigrations"),
			(46, "SafeMode"),
			(47, "TxPause"),
			(60, "Clock"),
			(61, "NodeRegistry"),
			(62, "Oracle"),
			(63, "Slashing"),
			(64, "Devices"),
			(65, "Documents"),
			(255, "Sudo"),
		]
	);
}

#[test]
fn units_and_times_stay() {
	assert_eq!((TOKEN_SYMBOL, TOKEN_DECIMALS, RWA), ("RWA", 12, 1_000_000_000_000));
	assert_eq!(SS58_PREFIX, 792);
	assert_eq!((SLOT_DURATION, EPOCH_DURATION_IN_SLOTS), (1_000, 600));
	assert_eq!(VERSION.spec_name, "rwa-network");
}

#[test]
fn slashes_wait_one_era_less_than_the_bond_lasts() {
	use rwa_runtime::configs::staking::{BondingDuration, SlashDeferDuration};
	sp_io::TestExternalities::default().execute_with(|| {
		let bonding: u32 = BondingDuration::get();
		let deferred: u32 = SlashDeferDuration::get();
		assert_eq!((bonding, deferred), (112, 110));
	});
}
