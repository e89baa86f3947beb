//! Rules that make a reading of an answer, against the tree of the answer and exact arithmetic.
//!
//! Input: a line with a letter for the kind, one that is `q` if numbers may be in quotes, and a character for the
//! decimals, see [`rwa_fuzz::decimals`]; a line with a pointer; two lines with what else the kind needs; the
//! answer.
//!
//! | kind | line | line |
//! |---|---|---|
//! | `s` a quantity | scale | offset |
//! | `p` a place | pointer to the longitude | |
//! | `a` a direction | | |
//! | `c` a state | the name of state 0 | the name of state 1 |

#![no_main]

use libfuzzer_sys::fuzz_target;
use rwa_fuzz::{decimals, exact, json::Json, lines};
use rwa_primitives::{
	decimal::DecimalError,
	feed::{FeedId, SourceKind, Value},
	json::{JsonError, Plain, MAX_DEPTH},
	reading::{Angle, Point, Reading, Schema, FULL_ANGLE, HALF_TURN, QUARTER_TURN},
	worker::{Conversion, Expected, ReadingError, ReadingRule},
};

fuzz_target!(|input: &[u8]| {
	let Some(([kind, pointer, second, third], body)) = lines(input) else { return };
	let [kind, quoted, digits] = kind.as_bytes() else { return };
	let (text, decimals) = (*quoted == b'q', decimals(*digits));
	let Some((rule, schema)) = rule(*kind, pointer, second, third, text, decimals) else { return };
	assert!(rule.suits(&schema));

	let expected = Expected {
		feed: FeedId { asset: 1, source: SourceKind::IotSensor },
		genesis: Default::default(),
		now: 0,
	};
	let found = rule.read(body, &schema, &expected, |_| None);
	let found = found.map(|found| {
		assert_eq!(found.signed, None);
		found.observation
	});
	if let Ok(observation) = &found {
		assert_eq!(observation.evidence, None);
		assert!(!schema.show(&observation.reading).is_empty());
		judge(&schema, &observation.reading);
	}
	let found = found.map(|observation| observation.reading);
	if let Some(expected) = opinion(&rule, &schema, second, third, body) {
		assert_eq!(found, expected, "{rule:?} of {:?}", String::from_utf8_lossy(body));
	} else {
		assert!(found.is_err());
	}
});

fn rule(
	kind: u8,
	pointer: &str,
	second: &str,
	third: &str,
	text: bool,
	decimals: u8,
) -> Option<(ReadingRule, Schema)> {
	let pointer = String::from(pointer);
	Some(match kind {
		b's' => {
			let conversion = Conversion::parse(Some(second), Some(third)).ok()?;
			let schema = Schema::Scalar { decimals, minimum: -100_000, maximum: 100_000_000 };
			(ReadingRule::Scalar { pointer, text, conversion }, schema)
		}
		b'p' => {
			let schema = Schema::Point {
				south: -QUARTER_TURN,
				west: -HALF_TURN,
				north: QUARTER_TURN,
				east: HALF_TURN - 1,
			};
			(ReadingRule::Point { latitude: pointer, longitude: second.into(), text }, schema)
		}
		b'a' => (ReadingRule::Angle { pointer, text }, Schema::Angle),
		b'c' => {
			let categories = vec![(second.into(), 0), (third.into(), 1)];
			(ReadingRule::Category { pointer, categories }, Schema::Category { count: 2 })
		}
		_ => return None,
	})
}

/// Whatever comes out is of the feed's kind, and only a quantity can be beyond what the feed allows.
fn judge(schema: &Schema, reading: &Reading) {
	match (schema, reading) {
		(Schema::Scalar { minimum, maximum, .. }, Reading::Scalar(value)) => {
			assert_eq!(schema.allows(reading), minimum <= value && value <= maximum);
		}
		_ => assert!(schema.allows(reading) && reading.is_valid(), "{reading:?}"),
	}
}

/// What has to come out. `None`: it is refused before the answer is a tree.
fn opinion(
	rule: &ReadingRule,
	schema: &Schema,
	second: &str,
	third: &str,
	body: &[u8],
) -> Option<Result<Reading, ReadingError>> {
	let pointers = match rule {
		ReadingRule::Point { latitude, longitude, .. } => vec![latitude, longitude],
		ReadingRule::Scalar { pointer, .. }
		| ReadingRule::Angle { pointer, .. }
		| ReadingRule::Category { pointer, .. } => vec![pointer],
		ReadingRule::Signed(_) => return None,
	};
	// The `json` target has its say about these.
	let bad = pointers.iter().any(|pointer| rwa_primitives::json::check_pointer(pointer).is_err());
	let brackets = body.iter().filter(|byte| b"[{".contains(byte)).count();
	if bad || brackets > MAX_DEPTH {
		let found = rwa_primitives::json::plain_at(body, pointers[0]);
		if bad || found == Err(JsonError::TooDeep) {
			return None;
		}
	}
	let Some(tree) = Json::parse(body) else {
		return Some(Err(ReadingError::Json(JsonError::Malformed)));
	};
	let number = |pointer: &str, text: bool| {
		tree.at(pointer).and_then(|value| value.number(text)).map_err(ReadingError::Json)
	};
	let fixed = |pointer: &str, text: bool, decimals: u8| -> Result<Value, ReadingError> {
		exact::decimal(number(pointer, text)?, decimals).map_err(ReadingError::Number)
	};
	Some(match (rule, schema) {
		(ReadingRule::Scalar { pointer, text, .. }, Schema::Scalar { decimals, .. }) => {
			number(pointer, *text).and_then(|number| {
				let conversion = exact::Conversion::parse(second, third);
				let conversion = conversion.map_err(|_| ReadingError::WrongKind)?;
				let value = conversion.apply(number, *decimals);
				value.map(Reading::Scalar).map_err(ReadingError::Number)
			})
		}
		(ReadingRule::Point { latitude, longitude, text }, _) => fixed(latitude, *text, 7)
			.and_then(|latitude| {
				let longitude = fixed(longitude, *text, 7)?;
				place(latitude, longitude).ok_or(ReadingError::NoSuchPlace)
			}),
		(ReadingRule::Angle { pointer, text }, _) => fixed(pointer, *text, 6).and_then(|value| {
			let turn = Value::from(FULL_ANGLE);
			let rest = ((value % turn) + turn) % turn;
			let angle = u32::try_from(rest).ok().and_then(Angle::new);
			angle.map(Reading::Angle).ok_or(ReadingError::Number(DecimalError::TooLarge))
		}),
		(ReadingRule::Category { pointer, .. }, _) => {
			tree.at(pointer).and_then(|value| value.plain()).map_err(ReadingError::Json).and_then(
				|name| {
					let labels = [second, third];
					let place = labels.iter().position(|label| is_called(&name, label));
					let category = place.and_then(|place| u16::try_from(place).ok());
					category.map(Reading::Category).ok_or(ReadingError::UnknownCategory)
				},
			)
		}
		_ => return None,
	})
}

fn place(latitude: Value, longitude: Value) -> Option<Reading> {
	let (quarter, half) = (Value::from(QUARTER_TURN), Value::from(HALF_TURN));
	let there = (-quarter..=quarter).contains(&latitude) && (-half..=half).contains(&longitude);
	// One meridian has one name.
	let longitude = if longitude == half { -half } else { longitude };
	there.then_some(Reading::Point(Point {
		latitude: i32::try_from(latitude).ok()?,
		longitude: i32::try_from(longitude).ok()?,
	}))
}

fn is_called(name: &Plain, label: &str) -> bool {
	match name {
		Plain::Text(text) => text == label,
		Plain::Truth(truth) => truth.to_string() == label,
		Plain::Number(number) => {
			match (exact::Number::parse(number), exact::Number::parse(label)) {
				(Ok(number), Ok(label)) => number.same(&label),
				_ => false,
			}
		}
	}
}
