//! Protobuf's wire format, as far as the blocks of a file use it.

/// Why a field can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WireError {
	/// The bytes end too early.
	Truncated,
	/// A number that isn't written the shortest way, or beyond 64 bits.
	Varint,
}

/// What is left of a message.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
	pub(super) fn new(message: &'a [u8]) -> Self {
		Self(message)
	}

	pub(super) fn is_empty(&self) -> bool {
		self.0.is_empty()
	}

	/// Whether the next field has this tag; if so, goes past it. All tags here are of one byte.
	pub(super) fn tag(&mut self, tag: u8) -> bool {
		match self.0.split_first() {
			Some((first, rest)) if *first == tag => {
				self.0 = rest;
				true
			}
			_ => false,
		}
	}

	/// A number: seven bits a byte, lowest first, the top bit set in all but the last byte.
	pub(super) fn varint(&mut self) -> Result<u64, WireError> {
		let mut value = 0u64;
		// What one in this byte counts for; `None` beyond 64 bits, which ends the loop.
		let mut place = Some(1u64);
		loop {
			let (byte, rest) = self.0.split_first().ok_or(WireError::Truncated)?;
			self.0 = rest;
			let bits = u64::from(byte & 0x7f);
			value |= place.and_then(|place| bits.checked_mul(place)).ok_or(WireError::Varint)?;
			if byte & 0x80 == 0 {
				// A last byte of zero could have been left out, unless it is the only one.
				let shortest = *byte != 0 || place == Some(1);
				return shortest.then_some(value).ok_or(WireError::Varint);
			}
			place = place.and_then(|place| place.checked_mul(0x80));
		}
	}

	/// Bytes with their length in front.
	pub(super) fn bytes(&mut self) -> Result<&'a [u8], WireError> {
		let length = usize::try_from(self.varint()?).map_err(|_| WireError::Truncated)?;
		let (bytes, rest) = self.0.split_at_checked(length).ok_or(WireError::Truncated)?;
		self.0 = rest;
		Ok(bytes)
	}
}
