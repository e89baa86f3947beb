//! Decimal text to fixed point and back, against integers without bounds.
//!
//! Input: a character for the decimals, see [`rwa_fuzz::decimals`], and the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rwa_fuzz::{decimals, exact, json};
use rwa_primitives::{
	decimal::{format_decimal, is_number, parse_decimal, Number, MAX_TEXT},
	feed::MAX_DECIMALS,
	worker::Conversion,
};

fuzz_target!(|input: &[u8]| {
	let Some((character, text)) = input.split_first() else { return };
	let (decimals, Ok(text)) = (decimals(*character), std::str::from_utf8(text)) else { return };

	assert_eq!(is_number(text), json::is_number(text), "{text:?}");
	let value = parse_decimal(text, decimals);
	// What is asked for wrongly is told before what is written wrongly.
	assert_eq!(value, exact::decimal(text, decimals), "{text:?} at {decimals}");
	assert_eq!(Conversion::default().apply(text, decimals), value, "{text:?} at {decimals}");
	if let Ok(value) = value {
		let shown = format_decimal(value, decimals);
		assert_eq!(parse_decimal(&shown, decimals), Ok(value), "{shown}");
	}

	// Two numbers are the same if and only if they are, however they are written.
	let middle = (0..=text.len() / 2).rev().find(|place| text.is_char_boundary(*place));
	let (one, other) = text.split_at(middle.unwrap_or(0));
	let again = again(text, decimals);
	for (one, other) in [(one, other), (text, other), (text, again.as_str())] {
		let found = Number::parse(one).and_then(|one| Ok(one == Number::parse(other)?));
		let expected =
			exact::Number::parse(one).and_then(|one| Ok(one.same(&exact::Number::parse(other)?)));
		assert_eq!(found, expected, "{one:?} and {other:?}");
	}
});

/// The same number in another form, if it is one and there is room.
fn again(text: &str, decimals: u8) -> String {
	let zeros = usize::from(decimals % (MAX_DECIMALS + 1));
	let marked = text.contains(['.', 'e', 'E']);
	let longer = if marked { text.into() } else { format!("{text}.{}", "0".repeat(zeros)) };
	if longer.len() > MAX_TEXT || longer.ends_with('.') {
		text.into()
	} else {
		longer
	}
}
