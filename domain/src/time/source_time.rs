//! When the source system says that something was entered there.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{NotOccurred, end_of_london_day};

/// The entry time that a source system states: an instant, or only a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum SourceTime {
    /// Entered at this instant (kept to the microsecond).
    At(DateTime<Utc>),
    /// Entered on this civil day; the hour is not known.
    On(NaiveDate),
}

impl SourceTime {
    /// The first instant at which the entry was certainly there. A day counts as known from its end.
    pub fn known_by(self) -> DateTime<Utc> {
        match self {
            Self::At(instant) => instant,
            Self::On(day) => end_of_london_day(day),
        }
    }
}

impl fmt::Display for SourceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(instant) => write!(f, "{}", instant.format("%Y-%m-%dT%H:%M:%S%.6fZ")),
            Self::On(day) => write!(f, "{day}"),
        }
    }
}

impl FromStr for SourceTime {
    type Err = NotOccurred;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Ok(Self::On(day));
        }
        let instant = DateTime::parse_from_rfc3339(text).map_err(|_| NotOccurred {
            text: text.to_owned(),
            expected: "a day or an instant such as 2024-05-01T09:30:00Z",
        })?;
        Ok(Self::At(instant.with_timezone(&Utc)))
    }
}

impl From<SourceTime> for String {
    fn from(time: SourceTime) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for SourceTime {
    type Error = NotOccurred;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
