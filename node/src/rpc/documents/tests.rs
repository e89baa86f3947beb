//! The methods for documents, against a Kubo that isn't one.

use super::*;
use fake::{Cut, Fake, Mood};
use jsonrpsee::{core::server::Subscription, types::ErrorObjectOwned, RpcModule};
use pallet_rwa_documents::{Document, File, Placement, Replica as ChainReplica, Stage};
use rwa_client::documents::{publish, Journal};
use rwa_documents::{DocumentKeys, ReplicaRoot, SystemEntropy};
use rwa_primitives::{
	ipfs::{Cid, Codec},
	storage::DocumentKind,
};
use sc_rpc_api::DenyUnsafe;
use sp_keyring::Sr25519Keyring;
use std::sync::Mutex;

#[path = "../../../../client/tests/common/fake.rs"]
#[allow(dead_code, unreachable_pub)] // Of what the client's tests need, these need a part.
mod fake;

const GENESIS: Hash = Hash::repeat_byte(7);

/// A chain of one document.
#[derive(Default)]
#[allow(clippy::type_complexity)] // Used here alone.
struct OneDocument(Mutex<Option<(DocumentOf<Runtime>, Option<Vec<u8>>)>>);

impl DocumentsChain for OneDocument {
	fn genesis(&self) -> Hash {
		GENESIS
	}

	fn document(&self, document: u64) -> Result<Option<DocumentOf<Runtime>>, DocumentsError> {
		let found = self.0.lock().unwrap();
		Ok(found.as_ref().filter(|_| document == 0).map(|(document, _)| document.clone()))
	}

	fn envelope(&self, _: u64, reader: &AccountId) -> Result<Option<Vec<u8>>, DocumentsError> {
		let found = self.0.lock().unwrap();
		let found = found.as_ref().filter(|_| *reader == eve());
		Ok(found.and_then(|(_, envelope)| envelope.clone()))
	}
}

fn eve() -> AccountId {
	Sr25519Keyring::Eve.to_account_id()
}

/// The methods, and what is behind them.
struct Setting {
	fake: Fake,
	api: Documents<OneDocument>,
	folder: tempfile::TempDir,
}

impl Setting {
	async fn new() -> Self {
		Self::moody(Mood::default()).await
	}

	async fn moody(mood: Mood) -> Self {
		let fake = Fake::moody(mood).await;
		let folder = tempfile::tempdir().unwrap();
		let api = Self::api(&fake, &folder);
		Self { fake, api, folder }
	}

	fn api(fake: &Fake, folder: &tempfile::TempDir) -> Documents<OneDocument> {
		let chain = Arc::new(OneDocument::default());
		Documents::new(chain, fake.kubo(), folder.path().join("uploads")).unwrap()
	}

	/// As after the node was started again.
	async fn restart(&mut self) {
		let running: Vec<_> = self.api.uploads.names();
		for name in &running {
			self.api.uploads.stop(*name).await;
		}
		self.api = Self::api(&self.fake, &self.folder);
	}

	async fn store(
		&self,
		upload: Option<&str>,
		offset: u64,
		part: &[u8],
		last: bool,
	) -> Result<UploadStatus, DocumentsError> {
		let part = BASE64_STANDARD.encode(part);
		let part = DocumentPart { upload: upload.map(Into::into), offset, part, last };
		self.api.store_document(&trusted(), part).await
	}

	/// All of a document, in parts.
	async fn store_all(&self, document: &[u8], step: usize) -> UploadStatus {
		let mut status = self.store(None, 0, &[], document.is_empty()).await.unwrap();
		for (count, part) in document.chunks(step).enumerate() {
			let offset = count * step;
			let last = offset + part.len() == document.len();
			let upload = Some(status.upload.as_str());
			status = self.store(upload, offset as u64, part, last).await.unwrap();
			assert_eq!(status.received, (offset + part.len()) as u64);
		}
		status
	}

	/// Puts a stored document on the chain, with an envelope for `secret`.
	fn register(&self, stored: &StoredDocument, secret: &ReaderSecret) {
		let files = stored.files.iter().map(|file| {
			assert_eq!(file.text.parse::<Cid>().unwrap().digest[..], file.cid.digest.0);
			File { cid: file.text.parse().unwrap(), size: file.size }
		});
		let files: Vec<_> = files.collect();
		let id = DocumentId::new([files[0].cid, files[1].cid, files[2].cid]).unwrap();
		let bytes = |hex: &sp_core::Bytes| <[u8; 32]>::try_from(hex.0.as_slice()).unwrap();
		let keys = ReadingKeys {
			inner: rwa_documents::InnerKey::from_bytes(bytes(&stored.keys.inner)),
			root: ReplicaRoot::from_bytes(bytes(&stored.keys.root)),
		};
		let subject = Subject { genesis: GENESIS.0, document: id };
		let envelope =
			Envelope::for_reader(&keys, &secret.public(), &subject, &mut SystemEntropy).unwrap();
		let document = on_chain([files[0], files[1], files[2]]);
		*self.api.chain.0.lock().unwrap() = Some((document, Some(envelope.to_bytes())));
	}

	fn module(&self, deny: DenyUnsafe) -> RpcModule<Documents<OneDocument>> {
		let mut module = self.api.clone().into_rpc();
		module.extensions_mut().insert(deny);
		module
	}

	async fn fetch(
		&self,
		document: u64,
		reader: &str,
		secret: &str,
	) -> Result<Subscription, ErrorObjectOwned> {
		let module = self.module(DenyUnsafe::No);
		let asked = module.subscribe("rwa_fetchDocument", (document, reader, secret), 4).await;
		asked.map_err(|error| match error {
			jsonrpsee::core::server::MethodsError::JsonRpc(error) => error,
			other => panic!("{other}"),
		})
	}
}

fn on_chain(files: [File; 3]) -> DocumentOf<Runtime> {
	let placement = || Placement::Waiting { lost: false, avoid: None, failures: 0 };
	Document {
		asset: 1,
		kind: DocumentKind::Title,
		owner: eve(),
		binding_until: 1,
		expires_at: 2,
		stage: Stage::New,
		price: 0,
		funds: 0,
		promised: 0,
		deposit: 0,
		readers: 1,
		repairers: Default::default(),
		replicas: files.map(|file| ChainReplica { file, epoch: 0, placement: placement() }),
	}
}

fn trusted() -> Extensions {
	caller(DenyUnsafe::No)
}

fn caller(deny: DenyUnsafe) -> Extensions {
	let mut extensions = Extensions::new();
	extensions.insert(deny);
	extensions
}

fn content(size: usize) -> Vec<u8> {
	(0..size).map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// The document, or what came of it and why that is not all.
async fn received(mut subscription: Subscription) -> (Vec<u8>, Option<String>) {
	let mut document = Vec::new();
	loop {
		let (item, _) = subscription.next::<FetchedItem>().await.unwrap().unwrap();
		match item {
			FetchedItem::Part { offset, bytes } => {
				assert_eq!(offset, document.len() as u64);
				let bytes = BASE64_STANDARD.decode(bytes).unwrap();
				assert!(bytes.len() <= FETCHED_PART);
				document.extend(bytes);
			}
			FetchedItem::End { size } => {
				assert_eq!(size, document.len() as u64);
				return (document, None);
			}
			FetchedItem::Error { error } => return (document, Some(error)),
		}
	}
}

fn secret() -> ReaderSecret {
	ReaderSecret::generate(&mut SystemEntropy).unwrap()
}

#[tokio::test]
async fn what_is_stored_is_fetched_by_whoever_has_an_envelope() {
	let setting = Setting::new().await;
	for (size, step) in [(0, 1), (1, 1), (70_000, 9_999), (2_500_000, MAX_PART)] {
		let document = content(size);
		let status = setting.store_all(&document, step).await;
		let stored = status.document.unwrap();
		for file in &stored.files {
			assert_eq!(setting.fake.state().files[&file.text].len() as u64, file.size);
			assert_eq!(file.cid.codec, if file.size <= 4_096 { "Raw" } else { "DagPb" });
		}
		let secret = secret();
		setting.register(&stored, &secret);
		let fetched = setting.fetch(0, &eve().to_ss58check(), &secret.to_text()).await.unwrap();
		let (fetched, error) = received(fetched).await;
		assert_eq!(error, None);
		assert!(fetched == document, "{size}");
	}
}

#[tokio::test]
async fn a_part_that_is_sent_again_is_known_and_any_other_is_told_where_to_go_on() {
	let setting = Setting::new().await;
	let document = content(30_000);
	let (head, tail) = document.split_at(20_000);
	let status = setting.store(None, 0, head, false).await.unwrap();
	let upload = Some(status.upload.as_str());
	assert_eq!((status.received, &status.document), (20_000, &None));
	assert_eq!(setting.store(upload, 0, head, false).await.unwrap(), status);
	assert_eq!(
		setting.api.stored_document(&trusted(), status.upload.clone()).await,
		Ok(status.clone())
	);

	for (offset, part) in [(0, &head[..9]), (0, &head[1..]), (19_999, tail), (20_001, tail)] {
		let error = setting.store(upload, offset, part, true).await.unwrap_err();
		assert_eq!(error, DocumentsError::Offset { expected: 20_000, found: offset });
		let error = ErrorObjectOwned::from(error);
		assert_eq!(error.data().unwrap().get(), "{\"expected\":20000}");
	}
	let complete = setting.store(upload, 20_000, tail, true).await.unwrap();
	assert_eq!(complete.received, 30_000);
	assert!(complete.document.is_some());
	// Whoever lost that answer has two ways to get it.
	assert_eq!(setting.store(upload, 20_000, tail, true).await.unwrap(), complete);
	assert_eq!(setting.api.stored_document(&trusted(), status.upload.clone()).await, Ok(complete));
	let error = setting.store(upload, 0, b"another document", true).await;
	assert_eq!(error, Err(DocumentsError::Complete));
}

#[tokio::test]
async fn an_upload_goes_on_from_the_first_byte_after_a_restart_if_the_document_is_the_same() {
	let mut setting = Setting::new().await;
	let mut document = content(2 * MAX_PART);
	let (head, tail) = document.split_at(MAX_PART);
	let name = setting.store(None, 0, head, false).await.unwrap().upload;
	let upload = Some(name.as_str());
	setting.store(upload, MAX_PART as u64, &tail[..9_000], false).await.unwrap();
	// The first part has gone to Kubo, so it is noted.
	while setting.fake.state().added < MAX_PART {
		tokio::time::sleep(Duration::from_millis(10)).await;
	}
	setting.restart().await;
	let status = setting.api.stored_document(&trusted(), name.clone()).await.unwrap();
	assert_eq!((status.received, status.document), (0, None));
	let error = setting.store(upload, MAX_PART as u64, tail, true).await;
	assert_eq!(error, Err(DocumentsError::Offset { expected: 0, found: MAX_PART as u64 }));

	let other = vec![9; MAX_PART];
	setting.store(upload, 0, &other, false).await.unwrap();
	let error = setting.store(upload, MAX_PART as u64, &other, true).await.unwrap_err();
	assert!(
		matches!(&error, DocumentsError::Document(text) if text.contains("has changed since")),
		"{error}"
	);

	setting.store(upload, 0, head, false).await.unwrap();
	let stored = setting.store(upload, MAX_PART as u64, tail, true).await.unwrap();
	let stored = stored.document.unwrap();
	setting.restart().await;
	let status = setting.api.stored_document(&trusted(), name.clone()).await.unwrap();
	assert_eq!((status.received, status.document), (2 * MAX_PART as u64, Some(stored.clone())));
	document.clear();

	assert_eq!(setting.api.drop_upload(&trusted(), name.clone()).await, Ok(true));
	assert_eq!(setting.api.drop_upload(&trusted(), name.clone()).await, Ok(false));
	let gone = setting.api.stored_document(&trusted(), name).await;
	assert_eq!(gone, Err(DocumentsError::UnknownUpload));
	assert!(setting.fake.state().files.contains_key(&stored.files[0].text));
}

#[tokio::test]
async fn an_upload_that_kubo_stopped_says_so_and_can_be_sent_again() {
	let mood = Mood { refuse_after: Some((50_000, "no space left on device")), ..Mood::default() };
	let setting = Setting::moody(mood).await;
	let document = content(100_000);
	let error = setting.store(None, 0, &document, true).await.unwrap_err();
	assert!(error.to_string().contains("has no room left"), "{error}");
	assert_eq!(error.code(), 7109);
	let DocumentsError::Begun { upload: name, .. } = error else { panic!("without its name") };

	setting.fake.state().mood = Mood::default();
	let status = setting.store(Some(&name), 0, &document, true).await.unwrap();
	assert!(status.document.is_some());
	assert_eq!(setting.fake.state().files.len(), 3);
}

#[tokio::test]
async fn an_upload_that_nothing_comes_of_ends() {
	let setting = Setting::new().await;
	let folder = setting.folder.path().join("idle");
	let uploads = Uploads::new(folder, setting.fake.kubo(), Duration::from_millis(200)).unwrap();
	let name = uploads.store(None, 0, content(9), false).await.unwrap().upload;
	tokio::time::sleep(Duration::from_millis(600)).await;
	let error = uploads.store(Some(name), 9, content(9), true).await.unwrap_err();
	assert!(
		matches!(&error, DocumentsError::Document(text) if text.contains("send it again")),
		"{error}"
	);
	assert!(uploads.store(Some(name), 0, content(9), true).await.unwrap().document.is_some());
}

#[tokio::test]
async fn an_upload_that_ended_by_itself_begins_again_with_its_first_byte() {
	let setting = Setting::new().await;
	let folder = setting.folder.path().join("idle");
	let uploads = Uploads::new(folder, setting.fake.kubo(), Duration::from_millis(200)).unwrap();
	let name = uploads.store(None, 0, content(9), false).await.unwrap().upload;
	tokio::time::sleep(Duration::from_millis(600)).await;
	// What was taken before it ended counts no more.
	let again = uploads.store(Some(name), 0, content(9), false).await.unwrap();
	assert_eq!(again.received, 9);
	assert!(uploads.store(Some(name), 9, content(9), true).await.unwrap().document.is_some());
}

#[tokio::test]
async fn what_was_half_written_when_the_node_ended_is_removed() {
	let setting = Setting::new().await;
	let folder = setting.folder.path().join("drafts");
	let uploads = || Uploads::new(folder.clone(), setting.fake.kubo(), Duration::from_secs(9));
	let name = uploads().unwrap().store(None, 0, content(9), true).await.unwrap().upload;
	std::fs::write(folder.join("half.draft"), "keys").unwrap();
	assert!(uploads().unwrap().stored(name).await.unwrap().document.is_some());
	assert!(!folder.join("half.draft").exists());
}

#[tokio::test]
async fn there_are_so_many_uploads_and_no_more() {
	let setting = Setting::new().await;
	let mut names = Vec::new();
	for _ in 0..MAX_UPLOADS {
		names.push(setting.store(None, 0, b"part", false).await.unwrap().upload);
	}
	assert_eq!(setting.store(None, 0, b"part", false).await, Err(DocumentsError::Busy));
	setting.api.drop_upload(&trusted(), names.remove(0)).await.unwrap();
	setting.store(None, 0, b"part", true).await.unwrap();

	let folder = setting.folder.path().join("uploads");
	for count in 0..MAX_KEPT {
		std::fs::write(folder.join(format!("{count}.journal")), b"").unwrap();
	}
	assert_eq!(setting.store(None, 0, b"part", true).await, Err(DocumentsError::Full));
	// Those that are there go on.
	assert!(setting.store(Some(names[0].as_str()), 4, b"part", true).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_own_code() {
	let setting = Setting::new().await;
	for upload in ["", "0x", "0x11", "../../etc", &"1".repeat(32), &format!("0x{}", "1".repeat(34))]
	{
		let error = setting.store(Some(upload), 0, b"", false).await.unwrap_err();
		assert_eq!(error.code(), 7101, "{upload}");
		let error = setting.api.drop_upload(&trusted(), upload.into()).await.unwrap_err();
		assert_eq!(error.code(), 7101, "{upload}");
	}
	let nobodys = format!("0x{}", "1".repeat(32));
	let error = setting.store(Some(&nobodys), 0, b"", false).await.unwrap_err();
	assert_eq!(error.code(), 7102);
	let error = setting.store(None, 0, &content(MAX_PART + 1), false).await.unwrap_err();
	assert_eq!(error.code(), 7103);
	let part = DocumentPart { upload: None, offset: 0, part: "*".into(), last: false };
	assert_eq!(setting.api.store_document(&trusted(), part).await.unwrap_err().code(), 7103);
	assert_eq!(setting.store(None, 1, b"part", false).await.unwrap_err().code(), 7104);
	assert!(std::fs::read_dir(setting.folder.path().join("uploads")).unwrap().next().is_none());
}

#[tokio::test]
async fn every_method_is_refused_to_strangers() {
	let setting = Setting::new().await;
	let stranger = caller(DenyUnsafe::Yes);
	let part = DocumentPart { upload: None, offset: 0, part: String::new(), last: true };
	let error = setting.api.store_document(&stranger, part).await.unwrap_err();
	assert_eq!(error.code(), -32601);
	let error = setting.api.stored_document(&stranger, String::new()).await.unwrap_err();
	assert_eq!(error.code(), -32601);
	let error = setting.api.drop_upload(&stranger, String::new()).await.unwrap_err();
	assert_eq!(error.code(), -32601);
	let module = setting.module(DenyUnsafe::Yes);
	let asked = module.subscribe("rwa_fetchDocument", (0, "", ""), 1).await;
	let error = format!("{:?}", asked.unwrap_err());
	assert!(error.contains("MethodNotFound"), "{error}");
	assert!(setting.fake.state().calls.is_empty());
}

#[tokio::test]
async fn nothing_is_fetched_without_the_right_key() {
	let setting = Setting::new().await;
	let stored = setting.store_all(b"a deed", 9).await.document.unwrap();
	let (mine, other) = (secret(), secret());
	setting.register(&stored, &mine);
	let ferdie = Sr25519Keyring::Ferdie.to_account_id().to_ss58check();
	let eve = eve().to_ss58check();
	let asked = setting.fake.state().calls.len();
	let digits = mine.to_text()[15..].to_string();
	for (document, reader, secret, code) in [
		(0, "5Grw", mine.to_text(), 7111),
		(0, &eve, format!("x25519-secret:{digits}").into(), 7112),
		(0, &eve, format!("x25519-secret:0x{}0", &digits[1..]).into(), 7112),
		(1, &eve, mine.to_text(), 7113),
		(0, &ferdie, mine.to_text(), 7114),
		(0, &eve, other.to_text(), 7115),
	] {
		let error = setting.fetch(document, reader, &secret).await.unwrap_err();
		assert_eq!(error.code(), code, "{error}");
		// The error says nothing of what was given.
		assert!(!error.message().contains(&digits[..8]), "{error}");
	}
	assert_eq!(setting.fake.state().calls.len(), asked);
}

#[tokio::test]
async fn an_end_that_is_none_is_told() {
	let setting = Setting::new().await;
	let document = content(200_000);
	let stored = setting.store_all(&document, MAX_PART).await.document.unwrap();
	let secret = secret();
	setting.register(&stored, &secret);
	setting.fake.state().mood.cut = vec![Some((150_000, Cut::End)); 3];
	let fetched = setting.fetch(0, &eve().to_ss58check(), &secret.to_text()).await.unwrap();
	let (fetched, error) = received(fetched).await;
	assert!(document.starts_with(&fetched) && !fetched.is_empty());
	let error = error.unwrap();
	assert!(error.contains(" of 200000 bytes came, which are not the document: "), "{error}");
}

#[tokio::test]
async fn a_reader_who_goes_makes_room_for_another() {
	let setting = Setting::new().await;
	let stored = setting.store_all(&content(300_000), MAX_PART).await.document.unwrap();
	let secret = secret();
	setting.register(&stored, &secret);
	setting.fake.state().mood.cut = vec![Some((100_000, Cut::Silence)); 99];
	let (eve, text) = (eve().to_ss58check(), secret.to_text());
	let mut fetches = Vec::new();
	for _ in 0..MAX_FETCHES {
		fetches.push(setting.fetch(0, &eve, &text).await.unwrap());
	}
	assert_eq!(setting.fetch(0, &eve, &text).await.unwrap_err().code(), 7117);
	fetches.clear();
	let began = std::time::Instant::now();
	while setting.api.fetches.available_permits() < MAX_FETCHES {
		assert!(began.elapsed() < Duration::from_secs(10));
		tokio::time::sleep(Duration::from_millis(10)).await;
	}
}

#[test]
fn no_key_is_shown() {
	let keys = StoredKeys {
		inner: vec![0xab; 32].into(),
		root: vec![0xab; 32].into(),
		salt: vec![0xab; 24].into(),
	};
	let secret: SecretText = serde_json::from_str("\"x25519-secret:0xabab\"").unwrap();
	for shown in [format!("{keys:?}"), format!("{secret:?}")] {
		assert!(shown.ends_with("(hidden)"), "{shown}");
	}
}

#[tokio::test]
async fn a_document_whose_replicas_differ_in_size_is_not_fetched() {
	let setting = Setting::new().await;
	let folder = tempfile::tempdir().unwrap();
	let keys = DocumentKeys::generate(&mut SystemEntropy).unwrap();
	let journal = Journal::create(&folder.path().join("j"), keys).unwrap();
	let published = publish(&setting.fake.kubo(), journal, &b"text"[..]).await.unwrap();
	let [first, second, _] = *published.document.cids();
	let file = |cid, size| File { cid, size };
	let third = Cid::new(Codec::Raw, [9; 32]);
	let files = [file(first, published.size), file(second, published.size), file(third, 9)];
	*setting.api.chain.0.lock().unwrap() = Some((on_chain(files), Some(vec![])));
	let error = setting.fetch(0, &eve().to_ss58check(), &secret().to_text()).await.unwrap_err();
	assert_eq!(error.code(), 7116);
	assert!(error.message().contains("differ in size"), "{error}");
}
