//! The middle value: what a minority can't move.

use crate::feed::Value;

/// The middle one of `values`; of two middle ones the lower, so that the answer is always a value
/// that somebody reported. `None`: no values. Reorders `values`.
///
/// While fewer than half of the values are false, the answer lies between the lowest and the
/// highest true one.
pub fn median(values: &mut [Value]) -> Option<Value> {
	let middle = values.len().checked_sub(1)?.checked_div(2)?;
	values.sort_unstable();
	values.get(middle).copied()
}
