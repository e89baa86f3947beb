//! A whole node, from the command line to its RPC server and to what it leaves behind. Needs the
//! runtime's blob.

mod common;

use common::{node, run, Files};
use jsonrpsee::{
	core::client::{ClientT, Subscription, SubscriptionClientT},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use rwa_primitives::worker::CONFIG_KEY;
use rwa_runtime::SS58_PREFIX;
use serde_json::Value;
use sp_core::{bytes::to_hex, crypto::Ss58Codec};
use sp_keyring::Sr25519Keyring::Ferdie;
use std::{
	io::{BufRead, BufReader},
	path::Path,
	process::{Child, Command, Stdio},
	sync::{mpsc, Arc, Mutex},
	thread::{self, JoinHandle},
	time::Duration,
};

/// Long enough for a slow machine; a node that needs longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A running development node. Killed when dropped.
struct Node {
	process: Child,
	rpc: String,
	log: Arc<Mutex<String>>,
	reader: Option<JoinHandle<()>>,
}

impl Node {
	fn start(base_path: &Path, arguments: &[&str]) -> Self {
		let mut process = Command::new(env!("CARGO_BIN_EXE_rwa-node"))
			.args(["--dev", "--rpc-port", "0", "--port", "0", "--no-prometheus", "--base-path"])
			.arg(base_path)
			.args(arguments)
			.stderr(Stdio::piped())
			.spawn()
			.unwrap();
		let lines = BufReader::new(process.stderr.take().unwrap()).lines();
		let log = Arc::new(Mutex::new(String::new()));
		// A thread of its own reads, so that a node that says nothing can be given up on.
		let (found, address) = mpsc::channel();
		let sink = log.clone();
		let reader = thread::spawn(move || {
			for line in lines.map_while(Result::ok) {
				let address = line.split("JSON-RPC server: addr=").nth(1);
				if let Some(first) = address.and_then(|list| list.split(',').next()) {
					// Nobody waits for a second one.
					let _ = found.send(format!("ws://{first}"));
				}
				sink.lock().unwrap().extend([&line, "\n"]);
			}
		});
		let mut node = Self { process, rpc: String::new(), log, reader: Some(reader) };
		node.rpc = address.recv_timeout(PATIENCE).unwrap_or_else(|error| {
			panic!("no RPC server ({error}); the log so far: {}", node.log.lock().unwrap())
		});
		node
	}

	async fn client(&self) -> WsClient {
		WsClientBuilder::default().build(&self.rpc).await.unwrap()
	}

	/// Stops the node as an operator would, and returns all it logged.
	fn stop(mut self) -> String {
		let kill = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
		assert!(kill.success());
		assert!(self.process.wait().unwrap().success());
		self.reader.take().unwrap().join().unwrap();
		let log = self.log.lock().unwrap();
		log.clone()
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		// Fails if it has ended already, which is fine.
		let _ = self.process.kill();
		let _ = self.process.wait();
	}
}

/// Waits until a block after `number` is final.
async fn finalised_after(client: &WsClient, number: u64) {
	let mut heads: Subscription<Value> = client
		.subscribe(
			"chain_subscribeFinalizedHeads",
			rpc_params![],
			"chain_unsubscribeFinalizedHeads",
		)
		.await
		.unwrap();
	loop {
		let head = heads.next().await.unwrap().unwrap();
		let text = head["number"].as_str().unwrap().trim_start_matches("0x");
		if u64::from_str_radix(text, 16).unwrap() > number {
			break;
		}
	}
}

async fn stored(client: &WsClient, key: &[u8]) -> Option<String> {
	let parameters = rpc_params!["PERSISTENT", to_hex(key, false)];
	client.request("offchain_localStorageGet", parameters).await.unwrap()
}

const SETTINGS: &str = r#"
[[oracle]]
asset = 1
source = "weather_api"
url = "http://127.0.0.1:9/reading?key=hunter2"
pointer = "/temperature"
[oracle.headers]
X-Api-Key = "hunter2"
"#;

#[tokio::test]
async fn a_node_authors_finalises_and_keeps_its_settings_to_itself() {
	let test = async {
		let files = Files::new();
		let settings = files.write("workers.toml", SETTINGS);
		let base = files.folder().join("base");

		let node = Node::start(
			&base,
			&[
				"--network-backend=litep2p",
				"--offchain-config",
				settings.to_str().unwrap(),
				"--log=offchain-worker=trace,offchain-worker::storage=trace,hyper=trace,h2=trace",
			],
		);
		let client = node.client().await;
		app_keys_can_be_rotated(&client).await;
		finalised_after(&client, 2).await;
		let settings = stored(&client, CONFIG_KEY).await.expect("stored before the workers ran");
		assert!(settings.contains(to_hex(b"hunter2", false).trim_start_matches("0x")));
		let parameters = rpc_params!["PERSISTENT", to_hex(b"witness", false), "0x01"];
		let _: Value = client.request("offchain_localStorageSet", parameters).await.unwrap();
		let log = node.stop();
		assert!(log.contains("Oracle source for feed 1:weather_api"), "{log}");
		assert!(!log.contains("hunter2"), "a secret as text");
		assert!(!log.contains("68756e74657232"), "a secret in hexadecimal");

		// The same node without the settings, and on the other network back end.
		let node = Node::start(&base, &["--network-backend=libp2p"]);
		let client = node.client().await;
		assert_eq!(stored(&client, b"witness").await.as_deref(), Some("0x01"));
		assert_eq!(stored(&client, CONFIG_KEY).await, None);
		finalised_after(&client, 3).await;
		node.stop();
	};
	tokio::time::timeout(PATIENCE, test).await.expect("hangs");
}

async fn app_keys_can_be_rotated(client: &WsClient) {
	let account = Ferdie.to_account_id().to_ss58check_with_version(SS58_PREFIX.into());
	let key: Value = client.request("rwa_rotateAppKey", rpc_params![account]).await.unwrap();
	let public = key["public"].as_str().unwrap();
	assert_eq!((public.len(), key["proof"].as_str().unwrap().len()), (66, 130));
	assert!(client.request::<bool, _>("rwa_hasAppKey", rpc_params![public]).await.unwrap());
	let error = client.request::<Value, _>("rwa_rotateAppKey", rpc_params!["5Grw"]).await;
	assert!(error.unwrap_err().to_string().contains("7001"));
}

async fn announcements_of_other_chains_are_refused(client: &WsClient) {
	let vector = include_str!("../../primitives/tests/vectors/announcement.json");
	let vector: Value = serde_json::from_str(vector).unwrap();
	let submit = |statement: Value| async move {
		let answer = client.request::<Value, _>("statement_submit", rpc_params![statement]).await;
		answer.unwrap_err().to_string()
	};
	let refused = submit(vector["statement"].clone()).await;
	assert!(refused.contains("the document is another chain's"), "{refused}");
	let refused = submit("0x00".into()).await;
	assert!(refused.contains("the statement has no data"), "{refused}");
}

#[tokio::test]
async fn a_node_answers_the_methods_that_wallets_and_operators_use() {
	let test = async {
		let files = Files::new();
		let node = Node::start(&files.folder().join("base"), &["--rpc-methods=safe"]);
		let client = node.client().await;
		let listed: Value = client.request("rpc_methods", rpc_params![]).await.unwrap();
		let listed: Vec<_> = listed["methods"].as_array().unwrap().iter().collect();
		for method in [
			"author_submitAndWatchExtrinsic",
			"babe_epochAuthorship",
			"chainHead_v1_follow",
			"dev_getBlockStats",
			"grandpa_proveFinality",
			"grandpa_roundState",
			"offchain_localStorageSet",
			"payment_queryInfo",
			"rwa_hasAppKey",
			"rwa_rotateAppKey",
			"state_getMetadata",
			"statement_submit",
			"statement_subscribeStatement",
			"sync_state_genSyncSpec",
			"system_accountNextIndex",
			"transactionWatch_v1_submitAndWatch",
		] {
			assert!(listed.iter().any(|name| *name == method), "{method}");
		}

		let account = Ferdie.to_account_id().to_ss58check_with_version(SS58_PREFIX.into());
		let nonce: u32 =
			client.request("system_accountNextIndex", rpc_params![&account]).await.unwrap();
		assert_eq!(nonce, 0);
		let properties: Value = client.request("system_properties", rpc_params![]).await.unwrap();
		assert_eq!(properties["ss58Format"], SS58_PREFIX);
		finalised_after(&client, 1).await;
		let spec: Value =
			client.request("sync_state_genSyncSpec", rpc_params![true]).await.unwrap();
		assert!(spec["lightSyncState"]["grandpaAuthoritySet"].is_string());
		let refused = client.request::<Value, _>("rwa_rotateAppKey", rpc_params![account]).await;
		assert!(refused.unwrap_err().to_string().contains("unsafe"));
		announcements_of_other_chains_are_refused(&client).await;
		node.stop();
	};
	tokio::time::timeout(PATIENCE, test).await.expect("hangs");
}

#[tokio::test]
async fn commands_work_on_the_database_that_a_node_leaves_behind() {
	let files = Files::new();
	let (base, copy) = (files.folder().join("base"), files.folder().join("copy"));
	let test = async {
		let node = Node::start(&base, &[]);
		finalised_after(&node.client().await, 2).await;
		node.stop();
	};
	tokio::time::timeout(PATIENCE, test).await.expect("hangs");

	let on = |base: &Path, arguments: &[&str]| {
		run(node().args(arguments).args(["--chain", "dev", "--base-path"]).arg(base), 0).0
	};
	let info = |base: &Path| -> Value { serde_json::from_str(&on(base, &["chain-info"])).unwrap() };
	let left = info(&base);
	assert!(left["finalized_number"].as_u64().unwrap() > 2);

	let blocks = files.folder().join("blocks");
	let blocks = blocks.to_str().unwrap();
	on(&base, &["export-blocks", "--binary", blocks]);
	on(&copy, &["import-blocks", "--binary", blocks]);
	assert_eq!(info(&copy)["best_hash"], left["best_hash"]);
	on(&copy, &["check-block", "2"]);
	let state: Value = serde_json::from_str(&on(&base, &["export-state"])).unwrap();
	assert!(state["genesis"]["raw"]["top"]["0x3a636f6465"].is_string());

	// Nothing in the copy is final beyond what the blocks themselves prove, so it can go back.
	on(&copy, &["revert", "1"]);
	let reverted = info(&copy);
	let best = |info: &Value| info["best_number"].as_u64().unwrap();
	assert_eq!(best(&reverted), best(&left) - 1);
	// BABE and GRANDPA went back too: the same block is welcome again.
	on(&copy, &["import-blocks", "--binary", blocks]);
	assert_eq!(info(&copy)["best_hash"], left["best_hash"]);

	on(&copy, &["purge-chain", "-y"]);
	assert!(!copy.join("chains/rwa_dev/paritydb/full").exists());
}
