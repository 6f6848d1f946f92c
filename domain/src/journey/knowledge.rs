//! What was known, when, and according to whom.
//!
//! A [`KnownAt`] picks the events that count: those known by an instant, on one [`Basis`]. The basis is printed
//! on every answer, because the three differ: only `ledger` is proved.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::envelope::EventContext;
use crate::time::{SourceTime, end_of_london_day};

/// According to whom something was known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// When the ledger recorded it: proved, never back-dated.
    #[default]
    Ledger,
    /// When the source system states that it was entered; where it states nothing, as for `extract`.
    Source,
    /// The as-at day of the extract that held it: an upper bound of when the source knew.
    Extract,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 3] = [Self::Ledger, Self::Source, Self::Extract];

    /// The name, as typed and printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Source => "source",
            Self::Extract => "extract",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Basis {
    type Err = UnknownBasis;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|basis| basis.name() == text).ok_or(UnknownBasis)
    }
}

/// A text that names no basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a basis of knowledge: write ledger, source or extract")]
pub struct UnknownBasis;

/// The knowledge that a question allows: everything known up to and including `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownAt {
    /// According to whom.
    pub basis: Basis,
    /// Up to and including this instant; `None` means all that the ledger holds.
    pub until: Option<DateTime<Utc>>,
}

impl KnownAt {
    /// Everything that the ledger holds now.
    pub const NOW: Self = Self { basis: Basis::Ledger, until: None };

    /// Everything known by the end of a London day.
    pub fn end_of(basis: Basis, day: NaiveDate) -> Self {
        Self { basis, until: Some(end_of_london_day(day)) }
    }

    /// Whether an event with this recording counts.
    pub fn includes(&self, context: &EventContext, recorded_at: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| known_since(self.basis, context, recorded_at) <= until)
    }
}

/// The instant from which an event was known on a basis.
pub fn known_since(basis: Basis, context: &EventContext, recorded_at: DateTime<Utc>) -> DateTime<Utc> {
    let held_by_extract = context.import.as_ref().map(|import| end_of_london_day(import.as_at));
    match basis {
        Basis::Ledger => recorded_at,
        Basis::Source => {
            context.source_recorded_at.map(SourceTime::known_by).or(held_by_extract).unwrap_or(recorded_at)
        }
        Basis::Extract => held_by_extract.unwrap_or(recorded_at),
    }
}
