//! Nodes in the real runtime: what roles ask, heartbeats, absence, penalties, and one role for an account.

use crate::support::{account, all_succeed, chain, next_block, oracle::register, pair, signed};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use pallet_rwa_slashing::PenaltyStatus;
use pallet_staking::RewardDestination;
use rwa_primitives::{
	app_key::{AppPublic, Role},
	heartbeat::Heartbeat,
	node::{Region, Tier},
};
use rwa_runtime::{
	configs::{
		consensus::ValidatorSlash,
		rwa::{AbsenceLimit, HeartbeatPeriod, PenaltyDeferral, UnbondingPeriod},
	},
	tx_extension, AccountId, Balance, Balances, BlockNumber, Clock, NodeRegistry, Runtime,
	RuntimeCall, RuntimeOrigin, Slashing, Staking, System, Treasury, UncheckedExtrinsic, RWA,
};
use sp_core::{Pair, H256};
use sp_runtime::{generic::Era, Perbill};

const ORACLE: &str = "//Oracle//1";
const REPORTER: &str = "//Ferdie";

type Registry = pallet_rwa_node_registry::Error<Runtime>;
type Penalties = pallet_rwa_slashing::Error<Runtime>;

fn origin(path: &str) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(path))
}

fn register_with(path: &str, role: Role, stake: Balance) -> sp_runtime::DispatchResult {
	let endpoint = b"/dns4/node.example/tcp/30333".to_vec();
	NodeRegistry::register(origin(path), role, Region(*b"DE"), endpoint, stake)
}

/// Working time passes, without the blocks.
fn pass(blocks: BlockNumber) {
	pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += blocks);
}

fn period() -> BlockNumber {
	Clock::now() / HeartbeatPeriod::get()
}

/// What the operator's node sends, signed for the chain that begins with `genesis`.
fn heartbeat(genesis: &H256, path: &str, period: BlockNumber) -> UncheckedExtrinsic {
	let app_key = pair(&format!("{path}//app"));
	let beat = Heartbeat { key: AppPublic::from(app_key.public()), period };
	let signature = app_key.sign(&beat.signing_payload(genesis)).into();
	let call = pallet_rwa_slashing::Call::heartbeat { beat, signature };
	UncheckedExtrinsic::new_transaction(call.into(), tx_extension(0, Era::Immortal, 0))
}

#[test]
fn the_tiers_are_the_specifications() {
	chain("staging").execute_with(|| {
		let percent = Perbill::from_percent;
		let expected = [
			(Role::Validator, 1_000, 10, 5),
			(Role::Verifier, 500, 5, 2),
			(Role::Oracle, 500, 5, 3),
			(Role::Relay, 100, 2, 2),
			(Role::Storage, 250, 5, 3),
		];
		for (role, minimum, slash, yearly) in expected {
			let tier = Tier {
				minimum: minimum * RWA,
				slash: percent(slash),
				yearly_reward: percent(yearly),
			};
			assert_eq!(NodeRegistry::tier(role), tier);
		}
		assert_eq!(pallet_staking::MinValidatorBond::<Runtime>::get(), 1_000 * RWA);
	});
}

#[test]
fn an_oracle_needs_500_and_begins_with_a_reputation_of_1000() {
	chain("local_testnet").execute_with(|| {
		assert_noop!(register_with(ORACLE, Role::Oracle, 499 * RWA), Registry::StakeTooSmall);
		assert_ok!(register_with(ORACLE, Role::Oracle, 500 * RWA));
		let node = NodeRegistry::node(account(ORACLE)).expect("it is registered");
		assert!(node.active);
		assert_eq!(node.reputation.score, 1_000);
	});
}

#[test]
fn an_account_has_one_role() {
	chain("local_testnet").execute_with(|| {
		let bond = || Staking::bond(origin(ORACLE), 1_000 * RWA, RewardDestination::Stash);
		assert_ok!(register_with(ORACLE, Role::Relay, 100 * RWA));
		assert_noop!(register_with(ORACLE, Role::Oracle, 500 * RWA), Registry::AlreadyRegistered);
		assert_noop!(bond(), pallet_staking::Error::<Runtime>::Restricted);

		let validator = "//Alice//stash";
		assert_noop!(register_with(validator, Role::Oracle, 500 * RWA), Registry::IsStaker);
		assert_ok!(register_with(validator, Role::Validator, 0));
		let more = Staking::bond_extra(origin(validator), RWA);
		assert_ok!(more);
	});
}

#[test]
fn governance_changes_a_validators_tier_everywhere_at_once() {
	chain("local_testnet").execute_with(|| {
		let tier = Tier {
			minimum: 2_000 * RWA,
			slash: Perbill::from_percent(20),
			yearly_reward: Perbill::from_percent(4),
		};
		let change = |origin| NodeRegistry::set_tier(origin, Role::Validator, tier);
		pass(1);
		assert_noop!(change(origin("//Alice")), sp_runtime::DispatchError::BadOrigin);
		assert_ok!(change(RuntimeOrigin::root()));
		assert_eq!(pallet_staking::MinValidatorBond::<Runtime>::get(), 2_000 * RWA);
		// What was done before costs what it cost, for as long as it can be reported.
		assert_eq!(ValidatorSlash::get(), Perbill::from_percent(10));
		pass(UnbondingPeriod::get());
		assert_eq!(ValidatorSlash::get(), Perbill::from_percent(20));
	});
}

#[test]
fn a_heartbeat_counts_once_a_period_and_on_its_own_chain_only() {
	chain("local_testnet").execute_with(|| {
		next_block(vec![]);
		let genesis = System::block_hash(0);
		all_succeed(vec![register(ORACLE)]);
		pass(HeartbeatPeriod::get());
		next_block(vec![]);
		let now = period();
		let elsewhere = heartbeat(&H256::repeat_byte(1), ORACLE, now);
		let early = heartbeat(&genesis, ORACLE, now + 1);
		assert!(next_block(vec![elsewhere, early]).iter().all(Result::is_err));

		all_succeed(vec![heartbeat(&genesis, ORACLE, now)]);
		let seen = NodeRegistry::node(account(ORACLE)).and_then(|node| node.last_seen);
		assert_eq!(seen, Some(Clock::now()));
		assert!(next_block(vec![heartbeat(&genesis, ORACLE, now)])[0].is_err());
	});
}

/// An oracle that was away for a day, and was reported for it.
fn reported() {
	next_block(vec![]);
	all_succeed(vec![register(ORACLE)]);
	let report = || pallet_rwa_slashing::Call::report_absence { node: account(ORACLE) };
	assert_noop!(Slashing::report_absence(origin(REPORTER), account(ORACLE)), Penalties::NotAbsent);
	pass(AbsenceLimit::get() + 1);
	all_succeed(vec![signed(REPORTER, report())]);
	assert!(NodeRegistry::withdraw_unbonded(origin(ORACLE)).is_err());
}

fn held_stake(who: &AccountId) -> Balance {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&pallet_rwa_node_registry::HoldReason::Stake.into(), who)
}

#[test]
fn a_days_absence_costs_the_tier_after_a_week_and_nobody_can_unbond_out_of_it() {
	chain("local_testnet").execute_with(|| {
		reported();
		let treasury = Treasury::account_id();
		let issued = Balances::total_issuance();
		// Leaving now changes nothing: it takes 28 days, and the penalty a week.
		assert_ok!(NodeRegistry::deregister(origin(ORACLE)));
		assert_noop!(NodeRegistry::withdraw_unbonded(origin(ORACLE)), Registry::Accused);

		pass(PenaltyDeferral::get() - 2);
		next_block(vec![]);
		assert_eq!(held_stake(&account(ORACLE)), 500 * RWA);
		let (before, free) =
			(Balances::free_balance(&treasury), Balances::free_balance(account(REPORTER)));
		pass(2);
		next_block(vec![]);
		assert_eq!(held_stake(&account(ORACLE)), 475 * RWA);
		assert_eq!(Balances::free_balance(account(REPORTER)) - free, 25 * RWA / 10);
		assert_eq!(Balances::free_balance(&treasury) - before, 25 * RWA * 9 / 10);
		assert_eq!(Balances::total_issuance(), issued);
		let penalty = Slashing::penalty(0).expect("it is remembered");
		assert_eq!(penalty.status, PenaltyStatus::Executed { taken: 25 * RWA });

		// The rest comes back when its time is over.
		pass(UnbondingPeriod::get());
		assert_ok!(NodeRegistry::withdraw_unbonded(origin(ORACLE)));
		assert_eq!(held_stake(&account(ORACLE)), 0);
		assert_eq!(NodeRegistry::node(account(ORACLE)), None);
	});
}

#[test]
fn a_cancelled_penalty_takes_nothing() {
	chain("local_testnet").execute_with(|| {
		reported();
		let cancel = |origin| Slashing::cancel_penalty(origin, 0);
		assert_noop!(cancel(origin(ORACLE)), sp_runtime::DispatchError::BadOrigin);
		let council =
			pallet_collective::RawOrigin::<AccountId, pallet_collective::Instance1>::Members(2, 3);
		assert_ok!(cancel(council.into()));
		pass(PenaltyDeferral::get() + 1);
		next_block(vec![]);
		assert_eq!(held_stake(&account(ORACLE)), 500 * RWA);
		assert_noop!(NodeRegistry::withdraw_unbonded(origin(ORACLE)), Registry::NothingToWithdraw);
	});
}

#[test]
fn what_an_operators_proxy_may_do_moves_no_money() {
	use frame_support::traits::InstanceFilter;
	use rwa_runtime::configs::tools::ProxyType;
	let allowed = |call: RuntimeCall| ProxyType::Operator.filter(&call);
	use pallet_rwa_node_registry::Call;
	assert!(allowed(Call::chill {}.into()));
	assert!(allowed(Call::unchill {}.into()));
	assert!(!allowed(Call::bond_more { amount: RWA }.into()));
	assert!(!allowed(Call::unbond { amount: RWA }.into()));
	assert!(!allowed(Call::deregister {}.into()));
}

#[test]
fn windows_end_before_stake_can_leave() {
	sp_io::TestExternalities::default().execute_with(|| {
		use rwa_runtime::configs::rwa::ReportWindow;
		let days = |blocks: BlockNumber| blocks / 86_400;
		assert_eq!(days(UnbondingPeriod::get()), 28);
		assert_eq!(days(ReportWindow::get()) + days(PenaltyDeferral::get()), 28);
		assert_eq!(Clock::now().encode(), 0u32.encode());
	});
}
