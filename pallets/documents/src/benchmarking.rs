//! What the pallet's calls and hooks cost at their worst.
//!
//! At its worst every document has three holders and three heirs, all of whom are to be paid, and none of whose rounds is
//! open, so that freeing a slot changes all sums above it; every list is as long as it gets.

use alloc::vec::Vec;

use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{Authorize, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use rwa_primitives::{
	app_key::{AppPublic, AppSignature},
	ipfs::{Cid, Codec, Layout},
	storage::{
		Act, DocumentId, DocumentKind, Notice, ProofBlocks, ReplicaIndex, StorageProof,
		MAX_PROOF_BLOCKS, REPLICAS,
	},
	traits::WorkingTime,
	AssetId,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::{
	traits::{One, Saturating, Zero},
	transaction_validity::TransactionSource,
	SaturatedConversion,
};

use crate::{
	dag::{node, Child},
	functions::{
		documents::REPLICA_NUMBERS, eviction::MAX_LOOKS, placement::MAX_DRAWS, rounds::MAX_CHANGES,
		LEAVE_STEP,
	},
	*,
};

const ASSET: AssetId = 0;
const SEED: u32 = 0;

/// Makes nodes and assets, which other pallets have.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `account` an active storage operator with the app key `key` and money, in the region and on the
	/// machine of number `place`. There are at least 600 regions.
	fn register_storage_node(account: &AccountId, key: &AppPublic, place: u32);

	/// Makes `account` the owner of `asset`, and gives it money.
	fn own(account: &AccountId, asset: AssetId);

	/// Gives `account` money.
	fn endow(account: &AccountId);
}

// --- People --------------------------------------------------------------------------------------

/// A storage node in place number `place`, with room for `capacity`. Gives it and its key.
fn serve<T: Config>(
	name: &'static str,
	place: u32,
	capacity: u64,
) -> Result<(T::AccountId, AppPublic), BenchmarkError> {
	let account: T::AccountId = account(name, place, SEED);
	let key = AppPublic::generate_pair(None);
	T::BenchmarkHelper::register_storage_node(&account, &key, place);
	Pallet::<T>::do_declare_capacity(account.clone(), capacity)?;
	// As if it had done so long ago.
	Pallet::<T>::unschedule(&Task::Node(account.clone()));
	change_node::<T>(&account, |node| node.counts_at = Zero::zero());
	Ok((account, key))
}

/// Changes a node, and lets its weight follow.
fn change_node<T: Config>(account: &T::AccountId, change: impl FnOnce(&mut StorageNodeOf<T>)) {
	if let Some(mut node) = StorageNodes::<T>::get(account) {
		change(&mut node);
		Pallet::<T>::refresh_weight(account, &mut node);
		StorageNodes::<T>::insert(account, node);
	}
}

/// Gives a node room for so many leaves, as if it had proven as many.
fn make_room<T: Config>(account: &T::AccountId, leaves: u64) {
	let bytes = leaves.saturating_mul(Layout::DOCUMENT.chunk().into());
	change_node::<T>(account, |node| (node.capacity, node.proven) = (bytes, bytes));
}

/// Nodes that are drawn before any other, with room for so many leaves each, and weigh nothing when they are looked at:
/// that is written, and the draw tried again. There are as many as a draw is tried in vain at most.
fn stale<T: Config>(first: u32, leaves: u64) -> Result<Vec<T::AccountId>, BenchmarkError> {
	(1..MAX_DRAWS)
		.map(|number| {
			let (account, _) = serve::<T>("stale", first.saturating_add(number), 0)?;
			make_room::<T>(&account, leaves);
			StorageNodes::<T>::mutate_extant(&account, |node| node.capacity = 0);
			Ok(account)
		})
		.collect()
}

fn weighs_nothing<T: Config>(account: &T::AccountId) -> bool {
	StorageNodes::<T>::get(account).is_some_and(|node| node.weight.is_zero())
}

fn owner<T: Config>() -> T::AccountId {
	let owner = account("owner", 0, SEED);
	T::BenchmarkHelper::own(&owner, ASSET);
	T::BenchmarkHelper::endow(&owner);
	owner
}

fn reader<T: Config>(number: u32) -> Result<(T::AccountId, KeyVersion), BenchmarkError> {
	let reader: T::AccountId = account("reader", number, SEED);
	T::BenchmarkHelper::endow(&reader);
	Pallet::<T>::do_set_reader_key(reader.clone(), [1; 32])?;
	let key = ReaderKeys::<T>::get(&reader).ok_or("no key")?;
	Ok((reader, key.version))
}

fn sealed<T: Config>() -> SealedOf<T> {
	BoundedVec::truncate_from(alloc::vec![7; T::MaxEnvelopeSize::get() as usize])
}

// --- Documents -----------------------------------------------------------------------------------

/// The end of a document that lives as long as it may.
fn end<T: Config>() -> BlockNumberFor<T> {
	T::WorkingTime::now().saturating_add(T::MaxTerm::get())
}

/// Files of the least size: paying for larger ones is only another number.
fn files<T: Config>(number: u64) -> [File; REPLICAS] {
	let size = T::MinReplicaSize::get();
	let codec = if Layout::DOCUMENT.leaves(size).get() > 1 { Codec::DagPb } else { Codec::Raw };
	[0u8, 1, 2].map(|replica| {
		let digest = sp_io::hashing::blake2_256(&(number, replica).encode());
		File { cid: Cid::new(codec, digest), size }
	})
}

/// A document of the owner's that nobody holds.
fn publish<T: Config>(owner: &T::AccountId) -> Result<DocumentId, BenchmarkError> {
	T::BenchmarkHelper::endow(owner);
	let id = NextDocument::<T>::get();
	let (kind, files) = (DocumentKind::Title, files::<T>(id));
	Pallet::<T>::do_register_document(owner.clone(), ASSET, kind, end::<T>(), files)?;
	Ok(id)
}

fn change<T: Config>(id: DocumentId, change: impl FnOnce(&mut DocumentOf<T>)) {
	Documents::<T>::mutate_extant(id, change);
}

/// `account` is to take a replica, from its holder if it has one.
fn assign<T: Config>(
	id: DocumentId,
	replica: ReplicaIndex,
	account: &T::AccountId,
) -> Result<(), BenchmarkError> {
	let mut document = Documents::<T>::get(id).ok_or("no document")?;
	let entry = document.replicas.get_mut(usize::from(replica)).ok_or("no replica")?;
	let mut node = StorageNodes::<T>::get(account).ok_or("no node")?;
	let slot = Pallet::<T>::take_slot(account, &mut node, id, replica, entry.file.size)
		.ok_or("no slot")?;
	StorageNodes::<T>::insert(account, node);
	let place = Place { node: account.clone(), slot };
	entry.placement = match entry.placement.clone() {
		Placement::Held { place: from, paid_to, .. } => {
			Placement::HandingOver { place: from, paid_to, heir: place }
		}
		_ => Placement::Assigned { place, repair: None, failures: 0 },
	};
	Documents::<T>::insert(id, document);
	Pallet::<T>::schedule(Task::Replica(id, replica), end::<T>());
	Ok(())
}

/// `account` holds a replica.
fn keep<T: Config>(
	id: DocumentId,
	replica: ReplicaIndex,
	account: &T::AccountId,
) -> Result<(), BenchmarkError> {
	assign::<T>(id, replica, account)?;
	let mut document = Documents::<T>::get(id).ok_or("no document")?;
	Pallet::<T>::confirm(id, &mut document, replica);
	Documents::<T>::insert(id, document);
	Ok(())
}

/// A round of `account`'s is open, with `sampled` challenges, none of them answered.
fn begin_round<T: Config>(account: &T::AccountId, sampled: u32, fixed: Vec<Asked>) {
	StorageNodes::<T>::mutate_extant(account, |node| {
		node.round = 1;
		let now = T::WorkingTime::now();
		let round = Round {
			index: 1,
			seed: H256::repeat_byte(7),
			opened_at: now,
			deadline: now.saturating_add(T::ChallengeTime::get()),
			congested: CongestedBlocks::<T>::get(),
			fixed: BoundedVec::truncate_from(fixed),
			sampled,
			leaves: node.leaves,
			answered: 0,
		};
		Pallet::<T>::schedule(Task::Node(account.clone()), round.deadline);
		Rounds::<T>::insert(account, round);
	});
}

/// A storage node, and its key.
type Known<T> = (<T as frame_system::Config>::AccountId, AppPublic);

/// A document whose three holders are to be paid, and hand over to three heirs; no round is open. Gives it, the first
/// holder and the first heir.
fn busy_document<T: Config>(
	owner: &T::AccountId,
) -> Result<(DocumentId, Known<T>, Known<T>), BenchmarkError> {
	let id = publish::<T>(owner)?;
	let mut first = None;
	for replica in REPLICA_NUMBERS {
		let (holder, holders_key) = serve::<T>("holder", replica.into(), u64::MAX)?;
		let (heir, key) = serve::<T>("heir", u32::from(replica).saturating_add(10), u64::MAX)?;
		keep::<T>(id, replica, &holder)?;
		assign::<T>(id, replica, &heir)?;
		StorageNodes::<T>::mutate_extant(&holder, |node| {
			node.passed = node.passed.saturating_add(One::one());
		});
		first.get_or_insert(((holder, holders_key), (heir, key)));
	}
	let (holder, heir) = first.ok_or("no replica")?;
	Ok((id, holder, heir))
}

/// A document has as many envelopes.
fn seal<T: Config>(owner: &T::AccountId, id: DocumentId, count: u32) -> Result<(), BenchmarkError> {
	let readers = T::MaxEnvelopes::get();
	for number in 0..count {
		T::BenchmarkHelper::endow(owner);
		let (reader, version) = reader::<T>(number)?;
		let purpose = if number < readers { Purpose::Read } else { Purpose::Repair };
		Pallet::<T>::do_add_envelope(owner.clone(), id, purpose, reader, version, sealed::<T>())?;
	}
	Ok(())
}

fn expired<T: Config>(id: DocumentId) {
	change::<T>(id, |document| document.stage = Stage::Expired);
}

/// Documents of one leaf a replica, one replica of each kept by `account`.
fn fill<T: Config>(
	owner: &T::AccountId,
	account: &T::AccountId,
	count: u32,
) -> Result<Vec<DocumentId>, BenchmarkError> {
	(0..count)
		.map(|_| {
			let id = publish::<T>(owner)?;
			keep::<T>(id, 0, account)?;
			Ok(id)
		})
		.collect()
}

fn most_challenges<T: Config>() -> u32 {
	T::MaxChallenges::get().saturating_add(T::MaxRechecks::get())
}

// --- Proofs --------------------------------------------------------------------------------------

/// Bytes of a full file of this height.
fn full(height: u32) -> u64 {
	let leaves = u64::from(Layout::DOCUMENT.links()).saturating_pow(height);
	leaves.saturating_mul(Layout::DOCUMENT.chunk().into())
}

/// The blocks from the root of a full file of `height` down to leaf number `leaf`, and its CID. What is beside the
/// way is invented: nobody looks at it.
fn path(height: u32, leaf: u64) -> Result<(Cid, ProofBlocks), BenchmarkError> {
	let links = u64::from(Layout::DOCUMENT.links());
	let bytes = alloc::vec![7u8; Layout::DOCUMENT.chunk() as usize];
	let length = bytes.len() as u64;
	let mut below = Child {
		cid: Cid::new(Codec::Raw, sp_io::hashing::sha2_256(&bytes)),
		share: length,
		total: length,
	};
	let mut blocks = alloc::vec![bytes];
	let mut index = leaf;
	for _ in 0..height {
		let here = index.checked_rem(links).ok_or("no links")?;
		index = index.checked_div(links).ok_or("no links")?;
		let children: Vec<Child> = (0..links)
			.map(|number| match number == here {
				true => below,
				false => Child { cid: Cid::new(below.cid.codec, [9; 32]), ..below },
			})
			.collect();
		let bytes = node(&children);
		let total =
			children.iter().fold(bytes.len() as u64, |sum, child| sum.saturating_add(child.total));
		below = Child {
			cid: Cid::new(Codec::DagPb, sp_io::hashing::sha2_256(&bytes)),
			share: below.share.saturating_mul(links),
			total,
		};
		blocks.push(bytes);
	}
	blocks.reverse();
	let blocks: Vec<_> = blocks
		.into_iter()
		.map(BoundedVec::try_from)
		.collect::<Result<_, _>>()
		.map_err(|_| "a block is too large")?;
	Ok((below.cid, blocks.try_into().map_err(|_| "too many blocks")?))
}

/// A proof of `n` blocks, the last that its round waits for, about a leaf that is found through the whole tree.
fn signed_proof<T: Config>(n: u32) -> Result<(StorageProof, AppSignature), BenchmarkError> {
	let owner = owner::<T>();
	let (account, key) = serve::<T>("holder", 0, u64::MAX)?;
	let id = publish::<T>(&owner)?;
	let height = n.saturating_sub(1);
	change::<T>(id, |document| {
		if let Some(entry) = document.replicas.first_mut() {
			entry.file.size = full(height);
		}
	});
	keep::<T>(id, 0, &account)?;
	let challenge = most_challenges::<T>().saturating_sub(1);
	begin_round::<T>(&account, most_challenges::<T>(), Vec::new());
	let round = Rounds::<T>::mutate(&account, |round| {
		if let Some(round) = round {
			(0..challenge).for_each(|number| round.note_answer(number));
		}
		round.clone()
	})
	.ok_or("no round")?;
	let target = Pallet::<T>::target(&account, &round, challenge).map_err(|_| "no target")?;
	let (cid, blocks) = path(height, target.leaf)?;
	change::<T>(id, |document| {
		if let Some(entry) = document.replicas.first_mut() {
			entry.file.cid = cid;
		}
	});
	let proof = StorageProof { key: key.clone(), round: round.index, challenge, blocks };
	let payload = proof.signing_payload(&Pallet::<T>::genesis_hash());
	let signature = key.sign(&payload).ok_or("the keystore did not sign")?;
	Ok((proof, signature))
}

/// What a node says about replica 0.
fn signed_notice<T: Config>(
	id: DocumentId,
	key: AppPublic,
	act: Act,
) -> Result<(Notice, AppSignature), BenchmarkError> {
	let epoch = Documents::<T>::get(id)
		.and_then(|document| document.replicas.first().map(|entry| entry.epoch))
		.ok_or("no replica")?;
	let notice = Notice { key: key.clone(), document: id, replica: 0, epoch, act };
	let payload = notice.signing_payload(&Pallet::<T>::genesis_hash());
	let signature = key.sign(&payload).ok_or("the keystore did not sign")?;
	Ok((notice, signature))
}

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

#[benchmarks(where <T as frame_system::Config>::RuntimeCall: From<Call<T>>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_document() -> Result<(), BenchmarkError> {
		let owner = owner::<T>();
		let files = files::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), ASSET, DocumentKind::Title, end::<T>(), files);

		assert!(Documents::<T>::contains_key(0));
		Ok(())
	}

	#[benchmark]
	fn renew_document() -> Result<(), BenchmarkError> {
		// Worst case: expired, and three holders are to be paid.
		let owner = owner::<T>();
		let (id, ..) = busy_document::<T>(&owner)?;
		expired::<T>(id);
		let now = T::WorkingTime::now();
		change::<T>(id, |document| document.expires_at = now);
		T::BenchmarkHelper::endow(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, end::<T>());

		let document = Documents::<T>::get(id).ok_or("no document")?;
		assert_eq!((document.stage, document.expires_at), (Stage::Live, end::<T>()));
		Ok(())
	}

	#[benchmark]
	fn top_up() -> Result<(), BenchmarkError> {
		let id = publish::<T>(&owner::<T>())?;
		let giver: T::AccountId = account("giver", 0, SEED);
		T::BenchmarkHelper::endow(&giver);
		let before = Documents::<T>::get(id).map_or(0, |document| document.funds);

		#[extrinsic_call]
		_(RawOrigin::Signed(giver), id, 1);

		let funds = Documents::<T>::get(id).map_or(0, |document| document.funds);
		assert_eq!(funds, before.saturating_add(1));
		Ok(())
	}

	#[benchmark]
	fn remove_document(
		n: Linear<0, { T::MaxEnvelopes::get().saturating_add(T::MaxRepairers::get()) }>,
	) -> Result<(), BenchmarkError> {
		let owner = owner::<T>();
		let (id, (holder, _), _) = busy_document::<T>(&owner)?;
		seal::<T>(&owner, id, n)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert!(!Documents::<T>::contains_key(id));
		assert_eq!(Envelopes::<T>::iter_prefix((id,)).count(), 0);
		// Its slot is free at once, and with it all sums above.
		let node = StorageNodes::<T>::get(holder).ok_or("no node")?;
		assert_eq!((node.leaves, node.first_free), (0, Some(0)));
		Ok(())
	}

	#[benchmark]
	fn set_reader_key() -> Result<(), BenchmarkError> {
		let reader: T::AccountId = account("reader", 0, SEED);
		T::BenchmarkHelper::endow(&reader);

		#[extrinsic_call]
		_(RawOrigin::Signed(reader.clone()), [1; 32]);

		assert!(ReaderKeys::<T>::contains_key(reader));
		Ok(())
	}

	#[benchmark]
	fn remove_reader_key() -> Result<(), BenchmarkError> {
		let (reader, version) = reader::<T>(0)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(reader.clone()));

		assert_last_event::<T>(Event::ReaderKeyRemoved { reader, version });
		Ok(())
	}

	#[benchmark]
	fn add_envelope() -> Result<(), BenchmarkError> {
		// Worst case: a repairer, for whom one that was only proposed gives way.
		let owner = owner::<T>();
		let (id, ..) = busy_document::<T>(&owner)?;
		change::<T>(id, |document| {
			let proposed = (0..T::MaxRepairers::get()).map(|number| Repairer {
				account: account("proposed", number, SEED),
				ready: false,
			});
			document.repairers = BoundedVec::truncate_from(proposed.collect());
		});
		let (reader, version) = reader::<T>(0)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, Purpose::Repair, reader.clone(), version, sealed::<T>());

		let document = Documents::<T>::get(id).ok_or("no document")?;
		let last = document.repairers.last().ok_or("no repairer")?;
		assert_eq!(*last, Repairer { account: reader, ready: true });
		Ok(())
	}

	#[benchmark]
	fn revoke_envelope() -> Result<(), BenchmarkError> {
		let owner = owner::<T>();
		let (id, ..) = busy_document::<T>(&owner)?;
		let all = T::MaxEnvelopes::get().saturating_add(T::MaxRepairers::get());
		seal::<T>(&owner, id, all)?;
		let last: T::AccountId = account("reader", all.saturating_sub(1), SEED);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, Purpose::Repair, last.clone());

		assert!(!Envelopes::<T>::contains_key((id, Purpose::Repair, last)));
		Ok(())
	}

	#[benchmark]
	fn declare_capacity() -> Result<(), BenchmarkError> {
		let node: T::AccountId = account("node", 0, SEED);
		T::BenchmarkHelper::register_storage_node(&node, &AppPublic::generate_pair(None), 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(node.clone()), u64::MAX);

		assert!(Due::<T>::contains_key(Task::Node(node)));
		Ok(())
	}

	#[benchmark]
	fn leave(
		n: Linear<0, { LEAVE_STEP.min(T::MaxReplicasPerNode::get()) }>,
	) -> Result<(), BenchmarkError> {
		// Worst case: all that it held was removed while its round was open, and somebody else gets its seat.
		let owner = owner::<T>();
		let (node, _) = serve::<T>("node", 0, u64::MAX)?;
		serve::<T>("node", 1, u64::MAX)?;
		let documents = fill::<T>(&owner, &node, n)?;
		begin_round::<T>(&node, 1, Vec::new());
		for id in documents {
			Pallet::<T>::do_remove_document(owner.clone(), id)?;
		}
		Rounds::<T>::remove(&node);

		#[extrinsic_call]
		_(RawOrigin::Signed(node.clone()));

		assert_last_event::<T>(Event::NodeLeft { node, remaining: 0 });
		Ok(())
	}

	#[benchmark]
	fn notify() -> Result<(), BenchmarkError> {
		// Worst case: an heir confirms, so that its predecessor is paid and freed.
		let (id, _, (_, key)) = busy_document::<T>(&owner::<T>())?;
		let (notice, signature) = signed_notice::<T>(id, key, Act::Confirm)?;

		#[extrinsic_call]
		_(RawOrigin::Authorized, notice, signature);

		let document = Documents::<T>::get(0).ok_or("no document")?;
		let first = document.replicas.first().ok_or("no replica")?;
		assert!(matches!(first.placement, Placement::Held { .. }));
		Ok(())
	}

	#[benchmark]
	fn declare_fault() -> Result<(), BenchmarkError> {
		// Worst case: it was being handed over, and is to be paid.
		let (id, (holder, key), _) = busy_document::<T>(&owner::<T>())?;
		T::BenchmarkHelper::endow(&holder);
		let (notice, signature) = signed_notice::<T>(id, key, Act::DeclareFault)?;

		#[extrinsic_call]
		notify(RawOrigin::Authorized, notice, signature);

		let document = Documents::<T>::get(id).ok_or("no document")?;
		let first = document.replicas.first().ok_or("no replica")?;
		assert!(matches!(first.placement, Placement::Waiting { lost: true, .. }));
		Ok(())
	}

	#[benchmark]
	fn confirm_repair() -> Result<(), BenchmarkError> {
		let owner = owner::<T>();
		let (id, _, (heir, key)) = busy_document::<T>(&owner)?;
		let repairer: T::AccountId = account("repairer", 0, SEED);
		T::BenchmarkHelper::endow(&repairer);
		change::<T>(id, |document| {
			Pallet::<T>::lose(id, document, 0, Loss::Declared);
		});
		assign::<T>(id, 0, &heir)?;
		change::<T>(id, |document| {
			let Some(first) = document.replicas.first_mut() else { return };
			let fee = Pallet::<T>::repair_fee(&first.file);
			if let Placement::Assigned { repair, .. } = &mut first.placement {
				*repair = Some(Repair { repairer: Some(repairer.clone()), fee });
				document.promised = fee;
			}
		});
		let before = Documents::<T>::get(id).map_or(0, |document| document.funds);
		let (notice, signature) = signed_notice::<T>(id, key, Act::Confirm)?;

		#[extrinsic_call]
		notify(RawOrigin::Authorized, notice, signature);

		let document = Documents::<T>::get(id).ok_or("no document")?;
		assert!(document.funds < before && document.promised.is_zero());
		Ok(())
	}

	#[benchmark]
	fn authorize_notify() -> Result<(), BenchmarkError> {
		// Worst case: nothing is wrong, so that every check is made, and the balance of who pays is looked at.
		let (id, (holder, key), _) = busy_document::<T>(&owner::<T>())?;
		T::BenchmarkHelper::endow(&holder);
		let (notice, signature) = signed_notice::<T>(id, key, Act::DeclareFault)?;
		let call: <T as frame_system::Config>::RuntimeCall =
			Call::notify { notice, signature }.into();

		#[block]
		{
			call.authorize(TransactionSource::InBlock)
				.ok_or("the call can't be authorised")?
				.map_err(|_| "the notice was refused")?;
		}

		Ok(())
	}

	#[benchmark]
	fn prove(n: Linear<1, { MAX_PROOF_BLOCKS }>) -> Result<(), BenchmarkError> {
		let (proof, signature) = signed_proof::<T>(n)?;

		#[extrinsic_call]
		_(RawOrigin::Authorized, proof, signature);

		assert!(Rounds::<T>::iter_values().all(|round| round.is_complete()));
		Ok(())
	}

	#[benchmark]
	fn authorize_prove(n: Linear<1, { MAX_PROOF_BLOCKS }>) -> Result<(), BenchmarkError> {
		let (proof, signature) = signed_proof::<T>(n)?;
		let call: <T as frame_system::Config>::RuntimeCall =
			Call::prove { proof, signature }.into();

		#[block]
		{
			call.authorize(TransactionSource::InBlock)
				.ok_or("the call can't be authorised")?
				.map_err(|_| "the proof was refused")?;
		}

		Ok(())
	}

	#[benchmark]
	fn request_challenge() -> Result<(), BenchmarkError> {
		let (id, (holder, _), _) = busy_document::<T>(&owner::<T>())?;
		let by: T::AccountId = account("asker", 0, SEED);
		T::BenchmarkHelper::endow(&by);

		#[extrinsic_call]
		_(RawOrigin::Signed(by), id, 0, Some(0));

		let node = StorageNodes::<T>::get(holder).ok_or("no node")?;
		assert_eq!(node.rechecks.len(), 1);
		Ok(())
	}

	#[benchmark]
	fn claim(n: Linear<1, { MAX_CLAIMS }>) -> Result<(), BenchmarkError> {
		// Worst case: documents of different owners, whose accounts are read as well, and holders.
		let mut replicas = Vec::new();
		for number in 0..n {
			let owner: T::AccountId = account("owner", number, SEED);
			T::BenchmarkHelper::own(&owner, ASSET);
			T::BenchmarkHelper::endow(&owner);
			let place = number.checked_rem(T::MaxNodes::get()).ok_or("no nodes")?;
			let (node, _) = serve::<T>("node", place, u64::MAX)?;
			let id = publish::<T>(&owner)?;
			keep::<T>(id, 0, &node)?;
			StorageNodes::<T>::mutate_extant(&node, |node| {
				node.passed = node.passed.saturating_add(One::one());
			});
			replicas.push((id, 0));
		}
		let replicas = Claims::truncate_from(replicas);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner::<T>()), replicas.clone());

		let unpaid = |(id, replica): &(DocumentId, ReplicaIndex)| {
			!Pallet::<T>::claimable_now(*id, *replica).is_zero()
		};
		assert!(!replicas.iter().any(unpaid));
		Ok(())
	}

	#[benchmark]
	fn agenda_halted() -> Result<(), BenchmarkError> {
		let running;

		#[block]
		{
			// All that a halted block does.
			running = T::WorkingTime::is_running();
		}

		assert!(running);
		Ok(())
	}

	#[benchmark]
	fn agenda_base() -> Result<(), BenchmarkError> {
		let now: BlockNumberFor<T> = T::WorkingTime::now();
		for lane in Lane::IN_ORDER {
			AgendaCursor::<T>::insert(lane, now.saturating_add(One::one()));
		}

		#[block]
		{
			Pallet::<T>::handle_agenda(now);
			Pallet::<T>::note_congestion();
		}

		let cursor = AgendaCursor::<T>::get(Lane::Documents);
		assert_eq!(cursor, Some(now.saturating_add(One::one())));
		Ok(())
	}

	#[benchmark]
	fn agenda_bucket(n: Linear<0, { T::MaxDuePerBlock::get() }>) -> Result<(), BenchmarkError> {
		let at = end::<T>();
		for number in 0..n {
			Pallet::<T>::schedule(Task::Document(number.into()), at);
		}
		let found;

		#[block]
		{
			found = Pallet::<T>::due_in(Lane::Documents, at, T::MaxDuePerBlock::get());
		}

		assert_eq!(found.len(), n as usize);
		Ok(())
	}

	#[benchmark]
	fn open_round() -> Result<(), BenchmarkError> {
		let owner = owner::<T>();
		let (node, _) = serve::<T>("node", 0, u64::MAX)?;
		fill::<T>(&owner, &node, T::MaxRechecks::get())?;
		StorageNodes::<T>::mutate_extant(&node, |node| {
			let all =
				(0..T::MaxRechecks::get()).map(|slot| Recheck { slot, leaf: Some(0), strikes: 1 });
			node.rechecks = BoundedVec::truncate_from(all.collect());
			// Its weight has changed, which is written.
			node.proven = u32::MAX.into();
		});
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(&Task::Node(node.clone()), now);
		}

		let round = Rounds::<T>::get(node).ok_or("no round")?;
		assert_eq!(round.fixed.len(), T::MaxRechecks::get() as usize);
		Ok(())
	}

	#[benchmark]
	fn apply_changes(n: Linear<0, { MAX_CHANGES }>) -> Result<(), BenchmarkError> {
		let owner = owner::<T>();
		let (node, _) = serve::<T>("node", 0, u64::MAX)?;
		let documents = fill::<T>(&owner, &node, n)?;
		begin_round::<T>(&node, 1, Vec::new());
		for id in documents {
			Pallet::<T>::do_remove_document(owner.clone(), id)?;
		}
		Rounds::<T>::remove(&node);
		let mut entry = StorageNodes::<T>::get(&node).ok_or("no node")?;
		let changed;

		#[block]
		{
			changed = Pallet::<T>::apply_changes(&node, &mut entry, MAX_CHANGES);
		}

		assert_eq!((changed, entry.leaves), (n, 0));
		Ok(())
	}

	#[benchmark]
	fn settle_round(n: Linear<0, { most_challenges::<T>() }>) -> Result<(), BenchmarkError> {
		// Worst case: every challenge is about another replica, nothing was answered, and it was the last straw:
		// two faults. Nothing is lost by it, because all of the node is.
		let owner = owner::<T>();
		let (node, _) = serve::<T>("node", 0, u64::MAX)?;
		fill::<T>(&owner, &node, n.max(1))?;
		let fixed: Vec<_> = (0..n.min(T::MaxRechecks::get())).map(|slot| (slot, Some(0))).collect();
		let sampled = n.saturating_sub(fixed.len().saturated_into());
		StorageNodes::<T>::mutate_extant(&node, |node| {
			node.strikes = T::StrikeLimit::get().saturating_sub(1);
			node.shortfalls = T::LossLimit::get().saturating_sub(1);
		});
		begin_round::<T>(&node, sampled, fixed);
		let later = T::WorkingTime::now().saturating_add(T::ChallengeTime::get());

		#[block]
		{
			Pallet::<T>::handle_due(&Task::Node(node.clone()), later);
		}

		assert!(!Rounds::<T>::contains_key(&node));
		let entry = StorageNodes::<T>::get(&node).ok_or("no node")?;
		assert_eq!(matches!(entry.status, NodeStatus::Evicting { .. }), n > 0);
		Ok(())
	}

	#[benchmark]
	fn lose_replica() -> Result<(), BenchmarkError> {
		// Worst case: it was being handed over.
		let (id, ..) = busy_document::<T>(&owner::<T>())?;

		#[block]
		{
			Documents::<T>::mutate_extant(id, |document| {
				Pallet::<T>::lose(id, document, 0, Loss::Unproven);
			});
		}

		let document = Documents::<T>::get(id).ok_or("no document")?;
		let first = document.replicas.first().ok_or("no replica")?;
		assert!(matches!(first.placement, Placement::Waiting { lost: true, .. }));
		Ok(())
	}

	#[benchmark]
	fn evict(n: Linear<0, { T::MaxEvictionsPerBlock::get() }>) -> Result<(), BenchmarkError> {
		// Worst case: the replicas are in the last slots that a step looks into, and were being handed over.
		let owner = owner::<T>();
		let (node, _) = serve::<T>("node", 0, u64::MAX)?;
		let all = MAX_LOOKS.max(n);
		let documents = fill::<T>(&owner, &node, all)?;
		for (number, id) in (0u32..).zip(documents) {
			if number < all.saturating_sub(n) {
				Pallet::<T>::do_remove_document(owner.clone(), id)?;
			} else {
				let (heir, _) = serve::<T>("heir", number.saturating_add(1), u64::MAX)?;
				assign::<T>(id, 0, &heir)?;
			}
		}
		StorageNodes::<T>::mutate_extant(&node, |node| {
			node.status = NodeStatus::Evicting { next: 0 };
		});
		Pallet::<T>::schedule(Task::Node(node.clone()), end::<T>());
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(&Task::Node(node.clone()), now);
		}

		let taken = StorageNodes::<T>::get(&node).map(|node| node.taken);
		assert_eq!(taken, Some(0));
		Ok(())
	}

	#[benchmark]
	fn draw_replica() -> Result<(), BenchmarkError> {
		// Worst case: all nodes but the last that is tried weigh something else by now, and there is a repairer.
		let owner = owner::<T>();
		let (id, (holder, _), (heir, _)) = busy_document::<T>(&owner)?;
		change::<T>(id, |document| {
			Pallet::<T>::lose(id, document, 0, Loss::Declared);
		});
		seal::<T>(&owner, id, T::MaxEnvelopes::get().saturating_add(T::MaxRepairers::get()))?;
		for account in [holder, heir] {
			change_node::<T>(&account, |node| node.capacity = 0);
		}
		let stale = stale::<T>(20, 1 << 40)?;
		let (fits, _) = serve::<T>("node", 99, T::MinReplicaSize::get())?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(&Task::Replica(id, 0), now);
		}

		let document = Documents::<T>::get(id).ok_or("no document")?;
		let first = document.replicas.first().ok_or("no replica")?;
		assert_eq!(first.placement.newcomer().map(|place| &place.node), Some(&fits));
		assert!(matches!(first.placement, Placement::Assigned { repair: Some(_), .. }));
		assert!(stale.iter().all(weighs_nothing::<T>));
		Ok(())
	}

	#[benchmark]
	fn draw_repairers() -> Result<(), BenchmarkError> {
		// Worst case: each is drawn last, after as many whose weights have changed as there may be. Each group is so much
		// heavier than the next that chance hardly ever makes it another.
		let owner = owner::<T>();
		let (id, ..) = busy_document::<T>(&owner)?;
		let mut all = Vec::new();
		for number in 0..T::DrawnRepairers::get() {
			let place = number.saturating_mul(MAX_DRAWS).saturating_add(20);
			let shift = number.saturating_mul(24);
			all.extend(stale::<T>(place, (1u64 << 48).checked_shr(shift).unwrap_or(0))?);
			let (node, _) = serve::<T>("keyed", place, 0)?;
			make_room::<T>(&node, (1u64 << 36).checked_shr(shift).unwrap_or(0));
			Pallet::<T>::do_set_reader_key(node, [1; 32])?;
		}
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(&Task::Document(id), now);
		}

		let document = Documents::<T>::get(id).ok_or("no document")?;
		assert_eq!(document.stage, Stage::Live);
		assert_eq!(document.repairers.len(), T::DrawnRepairers::get() as usize);
		assert!(all.iter().all(weighs_nothing::<T>));
		Ok(())
	}

	#[benchmark]
	fn refuse_late() -> Result<(), BenchmarkError> {
		let (id, _, (heir, _)) = busy_document::<T>(&owner::<T>())?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(&Task::Replica(id, 0), now);
		}

		let why = Refusal::Late;
		assert_last_event::<T>(Event::ReplicaRefused { document: id, replica: 0, node: heir, why });
		Ok(())
	}

	#[benchmark]
	fn expire_document() -> Result<(), BenchmarkError> {
		let (id, ..) = busy_document::<T>(&owner::<T>())?;
		change::<T>(id, |document| document.stage = Stage::Live);
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(&Task::Document(id), now);
		}

		assert_eq!(Documents::<T>::get(id).map(|document| document.stage), Some(Stage::Expired));
		Ok(())
	}

	#[benchmark]
	fn end_document(
		n: Linear<0, { T::MaxEnvelopes::get().saturating_add(T::MaxRepairers::get()) }>,
	) -> Result<(), BenchmarkError> {
		// Worst case: holders are paid, and have finished a job, whatever it is worth.
		let owner = owner::<T>();
		let (id, ..) = busy_document::<T>(&owner)?;
		seal::<T>(&owner, id, n)?;
		expired::<T>(id);
		change::<T>(id, |document| document.price = T::LeastJob::get().max(document.price));
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(&Task::Document(id), now);
		}

		assert!(!Documents::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn draw_again() -> Result<(), BenchmarkError> {
		let id = publish::<T>(&owner::<T>())?;
		change::<T>(id, |document| {
			for entry in &mut document.replicas {
				let failures = T::MaxTries::get();
				entry.placement = Placement::Waiting { lost: false, avoid: None, failures };
			}
		});
		for replica in REPLICA_NUMBERS {
			Pallet::<T>::unschedule(&Task::Replica(id, replica));
		}
		let by: T::AccountId = account("asker", 0, SEED);

		#[extrinsic_call]
		_(RawOrigin::Signed(by), id);

		assert!(REPLICA_NUMBERS
			.iter()
			.all(|replica| { Due::<T>::contains_key(Task::Replica(id, *replica)) }));
		Ok(())
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::ExtBuilder::default().build_with_keystore(),
		crate::mock::Test
	}
}
