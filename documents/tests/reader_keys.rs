//! Readers' keys come back from text and from files, or it is said why not.

mod common;

use aes_gcm::{
	aead::{Aead, Payload},
	Aes256Gcm, KeyInit,
};
use common::{Dry, Named};
use proptest::prelude::*;
use rwa_documents::{
	backup::{MAX_FILE, MAX_LOG_N, MIN_LOG_N},
	Backup, BackupError, KeyTextError, NoEntropy, ReaderKey, ReaderSecret, SystemEntropy,
};

const PASSPHRASE: &str = "correct horse battery staple";

fn secret() -> ReaderSecret {
	ReaderSecret::generate(&mut Named::new("reader")).unwrap()
}

fn backup() -> Backup {
	Backup::with_work(&secret(), PASSPHRASE, MIN_LOG_N, &mut SystemEntropy).unwrap()
}

#[test]
fn public_keys_should_be_those_of_rfc_7748() {
	// Section 6.1, Bob.
	let secret = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
	let public = "x25519:0xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
	let secret = ReaderSecret::from_bytes(hex::decode(secret).unwrap().try_into().unwrap());
	assert_eq!(secret.public().to_string(), public);
}

#[test]
fn public_keys_should_come_back_from_text() {
	let key = secret().public();
	let text = key.to_string();
	assert_eq!(text.parse(), Ok(key));
	assert_eq!(format!("{key:?}"), text);
	let digits = text.strip_prefix("x25519:0x").unwrap();
	let parse = |text: &str| text.parse::<ReaderKey>().unwrap_err();
	let prefix = KeyTextError::Prefix { expected: "x25519:0x" };
	for text in ["", digits, "ed25519:0x00", "x25519:00", "X25519:0x00"] {
		assert_eq!(parse(text), prefix, "{text}");
	}
	assert_eq!(prefix.to_string(), "the key does not begin with \"x25519:0x\"");
	let length = |found| KeyTextError::Length { expected: 64, found };
	assert_eq!(parse("x25519:0x"), length(0));
	assert_eq!(parse(&format!("{text}0")), length(65));
	assert_eq!(parse(&text[..text.len() - 1]), length(63));
	assert_eq!(parse(&format!("x25519:0x{}", "ä".repeat(64))), KeyTextError::Digit);
	assert_eq!(parse(&format!("x25519:0x{}g", &digits[1..])), KeyTextError::Digit);
	// Whoever pastes a secret key where a public one belongs is not told more of it.
	assert_eq!(parse(&secret().to_text()), prefix);
}

#[test]
fn secret_keys_should_come_back_from_text() {
	let text = secret().to_text();
	assert!(text.starts_with("x25519-secret:0x"));
	let back = ReaderSecret::from_text(&text).unwrap();
	assert_eq!(back.expose(), secret().expose());
	let (prefix, digits) = text.split_at("x25519-secret:0x".len());
	let upper = format!("{prefix}{}", digits.to_uppercase());
	assert_eq!(ReaderSecret::from_text(&upper).unwrap().expose(), secret().expose());

	let refused = |text: &str| ReaderSecret::from_text(text).map(drop).unwrap_err();
	let expected = KeyTextError::Prefix { expected: "x25519-secret:0x" };
	assert_eq!(refused(&secret().public().to_string()), expected);
	assert_eq!(refused(digits), expected);
	let length = |found| KeyTextError::Length { expected: 72, found };
	assert_eq!(refused(&text[..text.len() - 8]), length(64));
	assert_eq!(refused(&format!("{}0", &*text)), length(73));
	assert_eq!(refused(&format!("{prefix}x{}", &digits[1..])), KeyTextError::Digit);
}

#[test]
fn any_wrong_digit_of_a_secret_key_should_show() {
	let text = secret().to_text();
	for at in "x25519-secret:0x".len()..text.len() {
		let digit = if &text[at..=at] == "0" { "1" } else { "0" };
		let other = [&text[..at], digit, &text[at + 1..]].concat();
		let outcome = ReaderSecret::from_text(&other).map(drop);
		assert_eq!(outcome, Err(KeyTextError::Checksum), "{at}");
	}
}

#[test]
fn a_backup_should_give_the_key_for_its_passphrase() {
	let json = backup().to_json();
	let read = Backup::from_json(&json).unwrap();
	assert_eq!(read, { Backup::from_json(&read.to_json()).unwrap() });
	assert_eq!(read.key(), secret().public());
	assert_eq!(read.open(PASSPHRASE).unwrap().expose(), secret().expose());
	let wrong = read.open("correct horse battery stable").map(drop).unwrap_err();
	assert_eq!(wrong.to_string(), "the passphrase is wrong, or the file was altered");
	assert!(!json.contains(&hex::encode(&secret().expose()[..4])), "{json}");
}

#[test]
fn two_backups_should_have_nothing_in_common_but_the_key() {
	let [one, other] = [(); 2].map(|()| backup().to_json());
	let field = |json: &str, name: &str| {
		serde_json::from_str::<serde_json::Value>(json).unwrap()[name].as_str().unwrap().to_owned()
	};
	assert_eq!(field(&one, "key"), field(&other, "key"));
	assert_ne!(field(&one, "salt"), field(&other, "salt"));
	assert_ne!(field(&one, "sealed"), field(&other, "sealed"));
}

#[test]
fn short_passphrases_should_be_refused_when_a_backup_is_made() {
	let make = |passphrase| Backup::with_work(&secret(), passphrase, 10, &mut SystemEntropy);
	for passphrase in ["", "hunter2", "elf letters"] {
		assert!(matches!(make(passphrase), Err(BackupError::ShortPassphrase)), "{passphrase}");
	}
	// Characters are counted, not bytes.
	assert!(matches!(make("äöüäöüäöüäö"), Err(BackupError::ShortPassphrase)));
	let backup = make("äöüäöüäöüäöü").unwrap();
	assert_eq!(backup.open("äöüäöüäöüäöü").unwrap().expose(), secret().expose());
}

#[test]
fn work_should_be_bounded_on_both_sides() {
	for log_n in [0, MIN_LOG_N - 1, MAX_LOG_N + 1, 63, 255] {
		let made = Backup::with_work(&secret(), PASSPHRASE, log_n, &mut SystemEntropy);
		assert!(matches!(made, Err(BackupError::Work(found)) if found == log_n), "{made:?}");
		// A file that asks for it is refused before the work is done.
		let json = backup().to_json().replace(
			&format!("\"scrypt_log_n\": {MIN_LOG_N}"),
			&format!("\"scrypt_log_n\": {log_n}"),
		);
		let opened = Backup::from_json(&json).unwrap().open(PASSPHRASE).map(drop);
		assert!(matches!(opened, Err(BackupError::Work(found)) if found == log_n), "{opened:?}");
	}
}

#[test]
fn a_backup_that_was_altered_should_be_found() {
	let json = backup().to_json();
	let open = |json: &str| Backup::from_json(json)?.open(PASSPHRASE).map(drop);
	assert!(open(&json).is_ok());
	let value = serde_json::from_str::<serde_json::Value>(&json).unwrap();
	for name in ["salt", "sealed"] {
		let text = value[name].as_str().unwrap();
		let digit = if text.ends_with('0') { '1' } else { '0' };
		let other = format!("{}{digit}", &text[..text.len() - 1]);
		let outcome = open(&json.replace(text, &other));
		assert!(matches!(outcome, Err(BackupError::Passphrase)), "{outcome:?}");
	}
	let more = json.replace("\"scrypt_log_n\": 10", "\"scrypt_log_n\": 11");
	assert!(matches!(open(&more), Err(BackupError::Passphrase)));
	let other = ReaderSecret::generate(&mut SystemEntropy).unwrap().public().to_string();
	let outcome = open(&json.replace(&secret().public().to_string(), &other));
	assert!(matches!(outcome, Err(BackupError::Passphrase)), "{outcome:?}");
}

#[test]
fn what_is_no_backup_should_be_told_why() {
	let json = backup().to_json();
	let refused = |json: &str| Backup::from_json(json).unwrap_err();
	assert!(matches!(refused(""), BackupError::Json(_)));
	assert!(matches!(refused("{}"), BackupError::Json(_)));
	assert!(refused("{}").to_string().contains("missing field"));
	let more = json.replacen('{', "{\"more\": 1,", 1);
	assert!(refused(&more).to_string().contains("unknown field `more`"), "{}", refused(&more));
	assert!(matches!(refused(&" ".repeat(MAX_FILE + 1)), BackupError::TooLong(4_097)));
	let other = json.replace("reader key of an RWA Network, under a passphrase", "shopping list");
	assert!(matches!(refused(&other), BackupError::What(what) if what == "shopping list"));
	let other = json.replace("\"version\": 1", "\"version\": 2");
	assert!(matches!(refused(&other), BackupError::Version(2)));
	let other = json.replace("x25519:0x", "ed25519:0x");
	assert!(matches!(refused(&other), BackupError::Key(KeyTextError::Prefix { .. })));
	let other = json.replace("\"salt\": \"0x", "\"salt\": \"");
	assert_eq!(refused(&other).to_string(), "salt is not 0x and 64 hexadecimal digits");
	let other = json.replace("\"sealed\": \"0x", "\"sealed\": \"0x00");
	assert_eq!(refused(&other).to_string(), "sealed is not 0x and 96 hexadecimal digits");
}

#[test]
fn a_file_with_the_key_of_somebody_else_should_be_told() {
	// Made by a program that writes another public key into its files, and seals them with it.
	let other = ReaderSecret::generate(&mut SystemEntropy).unwrap().public();
	let salt = [7; 32];
	let mut key = [0; 32];
	let params = scrypt::Params::new(MIN_LOG_N, 8, 1).unwrap();
	scrypt::scrypt(PASSPHRASE.as_bytes(), &salt, &params, &mut key).unwrap();
	let aad = [b"rwa-document-1 backup".as_slice(), &[MIN_LOG_N], &salt, &other.0].concat();
	let secret = secret();
	let payload = Payload { msg: secret.expose(), aad: &aad };
	let sealed = Aes256Gcm::new(&key.into()).encrypt(&[0; 12].into(), payload).unwrap();
	let json = serde_json::json!({
		"what": "reader key of an RWA Network, under a passphrase",
		"version": 1,
		"key": other.to_string(),
		"scrypt_log_n": MIN_LOG_N,
		"salt": format!("0x{}", hex::encode(salt)),
		"sealed": format!("0x{}", hex::encode(sealed)),
	});
	let opened = Backup::from_json(&json.to_string()).unwrap().open(PASSPHRASE).map(drop);
	assert!(matches!(opened, Err(BackupError::OtherKey)), "{opened:?}");
}

#[test]
fn nothing_should_be_made_without_entropy() {
	let made = Backup::with_work(&secret(), PASSPHRASE, 10, &mut Dry(31));
	assert!(matches!(made, Err(BackupError::NoEntropy(NoEntropy))), "{made:?}");
}

proptest! {
	#[test]
	fn any_secret_key_should_come_back(bytes in any::<[u8; 32]>()) {
		let secret = ReaderSecret::from_bytes(bytes);
		let back = ReaderSecret::from_text(&secret.to_text()).unwrap();
		prop_assert_eq!(back.expose(), &bytes);
		let public = secret.public();
		prop_assert_eq!(public.to_string().parse(), Ok(public));
	}

	#[test]
	fn any_text_at_all_should_be_refused_without_a_panic(
		text in ".{0,100}",
		prefix in prop::sample::select(vec!["", "x25519:0x", "x25519-secret:0x"]),
	) {
		let text = format!("{prefix}{text}");
		prop_assert!(text.parse::<ReaderKey>().is_err());
		prop_assert!(ReaderSecret::from_text(&text).is_err());
		prop_assert!(Backup::from_json(&text).is_err());
	}
}
