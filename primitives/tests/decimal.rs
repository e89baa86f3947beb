//! Decimal text to fixed point: exact, monotone, and safe with any text.

use proptest::prelude::*;
use rwa_primitives::{
	decimal::{format_decimal, is_number, parse_decimal, DecimalError, MAX_TEXT},
	feed::{Value, MAX_DECIMALS},
};

/// `value` at `decimals`, from text.
#[track_caller]
fn parses(text: &str, decimals: u8, value: Value) {
	assert_eq!(parse_decimal(text, decimals), Ok(value), "{text} at {decimals} decimals");
}

#[test]
fn numbers_become_integers_of_the_feeds_unit() {
	parses("0", 0, 0);
	parses("-0", 2, 0);
	parses("-0.0e5", 18, 0);
	parses("21.35", 2, 2_135);
	parses("21.35", 4, 213_500);
	parses("-273.15", 2, -27_315);
	parses("1e3", 0, 1_000);
	parses("1E+3", 2, 100_000);
	parses("12345e-3", 3, 12_345);
	parses("0.000001", 6, 1);
	parses("1e-18", 18, 1);
}

#[test]
fn what_does_not_fit_is_rounded_half_away_from_zero() {
	parses("0.4", 0, 0);
	parses("0.5", 0, 1);
	parses("-0.5", 0, -1);
	parses("1.5", 0, 2);
	parses("2.5", 0, 3);
	parses("-2.5", 0, -3);
	parses("0.4999999999999999999999999999999999999999", 0, 0);
	parses("0.05", 0, 0);
	parses("0.95", 1, 10);
	parses("5e-1", 0, 1);
	parses("5e-2", 0, 0);
	parses("9e-100", 0, 0);
	parses("99.995", 2, 10_000);
}

#[test]
fn exponents_of_any_size_are_harmless() {
	parses("0e999999999999999999999999", 18, 0);
	parses("1e-999999999999999999999999", 18, 0);
	parses("0.000000000000000000000000000001e30", 0, 1);
	parses("123e-2147483648", 0, 0);
	for text in ["1e39", "1e999999999999999999999999", "1e2147483647", "-1e2147483648"] {
		assert_eq!(parse_decimal(text, 0), Err(DecimalError::TooLarge), "{text}");
	}
}

#[test]
fn the_largest_values_are_the_limit() {
	let largest = i128::MAX.to_string();
	parses(&largest, 0, i128::MAX);
	parses(&format!("-{largest}"), 0, -i128::MAX);
	parses(&format!("{largest}.4"), 0, i128::MAX);
	let too_large = Err(DecimalError::TooLarge);
	assert_eq!(parse_decimal(&format!("{largest}.5"), 0), too_large);
	assert_eq!(parse_decimal(&largest, 1), too_large);
	assert_eq!(parse_decimal("170141183460469231731687303715884105728", 0), too_large);
	assert_eq!(parse_decimal("-170141183460469231731687303715884105728", 0), too_large);
}

#[test]
fn only_what_json_calls_a_number_is_one() {
	let others = [
		"",
		" ",
		"-",
		"+1",
		".5",
		"1.",
		"-.5",
		"01",
		"-01",
		"00",
		"1e",
		"1e+",
		"1e-",
		"e5",
		"1 ",
		" 1",
		"1_000",
		"1,5",
		"0x10",
		"NaN",
		"Infinity",
		"-Infinity",
		"inf",
		"1e5.5",
		"1.2.3",
		"--1",
		"1e--5",
		"1e+-5",
		"1e5e5",
		"½",
		"１",
		"1\u{0}",
		"1\n",
		"null",
		"true",
		"\"1\"",
	];
	for text in others {
		assert_eq!(parse_decimal(text, 2), Err(DecimalError::NotANumber), "{text:?}");
		assert!(!is_number(text), "{text:?}");
	}
}

#[test]
fn long_numbers_are_refused_not_cut() {
	let longest = "1".repeat(30) + "." + &"0".repeat(MAX_TEXT - 31);
	assert_eq!(longest.len(), MAX_TEXT);
	assert!(parse_decimal(&longest, 0).is_ok());
	assert_eq!(parse_decimal(&(longest + "0"), 0), Err(DecimalError::TooLong));
}

#[test]
fn more_decimals_than_a_feed_can_have_are_refused() {
	assert!(parse_decimal("1", MAX_DECIMALS).is_ok());
	for decimals in MAX_DECIMALS + 1..=u8::MAX {
		assert_eq!(parse_decimal("1", decimals), Err(DecimalError::TooManyDecimals));
	}
}

#[test]
fn values_are_shown_with_all_their_decimals() {
	assert_eq!(format_decimal(0, 0), "0");
	assert_eq!(format_decimal(0, 2), "0.00");
	assert_eq!(format_decimal(5, 2), "0.05");
	assert_eq!(format_decimal(-5, 1), "-0.5");
	assert_eq!(format_decimal(12_345, 3), "12.345");
	assert_eq!(format_decimal(i128::MIN, 0), i128::MIN.to_string());
	assert_eq!(format_decimal(1, u8::MAX).len(), 257);
}

/// Text that is nearly a number, or one.
fn nearly_a_number() -> impl Strategy<Value = String> {
	"-?[0-9]{0,45}\\.?[0-9]{0,20}([eE][+-]?[0-9]{0,12})?"
}

proptest! {
	#[test]
	fn what_is_shown_parses_to_the_same_value(
		value in -i128::MAX..=i128::MAX,
		decimals in 0..=MAX_DECIMALS,
	) {
		prop_assert_eq!(parse_decimal(&format_decimal(value, decimals), decimals), Ok(value));
	}

	#[test]
	fn a_larger_number_is_never_a_smaller_value(
		a in any::<i64>(),
		b in any::<i64>(),
		scale in 0..=MAX_DECIMALS,
		decimals in 0..=MAX_DECIMALS,
	) {
		let parse = |n: i64| parse_decimal(&format_decimal(n.into(), scale), decimals).unwrap();
		prop_assert_eq!(parse(a.min(b)).min(parse(a.max(b))), parse(a.min(b)));
	}

	#[test]
	fn rounding_moves_a_number_by_half_a_unit_at_most(
		number in any::<i64>(), scale in 1..=MAX_DECIMALS,
	) {
		let value = parse_decimal(&format_decimal(number.into(), scale), 0).unwrap();
		let unit = 10i128.pow(scale.into());
		prop_assert!((value * unit - i128::from(number)).abs() * 2 <= unit);
	}

	#[test]
	fn a_number_and_its_negative_have_opposite_values(
		digits in "[1-9][0-9]{0,15}\\.[0-9]{1,15}", decimals in 0..=MAX_DECIMALS,
	) {
		let value = parse_decimal(&digits, decimals).unwrap();
		prop_assert_eq!(parse_decimal(&format!("-{digits}"), decimals), Ok(-value));
	}

	#[test]
	fn an_exponent_only_moves_the_point(
		digits in "[1-9][0-9]{0,9}", zeros in 0u8..10, decimals in 0..=MAX_DECIMALS,
	) {
		let plain = digits.clone() + &"0".repeat(zeros.into());
		prop_assert_eq!(
			parse_decimal(&format!("{digits}e{zeros}"), decimals),
			parse_decimal(&plain, decimals)
		);
	}

	#[test]
	fn any_text_is_survived(text in any::<String>(), decimals in any::<u8>()) {
		let _ = parse_decimal(&text, decimals);
		let _ = is_number(&text);
	}

	#[test]
	fn near_numbers_are_survived_and_judged_like_json(
		text in nearly_a_number(), decimals in 0..=MAX_DECIMALS,
	) {
		// A second opinion on the grammar; it refuses exponents that overflow a float.
		let json = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
		prop_assert_eq!(is_number(&text), json, "{}", text);
		let parsed = parse_decimal(&text, decimals);
		if text.len() <= MAX_TEXT {
			prop_assert_eq!(parsed == Err(DecimalError::NotANumber), !json);
		} else {
			prop_assert_eq!(parsed, Err(DecimalError::TooLong));
		}
	}
}
