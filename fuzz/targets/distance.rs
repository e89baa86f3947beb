//! How far apart readings are, against floating point, and what distances must be among themselves.
//!
//! Input: a feed, three readings, and how close two have to be.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rwa_fuzz::feed::{Closeness, Feed, Place};
use rwa_primitives::reading::{Point, Reading, FULL_ANGLE};

#[derive(Arbitrary, Debug)]
struct Input {
	feed: Feed,
	closeness: Closeness,
	at: [[Place; 2]; 3],
}

/// The mean radius of the Earth in centimetres.
const RADIUS: f64 = 637_100_880.0;

fuzz_target!(|input: Input| {
	let [a, b, c] = input.at.map(|at| input.feed.reading(at));
	let apart = |a: &Reading, b: &Reading| a.distance(b).expect("they are of one kind");
	assert_eq!(apart(&a, &a), 0);
	assert_eq!(apart(&a, &b), apart(&b, &a));
	// Rounded to the nearest, two ways may look shorter than one by one and a half.
	assert!(apart(&a, &c) <= apart(&a, &b) + apart(&b, &c) + 1, "{a:?} {b:?} {c:?}");
	match (&a, &b) {
		(Reading::Scalar(one), Reading::Scalar(other)) => {
			assert_eq!(apart(&a, &b), one.max(other).abs_diff(*one.min(other)));
		}
		(Reading::Point(one), Reading::Point(other)) => straight(one, other, apart(&a, &b)),
		(Reading::Angle(one), Reading::Angle(other)) => {
			let way = one.millionths().abs_diff(other.millionths());
			assert_eq!(apart(&a, &b), way.min(FULL_ANGLE - way).into());
		}
		_ => assert_eq!(apart(&a, &b), u128::from(a != b)),
	}

	let schema = input.feed.schema();
	let all_allowed = schema.allows(&a) && schema.allows(&b);
	assert_eq!(schema.distance(&a, &b), all_allowed.then(|| apart(&a, &b)));
	let tolerance = input.closeness.tolerance();
	assert!(tolerance.holds(&a, &a));
	if let (Reading::Point(_) | Reading::Angle(_), true) = (&a, tolerance.holds(&a, &b)) {
		assert!(tolerance.holds(&b, &a) && apart(&a, &b) <= tolerance.absolute);
	}
});

/// Floating point has 53 bits: of the Earth's width that leaves a hundred thousandth of a centimetre.
fn straight(one: &Point, other: &Point, found: u128) {
	let radians = |units: i32| f64::from(units) * std::f64::consts::PI / 1.8e9;
	let on_ball = |point: &Point| {
		let (latitude, longitude) = (radians(point.latitude), radians(point.longitude));
		[latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()]
	};
	let squares = on_ball(one).into_iter().zip(on_ball(other)).map(|(a, b)| (a - b) * (a - b));
	let expected = squares.sum::<f64>().sqrt() * RADIUS;
	assert!((expected - found as f64).abs() < 0.51, "{one:?} {other:?}: {found}, not {expected}");
}
