//! What each setting must look like. Messages say what would do, and never repeat the value.

use rwa_primitives::{
	json::{check_pointer, MAX_DEPTH, MAX_POINTER},
	worker::{MAX_BYTES, MAX_SKEW_MS, MAX_TIMEOUT_MS, MAX_WATCH_EVERY},
};
use std::net::{IpAddr, Ipv6Addr};

/// Longest address, in bytes: what servers commonly accept.
const MAX_URL_BYTES: usize = 2_048;
/// Most headers of one source.
pub(super) const MAX_HEADERS: usize = 16;
/// Longest header value, in bytes: room for a signed token.
const MAX_HEADER_BYTES: usize = 4_096;

/// Shortest token of the bridge, in bytes.
const MIN_TOKEN_BYTES: usize = 16;

/// Headers that the HTTP client writes itself; a second one would contradict it.
const RESERVED_HEADERS: [&str; 5] =
	["host", "content-length", "transfer-encoding", "connection", "upgrade"];

/// An absolute `http` or `https` address with a host, and nothing that would be dropped on the way.
pub(super) fn url(url: &str) -> Result<(), String> {
	if url.len() > MAX_URL_BYTES {
		return Err(format!("the address is longer than {MAX_URL_BYTES} bytes"));
	}
	let rest = url
		.strip_prefix("http://")
		.or_else(|| url.strip_prefix("https://"))
		.ok_or("the address must begin with http:// or https://")?;
	if !url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)) {
		return Err("the address has a character that must be percent-encoded".into());
	}
	if url.contains('#') {
		return Err("the address has a fragment (#…), which is never sent to a server".into());
	}
	let authority = rest.split(['/', '?']).next().unwrap_or_default();
	if authority.contains('@') {
		return Err("the address holds a user name; send it in an Authorization header".into());
	}
	host_and_port(authority)
}

/// An address up to the port, of what listens on this machine. Without TLS whoever is
/// between would read the token.
pub(super) fn bridge(address: &str) -> Result<(), String> {
	url(address)?;
	let (scheme, authority) = address.split_once("://").unwrap_or_default();
	if authority.contains(['/', '?']) {
		return Err("the address goes on after host and port".into());
	}
	if scheme == "http" && !is_here(authority) {
		return Err(
			"over http:// the bridge is only asked on this machine: 127.0.0.1, [::1] or localhost"
				.into(),
		);
	}
	Ok(())
}

/// Whether a host, with or without a port, is this machine.
fn is_here(authority: &str) -> bool {
	let host = match authority.strip_prefix('[') {
		Some(v6) => v6.split(']').next().unwrap_or_default(),
		None => authority.split(':').next().unwrap_or_default(),
	};
	host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What every order to the bridge brings, by the bridge's own rule. `from` says where it came from.
pub(super) fn token(value: &str, from: &str) -> Result<(), String> {
	if !(MIN_TOKEN_BYTES..=MAX_HEADER_BYTES).contains(&value.len()) {
		return Err(format!("{from} has not {MIN_TOKEN_BYTES} to {MAX_HEADER_BYTES} characters"));
	}
	if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
		return Err(format!("{from} has a character that a token can't have"));
	}
	Ok(())
}

fn host_and_port(authority: &str) -> Result<(), String> {
	let (host, port) = match authority.strip_prefix('[') {
		Some(v6) => {
			let (host, rest) = v6.split_once(']').ok_or("the address's [ is never closed")?;
			host.parse::<Ipv6Addr>().map_err(|_| "the address's host is no IPv6 address")?;
			let port = rest.strip_prefix(':');
			if port.is_none() && !rest.is_empty() {
				return Err("after the address's ] comes :, a port, or the path".into());
			}
			(host, port)
		}
		None => match authority.split_once(':') {
			Some((host, port)) => (host, Some(port)),
			None => (authority, None),
		},
	};
	if host.is_empty() {
		return Err("the address has no host".into());
	}
	let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
	if !authority.starts_with('[') && !host.bytes().all(named) {
		return Err("the address's host has a character that host names can't have".into());
	}
	match port.map(str::parse::<u16>) {
		None => Ok(()),
		Some(Ok(port)) if port > 0 => Ok(()),
		Some(_) => Err("the address's port is not a number from 1 to 65535".into()),
	}
}

/// A JSON pointer (RFC 6901) that the workers can follow.
pub(super) fn pointer(pointer: &str) -> Result<(), String> {
	check_pointer(pointer).map_err(|_| {
		format!(
			"the pointer must be empty or begin with /, with ~0 for ~ and ~1 for / within a name, \
			 and have at most {MAX_POINTER} characters and {MAX_DEPTH} levels"
		)
	})
}

/// Milliseconds before giving up.
pub(super) fn timeout_ms(value: u32) -> Result<(), String> {
	within("timeout_ms", value, MAX_TIMEOUT_MS)
}

/// Most bytes read.
pub(super) fn max_bytes(value: u32) -> Result<(), String> {
	within("max_bytes", value, MAX_BYTES)
}

/// How far a device's clock may be off.
pub(super) fn max_skew_ms(value: u32) -> Result<(), String> {
	within("max_skew_ms", value, MAX_SKEW_MS)
}

/// Blocks from one look at a feed's sources to the next. 0: never.
pub(super) fn watch_every(value: u32) -> Result<(), String> {
	if value <= MAX_WATCH_EVERY {
		return Ok(());
	}
	Err(format!("watch_every is {value}; allowed: 0 to {MAX_WATCH_EVERY}"))
}

fn within(name: &str, value: u32, most: u32) -> Result<(), String> {
	if (1..=most).contains(&value) {
		return Ok(());
	}
	Err(format!("{name} is {value}; allowed: 1 to {most}"))
}

/// A header's name (RFC 9110), of one that a source may set.
pub(super) fn header_name(name: &str) -> Result<(), String> {
	let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
	if name.is_empty() || !name.bytes().all(token) {
		return Err("this is not the name of a header".into());
	}
	if RESERVED_HEADERS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
		return Err("this header is set by the node itself".into());
	}
	Ok(())
}

/// A header's value. `from` says where it came from, because it can't be shown.
pub(super) fn header_value(value: &str, from: &str) -> Result<(), String> {
	if value.is_empty() {
		return Err(format!("{from} is empty"));
	}
	if value.len() > MAX_HEADER_BYTES {
		return Err(format!("{from} is longer than {MAX_HEADER_BYTES} bytes"));
	}
	if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
		return Err(format!("{from} has a character that a header can't carry"));
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn addresses_are_http_with_a_host() {
		for good in [
			"http://127.0.0.1:8081/reading",
			"https://api.example.org",
			"https://api.example.org/v1/now?station=7&key=a%20b",
			"http://[::1]:8081/",
			"http://[::1]/",
			"http://localhost?x=http://other/",
		] {
			assert_eq!(url(good), Ok(()), "{good}");
		}
		for (bad, reason) in [
			("", "begin with http"),
			("ftp://host/", "begin with http"),
			("HTTP://host/", "begin with http"),
			("host/reading", "begin with http"),
			("http://", "no host"),
			("http:///reading", "no host"),
			("http://:80/", "no host"),
			("http://ho st/", "percent-encoded"),
			("http://host/ü", "percent-encoded"),
			("http://host/\n", "percent-encoded"),
			("http://host/#/t", "fragment"),
			("http://me:secret@host/", "user name"),
			("http://host:0/", "port"),
			("http://host:65536/", "port"),
			("http://host:/", "port"),
			("http://host:80:80/", "port"),
			("http://[::1/", "never closed"),
			("http://[::g]/", "IPv6"),
			("http://[::1]80/", "port"),
			("http://ho*st/", "host names"),
		] {
			let error = url(bad).unwrap_err();
			assert!(error.contains(reason), "{bad}: {error}");
			assert!(bad.is_empty() || !error.contains(bad), "repeats the address: {error}");
		}
		let long = format!("http://host/{}", "x".repeat(MAX_URL_BYTES));
		assert!(url(&long).unwrap_err().contains("longer"));
	}

	#[test]
	fn the_bridge_is_on_this_machine_and_its_address_ends_with_the_port() {
		for good in [
			"http://127.0.0.1:8091",
			"http://127.1.2.3",
			"http://[::1]:8091",
			"http://localhost:8091",
			"https://bridge.example.org:8091",
		] {
			assert_eq!(bridge(good), Ok(()), "{good}");
		}
		for (bad, reason) in [
			("127.0.0.1:8091", "begin with http"),
			("http://127.0.0.1:8091/", "goes on after"),
			("http://127.0.0.1:8091?a", "goes on after"),
			("http://127.0.0.1:0", "port"),
			("http://10.0.0.1:8091", "on this machine"),
			("http://127.0.0.1.example.org", "on this machine"),
			("http://localhost.example.org", "on this machine"),
			("http://[2001:db8::1]:8091", "on this machine"),
		] {
			let error = bridge(bad).unwrap_err();
			assert!(error.contains(reason), "{bad}: {error}");
			assert!(!error.contains(bad), "repeats the address: {error}");
		}
	}

	#[test]
	fn tokens_are_long_and_without_spaces() {
		assert_eq!(token(&"x".repeat(16), "it"), Ok(()));
		for bad in ["", "hunter2", "sixteen letters, ü", "hunter2 hunter2 hunter2"] {
			let error = token(bad, "it").unwrap_err();
			assert!(error.starts_with("it has "), "{error}");
			assert!(!error.contains("hunter2"), "repeats the value: {error}");
		}
		assert!(token(&"x".repeat(MAX_HEADER_BYTES + 1), "it").is_err());
	}

	#[test]
	fn pointers_follow_rfc_6901() {
		for good in ["", "/", "/a/0/b", "/a~0b/c~1d", "/été"] {
			assert_eq!(pointer(good), Ok(()), "{good}");
		}
		for bad in ["a", "a/b", "/a~", "/a~2", "/~~0"] {
			assert!(pointer(bad).is_err(), "{bad}");
		}
		assert_eq!(pointer(&"/a".repeat(MAX_DEPTH)), Ok(()));
		assert!(pointer(&"/a".repeat(MAX_DEPTH + 1)).is_err());
		assert!(pointer(&format!("/{}", "a".repeat(MAX_POINTER))).is_err());
	}

	#[test]
	fn numbers_are_within_their_bounds() {
		assert_eq!((timeout_ms(1), timeout_ms(MAX_TIMEOUT_MS)), (Ok(()), Ok(())));
		assert_eq!((max_bytes(1), max_bytes(MAX_BYTES)), (Ok(()), Ok(())));
		assert_eq!((max_skew_ms(1), max_skew_ms(MAX_SKEW_MS)), (Ok(()), Ok(())));
		assert_eq!(max_skew_ms(0).unwrap_err(), "max_skew_ms is 0; allowed: 1 to 604800000");
		assert!(max_skew_ms(MAX_SKEW_MS + 1).is_err());
		assert_eq!(timeout_ms(0).unwrap_err(), "timeout_ms is 0; allowed: 1 to 2000");
		assert_eq!(timeout_ms(2001).unwrap_err(), "timeout_ms is 2001; allowed: 1 to 2000");
		assert_eq!(max_bytes(0).unwrap_err(), "max_bytes is 0; allowed: 1 to 65536");
		assert_eq!((watch_every(0), watch_every(MAX_WATCH_EVERY)), (Ok(()), Ok(())));
		assert_eq!(watch_every(86_401).unwrap_err(), "watch_every is 86401; allowed: 0 to 86400");
		assert_eq!(max_bytes(65537).unwrap_err(), "max_bytes is 65537; allowed: 1 to 65536");
	}

	#[test]
	fn headers_can_be_sent_as_they_are() {
		assert_eq!(header_name("X-Api-Key"), Ok(()));
		for bad in ["", "X Api", "X:Api", "Schlüssel", "Host", "content-length"] {
			assert!(header_name(bad).is_err(), "{bad}");
		}
		assert_eq!(header_value("Bearer abc", "the value"), Ok(()));
		for bad in ["", "two\nlines", "tab\t", "nul\0", "ümlaut"] {
			let error = header_value(bad, "the value").unwrap_err();
			assert!(error.starts_with("the value "), "{error}");
			assert!(bad.is_empty() || !error.contains(bad), "repeats the value: {error}");
		}
		assert!(header_value(&"x".repeat(MAX_HEADER_BYTES + 1), "it").is_err());
	}
}
