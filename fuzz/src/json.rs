//! JSON (RFC 8259) and pointers into it (RFC 6901), read the plain way: the whole text becomes a tree.

use rwa_primitives::json::{JsonError, Plain, MAX_DEPTH, MAX_POINTER};

/// A value.
#[derive(Debug)]
pub enum Json<'a> {
	/// `null`.
	Null,
	/// `true` or `false`.
	Truth(bool),
	/// As it was written.
	Number(&'a str),
	/// Between quotes.
	Text(Text<'a>),
	/// Between brackets.
	List(Vec<Json<'a>>),
	/// Between braces: all members, with all that have the same name.
	Object(Vec<(Text<'a>, Json<'a>)>),
}

/// A string.
#[derive(Debug)]
pub struct Text<'a> {
	/// As it was written, without quotes.
	pub written: &'a str,
	/// What it says. `None`: half of a surrogate pair is in it.
	pub says: Option<String>,
}

impl<'a> Json<'a> {
	/// The value that `body` is. `None`: it isn't JSON.
	///
	/// Calls itself for each level: not for texts that are nested without bounds.
	pub fn parse(body: &'a [u8]) -> Option<Self> {
		let mut rest = std::str::from_utf8(body).ok()?;
		let value = value(&mut rest)?;
		rest.is_empty().then_some(value)
	}

	/// Arrays and objects inside each other.
	pub fn depth(&self) -> usize {
		match self {
			Self::List(list) => 1 + list.iter().map(Self::depth).max().unwrap_or(0),
			Self::Object(members) => {
				1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0)
			}
			_ => 0,
		}
	}

	/// What is at `pointer`.
	///
	/// # Errors
	/// Those that the reader under test has to give.
	pub fn at(&self, pointer: &str) -> Result<&Self, JsonError> {
		segments(pointer)?.iter().try_fold(self, |value, segment| value.child(segment))
	}

	fn child(&self, segment: &str) -> Result<&Self, JsonError> {
		match self {
			Self::List(list) => {
				let canonical = segment.bytes().all(|byte| byte.is_ascii_digit())
					&& (segment == "0" || !segment.starts_with('0'));
				let index = segment.parse::<usize>().ok().filter(|_| canonical);
				index.and_then(|index| list.get(index)).ok_or(JsonError::Missing)
			}
			Self::Object(members) => {
				if members.iter().any(|(name, _)| name.says.is_none()) {
					return Err(JsonError::Malformed);
				}
				let mut called =
					members.iter().filter(|(name, _)| name.says.as_deref() == Some(segment));
				match (called.next(), called.next()) {
					(None, _) => Err(JsonError::Missing),
					(Some((_, value)), None) => Ok(value),
					(Some(_), Some(_)) => Err(JsonError::Ambiguous),
				}
			}
			_ => Err(JsonError::Missing),
		}
	}

	/// What a reader of numbers has to say of this value.
	///
	/// # Errors
	/// [`JsonError::NotANumber`], [`JsonError::NumberInText`].
	pub fn number(&self, quoted: bool) -> Result<&'a str, JsonError> {
		match self {
			Self::Number(number) => Ok(number),
			Self::Text(text) if is_number(text.written) && quoted => Ok(text.written),
			Self::Text(text) if is_number(text.written) => Err(JsonError::NumberInText),
			_ => Err(JsonError::NotANumber),
		}
	}

	/// What a reader of plain values has to say of this value.
	///
	/// # Errors
	/// [`JsonError::NotPlain`], [`JsonError::Malformed`].
	pub fn plain(&self) -> Result<Plain<'a>, JsonError> {
		match self {
			Self::Truth(truth) => Ok(Plain::Truth(*truth)),
			Self::Number(number) => Ok(Plain::Number(number)),
			Self::Text(text) => text.says.clone().map(Plain::Text).ok_or(JsonError::Malformed),
			Self::Null | Self::List(_) | Self::Object(_) => Err(JsonError::NotPlain),
		}
	}

	/// Whether no object in it has two members of one name, and all texts can be decoded.
	pub fn is_plain_sailing(&self) -> bool {
		match self {
			Self::List(list) => list.iter().all(Self::is_plain_sailing),
			Self::Object(members) => {
				let names = members.iter().map(|(name, _)| name.says.as_deref());
				let distinct: std::collections::BTreeSet<_> = names.clone().collect();
				distinct.len() == members.len()
					&& !distinct.contains(&None)
					&& members.iter().all(|(_, value)| value.is_plain_sailing())
			}
			Self::Text(text) => text.says.is_some(),
			_ => true,
		}
	}
}

/// The names that a pointer goes through.
///
/// # Errors
/// [`JsonError::BadPointer`].
pub fn segments(pointer: &str) -> Result<Vec<String>, JsonError> {
	let mut parts = pointer.split('/');
	let rooted = parts.next() == Some("");
	let parts: Vec<&str> = parts.collect();
	let escaped = |part: &&str| {
		let tildes = part.matches('~').count();
		part.matches("~0").count() + part.matches("~1").count() == tildes
	};
	let fine = rooted
		&& pointer.len() <= MAX_POINTER
		&& parts.len() <= MAX_DEPTH
		&& parts.iter().all(escaped);
	// In this order, by section 4 of the standard.
	let unescape = |part: &str| part.replace("~1", "/").replace("~0", "~");
	if fine {
		Ok(parts.into_iter().map(unescape).collect())
	} else {
		Err(JsonError::BadPointer)
	}
}

/// Whether all of `text` is a number.
pub fn is_number(text: &str) -> bool {
	let mut rest = text;
	number(&mut rest).is_some() && rest.is_empty()
}

fn value<'a>(rest: &mut &'a str) -> Option<Json<'a>> {
	spaces(rest);
	let value = match rest.bytes().next()? {
		b'n' => take(rest, "null").then_some(Json::Null),
		b't' => take(rest, "true").then_some(Json::Truth(true)),
		b'f' => take(rest, "false").then_some(Json::Truth(false)),
		b'"' => text(rest).map(Json::Text),
		b'[' => list(rest).map(Json::List),
		b'{' => object(rest).map(Json::Object),
		_ => number(rest).map(Json::Number),
	};
	spaces(rest);
	value
}

fn spaces(rest: &mut &str) {
	*rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
}

fn take(rest: &mut &str, word: &str) -> bool {
	let after = rest.strip_prefix(word);
	*rest = after.unwrap_or(rest);
	after.is_some()
}

/// One digit or more.
fn digits(rest: &mut &str) -> bool {
	let after = rest.trim_start_matches(|character: char| character.is_ascii_digit());
	let some = after.len() < rest.len();
	*rest = after;
	some
}

fn number<'a>(rest: &mut &'a str) -> Option<&'a str> {
	let all = *rest;
	take(rest, "-");
	let whole = take(rest, "0") || digits(rest);
	let fraction = !take(rest, ".") || digits(rest);
	let exponent = !(take(rest, "e") || take(rest, "E")) || {
		let _sign = take(rest, "+") || take(rest, "-");
		digits(rest)
	};
	(whole && fraction && exponent).then(|| &all[..all.len() - rest.len()])
}

fn text<'a>(rest: &mut &'a str) -> Option<Text<'a>> {
	take(rest, "\"");
	let all = *rest;
	// In UTF-16, because that is what escapes are in.
	let mut says = Vec::new();
	loop {
		let character = rest.chars().next()?;
		*rest = &rest[character.len_utf8()..];
		match character {
			'"' => break,
			'\\' => says.push(escape(rest)?),
			'\0'..='\x1f' => return None,
			_ => says.extend_from_slice(character.encode_utf16(&mut [0; 2])),
		}
	}
	let written = &all[..all.len() - rest.len() - 1];
	Some(Text { written, says: String::from_utf16(&says).ok() })
}

fn escape(rest: &mut &str) -> Option<u16> {
	let character = rest.chars().next()?;
	*rest = &rest[character.len_utf8()..];
	let unit = match character {
		'"' | '\\' | '/' => character,
		'b' => '\x08',
		'f' => '\x0c',
		'n' => '\n',
		'r' => '\r',
		't' => '\t',
		'u' => {
			let digits = rest.get(..4)?;
			*rest = &rest[4..];
			let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
			return hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?;
		}
		_ => return None,
	};
	u16::try_from(u32::from(unit)).ok()
}

fn list<'a>(rest: &mut &'a str) -> Option<Vec<Json<'a>>> {
	take(rest, "[");
	spaces(rest);
	let mut list = Vec::new();
	if take(rest, "]") {
		return Some(list);
	}
	loop {
		list.push(value(rest)?);
		if take(rest, "]") {
			return Some(list);
		}
		if !take(rest, ",") {
			return None;
		}
	}
}

fn object<'a>(rest: &mut &'a str) -> Option<Vec<(Text<'a>, Json<'a>)>> {
	take(rest, "{");
	spaces(rest);
	let mut members = Vec::new();
	if take(rest, "}") {
		return Some(members);
	}
	loop {
		spaces(rest);
		if !rest.starts_with('"') {
			return None;
		}
		let name = text(rest)?;
		spaces(rest);
		if !take(rest, ":") {
			return None;
		}
		members.push((name, value(rest)?));
		if take(rest, "}") {
			return Some(members);
		}
		if !take(rest, ",") {
			return None;
		}
	}
}
