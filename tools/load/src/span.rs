//! Lengths of time as people type them.

use std::{str::FromStr, time::Duration};

/// A length of time: `90`, `90s`, `5m` or `2h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let wrong = || format!("`{text}` is not a length of time; write 90, 90s, 5m or 2h");
		let (digits, seconds) = match text.strip_suffix(['s', 'm', 'h']) {
			None => (text, 1),
			Some(digits) if text.ends_with('s') => (digits, 1),
			Some(digits) if text.ends_with('m') => (digits, 60),
			Some(digits) => (digits, 3_600),
		};
		let number: u32 = digits.parse().map_err(|_| wrong())?;
		if number == 0 {
			return Err(format!("`{text}` is no time at all"));
		}
		Ok(Self(Duration::from_secs(u64::from(number) * seconds)))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn units_should_be_seconds_minutes_and_hours() {
		for (text, seconds) in [("90", 90), ("90s", 90), ("5m", 300), ("2h", 7_200)] {
			assert_eq!(text.parse(), Ok(Span(Duration::from_secs(seconds))));
		}
	}

	#[test]
	fn anything_else_should_be_refused_by_name() {
		for text in ["", "s", "-1", "1.5", "5 m", "5ms", "0", "99999999999"] {
			let refused = text.parse::<Span>().unwrap_err();
			assert!(refused.contains(&format!("`{text}`")), "{refused}");
		}
	}
}
