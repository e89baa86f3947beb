//! One value out of an answer, whatever the answer.

use proptest::prelude::*;
use rwa_primitives::json::{
	check_pointer, hash_at, number_at, plain_at, JsonError, Plain, MAX_DEPTH, MAX_POINTER,
};

#[track_caller]
fn found(body: &str, pointer: &str, number: &str) {
	assert_eq!(number_at(body.as_bytes(), pointer, false), Ok(number), "{body} at {pointer}");
}

#[track_caller]
fn refused(body: &str, pointer: &str, error: JsonError) {
	assert_eq!(number_at(body.as_bytes(), pointer, true), Err(error), "{body} at {pointer}");
}

#[test]
fn numbers_are_found_as_they_are_written() {
	found("21.350", "", "21.350");
	found(" \n-0.0E+1\t", "", "-0.0E+1");
	found(r#"{"t":1}"#, "/t", "1");
	found(r#" { "a" : { "b" : [ 0 , { "c" : 1e5 } ] } } "#, "/a/b/1/c", "1e5");
	// Never through a float.
	found(
		r#"{"t":0.1000000000000000055511151231257827}"#,
		"/t",
		"0.1000000000000000055511151231257827",
	);
	found(r#"{"t":123456789012345678901234567890}"#, "/t", "123456789012345678901234567890");
}

#[test]
fn strings_that_hold_a_number_count_as_one_where_they_are_wanted() {
	for (body, pointer, number) in [(r#"{"t":"21.35"}"#, "/t", "21.35"), (r#""-4""#, "", "-4")] {
		assert_eq!(number_at(body.as_bytes(), pointer, true), Ok(number));
		assert_eq!(number_at(body.as_bytes(), pointer, false), Err(JsonError::NumberInText));
	}
	assert_eq!(number_at(b"\"NaN\"", "", false), Err(JsonError::NotANumber));
	for text in [r#""""#, r#"" 1""#, r#""1 ""#, r#""1 °C""#, r#""1,5""#, r#""\u0031""#, r#""""#] {
		refused(text, "", JsonError::NotANumber);
	}
}

#[test]
fn other_things_are_no_numbers() {
	for text in ["null", "true", "{}", "[]", r#""NaN""#, "[1]", r#"{"t":1}"#] {
		refused(text, "", JsonError::NotANumber);
	}
}

#[test]
fn hashes_are_64_digits_plain_or_in_a_multihash() {
	let digits = "00112233445566778899aAbBcCdDeEfF".repeat(2);
	let hash: [u8; 32] = core::array::from_fn(|n| u8::try_from(n % 16 * 17).unwrap());
	let at = |text: &str| hash_at(format!(r#"{{"h":"{text}"}}"#).as_bytes(), "/h");
	for prefix in ["", "0x", "1220"] {
		assert_eq!(at(&format!("{prefix}{digits}")), Ok(hash.into()), "{prefix}");
	}
	// One digit too few or too many, another function, a sign, what is no digit.
	let odd = &digits[1..];
	for text in ["", "0x", "1220", odd, &format!("{digits}0"), &format!("{digits}00")] {
		assert_eq!(at(text), Err(JsonError::NotAHash), "{text}");
	}
	for text in
		[format!("1320{digits}"), format!("0x1220{digits}"), format!("+{odd}"), format!("g{odd}")]
	{
		assert_eq!(at(&text), Err(JsonError::NotAHash), "{text}");
	}
	for body in [r#"{"h":5}"#, r#"{"h":null}"#, r#"{"h":["0x"]}"#] {
		assert_eq!(hash_at(body.as_bytes(), "/h"), Err(JsonError::NotAHash), "{body}");
	}
	assert_eq!(hash_at(b"{}", "/h"), Err(JsonError::Missing));
}

#[test]
fn pointers_follow_rfc_6901() {
	// The examples of its section 5, with numbers throughout.
	let body = r#"{
		"foo": [10, 11], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6,
		" ": 7, "m~n": 8, "~1": 9, "\u00e9": 12, "01": 13, "-": 14
	}"#;
	for (pointer, number) in [
		("/foo/0", "10"),
		("/foo/1", "11"),
		("/", "0"),
		("/a~1b", "1"),
		("/c%d", "2"),
		("/e^f", "3"),
		("/g|h", "4"),
		("/i\\j", "5"),
		("/k\"l", "6"),
		("/ ", "7"),
		("/m~0n", "8"),
		("/~01", "9"), // `~0` first: the name is `~1`, not `/`.
		("/é", "12"),
		("/01", "13"),
		("/-", "14"),
	] {
		found(body, pointer, number);
	}
	for index in
		["2", "01", "00", "-1", "+1", "-", "", " 0", "0 ", "1e0", "x", "99999999999999999999"]
	{
		refused(body, &format!("/foo/{index}"), JsonError::Missing);
	}
	for missing in ["/bar", "/foo/0/x", "/a", "/a~1b/0", "//", "/foo/"] {
		refused(body, missing, JsonError::Missing);
	}
}

#[test]
fn what_is_no_pointer_is_refused_before_the_answer_is_looked_at() {
	let long = "/".to_owned() + &"x".repeat(MAX_POINTER);
	let deep = "/x".repeat(MAX_DEPTH + 1);
	for pointer in ["t", "#/t", "/~", "/~2", "/a~", "/~~0", "/a/~x/b", &long, &deep] {
		refused("nonsense", pointer, JsonError::BadPointer);
		assert_eq!(check_pointer(pointer), Err(JsonError::BadPointer));
	}
	for pointer in ["", "/", "/t", "/~0~1", &"/x".repeat(MAX_DEPTH), &long[..MAX_POINTER]] {
		assert_eq!(check_pointer(pointer), Ok(()));
	}
}

#[test]
fn a_name_that_occurs_twice_on_the_way_is_refused() {
	refused(r#"{"t":1,"t":1}"#, "/t", JsonError::Ambiguous);
	refused(r#"{"t":1,"\u0074":2,"x":3}"#, "/t", JsonError::Ambiguous);
	refused(r#"{"a":{"t":1},"a":{"t":2}}"#, "/a/t", JsonError::Ambiguous);
	found(r#"{"x":0,"x":1,"t":2}"#, "/t", "2"); // Not on the way.
}

#[test]
fn answers_that_are_not_json_are_refused_even_where_nobody_looks() {
	for body in [
		"",
		" ",
		"{",
		"[1",
		"1 2",
		"{\"t\":1}x",
		"{\"t\":1,}",
		"{t:1}",
		"{'t':1}",
		"01",
		"1.",
		"nul",
		"{\"t\":1}{",
		"[1,]",
		"\"\n\"",
		"\"\\x\"",
		"// 1",
		"{\"t\":1,\"u\":}",
		"]",
		"}{",
		"NaN",
	] {
		refused(body, "/t", JsonError::Malformed);
	}
	assert_eq!(number_at(b"{\"t\":1,\"u\":\"\xff\"}", "/t", true), Err(JsonError::Malformed));
	assert_eq!(number_at(b"\xef\xbb\xbf1", "", true), Err(JsonError::Malformed));
}

#[test]
fn deep_answers_are_refused_and_brackets_in_strings_are_not_depth() {
	let nested = |depth: usize| "[".repeat(depth) + "1" + &"]".repeat(depth);
	found(&nested(MAX_DEPTH), &"/0".repeat(MAX_DEPTH), "1");
	refused(&nested(MAX_DEPTH + 1), "/0", JsonError::TooDeep);
	refused(&"[".repeat(65_536), "/0", JsonError::TooDeep);
	refused(&"{\"a\":".repeat(10_000), "/a", JsonError::TooDeep);
	found(&format!(r#"{{"s":"{}\"[[","t":1}}"#, "[{".repeat(100)), "/t", "1");
}

#[test]
fn plain_values_are_told_apart() {
	let plain = |body: &'static str| plain_at(body.as_bytes(), "/a");
	assert_eq!(plain(r#"{"a":1.50}"#), Ok(Plain::Number("1.50")));
	assert_eq!(plain(r#"{"a":"1.50"}"#), Ok(Plain::Text("1.50".into())));
	assert_eq!(plain(r#"{"a":""}"#), Ok(Plain::Text(String::new())));
	assert_eq!(plain(r#"{"a":"\u00e9\n\"x"}"#), Ok(Plain::Text("é\n\"x".into())));
	assert_eq!(plain(r#"{"a":true}"#), Ok(Plain::Truth(true)));
	assert_eq!(plain(r#"{"a":false}"#), Ok(Plain::Truth(false)));
	for body in [r#"{"a":null}"#, r#"{"a":{}}"#, r#"{"a":[1]}"#] {
		assert_eq!(plain(body), Err(JsonError::NotPlain), "{body}");
	}
	assert_eq!(plain(r#"{"b":1}"#), Err(JsonError::Missing));
	assert_eq!(plain(r#"{"a":1,"a":1}"#), Err(JsonError::Ambiguous));
	assert_eq!(plain(r#"{"a":"\ud800"}"#), Err(JsonError::Malformed)); // half a character
	assert_eq!(plain_at(&[b'['; 100], ""), Err(JsonError::TooDeep));
	assert_eq!(plain_at(b"1", "a"), Err(JsonError::BadPointer));
}

#[test]
fn every_error_explains_itself_in_one_line() {
	use JsonError::*;
	for error in
		[Malformed, TooDeep, BadPointer, Missing, Ambiguous, NotANumber, NumberInText, NotPlain]
	{
		let text = error.to_string();
		assert!(!text.is_empty() && !text.contains('\n'));
	}
}

/// Any JSON value a few levels deep.
fn json() -> impl Strategy<Value = serde_json::Value> {
	let leaf = prop_oneof![
		Just(serde_json::Value::Null),
		any::<bool>().prop_map(Into::into),
		any::<i64>().prop_map(Into::into),
		"\\PC{0,8}".prop_map(Into::into),
	];
	leaf.prop_recursive(4, 32, 4, |inner| {
		prop_oneof![
			prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
			prop::collection::btree_map("[a-c/~\"]{0,2}", inner, 0..4)
				.prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
		]
	})
}

proptest! {
	#[test]
	fn any_bytes_are_survived(body in any::<Vec<u8>>(), pointer in any::<String>()) {
		let _ = number_at(&body, &pointer, true);
		let _ = plain_at(&body, &pointer);
	}

	#[test]
	fn any_text_of_json_letters_is_survived(
		body in "[\\[\\]{}\",:0-9a-c\\\\u \\-+.eE]{0,200}", pointer in "(/[0-2a-c~]{0,2}){0,4}",
	) {
		let _ = number_at(body.as_bytes(), &pointer, true);
		let _ = plain_at(body.as_bytes(), &pointer);
	}

	/// The same place as another implementation of RFC 6901 finds.
	#[test]
	fn the_pointer_leads_where_others_are_led(
		value in json(), pointer in "(/([0-3]|[a-c]|~[01]|\"){0,2}){0,4}",
	) {
		let body = value.to_string();
		let found = number_at(body.as_bytes(), &pointer, true);
		match value.pointer(&pointer) {
			Some(serde_json::Value::Number(number)) => {
				let number = number.to_string();
				prop_assert_eq!(found, Ok(number.as_str()));
			},
			Some(serde_json::Value::String(text)) if found.is_ok() => {
				prop_assert_eq!(found, Ok(text.as_str()));
			},
			Some(_) => prop_assert_eq!(found, Err(JsonError::NotANumber)),
			None => prop_assert_eq!(found, Err(JsonError::Missing)),
		}
	}

	/// Cut anywhere, an object is refused, never read in part.
	#[test]
	fn an_answer_that_breaks_off_is_refused(value in any::<i64>(), cut in 1usize..12) {
		let body = format!(r#"{{"value":{value}}}"#);
		let part = &body.as_bytes()[..body.len() - cut.min(body.len())];
		prop_assert_eq!(number_at(part, "/value", true), Err(JsonError::Malformed));
	}
}
