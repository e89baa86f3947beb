//! Random lives of feeds on the real runtime: owners, operators, governance and time do anything in any
//! order, with true, false and senseless words. Whatever happens, money is conserved and no invariant breaks.
//!
//! `RWA_RANDOM_STEPS` says how many steps (default 30,000), `RWA_RANDOM_SEED` with which seed.

#![cfg(feature = "try-runtime")]

use std::{collections::BTreeMap, sync::LazyLock};

use crate::support::{account, chain, pair};
use frame_support::traits::{Hooks, UnfilteredDispatchable};
use frame_system::RawOrigin;
use pallet_rwa_oracle::{
	Admission, AdmissionOf, Call as Feeds, DutyState, Event, FeedSpec, FeedSpecOf, Phase, Rounds,
};
use rand::{rngs::StdRng, seq::IteratorRandom, Rng, SeedableRng};
use rwa_primitives::{
	aggregate::Rules,
	app_key::{possession_payload, AppPublic, Role},
	feed::{Batch, FeedId, Observation, Salt, SourceKind, Statement, Word},
	node::{genesis_tier, Region},
	reading::{Reading, Schema, Tolerance},
	Balance,
};
use rwa_runtime::{
	AccountId, Balances, BlockNumber, NodeRegistry, Oracle, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeOrigin, Slashing, System, RWA,
};
use sp_core::{sr25519, Pair};
use sp_runtime::{Percent, Permill};

/// Few enough that they meet each other often, enough for committees of different people.
const ACCOUNTS: u8 = 12;
/// The first of them own assets.
const OWNERS: u8 = 3;
/// What each begins with: enough to be an operator and an owner for long, not for ever.
const ENDOWMENT: Balance = 5_000 * RWA;
/// Steps between two checks of every invariant.
const CHECK_EVERY: u32 = 100;
const SALT: Salt = [7; 32];

/// What was committed to in the rounds under way, as each operator's node would remember it.
type Memory = BTreeMap<(AccountId, FeedId, u32), Observation>;

/// How often things happened that this test is about.
#[derive(Debug, Default)]
struct Tally {
	succeeded: u32,
	closed: u32,
	failed: u32,
	paid: u32,
	faults: usize,
}

fn number(name: &str, otherwise: u64) -> u64 {
	let text = std::env::var(name).ok();
	text.map_or(otherwise, |text| text.parse().expect("a whole number"))
}

/// Everybody's account and app key. Made once: deriving them takes longer than a step.
static PEOPLE: LazyLock<Vec<(AccountId, sr25519::Pair)>> = LazyLock::new(|| {
	let person = |index| {
		let path = format!("//Random//{index}");
		(account(&path), pair(&format!("{path}//app")))
	};
	(0..ACCOUNTS).map(person).collect()
});

fn who(index: u8) -> AccountId {
	PEOPLE[usize::from(index)].0.clone()
}

fn app_key(index: u8) -> &'static sr25519::Pair {
	&PEOPLE[usize::from(index)].1
}

fn anybody(random: &mut StdRng) -> u8 {
	random.gen_range(0..ACCOUNTS)
}

fn by(index: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(who(index))
}

fn feed(random: &mut StdRng) -> FeedId {
	let source = if random.gen() { SourceKind::IotSensor } else { SourceKind::WeatherApi };
	FeedId { asset: random.gen_range(0..u32::from(OWNERS)), source }
}

fn spec(random: &mut StdRng) -> FeedSpecOf<Runtime> {
	let within = |absolute| Tolerance { relative: Permill::from_percent(5), absolute };
	let (commit_time, reveal_time) = (random.gen_range(4..9), random.gen_range(5..9));
	let heartbeat = commit_time + reveal_time + random.gen_range(0..10);
	FeedSpec {
		unit: b"%".to_vec().try_into().expect("short"),
		schema: Schema::Scalar { decimals: 1, minimum: 0, maximum: 1_000 },
		rules: Rules {
			quorum: Percent::from_percent(66),
			outlier_multiple: random.gen_range(0..5),
			same: within(5),
			divergence: within(20),
		},
		deviation: within(5),
		committee: random.gen_range(3..9),
		heartbeat,
		commit_time,
		reveal_time,
		max_age: heartbeat,
		reward: [0, RWA / 100, RWA][random.gen_range(0..3)],
	}
}

fn admission(random: &mut StdRng) -> AdmissionOf<Runtime> {
	if random.gen_bool(0.7) {
		return Admission::Open;
	}
	let invited = (0..ACCOUNTS).filter(|_| random.gen_bool(0.8)).map(|index| who(index));
	Admission::Invited(invited.collect::<Vec<_>>().try_into().expect("few"))
}

/// What people do about feeds and about being operators.
fn act(random: &mut StdRng) -> (RuntimeCall, RuntimeOrigin) {
	use pallet_rwa_node_registry::Call as Registry;
	let (who, id) = (anybody(random), feed(random));
	let owner = if random.gen_ratio(1, 10) {
		RuntimeOrigin::root()
	} else {
		by(random.gen_range(0..OWNERS))
	};
	match random.gen_range(0..100) {
		0..=9 => {
			let (spec, admission) = (spec(random), admission(random));
			(Feeds::create_feed { id, spec, admission }.into(), owner)
		}
		10..=12 => (Feeds::set_admission { id, admission: admission(random) }.into(), owner),
		13..=15 => (Feeds::pause_feed { id }.into(), owner),
		16..=25 => (Feeds::resume_feed { id }.into(), owner),
		26 => (Feeds::remove_feed { id }.into(), owner),
		27..=59 => (Feeds::join_feed { id }.into(), by(who)),
		60..=64 => (Feeds::leave_feed { id }.into(), by(who)),
		65..=79 => {
			let amount = [0, 1, RWA, 20 * RWA, Balance::MAX][random.gen_range(0..5)];
			(Feeds::top_up { id, amount }.into(), by(who))
		}
		80..=83 => (Registry::unbond { amount: RWA * random.gen_range(0..300) }.into(), by(who)),
		84..=87 => (Registry::bond_more { amount: RWA * random.gen_range(0..300) }.into(), by(who)),
		88 | 89 => (Registry::chill {}.into(), by(who)),
		90..=94 => (Registry::unchill {}.into(), by(who)),
		95 => (Registry::revoke_app_key {}.into(), by(who)),
		96 => (Registry::deregister {}.into(), by(who)),
		97 => (register(who), by(who)),
		_ => (register_key(who), by(who)),
	}
}

fn register(who: u8) -> RuntimeCall {
	pallet_rwa_node_registry::Call::register {
		role: Role::Oracle,
		region: Region(*b"ZZ"),
		endpoint: b"/ip4/127.0.0.1/tcp/30333".to_vec(),
		stake: genesis_tier(Role::Oracle).minimum + RWA * Balance::from(who) * 50,
	}
	.into()
}

fn register_key(who: u8) -> RuntimeCall {
	let key = AppPublic::from(app_key(who).public());
	let payload = possession_payload(&System::block_hash(0), &self::who(who), &key);
	let proof = app_key(who).sign(&payload).into();
	pallet_rwa_node_registry::Call::register_app_key { role: Role::Oracle, key, proof }.into()
}

/// What a committee's member says, if any round is open: mostly what is due, and now and then anything.
fn speak(random: &mut StdRng, memory: &mut Memory) -> Option<RuntimeCall> {
	let (id, round) = Rounds::<Runtime>::iter().choose(random)?;
	let duty = round.duties.iter().choose(random)?;
	let index = (0..ACCOUNTS).find(|index| who(*index) == duty.reporter)?;
	let name = (duty.reporter.clone(), id, round.index);
	let honest = 500 + random.gen_range(0..5);
	// One of them lies whenever it can.
	let value = if index == 0 { 900 } else { honest };
	let observation = Observation { reading: Reading::Scalar(value), evidence: None };
	let genesis = System::block_hash(0);
	let word = match (round.phase, &duty.state) {
		_ if random.gen_ratio(1, 50) => Word::Reveal { observation, salt: SALT },
		// And one seldom answers.
		_ if index == 1 && random.gen_bool(0.9) => return None,
		(Phase::Commit, DutyState::Silent) if random.gen_ratio(1, 30) => Word::Abstain,
		(Phase::Commit, DutyState::Silent) => {
			let who = &duty.reporter;
			let hash = observation.commitment(&genesis, &id, round.index, who, &SALT);
			memory.insert(name, observation);
			Word::Commit(hash)
		}
		(Phase::Reveal, DutyState::Committed(_)) => {
			Word::Reveal { observation: memory.get(&name).cloned()?, salt: SALT }
		}
		_ => return None,
	};
	let statement = Statement { feed: id, round: round.index, word };
	let key = AppPublic::from(app_key(index).public());
	let batch = Batch { key, statements: vec![statement].try_into().expect("one fits") };
	let signature = app_key(index).sign(&batch.signing_payload(&genesis)).into();
	Some(Feeds::submit { batch, signature }.into())
}

/// Time passes: mostly a block, now and then an hour or a day.
fn pass(random: &mut StdRng, tally: &mut Tally) {
	let blocks = match random.gen_range(0..2_000) {
		0 => 90_000,
		1..=20 => random.gen_range(0..4_000),
		_ => 1,
	};
	System::set_block_number(System::block_number() + blocks);
	pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += blocks);
	Oracle::on_initialize(System::block_number());
	Slashing::on_initialize(System::block_number());
	count(tally);
	System::reset_events();
}

fn count(tally: &mut Tally) {
	for record in System::events() {
		let RuntimeEvent::Oracle(event) = record.event else { continue };
		match event {
			Event::RoundClosed { .. } => tally.closed += 1,
			Event::RoundFailed { .. } => tally.failed += 1,
			Event::Paid { .. } => tally.paid += 1,
			Event::Judged { faults, .. } => tally.faults += faults.len(),
			_ => {}
		}
	}
}

fn check_everything() {
	let block = System::block_number();
	let states: [Result<(), sp_runtime::TryRuntimeError>; 4] = [
		<Oracle as Hooks<BlockNumber>>::try_state(block),
		<NodeRegistry as Hooks<BlockNumber>>::try_state(block),
		<Slashing as Hooks<BlockNumber>>::try_state(block),
		<Balances as Hooks<BlockNumber>>::try_state(block),
	];
	for state in states {
		state.expect("no invariant is broken");
	}
}

fn succeeds(call: impl Into<RuntimeCall>, origin: RuntimeOrigin) {
	call.into().dispatch_bypass_filter(origin).expect("it may");
}

/// Everybody has money and is an operator; the first own assets.
fn people() {
	for index in 0..ACCOUNTS {
		let account = who(index);
		let new_free = ENDOWMENT;
		succeeds(
			pallet_balances::Call::force_set_balance { who: account.clone().into(), new_free },
			RuntimeOrigin::root(),
		);
		succeeds(register(index), by(index));
		succeeds(register_key(index), by(index));
		if index < OWNERS {
			let id = u32::from(index).into();
			let create = pallet_assets::Call::create { id, admin: account.into(), min_balance: 1 };
			succeeds(create, by(index));
		}
	}
}

#[test]
fn no_life_of_a_feed_breaks_an_invariant() {
	let steps = u32::try_from(number("RWA_RANDOM_STEPS", 30_000)).expect("not that many");
	let seed = number("RWA_RANDOM_SEED", 1);
	let mut random = StdRng::seed_from_u64(seed);
	let (mut tally, mut memory) = (Tally::default(), Memory::new());
	chain("local_testnet").execute_with(|| {
		System::set_block_number(1);
		people();
		for step in 0..steps {
			let before = Balances::total_issuance();
			let said = if random.gen_bool(0.9) { speak(&mut random, &mut memory) } else { None };
			let (call, origin) = match said {
				Some(call) => (call, RuntimeOrigin::from(RawOrigin::Authorized)),
				None => act(&mut random),
			};
			let shown = format!("step {step} of seed {seed}: {call:?}");
			let pays = matches!(
				call,
				RuntimeCall::NodeRegistry(pallet_rwa_node_registry::Call::deregister { .. })
			);
			if call.dispatch_bypass_filter(origin).is_ok() {
				tally.succeeded += 1;
			}
			let after = Balances::total_issuance();
			assert!(after == before || pays && after > before, "{shown} changed the issuance");
			if random.gen_ratio(1, 6) {
				pass(&mut random, &mut tally);
			}
			assert_eq!(Balances::total_issuance(), after, "after {shown} money came or went");
			if step % CHECK_EVERY == 0 {
				check_everything();
				let newest = |id: &FeedId| Rounds::<Runtime>::get(id).map(|round| round.index);
				memory.retain(|(_, id, round), _| newest(id) == Some(*round));
			}
		}
		check_everything();
	});
	println!("{tally:?} in {steps} steps");
	// A run in which hardly anything works shows nothing.
	let thousands = steps / 1_000;
	assert!(tally.closed > thousands && tally.failed > thousands, "too few rounds: {tally:?}");
	assert!(tally.paid > thousands && tally.faults > 0, "nothing came of them: {tally:?}");
}
