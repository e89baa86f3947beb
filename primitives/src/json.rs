//! One value out of a JSON answer, without trusting the answer.
//!
//! The bytes come from the network. So nesting and pointers are bounded, nothing is converted
//! through floating point, and an answer in which a name occurs twice is refused, because two
//! readers could read it differently.

use crate::{decimal::is_number, hex::digits};
use alloc::{string::String, vec::Vec};
use core::fmt;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use sp_core::H256;

/// Most arrays and objects inside each other that an answer may have. Real answers have under ten.
pub const MAX_DEPTH: usize = 32;

/// Most characters of a pointer.
pub const MAX_POINTER: usize = 256;

/// Why there is no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JsonError {
	/// Not a JSON text in UTF-8.
	Malformed,
	/// Arrays and objects are nested deeper than [`MAX_DEPTH`].
	TooDeep,
	/// The pointer is not one in the sense of RFC 6901, or longer than [`MAX_POINTER`], or deeper
	/// than [`MAX_DEPTH`].
	BadPointer,
	/// Nothing is where the pointer points.
	Missing,
	/// A name that the pointer goes through occurs twice in its object.
	Ambiguous,
	/// What is there is no number.
	NotANumber,
	/// What is there is a string that holds a number, and only numbers are taken.
	NumberInText,
	/// What is there is an array, an object or `null`.
	NotPlain,
	/// What is there is not the hash of some content.
	NotAHash,
}

impl fmt::Display for JsonError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Malformed => f.write_str("the answer is not JSON"),
			Self::TooDeep => write!(f, "the answer is nested deeper than {MAX_DEPTH} levels"),
			Self::BadPointer => f.write_str("the pointer is not a JSON pointer (RFC 6901)"),
			Self::Missing => f.write_str("nothing in the answer is where the pointer points"),
			Self::Ambiguous => f.write_str("a name on the pointer's way occurs twice"),
			Self::NotANumber => f.write_str("what the pointer points at is not a number"),
			Self::NumberInText => f.write_str(
				"what the pointer points at is a number in quotes, which is taken with text = true",
			),
			Self::NotPlain => {
				f.write_str("what the pointer points at is neither text nor a number")
			}
			Self::NotAHash => {
				f.write_str("what the pointer points at is not a SHA-256 in hexadecimal digits")
			}
		}
	}
}

/// Whether `pointer` is one that [`number_at`] and its siblings can follow. For settings to be checked at start.
///
/// # Errors
/// [`JsonError::BadPointer`].
pub fn check_pointer(pointer: &str) -> Result<(), JsonError> {
	segments(pointer).map(drop)
}

/// The text of the number in `body` at `pointer` (RFC 6901), as it was written.
///
/// With `quoted`, a string that holds a number, and nothing else, counts as one: many services quote
/// theirs.
///
/// ```
/// use rwa_primitives::json::{number_at, JsonError};
///
/// let body = br#"{"list": [{"t": 21.350}, {"t": "-4"}]}"#;
/// assert_eq!(number_at(body, "/list/0/t", false), Ok("21.350"));
/// assert_eq!(number_at(body, "/list/1/t", true), Ok("-4"));
/// assert_eq!(number_at(body, "/list/1/t", false), Err(JsonError::NumberInText));
/// ```
///
/// # Errors
/// See [`JsonError`]. Never panics, whatever the bytes.
pub fn number_at<'a>(body: &'a [u8], pointer: &str, quoted: bool) -> Result<&'a str, JsonError> {
	let text = value_at(body, pointer)?.get();
	match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
		Some(inner) if is_number(inner) => quoted.then_some(inner).ok_or(JsonError::NumberInText),
		None if is_number(text) => Ok(text),
		_ => Err(JsonError::NotANumber),
	}
}

/// What is neither an array nor an object nor `null`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Plain<'a> {
	/// The text of a number, as it was written.
	Number(&'a str),
	/// What a string says.
	Text(String),
	/// `true` or `false`.
	Truth(bool),
}

/// The plain value in `body` at `pointer` (RFC 6901).
///
/// ```
/// use rwa_primitives::json::{plain_at, Plain};
///
/// let body = br#"{"door": "open", "locked": false}"#;
/// assert_eq!(plain_at(body, "/door"), Ok(Plain::Text("open".into())));
/// assert_eq!(plain_at(body, "/locked"), Ok(Plain::Truth(false)));
/// ```
///
/// # Errors
/// See [`JsonError`]. Never panics, whatever the bytes.
pub fn plain_at<'a>(body: &'a [u8], pointer: &str) -> Result<Plain<'a>, JsonError> {
	match value_at(body, pointer)?.get() {
		"true" => Ok(Plain::Truth(true)),
		"false" => Ok(Plain::Truth(false)),
		number if is_number(number) => Ok(Plain::Number(number)),
		text if text.starts_with('"') => {
			serde_json::from_str(text).map(Plain::Text).map_err(|_| JsonError::Malformed)
		}
		_ => Err(JsonError::NotPlain),
	}
}

/// How a multihash of SHA-256 begins: its number in the table, and its length.
const SHA_256: &str = "1220";

/// The SHA-256 in `body` at `pointer` (RFC 6901), by which some content is named: a string of 64 hexadecimal digits,
/// with or without `0x`, or of a multihash, as catalogues of images have it (`file:checksum` of STAC).
///
/// ```
/// use rwa_primitives::json::hash_at;
///
/// let body = format!(r#"{{"plain": "{0}", "file:checksum": "1220{0}"}}"#, "ab".repeat(32));
/// assert_eq!(hash_at(body.as_bytes(), "/plain"), Ok([0xab; 32].into()));
/// assert_eq!(hash_at(body.as_bytes(), "/file:checksum"), Ok([0xab; 32].into()));
/// ```
///
/// # Errors
/// See [`JsonError`]. Never panics, whatever the bytes.
pub fn hash_at(body: &[u8], pointer: &str) -> Result<H256, JsonError> {
	let text = value_at(body, pointer)?.get();
	let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
	let hash = text.and_then(|text| {
		let plain = text.strip_prefix("0x").unwrap_or(text);
		digits(plain).or_else(|| digits(text.strip_prefix(SHA_256)?))
	});
	hash.map(H256).ok_or(JsonError::NotAHash)
}

/// Whatever is in `body` at `pointer`.
fn value_at<'a>(body: &'a [u8], pointer: &str) -> Result<&'a RawValue, JsonError> {
	let segments = segments(pointer)?;
	check_depth(body)?;
	let value = serde_json::from_slice::<&RawValue>(body).map_err(|_| JsonError::Malformed)?;
	segments.iter().try_fold(value, |value, segment| child(value, segment))
}

/// The names and indices of a pointer, with `~1` and `~0` made `/` and `~` again.
fn segments(pointer: &str) -> Result<Vec<String>, JsonError> {
	if pointer.len() > MAX_POINTER {
		return Err(JsonError::BadPointer);
	}
	if pointer.is_empty() {
		return Ok(Vec::new()); // The whole text.
	}
	let names = pointer.strip_prefix('/').ok_or(JsonError::BadPointer)?;
	let segments = names.split('/').map(unescape).collect::<Option<Vec<_>>>();
	segments.filter(|s| s.len() <= MAX_DEPTH).ok_or(JsonError::BadPointer)
}

/// `None`: a `~` that is followed by neither `0` nor `1`.
fn unescape(segment: &str) -> Option<String> {
	let mut parts = segment.split('~');
	let mut name = String::from(parts.next()?);
	for part in parts {
		let (character, rest) = match (part.strip_prefix('0'), part.strip_prefix('1')) {
			(Some(rest), _) => ('~', rest),
			(_, Some(rest)) => ('/', rest),
			_ => return None,
		};
		name.push(character);
		name.push_str(rest);
	}
	Some(name)
}

/// Counts brackets outside strings. Runs first, because it needs neither memory nor a stack.
pub(crate) fn check_depth(body: &[u8]) -> Result<(), JsonError> {
	let mut depth = 0usize;
	let mut in_string = false;
	let mut escaped = false;
	for byte in body {
		if escaped {
			escaped = false;
			continue;
		}
		match byte {
			b'\\' if in_string => escaped = true,
			b'"' => in_string = !in_string,
			_ if in_string => {}
			b'[' | b'{' => depth = depth.saturating_add(1),
			b']' | b'}' => depth = depth.saturating_sub(1),
			_ => {}
		}
		if depth > MAX_DEPTH {
			return Err(JsonError::TooDeep);
		}
	}
	Ok(())
}

/// What `parent` holds under `segment`: a name in an object, an index in an array.
fn child<'a>(parent: &'a RawValue, segment: &str) -> Result<&'a RawValue, JsonError> {
	let mut parser = serde_json::Deserializer::from_str(parent.get());
	let found = match parent.get().as_bytes().first() {
		Some(b'{') => parser.deserialize_map(Member(segment)),
		Some(b'[') => match index(segment) {
			Some(index) => parser.deserialize_seq(Element(index)),
			None => return Err(JsonError::Missing),
		},
		_ => return Err(JsonError::Missing),
	};
	found.map_err(|_| JsonError::Malformed)?
}

/// `None`: not an index; RFC 6901 allows neither signs nor leading zeros.
fn index(segment: &str) -> Option<usize> {
	let canonical = segment == "0" || !segment.starts_with(['0', '+']);
	segment.parse().ok().filter(|_| canonical)
}

/// What was found one level down; the outer error of the parser means malformed text.
type Found<'de> = Result<&'de RawValue, JsonError>;

/// Looks for the member of this name in an object.
struct Member<'p>(&'p str);

impl<'de> Visitor<'de> for Member<'_> {
	type Value = Found<'de>;

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("an object")
	}

	fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
		let mut found = None;
		let mut ambiguous = false;
		// To the end in any case: the parser wants all of the object read.
		while let Some(wanted) = map.next_key_seed(NameIs(self.0))? {
			let value = map.next_value::<&RawValue>()?;
			if wanted {
				ambiguous |= found.replace(value).is_some();
			}
		}
		Ok(if ambiguous { Err(JsonError::Ambiguous) } else { found.ok_or(JsonError::Missing) })
	}
}

/// Whether an object's name is this one. Compares without keeping the name.
struct NameIs<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for NameIs<'_> {
	type Value = bool;

	fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
		deserializer.deserialize_str(self)
	}
}

impl<'de> Visitor<'de> for NameIs<'_> {
	type Value = bool;

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("a name")
	}

	fn visit_str<E>(self, name: &str) -> Result<bool, E> {
		Ok(name == self.0)
	}
}

/// Takes the element of this index out of an array.
struct Element(usize);

impl<'de> Visitor<'de> for Element {
	type Value = Found<'de>;

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("an array")
	}

	fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
		for _ in 0..self.0 {
			if seq.next_element::<IgnoredAny>()?.is_none() {
				return Ok(Err(JsonError::Missing));
			}
		}
		let element = seq.next_element::<&RawValue>()?;
		while seq.next_element::<IgnoredAny>()?.is_some() {}
		Ok(element.ok_or(JsonError::Missing))
	}
}
