//! Where the reading is in an answer, as the file says it.

use super::check;
use rwa_primitives::{
	decimal::Number,
	device::DeviceKey,
	worker::{
		Conversion, ConversionError, ReadingRule, SignedRule, DEFAULT_SKEW_MS, MAX_DEVICES,
		MAX_LABELS, MAX_LABEL_BYTES,
	},
};
use serde::Deserialize;
use std::{collections::BTreeMap, ops::Range};
use toml::Spanned;

/// What is read.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
	/// A quantity. If none is named.
	Scalar,
	/// A place.
	Point,
	/// A direction.
	Angle,
	/// A state.
	Category,
}

/// A number as text. A bare one would have gone through floating point.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a number is in quotes here, as in \"1.8\", so that it stays exact")]
pub(super) enum Quoted {
	/// In quotes.
	Text(String),
	/// An integer is exact without.
	Integer(i64),
}

impl Quoted {
	fn text(&self) -> String {
		match self {
			Self::Text(text) => text.clone(),
			Self::Integer(integer) => integer.to_string(),
		}
	}
}

/// The settings of one source that are about its reading, unchecked.
pub(super) struct ReadingSettings {
	/// Where the source's settings are.
	pub(super) section: Range<usize>,
	pub(super) reading: Option<Spanned<Kind>>,
	pub(super) pointer: Option<Spanned<String>>,
	pub(super) latitude: Option<Spanned<String>>,
	pub(super) longitude: Option<Spanned<String>>,
	pub(super) text: Option<Spanned<bool>>,
	pub(super) scale: Option<Spanned<Quoted>>,
	pub(super) offset: Option<Spanned<Quoted>>,
	pub(super) categories: Option<Spanned<BTreeMap<Spanned<String>, u16>>>,
	pub(super) signed: bool,
	pub(super) devices: Option<Spanned<Vec<Spanned<String>>>>,
	pub(super) max_skew_ms: Option<Spanned<u32>>,
	pub(super) content: Option<Spanned<String>>,
}

/// What is wrong, and where.
pub(super) struct Fault {
	pub(super) span: Range<usize>,
	pub(super) reason: String,
}

impl Fault {
	fn at<T>(place: &Spanned<T>, reason: impl Into<String>) -> Self {
		Self { span: place.span(), reason: reason.into() }
	}
}

impl ReadingSettings {
	/// The rule, if these settings make one, and where the hash of what is read from is.
	pub(super) fn checked(self) -> Result<(ReadingRule, Option<String>), Fault> {
		let rule = self.rule()?;
		let content = match &self.content {
			None => None,
			Some(_) => Some(self.pointer("content", &self.content)?),
		};
		Ok((rule, content))
	}

	fn rule(&self) -> Result<ReadingRule, Fault> {
		if self.signed {
			self.allow(&["devices", "max_skew_ms"], "a signed measurement")?;
			return self.signed_rule().map(ReadingRule::Signed);
		}
		match self.reading.as_ref().map_or(Kind::Scalar, |kind| *kind.get_ref()) {
			Kind::Scalar => {
				self.allow(
					&["reading", "pointer", "text", "scale", "offset", "content"],
					"a scalar",
				)?;
				Ok(ReadingRule::Scalar {
					pointer: self.pointer("pointer", &self.pointer)?,
					text: self.text(),
					conversion: self.conversion()?,
				})
			}
			Kind::Point => {
				self.allow(&["reading", "latitude", "longitude", "text", "content"], "a point")?;
				Ok(ReadingRule::Point {
					latitude: self.pointer("latitude", &self.latitude)?,
					longitude: self.pointer("longitude", &self.longitude)?,
					text: self.text(),
				})
			}
			Kind::Angle => {
				self.allow(&["reading", "pointer", "text", "content"], "an angle")?;
				Ok(ReadingRule::Angle {
					pointer: self.pointer("pointer", &self.pointer)?,
					text: self.text(),
				})
			}
			Kind::Category => {
				self.allow(&["reading", "pointer", "categories", "content"], "a category")?;
				Ok(ReadingRule::Category {
					pointer: self.pointer("pointer", &self.pointer)?,
					categories: self.categories()?,
				})
			}
		}
	}

	/// Refuses settings that say nothing about `what`: it would seem that they did.
	fn allow(&self, names: &[&str], what: &str) -> Result<(), Fault> {
		fn span<T>(setting: &Option<Spanned<T>>) -> Option<Range<usize>> {
			setting.as_ref().map(Spanned::span)
		}
		let settings = [
			("reading", span(&self.reading)),
			("pointer", span(&self.pointer)),
			("latitude", span(&self.latitude)),
			("longitude", span(&self.longitude)),
			("text", span(&self.text)),
			("scale", span(&self.scale)),
			("offset", span(&self.offset)),
			("categories", span(&self.categories)),
			("devices", span(&self.devices)),
			("max_skew_ms", span(&self.max_skew_ms)),
			("content", span(&self.content)),
		];
		let stray = settings.into_iter().find_map(|(name, span)| {
			span.filter(|_| !names.contains(&name)).map(|span| (name, span))
		});
		match stray {
			None => Ok(()),
			Some((name, span)) => {
				let known = names.join(", ");
				Err(Fault {
					span,
					reason: format!("`{name}` is not for {what}, which has {known}"),
				})
			}
		}
	}

	/// In the words of the parser.
	fn missing(&self, name: &str) -> Fault {
		Fault { span: self.section.clone(), reason: format!("missing field `{name}`") }
	}

	fn pointer(&self, name: &str, setting: &Option<Spanned<String>>) -> Result<String, Fault> {
		let pointer = setting.as_ref().ok_or_else(|| self.missing(name))?;
		check::pointer(pointer.get_ref()).map_err(|reason| Fault::at(pointer, reason))?;
		Ok(pointer.get_ref().clone())
	}

	fn text(&self) -> bool {
		self.text.as_ref().is_some_and(|text| *text.get_ref())
	}

	fn conversion(&self) -> Result<Conversion, Fault> {
		let text = |setting: &Option<Spanned<Quoted>>| {
			setting.as_ref().map(|setting| setting.get_ref().text())
		};
		let (scale, offset) = (text(&self.scale), text(&self.offset));
		Conversion::parse(scale.as_deref(), offset.as_deref()).map_err(|error| {
			let place = match error {
				ConversionError::BadOffset => &self.offset,
				_ => &self.scale,
			};
			let span = place.as_ref().map_or(self.section.clone(), Spanned::span);
			Fault { span, reason: error.to_string() }
		})
	}

	fn categories(&self) -> Result<Vec<(String, u16)>, Fault> {
		let table = self.categories.as_ref().ok_or_else(|| self.missing("categories"))?;
		if table.get_ref().is_empty() || table.get_ref().len() > MAX_LABELS {
			return Err(Fault::at(table, format!("categories have 1 to {MAX_LABELS} names")));
		}
		// As the file has them, so that of two that are the same number the second is the one too many.
		let mut names: Vec<_> = table.get_ref().iter().collect();
		names.sort_by_key(|(name, _)| name.span().start);
		let mut checked: Vec<(String, u16)> = Vec::new();
		for (name, category) in names {
			if name.get_ref().len() > MAX_LABEL_BYTES {
				let reason = format!("a category's name has at most {MAX_LABEL_BYTES} bytes");
				return Err(Fault::at(name, reason));
			}
			let number = Number::parse(name.get_ref()).ok();
			let is_taken = |(other, _): &(String, u16)| Number::parse(other).ok() == number;
			if number.is_some() && checked.iter().any(is_taken) {
				return Err(Fault::at(name, "this number is there twice"));
			}
			checked.push((name.get_ref().clone(), *category));
		}
		Ok(checked)
	}

	fn signed_rule(&self) -> Result<SignedRule, Fault> {
		let texts = self.devices.as_ref().ok_or_else(|| self.missing("devices"))?;
		if texts.get_ref().is_empty() || texts.get_ref().len() > MAX_DEVICES {
			return Err(Fault::at(texts, format!("a source has 1 to {MAX_DEVICES} devices")));
		}
		let mut devices = Vec::new();
		for text in texts.get_ref() {
			let device: DeviceKey =
				text.get_ref().parse().map_err(|error| Fault::at(text, format!("{error}")))?;
			if devices.contains(&device) {
				return Err(Fault::at(text, "this device is there twice"));
			}
			devices.push(device);
		}
		let max_skew_ms = match &self.max_skew_ms {
			None => DEFAULT_SKEW_MS,
			Some(skew) => {
				let value = *skew.get_ref();
				check::max_skew_ms(value).map_err(|reason| Fault::at(skew, reason))?;
				value
			}
		};
		Ok(SignedRule { devices, max_skew_ms })
	}
}
