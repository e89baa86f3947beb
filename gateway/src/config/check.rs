//! What each setting must look like. Messages say what would do.

use sp_core::H256;
use std::{fmt::Display, ops::RangeInclusive};

/// Longest name of a topic, and longest client id.
const MAX_NAME: usize = 64;

/// A number within bounds.
pub(super) fn within<T: PartialOrd + Display + Copy>(
	value: T,
	allowed: RangeInclusive<T>,
) -> Result<T, String> {
	if allowed.contains(&value) {
		return Ok(value);
	}
	Err(format!("{value} is out of range; allowed: {} to {}", allowed.start(), allowed.end()))
}

/// A hash as the node's RPC shows it.
pub(super) fn genesis(text: &str) -> Result<H256, String> {
	let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 64);
	digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| {
		"give 0x and 64 hexadecimal digits, as the node's RPC chain_getBlockHash [0] answers".into()
	})
}

/// The name or address of a broker.
pub(super) fn host(text: &str) -> Result<(), String> {
	let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
	if text.is_empty() || text.len() > 253 || !text.bytes().all(named) {
		return Err("give a host name or an IPv4 address, without mqtt:// and port".into());
	}
	Ok(())
}

/// A name that is a file's and a part of an address, too.
pub(super) fn name(text: &str) -> Result<(), String> {
	let plain =
		|byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
	if text.is_empty() || text.len() > MAX_NAME || !text.bytes().all(plain) {
		return Err(format!("give 1 to {MAX_NAME} of a-z, 0-9, - and _"));
	}
	Ok(())
}

/// A client id that every broker takes.
pub(super) fn client_id(text: &str) -> Result<(), String> {
	let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
	if text.is_empty() || text.len() > MAX_NAME || !text.bytes().all(plain) {
		return Err(format!("give 1 to {MAX_NAME} of A-Z, a-z, 0-9, - and _"));
	}
	Ok(())
}
