//! Fees and rewards.

use crate::support::{account, all_succeed, chain, next_block, signed, signed_with};
use frame_support::{
	dispatch::DispatchClass,
	traits::Currency,
	weights::{constants::WEIGHT_REF_TIME_PER_MICROS, WeightToFee},
};
use pallet_balances::Call;
use rwa_runtime::{
	configs::{
		money::{FeeByWeight, BASE_FEE},
		staking::yield_on_stake,
		system::RuntimeBlockWeights,
	},
	weights::overhead::ExtrinsicBaseWeight,
	Balances, TransactionPayment, Treasury, EXISTENTIAL_DEPOSIT, MILLISECONDS_PER_YEAR, RWA,
};
use sp_runtime::Perbill;

/// What the validators' tier pays at genesis.
const YEARLY: Perbill = Perbill::from_percent(5);
const DAY: u64 = 24 * 60 * 60 * 1_000;

fn transfer(to: &str, value: u128) -> Call<rwa_runtime::Runtime> {
	Call::transfer_keep_alive { dest: account(to).into(), value }
}

#[test]
fn a_fee_goes_to_author_and_treasury_and_none_is_lost() {
	chain("local_testnet").execute_with(|| {
		next_block(vec![]);
		let before = Balances::total_issuance();
		let treasury = Balances::free_balance(Treasury::account_id());
		let author = Balances::total_balance(&account("//Alice//stash"));
		let sender = Balances::free_balance(account("//Eve"));

		all_succeed(vec![signed("//Eve", transfer("//Ferdie", RWA))]);

		let fee = sender - RWA - Balances::free_balance(account("//Eve"));
		let to_treasury = Balances::free_balance(Treasury::account_id()) - treasury;
		let to_author: u128 =
			["//Alice//stash", "//Bob//stash", "//Charlie//stash", "//Dave//stash"]
				.iter()
				.map(|stash| Balances::total_balance(&account(stash)))
				.max()
				.expect("there are some")
				.saturating_sub(author);
		assert!(fee > 0);
		assert_eq!(to_treasury, fee - fee * 80 / 100);
		assert_eq!(to_author, fee * 80 / 100);
		assert_eq!(Balances::total_issuance(), before);
	});
}

#[test]
fn a_tip_is_the_authors_alone() {
	chain("local_testnet").execute_with(|| {
		next_block(vec![]);
		let before = Balances::free_balance(Treasury::account_id());
		let tipped = signed_with("//Eve", 0, 5 * RWA, transfer("//Ferdie", RWA));
		all_succeed(vec![tipped]);
		assert!(Balances::free_balance(Treasury::account_id()) - before < RWA);
	});
}

#[test]
fn every_transaction_pays_for_its_signature_and_for_its_extensions_once() {
	let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
	// Checking one signature takes about 41 µs on the machine that the weights were measured on. Less
	// means that a new measurement counts other accesses than `base_extrinsic` leaves out.
	assert!(base.ref_time() > 40 * WEIGHT_REF_TIME_PER_MICROS, "{base}");
	assert!(base.ref_time() < ExtrinsicBaseWeight::get().ref_time(), "{base}");
	assert_eq!(FeeByWeight::weight_to_fee(&base), BASE_FEE);
}

#[test]
fn a_transfer_costs_a_few_thousandths_of_an_rwa() {
	chain("local_testnet").execute_with(|| {
		next_block(vec![]);
		let extrinsic = signed("//Eve", transfer("//Ferdie", RWA));
		let length = codec::Encode::encoded_size(&extrinsic) as u32;
		let fee = TransactionPayment::query_info(extrinsic, length).partial_fee;
		assert!((EXISTENTIAL_DEPOSIT..20 * EXISTENTIAL_DEPOSIT).contains(&fee), "{fee}");
	});
}

#[test]
fn stake_earns_five_percent_a_year_whatever_the_eras_length() {
	let staked = 1_000_000 * RWA;
	assert_eq!(yield_on_stake(YEARLY, staked, MILLISECONDS_PER_YEAR), 50_000 * RWA);
	for era in [DAY / 24, DAY / 4, DAY, 7 * DAY] {
		let eras = u128::from(MILLISECONDS_PER_YEAR / era);
		let year = yield_on_stake(YEARLY, staked, era) * eras;
		let whole = 50_000 * RWA * (u128::from(era) * eras) / u128::from(MILLISECONDS_PER_YEAR);
		assert!(year.abs_diff(whole) <= eras, "eras of {era} ms pay {year}");
	}
	assert_eq!(yield_on_stake(YEARLY, 0, DAY), 0);
}
