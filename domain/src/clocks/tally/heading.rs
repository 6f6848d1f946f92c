//! Under which heading a member stands.

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;

/// A heading under which members are listed apart. Most members are counted and never shown, so a day is written out only
/// where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heading {
    /// A word of the record or of the rules, or several.
    Words(Cow<'static, str>),
    /// A day.
    Day(NaiveDate),
}

impl Heading {
    /// The heading as printed.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Words(words) => Cow::Borrowed(words),
            Self::Day(day) => Cow::Owned(day.to_string()),
        }
    }
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}
