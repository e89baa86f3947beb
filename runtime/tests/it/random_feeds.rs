//! Random lives of feeds on the real runtime: owners, operators, governance and time do anything in any order, with
//! true, false and senseless words. Whatever happens, money is conserved, no invariant breaks, every answer is the one
//! that the reports make and lies between those of the honest, and what the events tell is what the chain has.
//!
//! `RWA_RANDOM_STEPS` says how many steps each life has, `RWA_RANDOM_SEED` with which seed there is one.

#![cfg(feature = "try-runtime")]

mod ledger;

use std::{collections::BTreeMap, sync::LazyLock};

use crate::support::{account, chain, pair};
use frame_support::traits::{Authorize, Hooks, UnfilteredDispatchable};
use frame_system::RawOrigin;
use pallet_rwa_oracle::{
	Admission, AdmissionOf, Call as Feeds, DutyState, FeedSpec, FeedSpecOf, Phase, Rounds, Watches,
};
use rand::{rngs::StdRng, seq::IteratorRandom, Rng, SeedableRng};
use rwa_primitives::{
	aggregate::Rules,
	app_key::{possession_payload, AppPublic, Role},
	feed::{
		Batch, Evidence, EvidenceRule, FeedId, Observation, RoundIndex, Salt, SourceKind,
		Statement, Value, Word,
	},
	node::{genesis_tier, Region},
	reading::{Reading, Schema, Tolerance},
	traits::AppKeys,
	Balance,
};
use rwa_runtime::{
	configs::staking::TestTempo, AccountId, Balances, BlockNumber, Clock, NodeRegistry, Oracle,
	Runtime, RuntimeCall, RuntimeOrigin, Slashing, System, RWA,
};
use sp_core::{sr25519, Pair, H256};
use sp_runtime::{transaction_validity::TransactionSource, Percent, Permill};

use self::ledger::{Ledger, Tally};

/// Lives, unless one is asked for. Fixed, so that what is expected of them is too.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Steps of a life; a twelfth of them are blocks.
const STEPS: u32 = 36_000;
/// Few enough that they meet each other often, enough for committees of different people.
const ACCOUNTS: u8 = 12;
/// The first of them own assets.
const OWNERS: u8 = 3;
/// Lies whenever it can.
const LIAR: u8 = 0;
/// Answers in every fourth round.
const SLUGGARD: u8 = 1;
/// What each begins with: enough to be an operator and an owner for long, not for ever.
const ENDOWMENT: Balance = 5_000 * RWA;
/// So that penalties are taken and stake is free while the test runs.
const TEMPO: u32 = 5_000;
const SALT: Salt = [7; 32];

fn number(name: &str) -> Option<u64> {
	std::env::var(name).ok().map(|text| text.parse().expect("a whole number"))
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

fn index_of(account: &AccountId) -> u8 {
	(0..ACCOUNTS).find(|index| PEOPLE[usize::from(*index)].0 == *account).expect("one of them")
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

fn ids() -> impl Iterator<Item = FeedId> {
	let kinds = [SourceKind::IotSensor, SourceKind::WeatherApi];
	(0..u32::from(OWNERS)).flat_map(move |asset| kinds.map(|source| FeedId { asset, source }))
}

fn feed(random: &mut StdRng) -> FeedId {
	ids().choose(random).expect("there are some")
}

/// Mostly sound.
fn spec(random: &mut StdRng) -> FeedSpecOf<Runtime> {
	let within = |absolute| Tolerance { relative: Permill::from_percent(5), absolute };
	let (commit_time, reveal_time) = (random.gen_range(4..9), random.gen_range(5..9));
	let heartbeat = commit_time + reveal_time + random.gen_range(0..40);
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
		evidence: EvidenceRule::Optional,
	}
}

fn admission(random: &mut StdRng) -> AdmissionOf<Runtime> {
	if random.gen_bool(0.7) {
		return Admission::Open;
	}
	let invited = (0..ACCOUNTS).filter(|_| random.gen_bool(0.8)).map(who);
	Admission::Invited(invited.collect::<Vec<_>>().try_into().expect("few"))
}

/// What people do about feeds and about being operators.
fn act(random: &mut StdRng) -> (RuntimeCall, RuntimeOrigin) {
	use pallet_rwa_node_registry::Call as Registry;
	let (who, id) = (anybody(random), feed(random));
	let owner = if random.gen_ratio(1, 4) {
		RuntimeOrigin::root()
	} else {
		by(random.gen_range(0..OWNERS))
	};
	match random.gen_range(0..200) {
		0..=29 => {
			let (spec, admission) = (spec(random), admission(random));
			(Feeds::create_feed { id, spec, admission }.into(), owner)
		}
		30..=34 => (Feeds::set_admission { id, admission: admission(random) }.into(), owner),
		35..=37 => (Feeds::pause_feed { id }.into(), owner),
		38..=59 => (Feeds::resume_feed { id }.into(), owner),
		60 | 61 => (Feeds::remove_feed { id }.into(), owner),
		62..=117 => (Feeds::join_feed { id }.into(), by(who)),
		118..=123 => (Feeds::leave_feed { id }.into(), by(who)),
		124..=153 => {
			let amount = [0, 1, RWA, 100 * RWA, Balance::MAX][random.gen_range(0..5)];
			(Feeds::top_up { id, amount }.into(), by(who))
		}
		154 | 155 => (Registry::unbond { amount: RWA * random.gen_range(0..300) }.into(), by(who)),
		156..=169 => {
			(Registry::bond_more { amount: RWA * random.gen_range(0..300) }.into(), by(who))
		}
		170 | 171 => (Registry::chill {}.into(), by(who)),
		172..=183 => (Registry::unchill {}.into(), by(who)),
		184 => (Registry::revoke_app_key {}.into(), by(who)),
		185 => (Registry::deregister {}.into(), by(who)),
		186..=189 => (Registry::withdraw_unbonded {}.into(), by(who)),
		190..=193 => (register(who), by(who)),
		_ => (register_key(who), by(who)),
	}
}

/// The liar has most at stake, so that it can go on for long.
fn register(who: u8) -> RuntimeCall {
	pallet_rwa_node_registry::Call::register {
		role: Role::Oracle,
		region: Region(*b"ZZ"),
		endpoint: b"/ip4/127.0.0.1/tcp/30333".to_vec(),
		stake: genesis_tier(Role::Oracle).minimum + RWA * Balance::from(ACCOUNTS - who) * 50,
	}
	.into()
}

fn register_key(who: u8) -> RuntimeCall {
	let key = AppPublic::from(app_key(who).public());
	let payload = possession_payload(&System::block_hash(0), &self::who(who), &key);
	let proof = app_key(who).sign(&payload).into();
	pallet_rwa_node_registry::Call::register_app_key { role: Role::Oracle, key, proof }.into()
}

/// Whether the chain would listen to this node.
fn may_speak(index: u8) -> bool {
	let account = who(index);
	let has_key = <NodeRegistry as AppKeys<AccountId>>::key_of(&account).is_some();
	has_key && <NodeRegistry as AppKeys<AccountId>>::is_active(&account, Role::Oracle)
}

fn signed_by(signer: u8, key: u8, statements: Vec<Statement>) -> RuntimeCall {
	let key = AppPublic::from(app_key(key).public());
	let batch = Batch { key, statements: statements.try_into().expect("they fit") };
	let payload = batch.signing_payload(&System::block_hash(0));
	Feeds::submit { batch, signature: app_key(signer).sign(&payload).into() }.into()
}

/// What a node committed to.
struct Promise {
	observation: Observation,
	/// Whether the feed's schema allows it. What it doesn't will be refused.
	allowed: bool,
	refused: bool,
}

/// What a node has to say now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Duty {
	Commit,
	Reveal,
	Alarm,
}

/// What comes of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
	Taken,
	Refused,
}

/// What is measured, and what each operator's node remembers of it.
struct World {
	/// What every honest instrument shows, but for its noise.
	truth: BTreeMap<FeedId, Value>,
	/// Feeds whose honest instruments are far apart.
	fog: BTreeMap<FeedId, bool>,
	promises: BTreeMap<(AccountId, FeedId, RoundIndex), Promise>,
	ledger: Ledger,
}

impl World {
	fn new() -> Self {
		Self {
			truth: ids().map(|id| (id, 500)).collect(),
			fog: ids().map(|id| (id, false)).collect(),
			promises: BTreeMap::new(),
			ledger: Ledger::default(),
		}
	}

	/// Now and then another weather.
	fn change(&mut self, random: &mut StdRng) {
		if random.gen_ratio(1, 40) {
			self.truth.insert(feed(random), random.gen_range(200..800));
		}
		if random.gen_ratio(1, 40) {
			self.fog.insert(feed(random), random.gen_ratio(1, 5));
		}
	}

	/// Whether the feed says something else than what is so.
	fn has_moved(&self, id: FeedId) -> bool {
		let said = Oracle::latest(id).zip(pallet_rwa_oracle::Feeds::<Runtime>::get(id));
		said.is_some_and(|(answer, feed)| {
			let truth = Reading::Scalar(self.truth[&id]);
			feed.spec.deviation.deviates(&truth, &answer.reading)
		})
	}

	fn observe(&self, random: &mut StdRng, index: u8, id: FeedId) -> Observation {
		let noise =
			if self.fog[&id] { random.gen_range(-190..190) } else { random.gen_range(0..5) };
		let value = match index {
			LIAR => random.gen_range(900..1_000),
			_ if random.gen_ratio(1, 80) => 2_000,
			_ => self.truth[&id] + noise,
		};
		let evidence = random.gen_ratio(1, 4).then(|| Evidence::Content(H256(SALT)));
		Observation { reading: Reading::Scalar(value), evidence }
	}

	/// Who has what to say, of those that the chain listens to.
	fn duties(&self) -> Vec<(u8, FeedId, RoundIndex, Duty)> {
		let able: Vec<bool> = (0..ACCOUNTS).map(may_speak).collect();
		let mut duties = vec![];
		for (id, round) in Rounds::<Runtime>::iter() {
			if round.deadline <= Clock::now() {
				continue;
			}
			for duty in &round.duties {
				let who = index_of(&duty.reporter);
				let name = (duty.reporter.clone(), id, round.index);
				let due = match (round.phase, &duty.state) {
					(Phase::Commit, DutyState::Silent)
						if who != SLUGGARD || round.index % 4 == 0 =>
					{
						Duty::Commit
					}
					(Phase::Reveal, DutyState::Committed(_))
						if self.promises.get(&name).is_some_and(|promise| !promise.refused) =>
					{
						Duty::Reveal
					}
					_ => continue,
				};
				duties.push((who, id, round.index, due));
			}
		}
		for (id, round, watcher) in watchers() {
			if self.has_moved(id) {
				duties.push((watcher, id, round, Duty::Alarm));
			}
		}
		duties.retain(|(who, ..)| able[usize::from(*who)]);
		duties
	}

	/// What somebody says who has to: all that it has to say, or some of it.
	fn speak(&mut self, random: &mut StdRng) -> Option<(RuntimeCall, Fate)> {
		let duties = self.duties();
		let (who, first, ..) = *duties.iter().choose(random)?;
		let of_the_same = duties
			.into_iter()
			.filter(|(other, id, ..)| *other == who && (*id == first || random.gen_bool(0.5)));
		let of_the_same: Vec<_> = of_the_same.collect();
		let mut statements = vec![];
		for (_, feed, round, duty) in of_the_same {
			let name = (self::who(who), feed, round);
			let word = match duty {
				Duty::Alarm => Word::Alarm,
				Duty::Commit if random.gen_ratio(1, 30) => Word::Abstain,
				Duty::Commit => self.commit(random, who, name),
				Duty::Reveal => {
					let promise = self.promises.get_mut(&name).expect("it committed");
					let word =
						Word::Reveal { observation: promise.observation.clone(), salt: SALT };
					if !promise.allowed {
						promise.refused = true;
						let alone = vec![Statement { feed, round, word }];
						return Some((signed_by(who, who, alone), Fate::Refused));
					}
					word
				}
			};
			statements.push(Statement { feed, round, word });
		}
		Some((signed_by(who, who, statements), Fate::Taken))
	}

	fn commit(
		&mut self,
		random: &mut StdRng,
		index: u8,
		name: (AccountId, FeedId, RoundIndex),
	) -> Word {
		let (who, feed, round) = &name;
		let observation = self.observe(random, index, *feed);
		let hash = observation.commitment(&System::block_hash(0), feed, *round, who, &SALT);
		let allowed = observation.reading != Reading::Scalar(2_000);
		if index == LIAR {
			self.ledger.lies.insert(name.clone());
		}
		let promise = Promise { observation, allowed, refused: false };
		self.promises.insert(name, promise);
		Word::Commit(hash)
	}

	/// The newest rounds' promises are the ones that can be asked for.
	fn forget(&mut self) {
		let newest = |id: &FeedId| pallet_rwa_oracle::LastRound::<Runtime>::get(id);
		self.promises.retain(|(_, id, round), _| newest(id) == *round);
		self.ledger.lies.retain(|(_, id, round)| newest(id) == *round);
	}
}

/// Who can call the next round of which feed now, and hasn't yet.
fn watchers() -> Vec<(FeedId, RoundIndex, u8)> {
	let now = Clock::now();
	let open = Watches::<Runtime>::iter()
		.filter(|(_, watch)| watch.since <= now && now < watch.until && !watch.shut);
	let silent = open.flat_map(|(id, watch)| {
		let round = watch.round + 1;
		let silent = watch.watchers.into_iter().filter(|watcher| !watcher.alarmed);
		silent.map(move |watcher| (id, round, index_of(&watcher.reporter)))
	});
	silent.collect()
}

/// An alarm for nothing, of somebody who may raise one.
fn false_alarm(random: &mut StdRng) -> Option<(RuntimeCall, Fate)> {
	let (feed, round, who) = watchers().into_iter().choose(random)?;
	let fate = if may_speak(who) { Fate::Taken } else { Fate::Refused };
	Some((signed_by(who, who, vec![Statement { feed, round, word: Word::Alarm }]), fate))
}

/// What nobody may say.
fn abuse(random: &mut StdRng) -> Option<(RuntimeCall, Fate)> {
	let (feed, round) = Rounds::<Runtime>::iter().choose(random)?;
	let index = anybody(random);
	let commit = || Word::Commit(H256::repeat_byte(9));
	let say = |round, word| vec![Statement { feed, round, word }];
	let (signer, statements) = match random.gen_range(0..8) {
		// What nobody has committed to.
		0 => {
			let observation = Observation { reading: Reading::Scalar(500), evidence: None };
			(index, say(round.index, Word::Reveal { observation, salt: [8; 32] }))
		}
		1 => (index, say(round.index + 1, commit())),
		2 => (index, say(round.index - 1, Word::Abstain)),
		// About a round that is open already.
		3 => (index, say(round.index + random.gen_range(0..2), Word::Alarm)),
		4 => ((index + 1) % ACCOUNTS, say(round.index, commit())),
		5 => (index, [say(round.index, commit()), say(round.index, commit())].concat()),
		// Somebody who was not drawn, or has spoken.
		6 => {
			let free = |duty: &pallet_rwa_oracle::DutyOf<Runtime>| duty.state == DutyState::Silent;
			if round.duty_of(&who(index)).is_some_and(free) {
				return None;
			}
			(index, say(round.index, commit()))
		}
		_ => (index, vec![]),
	};
	Some((signed_by(signer, index, statements), Fate::Refused))
}

/// A round is called by money: mostly one that can be, of a feed that has moved or not.
fn request(random: &mut StdRng, world: &World) -> (RuntimeCall, RuntimeOrigin) {
	let moved = random.gen_bool(0.5);
	let watched = Watches::<Runtime>::iter_keys().filter(|id| !moved || world.has_moved(*id));
	let watched = watched.choose(random).filter(|_| random.gen_bool(0.9));
	let id = watched.unwrap_or_else(|| feed(random));
	(Feeds::request_round { id }.into(), by(anybody(random)))
}

/// A block passes.
fn pass(ledger: &mut Ledger) {
	System::set_block_number(System::block_number() + 1);
	pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += 1);
	Oracle::on_initialize(System::block_number());
	Slashing::on_initialize(System::block_number());
	ledger.read_events();
}

fn check_everything(ledger: &Ledger) {
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
	ledger.compare();
}

fn succeeds(call: impl Into<RuntimeCall>, origin: RuntimeOrigin) {
	call.into().dispatch_bypass_filter(origin).expect("it may");
}

/// Everybody has money and is an operator; the first own assets, whose feeds have money and most of the others.
fn people(random: &mut StdRng) {
	TestTempo::set(&TEMPO);
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
	for id in ids() {
		let owner = u8::try_from(id.asset).expect("few");
		let create = |random: &mut StdRng| {
			let call = Feeds::create_feed { id, spec: spec(random), admission: Admission::Open };
			RuntimeCall::from(call).dispatch_bypass_filter(by(owner))
		};
		while create(random).is_err() {}
		succeeds(Feeds::top_up { id, amount: 200 * RWA }, by(anybody(random)));
		for index in (0..ACCOUNTS).filter(|_| random.gen_bool(0.8)) {
			succeeds(Feeds::join_feed { id }, by(index));
		}
	}
}

/// One life. What happened in it.
fn live(seed: u64, steps: u32) -> Tally {
	let mut random = StdRng::seed_from_u64(seed);
	let mut world = World::new();
	chain("local_testnet").execute_with(|| {
		System::set_block_number(1);
		people(&mut random);
		world.ledger.read_events();
		for step in 0..steps {
			let before = Balances::total_issuance();
			if random.gen_ratio(1, 12) {
				// Now and then everybody is away for a while.
				let blocks = if random.gen_ratio(1, 250) { random.gen_range(10..200) } else { 1 };
				for _ in 0..blocks {
					pass(&mut world.ledger);
				}
				assert_eq!(
					Balances::total_issuance(),
					before,
					"step {step} of seed {seed}: money came or went with time"
				);
				check_everything(&world.ledger);
				world.change(&mut random);
				world.forget();
				continue;
			}
			let (call, origin, fate) = match random.gen_range(0..1_000) {
				0..=29 => with_no_fate(act(&mut random)),
				30..=36 => with_no_fate(request(&mut random, &world)),
				kind => {
					let said = match kind {
						37..=66 => abuse(&mut random),
						67..=86 => false_alarm(&mut random),
						_ => world.speak(&mut random),
					};
					let Some((call, fate)) = said else { continue };
					(call, RuntimeOrigin::from(RawOrigin::Authorized), Some(fate))
				}
			};
			let shown = format!("step {step} of seed {seed}: {call:?}");
			let pays = matches!(
				call,
				RuntimeCall::NodeRegistry(
					pallet_rwa_node_registry::Call::deregister { .. }
						| pallet_rwa_node_registry::Call::withdraw_unbonded { .. }
				)
			);
			let authorized = call.authorize(TransactionSource::External).map(|said| said.is_ok());
			let done = call.dispatch_bypass_filter(origin);
			if let Some(fate) = fate {
				assert_eq!(done.is_ok(), fate == Fate::Taken, "{shown}: {done:?}");
				// What gets into the pool is what a block takes.
				assert_eq!(authorized, Some(done.is_ok()), "{shown}");
			}
			let tally = &mut world.ledger.tally;
			match (fate, done.is_ok()) {
				(None, succeeded) => tally.succeeded += u32::from(succeeded),
				(Some(Fate::Taken), _) => tally.taken += 1,
				(Some(Fate::Refused), _) => tally.refused += 1,
			}
			let after = Balances::total_issuance();
			assert!(after == before || pays && after > before, "{shown} changed the issuance");
			world.ledger.read_events();
		}
		check_everything(&world.ledger);
	});
	world.ledger.tally
}

fn with_no_fate(
	(call, origin): (RuntimeCall, RuntimeOrigin),
) -> (RuntimeCall, RuntimeOrigin, Option<Fate>) {
	(call, origin, None)
}

#[test]
fn no_life_of_a_feed_should_break_an_invariant_or_move_an_answer_beyond_the_honest() {
	let steps = number("RWA_RANDOM_STEPS").map_or(STEPS, |steps| steps.try_into().expect("fewer"));
	let seeds = number("RWA_RANDOM_SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]);
	let lives: Vec<_> = seeds.iter().map(|seed| live(*seed, steps)).collect();
	for (seed, tally) in seeds.iter().zip(&lives) {
		println!("seed {seed}, {steps} steps: {tally:?}");
	}
	// A run in which hardly anything happens shows nothing. For fewer or shorter lives as much less.
	let share = f64::from(steps) / f64::from(STEPS) * lives.len() as f64 / SEEDS.len() as f64;
	let often = |what: &str, least: u32, of: fn(&Tally) -> u32| {
		let count: u32 = lives.iter().map(of).sum();
		let least = (f64::from(least) * share) as u32;
		assert!(count >= least, "only {count} of at least {least} times: {what}");
	};
	often("somebody's act came to something", 500, |tally| tally.succeeded);
	often("a word was taken", 5000, |tally| tally.taken);
	often("abuse was refused", 900, |tally| tally.refused);
	often("a round closed", 600, |tally| tally.closed);
	often("its answer had to be between the honest", 400, |tally| tally.guaranteed);
	often("a reward was paid", 300, |tally| tally.paid);
	often("too few committed", 150, |tally| tally.uncommitted);
	often("there was no agreement", 40, |tally| tally.disagreed);
	often("a round could not open", 40, |tally| tally.unopened);
	often("alarms called a round", 100, |tally| tally.alarmed);
	often("money called a round", 100, |tally| tally.requested);
	often("it was needed", 8, |tally| tally.founded);
	often("it was not", 50, |tally| tally.unfounded);
	often("nobody knows, or it never opened", 20, |tally| tally.voided + tally.dropped);
	often("alarms were shut", 50, |tally| tally.shut);
	often("a window was judged", 120, |tally| tally.judged);
	often("a liar was found out", 8, |tally| tally.outliers);
	often("somebody was silent too often", 30, |tally| tally.silences);
	often("a penalty was taken", 40, |tally| tally.penalties);
}
