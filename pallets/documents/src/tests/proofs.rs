//! What is a proof, and what is not.

use frame_support::{assert_noop, assert_ok};
use sp_core::{Pair, H256};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

use crate::{mock::*, Error, Event, Rounds, VOID_CHALLENGE, WRONG_PROOF};

fn assert_refused(call: RuntimeCall, error: Error<Test>, why: InvalidTransaction) {
	assert_eq!(authorize(call.clone()), Err(TransactionValidityError::Invalid(why)));
	assert_noop!(dispatch(call).map_err(|error| error.error), error);
}

/// Node 1 holds a replica of a document of `size` bytes, and its round is open.
fn challenged(size: u64, test: impl FnOnce()) {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let id = publish_sized(size);
		place(id);
		to_round(1);
		test();
	});
}

#[test]
fn a_proof_should_be_taken_and_ask_for_no_fee() {
	challenged(SIZE, || {
		let [challenge, _] = &Documents::due_challenges(1)[..] else { panic!("not two") };
		let call = prove_call(answer(1, challenge));
		let valid = authorize(call.clone()).unwrap();
		assert_eq!(valid.priority, ProofPriority::get());
		assert_eq!(valid.longevity, u64::from(ChallengeTime::get()));
		let info = dispatch(call).unwrap();
		assert_eq!(info.pays_fee, frame_support::dispatch::Pays::No);
		let (document, replica) = (challenge.document, challenge.replica);
		assert_eq!(
			last_event(),
			Event::Proven { node: 1, round: 1, challenge: 0, document, replica }
		);
		assert_eq!(Documents::due_challenges(1).len(), 1);
	});
}

#[test]
fn documents_of_every_height_should_be_provable() {
	// One leaf; a leaf and a little; full nodes; one leaf more, which needs another height.
	for size in [4_096, 4_097, 32 * 4_096, 32 * 4_096 + 1, 70 * 4_096 + 5] {
		challenged(size, || {
			AtStake::mutate(|stakes| stakes.insert(1, 1_000_000));
			to_end_of_round(1);
			to_round(1);
			assert!(answer_all(1) >= 8);
			to_next_block();
			assert_eq!(node_entry(1).strikes, 0);
		});
	}
}

#[test]
fn every_leaf_should_be_asked_for() {
	challenged(8 * 4_096, || {
		AtStake::mutate(|stakes| stakes.insert(1, 1_000_000));
		let mut asked = std::collections::BTreeSet::new();
		for _ in 0..20 {
			to_end_of_round(1);
			to_round(1);
			asked.extend(Documents::due_challenges(1).iter().map(|one| one.leaf));
			answer_all(1);
		}
		assert_eq!(asked.into_iter().collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
	});
}

#[test]
fn a_proof_should_be_refused_that_answers_something_else() {
	challenged(SIZE, || {
		let challenges = Documents::due_challenges(1);
		let challenge = &challenges[0];
		let wrong = InvalidTransaction::Custom(WRONG_PROOF);
		let with = |blocks| prove_call(sign_proof(1, 1, 0, blocks));
		let dag = dag(&challenge.file.cid);
		let good = dag.proof(challenge.leaf);

		let other_leaf = dag.proof((challenge.leaf + 1) % 25);
		assert_refused(with(other_leaf), Error::WrongProof, wrong);
		let files = stored(0).replicas.map(|replica| replica.file);
		let sibling = files.iter().find(|file| file.cid != challenge.file.cid).unwrap();
		let sibling = crate::mock::dag(&sibling.cid).proof(challenge.leaf);
		assert_refused(with(sibling), Error::WrongProof, wrong);
		let mut flipped = good.clone();
		flipped[1][77] ^= 1;
		assert_refused(with(flipped), Error::WrongProof, wrong);
		let mut flipped = good.clone();
		flipped[0][7] ^= 1;
		assert_refused(with(flipped), Error::WrongProof, wrong);
		assert_refused(with(vec![]), Error::WrongProof, wrong);
		assert_refused(with(good[..1].to_vec()), Error::WrongProof, wrong);
		let longer = [good.clone(), vec![vec![0]]].concat();
		assert_refused(with(longer), Error::WrongProof, wrong);
		assert_ok!(dispatch(with(good)));
	});
}

#[test]
fn a_proof_should_be_refused_that_nobody_asked_for() {
	challenged(SIZE, || {
		let challenge = &Documents::due_challenges(1)[0];
		let blocks = dag(&challenge.file.cid).proof(challenge.leaf);
		let with = |round, number| prove_call(sign_proof(1, round, number, blocks.clone()));
		let stale = InvalidTransaction::Stale;
		assert_refused(with(0, 0), Error::NoSuchRound, stale);
		assert_refused(with(2, 0), Error::NoSuchRound, InvalidTransaction::Future);
		assert_refused(with(1, 2), Error::NoSuchChallenge, InvalidTransaction::Call);
		assert_refused(with(1, u32::MAX), Error::NoSuchChallenge, InvalidTransaction::Call);
		let nobody = prove_call(sign_proof(77, 1, 0, blocks.clone()));
		assert_refused(nobody, Error::NotAStorageNode, InvalidTransaction::BadSigner);
		// Another operator's app key that is no storage node's.
		register(77);
		let nobody = prove_call(sign_proof(77, 1, 0, blocks.clone()));
		assert_refused(nobody, Error::NotAStorageNode, InvalidTransaction::BadSigner);

		assert_ok!(dispatch(with(1, 0)));
		assert_refused(with(1, 0), Error::AlreadyAnswered, stale);
	});
}

#[test]
fn a_proof_should_be_refused_that_is_signed_by_somebody_else() {
	challenged(SIZE, || {
		let challenge = &Documents::due_challenges(1)[0];
		let (proof, signature) = answer(1, challenge);
		let forged = pair(2).sign(&proof.signing_payload(&genesis_hash()));
		let elsewhere = pair(1).sign(&proof.signing_payload(&H256::zero()));
		for bad in [forged, elsewhere] {
			assert_refused(
				prove_call((proof.clone(), bad)),
				Error::BadSignature,
				InvalidTransaction::BadProof,
			);
		}
		// What was signed is all of it.
		let mut other = proof.clone();
		other.challenge = 1;
		let second = &Documents::due_challenges(1)[1];
		other.blocks = answer(1, second).0.blocks;
		assert_refused(
			prove_call((other, signature)),
			Error::BadSignature,
			InvalidTransaction::BadProof,
		);
	});
}

#[test]
fn a_proof_should_be_refused_that_comes_too_late() {
	challenged(SIZE, || {
		let challenge = &Documents::due_challenges(1)[0];
		let call = prove_call(answer(1, challenge));
		run_for(ChallengeTime::get() - 1);
		assert_ok!(authorize(call.clone()));
		// The agenda may be behind; the time is over all the same.
		Now::mutate(|now| *now += 1);
		assert!(Rounds::<Test>::contains_key(1));
		assert_refused(call, Error::TooLate, InvalidTransaction::Stale);
		Now::mutate(|now| *now -= 1);
	});
}

#[test]
fn a_challenge_on_what_is_gone_should_need_no_answer() {
	challenged(SIZE, || {
		let challenge = &Documents::due_challenges(1)[0];
		let call = prove_call(answer(1, challenge));
		assert_ok!(Documents::remove_document(by(OWNER), challenge.document));
		let void = InvalidTransaction::Custom(VOID_CHALLENGE);
		assert_refused(call, Error::VoidChallenge, void);
	});
}

#[test]
fn a_node_that_is_not_active_should_still_prove_what_it_holds() {
	challenged(SIZE, || {
		Inactive::mutate(|inactive| inactive.insert(1));
		assert_eq!(answer_all(1), 2);
		to_next_block();
		assert!(node_entry(1).passed > 0);
		assert_eq!(node_entry(1).weight, 0);
	});
}

#[test]
fn one_answer_to_a_challenge_should_be_in_the_pool() {
	challenged(SIZE, || {
		let challenges = Documents::due_challenges(1);
		let valid = |one| authorize(prove_call(answer(1, one))).unwrap();
		let (first, second) = (valid(&challenges[0]), valid(&challenges[1]));
		assert_ne!(first.provides, second.provides);
		assert_eq!(first.provides, valid(&challenges[0]).provides);
	});
}
