//! Through IPFS Cluster's REST API: on something that speaks it, and on a real one where there is any.

mod common;

use common::{
	bridge::{check, pin, proof, proven, unpin, with_engine, Bridge},
	fake::{read_call, respond, Call, Fake},
	file,
	kubo::{tool, RealKubo},
	until,
};
use serde_json::{json, Value};
use std::{
	collections::BTreeMap,
	fs,
	net::TcpListener,
	process::{Child, Command},
	sync::{Arc, Mutex},
};

const SIZE: u64 = 100_000;

/// A cluster over Kubos that aren't any: each file goes to the first.
#[derive(Clone)]
struct FakeCluster {
	port: u16,
	kubos: Vec<Fake>,
	state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
	version: String,
	/// Roots, with name and the status on the first peer.
	pins: BTreeMap<String, (String, String)>,
	/// What happens to the next pins.
	status: String,
	error: String,
	calls: Vec<Call>,
}

impl FakeCluster {
	fn start(kubos: &[Fake]) -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").unwrap();
		let port = listener.local_addr().unwrap().port();
		let state = State { version: "1.1.6".into(), status: "pinned".into(), ..State::default() };
		let cluster = Self { port, kubos: kubos.to_vec(), state: Arc::new(Mutex::new(state)) };
		let own = cluster.clone();
		std::thread::spawn(move || {
			for stream in listener.incoming() {
				let Ok(mut stream) = stream else { continue };
				let cluster = own.clone();
				std::thread::spawn(move || {
					let Some(call) = read_call(&mut stream) else { return };
					let (status, body) = cluster.answer(&call);
					respond(&mut stream, status, body.as_bytes());
				});
			}
		});
		cluster
	}

	fn engine(&self, rest: &str) -> String {
		let kubos =
			self.kubos.iter().map(|kubo| format!("[[cluster.kubo]]\nurl = \"{}\"\n", kubo.url()));
		format!("[cluster]\nurl = \"http://127.0.0.1:{}\"\n{rest}", self.port)
			+ &kubos.collect::<String>()
	}

	fn state(&self) -> std::sync::MutexGuard<'_, State> {
		self.state.lock().unwrap()
	}

	fn answer(&self, call: &Call) -> (u16, String) {
		let mut state = self.state();
		state.calls.push(call.clone());
		let (page, cid) = call.path[1..].split_once('/').unwrap_or((&call.path[1..], ""));
		let global = |cid: &str, name: &str, status: &str, error: &str| {
			json!({ "cid": cid, "name": name, "peer_map": {
				"one": { "status": status, "error": error },
				"two": { "status": "remote", "error": "" },
			}})
		};
		match (call.method.as_str(), page) {
			("GET", "version") => (200, json!({ "version": state.version }).to_string()),
			("POST", "ipfs") => {
				for kubo in &self.kubos {
					let mut kubo = kubo.state();
					if kubo.pins.is_empty() {
						kubo.disk.clear();
					}
				}
				(200, json!({ "peer_map": { "one": { "peer": "one", "keys": [] } } }).to_string())
			}
			("POST", "pins") => {
				if let Some(cid) = cid.strip_suffix("/recover") {
					return (200, global(cid, "", "pinning", "").to_string());
				}
				let status = state.status.clone();
				let name = call.parameter("name").unwrap_or_default().to_string();
				if status == "pinned" {
					let mut kubo = self.kubos[0].state();
					let blocks = kubo.network.clone();
					kubo.disk.extend(blocks);
					kubo.pins.insert(cid.into(), String::new());
				}
				state.pins.insert(cid.into(), (name, status));
				(200, json!({ "cid": cid }).to_string())
			}
			("GET", "pins") if cid.is_empty() => {
				let pinned = state.pins.iter().filter(|(_, (_, status))| status == "pinned");
				let lines = pinned
					.map(|(cid, (name, status))| global(cid, name, status, "").to_string() + "\n");
				(200, lines.collect())
			}
			("GET", "pins") => match state.pins.get(cid) {
				Some((name, status)) => (200, global(cid, name, status, &state.error).to_string()),
				None => (200, global(cid, "", "unpinned", "").to_string()),
			},
			("DELETE", "pins") => match state.pins.remove(cid) {
				Some(_) => {
					self.kubos[0].state().pins.remove(cid);
					(200, json!({ "cid": cid }).to_string())
				}
				None => (404, json!({ "code": 404, "message": "not found" }).to_string()),
			},
			_ => (404, json!({ "code": 404, "message": "not found" }).to_string()),
		}
	}
}

fn started(rest: &str) -> (tempfile::TempDir, FakeCluster, Bridge) {
	let folder = tempfile::tempdir().unwrap();
	let cluster = FakeCluster::start(&[Fake::honest(), Fake::honest()]);
	let bridge = Bridge::start(folder.path(), &with_engine(&cluster.engine(rest)));
	(folder, cluster, bridge)
}

#[test]
fn a_cluster_should_do_in_place_of_a_kubo() {
	let (_folder, cluster, bridge) = started("replication = 2\n");
	let dag = file(SIZE);
	cluster.kubos[0].offer(&dag);
	let job = bridge.order(&pin(dag.root(), SIZE));
	assert_eq!(job["state"], "done", "{job}");
	assert_eq!(bridge.order(&check(dag.root()))["state"], "done");
	assert_eq!(proven(&bridge.order(&proof(dag.root(), 3))), dag.proof(3));
	let ordered = cluster.state().calls.iter().find(|call| call.method == "POST").cloned().unwrap();
	assert_eq!(ordered.parameter("replication-max"), Some("2"));
	assert_eq!(ordered.parameter("name"), Some("rwa-bridge"));
	assert_eq!(bridge.order(&unpin(dag.root()))["state"], "done");
	assert!(cluster.state().pins.is_empty());
	until("the disk is free", || cluster.kubos[0].state().disk.is_empty().then_some(()));
}

#[test]
fn blocks_should_be_read_from_whichever_kubo_has_them() {
	let (_folder, cluster, bridge) = started("");
	let dag = file(SIZE);
	cluster.kubos[0].offer(&dag);
	bridge.order(&pin(dag.root(), SIZE));
	// The cluster moves the file.
	let moved = std::mem::take(&mut cluster.kubos[0].state().disk);
	cluster.kubos[1].state().disk = moved;
	assert_eq!(proven(&bridge.order(&proof(dag.root(), 3))), dag.proof(3));
	let hole = common::name(dag.proof(4).last().unwrap(), true);
	cluster.kubos[1].state().disk.remove(&hole).unwrap();
	let job = bridge.order(&proof(dag.root(), 4));
	assert_eq!(job["error"]["code"], "missing_block", "{job}");
}

#[test]
fn what_a_cluster_lost_should_be_pinned_again() {
	let (_folder, cluster, bridge) = started("");
	let dag = file(SIZE);
	let cid = dag.root().to_string();
	cluster.kubos[0].offer(&dag);
	bridge.order(&pin(&cid, SIZE));
	cluster.state().pins.get_mut(&cid).unwrap().1 = "unexpectedly_unpinned".into();
	until("it is held again", || {
		let pin = bridge.get(&format!("/pins/{cid}"));
		(pin["losses"] == 1 && pin["held"].is_u64()).then_some(())
	});
	assert_eq!(cluster.state().pins[&cid].1, "pinned");
}

#[test]
fn what_a_cluster_says_went_wrong_should_be_said_on() {
	for (status, error, code) in [
		("pin_error", "context deadline exceeded", "refused"),
		("pin_error", "write: no space left on device", "disk_full"),
		("pinning", "", "not_found_in_time"),
	] {
		let (_folder, cluster, bridge) = started("");
		let dag = file(SIZE);
		cluster.kubos[0].offer(&dag);
		cluster.state().status = status.into();
		cluster.state().error = error.into();
		let id = bridge.post(&pin(dag.root(), SIZE)).1["id"].as_str().unwrap().to_string();
		bridge.await_error(&id, code);
		cluster.state().status = "pinned".into();
		cluster.state().error = String::new();
		assert_eq!(bridge.over(&id)["state"], "done");
	}
}

#[test]
fn other_versions_and_foreign_pins_should_be_refused() {
	let (_folder, cluster, bridge) = started("");
	let dag = file(SIZE);
	let cid = dag.root().to_string();
	cluster.state().pins.insert(cid.clone(), ("mine".into(), "pinned".into()));
	let job = bridge.order(&unpin(&cid));
	assert_eq!(job["error"]["code"], "foreign_pin", "{job}");
	assert!(cluster.state().pins.contains_key(&cid));

	let folder = tempfile::tempdir().unwrap();
	cluster.state().version = "0.14.5".into();
	let bridge = Bridge::start(folder.path(), &with_engine(&cluster.engine("")));
	let id = bridge.post(&pin(&cid, SIZE)).1["id"].as_str().unwrap().to_string();
	bridge.await_error(&id, "wrong_version");
}

#[test]
fn a_login_should_be_shown_to_the_cluster_and_to_nobody_else() {
	let login = "username = \"me\"\npassword = { env = \"BRIDGE_TOKEN\" }\n";
	let (_folder, cluster, bridge) = started(login);
	until("it asked", || (!cluster.state().calls.is_empty()).then_some(()));
	// me:a-token-for-tests-only
	let head = cluster.state().calls[0].head.clone();
	assert!(head.contains("Basic bWU6YS10b2tlbi1mb3ItdGVzdHMtb25seQ=="), "{head}");
	for kubo in &cluster.kubos {
		until("each Kubo was asked", || (kubo.count("/api/v0/version") > 0).then_some(()));
	}
	assert!(!bridge.log().contains("bWU6"), "{}", bridge.log());
}

/// A peer of a real cluster. Killed with the test.
struct Peer(Child);

impl Drop for Peer {
	fn drop(&mut self) {
		let _ = self.0.kill();
		let _ = self.0.wait();
	}
}

#[test]
fn a_real_cluster_of_three_should_keep_prove_and_drop_a_file() {
	let (Some(ipfs), Some(service)) = (tool("ipfs"), tool("ipfs-cluster-service")) else { return };
	let folder = tempfile::tempdir().unwrap();
	let kubos: Vec<_> = (0..3)
		.map(|place| RealKubo::start(&ipfs, folder.path().join(format!("kubo-{place}")), &[]))
		.collect();
	for (place, kubo) in kubos.iter().enumerate() {
		kubos[..place].iter().for_each(|other| kubo.connect(other));
	}
	// All at once, so that no two are the same, and free again before anybody wants them.
	let held: Vec<_> = (0..9).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
	let ports: Vec<_> = held.iter().map(|port| port.local_addr().unwrap().port()).collect();
	drop(held);
	let mut peers = Vec::new();
	let mut first = String::new();
	for (place, kubo) in kubos.iter().enumerate() {
		let home = folder.path().join(format!("cluster-{place}"));
		let command = || {
			let mut command = Command::new(&service);
			let local = |port: u16| format!("/ip4/127.0.0.1/tcp/{port}");
			command
				.arg("--config")
				.arg(&home)
				.env("CLUSTER_SECRET", "5a".repeat(32))
				.env("CLUSTER_LISTENMULTIADDRESS", local(ports[3 * place]))
				.env("CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS", local(ports[3 * place + 1]))
				.env("CLUSTER_IPFSPROXY_LISTENMULTIADDRESS", local(ports[3 * place + 2]))
				.env(
					"CLUSTER_IPFSHTTP_NODEMULTIADDRESS",
					kubo.url().replace("http://127.0.0.1:", "/ip4/127.0.0.1/tcp/"),
				)
				.env("CLUSTER_CRDT_TRUSTEDPEERS", "*")
				.env("CLUSTER_MDNSINTERVAL", "0");
			command
		};
		assert!(command().args(["init", "--consensus", "crdt"]).output().unwrap().status.success());
		let mut daemon = command();
		daemon.arg("daemon");
		if !first.is_empty() {
			daemon.args(["--bootstrap", &first]);
		}
		let log = fs::File::create(home.with_extension("log")).unwrap();
		peers.push(Peer(daemon.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()));
		if place == 0 {
			let identity = fs::read(home.join("identity.json")).unwrap();
			let identity: Value = serde_json::from_slice(&identity).unwrap();
			let id = identity["id"].as_str().unwrap();
			first = format!("/ip4/127.0.0.1/tcp/{}/p2p/{id}", ports[0]);
		}
	}
	let engine = format!("[cluster]\nurl = \"http://127.0.0.1:{}\"\nreplication = 2\n", ports[1])
		+ &kubos
			.iter()
			.map(|kubo| format!("[[cluster.kubo]]\nurl = \"{}\"\n", kubo.url()))
			.collect::<String>();
	let bridge = Bridge::start(folder.path(), &with_engine(&engine));
	let size = 1 << 20;
	let content = common::ipfs_dag::content(size);
	let publisher = RealKubo::start(&ipfs, folder.path().join("publisher"), &[]);
	kubos.iter().for_each(|kubo| kubo.connect(&publisher));
	let cid = publisher.add(&content);
	assert_eq!(bridge.order(&pin(&cid, size))["state"], "done");
	assert_eq!(bridge.order(&check(&cid))["state"], "done");
	assert_eq!(proven(&bridge.order(&proof(&cid, 200))), file(size).proof(200));
	assert_eq!(bridge.order(&unpin(&cid))["state"], "done");
	drop(publisher);
	for kubo in &kubos {
		until("the disk is free", || (!kubo.has(&cid)).then_some(()));
	}
}
