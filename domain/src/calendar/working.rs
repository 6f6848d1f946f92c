//! One state of knowledge of the calendar, laid out so that millions of clocks can count in it.
//!
//! Invariant: `working_through[d]` is the number of working days from the first covered day to day `d` inclusive, and
//! `working_days[k]` is the offset of the `k`-th of them (from 0), so every count is one or two look-ups.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, Duration, NaiveDate, Weekday};

use super::CalendarError;

/// What sort of day a date is in one state of knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind<'a> {
    /// Monday to Friday and no bank holiday.
    Working,
    /// Saturday or Sunday (also where a bank holiday falls on it).
    Weekend,
    /// A bank holiday on a weekday, by name.
    BankHoliday(&'a str),
}

/// The calendar as known on one day: weekends and the bank holidays announced by then.
#[derive(Debug, Clone)]
pub struct WorkingCalendar {
    from: NaiveDate,
    to: NaiveDate,
    holidays: BTreeMap<NaiveDate, Arc<str>>,
    working_through: Vec<u32>,
    working_days: Vec<u32>,
}

impl WorkingCalendar {
    /// Lays out the covered days `from` to `to` inclusive.
    pub(super) fn new(from: NaiveDate, to: NaiveDate, holidays: BTreeMap<NaiveDate, Arc<str>>) -> Self {
        let mut working_through = Vec::new();
        let mut working_days = Vec::new();
        let mut count = 0;
        for (offset, date) in (0_u32..).zip(from.iter_days().take_while(|date| *date <= to)) {
            if !is_weekend(date) && !holidays.contains_key(&date) {
                working_days.push(offset);
                count += 1;
            }
            working_through.push(count);
        }
        Self { from, to, holidays, working_through, working_days }
    }

    /// First and last covered day, both inclusive.
    #[must_use]
    pub fn covered(&self) -> (NaiveDate, NaiveDate) {
        (self.from, self.to)
    }

    /// What sort of day `date` is.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`].
    pub fn day_kind(&self, date: NaiveDate) -> Result<DayKind<'_>, CalendarError> {
        self.working_through(date)?;
        Ok(match self.holidays.get(&date) {
            _ if is_weekend(date) => DayKind::Weekend,
            Some(title) => DayKind::BankHoliday(title),
            None => DayKind::Working,
        })
    }

    /// Whether `date` is a working day.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`].
    pub fn is_working_day(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        let through = self.working_through(date)?;
        let before = date.pred_opt().and_then(|before| self.working_through(before).ok());
        Ok(through > before.unwrap_or(0))
    }

    /// The `n`-th working day after `start`: the start is day 0, the next working day is day 1. `n = 0` is `start` itself,
    /// also when that is no working day.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`] where the start or the answer lies outside the covered years.
    pub fn nth_working_day_after(&self, start: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
        let before = self.working_through(start)?;
        if n == 0 {
            return Ok(start);
        }
        self.working_day_number(before.saturating_add(n))
    }

    /// The `n`-th working day counting the start: the start is day 1 if it is a working day, else the next one is. `n = 0`
    /// is `start` itself.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`] where the start or the answer lies outside the covered years.
    pub fn nth_working_day_from(&self, start: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
        let counted = u32::from(self.is_working_day(start)?);
        if n == 0 {
            return Ok(start);
        }
        self.working_day_number(self.working_through(start)? - counted + n)
    }

    /// The `n`-th working day before `end`: the end is day 0, the working day before it is day 1. `n = 0` is `end` itself.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`] where the end or the answer lies outside the covered years.
    pub fn nth_working_day_before(&self, end: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
        let before = self.working_through(end)? - u32::from(self.is_working_day(end)?);
        if n == 0 {
            return Ok(end);
        }
        match before.checked_sub(n) {
            Some(left) => self.working_day_number(left + 1),
            None => Err(self.outside(self.from.pred_opt().unwrap_or(self.from))),
        }
    }

    /// Working days after `start` up to and including `end`; negative where `end` is before `start`.
    ///
    /// # Errors
    /// [`CalendarError::OutsideCoveredYears`].
    pub fn working_days_between(&self, start: NaiveDate, end: NaiveDate) -> Result<i64, CalendarError> {
        Ok(i64::from(self.working_through(end)?) - i64::from(self.working_through(start)?))
    }

    /// Bank holidays known in this state, by day.
    pub fn bank_holidays(&self) -> impl Iterator<Item = (NaiveDate, &str)> {
        self.holidays.iter().map(|(date, title)| (*date, title.as_ref()))
    }

    fn working_through(&self, date: NaiveDate) -> Result<u32, CalendarError> {
        let offset = date.signed_duration_since(self.from).num_days();
        usize::try_from(offset)
            .ok()
            .and_then(|offset| self.working_through.get(offset).copied())
            .ok_or_else(|| self.outside(date))
    }

    /// The working day with this number, the first covered working day being number 1.
    fn working_day_number(&self, number: u32) -> Result<NaiveDate, CalendarError> {
        let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        self.working_days
            .get(index)
            .and_then(|offset| self.from.checked_add_signed(Duration::days(i64::from(*offset))))
            .ok_or_else(|| self.outside(self.to.succ_opt().unwrap_or(self.to)))
    }

    fn outside(&self, date: NaiveDate) -> CalendarError {
        CalendarError::OutsideCoveredYears { date, from: self.from, to: self.to }
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}
