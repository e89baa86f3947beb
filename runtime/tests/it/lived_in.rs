//! Every pallet's `try_state` over the state of a chain that people have used.

#![cfg(feature = "try-runtime")]

use crate::support::{
	account, add_any_proxy, all_succeed, chain,
	device::{self, device},
	document::{give_key, publish, seal, serve, Sealed},
	empty_blocks,
	oracle::{commit, create_feed, join, register, reveal, top_up, FEED, OPERATORS},
	signed, sudo,
};
use codec::Encode;
use frame_support::traits::{TryState, TryStateSelect};
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_rwa_documents::Purpose;
use rwa_primitives::reading::Reading;
use rwa_runtime::{
	AllPalletsWithSystem, Balances, BlockNumber, Clock, Oracle, Runtime, RuntimeCall, Session,
	System, DAYS, EPOCH_DURATION_IN_SLOTS, RWA,
};
use sp_runtime::traits::{BlakeTwo256, Hash};

fn check_every_pallet() {
	let block = System::block_number();
	<AllPalletsWithSystem as TryState<BlockNumber>>::try_state(block, TryStateSelect::All)
		.expect("no invariant is broken");
}

fn transfer(to: &str) -> RuntimeCall {
	RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
		dest: account(to).into(),
		value: RWA,
	})
}

fn use_accounts() {
	all_succeed(vec![signed("//Eve", transfer("//Ferdie"))]);
	all_succeed(vec![signed("//Eve", add_any_proxy("//Ferdie"))]);
	let call = Box::new(transfer("//Bob"));
	all_succeed(vec![signed(
		"//Ferdie",
		pallet_proxy::Call::proxy { real: account("//Eve").into(), force_proxy_type: None, call },
	)]);
	let calls = vec![transfer("//Bob"), transfer("//Charlie")];
	all_succeed(vec![signed("//Eve", pallet_utility::Call::batch_all { calls })]);
	all_succeed(vec![signed(
		"//Eve",
		pallet_assets::Call::create {
			id: 1.into(),
			admin: account("//Eve").into(),
			min_balance: 1,
		},
	)]);
	let mut others = vec![account("//Ferdie"), account("//Bob")];
	others.sort();
	all_succeed(vec![signed(
		"//Eve",
		pallet_multisig::Call::approve_as_multi {
			threshold: 2,
			other_signatories: others,
			maybe_timepoint: None,
			call_hash: [7; 32],
			max_weight: Default::default(),
		},
	)]);
}

/// On the asset that was made before: one device in service, one retired, one condemned.
fn use_devices() {
	for seed in 1..=3 {
		all_succeed(vec![device::register(seed, "//Eve")]);
	}
	let key = device(2);
	all_succeed(vec![signed("//Eve", pallet_rwa_devices::Call::retire_device { key })]);
	all_succeed(vec![signed("//Bob", device::condemn(3))]);
}

/// Of the same asset: three storage nodes, and a document with a reader and somebody who can repair it.
fn use_documents() {
	all_succeed((0..3).map(serve).collect());
	all_succeed(vec![publish("//Eve", &Sealed::new(0), Clock::now() + 30 * DAYS)]);
	all_succeed(vec![give_key("//Bob"), give_key("//Charlie")]);
	all_succeed(vec![
		seal("//Eve", 0, Purpose::Read, "//Bob"),
		signed("//Bob", pallet_rwa_documents::Call::top_up { document: 0, amount: RWA }),
	]);
	all_succeed(vec![seal("//Eve", 0, Purpose::Repair, "//Charlie")]);
}

fn stake() {
	all_succeed(vec![signed(
		"//Ferdie",
		pallet_staking::Call::bond {
			value: 500 * RWA,
			payee: pallet_staking::RewardDestination::Staked,
		},
	)]);
	let targets = vec![account("//Alice//stash").into(), account("//Bob//stash").into()];
	all_succeed(vec![signed("//Ferdie", pallet_staking::Call::nominate { targets })]);
}

fn vote() {
	let call = RuntimeCall::System(frame_system::Call::remark { remark: b"hello".to_vec() });
	all_succeed(vec![signed(
		"//Eve",
		pallet_preimage::Call::note_preimage { bytes: call.encode() },
	)]);
	assert!(pallet_preimage::RequestStatusFor::<Runtime>::contains_key(BlakeTwo256::hash(
		&call.encode()
	)));
	let proposal = frame_support::traits::Bounded::Lookup {
		hash: BlakeTwo256::hash(&call.encode()),
		len: call.encoded_size() as u32,
	};
	all_succeed(vec![signed(
		"//Eve",
		pallet_referenda::Call::submit {
			proposal_origin: Box::new(frame_system::RawOrigin::Root.into()),
			proposal,
			enactment_moment: frame_support::traits::schedule::DispatchTime::After(1),
		},
	)]);
	all_succeed(vec![signed("//Eve", pallet_referenda::Call::place_decision_deposit { index: 0 })]);
	let vote = AccountVote::Standard {
		vote: Vote { aye: true, conviction: Conviction::Locked1x },
		balance: 1_000 * RWA,
	};
	all_succeed(vec![signed(
		"//Bob",
		pallet_conviction_voting::Call::vote { poll_index: 0, vote },
	)]);
}

fn agree_on_a_value() {
	all_succeed(OPERATORS.map(register).to_vec());
	let mut calls = vec![sudo(create_feed(20))];
	calls.extend(OPERATORS.map(join));
	calls.push(top_up("//Bob", RWA));
	all_succeed(calls);
	empty_blocks(1);
	all_succeed(OPERATORS.map(|path| commit(path, 1, 2_130)).to_vec());
	// One doesn't reveal: its record is kept.
	all_succeed(OPERATORS[..3].iter().map(|path| reveal(path, 1, 2_130)).collect());
	empty_blocks(20);
	assert_eq!(Oracle::latest(FEED).expect("they agreed").reading, Reading::Scalar(2_130));
}

#[test]
fn no_invariant_is_broken_after_the_chain_was_used() {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		check_every_pallet();
		use_accounts();
		use_devices();
		use_documents();
		stake();
		vote();
		agree_on_a_value();
		check_every_pallet();
		let issued = Balances::total_issuance();

		// Two sessions with an election between them.
		all_succeed(vec![sudo(RuntimeCall::Staking(pallet_staking::Call::force_new_era {}))]);
		empty_blocks(2 * EPOCH_DURATION_IN_SLOTS as u32 + 5);
		assert!(Session::current_index() >= 2);
		check_every_pallet();
		assert!(Balances::total_issuance() >= issued);
	});
}

#[test]
fn every_preset_is_sound() {
	for preset in rwa_runtime::genesis_presets::preset_names() {
		chain(preset.as_ref()).execute_with(check_every_pallet);
	}
}
