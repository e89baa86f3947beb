//! Oracle operators of a test chain, and what their nodes send.

use super::{account, pair, signed};
use pallet_rwa_oracle::{Admission, Call, FeedSpec, FeedSpecOf};
use rwa_primitives::{
	aggregate::Rules,
	app_key::{possession_payload, AppPublic, Role},
	feed::{
		Batch, EvidenceRule, FeedId, Observation, RoundIndex, Salt, SourceKind, Statement, Value,
		Word,
	},
	node::{genesis_tier, Region},
	reading::{Reading, Schema, Tolerance},
	Balance,
};
use rwa_runtime::{tx_extension, Runtime, RuntimeCall, System, UncheckedExtrinsic, RWA};
use sp_core::{Pair, H256};
use sp_runtime::{generic::Era, Percent, Permill};

/// The feed of the tests.
pub const FEED: FeedId = FeedId { asset: 1, source: SourceKind::WeatherApi };

/// Accounts of the four operators.
pub const OPERATORS: [&str; 4] = ["//Oracle//1", "//Oracle//2", "//Oracle//3", "//Oracle//4"];

/// What the feed pays for an accepted report.
pub const REWARD: Balance = RWA / 100;

/// Not secret here.
const SALT: Salt = [7; 32];

/// The app key of the node of the operator behind `path`.
fn app_key(path: &str) -> sp_core::sr25519::Pair {
	pair(&format!("{path}//app"))
}

/// Registers the operator as an oracle, with the least stake, and its app key.
pub fn register(path: &str) -> UncheckedExtrinsic {
	use pallet_rwa_node_registry::Call;
	let key = AppPublic::from(app_key(path).public());
	let payload = possession_payload(&System::block_hash(0), &account(path), &key);
	let proof = app_key(path).sign(&payload).into();
	let role = Role::Oracle;
	let calls = vec![
		Call::register {
			role,
			region: Region(*b"ZZ"),
			endpoint: b"/ip4/127.0.0.1/tcp/30333".to_vec(),
			stake: genesis_tier(role).minimum,
		}
		.into(),
		Call::register_app_key { role, key, proof }.into(),
	];
	signed(path, pallet_utility::Call::batch_all { calls })
}

/// What the feed is about, and on which terms. A round opens every `heartbeat` blocks.
pub fn spec(heartbeat: u32) -> FeedSpecOf<Runtime> {
	let same = Tolerance { relative: Permill::from_percent(5), absolute: 50 };
	FeedSpec {
		unit: "°C".as_bytes().to_vec().try_into().expect("short"),
		schema: Schema::Scalar { decimals: 2, minimum: -9_000, maximum: 6_000 },
		rules: Rules {
			quorum: Percent::from_percent(66),
			outlier_multiple: 3,
			same,
			divergence: same,
		},
		deviation: same,
		committee: 7,
		heartbeat,
		commit_time: heartbeat / 2 - 1,
		reveal_time: heartbeat / 2,
		max_age: 2 * heartbeat,
		reward: REWARD,
		evidence: EvidenceRule::Optional,
	}
}

/// The call that creates the feed, for the four operators.
pub fn create_feed(heartbeat: u32) -> RuntimeCall {
	create_feed_with(spec(heartbeat))
}

/// The same on other terms.
pub fn create_feed_with(spec: FeedSpecOf<Runtime>) -> RuntimeCall {
	let admission =
		Admission::Invited(OPERATORS.map(account).to_vec().try_into().expect("four fit"));
	RuntimeCall::Oracle(Call::create_feed { id: FEED, spec, admission })
}

/// The operator joins the feed.
pub fn join(path: &str) -> UncheckedExtrinsic {
	signed(path, Call::<Runtime>::join_feed { id: FEED })
}

/// Adds `amount` to the feed's budget.
pub fn top_up(path: &str, amount: Balance) -> UncheckedExtrinsic {
	signed(path, Call::<Runtime>::top_up { id: FEED, amount })
}

fn observation(value: Value) -> Observation {
	Observation { reading: Reading::Scalar(value), evidence: None }
}

/// What the operator's node sends in a round's first phase.
pub fn commit(path: &str, round: RoundIndex, value: Value) -> UncheckedExtrinsic {
	let genesis = System::block_hash(0);
	commit_on(&genesis, path, round, value)
}

/// The same, signed for the chain that begins with `genesis`.
pub fn commit_on(
	genesis: &H256,
	path: &str,
	round: RoundIndex,
	value: Value,
) -> UncheckedExtrinsic {
	commit_to(genesis, path, round, &observation(value))
}

/// What the operator's node sends in a round's first phase if it has observed that.
pub fn commit_to(
	genesis: &H256,
	path: &str,
	round: RoundIndex,
	observed: &Observation,
) -> UncheckedExtrinsic {
	let commitment = observed.commitment(genesis, &FEED, round, &account(path), &SALT);
	say(genesis, path, round, Word::Commit(commitment))
}

/// What the operator's node sends in a round's second phase.
pub fn reveal(path: &str, round: RoundIndex, value: Value) -> UncheckedExtrinsic {
	reveal_what(path, round, observation(value))
}

/// The same of any observation.
pub fn reveal_what(path: &str, round: RoundIndex, observation: Observation) -> UncheckedExtrinsic {
	say(&System::block_hash(0), path, round, Word::Reveal { observation, salt: SALT })
}

fn say(genesis: &H256, path: &str, round: RoundIndex, word: Word) -> UncheckedExtrinsic {
	signed_batch(genesis, path, vec![Statement { feed: FEED, round, word }])
}

/// What the operator's node sends to make up to sixteen statements at once.
pub fn signed_batch(genesis: &H256, path: &str, statements: Vec<Statement>) -> UncheckedExtrinsic {
	let key = AppPublic::from(app_key(path).public());
	let batch = Batch { key, statements: statements.try_into().expect("they fit") };
	let signature = app_key(path).sign(&batch.signing_payload(genesis)).into();
	let call = Call::<Runtime>::submit { batch, signature };
	UncheckedExtrinsic::new_transaction(call.into(), tx_extension(0, Era::Immortal, 0))
}
