//! Dates as workbooks and returns write them.
//!
//! A date is accepted only where day, month and year are certain. A two-digit
//! year, or a month written first, is not guessed: it is refused with its place.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use domain::time::london_day;

/// Reads a date written as text: `2020-09-16`, `16/09/2020`, `16-09-2020`, `16.09.2020`, or with the month's English
/// name, `16 September 2020`, `16-Sep-2020`, `16th Sept. 2020`, each with an optional time after it, which must be a time. A time with its offset from universal time
/// is one instant, whose day is London's: a system in London writes midnight of 2 May as `2023-05-01T23:00:00Z`.
///
/// # Errors
/// A fragment that says why the text is no date.
pub(crate) fn from_text(text: &str) -> Result<NaiveDate, &'static str> {
    if let Some(read) = with_named_month(text) {
        return read;
    }
    let (day_part, time_part) = split_time(text);
    // Words follow no date.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err("not a date");
    }
    let time = time_part.map(|time| zoned_time(time).ok_or("text follows the date")).transpose()?;
    let separator = ['-', '/', '.'].into_iter().find(|separator| day_part.contains(*separator));
    let day = from_parts(day_part, separator.ok_or("not a date")?)?;
    match time {
        Some((time, Some(offset))) => in_london(day.and_time(time), offset),
        Some((_, None)) | None => Ok(day),
    }
}

/// The day in London of a local time and its offset from universal time. Another zone's time may be a day as its writer
/// counts it, or London's: it is not guessed.
fn in_london(local: NaiveDateTime, offset: TimeDelta) -> Result<NaiveDate, &'static str> {
    if offset.is_zero() && local.time() == NaiveTime::MIN {
        // What writes a day as a time at midnight; it is that day in London all year.
        return Ok(local.date());
    }
    let instant = local.checked_sub_signed(offset).ok_or("not a date")?.and_utc();
    let day = london_day(instant);
    let is_london = day == local.date() || offset.is_zero();
    if is_london { Ok(day) } else { Err("the time is of another time zone, so the day is not certain") }
}

/// Reads an Excel day number; `epoch_1904` selects the other day zero.
///
/// # Errors
/// A fragment that says why the number is no date.
pub(crate) fn from_serial(serial: f64, epoch_1904: bool) -> Result<NaiveDate, &'static str> {
    if !serial.is_finite() || !(1.0..2_958_466.0).contains(&serial) {
        return Err("the number is not the number of a day");
    }
    if !epoch_1904 && (60.0..61.0).contains(&serial) {
        return Err("day number 60 stands for 29 February 1900, which did not exist");
    }
    let base = if epoch_1904 {
        NaiveDate::from_ymd_opt(1904, 1, 1)
    } else if serial < 60.0 {
        NaiveDate::from_ymd_opt(1899, 12, 31)
    } else {
        NaiveDate::from_ymd_opt(1899, 12, 30)
    };
    base.and_then(|day| day.checked_add_days(Days::new(whole_days(serial))))
        .filter(|day| day.year() <= 9999)
        .ok_or("the number is not the number of a day")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has bounded the number to 1..2,958,466"
)]
fn whole_days(serial: f64) -> u64 {
    serial.trunc() as u64
}

fn split_time(text: &str) -> (&str, Option<&str>) {
    match text.split_once([' ', 'T']) {
        Some((day, time)) => (day, Some(time.trim())),
        None => (text, None),
    }
}

/// A time, and how far it is ahead of universal time where that stands behind it: `Z`, `+01:00`, `+0100`.
fn zoned_time(text: &str) -> Option<(NaiveTime, Option<TimeDelta>)> {
    if let Some(bare) = text.strip_suffix(['Z', 'z']) {
        return Some((time(bare)?, Some(TimeDelta::zero())));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((time(text)?, None)) };
    let (bare, zone) = text.split_at(at);
    let (sign, digits) = zone.split_at(1);
    let ahead = NaiveTime::parse_from_str(&digits.replace(':', ""), "%H%M")
        .ok()?
        .signed_duration_since(NaiveTime::MIN);
    Some((time(bare)?, Some(if sign == "-" { -ahead } else { ahead })))
}

fn time(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

/// A day, the English name of a month and a year, in this order, with a time after them or none; `None` for a text of
/// another form.
fn with_named_month(text: &str) -> Option<Result<NaiveDate, &'static str>> {
    let mut parts = text.splitn(4, [' ', '-', '/', '.', ',']).map(str::trim);
    let (day, name) = (parts.next()?, parts.next()?);
    // `16 Sept. 2020`: the full stop of a short name stands before the blank.
    let rest = text.get(day.len() + 1 + name.len()..)?.trim_start_matches(['.', ',', ' ', '-', '/']);
    let day = ["st", "nd", "rd", "th"].iter().find_map(|ending| day.strip_suffix(ending)).unwrap_or(day);
    let month = month_named(name)?;
    let day: u32 = Some(day).filter(|day| is_digits(day, 1..=2))?.parse().ok()?;
    let (year, time_part) = split_time(rest);
    if time_part.is_some_and(|part| time(part).is_none()) {
        return Some(Err("text follows the date"));
    }
    if is_digits(year, 1..=3) {
        return Some(Err("the year has fewer than four digits"));
    }
    let year: i32 = Some(year).filter(|year| is_digits(year, 4..=4))?.parse().ok()?;
    let read = if year == 0 { None } else { NaiveDate::from_ymd_opt(year, month, day) };
    Some(read.ok_or("there is no such day"))
}

fn is_digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of a month by its English name, or by three letters of it; `Sept` has four.
fn month_named(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = name.to_lowercase();
    let is_it = |month: &&str| {
        **month == name || month.get(..3) == Some(&name) || (name == "sept" && month.starts_with("sept"))
    };
    (1..).zip(MONTHS).find(|(_, month)| is_it(month)).map(|(number, _)| number)
}

fn from_parts(text: &str, separator: char) -> Result<NaiveDate, &'static str> {
    let parts: Vec<&str> = text.split(separator).collect();
    let [first, month, last] = parts.as_slice() else {
        return Err("not a date");
    };
    let (year, day) = match (first.len(), last.len()) {
        (4, 1 | 2) => (*first, *last),
        (1 | 2, 4) => (*last, *first),
        (1 | 2, 1 | 2) => return Err("the year has two digits"),
        _ => return Err("not a date"),
    };
    let number =
        |part: &str| -> Option<u32> { part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())? };
    let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else {
        return Err("not a date");
    };
    if year == 0 {
        return Err("there is no year 0");
    }
    i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .ok_or("there is no such day")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn text_is_read_where_the_day_is_certain() {
        let table = [
            ("2020-09-16", Ok(day(2020, 9, 16))),
            ("16/09/2020", Ok(day(2020, 9, 16))),
            ("could not say", Err("not a date")),
            ("n-a see file", Err("not a date")),
            ("1/2/2020 or later", Err("text follows the date")),
            ("1/2/2020", Ok(day(2020, 2, 1))),
            ("16-09-2020", Ok(day(2020, 9, 16))),
            ("16.09.2020", Ok(day(2020, 9, 16))),
            ("2020-09-16T00:00:00", Ok(day(2020, 9, 16))),
            ("2020-09-16 10:15", Ok(day(2020, 9, 16))),
            ("2023-05-01T23:00:00Z", Ok(day(2023, 5, 2))),
            ("2023-05-02T23:30:00.000Z", Ok(day(2023, 5, 3))),
            ("2023-05-02T22:59:59Z", Ok(day(2023, 5, 2))),
            ("2023-12-02T23:30:00Z", Ok(day(2023, 12, 2))),
            ("01/05/2023 23:00:00 +00:00", Ok(day(2023, 5, 2))),
            ("2023-05-02T00:00:00+01:00", Ok(day(2023, 5, 2))),
            ("2023-05-02T00:00:00+0100", Ok(day(2023, 5, 2))),
            ("2023-12-31T23:00:00Z", Ok(day(2023, 12, 31))),
            ("2023-05-02T00:00:00+02:00", Err("the time is of another time zone, so the day is not certain")),
            ("2023-12-02T00:00:00+01:00", Err("the time is of another time zone, so the day is not certain")),
            ("2023-05-02T12:00:00-05:00", Ok(day(2023, 5, 2))),
            ("0001-01-01T00:00:00Z", Ok(day(1, 1, 1))),
            ("9999-12-31T23:59:59.9999999Z", Ok(day(9999, 12, 31))),
            ("2023-05-02T00:00:00+1", Err("text follows the date")),
            ("2023-05-02T25:00:00Z", Err("text follows the date")),
            ("1066-04-13", Ok(day(1066, 4, 13))),
            ("29/02/2020", Ok(day(2020, 2, 29))),
            ("29/02/2021", Err("there is no such day")),
            ("31/02/2020", Err("there is no such day")),
            ("09/16/2020", Err("there is no such day")),
            ("0000-00-00", Err("there is no year 0")),
            ("16/09/20", Err("the year has two digits")),
            ("10000-01-01", Err("not a date")),
            ("20 May 2024", Ok(day(2024, 5, 20))),
            ("20-May-2024", Ok(day(2024, 5, 20))),
            ("20/MAY/2024", Ok(day(2024, 5, 20))),
            ("1st september 2024", Ok(day(2024, 9, 1))),
            ("2 Sept. 2024", Ok(day(2024, 9, 2))),
            ("02 Sep 2024 10:15", Ok(day(2024, 9, 2))),
            ("30 February 2024", Err("there is no such day")),
            ("20 May 24", Err("the year has fewer than four digits")),
            ("20-May-24", Err("the year has fewer than four digits")),
            ("20 May 2024 or later", Err("text follows the date")),
            ("20 Mai 2024", Err("text follows the date")),
            ("May 20 2024", Err("text follows the date")),
            ("May 2024", Err("text follows the date")),
            ("soon", Err("not a date")),
            ("2020-09-16 or later", Err("text follows the date")),
            ("+202-09-16", Err("not a date")),
        ];
        for (text, expected) in table {
            assert_eq!(from_text(text), expected, "{text}");
        }
    }

    #[test]
    fn day_numbers_agree_with_published_pairs() {
        // The pairs stand in the file format's own documentation (ECMA-376 part 1, 18.17.4).
        assert_eq!(from_serial(1.0, false), Ok(day(1900, 1, 1)));
        assert_eq!(from_serial(59.0, false), Ok(day(1900, 2, 28)));
        assert!(from_serial(60.0, false).is_err());
        assert_eq!(from_serial(61.0, false), Ok(day(1900, 3, 1)));
        assert_eq!(from_serial(40031.0, false), Ok(day(2009, 8, 6)));
        assert_eq!(from_serial(40031.75, false), Ok(day(2009, 8, 6)));
        assert_eq!(from_serial(2_958_465.0, false), Ok(day(9999, 12, 31)));
        assert!(from_serial(2_958_466.0, false).is_err());
        assert!(from_serial(0.0, false).is_err());
        assert!(from_serial(-3.0, false).is_err());
        assert!(from_serial(f64::NAN, false).is_err());
        assert_eq!(from_serial(1.0, true), Ok(day(1904, 1, 2)));
    }
}
