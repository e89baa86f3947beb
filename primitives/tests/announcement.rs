//! What the owner of a document says over the network's gossip. `scripts/js/lib/announcement.test.js` checks the same
//! vector.

use codec::{Decode, Encode, MaxEncodedLen};
use proptest::prelude::*;
use rwa_primitives::{
	ipfs::{Cid, Codec},
	storage::{
		AnnouncedFile, Announcement, AnnouncementError, PeerAddress, MAX_ADDRESS, MAX_ADDRESSES,
		MAX_ANNOUNCEMENT,
	},
};
use serde::Deserialize;
use sp_core::{bytes, H256};

#[derive(Deserialize)]
struct Vector {
	genesis: H256,
	asset: u32,
	document: u64,
	files: Vec<VectorFile>,
	cids: Vec<String>,
	addresses: Vec<String>,
	topic: H256,
	asset_topic: H256,
	channel: H256,
	#[serde(with = "bytes")]
	data: Vec<u8>,
}

#[derive(Deserialize)]
struct VectorFile {
	size: u64,
}

fn vector() -> Vector {
	serde_json::from_str(include_str!("vectors/announcement.json")).unwrap()
}

fn address(text: &str) -> PeerAddress {
	text.as_bytes().to_vec().try_into().unwrap()
}

fn announcement() -> Announcement {
	let Vector { genesis, asset, document, files, cids, addresses, .. } = vector();
	let file = |replica: usize| AnnouncedFile {
		cid: cids[replica].parse().unwrap(),
		size: files[replica].size,
	};
	let addresses: Vec<_> = addresses.iter().map(|text| address(text)).collect();
	Announcement {
		genesis,
		asset,
		document,
		files: [0, 1, 2].map(file),
		addresses: addresses.try_into().unwrap(),
	}
}

/// As long as one can be.
fn longest() -> Announcement {
	let address = address(&"/".repeat(MAX_ADDRESS as usize));
	let addresses = vec![address; MAX_ADDRESSES as usize].try_into().unwrap();
	Announcement { addresses, ..announcement() }
}

#[test]
fn an_announcement_has_the_bytes_of_the_vector() {
	let Vector { asset, document, topic, asset_topic, channel, data, .. } = vector();
	let said = announcement();
	assert_eq!(bytes::to_hex(&said.to_bytes(), false), bytes::to_hex(&data, false));
	assert_eq!(Announcement::from_bytes(&data), Ok(said));
	assert_eq!(H256(Announcement::topic()), topic);
	assert_eq!(H256(Announcement::asset_topic(asset)), asset_topic);
	assert_eq!(H256(Announcement::channel(document)), channel);
}

#[test]
fn the_longest_has_as_many_bytes_as_an_allowance_is_for() {
	let bytes = longest().to_bytes();
	assert_eq!(bytes.len(), MAX_ANNOUNCEMENT as usize);
	assert_eq!(bytes.len(), 1 + Announcement::max_encoded_len());
	assert_eq!(Announcement::from_bytes(&bytes), Ok(longest()));
}

#[test]
fn what_is_something_else_is_refused() {
	let whole = announcement().to_bytes();
	for length in 0..whole.len() {
		let error = Announcement::from_bytes(&whole[..length]);
		assert_eq!(error, Err(AnnouncementError::Malformed), "{length} bytes");
	}
	let longer = [whole.as_slice(), &[0]].concat();
	assert_eq!(Announcement::from_bytes(&longer), Err(AnnouncementError::Malformed));
	let too_long = vec![1; MAX_ANNOUNCEMENT as usize + 1];
	assert_eq!(Announcement::from_bytes(&too_long), Err(AnnouncementError::TooLong));
	let mut other = whole;
	other[0] = 2;
	assert_eq!(Announcement::from_bytes(&other), Err(AnnouncementError::Version));
}

#[test]
fn an_address_is_text_that_can_be_shown() {
	for text in ["", "ip4/127.0.0.1", "/a b", "/\u{1b}[2J", "/ä", "/\n"] {
		let said =
			Announcement { addresses: vec![address(text)].try_into().unwrap(), ..announcement() };
		let read = Announcement::from_bytes(&said.to_bytes());
		assert_eq!(read, Err(AnnouncementError::Address), "{text:?}");
	}
}

#[test]
fn topics_and_channels_tell_assets_and_documents_apart() {
	assert_ne!(Announcement::asset_topic(1), Announcement::asset_topic(2));
	assert_ne!(Announcement::channel(1), Announcement::channel(2));
	assert_ne!(Announcement::topic(), Announcement::asset_topic(0));
}

proptest! {
	#[test]
	fn whatever_is_read_is_written_the_same(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
		if let Ok(said) = Announcement::from_bytes(&bytes) {
			prop_assert_eq!(said.to_bytes(), bytes);
		}
	}

	#[test]
	fn whatever_is_written_is_read_the_same(
		genesis: [u8; 32],
		asset: u32,
		document: u64,
		files: [([u8; 32], bool, u64); 3],
		addresses in prop::collection::vec("/[!-~]{0,159}", 0..=8),
	) {
		let file = |(digest, raw, size)| AnnouncedFile {
			cid: Cid::new(if raw { Codec::Raw } else { Codec::DagPb }, digest),
			size,
		};
		let addresses: Vec<_> = addresses.iter().map(|text| address(text)).collect();
		let said = Announcement {
			genesis: genesis.into(),
			asset,
			document,
			files: files.map(file),
			addresses: addresses.try_into().unwrap(),
		};
		let bytes = said.to_bytes();
		prop_assert!(bytes.len() <= MAX_ANNOUNCEMENT as usize);
		prop_assert_eq!(Announcement::from_bytes(&bytes), Ok(said.clone()));
		prop_assert_eq!(Announcement::decode(&mut said.encode().as_slice()), Ok(said));
	}
}
