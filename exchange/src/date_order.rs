//! In which order a column writes the days and months of its text dates.
//!
//! `05/06/2024` is 5 June to one writer and 6 May to another. A column has one order, which shows in the dates that
//! fit only one of them. Day first is what is read; where a column shows the other order, or both, no date of it that
//! could be another day is taken.

use chrono::Datelike;

use crate::extract::{Reading, SourceValue};
use crate::layout::ValueKind;

const MONTH_FIRST: &str =
    "the column is written month first; write its dates as 2024-05-31 or 31/05/2024, day first";
const BOTH_WAYS: &str = "the column is written both day first and month first, so this day is not certain; write it as 2024-05-31";
const MONTH_FIRST_ELSEWHERE: &str =
    "other columns of the file are written month first, so this day is not certain; write it as 2024-05-31";
const SWAPPED: &str = "the texts of this column are written month first, so the spreadsheet may have swapped day and month here; \
     write it as 2024-05-31";

/// What the dates of one column show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct DateOrder {
    day_first: bool,
    month_first: bool,
    /// A day number stands for a day after the 12th: no spreadsheet has swapped it.
    has_late_number: bool,
}

impl DateOrder {
    /// Takes one more value of the column into account.
    pub(crate) fn see(&mut self, value: &SourceValue) {
        if value.column.value != ValueKind::Date {
            return;
        }
        match leading_numbers(&value.raw) {
            Some((first, second)) if first > 12 && is_month(second) => self.day_first = true,
            Some((first, second)) if second > 12 && is_month(first) => self.month_first = true,
            Some(_) => {}
            None => self.has_late_number |= number_day(value).is_some_and(|day| day > 12),
        }
    }

    /// Whether the column is written month first throughout.
    pub(crate) fn is_month_first(self) -> bool {
        self.month_first && !self.day_first
    }

    /// Whether dates of the column are refused for their order.
    pub(crate) fn is_doubtful(self) -> bool {
        self.month_first
    }

    /// Refuses the value where its day is not certain; says whether it did so.
    ///
    /// `elsewhere`: another column of the file is written month first.
    pub(crate) fn settle(self, elsewhere: bool, value: &mut SourceValue) -> bool {
        // A placeholder is no day in either order.
        if value.column.value != ValueKind::Date || value.reading == Reading::Placeholder {
            return false;
        }
        let refused = self.doubt(elsewhere, value);
        if let Some(reason) = refused {
            value.reading = Reading::Unreadable { reason };
        }
        refused.is_some()
    }

    fn doubt(self, elsewhere: bool, value: &SourceValue) -> Option<&'static str> {
        let Some((first, second)) = leading_numbers(&value.raw) else {
            let early = number_day(value).is_some_and(|day| day <= 12);
            return (self.is_month_first() && !self.has_late_number && early).then_some(SWAPPED);
        };
        let is_either = is_month(first) && is_month(second) && first != second;
        let is_month_first = is_month(first) && second > 12;
        match (self.day_first, self.month_first) {
            (false, true) if is_either || is_month_first => Some(MONTH_FIRST),
            (true, true) if is_either => Some(BOTH_WAYS),
            (false, false) if is_either && elsewhere => Some(MONTH_FIRST_ELSEWHERE),
            _ => None,
        }
    }
}

fn is_month(number: u32) -> bool {
    (1..=12).contains(&number)
}

/// The first two numbers of a text such as `05/13/2024`; `None` for a date that begins with its year.
fn leading_numbers(raw: &str) -> Option<(u32, u32)> {
    let day = raw.split([' ', 'T']).next()?;
    let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
    let [first, second, year] = parts.as_slice() else { return None };
    let number = |text: &str, lengths: &[usize]| -> Option<u32> {
        let digits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    number(year, &[2, 4])?;
    let both = (number(first, &[1, 2])?, number(second, &[1, 2])?);
    // A year of two digits may come first as well; nothing is told from `24-05-31`.
    (year.len() == 4 || both.0 <= 31).then_some(both)
}

/// The day of the month that a day number of a workbook stands for.
fn number_day(value: &SourceValue) -> Option<u32> {
    let is_number = value.raw.parse::<f64>().is_ok();
    value.reading.date().filter(|_| is_number).map(|day| day.day())
}
