//! Documents in the real runtime: real assets, nodes and money, in real blocks.

use crate::support::{
	account, all_succeed, chain,
	device::create_asset,
	document::{
		answers, give_key, notify, notify_on, operator, prove_by, publish, seal, serve, stored,
		Sealed, LEAVES, OPERATORS,
	},
	empty_blocks, next_block, signed, sudo,
};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::InspectHold, Get, Hooks, StorageInfoTrait},
};
use pallet_rwa_documents::{
	Call, Claims, Config, Error, Health, HoldReason, NodeStatus, Purpose, Rounds, WRONG_PROOF,
};
use rwa_primitives::{
	app_key::Role,
	fault::Fault,
	ipfs::Layout,
	node::genesis_tier,
	storage::{Act, DocumentId, ReplicaIndex, MAX_ANNOUNCEMENT, REPLICAS},
	Balance,
};
use rwa_runtime::{
	configs::rwa::{
		ChallengePeriod, DocumentDeposit, DrawDelay, EnvelopeDeposit, MinTerm, ReaderKeyDeposit,
		RepairFee, RepairGrace, RepairPrice, StorageGrace, StorageNodeDeposit, StoragePrice,
	},
	constants::currency::deposit,
	Balances, BlockNumber, Clock, Documents, NodeRegistry, Runtime, RuntimeCall, RuntimeOrigin,
	SafeMode, Slashing, TxPause, DAYS, EPOCH_DURATION_IN_SLOTS, HOURS, RWA,
};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	ApplyExtrinsicResult, DispatchError,
};

/// Owns the asset, and registers documents of it.
const OWNER: &str = "//Eve";
/// Has the repair keys.
const DELEGATE: &str = "//Charlie";
/// Has nothing to do with any of it.
const BYSTANDER: &str = "//Ferdie";
/// Working blocks for which documents are registered, where it doesn't matter.
const TERM: BlockNumber = 5_000;
/// At this tempo every window is as short as it gets: a day's work fits into some hundred blocks.
const TEMPO: u32 = 100_000;
/// The document of most tests.
const DOCUMENT: DocumentId = 0;
const ALL: [ReplicaIndex; REPLICAS] = [0, 1, 2];

fn origin(path: &str) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(path))
}

fn free(path: &str) -> Balance {
	Balances::free_balance(account(path))
}

fn held(reason: HoldReason, path: &str) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account(path))
}

fn set_tempo(tempo: u32) {
	sp_io::storage::set(&sp_io::hashing::twox_128(b":TestTempo:"), &tempo.encode());
}

/// Working time passes, without the blocks.
fn pass(blocks: BlockNumber) {
	pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += blocks);
}

/// A chain on which five storage nodes serve, and [`OWNER`] has an asset. No token comes or goes in the test, and no
/// invariant breaks.
fn with_nodes(test: impl FnOnce()) {
	chain("local_testnet").execute_with(|| {
		set_tempo(TEMPO);
		empty_blocks(1);
		let issued = Balances::total_issuance();
		all_succeed(vec![create_asset(OWNER)]);
		all_succeed((0..OPERATORS.len()).map(serve).collect());
		// What they say that they can keep counts from then on.
		empty_blocks(DrawDelay::get());
		test();
		assert_eq!(Balances::total_issuance(), issued);
		#[cfg(feature = "try-runtime")]
		assert_ok!(<Documents as Hooks<BlockNumber>>::try_state(
			rwa_runtime::System::block_number()
		));
	});
}

/// The same, with a document that three nodes hold.
fn with_document(test: impl FnOnce(&Sealed)) {
	with_nodes(|| {
		let sealed = Sealed::new(0);
		all_succeed(vec![publish(OWNER, &sealed, Clock::now() + TERM)]);
		empty_blocks(DrawDelay::get() + 2);
		all_succeed(
			ALL.map(|replica| notify(drawn(replica), DOCUMENT, replica, Act::Confirm)).into(),
		);
		test(&sealed);
	});
}

/// The operator whose node is to take a replica.
fn drawn(replica: ReplicaIndex) -> &'static str {
	let document = stored(DOCUMENT);
	let place = document.replicas[usize::from(replica)].placement.newcomer();
	operator(&place.expect("a node was drawn").node)
}

/// The operator whose node holds a replica, if one does.
fn holder(replica: ReplicaIndex) -> Option<&'static str> {
	let document = stored(DOCUMENT);
	let holder = document.replicas[usize::from(replica)].placement.holder();
	holder.map(|(place, _)| operator(&place.node))
}

/// So many blocks, in which all nodes but `silent` answer what they are asked. How many answers there were.
fn answer_for(blocks: u32, kept: &Sealed, silent: Option<&str>) -> usize {
	let mut proven = 0;
	for _ in 0..blocks {
		let answering = OPERATORS.into_iter().filter(|path| Some(*path) != silent);
		let said: Vec<_> = answering.flat_map(|path| answers(path, kept)).collect();
		proven += said.len();
		all_succeed(said);
	}
	proven
}

/// Blocks until the node of `path` has something to answer.
fn to_challenge(path: &str) {
	for _ in 0..2 * ChallengePeriod::get() {
		if !Documents::due_challenges(account(path)).is_empty() {
			return;
		}
		empty_blocks(1);
	}
	panic!("{path} is not challenged");
}

fn repair_fee() -> Balance {
	RepairFee::get() + Balance::from(LEAVES) * RepairPrice::get()
}

fn claims() -> Claims {
	ALL.map(|replica| (DOCUMENT, replica)).to_vec().try_into().expect("three fit")
}

#[test]
fn a_document_is_registered_proven_paid_repaired_and_removed() {
	with_nodes(|| {
		// Registered: storage until the end of the grace period is held, a repair, and a deposit.
		let sealed = Sealed::new(0);
		let end = Clock::now() + TERM;
		all_succeed(vec![publish(OWNER, &sealed, end)]);
		let blocks = Balance::from(end + StorageGrace::get() - Clock::now());
		let storage = 3 * Balance::from(LEAVES) * blocks * StoragePrice::get();
		assert_eq!(held(HoldReason::Storage, OWNER), storage + repair_fee());
		assert_eq!(held(HoldReason::Entries, OWNER), DocumentDeposit::get());
		let quote =
			Documents::quote(sealed.files().map(|file| file.size), end).expect("it is less");
		assert_eq!((quote.storage, quote.repair), (storage, repair_fee()));

		// Drawn, and confirmed.
		empty_blocks(DrawDelay::get() + 2);
		let holders = ALL.map(drawn);
		assert!(holders[0] != holders[1] && holders[1] != holders[2] && holders[2] != holders[0]);
		let health = || Documents::document(DOCUMENT).map(|overview| overview.health);
		assert_eq!(health(), Some(Health::Placing));
		all_succeed(
			ALL.map(|replica| notify(drawn(replica), DOCUMENT, replica, Act::Confirm)).into(),
		);
		assert_eq!(health(), Some(Health::Complete));
		all_succeed(vec![give_key(DELEGATE)]);
		all_succeed(vec![seal(OWNER, DOCUMENT, Purpose::Repair, DELEGATE)]);

		// Proven, for nothing.
		let before = holders.map(free);
		let proven = answer_for(ChallengePeriod::get() + 5, &sealed, None);
		assert!(proven >= 6, "two challenges to each of three nodes, and {proven} were answered");
		assert_eq!(holders.map(free), before);
		let passed = |path: &str| Documents::storage_node(account(path)).map(|node| node.passed);
		assert!(holders.iter().all(|path| passed(path) >= Some(ChallengePeriod::get())));

		// Paid, whoever asks for it.
		let due = ALL.map(|replica| Documents::claimable(DOCUMENT, replica));
		assert!(due.iter().all(|due| *due > 0));
		let funds = stored(DOCUMENT).funds;
		assert_ok!(Documents::claim(origin(BYSTANDER), claims()));
		for (path, (before, due)) in holders.into_iter().zip(before.into_iter().zip(due)) {
			assert_eq!(free(path), before + due);
		}
		assert_eq!(stored(DOCUMENT).funds, funds - due.iter().sum::<Balance>());
		assert_noop!(
			Documents::claim(origin(BYSTANDER), claims()),
			Error::<Runtime>::NothingToClaim
		);

		// Lost, and declared: the node pays for the repair.
		let before = free(holders[0]);
		let funds = stored(DOCUMENT).funds;
		all_succeed(vec![notify(holders[0], DOCUMENT, 0, Act::DeclareFault)]);
		let paid = free(holders[0]) + repair_fee() - before;
		assert_eq!(stored(DOCUMENT).funds, funds + repair_fee() - paid);
		assert_eq!((holder(0), health()), (None, Some(Health::Degraded)));

		// Made again at another node. Whoever has the keys is paid.
		answer_for(RepairGrace::get(), &sealed, None);
		let next = drawn(0);
		assert!(!holders.contains(&next));
		let before = free(DELEGATE);
		all_succeed(vec![notify(next, DOCUMENT, 0, Act::Confirm)]);
		assert_eq!(free(DELEGATE), before + repair_fee());
		assert_eq!((holder(0), health()), (Some(next), Some(Health::Complete)));

		// Removed: what nobody earned is the owner's again. Within the first week its holders are paid for all of it.
		let (funds, deposit) = (stored(DOCUMENT).funds, stored(DOCUMENT).deposit);
		assert_eq!(held(HoldReason::Storage, OWNER), funds);
		assert_eq!(deposit, DocumentDeposit::get() + EnvelopeDeposit::get());
		let (owner, holders) = (free(OWNER), [next, holders[1], holders[2]]);
		let before = holders.map(free);
		assert!(stored(DOCUMENT).binding_until > Clock::now());
		assert_ok!(Documents::remove_document(origin(OWNER), DOCUMENT));
		let earned: Balance =
			holders.iter().zip(before).map(|(path, before)| free(path) - before).sum();
		assert!(earned > 0 && earned < funds);
		assert_eq!(free(OWNER), owner + funds + deposit - earned);
		assert_eq!(held(HoldReason::Storage, OWNER) + held(HoldReason::Entries, OWNER), 0);
		assert_eq!(Documents::document(DOCUMENT), None);

		// The nodes are free to go.
		for path in OPERATORS {
			while Rounds::<Runtime>::contains_key(account(path)) {
				empty_blocks(1);
			}
			let before = free(path);
			assert_ok!(Documents::leave(origin(path)));
			assert_eq!(free(path), before + StorageNodeDeposit::get());
			assert_eq!(Documents::storage_node(account(path)), None);
		}
	});
}

#[test]
fn a_document_expires_is_kept_for_the_grace_period_and_goes() {
	with_nodes(|| {
		let sealed = Sealed::new(0);
		// For so long that keeping it is a job.
		let end = Clock::now() + MinTerm::get() + 600;
		all_succeed(vec![publish(OWNER, &sealed, end)]);
		empty_blocks(DrawDelay::get() + 2);
		all_succeed(
			ALL.map(|replica| notify(drawn(replica), DOCUMENT, replica, Act::Confirm)).into(),
		);
		let holders = ALL.map(|replica| holder(replica).expect("it was confirmed"));
		let owner =
			free(OWNER) + held(HoldReason::Storage, OWNER) + held(HoldReason::Entries, OWNER);
		let before = holders.map(free);

		answer_for(end - Clock::now(), &sealed, None);
		let overview = Documents::document(DOCUMENT).expect("it is kept");
		assert_eq!((overview.health, overview.held), (Health::Expired, 3));
		answer_for(StorageGrace::get(), &sealed, None);
		assert_eq!(Documents::document(DOCUMENT), None);

		let earned = holders.map(free).iter().sum::<Balance>() - before.iter().sum::<Balance>();
		assert!(earned > 0);
		assert_eq!(free(OWNER), owner - earned);
		// They have finished a job of the owner's, who may say what it was worth.
		assert_ok!(NodeRegistry::rate(origin(OWNER), account(holders[0]), 5));
	});
}

#[test]
fn an_owner_may_announce_what_it_has_as_statement_stores_read_it() {
	with_nodes(|| {
		let key = [b":statement_allowance:".as_slice(), account(OWNER).as_ref()].concat();
		let allowance = || sp_io::storage::get(&key).map(|value| value.to_vec());
		assert_eq!(allowance(), None);
		let end = Clock::now() + TERM;
		for number in 0..2 {
			all_succeed(vec![publish(OWNER, &Sealed::new(number), end)]);
		}
		// As many statements, and bytes of their data.
		assert_eq!(allowance(), Some((2u32, 2 * MAX_ANNOUNCEMENT).encode()));
		assert_ok!(Documents::remove_document(origin(OWNER), 0));
		assert_eq!(allowance(), Some((1u32, MAX_ANNOUNCEMENT).encode()));
		assert_ok!(Documents::remove_document(origin(OWNER), 1));
		assert_eq!(allowance(), None);
	});
}

#[test]
fn a_node_that_falls_silent_loses_the_replica_and_a_part_of_its_stake() {
	with_document(|sealed| {
		let silent = holder(0).expect("it was confirmed");
		let status = || Documents::storage_node(account(silent)).map(|node| node.status);
		let minimum = genesis_tier(Role::Storage).minimum;
		let mut faults = Vec::new();
		// Six working blocks in one: the agenda keeps up with eight, and there are ten to answer in.
		for _ in 0..26 * ChallengePeriod::get() / 6 {
			pass(5);
			answer_for(1, sealed, Some(silent));
			for (id, penalty) in Slashing::pending_penalties(account(silent)) {
				if !faults.contains(&(id, penalty.fault)) {
					faults.push((id, penalty.fault));
				}
			}
		}
		assert_eq!(status(), Some(NodeStatus::Suspended));
		let count = |fault| faults.iter().filter(|(_, found)| *found == fault).count();
		assert_eq!(count(Fault::FailedStorageProof), 3);
		assert_eq!(count(Fault::LostReplica), 1);
		assert_ne!(holder(0), Some(silent));
		assert!(ALL[1..].iter().all(|replica| holder(*replica).is_some()), "others answered");

		let stake = || NodeRegistry::node(account(silent)).map(|node| node.stake);
		assert!(stake() < Some(minimum), "{:?}", stake());
	});
}

fn refused(why: InvalidTransaction) -> ApplyExtrinsicResult {
	Err(TransactionValidityError::Invalid(why))
}

#[test]
fn a_node_can_not_answer_for_another_replica_nor_by_bytes_that_were_changed() {
	with_document(|sealed| {
		let path = holder(0).expect("it was confirmed");
		to_challenge(path);
		let challenge = Documents::due_challenges(account(path)).remove(0);
		let wrong = || refused(InvalidTransaction::Custom(WRONG_PROOF));

		// All that it needs is there, but of another replica.
		let sibling = (challenge.replica + 1) % 3;
		let blocks = sealed.path(sibling, challenge.leaf);
		assert_eq!(next_block(vec![prove_by(path, &challenge, blocks)]), [wrong()]);

		let blocks = || sealed.path(challenge.replica, challenge.leaf);
		for block in 0..blocks().len() {
			let mut changed = blocks();
			changed[block][0] ^= 1;
			assert_eq!(next_block(vec![prove_by(path, &challenge, changed)]), [wrong()]);
		}
		all_succeed(vec![prove_by(path, &challenge, blocks())]);
		let again = prove_by(path, &challenge, blocks());
		assert_eq!(next_block(vec![again]), [refused(InvalidTransaction::Stale)]);
	});
}

#[test]
fn a_notice_for_another_chain_or_of_another_node_is_refused() {
	with_nodes(|| {
		let sealed = Sealed::new(0);
		all_succeed(vec![publish(OWNER, &sealed, Clock::now() + TERM)]);
		empty_blocks(DrawDelay::get() + 2);
		let (mine, other) = (drawn(0), drawn(1));
		let elsewhere = sp_core::H256::repeat_byte(1);
		let notices = vec![
			notify_on(&elsewhere, mine, DOCUMENT, 0, Act::Confirm),
			notify(other, DOCUMENT, 0, Act::Confirm),
		];
		let expected = [refused(InvalidTransaction::BadProof), refused(InvalidTransaction::Stale)];
		assert_eq!(next_block(notices), expected);
		all_succeed(vec![notify(mine, DOCUMENT, 0, Act::Confirm)]);
	});
}

#[test]
fn anybody_pays_the_treasury_for_a_challenge_and_the_node_has_to_answer_it() {
	with_document(|sealed| {
		let path = holder(1).expect("it was confirmed");
		let treasury = || Balances::free_balance(rwa_runtime::Treasury::account_id());
		let (before, payer) = (treasury(), free(BYSTANDER));
		assert_ok!(Documents::request_challenge(origin(BYSTANDER), DOCUMENT, 1, None));
		let fee = treasury() - before;
		assert_eq!(free(BYSTANDER), payer - fee);
		// As much as the bytes of the answer would cost, or a little more.
		assert!(fee > RWA / 20 && fee < RWA / 5, "{fee}");

		to_challenge(path);
		let least = <<Runtime as Config>::MinChallenges as Get<u32>>::get() as usize;
		assert_eq!(Documents::due_challenges(account(path)).len(), least + 1);
		assert!(answer_for(5, sealed, None) > least);
		assert_eq!(Documents::storage_node(account(path)).map(|node| node.strikes), Some(0));
	});
}

#[test]
fn duties_are_taken_while_the_chain_is_halted_and_nobody_is_late() {
	with_document(|sealed| {
		let path = holder(0).expect("it was confirmed");
		to_challenge(path);
		let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
		all_succeed(vec![sudo(enter)]);
		assert!(SafeMode::is_entered());
		let halted = Err(DispatchError::from(frame_system::Error::<Runtime>::CallFiltered));
		let call = Call::<Runtime>::remove_document { document: DOCUMENT };
		assert_eq!(next_block(vec![signed(OWNER, call)]), [Ok(halted)]);

		// Far longer than there is time to answer.
		empty_blocks(2 * ChallengePeriod::get());
		let open = Documents::due_challenges(account(path));
		assert!(!open.is_empty());
		all_succeed(answers(path, sealed));
		all_succeed(vec![notify(path, DOCUMENT, 0, Act::HandOver)]);

		let exit = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_exit {});
		all_succeed(vec![sudo(exit)]);
		answer_for(DrawDelay::get() + 1, sealed, None);
		assert_eq!(Documents::storage_node(account(path)).map(|node| node.strikes), Some(0));
		assert_ne!(drawn(0), path);
	});
}

#[test]
fn duties_cannot_be_paused() {
	chain("local_testnet").execute_with(|| {
		let pause = |call: &str| {
			let name = |text: &str| text.as_bytes().to_vec().try_into().expect("names are short");
			TxPause::pause(RuntimeOrigin::root(), (name("Documents"), name(call)))
		};
		assert_ok!(pause("register_document"));
		for call in ["notify", "prove"] {
			assert_noop!(pause(call), pallet_tx_pause::Error::<Runtime>::Unpausable);
		}
	});
}

#[test]
fn who_holds_replicas_can_not_leave_the_registry_nor_take_its_stake() {
	use pallet_rwa_node_registry::Error as Registry;
	with_document(|_| {
		let path = holder(0).expect("it was confirmed");
		let on_duty = Registry::<Runtime>::StillOnDuty;
		assert_noop!(NodeRegistry::deregister(origin(path)), on_duty);
		assert_noop!(NodeRegistry::unbond(origin(path), 1), Registry::<Runtime>::StillOnDuty);
		let idle = OPERATORS
			.into_iter()
			.find(|path| ALL.iter().all(|replica| holder(*replica) != Some(*path)));
		let idle = idle.expect("there are more nodes than replicas");
		assert_ok!(NodeRegistry::deregister(origin(idle)));
		// Its seat is its own as long as its stake can be reached.
		let seat = || Documents::storage_node(account(idle));
		let remove = || Documents::remove_node(origin(BYSTANDER), account(idle));
		assert_noop!(remove(), Error::<Runtime>::StillRegistered);
		pass(<Runtime as pallet_rwa_node_registry::Config>::UnbondingPeriod::get());
		assert_ok!(NodeRegistry::withdraw_unbonded(origin(idle)));
		assert_ok!(remove());
		assert_eq!(seat(), None);
	});
}

#[test]
fn the_constants_are_what_was_asked_for() {
	chain("staging").execute_with(|| {
		assert_eq!(REPLICAS, 3);
		assert_eq!(StorageGrace::get(), 30 * DAYS);
		assert!(u64::from(DrawDelay::get()) > 2 * EPOCH_DURATION_IN_SLOTS);

		let each = <<Runtime as Config>::MinChallenges as Get<u32>>::get();
		let a_day = each * DAYS / ChallengePeriod::get();
		// A node that lacks a tenth of what it holds passes a day once in a hundred times at most.
		let unseen = 0.9f64.powi(i32::try_from(a_day).expect("it is small"));
		assert!(unseen <= 0.01, "{unseen}");
		// A hundred nodes of the least stake, whose files have 100 MiB: at most 50 MiB a day. Beside its blocks a proof has
		// its signature, and what every transaction has.
		let proof = Layout::DOCUMENT.max_proof(100 << 20) + 200;
		let growth = 100 * u64::from(a_day) * proof;
		assert!(growth <= 50 << 20, "{growth} bytes a day");

		let (loss, period) =
			(<<Runtime as Config>::LossLimit as Get<u32>>::get(), ChallengePeriod::get());
		assert_eq!(loss * period, 24 * HOURS);
	});
}

#[test]
fn the_configuration_is_sound_at_every_tempo() {
	chain("staging").execute_with(|| {
		for tempo in [1u32, 3, 72, 1_000, TEMPO] {
			set_tempo(tempo);
			<Documents as Hooks<BlockNumber>>::integrity_test();
		}
	});
}

/// Bytes of the largest entry of a storage item.
fn largest(storage: &str) -> u32 {
	let infos = <Documents as StorageInfoTrait>::storage_info();
	let info = infos.iter().find(|info| info.storage_name == storage.as_bytes());
	// Before it stand the hashes of the pallet's name and its own.
	32 + info.expect("there is such an item").max_size.expect("it is bounded")
}

/// Whether entries, so many of each item, cost no more than `held`.
fn assert_paid_for(held: Balance, entries: &[(u32, &str)]) {
	let count: u32 = entries.iter().map(|(count, _)| count).sum();
	let bytes: u32 = entries.iter().map(|(count, storage)| count * largest(storage)).sum();
	assert!(held >= deposit(count, bytes), "{count} entries have {bytes} bytes: {entries:?}");
}

#[test]
fn what_is_in_the_state_is_paid_for_by_deposits() {
	let document = [
		(1, "Documents"),
		(3, "Cids"),
		(1, "DocumentsOf"),
		(6, "Slots"),
		(6, "SlotSums"),
		(4, "Due"),
		(4, "Agenda"),
	];
	assert_paid_for(DocumentDeposit::get(), &document);
	assert_paid_for(EnvelopeDeposit::get(), &[(1, "Envelopes")]);
	assert_paid_for(ReaderKeyDeposit::get(), &[(1, "ReaderKeys")]);
	let node = [
		(1, "StorageNodes"),
		(1, "Seats"),
		(1, "SeatSums"),
		(1, "Rounds"),
		(1, "Due"),
		(1, "Agenda"),
		(14, "SlotSums"),
	];
	assert_paid_for(StorageNodeDeposit::get(), &node);
}

/// Bytes of all entries of some storage items, keys and values.
fn bytes_of(items: &[&str]) -> usize {
	let total = |item: &&str| {
		let prefix =
			[sp_io::hashing::twox_128(b"Documents"), sp_io::hashing::twox_128(item.as_bytes())];
		let prefix = prefix.concat();
		let next =
			|key: &Vec<u8>| sp_io::storage::next_key(key).filter(|key| key.starts_with(&prefix));
		let keys = core::iter::successors(next(&prefix), next);
		let sizes =
			keys.map(|key| key.len() + sp_io::storage::get(&key).map_or(0, |value| value.len()));
		sizes.sum::<usize>()
	};
	items.iter().map(total).sum()
}

#[test]
fn a_document_takes_some_bytes_of_the_state_and_an_envelope_fewer() {
	let items = ["Documents", "Cids", "DocumentsOf", "Slots", "SlotSums", "Due", "Agenda"];
	let keep = |number: u64| {
		let sealed = Sealed::new(number as usize);
		all_succeed(vec![publish(OWNER, &sealed, Clock::now() + TERM)]);
		empty_blocks(DrawDelay::get() + 2);
		let confirm = |replica: ReplicaIndex| {
			let entry = &stored(number).replicas[usize::from(replica)];
			let place = entry.placement.newcomer().expect("a node was drawn");
			notify(operator(&place.node), number, replica, Act::Confirm)
		};
		all_succeed(ALL.map(confirm).into());
	};
	with_nodes(|| {
		keep(0);
		let before = bytes_of(&items);
		(1..9).for_each(keep);
		let held = (bytes_of(&items) - before) / 8;
		all_succeed(vec![give_key(DELEGATE)]);
		all_succeed(vec![seal(OWNER, DOCUMENT, Purpose::Repair, DELEGATE)]);
		// As docs/documents.md says.
		assert!((1_900..2_100).contains(&held), "{held}");
		assert_eq!(bytes_of(&["Envelopes"]), 245);
		assert_eq!(publish(OWNER, &Sealed::new(9), Clock::now() + TERM).encoded_size(), 239);
	});
}
