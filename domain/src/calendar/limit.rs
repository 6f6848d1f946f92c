//! Time limits and the last day on which they are kept.
//!
//! Every unit counts in its own way, and the way is part of the rule, never of the code that asks:
//! working days skip weekends and bank holidays; calendar days and weeks do not; months end on the corresponding date,
//! clipped to the end of the month; hours are elapsed time between two instants. [`StartDay`] says whether the day of the
//! start is day 0 ("within 15 working days of") or day 1 ("26 weeks *beginning with* the day", Children Act 1989
//! s32(1)(a)(ii)).
//!
//! Invariant: for one limit and one calendar the last day never moves back when the start moves forward.

use std::fmt;

use chrono::{DateTime, Duration, Months, NaiveDate, Utc};
use thiserror::Error;

use super::{CalendarError, WorkingCalendar, last_day_of_term_after};

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Monday to Friday without the bank holidays known.
    WorkingDays,
    /// Every day.
    CalendarDays,
    /// Seven calendar days each.
    Weeks,
    /// Corresponding date, clipped to the end of the month.
    Months,
    /// Elapsed hours between instants; weekends and clock changes do not matter.
    Hours,
    /// School terms after the one in which the clock starts, to the end of the last of them; see
    /// [`terms`](super::last_day_of_term_after).
    SchoolTerms,
}

/// Whether the day of the start is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StartDay {
    /// The start is day 0, counting begins on the day after.
    IsDayZero,
    /// The start is day 1: the period begins with it.
    IsDayOne,
}

/// A length of time as a rule states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

/// A length as measured: working days or calendar days or hours. Weeks and months are measured in calendar days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// How many; negative where the end lies before the start.
    pub amount: i64,
    /// [`Unit::WorkingDays`], [`Unit::CalendarDays`] or [`Unit::Hours`].
    pub unit: Unit,
}

/// Why a limit has no last day.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LimitError {
    /// A limit in hours was asked with a date that has no time of day.
    #[error("count {amount} hours from {start}: only the date is known, not the time of day")]
    NeedsTimeOfDay {
        /// The limit in hours.
        amount: u32,
        /// The day of the start.
        start: NaiveDate,
    },
    /// The last day lies beyond the range of dates.
    #[error("count {limit} from {start}: the end lies outside the range of dates")]
    OutOfRange {
        /// The limit.
        limit: Limit,
        /// The day of the start.
        start: NaiveDate,
    },
    /// The working-day calendar does not reach far enough.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl Limit {
    /// A limit of `amount` units.
    #[must_use]
    pub const fn new(amount: u32, unit: Unit) -> Self {
        Self { amount, unit }
    }

    /// The last day that is still in time when the clock starts on `start`.
    ///
    /// # Errors
    /// [`LimitError::NeedsTimeOfDay`] for hours; [`LimitError::Calendar`] outside the covered years of working days;
    /// [`LimitError::OutOfRange`].
    pub fn last_day_in_time(
        self,
        start: NaiveDate,
        start_day: StartDay,
        calendar: &WorkingCalendar,
    ) -> Result<NaiveDate, LimitError> {
        let days =
            |per_unit: u64| start.checked_add_days(chrono::Days::new(u64::from(self.amount) * per_unit));
        let end = match self.unit {
            Unit::WorkingDays => return Ok(self.last_working_day(start, start_day, calendar)?),
            Unit::CalendarDays => days(1),
            Unit::Weeks => days(7),
            Unit::Months => start.checked_add_months(Months::new(self.amount)),
            Unit::SchoolTerms => {
                let end = last_day_of_term_after(start, self.amount);
                return end.ok_or(LimitError::OutOfRange { limit: self, start });
            }
            Unit::Hours => return Err(LimitError::NeedsTimeOfDay { amount: self.amount, start }),
        };
        let end = match start_day {
            StartDay::IsDayZero => end,
            StartDay::IsDayOne => end.and_then(|end| end.pred_opt()),
        };
        end.ok_or(LimitError::OutOfRange { limit: self, start })
    }

    /// The last instant that is still in time, inclusive, for a limit in hours; `None` for every other unit.
    #[must_use]
    pub fn last_moment_in_time(self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.unit {
            Unit::Hours => start.checked_add_signed(Duration::hours(i64::from(self.amount))),
            Unit::WorkingDays | Unit::CalendarDays | Unit::Weeks | Unit::Months | Unit::SchoolTerms => None,
        }
    }

    /// The day from which this limit reaches `end`, counted back: the last day in time for what must be done so long before
    /// `end`. `None` for hours and school terms, which are not counted back, and outside the range of dates.
    #[must_use]
    pub fn counted_back(self, end: NaiveDate, calendar: &WorkingCalendar) -> Option<NaiveDate> {
        let days = |per_unit: u64| end.checked_sub_days(chrono::Days::new(u64::from(self.amount) * per_unit));
        match self.unit {
            Unit::WorkingDays => calendar.nth_working_day_before(end, self.amount).ok(),
            Unit::CalendarDays => days(1),
            Unit::Weeks => days(7),
            Unit::Months => end.checked_sub_months(Months::new(self.amount)),
            Unit::Hours | Unit::SchoolTerms => None,
        }
    }

    /// How much of the limit lies between the two days, counted as this limit counts. Weeks and months are measured in
    /// calendar days. Hours cannot be measured between days: the answer is in calendar days as well.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`] for working days.
    pub fn measure(
        self,
        start: NaiveDate,
        end: NaiveDate,
        start_day: StartDay,
        calendar: &WorkingCalendar,
    ) -> Result<Measure, CalendarError> {
        let from_start = start_day == StartDay::IsDayOne;
        let (between, unit, counts_start) = match self.unit {
            Unit::WorkingDays => (
                calendar.working_days_between(start, end)?,
                Unit::WorkingDays,
                from_start && calendar.is_working_day(start)?,
            ),
            Unit::CalendarDays | Unit::Weeks | Unit::Months | Unit::Hours | Unit::SchoolTerms => {
                (end.signed_duration_since(start).num_days(), Unit::CalendarDays, from_start)
            }
        };
        Ok(Measure { amount: between + i64::from(counts_start), unit })
    }

    fn last_working_day(
        self,
        start: NaiveDate,
        start_day: StartDay,
        calendar: &WorkingCalendar,
    ) -> Result<NaiveDate, CalendarError> {
        match start_day {
            StartDay::IsDayZero => calendar.nth_working_day_after(start, self.amount),
            StartDay::IsDayOne => calendar.nth_working_day_from(start, self.amount),
        }
    }
}

impl Unit {
    /// The unit as rule files and printed pages write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkingDays => "working days",
            Self::CalendarDays => "calendar days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Hours => "hours",
            Self::SchoolTerms => "school terms",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.unit.name();
        let name = if self.amount == 1 { name.trim_end_matches('s') } else { name };
        write!(f, "{} {name}", self.amount)
    }
}
