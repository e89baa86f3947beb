//! What is stored and passed on: announcements of documents, and not too often.

use super::pace::Pace;
use rwa_primitives::storage::{Announcement, AnnouncementError};
use rwa_runtime::Hash;
use sc_statement_store::{Error, StatementStore, Store};
use sp_statement_store::{
	AdmittedBatch, FilterDecision, Hash as StatementHash, RejectionReason, Result as StoreResult,
	Statement, StatementSource, SubmitResult, Topic,
};
use std::{
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Seconds for which an announcement may last at most: a week. Who isn't heard by then announces again.
const LONGEST: u64 = 7 * 24 * 60 * 60;

/// Why a statement is not taken, though the store would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// It says nothing.
	#[error("the statement has no data")]
	NoData,
	/// It says something else.
	#[error(transparent)]
	Announcement(#[from] AnnouncementError),
	/// It is about another chain.
	#[error("the document is another chain's")]
	OtherChain,
	/// Who listens for such documents would not hear it, or others would who don't, or it would not replace what was
	/// announced of the document before.
	#[error("topics, channel or decryption key are not those of the document's announcement")]
	Envelope,
	/// It would be kept for too long.
	#[error("the announcement lasts for more than seven days")]
	Expiry,
	/// There were many of late.
	#[error("too many announcements of late; try again in a minute")]
	TooOften,
}

/// The store, and what it may be asked to take.
pub struct StatementGate {
	store: Arc<Store>,
	genesis: Hash,
	pace: Mutex<Pace>,
}

impl StatementGate {
	/// In front of `store`, for the chain that began with `genesis`.
	pub fn new(store: Arc<Store>, genesis: Hash) -> Self {
		Self { store, genesis, pace: Mutex::new(Pace::new(Instant::now())) }
	}

	/// The store behind it, to read.
	pub fn store(&self) -> &Arc<Store> {
		&self.store
	}

	/// Takes a statement, if it is an announcement and in time, and if the store takes it.
	///
	/// # Errors
	/// See [`Refusal`].
	pub fn offer(
		&self,
		statement: Statement,
		source: StatementSource,
	) -> Result<SubmitResult, Refusal> {
		check(&statement, &self.genesis, seconds_since_1970())?;
		// Without a proof there is no account, and the store refuses it.
		let Some(account) = statement.account_id() else {
			return Ok(self.store.submit(statement, source));
		};
		if !self.pace().has_room(&account, Instant::now()) {
			return Err(Refusal::TooOften);
		}
		let result = self.store.submit(statement, source);
		// Only now is it known that the account has signed, and may: others can't use up what it has.
		if result == SubmitResult::New {
			self.pace().note(account, Instant::now());
		}
		Ok(result)
	}

	fn pace(&self) -> MutexGuard<'_, Pace> {
		// Each use is one step, so whoever panicked left nothing half-done.
		self.pace.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// Whether a statement is an announcement of a document of the chain that began with `genesis`. Whether it is true is
/// for those to see who listen.
fn check(statement: &Statement, genesis: &Hash, now: u64) -> Result<(), Refusal> {
	let said = Announcement::from_bytes(statement.data().ok_or(Refusal::NoData)?)?;
	if said.genesis != *genesis {
		return Err(Refusal::OtherChain);
	}
	let topics = [Announcement::topic(), Announcement::asset_topic(said.asset)].map(Topic);
	let is_addressed = statement.topics() == topics
		&& statement.channel() == Some(Announcement::channel(said.document))
		&& statement.decryption_key().is_none();
	if !is_addressed {
		return Err(Refusal::Envelope);
	}
	if u64::from(statement.get_expiration_timestamp_secs()) > now.saturating_add(LONGEST) {
		return Err(Refusal::Expiry);
	}
	Ok(())
}

fn seconds_since_1970() -> u64 {
	SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
}

/// For the gossip: all as the store has it, but for what comes in.
impl StatementStore for StatementGate {
	fn submit(&self, statement: Statement, source: StatementSource) -> SubmitResult {
		self.offer(statement, source).unwrap_or_else(|refusal| match refusal {
			Refusal::TooOften => SubmitResult::Rejected(RejectionReason::StoreFull),
			// Costs the peer a little reputation, and no more: it may only be of another version.
			other => SubmitResult::InternalError(Error::Decode(other.to_string())),
		})
	}

	fn statements(&self) -> StoreResult<Vec<(StatementHash, Statement)>> {
		self.store.statements()
	}

	fn take_recent_statements(&self) -> StoreResult<Vec<(u64, StatementHash, Statement)>> {
		self.store.take_recent_statements()
	}

	fn statement(&self, hash: &StatementHash) -> StoreResult<Option<Statement>> {
		self.store.statement(hash)
	}

	fn has_statement(&self, hash: &StatementHash) -> bool {
		self.store.has_statement(hash)
	}

	fn statements_by_hashes(
		&self,
		hashes: &[StatementHash],
		filter: &mut dyn FnMut(&StatementHash, &[u8], &Statement) -> FilterDecision,
	) -> StoreResult<(Vec<(StatementHash, Statement)>, usize)> {
		self.store.statements_by_hashes(hashes, filter)
	}

	fn admission_watermark(&self) -> StoreResult<u64> {
		self.store.admission_watermark()
	}

	fn admitted_statements(
		&self,
		cursor: u64,
		watermark: u64,
		scan_limit: usize,
		filter: &mut dyn FnMut(&StatementHash, &[u8], &Statement) -> FilterDecision,
	) -> StoreResult<AdmittedBatch> {
		self.store.admitted_statements(cursor, watermark, scan_limit, filter)
	}

	fn broadcasts(&self, match_all_topics: &[Topic]) -> StoreResult<Vec<Vec<u8>>> {
		self.store.broadcasts(match_all_topics)
	}

	fn posted(&self, match_all_topics: &[Topic], dest: [u8; 32]) -> StoreResult<Vec<Vec<u8>>> {
		self.store.posted(match_all_topics, dest)
	}

	fn posted_clear(
		&self,
		match_all_topics: &[Topic],
		dest: [u8; 32],
	) -> StoreResult<Vec<Vec<u8>>> {
		self.store.posted_clear(match_all_topics, dest)
	}

	fn broadcasts_stmt(&self, match_all_topics: &[Topic]) -> StoreResult<Vec<Vec<u8>>> {
		self.store.broadcasts_stmt(match_all_topics)
	}

	fn posted_stmt(&self, match_all_topics: &[Topic], dest: [u8; 32]) -> StoreResult<Vec<Vec<u8>>> {
		self.store.posted_stmt(match_all_topics, dest)
	}

	fn posted_clear_stmt(
		&self,
		match_all_topics: &[Topic],
		dest: [u8; 32],
	) -> StoreResult<Vec<Vec<u8>>> {
		self.store.posted_clear_stmt(match_all_topics, dest)
	}

	fn remove(&self, hash: &StatementHash) -> StoreResult<()> {
		self.store.remove(hash)
	}

	fn remove_by(&self, who: [u8; 32]) -> StoreResult<()> {
		self.store.remove_by(who)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::{DecodeAll, Encode};
	use serde::Deserialize;
	use sp_core::{bytes, sr25519, Pair};
	use sp_statement_store::SignatureVerificationResult;

	/// What `scripts/js/lib/announcement.test.js` checks as well.
	#[derive(Deserialize)]
	struct Vector {
		genesis: Hash,
		expires_at: u32,
		sequence: u32,
		#[serde(with = "bytes")]
		data: Vec<u8>,
		#[serde(with = "bytes")]
		statement: Vec<u8>,
	}

	fn vector() -> Vector {
		let text = include_str!("../../../../primitives/tests/vectors/announcement.json");
		serde_json::from_str(text).unwrap()
	}

	fn statement() -> Statement {
		Statement::decode_all(&mut vector().statement.as_slice()).unwrap()
	}

	/// A second before it expires.
	fn check_now(statement: &Statement) -> Result<(), Refusal> {
		let Vector { genesis, expires_at, .. } = vector();
		check(statement, &genesis, u64::from(expires_at) - 1)
	}

	#[test]
	fn the_statement_of_the_vectors_is_what_this_version_of_the_sdk_makes() {
		let Vector { genesis, expires_at, sequence, data, statement: encoded } = vector();
		let alice = sr25519::Pair::from_string("//Alice", None).unwrap();
		let decoded = statement();
		assert_eq!(
			decoded.verify_signature(),
			SignatureVerificationResult::Valid(alice.public().0)
		);

		let said = Announcement::from_bytes(&data).unwrap();
		assert_eq!(said.genesis, genesis);
		let mut made = Statement::new();
		made.set_expiry_from_parts(expires_at, sequence);
		made.set_channel(Announcement::channel(said.document));
		made.set_topic(0, Topic(Announcement::topic()));
		made.set_topic(1, Topic(Announcement::asset_topic(said.asset)));
		made.set_plain_data(data);
		// sr25519 signs differently each time.
		made.set_proof(decoded.proof().unwrap().clone());
		assert_eq!(bytes::to_hex(&made.encode(), false), bytes::to_hex(&encoded, false));
		assert_eq!(check_now(&made), Ok(()));
	}

	#[test]
	fn what_is_no_announcement_is_refused() {
		let refused = |change: fn(&mut Statement)| {
			let mut changed = statement();
			change(&mut changed);
			check_now(&changed).unwrap_err()
		};
		assert_eq!(refused(|it| *it = Statement::new()), Refusal::NoData);
		assert_eq!(
			refused(|it| it.set_plain_data(vec![2])),
			Refusal::Announcement(AnnouncementError::Version)
		);
		assert_eq!(refused(|it| it.set_topic(0, Topic([0; 32]))), Refusal::Envelope);
		assert_eq!(refused(|it| it.set_topic(1, Topic([0; 32]))), Refusal::Envelope);
		assert_eq!(refused(|it| it.set_topic(2, Topic([0; 32]))), Refusal::Envelope);
		assert_eq!(refused(|it| it.set_channel([0; 32])), Refusal::Envelope);
		assert_eq!(refused(|it| it.set_decryption_key([0; 32])), Refusal::Envelope);
		assert_eq!(refused(|it| it.set_expiry(u64::MAX)), Refusal::Expiry);
	}

	#[test]
	fn what_is_about_another_chain_is_refused() {
		let elsewhere = Hash::repeat_byte(9);
		assert_eq!(check(&statement(), &elsewhere, 0), Err(Refusal::OtherChain));
	}

	#[test]
	fn an_announcement_lasts_for_a_week_at_most() {
		let Vector { genesis, expires_at, .. } = vector();
		let week_before = u64::from(expires_at) - LONGEST;
		assert_eq!(check(&statement(), &genesis, week_before), Ok(()));
		assert_eq!(check(&statement(), &genesis, week_before - 1), Err(Refusal::Expiry));
	}
}
