//! Names of blocks.

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;

/// Bytes of a CID in binary.
pub const CID_BYTES: usize = 36;

/// Characters of a CID as text: `b`, then 36 bytes at five bits a character.
pub const CID_TEXT: usize = 59;

/// Most characters of a text that is looked at. A CID with a digest of 64 bytes, the longest in use,
/// has 110: it deserves a better answer than *too long*.
const MAX_TEXT: usize = 128;

/// Digits of base32 as RFC 4648 has them, in lower case.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

const VERSION: u8 = 1;
const SHA2_256: u8 = 0x12;
const DIGEST_BYTES: u8 = 32;

/// What a block holds.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Codec {
	/// Bytes of the file and nothing else: a leaf.
	#[codec(index = 0)]
	Raw,
	/// Links to other blocks.
	#[codec(index = 1)]
	DagPb,
}

impl Codec {
	/// Its number in the table of multicodecs.
	pub const fn code(&self) -> u8 {
		match self {
			Self::Raw => 0x55,
			Self::DagPb => 0x70,
		}
	}

	fn from_code(code: u8) -> Option<Self> {
		[Self::Raw, Self::DagPb].into_iter().find(|codec| codec.code() == code)
	}
}

/// Name of a block: what it holds, and the SHA-256 of its bytes.
///
/// A CIDv1 of the only two kinds that a file stored for this chain is made of. Storage and calls hold
/// it in 33 bytes of SCALE; everything outside the chain writes the 36 bytes of [`Cid::to_bytes`] or
/// the text.
///
/// ```
/// use rwa_primitives::ipfs::{Cid, Codec};
///
/// let text = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"; // no bytes at all
/// let cid = text.parse::<Cid>().unwrap();
/// assert_eq!(cid.codec, Codec::Raw);
/// assert_eq!(cid.digest[..4], [0xe3, 0xb0, 0xc4, 0x42]);
/// assert_eq!(cid.to_string(), text);
/// assert_eq!(Cid::from_bytes(&cid.to_bytes()), Ok(cid));
/// ```
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Cid {
	/// What the block holds.
	pub codec: Codec,
	/// SHA-256 of its bytes.
	pub digest: [u8; 32],
}

/// Why something is not a CID that the chain knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CidError {
	/// Not version 1. `Qm…` and bytes that begin with `12 20` are version 0: add with
	/// `--cid-version=1`.
	Version,
	/// Neither raw nor dag-pb: a file's blocks are nothing else.
	Codec,
	/// Hashed with something else than SHA-256, Kubo's default.
	HashFunction,
	/// A digest of another length than 32 bytes: cut SHA-256 proves less.
	DigestLength,
	/// Ends before it is complete.
	TooShort,
	/// Goes on after its end, or is a text longer than any CID.
	TooLong,
	/// A text that does not begin with `b`, the sign of base32 in lower case. Convert with
	/// `ipfs cid base32`.
	Base,
	/// A text with a character that is no digit of base32 in lower case, or whose last one says more
	/// than there is to say.
	Character,
}

impl fmt::Display for CidError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Version => "not a CID of version 1",
			Self::Codec => "the CID's codec is neither raw nor dag-pb",
			Self::HashFunction => "the CID's hash function is not SHA-256",
			Self::DigestLength => "the CID's digest does not have 32 bytes",
			Self::TooShort => "the CID is cut off",
			Self::TooLong => "the CID goes on after its end",
			Self::Base => "the CID is not in base32 with a `b` in front",
			Self::Character => "the CID holds a character that is no digit of base32",
		})
	}
}

impl core::error::Error for CidError {}

impl Cid {
	/// Name of a block that holds `codec` and hashes to `digest`.
	pub const fn new(codec: Codec, digest: [u8; 32]) -> Self {
		Self { codec, digest }
	}

	/// The CID that `bytes` are in binary, all of them: `01`, `55` or `70`, `12 20`, digest.
	///
	/// # Errors
	/// See [`CidError`]. Never panics, whatever the bytes.
	pub fn from_bytes(bytes: &[u8]) -> Result<Self, CidError> {
		let (&version, rest) = bytes.split_first().ok_or(CidError::TooShort)?;
		if version != VERSION {
			return Err(CidError::Version);
		}
		let (&codec, rest) = rest.split_first().ok_or(CidError::TooShort)?;
		let codec = Codec::from_code(codec).ok_or(CidError::Codec)?;
		let (&function, rest) = rest.split_first().ok_or(CidError::TooShort)?;
		if function != SHA2_256 {
			return Err(CidError::HashFunction);
		}
		let (&length, rest) = rest.split_first().ok_or(CidError::TooShort)?;
		if length != DIGEST_BYTES {
			return Err(CidError::DigestLength);
		}
		match rest.split_first_chunk() {
			Some((digest, [])) => Ok(Self::new(codec, *digest)),
			Some(_) => Err(CidError::TooLong),
			None => Err(CidError::TooShort),
		}
	}

	/// The CID in binary; the inverse of [`Cid::from_bytes`].
	pub fn to_bytes(&self) -> [u8; CID_BYTES] {
		let mut bytes = [0; CID_BYTES];
		let header = [VERSION, self.codec.code(), SHA2_256, DIGEST_BYTES];
		for (to, from) in bytes.iter_mut().zip(header.iter().chain(&self.digest)) {
			*to = *from;
		}
		bytes
	}
}

/// As text, in base32: `bafy…` for dag-pb and `bafk…` for raw.
impl fmt::Display for Cid {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let mut text = String::with_capacity(CID_TEXT);
		text.push('b');
		let mut bits = Bits::default();
		for byte in self.to_bytes() {
			bits.push(byte, 8);
			while let Some(digit) = bits.take(5) {
				text.push(to_digit(digit));
			}
		}
		// 36 bytes are 57 digits and three bits: two zeros fill the last digit.
		bits.push(0, 2);
		text.extend(bits.take(5).map(to_digit));
		f.pad(&text)
	}
}

/// From text, in base32 and nothing else, so that one CID has one text.
impl FromStr for Cid {
	type Err = CidError;

	fn from_str(text: &str) -> Result<Self, CidError> {
		if text.len() > MAX_TEXT {
			return Err(CidError::TooLong);
		}
		let Some(digits) = text.strip_prefix('b') else {
			return Err(if text.starts_with("Qm") { CidError::Version } else { CidError::Base });
		};
		let mut bytes = Vec::with_capacity(CID_BYTES);
		let mut bits = Bits::default();
		for digit in digits.bytes() {
			bits.push(from_digit(digit).ok_or(CidError::Character)?, 5);
			bytes.extend(bits.take(8));
		}
		let cid = Self::from_bytes(&bytes)?;
		match bits {
			Bits { count: 5.., .. } => Err(CidError::TooLong),
			Bits { value: 1.., .. } => Err(CidError::Character),
			_ => Ok(cid),
		}
	}
}

fn to_digit(value: u8) -> char {
	// Five bits always name a digit.
	BASE32.get(usize::from(value)).map_or('=', |digit| char::from(*digit))
}

fn from_digit(digit: u8) -> Option<u8> {
	let value = BASE32.iter().position(|candidate| *candidate == digit)?;
	u8::try_from(value).ok()
}

/// Bits on their way from groups of one size to groups of another.
#[derive(Default)]
struct Bits {
	value: u16,
	/// Never above 12: less than a group waits, and a group comes in.
	count: u32,
}

impl Bits {
	fn push(&mut self, group: u8, size: u32) {
		self.value = self.value.wrapping_shl(size) | u16::from(group);
		self.count = self.count.saturating_add(size);
	}

	/// The oldest `size` bits, if there are as many.
	fn take(&mut self, size: u32) -> Option<u8> {
		let left = self.count.checked_sub(size)?;
		let group = self.value.wrapping_shr(left);
		self.value ^= group.wrapping_shl(left);
		self.count = left;
		u8::try_from(group).ok()
	}
}
