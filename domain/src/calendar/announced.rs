//! The two files a calendar is built from: holidays as finally held, and what each announcement changed.
//!
//! The embedded copies stand in `domain/data/`, with their provenance.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::CalendarError;

const HOLIDAY_FILE: &str = "bank holiday file";
const ANNOUNCEMENT_FILE: &str = "announcement file";

/// Whether an announcement makes a day a bank holiday or takes the holiday away from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The day becomes a bank holiday.
    Added,
    /// The day stops being one, because the holiday moved.
    Removed,
}

/// One change of the calendar, and the day from which it could be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The day of the announcement. Knowledge of this day already includes it.
    pub announced_on: NaiveDate,
    /// What happens to `date`.
    pub effect: Effect,
    /// The day that changes.
    pub date: NaiveDate,
    /// Name of the holiday.
    pub title: Arc<str>,
    /// Whether the day of announcement was read in the announcement itself.
    pub verified: bool,
}

/// Holidays by day, as finally held.
pub(super) fn read_holidays(text: &str) -> Result<BTreeMap<NaiveDate, Arc<str>>, CalendarError> {
    let mut held = BTreeMap::new();
    for (line, [date, title, _source]) in rows(text, HOLIDAY_FILE, "date,title,source")? {
        held.insert(day(date, HOLIDAY_FILE, line)?, Arc::from(title));
    }
    Ok(held)
}

/// Announcements, sorted by the day on which they were made.
pub(super) fn read_announcements(text: &str) -> Result<Vec<Announcement>, CalendarError> {
    let mut all = Vec::new();
    let header = "announced_on,effect,date,title,verified";
    for (line, [announced_on, effect, date, title, verified]) in rows(text, ANNOUNCEMENT_FILE, header)? {
        all.push(Announcement {
            announced_on: day(announced_on, ANNOUNCEMENT_FILE, line)?,
            effect: effect_of(effect, line)?,
            date: day(date, ANNOUNCEMENT_FILE, line)?,
            title: Arc::from(title),
            verified: verified == "yes",
        });
    }
    all.sort_by_key(|announcement| announcement.announced_on);
    Ok(all)
}

/// Rows of a plain CSV file (no quoting: a title may not hold a comma), each with its line number.
fn rows<'a, const N: usize>(
    text: &'a str,
    file: &'static str,
    header: &str,
) -> Result<Vec<(usize, [&'a str; N])>, CalendarError> {
    let unreadable = |line, reason: String| CalendarError::UnreadableRow { file, line, reason };
    let mut lines = (1..).zip(text.lines());
    match lines.next() {
        Some((_, first)) if first == header => {}
        Some((line, first)) => {
            return Err(unreadable(line, format!("header {first:?}, expected {header:?}")));
        }
        None => return Err(unreadable(1, "the file is empty".to_owned())),
    }
    lines
        .map(|(line, row)| {
            let cells: Vec<&str> = row.split(',').collect();
            let count = cells.len();
            let cells =
                cells.try_into().map_err(|_| unreadable(line, format!("{count} cells, expected {N}")))?;
            Ok((line, cells))
        })
        .collect()
}

fn day(cell: &str, file: &'static str, line: usize) -> Result<NaiveDate, CalendarError> {
    cell.parse().map_err(|_| CalendarError::UnreadableRow {
        file,
        line,
        reason: format!("{cell:?} is not a date"),
    })
}

fn effect_of(cell: &str, line: usize) -> Result<Effect, CalendarError> {
    match cell {
        "added" => Ok(Effect::Added),
        "removed" => Ok(Effect::Removed),
        _ => {
            let reason = format!("effect {cell:?}, expected added or removed");
            Err(CalendarError::UnreadableRow { file: ANNOUNCEMENT_FILE, line, reason })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_row_is_named_by_its_line() {
        let cases = [
            ("", "read line 1 of the announcement file: the file is empty"),
            (
                "announced_on,effect,date,title,verified\n2022-09-10,added,2022-09-19,State funeral",
                "read line 2 of the announcement file: 4 cells, expected 5",
            ),
            (
                "announced_on,effect,date,title,verified\n2022-09-31,added,2022-09-19,State funeral,no",
                "read line 2 of the announcement file: \"2022-09-31\" is not a date",
            ),
            (
                "announced_on,effect,date,title,verified\n2022-09-10,moved,2022-09-19,State funeral,no",
                "read line 2 of the announcement file: effect \"moved\", expected added or removed",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(read_announcements(text).unwrap_err().to_string(), message);
        }
    }
}
