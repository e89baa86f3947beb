//! Whatever happens, in whatever order, no money comes from nowhere or gets lost.

use crate::{
	mock::{
		accuse, app_key, beat, bond_with_staking, pass, proof, transact, wealth, Balances, Bonded,
		ExtBuilder, NodeRegistry, RuntimeOrigin, Test, ALICE, BOB, ELSEWHERE, ENDOWMENT, ENDPOINT,
		HERE, MALLORY, PAUPER, RWA, TREASURY, UNBONDING, YEAR,
	},
	Call, Event, Nodes, ROLES,
};
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};
use rwa_primitives::{
	app_key::Role,
	node::genesis_tier,
	traits::{Conduct, Presence, Stakes},
	AccountId, Balance,
};
use sp_core::Pair;
use sp_runtime::Perbill;

/// Numerical Recipes' linear congruential generator: the same on every run.
struct Dice(u32);

impl Dice {
	fn pick(&mut self, choices: u32) -> u32 {
		self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
		// The low bits of such a generator have short periods.
		(self.0 >> 16) % choices
	}

	fn chance(&mut self, one_in: u32) -> bool {
		self.pick(one_in) == 0
	}

	fn one_of<Choice: Clone>(&mut self, choices: &[Choice]) -> Choice {
		choices[self.pick(choices.len() as u32) as usize].clone()
	}

	/// Around what matters: nothing, dust, the tiers' minimums, and more than anybody has.
	fn amount(&mut self) -> Balance {
		let role = self.one_of(&ROLES);
		match self.pick(6) {
			0 => self.pick(20).into(),
			1 => genesis_tier(role).minimum - 1 + Balance::from(self.pick(3)),
			2 => Balance::MAX,
			_ => Balance::from(self.pick(600)) * RWA + Balance::from(self.pick(1_000)),
		}
	}

	/// What an account may send.
	fn call(&mut self, who: &AccountId, accounts: &[AccountId]) -> Call<Test> {
		let role = self.one_of(&[Role::Oracle, Role::Oracle, Role::Relay, Role::Validator]);
		let region = self.one_of(&[HERE, ELSEWHERE]);
		let endpoint = ENDPOINT.to_vec();
		let amount = self.amount();
		if !Nodes::<Test>::contains_key(who) && self.chance(2) {
			let enough = genesis_tier(role).minimum * 3 / 2 + amount % RWA;
			let stake = match role {
				Role::Validator => 0,
				_ if self.chance(2) => amount,
				_ => enough,
			};
			return Call::register { role, region, endpoint, stake };
		}
		match self.pick(20) {
			0..=3 => Call::bond_more { amount: amount % (100 * RWA) },
			4 | 5 => Call::bond_more { amount },
			6 | 7 => Call::unbond { amount: amount % (200 * RWA) },
			8..=10 => Call::withdraw_unbonded {},
			11 => Call::update_node { region, endpoint },
			12 => Call::chill {},
			13 => Call::unchill {},
			14 => Call::deregister {},
			15 => Call::claim_rewards {},
			16 => Call::rate { node: self.one_of(accounts), stars: self.pick(7) as u8 },
			17 => Call::revoke_app_key {},
			_ => {
				let key = app_key(["k0", "k1", "k2", "k3"][self.pick(4) as usize]);
				Call::register_app_key { role, key: key.public(), proof: proof(&key, who) }
			}
		}
	}

	/// What other pallets tell the registry.
	fn tell(&mut self, who: &AccountId, other: &AccountId) {
		match self.pick(16) {
			0..=7 => beat(who),
			8 => NodeRegistry::forgive_absence(who),
			9 => NodeRegistry::note_proven(who, self.chance(2)),
			10 => {
				let _ = NodeRegistry::note_finished_job(who, other);
			}
			11 => accuse(who, self.chance(5)),
			12 => {
				let reporter = self.chance(2).then_some(other);
				let all = self.chance(8);
				let amount = if all { Balance::MAX } else { self.amount() % (50 * RWA) };
				let share = Perbill::from_percent(self.pick(101));
				NodeRegistry::seize(who, amount, reporter, share);
			}
			13 => {
				// Nobody stakes who has another role: the runtime sees to that.
				let validates = NodeRegistry::role_of(who) == Some(Role::Validator);
				if validates || NodeRegistry::role_of(who).is_none() {
					let amount = Balance::from(self.pick(2_000)) * RWA;
					if !validates && !self.chance(3) {
						Bonded::mutate(|bonded| bonded.remove(who));
					} else {
						bond_with_staking(who, amount);
					}
				}
			}
			_ => {
				let role = self.one_of(&ROLES);
				let mut tier = genesis_tier(role);
				tier.minimum = tier.minimum * Balance::from(1 + self.pick(3)) / 2;
				tier.slash = Perbill::from_percent(self.pick(30));
				tier.yearly_reward = Perbill::from_percent(self.pick(10));
				let _ = NodeRegistry::set_tier(RuntimeOrigin::root(), role, tier);
			}
		}
	}
}

/// What the rewards of the current block minted.
fn minted() -> Balance {
	let amount = |event| match event {
		Event::RewardsClaimed { amount, .. } => amount,
		_ => 0,
	};
	crate::mock::events().into_iter().map(amount).sum()
}

/// Five accounts and what has happened to them.
fn run(seed: u32, steps: u32) -> (u32, u32, u32, Balance) {
	let accounts = [ALICE, BOB, MALLORY, PAUPER, TREASURY];
	let mut dice = Dice(seed);
	let (mut accepted, mut refused, mut removed, mut rewards) = (0, 0, 0, 0);
	for _ in 0..steps {
		let (who, other) = (dice.one_of(&accounts[..4]), dice.one_of(&accounts));
		let call = dice.call(&who, &accounts);
		let nodes = Nodes::<Test>::iter_keys().count();
		match transact(&who, call) {
			Ok(_) => accepted += 1,
			Err(_) => refused += 1,
		}
		removed += u32::from(Nodes::<Test>::iter_keys().count() < nodes);
		if dice.chance(2) {
			dice.tell(&who, &other);
		}
		if dice.chance(10) {
			// Or everything would be the treasury's in the end.
			let _ = Balances::transfer(&TREASURY, &who, 500 * RWA, Preservation::Preserve);
		}
		match dice.pick(60) {
			0 => pass(UNBONDING),
			1 => pass(YEAR / 3),
			2..=30 => pass(dice.pick(8).into()),
			_ => {}
		}

		rewards += minted();
		assert_ok!(NodeRegistry::do_try_state());
		assert_eq!(Balances::total_issuance(), 4 * ENDOWMENT + rewards);
		assert_eq!(accounts.iter().map(wealth).sum::<Balance>(), Balances::total_issuance());
	}
	(accepted, refused, removed, rewards)
}

#[test]
fn money_should_be_conserved_whatever_happens() {
	for seed in 1..=6 {
		ExtBuilder::default().build_and_execute(|| {
			let (accepted, refused, removed, rewards) = run(seed, 3_000);
			// A run in which hardly anything works shows nothing.
			assert!(accepted > 400, "seed {seed}: {accepted} accepted, {refused} refused");
			assert!(removed > 5, "seed {seed}: {removed} removed");
			assert!(rewards > 0, "seed {seed}: no rewards");
		});
	}
}
