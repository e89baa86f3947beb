//! Points: the answer is in the honest readings' box, on the date line and near the poles too.

mod common;

use common::*;
use proptest::prelude::*;
use rwa_primitives::{
	aggregate::{aggregate, Agreement, Disagreement, Rules, WeightedReading},
	reading::{Point, Reading, Schema, Tolerance, HALF_TURN, QUARTER_TURN},
};

/// The whole Earth.
const EARTH: Schema = Schema::Point {
	south: -QUARTER_TURN,
	west: -HALF_TURN,
	north: QUARTER_TURN,
	east: HALF_TURN - 1,
};
/// One degree.
const DEGREE: i32 = 10_000_000;
/// 360°.
const TURN: i64 = 3_600_000_000;
/// Kilometres in centimetres.
const KM: u128 = 100_000;

fn place(latitude: i32, longitude: i64) -> Point {
	let half = i64::from(HALF_TURN);
	let longitude = (longitude + half).rem_euclid(TURN) - half;
	Point::new(latitude, i32::try_from(longitude).unwrap()).unwrap()
}

fn degrees(latitude: i32, longitude: i64) -> Point {
	place(latitude * DEGREE, longitude * i64::from(DEGREE))
}

fn point(reading: Reading) -> Point {
	match reading {
		Reading::Point(point) => point,
		other => panic!("{other:?} is no point"),
	}
}

fn report(point: Point, weight: u128) -> WeightedReading {
	WeightedReading { reading: Reading::Point(point), weight }
}

fn agree(reports: &[WeightedReading]) -> Agreement {
	aggregate(&EARTH, reports, reports.iter().map(|report| report.weight).sum(), &RULES).unwrap()
}

/// How far to go east from `west` to `point`.
fn east_of(west: Point, point: Point) -> i64 {
	(i64::from(point.longitude) - i64::from(west.longitude)).rem_euclid(TURN)
}

fn anywhere() -> impl Strategy<Value = Point> {
	(-QUARTER_TURN..=QUARTER_TURN, -HALF_TURN..HALF_TURN)
		.prop_map(|(latitude, longitude)| place(latitude, longitude.into()))
}

/// A south-west corner, honest readings north and east of it, and lies: anything, all the same, opposite,
/// the poles, and just outside.
fn places() -> impl Strategy<Value = (Point, Vec<Point>, Vec<Point>)> {
	let size = prop_oneof![Just(0i32), 1..1_000, 1..5 * DEGREE, 1..119 * DEGREE];
	let west = prop_oneof![
		-HALF_TURN..HALF_TURN,
		Just(HALF_TURN - 1),
		Just(-HALF_TURN),
		HALF_TURN - 500..HALF_TURN,
	];
	(-84 * DEGREE..84 * DEGREE, west, size).prop_flat_map(|(south, west, size)| {
		let corner = place(south, west.into());
		let height = size.min(84 * DEGREE - south);
		let honest = prop::collection::vec((0..=height, 0..=size), 25).prop_map(move |offsets| {
			let offsets = offsets.into_iter();
			let moved = offsets
				.map(|(north, east)| place(south + north, i64::from(west) + i64::from(east)));
			moved.collect::<Vec<_>>()
		});
		let east = i64::from(west) + i64::from(size);
		let lies = prop_oneof![
			prop::collection::vec(anywhere(), 25),
			anywhere().prop_map(|lie| vec![lie]),
			Just(vec![place(-south, i64::from(west) + i64::from(HALF_TURN))]),
			Just(vec![place(south, east - i64::from(size / 2) + i64::from(HALF_TURN))]),
			Just(vec![place(QUARTER_TURN, 0)]),
			Just(vec![place(-QUARTER_TURN, 0), place(QUARTER_TURN, 0)]),
			Just(vec![place(south - 1, i64::from(west) - 1)]),
			Just(vec![place(south + height + 1, east + 1)]),
		];
		(Just(corner), honest, lies)
	})
}

/// Honest readings within 5° of a pole, and lies in the same hemisphere, at either pole and anywhere.
fn polar_places() -> impl Strategy<Value = (bool, Vec<Point>, Vec<Point>)> {
	let width = prop_oneof![1..10i32, 1..10_000i32, 1..5 * DEGREE];
	(any::<bool>(), width).prop_flat_map(|(north, width)| {
		let near = move |(from_pole, longitude): (i32, i32)| {
			let latitude = QUARTER_TURN - from_pole;
			place(if north { latitude } else { -latitude }, longitude.into())
		};
		let honest = (0..width, -HALF_TURN..HALF_TURN).prop_map(near);
		let lie = (0..2 * QUARTER_TURN, -HALF_TURN..HALF_TURN).prop_map(near);
		let lies = prop_oneof![
			prop::collection::vec(lie, 25),
			anywhere().prop_map(|lie| vec![lie]),
			Just(vec![place(QUARTER_TURN, 0)]),
			Just(vec![place(-QUARTER_TURN, 0)]),
			Just(vec![degrees(84, 30)]),
		];
		(Just(north), prop::collection::vec(honest, 25), lies)
	})
}

/// The view from above the pole, in centimetres.
fn from_above(point: Point) -> [f64; 2] {
	let radians = |units: i32| f64::from(units) * std::f64::consts::PI / 1.8e9;
	let radius = 637_100_880.0 * radians(point.latitude).cos();
	[radius * radians(point.longitude).cos(), radius * radians(point.longitude).sin()]
}

#[test]
fn the_answer_is_the_middle_without_outliers() {
	let reports = [
		report(place(473_769_000, 85_417_000), 1),
		report(place(473_769_020, 85_417_010), 1),
		report(place(473_769_010, 85_417_020), 1),
		report(degrees(48, 8), 1),
	];
	let agreement = agree(&reports);
	assert_eq!(agreement.value, Reading::Point(place(473_769_010, 85_417_010)));
	assert_eq!(agreement.outliers, [false, false, false, true]);
}

#[test]
fn a_point_is_an_outlier_by_its_distance_on_the_ground() {
	// At 80° of latitude a degree of longitude is 19 km: less than 0.2° of latitude.
	let reports = [
		report(degrees(80, 10), 3),
		report(degrees(80, 11), 1),
		report(degrees(80, 9), 1),
		report(place(802_000_000, 100_000_000), 1),
	];
	let rules = |km| Rules { same: Tolerance { absolute: km * KM, ..EXACT }, ..RULES };
	let outliers = |km| aggregate(&EARTH, &reports, 6, &rules(km)).unwrap().outliers;
	assert_eq!(outliers(0), [false, true, true, true]);
	assert_eq!(outliers(20), [false, false, false, true]);
	assert_eq!(outliers(23), [false; 4]);
}

#[test]
fn places_on_both_sides_of_the_date_line_have_their_middle_on_it() {
	let reports = [
		report(degrees(0, 178), 1),
		report(degrees(0, -179), 1),
		report(degrees(0, 179), 1),
		report(degrees(0, -178), 1),
		report(degrees(0, 180), 1),
	];
	assert_eq!(agree(&reports).value, Reading::Point(degrees(0, -180)));
	let box_across =
		Schema::Point { south: -DEGREE, west: 170 * DEGREE, north: DEGREE, east: -170 * DEGREE };
	assert!(aggregate(&box_across, &reports, 5, &RULES).is_ok());
}

#[test]
fn around_a_pole_the_middle_is_the_pole() {
	for sign in [1, -1] {
		let around = |longitude| report(degrees(89 * sign, longitude), 1);
		let reports = [around(0), around(90), around(180), around(-90)];
		let value = point(agree(&reports).value);
		assert_eq!(value, degrees(90 * sign, 0));
	}
}

#[test]
fn near_a_pole_the_answer_is_where_all_are() {
	for latitude in [850_000_001, 870_000_000, 899_999_000, 899_999_999, QUARTER_TURN] {
		for longitude in [-HALF_TURN, -900_000_001, -3, 0, 899_999_999, 1_234_567_890] {
			for sign in [1, -1] {
				let there = place(latitude * sign, longitude.into());
				let agreement = agree(&[report(there, 1); 4]);
				let distance = agreement.value.distance(&Reading::Point(there)).unwrap();
				assert!(distance <= 1, "{there:?}: {agreement:?}");
			}
		}
	}
}

#[test]
fn the_other_pole_is_not_near() {
	let reports = [
		report(place(899_999_000, 0), 2),
		report(place(899_999_010, 0), 2),
		report(place(899_999_020, 0), 2),
		report(place(-899_999_010, 0), 2),
	];
	let agreement = agree(&reports);
	assert_eq!(agreement.outliers, [false, false, false, true]);
}

#[test]
fn places_all_around_the_earth_say_nothing() {
	let reports = [0, 90, 180, 270].map(|longitude| report(degrees(10, longitude), 1));
	assert_eq!(aggregate(&EARTH, &reports, 4, &RULES), Err(Disagreement::TooWide));
}

#[test]
fn what_lies_between_allowed_places_may_not_be_allowed() {
	// All of the Earth but 60 degrees around the date line.
	let schema = Schema::Point {
		south: -QUARTER_TURN,
		west: -150 * DEGREE,
		north: QUARTER_TURN,
		east: 150 * DEGREE,
	};
	let reports = [
		report(degrees(0, 140), 1),
		report(degrees(0, 150), 1),
		report(degrees(0, -150), 1),
		report(degrees(0, -140), 1),
	];
	let all = Rules { same: ANYTHING, ..RULES };
	assert_eq!(
		aggregate(&schema, &reports, 4, &all),
		Err(Disagreement::OutOfBounds { value: Reading::Point(degrees(0, 180)) })
	);
}

#[test]
fn if_no_report_is_near_the_median_the_median_is_the_answer() {
	// The median latitude and longitude are those of different places.
	let reports = [
		report(degrees(0, 10), 1),
		report(degrees(0, 11), 1),
		report(degrees(5, 0), 1),
		report(degrees(10, 0), 1),
	];
	let strict = Rules { outlier_multiple: 0, ..RULES };
	let agreement = aggregate(&EARTH, &reports, 4, &strict).unwrap();
	assert_eq!(agreement.outliers, [true; 4]);
	assert_eq!(agreement.value, Reading::Point(degrees(0, 0)));
	assert_eq!(agreement.value, agreement.median);
}

proptest! {
	#[test]
	fn liars_below_a_third_never_move_the_answer_out_of_the_honest_box(
		parties in parties(), (corner, honest, lies) in places(), multiple in any::<u8>(),
	) {
		let rules = Rules { outlier_multiple: multiple, ..RULES };
		let reports = reports(&parties, &honest, &lies, Reading::Point);
		let agreement = aggregate(&EARTH, &reports, assigned(&parties), &rules).unwrap();
		let honest = honest_of(&parties, &honest);
		let latitudes: Vec<i32> = honest.iter().map(|point| point.latitude).collect();
		let longitudes: Vec<i64> = honest.iter().map(|point| east_of(corner, *point)).collect();
		let latitudes = *latitudes.iter().min().unwrap()..=*latitudes.iter().max().unwrap();
		let longitudes = *longitudes.iter().min().unwrap()..=*longitudes.iter().max().unwrap();
		for answer in [agreement.value, agreement.median].map(point) {
			prop_assert!(latitudes.contains(&answer.latitude));
			prop_assert!(longitudes.contains(&east_of(corner, answer)));
		}
	}

	#[test]
	fn near_a_pole_the_answer_is_in_the_honest_box_as_seen_from_above(
		parties in parties(), (north, honest, lies) in polar_places(), multiple in any::<u8>(),
	) {
		let rules = Rules { outlier_multiple: multiple, ..RULES };
		let reports = reports(&parties, &honest, &lies, Reading::Point);
		let agreement = aggregate(&EARTH, &reports, assigned(&parties), &rules).unwrap();
		let seen: Vec<_> = honest_of(&parties, &honest).into_iter().map(from_above).collect();
		for answer in [agreement.value, agreement.median].map(point) {
			prop_assert_eq!(answer.latitude > 0, north);
			for (axis, position) in from_above(answer).into_iter().enumerate() {
				let low = seen.iter().map(|point| point[axis]).fold(f64::INFINITY, f64::min);
				let high = seen.iter().map(|point| point[axis]).fold(f64::NEG_INFINITY, f64::max);
				prop_assert!((low - 2.0..=high + 2.0).contains(&position), "{low} {position} {high}");
			}
		}
	}

	#[test]
	fn the_order_does_not_matter(
		parties in parties(), (_, honest, _) in places(),
		lies in prop::collection::vec(anywhere(), 25), rotation in 0..50usize,
	) {
		let reports = reports(&parties, &honest, &lies, Reading::Point);
		check_order(&EARTH, &reports, assigned(&parties), &RULES, rotation)?;
	}

	#[test]
	fn the_order_does_not_matter_near_a_pole(
		parties in parties(), (_, honest, lies) in polar_places(), rotation in 0..50usize,
	) {
		let reports = reports(&parties, &honest, &lies, Reading::Point);
		check_order(&EARTH, &reports, assigned(&parties), &RULES, rotation)?;
	}

	#[test]
	fn the_order_does_not_matter_anywhere(
		parties in parties(), said in prop::collection::vec(anywhere(), 25), rotation in 0..50usize,
	) {
		let reports = reports(&parties, &said, &said, Reading::Point);
		check_order(&EARTH, &reports, assigned(&parties), &RULES, rotation)?;
	}

	#[test]
	fn a_report_may_be_split(
		parties in parties(), (_, honest, lies) in places(), split in any::<(usize, u128)>(),
	) {
		let reports = reports(&parties, &honest, &lies, Reading::Point);
		check_split(&EARTH, &reports, assigned(&parties), &RULES, split)?;
	}

	#[test]
	fn a_report_near_a_pole_may_be_split(
		parties in parties(), (_, honest, lies) in polar_places(), split in any::<(usize, u128)>(),
	) {
		let reports = reports(&parties, &honest, &lies, Reading::Point);
		check_split(&EARTH, &reports, assigned(&parties), &RULES, split)?;
	}

	#[test]
	fn turning_the_earth_turns_the_answer(
		weights in prop::collection::vec(1..100u128, 4..20), corner in anywhere(),
		offsets in prop::collection::vec((0..DEGREE, 0..DEGREE), 20), by in -HALF_TURN..HALF_TURN,
	) {
		let all = |turned: i64| -> Vec<WeightedReading> {
			let south = corner.latitude.clamp(-84 * DEGREE, 83 * DEGREE);
			let there = offsets.iter().map(|(north, east)| {
				place(south + north, i64::from(corner.longitude) + i64::from(*east) + turned)
			});
			there.zip(&weights).map(|(point, weight)| report(point, *weight)).collect()
		};
		// Tolerant, because distances are rounded differently elsewhere on a parallel.
		let rules = Rules { same: Tolerance { absolute: 300 * KM, ..EXACT }, ..RULES };
		let assigned = weights.iter().sum();
		let one = aggregate(&EARTH, &all(0), assigned, &rules).unwrap();
		let other = aggregate(&EARTH, &all(by.into()), assigned, &rules).unwrap();
		let (one, other) = (point(one.value), point(other.value));
		prop_assert_eq!(place(one.latitude, i64::from(one.longitude) + i64::from(by)), other);
	}
}
