//! The last days in time for a bare start, without any journey: what `caseledger deadline` prints.
//!
//! Invariant: the last day of the clock that a journey opens on that start is among them.

mod asked;
mod error;
mod terms;

use chrono::{DateTime, NaiveDate, Utc};

use asked::Asked;
pub use error::DeadlineError;

use super::{RuleBook, RuleId, RuleKind, RuleVersion, Shape};
use crate::calendar::{
    Calendar, CalendarError, CountedDay, KnownDay, Limit, StartDay, Unit, WorkingCalendar,
};
use crate::time::london_day;

/// When the clock starts, as precisely as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// On this civil day in Europe/London.
    Day(NaiveDate),
    /// At this instant.
    At(DateTime<Utc>),
}

/// Which limit is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum VersionChoice {
    /// The version that stands for this start.
    #[default]
    InForce,
    /// The version with this name, whether it stood or not.
    Named(String),
    /// An invented limit, with the rest of the rule as it stands.
    WhatIf(ShortLimit),
}

/// An invented limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortLimit {
    /// How long.
    pub limit: Limit,
    /// Whether the day of the start is day 0 or day 1.
    pub start_day: StartDay,
}

/// With what knowledge and which version a deadline is asked.
#[derive(Debug, Clone)]
pub struct DeadlineOptions<'a> {
    /// The calendar.
    pub calendar: &'a Calendar,
    /// The day whose knowledge of the calendar counts; `None` is all that is held.
    pub calendar_known: Option<KnownDay>,
    /// Which limit.
    pub version: VersionChoice,
    /// The day of the act, for versions that are chosen by it; without it each that an act on the start or later may choose
    /// is listed.
    pub act_on: Option<NaiveDate>,
    /// The day of the event that sets the last day, for rules that count back from it.
    pub set_by: Option<NaiveDate>,
}

impl Default for DeadlineOptions<'_> {
    fn default() -> Self {
        Self {
            calendar: Calendar::built_in(),
            calendar_known: None,
            version: VersionChoice::InForce,
            act_on: None,
            set_by: None,
        }
    }
}

/// The answer, with all that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The rule.
    pub rule: RuleId,
    /// Name of the version, or `what-if`.
    pub version: String,
    /// What has to be so for this day to be the last one, one sentence each; empty where nothing more has to be so than that
    /// no deadline listed before it counts.
    pub when: Vec<String>,
    /// The limit counted.
    pub limit: Limit,
    /// Whether the day of the start was day 0 or day 1.
    pub start_day: StartDay,
    /// The start as a civil day.
    pub start: NaiveDate,
    /// The day of the event that sets the last day, where one does: the limit is counted back from it.
    pub set_by: Option<NaiveDate>,
    /// First day that is not too early, for a minimum and a window; `None` where no day is.
    pub first_day_in_time: Option<NaiveDate>,
    /// The last day that is in time, inclusive; `None` for a minimum, which has none.
    pub last_day_in_time: Option<NaiveDate>,
    /// The last instant in time, inclusive, for a limit in hours.
    pub last_moment_in_time: Option<DateTime<Utc>>,
    /// The day whose knowledge of the calendar counted; `None` is all that is held.
    pub calendar_known: Option<KnownDay>,
    /// Where the limit is written; `None` for an invented one.
    pub source: Option<String>,
    /// What sort of authority that is.
    pub kind: Option<RuleKind>,
    /// Whether the source was read. An unverified limit must not be printed as law.
    pub verified: bool,
    /// What was and was not read, remarks on the transition between versions where it touches this start, and what else moves
    /// the day.
    pub notes: Vec<String>,
}

impl RuleBook {
    /// Every last day in time of `rule` for a clock that starts at `start`, each with what has to be so: a bare start does not
    /// say which interval or version a journey takes. Never empty; the first whose conditions are met counts.
    ///
    /// # Errors
    /// [`DeadlineError`].
    pub fn deadlines(
        &self,
        rule: &str,
        start: Start,
        options: &DeadlineOptions<'_>,
    ) -> Result<Vec<Deadline>, DeadlineError> {
        let rule = self.known(rule)?;
        if !matches!(rule.shape, Shape::Deadline(_)) {
            return Err(DeadlineError::NotADeadline { rule: rule.id.clone() });
        }
        let calendar = known_calendar(options);
        let asked = Asked::all(rule, start.day(), options, calendar)?;
        asked.iter().map(|asked| asked.count(start, calendar, options)).collect()
    }
}

impl Start {
    /// The civil day in Europe/London.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::At(instant) => london_day(instant),
        }
    }
}

impl Deadline {
    /// The count day by day, each day counted or skipped with the reason; empty for a limit that is not in working days or is
    /// counted back.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`] where `calendar` is not the one that the deadline was counted in.
    pub fn counted_days(&self, calendar: &Calendar) -> Result<Vec<CountedDay>, CalendarError> {
        if self.limit.unit != Unit::WorkingDays || self.set_by.is_some() {
            return Ok(Vec::new());
        }
        let known = self.calendar_known.unwrap_or_else(KnownDay::latest);
        calendar.explain(known, self.start, self.limit.amount, self.start_day)
    }

    /// One sentence that says how the day was found.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (start, limit) = (self.start, self.limit);
        match (self.set_by, self.last_day_in_time, self.first_day_in_time) {
            (Some(set_by), Some(last), _) if last == set_by => {
                format!("the last day is {last}, the day of the event that sets it")
            }
            (Some(set_by), Some(last), _) => format!("{limit} before {set_by} is {last}"),
            (_, None, Some(first)) => {
                format!("at least {limit} from {start} (day {}): not before {first}", self.number_of_start())
            }
            (_, Some(last), _) => self.sentence_of(last),
            (_, None, None) => format!("{limit} from {start}"),
        }
    }

    fn number_of_start(&self) -> u8 {
        match self.start_day {
            StartDay::IsDayZero => 0,
            StartDay::IsDayOne => 1,
        }
    }

    fn sentence_of(&self, last: NaiveDate) -> String {
        let (start, limit) = (self.start, self.limit);
        match (limit.unit, self.start_day) {
            (Unit::WorkingDays, StartDay::IsDayZero) => {
                format!("{start} is day 0, the next working day is day 1; {limit} end on {last}")
            }
            (Unit::Months, StartDay::IsDayZero) => {
                format!(
                    "{limit} from {start}: the corresponding date, clipped to the end of the month, is {last}"
                )
            }
            (Unit::SchoolTerms, _) => {
                format!("{limit} after the term of {start} end on {last}, by the usual dates of terms")
            }
            (Unit::Hours, _) => match self.last_moment_in_time.map(crate::calendar::local_time) {
                Some(moment) => {
                    format!("{limit} elapsed end on {}", moment.format("%Y-%m-%d at %H:%M:%S %Z"))
                }
                None => format!("{limit} elapsed end on {last}"),
            },
            (_, StartDay::IsDayOne) => format!("{limit} beginning with {start} (day 1) end on {last}"),
            (_, StartDay::IsDayZero) => format!("{limit} after {start} (day 0) end on {last}"),
        }
    }
}

fn known_calendar<'a>(options: &DeadlineOptions<'a>) -> &'a WorkingCalendar {
    options.calendar.known_at(options.calendar_known.unwrap_or_else(KnownDay::latest))
}

impl RuleVersion {
    /// The source with its paragraph.
    #[must_use]
    pub fn citation(&self) -> String {
        match &self.paragraph {
            Some(paragraph) => format!("{}, {paragraph}", self.source),
            None => self.source.clone(),
        }
    }
}
