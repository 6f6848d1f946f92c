//! The working days of the invented authority: a table over the years of the file.
//!
//! Bank holidays of England and Wales are computed, with the days that were moved or added. Invariant: asking
//! outside the table falls back on Monday to Friday.

use chrono::{Datelike, Days as Span, Months, NaiveDate, TimeDelta, Weekday};

/// A day some days later (or earlier, below zero).
pub(super) fn plus(day: NaiveDate, days: i32) -> NaiveDate {
    day.checked_add_signed(TimeDelta::days(i64::from(days))).unwrap_or(day)
}

/// The corresponding day some months later, clipped to the end of the month.
pub(super) fn plus_months(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

/// Days from one day to a later one; below zero where it is earlier.
pub(super) fn days_from(from: NaiveDate, to: NaiveDate) -> i32 {
    i32::try_from((to - from).num_days()).unwrap_or(i32::MAX)
}

/// A table of working days.
#[derive(Debug)]
pub(super) struct Days {
    first: NaiveDate,
    /// For each day of the table, how many working days there are up to and including it.
    count: Vec<u32>,
    working: Vec<NaiveDate>,
}

impl Days {
    /// The table from the first to the last day, both included.
    pub(super) fn new(first: NaiveDate, last: NaiveDate) -> Self {
        let mut table = Self { first, count: Vec::new(), working: Vec::new() };
        let holidays: Vec<NaiveDate> = (first.year()..=last.year()).flat_map(bank_holidays).collect();
        for day in first.iter_days().take_while(|day| *day <= last) {
            if !is_weekend(day) && !holidays.contains(&day) {
                table.working.push(day);
            }
            table.count.push(u32::try_from(table.working.len()).unwrap_or(u32::MAX));
        }
        table
    }

    /// The working day that is `number` working days after `day`; the day itself for 0.
    pub(super) fn working(&self, day: NaiveDate, number: i32) -> NaiveDate {
        match usize::try_from(number) {
            Ok(0) | Err(_) => day,
            Ok(number) => self.nth_after(day, number).unwrap_or_else(|| weekday_after(day, number)),
        }
    }

    /// The day itself if it is a working day, else the next one.
    pub(super) fn at_or_after(&self, day: NaiveDate) -> NaiveDate {
        self.working(plus(day, -1), 1)
    }

    /// The day itself if it is a working day, else the last one before.
    pub(super) fn at_or_before(&self, day: NaiveDate) -> NaiveDate {
        let held = self.count_to(day).and_then(|count| self.working.get(count.checked_sub(1)?));
        held.copied().unwrap_or(day)
    }

    fn nth_after(&self, day: NaiveDate, number: usize) -> Option<NaiveDate> {
        self.working.get(self.count_to(day)? + number - 1).copied()
    }

    fn count_to(&self, day: NaiveDate) -> Option<usize> {
        let at = usize::try_from(days_from(self.first, day)).ok()?;
        usize::try_from(*self.count.get(at)?).ok()
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn weekday_after(day: NaiveDate, number: usize) -> NaiveDate {
    day.iter_days().skip(1).filter(|day| !is_weekend(*day)).nth(number - 1).unwrap_or(day)
}

/// Whether clocks show summer time on the day (at noon): last Sunday of March to last Sunday of October.
pub(super) fn is_summer(day: NaiveDate) -> bool {
    let last_sunday = |month| last_of(day.year(), month, Weekday::Sun);
    last_sunday(3) <= day && day < last_sunday(10)
}

fn last_of(year: i32, month: u32, weekday: Weekday) -> NaiveDate {
    let end = plus_months(date(year, month, 1), 1);
    let back = (end.weekday().num_days_from_monday() + 6 - weekday.num_days_from_monday()) % 7 + 1;
    end - Span::new(u64::from(back))
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}

/// Bank holidays of England and Wales in a year, with the ones that were moved or added since 1995.
fn bank_holidays(year: i32) -> Vec<NaiveDate> {
    let easter = easter_sunday(year);
    let mut holidays = vec![substituted(date(year, 1, 1)), plus(easter, -2), plus(easter, 1)];
    holidays.push(match year {
        1995 | 2020 => date(year, 5, 8),
        _ => {
            (1..=7).map(|day| date(year, 5, day)).find(|day| day.weekday() == Weekday::Mon).unwrap_or(easter)
        }
    });
    holidays.extend(match year {
        2002 | 2012 => vec![date(year, 6, 4), date(year, 6, if year == 2002 { 3 } else { 5 })],
        2022 => vec![date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)],
        2011 => vec![last_of(2011, 5, Weekday::Mon), date(2011, 4, 29)],
        2023 => vec![last_of(2023, 5, Weekday::Mon), date(2023, 5, 8)],
        1999 => vec![last_of(1999, 5, Weekday::Mon), date(1999, 12, 31)],
        _ => vec![last_of(year, 5, Weekday::Mon)],
    });
    holidays.push(last_of(year, 8, Weekday::Mon));
    holidays.extend(christmas(year));
    holidays
}

/// New Year's Day, or the Monday after it where it falls on a weekend.
fn substituted(day: NaiveDate) -> NaiveDate {
    day.iter_days().find(|day| !is_weekend(*day)).unwrap_or(day)
}

/// Christmas Day and Boxing Day; substitutes are Monday and Tuesday after.
fn christmas(year: i32) -> [NaiveDate; 2] {
    let day = date(year, 12, 25);
    match day.weekday() {
        Weekday::Fri => [day, date(year, 12, 28)],
        Weekday::Sat => [date(year, 12, 27), date(year, 12, 28)],
        Weekday::Sun => [date(year, 12, 26), date(year, 12, 27)],
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu => [day, date(year, 12, 26)],
    }
}

/// Easter Sunday by the Gregorian computus.
fn easter_sunday(year: i32) -> NaiveDate {
    let golden = year % 19;
    let (century, rest) = (year / 100, year % 100);
    let epact = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let shift = (golden + 11 * epact + 22 * weekday) / 451;
    let after_march_22 = epact + weekday - 7 * shift;
    plus(date(year, 3, 22), after_march_22)
}
