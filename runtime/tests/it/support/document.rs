//! Storage nodes of a test chain and what they send, and the documents that they keep.

use super::{account, device::ASSET, pair, signed};
use pallet_rwa_documents::{Call, Challenge, DocumentOf, Documents as Stored, File, Purpose};
use rwa_primitives::{
	app_key::{possession_payload, AppPublic, Role},
	ipfs::Layout,
	node::{genesis_tier, Region},
	storage::{Act, DocumentId, DocumentKind, Notice, ReplicaIndex, StorageProof, REPLICAS},
};
use rwa_runtime::{
	tx_extension, BlockNumber, Documents, Runtime, RuntimeCall, System, UncheckedExtrinsic,
};
use sp_core::{sr25519, Pair, H256};
use sp_runtime::generic::Era;

/// Makes files as IPFS does, from the leaves up.
#[path = "../../../../primitives/tests/ipfs_dag/mod.rs"]
mod ipfs_dag;
use ipfs_dag::{content, Dag};

/// Accounts of storage operators, which have money; the first three are nobody else's in other tests.
pub const OPERATORS: [&str; 5] =
	["//Oracle//5", "//Oracle//6", "//Oracle//7", "//Oracle//1", "//Oracle//2"];

/// Where their nodes are: as far apart as the draw wants them.
const REGIONS: [[u8; 2]; 5] = [*b"DE", *b"BR", *b"KE", *b"JP", *b"CA"];

/// What each says that it can keep: the specification's 10 GB.
pub const CAPACITY: u64 = 10_000_000_000;

/// Leaves of a replica: two heights of nodes above them.
pub const LEAVES: u64 = 40;

/// Bytes of a replica.
const SIZE: usize = LEAVES as usize * 4_096;

/// The app key of the node of the operator behind `path`.
fn app_key(path: &str) -> sr25519::Pair {
	pair(&format!("{path}//app"))
}

fn public(path: &str) -> AppPublic {
	AppPublic::from(app_key(path).public())
}

/// The operator behind an account.
pub fn operator(who: &rwa_runtime::AccountId) -> &'static str {
	OPERATORS.into_iter().find(|path| account(path) == *who).expect("it is an operator's")
}

/// Operator number `number` registers with the least stake and an app key, and says what its node can keep.
pub fn serve(number: usize) -> UncheckedExtrinsic {
	use pallet_rwa_node_registry::Call as Registry;
	let path = OPERATORS[number];
	let (role, key) = (Role::Storage, public(path));
	let payload = possession_payload(&System::block_hash(0), &account(path), &key);
	let proof = app_key(path).sign(&payload).into();
	let calls: Vec<RuntimeCall> = vec![
		Registry::<Runtime>::register {
			role,
			region: Region(REGIONS[number]),
			endpoint: format!("/ip4/192.0.2.{number}/tcp/30333").into_bytes(),
			stake: genesis_tier(role).minimum,
		}
		.into(),
		Registry::<Runtime>::register_app_key { role, key, proof }.into(),
		Call::<Runtime>::declare_capacity { capacity: CAPACITY }.into(),
	];
	signed(path, pallet_utility::Call::batch_all { calls })
}

/// A document that its owner has sealed: its three replicas.
pub struct Sealed([Dag; REPLICAS]);

impl Sealed {
	/// Document number `number`. All are of one size, and no two of their replicas are alike.
	pub fn new(number: usize) -> Self {
		let first = number * REPLICAS;
		let bytes = content(((first + REPLICAS) * SIZE) as u64);
		Self([0, 1, 2].map(|replica| {
			let start = (first + replica) * SIZE;
			Dag::of(&bytes[start..start + SIZE], Layout::DOCUMENT)
		}))
	}

	/// What the chain is told of it.
	pub fn files(&self) -> [File; REPLICAS] {
		[0, 1, 2].map(|replica: usize| {
			let dag = &self.0[replica];
			File { cid: dag.root(), size: dag.size }
		})
	}

	/// The blocks from the root of a replica to a leaf.
	pub fn path(&self, replica: ReplicaIndex, leaf: u64) -> Vec<Vec<u8>> {
		self.0[usize::from(replica)].proof(leaf)
	}
}

/// The owner behind `path` registers a document of [`ASSET`].
pub fn publish(path: &str, sealed: &Sealed, expires_at: BlockNumber) -> UncheckedExtrinsic {
	signed(
		path,
		Call::<Runtime>::register_document {
			asset: ASSET,
			kind: DocumentKind::Title,
			expires_at,
			files: sealed.files(),
		},
	)
}

/// The reader behind `path` registers a key.
pub fn give_key(path: &str) -> UncheckedExtrinsic {
	signed(path, Call::<Runtime>::set_reader_key { key: account(path).into() })
}

/// The owner behind `path` gives the keys of a document to the reader behind `reader`, who has registered one.
pub fn seal(
	path: &str,
	document: DocumentId,
	purpose: Purpose,
	reader: &str,
) -> UncheckedExtrinsic {
	let reader = account(reader);
	let key_version = Documents::reader_key(reader.clone()).expect("it has one").version;
	let sealed = vec![7u8; 114].try_into().expect("it fits");
	signed(path, Call::<Runtime>::add_envelope { document, purpose, reader, key_version, sealed })
}

/// The document of this number.
pub fn stored(document: DocumentId) -> DocumentOf<Runtime> {
	Stored::<Runtime>::get(document).expect("there is such a document")
}

/// What the operator's node says about a replica.
pub fn notify(
	path: &str,
	document: DocumentId,
	replica: ReplicaIndex,
	act: Act,
) -> UncheckedExtrinsic {
	notify_on(&System::block_hash(0), path, document, replica, act)
}

/// The same, signed for the chain that begins with `genesis`.
pub fn notify_on(
	genesis: &H256,
	path: &str,
	document: DocumentId,
	replica: ReplicaIndex,
	act: Act,
) -> UncheckedExtrinsic {
	let epoch = stored(document).replicas[usize::from(replica)].epoch;
	let notice = Notice { key: public(path), document, replica, epoch, act };
	let signature = app_key(path).sign(&notice.signing_payload(genesis)).into();
	let call = Call::<Runtime>::notify { notice, signature };
	UncheckedExtrinsic::new_transaction(call.into(), tx_extension(0, Era::Immortal, 0))
}

/// The operator's answer to a challenge by these blocks.
pub fn prove_by(
	path: &str,
	challenge: &Challenge<BlockNumber>,
	blocks: Vec<Vec<u8>>,
) -> UncheckedExtrinsic {
	let blocks: Vec<_> =
		blocks.into_iter().map(|block| block.try_into().expect("no block is larger")).collect();
	let blocks = blocks.try_into().expect("no proof is longer");
	let Challenge { round, number, .. } = *challenge;
	let proof = StorageProof { key: public(path), round, challenge: number, blocks };
	let signature = app_key(path).sign(&proof.signing_payload(&System::block_hash(0))).into();
	let call = Call::<Runtime>::prove { proof, signature };
	UncheckedExtrinsic::new_transaction(call.into(), tx_extension(0, Era::Immortal, 0))
}

/// The answers of an operator's node to all that it is asked about one document. It keeps no other.
pub fn answers(path: &str, kept: &Sealed) -> Vec<UncheckedExtrinsic> {
	let answer = |challenge: &Challenge<BlockNumber>| {
		prove_by(path, challenge, kept.path(challenge.replica, challenge.leaf))
	};
	Documents::due_challenges(account(path)).iter().map(answer).collect()
}
