//! The last day in time for a bare start, without any journey: what `caseledger deadline` prints.

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;

use super::{Bound, Rule, RuleBook, RuleId, RuleKind, RuleVersion, RunningClocks, Shape, UnknownRule};
use crate::calendar::{
    Calendar, CalendarError, CountedDay, KnownDay, Limit, LimitError, StartDay, Unit, WorkingCalendar,
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
    /// The day of the act, for versions that are chosen by it.
    pub act_on: Option<NaiveDate>,
}

impl Default for DeadlineOptions<'_> {
    fn default() -> Self {
        Self {
            calendar: Calendar::built_in(),
            calendar_known: None,
            version: VersionChoice::InForce,
            act_on: None,
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
    /// The limit counted.
    pub limit: Limit,
    /// Whether the day of the start was day 0 or day 1.
    pub start_day: StartDay,
    /// The start as a civil day.
    pub start: NaiveDate,
    /// First day that is not too early; `None` where no day is.
    pub first_day_in_time: Option<NaiveDate>,
    /// The last day that is in time, inclusive. For a minimum it is the last day that is still too early.
    pub last_day_in_time: NaiveDate,
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
    /// What was and was not read, or remarks on the transition between versions where it touches this start.
    pub notes: Vec<String>,
}

/// Why there is no last day in time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeadlineError {
    /// No rule with that id.
    #[error(transparent)]
    UnknownRule(#[from] UnknownRule),
    /// The rule answers with a flag or a band, not with a day.
    #[error("count {rule}: it looks back and has no last day")]
    NotADeadline {
        /// The rule.
        rule: RuleId,
    },
    /// No version with that name.
    #[error("find version {version:?} of {rule}; it has {known}")]
    UnknownVersion {
        /// The rule.
        rule: RuleId,
        /// As asked.
        version: String,
        /// Names of its versions.
        known: String,
    },
    /// No version stands for that start.
    #[error("count {rule} from {start}: no version is in force then; it has {known}")]
    NoVersionInForce {
        /// The rule.
        rule: RuleId,
        /// The start.
        start: NaiveDate,
        /// Names of its versions with the days on which they stand.
        known: String,
    },
    /// The limit cannot be counted from this start with what is known.
    #[error("cannot tell the last day of {rule}")]
    CannotTell {
        /// The rule.
        rule: RuleId,
        /// Why.
        #[source]
        why: LimitError,
    },
}

impl RuleBook {
    /// The last day in time of `rule` for a clock that starts at `start`.
    ///
    /// # Errors
    /// [`DeadlineError`].
    pub fn deadline(
        &self,
        rule: &str,
        start: Start,
        options: &DeadlineOptions<'_>,
    ) -> Result<Deadline, DeadlineError> {
        let rule = self.known(rule)?;
        if !matches!(rule.shape, Shape::Deadline(_)) {
            return Err(DeadlineError::NotADeadline { rule: rule.id.clone() });
        }
        let calendar = known_calendar(options);
        let asked = Asked::new(rule, start.day(), options, calendar)?;
        asked
            .count(start, calendar, options)
            .map_err(|why| DeadlineError::CannotTell { rule: rule.id.clone(), why })
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
    /// The count day by day, each day counted or skipped with the reason; empty for a limit that is not in working days.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`] where `calendar` is not the one that the deadline was counted in.
    pub fn counted_days(&self, calendar: &Calendar) -> Result<Vec<CountedDay>, CalendarError> {
        match self.limit.unit {
            Unit::WorkingDays => {
                let known = self.calendar_known.unwrap_or_else(KnownDay::latest);
                calendar.explain(known, self.start, self.limit.amount, self.start_day)
            }
            Unit::CalendarDays | Unit::Weeks | Unit::Months | Unit::Hours | Unit::SchoolTerms => {
                Ok(Vec::new())
            }
        }
    }

    /// One sentence that says how the last day was found.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (start, limit, last) = (self.start, self.limit, self.last_day_in_time);
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

/// A rule with the limit that was asked for.
struct Asked<'a> {
    rule: &'a Rule,
    version: Option<&'a RuleVersion>,
    limit: Limit,
    start_day: StartDay,
}

impl<'a> Asked<'a> {
    fn new(
        rule: &'a Rule,
        start: NaiveDate,
        options: &DeadlineOptions<'_>,
        calendar: &WorkingCalendar,
    ) -> Result<Self, DeadlineError> {
        let version = match &options.version {
            VersionChoice::InForce => rule.version_for(start, options.act_on, calendar).ok_or_else(|| {
                DeadlineError::NoVersionInForce { rule: rule.id.clone(), start, known: known_versions(rule) }
            })?,
            VersionChoice::Named(name) => {
                rule.version(name).ok_or_else(|| DeadlineError::UnknownVersion {
                    rule: rule.id.clone(),
                    version: name.clone(),
                    known: known_versions(rule),
                })?
            }
            VersionChoice::WhatIf(invented) => {
                return Ok(Self {
                    rule,
                    version: None,
                    limit: invented.limit,
                    start_day: invented.start_day,
                });
            }
        };
        let limit = version.limit.ok_or_else(|| DeadlineError::NotADeadline { rule: rule.id.clone() })?;
        Ok(Self { rule, version: Some(version), limit, start_day: version.start_day })
    }

    fn count(
        &self,
        start: Start,
        calendar: &WorkingCalendar,
        options: &DeadlineOptions<'_>,
    ) -> Result<Deadline, LimitError> {
        let day = start.day();
        let last_moment = match start {
            Start::At(instant) => self.limit.last_moment_in_time(instant),
            Start::Day(_) => None,
        };
        let last_day = match last_moment {
            Some(moment) => london_day(moment),
            None => self.limit.last_day_in_time(day, self.start_day, calendar)?,
        };
        Ok(Deadline {
            rule: self.rule.id.clone(),
            version: self.version.map_or_else(|| "what-if".to_owned(), |version| version.name.to_string()),
            limit: self.limit,
            start_day: self.start_day,
            start: day,
            first_day_in_time: self.first_day(day, last_day, calendar)?,
            last_day_in_time: last_day,
            last_moment_in_time: last_moment,
            calendar_known: options.calendar_known,
            source: self.version.map(RuleVersion::citation),
            kind: self.version.map(|version| version.kind),
            verified: self.version.is_some_and(|version| version.verified.read),
            notes: self.notes(day, last_day),
        })
    }

    fn first_day(
        &self,
        start: NaiveDate,
        last: NaiveDate,
        calendar: &WorkingCalendar,
    ) -> Result<Option<NaiveDate>, LimitError> {
        match self.version.map(|version| version.bound) {
            None | Some(Bound::Maximum) => Ok(None),
            Some(Bound::Minimum) => Ok(Some(last)),
            Some(Bound::Window { not_before }) => Limit::new(not_before, self.limit.unit)
                .last_day_in_time(start, self.start_day, calendar)
                .map(Some),
        }
    }

    fn notes(&self, start: NaiveDate, last: NaiveDate) -> Vec<String> {
        let Some(version) = self.version else {
            return vec!["an invented limit, not a rule".to_owned()];
        };
        let crossed = self.rule.versions.iter().filter(|later| {
            later.transition.running_clocks == RunningClocks::NotSettled
                && later.in_force.from.is_some_and(|from| start < from && from <= last)
        });
        let crossed = crossed.filter_map(|later| later.transition.note.clone());
        std::iter::once(version.verified.note.clone()).chain(crossed).collect()
    }
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

fn known_versions(rule: &Rule) -> String {
    let all: Vec<String> =
        rule.versions.iter().map(|version| format!("{} ({})", version.name, version.in_force)).collect();
    all.join(", ")
}
