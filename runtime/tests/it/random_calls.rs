//! Random calls of random accounts, with jumps of time between them, on the real runtime: whatever happens,
//! money is conserved, no account has two roles, and no invariant breaks.
//!
//! `RWA_RANDOM_CALLS` says how many calls (default a million, half a minute), `RWA_RANDOM_SEED` with
//! which seed.

#![cfg(feature = "try-runtime")]

use crate::support::chain;
use frame_support::traits::{Hooks, UnfilteredDispatchable};
use pallet_rwa_node_registry::Nodes;
use pallet_staking::{EraInfo, RewardDestination};
use rand::{rngs::StdRng, Rng, SeedableRng};
use rwa_primitives::{
	app_key::Role,
	fault::{Fault, FaultReport},
	node::{genesis_tier, Region},
	traits::{Conduct, Presence, ReportFault},
};
use rwa_runtime::{
	configs::rwa::UnbondingPeriod, AccountId, Balance, Balances, BlockNumber, Clock, NodeRegistry,
	Runtime, RuntimeCall, RuntimeHoldReason, RuntimeOrigin, Session, Slashing, System, RWA,
};
use sp_core::H256;
use sp_staking::Exposure;

/// Few enough that they meet each other often.
const ACCOUNTS: u8 = 10;
/// What each begins with: enough for every role, too little for everything at once.
const ENDOWMENT: Balance = 20_000 * RWA;
/// Calls between two checks of every invariant.
const CHECK_EVERY: u32 = 100;
const ROLES: [Role; 5] =
	[Role::Validator, Role::Verifier, Role::Oracle, Role::Relay, Role::Storage];

fn number(name: &str, otherwise: u64) -> u64 {
	let text = std::env::var(name).ok();
	text.map_or(otherwise, |text| text.parse().expect("a whole number"))
}

fn somebody(random: &mut StdRng) -> AccountId {
	AccountId::new([100 + random.gen_range(0..ACCOUNTS); 32])
}

/// Around what matters: nothing, dust, the tiers' minimums, and more than anybody has.
fn amount(random: &mut StdRng) -> Balance {
	match random.gen_range(0..6) {
		0 => random.gen_range(0..3),
		1 => random.gen_range(0..RWA),
		2 => genesis_tier(ROLES[random.gen_range(0..5)]).minimum + random.gen_range(0..3) - 1,
		3 => random.gen_range(0..1_000) * RWA,
		4 => random.gen_range(0..2 * ENDOWMENT),
		_ => Balance::MAX - random.gen_range(0..3),
	}
}

fn region(random: &mut StdRng) -> Region {
	Region(if random.gen_ratio(1, 20) { *b"d3" } else { [b'A', b'A' + random.gen_range(0..4)] })
}

fn endpoint(random: &mut StdRng) -> Vec<u8> {
	match random.gen_range(0..10) {
		0 => b"<b>".to_vec(),
		1 => vec![b'/'; random.gen_range(0..400)],
		_ => format!("/dns4/n{}.example/tcp/30333", random.gen_range(0..100)).into_bytes(),
	}
}

/// What an account may send about the registry, penalties and staking.
fn call(random: &mut StdRng) -> RuntimeCall {
	use pallet_rwa_node_registry::Call as Registry;
	use pallet_rwa_slashing::Call as Penalties;
	use pallet_staking::Call as Stakes;
	let role = ROLES[random.gen_range(0..5)];
	match random.gen_range(0..26) {
		0..=3 => {
			let endpoint = endpoint(random);
			Registry::register { role, region: region(random), endpoint, stake: amount(random) }
				.into()
		}
		4 | 5 => Registry::bond_more { amount: amount(random) }.into(),
		6 | 7 => Registry::unbond { amount: amount(random) }.into(),
		8 | 9 => Registry::withdraw_unbonded {}.into(),
		10 => Registry::update_node { region: region(random), endpoint: endpoint(random) }.into(),
		11 => Registry::chill {}.into(),
		12 | 13 => Registry::unchill {}.into(),
		14 => Registry::deregister {}.into(),
		15 => Registry::claim_rewards {}.into(),
		16 => Registry::rate { node: somebody(random), stars: random.gen_range(0..8) }.into(),
		17 => Registry::clear_rating { node: somebody(random), client: somebody(random) }.into(),
		18 => Registry::revoke_app_key {}.into(),
		19 => Penalties::report_absence { node: somebody(random) }.into(),
		20 => Stakes::bond { value: amount(random), payee: RewardDestination::Stash }.into(),
		21 => Stakes::validate { prefs: Default::default() }.into(),
		22 => Stakes::unbond { value: amount(random) }.into(),
		23 => Stakes::chill {}.into(),
		24 => Stakes::withdraw_unbonded { num_slashing_spans: random.gen_range(0..9) }.into(),
		_ => Stakes::bond_extra { max_additional: amount(random) }.into(),
	}
}

/// What Root or the council may do.
fn office(random: &mut StdRng) -> RuntimeCall {
	if random.gen_bool(0.8) {
		let id = pallet_rwa_slashing::NextPenalty::<Runtime>::get();
		let id = id.saturating_sub(random.gen_range(0..20));
		return pallet_rwa_slashing::Call::cancel_penalty { id }.into();
	}
	let role = ROLES[random.gen_range(0..5)];
	let mut tier = genesis_tier(role);
	tier.minimum = tier.minimum * random.gen_range(1..4) / 2;
	tier.slash = sp_runtime::Perbill::from_percent(random.gen_range(0..30));
	pallet_rwa_node_registry::Call::set_tier { role, tier }.into()
}

/// What other pallets tell the registry and the penalties.
fn told(random: &mut StdRng) {
	let (node, other) = (somebody(random), somebody(random));
	match random.gen_range(0..10) {
		0..=5 => NodeRegistry::note_presence(&node),
		6 => NodeRegistry::note_proven(&node, random.gen_bool(0.7)),
		7 => {
			let _ = NodeRegistry::note_finished_job(&node, &other);
		}
		_ => {
			let fault = Fault::ALL[random.gen_range(0..Fault::ALL.len())];
			let back = random.gen_range(0..UnbondingPeriod::get());
			// Refused or not: whatever comes of it, the invariants hold.
			let _ = Slashing::report_fault(FaultReport {
				offender: node,
				fault,
				happened: Clock::now().saturating_sub(back),
				session: Session::current_index(),
				evidence: H256::from_low_u64_be(random.gen_range(0..200)),
				reporter: random.gen_bool(0.5).then_some(other),
			});
		}
	}
}

/// Time passes: mostly blocks, now and then weeks.
fn jump(random: &mut StdRng) {
	let blocks = match random.gen_range(0..1_000) {
		0 => random.gen_range(0..UnbondingPeriod::get() + 10),
		1..=250 => random.gen_range(0..4_000),
		_ => 1,
	};
	System::set_block_number(System::block_number() + blocks);
	pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += blocks);
	Slashing::on_initialize(System::block_number());
	System::reset_events();
}

/// What is held for stakes, of whomever.
fn held_for_stakes() -> Balance {
	let reason = RuntimeHoldReason::NodeRegistry(pallet_rwa_node_registry::HoldReason::Stake);
	let holds = pallet_balances::Holds::<Runtime>::iter_values().flatten();
	holds.filter(|hold| hold.id == reason).map(|hold| hold.amount).sum()
}

fn check_everything() {
	let block = System::block_number();
	let states: [Result<(), sp_runtime::TryRuntimeError>; 3] = [
		<NodeRegistry as Hooks<BlockNumber>>::try_state(block),
		<Slashing as Hooks<BlockNumber>>::try_state(block),
		<Balances as Hooks<BlockNumber>>::try_state(block),
	];
	for state in states {
		state.expect("no invariant is broken");
	}
	// Nobody has a hold without a node that owns up to it.
	let at_stake = Nodes::<Runtime>::iter_values().map(|node| node.at_stake()).sum();
	assert_eq!(held_for_stakes(), at_stake);
	for (account, node) in Nodes::<Runtime>::iter() {
		assert!(
			node.role == Role::Validator
				|| !pallet_staking::Bonded::<Runtime>::contains_key(&account),
			"{account:?} is {:?} and stakes as well",
			node.role
		);
	}
}

#[test]
fn no_sequence_of_calls_breaks_an_invariant() {
	let calls = u32::try_from(number("RWA_RANDOM_CALLS", 1_000_000)).expect("not that many");
	let seed = number("RWA_RANDOM_SEED", 1);
	let mut random = StdRng::seed_from_u64(seed);
	let mut succeeded = 0u32;
	let reported = chain("local_testnet").execute_with(|| {
		System::set_block_number(1);
		for account in 0..ACCOUNTS {
			let account = AccountId::new([100 + account; 32]);
			// As if elected, so that reports of faults as a validator go all the way.
			let exposure = Exposure { total: ENDOWMENT, own: ENDOWMENT, others: vec![] };
			EraInfo::<Runtime>::set_exposure(0, &account, exposure);
			let endow = pallet_balances::Call::force_set_balance {
				who: account.into(),
				new_free: ENDOWMENT,
			};
			RuntimeCall::from(endow)
				.dispatch_bypass_filter(RuntimeOrigin::root())
				.expect("Root may");
		}
		for index in 0..calls {
			let before = Balances::total_issuance();
			let (call, origin) = if random.gen_ratio(1, 200) {
				(office(&mut random), RuntimeOrigin::root())
			} else {
				(call(&mut random), RuntimeOrigin::signed(somebody(&mut random)))
			};
			let pays = matches!(
				call,
				RuntimeCall::NodeRegistry(
					pallet_rwa_node_registry::Call::claim_rewards { .. }
						| pallet_rwa_node_registry::Call::withdraw_unbonded { .. }
						| pallet_rwa_node_registry::Call::deregister { .. }
				)
			);
			let shown = format!("call {index} of seed {seed}: {call:?}");
			if call.dispatch_bypass_filter(origin).is_ok() {
				succeeded += 1;
			}
			let after = Balances::total_issuance();
			assert!(after == before || pays && after > before, "{shown} changed the issuance");

			let before = Balances::total_issuance();
			if random.gen_ratio(1, 2) {
				told(&mut random);
			}
			if random.gen_ratio(1, 4) {
				jump(&mut random);
			}
			assert!(Balances::total_issuance() <= before, "after {shown} tokens came from nowhere");
			if index % CHECK_EVERY == 0 {
				check_everything();
			}
		}
		check_everything();
		pallet_offences::Reports::<Runtime>::iter().count()
	});
	// A run in which hardly anything works shows nothing.
	assert!(reported > 0, "no validator was reported");
	assert!(succeeded > calls / 50, "only {succeeded} of {calls} calls succeeded");
	println!("{succeeded} of {calls} calls succeeded");
}
