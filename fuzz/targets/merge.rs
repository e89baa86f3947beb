//! One reading of a node's several sources, of which few may be wrong.
//!
//! Input: a feed, its rules, and what the sources say.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rwa_fuzz::feed::{Feed, Judgement, Place};
use rwa_primitives::{reading::Reading, worker::merge};

#[derive(Arbitrary, Debug)]
struct Input {
	feed: Feed,
	judgement: Judgement,
	said: Vec<[Place; 2]>,
}

/// Most sources that a node asks for one feed.
const MOST: usize = 8;

fuzz_target!(|input: Input| {
	let (schema, rules) = (input.feed.schema(), input.judgement.rules());
	let said = input.said.iter().take(MOST).map(|at| input.feed.reading(*at));
	let said: Vec<Reading> = said.filter(|reading| schema.allows(reading)).collect();
	let merged = merge(&schema, &rules, &said);
	if let Err(dissent) = &merged {
		assert!(!dissent.to_string().contains('\n'));
	}
	let merged = merged.ok();
	assert!(merged.is_none_or(|reading| schema.allows(&reading)));

	let apart = |a: &Reading, b: &Reading| a.distance(b).expect("they are of one kind");
	match &said[..] {
		[] => assert_eq!(merged, None),
		[only] => assert_eq!(merged, Some(*only)),
		[one, other] => {
			assert_eq!(merged, rules.same.holds(other, one).then_some(*one));
		}
		[a, b, c] => {
			let Some(merged) = merged else {
				assert!(matches!(a, Reading::Category(_)) && a != b && b != c && a != c);
				return;
			};
			assert!(said.contains(&merged));
			// It is no further from any of two than these are from each other.
			let way = |from: &Reading| said.iter().map(|to| apart(from, to)).sum::<u128>();
			assert!(said.iter().all(|reading| way(&merged) <= way(reading)));
			if let (Reading::Scalar(a), Reading::Scalar(b), Reading::Scalar(c)) = (a, b, c) {
				let mut sorted = [a, b, c];
				sorted.sort();
				assert_eq!(merged, Reading::Scalar(*sorted[1]));
			}
			if matches!(a, Reading::Category(_)) {
				assert!(said.iter().filter(|reading| **reading == merged).count() >= 2);
			}
		}
		_ => {
			let Some(merged) = merged else { return };
			// Whichever less than a third of them are wrong.
			let wrong = (said.len() - 1) / 3;
			match merged {
				Reading::Scalar(value) => {
					let below = said.iter().filter(|reading| scalar(reading) <= value).count();
					let above = said.iter().filter(|reading| scalar(reading) >= value).count();
					assert!(below > wrong && above > wrong, "{value} of {said:?}");
				}
				Reading::Category(_) => {
					let alike = said.iter().filter(|reading| **reading == merged).count();
					assert!(alike * 2 > said.len());
				}
				Reading::Point(_) | Reading::Angle(_) => {}
			}
		}
	}
});

fn scalar(reading: &Reading) -> i128 {
	match reading {
		Reading::Scalar(value) => *value,
		other => panic!("{other:?} is no quantity"),
	}
}
