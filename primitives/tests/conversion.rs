//! From a source's unit to a feed's: exact, whatever the numbers.

use proptest::prelude::*;
use rwa_primitives::{
	decimal::{parse_decimal, DecimalError, Number, MAX_TEXT},
	feed::{Value, MAX_DECIMALS},
	worker::{Conversion, ConversionError},
};
use sp_arithmetic::{biguint::BigUint, traits::Zero};

fn conversion(scale: &str, offset: &str) -> Conversion {
	Conversion::parse(Some(scale), Some(offset)).unwrap()
}

#[track_caller]
fn becomes(number: &str, scale: &str, offset: &str, decimals: u8, value: Value) {
	let conversion = conversion(scale, offset);
	assert_eq!(conversion.apply(number, decimals), Ok(value), "{number} · {scale} + {offset}");
}

#[test]
fn units_become_other_units() {
	becomes("21.35", "1.8", "32", 2, 7_043); // °C to °F
	becomes("70.43", "5/9", "-17.77777777777777777", 2, 2_135); // and back, as far as 17 digits go
	becomes("294.5", "1", "-273.15", 2, 2_135); // K to °C
	becomes("3.6", "10/36", "0", 3, 1_000); // km/h to m/s
	becomes("1", "1.609344", "0", 6, 1_609_344); // mi to km
	becomes("5", "-1", "0", 0, -5); // below or above the datum
	becomes("1013.25", "1e2", "0", 0, 101_325); // hPa to Pa
	becomes("101325", "1e-3", "0", 3, 101_325);
	becomes("1", "0.5/1.5", "0", 4, 3_333); // fractions of decimals
	becomes("-0", "7", "-1.5", 1, -15);
}

#[test]
fn without_scale_and_offset_nothing_changes() {
	assert_eq!(Conversion::parse(None, None), Ok(Conversion::default()));
	assert_eq!(Conversion::default().apply("21.35", 2), Ok(2_135));
	assert_eq!(Conversion::parse(Some("2/2"), Some("0")), Ok(Conversion::default()));
}

#[test]
fn halves_are_rounded_away_from_zero_after_everything_is_added() {
	becomes("1", "1/2", "0", 0, 1);
	becomes("-1", "1/2", "0", 0, -1);
	becomes("1", "-1/2", "0", 0, -1);
	becomes("1", "1/3", "0", 0, 0);
	becomes("2", "1/3", "0", 0, 1);
	becomes("0.4", "1", "0.1", 0, 1); // neither would round up by itself
	becomes("-0.4", "1", "-0.1", 0, -1);
	becomes("0.6", "1", "-0.1", 0, 1);
	becomes("0.25", "1", "-0.75", 0, -1);
	becomes("0.249", "1", "-0.75", 0, -1);
	becomes("0.251", "1", "-0.75", 0, 0);
}

#[test]
fn what_is_beyond_all_digits_still_decides_a_half() {
	for tiny in ["1e-38", "1e-400", "1e-999999999999", "0.00001e-99999"] {
		becomes(tiny, "1", "0.5", 0, 1);
		becomes(tiny, "1", "-0.5", 0, 0);
		becomes(tiny, "-1", "0.5", 0, 0);
		becomes(tiny, "-1", "-0.5", 0, -1);
		becomes(&format!("-{tiny}"), "1e18", "0.5", 18, 5 * 10i128.pow(17));
		becomes(tiny, "1e-18", "0", 18, 0);
	}
}

#[test]
fn numbers_that_no_feed_can_hold_are_refused() {
	for large in ["1e39", "1e70", "1e71", "1e400", "-1e999999999999999", &"9".repeat(MAX_TEXT)] {
		for scale in ["1", "-1", "1e18"] {
			assert_eq!(
				conversion(scale, "0").apply(large, 0),
				Err(DecimalError::TooLarge),
				"{large}"
			);
		}
	}
	becomes("1e50", "1e-18", "0", 0, 10i128.pow(32));
	becomes(&i128::MAX.to_string(), "1", "0", 0, i128::MAX);
	let one_more = Conversion::parse(None, Some("1")).unwrap();
	assert_eq!(one_more.apply(&i128::MAX.to_string(), 0), Err(DecimalError::TooLarge));
	assert_eq!(one_more.apply("1e400", 0), Err(DecimalError::TooLarge));
}

#[test]
fn what_is_no_number_is_refused() {
	for text in ["", "NaN", "Infinity", "-Infinity", "1e", "0x10", "1,5", "\"1\"", "null", "1 "] {
		assert_eq!(conversion("2", "1").apply(text, 2), Err(DecimalError::NotANumber), "{text}");
	}
	let long = "1".repeat(MAX_TEXT + 1);
	assert_eq!(conversion("2", "1").apply(&long, 2), Err(DecimalError::TooLong));
	let decimals = MAX_DECIMALS + 1;
	assert_eq!(conversion("2", "1").apply("1", decimals), Err(DecimalError::TooManyDecimals));
}

#[test]
fn conversions_that_cannot_be_exact_are_refused() {
	use ConversionError::*;
	for (scale, error) in [
		("", BadScale),
		("1.8x", BadScale),
		("9/5/2", BadScale),
		("9/", BadScale),
		("/5", BadScale),
		("9 / 5", BadScale),
		("+1", BadScale),
		("NaN", BadScale),
		("0", ZeroScale),
		("0.0/5", ZeroScale),
		("5/0", ZeroScale),
		("1e19", ScaleOutOfRange),
		("1e-19", ScaleOutOfRange),
		("1e400", ScaleOutOfRange),
		("1e999999999999/1e-999999999999", ScaleOutOfRange),
		("0.3333333333333333333", ScaleOutOfRange),
	] {
		assert_eq!(Conversion::parse(Some(scale), None), Err(error), "{scale}");
	}
	for offset in ["", "x", "1/2", "0.0000000000000000001", "1e21", "1e400", "-1e-400"] {
		assert_eq!(Conversion::parse(None, Some(offset)), Err(BadOffset), "{offset}");
	}
	assert!(Conversion::parse(Some("1e18"), Some("-99999999999999999999.5")).is_ok());
	// Only the quotient counts.
	assert_eq!(Conversion::parse(Some("36e30/10e30"), None), Conversion::parse(Some("3.6"), None));
}

#[test]
fn every_error_explains_itself_in_one_line() {
	use ConversionError::*;
	for error in [BadScale, ZeroScale, ScaleOutOfRange, BadOffset] {
		let text = error.to_string();
		assert!(!text.is_empty() && !text.contains('\n'));
	}
}

#[test]
fn what_was_stored_wrongly_is_survived() {
	use codec::{Decode, Encode};
	// No denominator.
	let broken = (true, 1u64, 0u64, 0i128).encode();
	let broken = Conversion::decode(&mut &broken[..]).unwrap();
	assert!(broken.apply("5", 2).is_err());
}

#[test]
fn numbers_are_compared_by_value() {
	let same = |a: &str, b: &str| Number::parse(a).unwrap() == Number::parse(b).unwrap();
	for (a, b) in [("1", "1.0"), ("100", "1e2"), ("-0", "0e5"), ("0.10", "1e-1"), ("10e-1", "1")] {
		assert!(same(a, b), "{a} {b}");
	}
	for (a, b) in [("1", "-1"), ("1", "10"), ("1", "1.0000000000000000000000000000000000001")] {
		assert!(!same(a, b), "{a} {b}");
	}
	assert_eq!(Number::parse("01"), Err(DecimalError::NotANumber));
	assert_eq!(Number::parse(&"1".repeat(MAX_TEXT + 1)), Err(DecimalError::TooLong));
}

/// An integer of any size.
#[derive(Clone)]
struct Integer {
	negative: bool,
	magnitude: BigUint,
}

impl Integer {
	fn new(text: &str) -> Self {
		let (negative, digits) = match text.strip_prefix('-') {
			Some(digits) => (true, digits),
			None => (false, text),
		};
		let magnitude = digits.bytes().fold(BigUint::zero(), |sum, digit| {
			trim(trim(sum.mul(&10u64.into())).add(&u64::from(digit - b'0').into()))
		});
		Self { negative, magnitude }
	}

	fn times(&self, other: &Self) -> Self {
		let magnitude = trim(self.magnitude.clone().mul(&other.magnitude));
		Self { negative: self.negative != other.negative, magnitude }
	}

	fn times_ten_to(&self, exponent: u32) -> Self {
		self.times(&Self::new(&format!("1{}", "0".repeat(exponent as usize))))
	}

	fn minus(&self, other: &Self) -> Self {
		if self.negative != other.negative {
			let magnitude = trim(self.magnitude.clone().add(&other.magnitude));
			return Self { negative: self.negative, magnitude };
		}
		if self.magnitude >= other.magnitude {
			let magnitude = self.magnitude.clone().sub(&other.magnitude).unwrap();
			return Self { negative: self.negative, magnitude: trim(magnitude) };
		}
		let magnitude = other.magnitude.clone().sub(&self.magnitude).unwrap();
		Self { negative: !self.negative, magnitude: trim(magnitude) }
	}

	fn plus(&self, other: &Self) -> Self {
		self.minus(&Self { negative: !other.negative, ..other.clone() })
	}
}

fn trim(mut number: BigUint) -> BigUint {
	number.lstrip();
	number
}

/// `digits · 10^-places`.
#[derive(Clone, Debug)]
struct Decimal {
	digits: String,
	places: u32,
}

impl Decimal {
	fn text(&self) -> String {
		format!("{}e-{}", self.digits, self.places)
	}
}

fn decimal(digits: &'static str, places: u32) -> impl Strategy<Value = Decimal> {
	(digits, 0..=places).prop_map(|(digits, places)| Decimal { digits, places })
}

proptest! {
	/// Against arithmetic with integers of any size: nothing is nearer, and of two that are as near, the one
	/// further from zero was taken.
	#[test]
	fn the_result_is_the_nearest_value(
		number in decimal("-?[1-9][0-9]{0,35}", 130),
		above in "-?[1-9][0-9]{0,8}",
		below in "[1-9][0-9]{0,8}",
		offset in decimal("-?[1-9][0-9]{0,8}", 18),
		decimals in 0..=MAX_DECIMALS,
	) {
		let conversion = conversion(&format!("{above}/{below}"), &offset.text());
		let (n, p, q) = (Integer::new(&number.digits), Integer::new(&above), Integer::new(&below));
		let o = Integer::new(&offset.digits);
		// (n · p · 10^offset.places + o · q · 10^number.places) / (q · 10^(number.places + offset.places)),
		// in units of the last decimal.
		let exact = n
			.times(&p)
			.times_ten_to(offset.places)
			.plus(&o.times(&q).times_ten_to(number.places))
			.times_ten_to(decimals.into());
		let divisor = q.times_ten_to(number.places + offset.places);

		match conversion.apply(&number.text(), decimals) {
			Ok(value) => {
				let value = Integer::new(&value.to_string()).times(&divisor);
				let twice_off = exact.minus(&value).times(&Integer::new("2")).magnitude;
				prop_assert!(twice_off <= divisor.magnitude);
				if twice_off == divisor.magnitude {
					prop_assert!(value.magnitude > exact.magnitude, "rounded towards zero");
				}
			}
			Err(error) => {
				prop_assert_eq!(error, DecimalError::TooLarge);
				let most = Integer::new(&i128::MAX.to_string()).times(&divisor);
				prop_assert!(exact.magnitude > most.magnitude);
			}
		}
	}

	/// Halves are rare among random numbers: here they are not.
	#[test]
	fn halves_go_away_from_zero(
		half in -1_000_000i64..1_000_000, offset in -1_000_000i64..1_000_000, tiny in -1i8..=1,
	) {
		// half / 2 + offset, and next to it.
		let conversion = conversion("1/2", &offset.to_string());
		let digits = (i128::from(half) * 10i128.pow(30) + i128::from(tiny)).to_string();
		let found = conversion.apply(&format!("{digits}e-30"), 0).unwrap();
		let twice = i128::from(half) + 2 * i128::from(offset);
		let expected = if twice % 2 == 0 {
			twice / 2
		} else {
			let (low, high) = (twice.div_euclid(2), twice.div_euclid(2) + 1);
			match tiny {
				1 => high,
				-1 => low,
				_ if twice > 0 => high,
				_ => low,
			}
		};
		prop_assert_eq!(found, expected);
	}

	#[test]
	fn without_a_conversion_numbers_are_read_as_ever(
		text in "-?[0-9]{1,30}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", decimals in 0..=MAX_DECIMALS,
	) {
		let plain = parse_decimal(&text, decimals);
		prop_assert_eq!(Conversion::default().apply(&text, decimals), plain, "{}", text);
	}

	#[test]
	fn anything_is_survived(
		scale in "[0-9e./-]{0,12}", offset in "[0-9e.-]{0,12}", text in any::<String>(), decimals in any::<u8>(),
	) {
		if let Ok(conversion) = Conversion::parse(Some(&scale), Some(&offset)) {
			let _ = conversion.apply(&text, decimals);
			let _ = conversion.apply(&scale, decimals);
		}
	}

	#[test]
	fn numbers_are_equal_if_and_only_if_their_difference_is_zero(
		a in -10_000i64..10_000, b in -10_000i64..10_000, zeros in 0u32..20, places in 0u32..20,
	) {
		let written = |n: i64| format!("{}e-{}", i128::from(n) * 10i128.pow(zeros), places + zeros);
		let plain = |n: i64| format!("{n}e-{places}");
		prop_assert_eq!(Number::parse(&written(a)) == Number::parse(&plain(b)), a == b);
	}
}
