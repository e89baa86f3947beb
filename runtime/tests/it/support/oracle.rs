//! Oracle operators of a test chain, and what their nodes send.

use super::{account, pair, signed};
use pallet_rwa_oracle::FeedSpec;
use rwa_primitives::{
	app_key::{possession_payload, AppPublic, Role},
	feed::{FeedId, Report, RoundIndex, SourceKind, Value},
	node::{genesis_tier, Region},
};
use rwa_runtime::{tx_extension, RuntimeCall, System, UncheckedExtrinsic};
use sp_core::Pair;
use sp_runtime::generic::Era;

/// The feed of the tests.
pub const FEED: FeedId = FeedId { asset: 1, source: SourceKind::WeatherApi };

/// Accounts of the four operators.
pub const OPERATORS: [&str; 4] = ["//Oracle//1", "//Oracle//2", "//Oracle//3", "//Oracle//4"];

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

/// The call that creates the feed, with a round every `heartbeat` blocks.
pub fn create_feed(heartbeat: u32) -> RuntimeCall {
	let spec = FeedSpec {
		unit: "°C".as_bytes().to_vec().try_into().expect("short"),
		decimals: 2,
		minimum: -9_000,
		maximum: 6_000,
		heartbeat,
		deadline: heartbeat - 1,
		max_age: 2 * heartbeat,
	};
	let reporters = OPERATORS.map(account).to_vec().try_into().expect("four fit");
	RuntimeCall::Oracle(pallet_rwa_oracle::Call::create_feed { id: FEED, spec, reporters })
}

/// What the operator's node sends for `round`.
pub fn report(path: &str, round: RoundIndex, value: Value) -> UncheckedExtrinsic {
	let genesis = System::block_hash(0);
	report_on(&genesis, path, round, value)
}

/// The same, signed for the chain that begins with `genesis`.
pub fn report_on(
	genesis: &sp_core::H256,
	path: &str,
	round: RoundIndex,
	value: Value,
) -> UncheckedExtrinsic {
	let key = AppPublic::from(app_key(path).public());
	let report = Report { feed: FEED, round, key, value };
	let signature = app_key(path).sign(&report.signing_payload(genesis)).into();
	let call = pallet_rwa_oracle::Call::submit_report { report, signature };
	UncheckedExtrinsic::new_transaction(call.into(), tx_extension(0, Era::Immortal, 0))
}
