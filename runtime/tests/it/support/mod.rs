//! A chain in memory: genesis from a preset, real blocks, no node.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

pub mod device;
pub mod document;
pub mod oracle;

use codec::Encode;
use frame_support::genesis_builder_helper::build_state;
use rwa_runtime::{
	configs::tools::ProxyType, tx_extension, AccountId, Balance, BlockNumber, Executive, Header,
	Nonce, Runtime, RuntimeCall, RuntimeGenesisConfig, SignedPayload, System, UncheckedExtrinsic,
	SLOT_DURATION,
};
use sp_consensus_babe::{
	digests::{PreDigest, SecondaryPlainPreDigest},
	BABE_ENGINE_ID,
};
use sp_core::{sr25519, Pair};
use sp_runtime::{
	generic::Era, traits::Header as _, ApplyExtrinsicResult, Digest, DigestItem, MultiSignature,
};

/// First slot of a test chain: its first block is a second later.
const FIRST_SLOT: u64 = 1_700_000_000;

/// The state of a chain at its genesis, made from the preset called `preset` as the node does it.
pub fn chain(preset: &str) -> sp_io::TestExternalities {
	let mut chain = sp_io::TestExternalities::default();
	chain.execute_with(|| {
		let patch = rwa_runtime::genesis_presets::get_preset(&preset.into()).expect("it exists");
		let full = full_config(&patch);
		build_state::<RuntimeGenesisConfig>(full).expect("a preset builds");
	});
	chain
}

/// The default configuration with `patch` laid over it.
fn full_config(patch: &[u8]) -> Vec<u8> {
	let mut config =
		serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default is JSON");
	let patch = serde_json::from_slice(patch).expect("a preset is JSON");
	merge(&mut config, patch);
	serde_json::to_vec(&config).expect("it was JSON")
}

fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
	match (base, patch) {
		(serde_json::Value::Object(base), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(base, patch) => *base = patch,
	}
}

/// The pair behind a test account: `//Alice`, `//Oracle//1`.
pub fn pair(path: &str) -> sr25519::Pair {
	sr25519::Pair::from_string(path, None).expect("the path is well formed")
}

/// The account of [`pair`].
pub fn account(path: &str) -> AccountId {
	AccountId::from(pair(path).public().0)
}

/// Makes the next block out of `extrinsics` and gives each one's outcome.
pub fn next_block(extrinsics: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
	next_block_after(1, extrinsics)
}

/// Like [`next_block`], `slots` after the last one.
pub fn next_block_after(
	slots: u64,
	extrinsics: Vec<UncheckedExtrinsic>,
) -> Vec<ApplyExtrinsicResult> {
	let number: BlockNumber = System::block_number() + 1;
	let slot = if number == 1 { FIRST_SLOT } else { last_slot() + slots };
	let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
		authority_index: 0,
		slot: slot.into(),
	});
	let digest = Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())] };
	let parent = if number == 1 { Default::default() } else { parent_hash() };
	let header = Header::new(number, Default::default(), Default::default(), parent, digest);
	Executive::initialize_block(&header);
	let now = UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set {
		now: slot * SLOT_DURATION,
	}));
	Executive::apply_extrinsic(now).expect("valid").expect("the time is right");
	let outcomes = extrinsics.into_iter().map(Executive::apply_extrinsic).collect();
	let header = Executive::finalize_block();
	sp_io::storage::set(b":test:parent", &header.hash().encode());
	outcomes
}

/// Makes `count` blocks with nothing but the time in them.
pub fn empty_blocks(count: u32) {
	for _ in 0..count {
		next_block(vec![]);
	}
}

fn last_slot() -> u64 {
	u64::from(pallet_babe::CurrentSlot::<Runtime>::get())
}

fn parent_hash() -> rwa_runtime::Hash {
	let bytes = sp_io::storage::get(b":test:parent").expect("there was a block");
	rwa_runtime::Hash::from_slice(&bytes)
}

/// `call`, signed by the account behind `path` with its next nonce.
pub fn signed(path: &str, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	signed_with(path, System::account_nonce(account(path)), 0, call)
}

/// `call`, signed by the account behind `path`.
pub fn signed_with(
	path: &str,
	nonce: Nonce,
	tip: Balance,
	call: impl Into<RuntimeCall>,
) -> UncheckedExtrinsic {
	let extension = tx_extension(nonce, Era::Immortal, tip);
	let payload = SignedPayload::new(call.into(), extension).expect("the chain has a genesis");
	let signature = payload.using_encoded(|bytes| pair(path).sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	UncheckedExtrinsic::new_signed(
		call,
		account(path).into(),
		MultiSignature::from(signature),
		extension,
	)
}

/// `call` as Root, through Sudo's key.
pub fn sudo(call: RuntimeCall) -> UncheckedExtrinsic {
	signed("//Alice", pallet_sudo::Call::sudo { call: Box::new(call) })
}

/// Makes a block of `extrinsics` and fails if one of them is refused or fails.
pub fn all_succeed(extrinsics: Vec<UncheckedExtrinsic>) {
	for (index, outcome) in next_block(extrinsics).into_iter().enumerate() {
		assert_eq!(outcome, Ok(Ok(())), "extrinsic {index} of block {}", System::block_number());
	}
}

/// Lets `delegate` do everything for the sender.
pub fn add_any_proxy(delegate: &str) -> pallet_proxy::Call<Runtime> {
	pallet_proxy::Call::add_proxy {
		delegate: account(delegate).into(),
		proxy_type: ProxyType::Any,
		delay: 0,
	}
}
