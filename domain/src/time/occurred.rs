//! Practice time: when something happened, as precisely as it was told.
//!
//! No importer invents a date, and a date never becomes midnight. The text form follows the extended
//! date-time format of ISO 8601-2: `2022-09-19`, `2022-09-19T14:30+01:00`, `2022-09-01/2022-09-19`,
//! `../2022-09-19`, `2022-09-01/..`, `unknown`; a `~` at the end marks an estimate.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Timelike, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::london_day;

/// How precisely a time of day was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// To the minute.
    Minute,
    /// To the second.
    Second,
}

/// When something happened, without the mark of an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// At this instant, with the offset as it was entered.
    At(DateTime<FixedOffset>, Precision),
    /// On this civil day in Europe/London; the time of day is not known.
    On(NaiveDate),
    /// Some time between two civil days, both included; a missing end is not known.
    Within(Option<NaiveDate>, Option<NaiveDate>),
    /// Not known at all.
    Unknown,
}

/// When something happened in practice, and whether that is an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Occurred {
    /// The time as told.
    pub when: When,
    /// Whether whoever told it said that it is an estimate.
    pub estimated: bool,
}

impl Occurred {
    /// Not known at all.
    pub const UNKNOWN: Self = Self { when: When::Unknown, estimated: false };

    /// On a civil day.
    pub const fn on(day: NaiveDate) -> Self {
        Self { when: When::On(day), estimated: false }
    }

    /// At an instant, to the minute.
    pub const fn at_minute(instant: DateTime<FixedOffset>) -> Self {
        Self { when: When::At(instant, Precision::Minute), estimated: false }
    }

    /// Between two civil days, both included.
    pub const fn within(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Self {
        Self { when: When::Within(from, to), estimated: false }
    }

    /// The civil day in Europe/London, where it is known to the day.
    pub fn day(&self) -> Option<NaiveDate> {
        match self.when {
            When::At(instant, _) => Some(london_day(instant.with_timezone(&Utc))),
            When::On(day) => Some(day),
            When::Within(Some(from), Some(to)) if from == to => Some(from),
            When::Within(..) | When::Unknown => None,
        }
    }

    /// The instant, where the time of day is known.
    pub fn instant(&self) -> Option<DateTime<Utc>> {
        match self.when {
            When::At(instant, _) => Some(instant.with_timezone(&Utc)),
            When::On(_) | When::Within(..) | When::Unknown => None,
        }
    }

    /// The earliest civil day on which it can have happened; `None` where there is no lower end.
    #[inline]
    pub fn earliest_day(&self) -> Option<NaiveDate> {
        match self.when {
            When::On(day) => Some(day),
            When::Within(from, _) => from,
            When::At(..) | When::Unknown => self.day(),
        }
    }

    /// The latest civil day on which it can have happened; `None` where there is no upper end.
    #[inline]
    pub fn latest_day(&self) -> Option<NaiveDate> {
        match self.when {
            When::On(day) => Some(day),
            When::Within(_, to) => to,
            When::At(..) | When::Unknown => self.day(),
        }
    }
}

/// A text that is not a time in the form this module reads.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not a time: expected {expected}")]
pub struct NotOccurred {
    /// The text as given.
    pub text: String,
    /// What would have been read.
    pub expected: &'static str,
}

const EXPECTED: &str = "YYYY-MM-DD, YYYY-MM-DDThh:mm+hh:mm, FROM/TO with '..' for an open end, or unknown; '~' last marks an estimate";

impl fmt::Display for Occurred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::At(instant, Precision::Minute) => write!(f, "{}", instant.format("%Y-%m-%dT%H:%M%:z"))?,
            When::At(instant, Precision::Second) => write!(f, "{}", instant.format("%Y-%m-%dT%H:%M:%S%:z"))?,
            When::On(day) => write!(f, "{day}")?,
            When::Within(from, to) => write!(f, "{}/{}", End(from), End(to))?,
            When::Unknown => f.write_str("unknown")?,
        }
        if self.estimated { f.write_str("~") } else { Ok(()) }
    }
}

struct End(Option<NaiveDate>);

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(day) => write!(f, "{day}"),
            None => f.write_str(".."),
        }
    }
}

impl FromStr for Occurred {
    type Err = NotOccurred;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (plain, estimated) = match text.strip_suffix('~') {
            Some(plain) => (plain, true),
            None => (text, false),
        };
        let when =
            parse_when(plain).ok_or_else(|| NotOccurred { text: text.to_owned(), expected: EXPECTED })?;
        Ok(Self { when, estimated })
    }
}

fn parse_when(text: &str) -> Option<When> {
    if text == "unknown" {
        return Some(When::Unknown);
    }
    if let Some((from, to)) = text.split_once('/') {
        let (from, to) = (parse_end(from)?, parse_end(to)?);
        let ordered = from.zip(to).is_none_or(|(from, to)| from <= to);
        let bounded = from.is_some() || to.is_some();
        return (ordered && bounded).then_some(When::Within(from, to));
    }
    if text.len() == 10 {
        return parse_day(text).map(When::On);
    }
    parse_instant(text)
}

fn parse_end(text: &str) -> Option<Option<NaiveDate>> {
    if text == ".." { Some(None) } else { parse_day(text).map(Some) }
}

fn parse_day(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())?
}

fn parse_instant(text: &str) -> Option<When> {
    let (local, precision) = match text.len() {
        22 => (NaiveDateTime::parse_from_str(text.get(..16)?, "%Y-%m-%dT%H:%M").ok()?, Precision::Minute),
        25 => (NaiveDateTime::parse_from_str(text.get(..19)?, "%Y-%m-%dT%H:%M:%S").ok()?, Precision::Second),
        _ => return None,
    };
    let offset: FixedOffset = text.get(text.len() - 6..)?.parse().ok()?;
    let instant = local.and_local_timezone(offset).single()?;
    (instant.nanosecond() == 0).then_some(When::At(instant, precision))
}

impl From<Occurred> for String {
    fn from(occurred: Occurred) -> Self {
        occurred.to_string()
    }
}

impl TryFrom<String> for Occurred {
    type Error = NotOccurred;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        for text in [
            "2022-09-19",
            "2022-09-19T14:30+01:00",
            "2022-09-19T14:30:05+01:00",
            "2022-01-19T14:30+00:00",
            "2022-09-01/2022-09-19",
            "../2022-09-19",
            "2022-09-01/..",
            "unknown",
            "2022-09-19~",
            "unknown~",
        ] {
            let occurred: Occurred = text.parse().unwrap();
            assert_eq!(occurred.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2022-9-1",
            "2022-02-30",
            "2022-09-19T14:30",
            "../..",
            "2022-09-19/2022-09-01",
            "19/09/2022",
            "2022-09-19T14:30:05.5+01:00",
            "~",
        ] {
            assert!(text.parse::<Occurred>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_late_evening_in_summer_belongs_to_its_london_day() {
        let occurred: Occurred = "2022-07-01T23:30+00:00".parse().unwrap();
        assert_eq!(occurred.day(), NaiveDate::from_ymd_opt(2022, 7, 2));
    }

    #[test]
    fn an_uncertain_time_has_ends_and_no_day() {
        let occurred: Occurred = "../2022-09-19".parse().unwrap();
        assert_eq!(occurred.day(), None);
        assert_eq!(occurred.earliest_day(), None);
        assert_eq!(occurred.latest_day(), NaiveDate::from_ymd_opt(2022, 9, 19));
    }
}
