//! How the text of one cell or element becomes a reading.
//!
//! The rules are the same for every format. A text that cannot be what its column
//! says is kept with the reason; it is never bent into something that it could be.

use chrono::NaiveDate;

use crate::codes;
use crate::dates;
use crate::extract::Reading;
use crate::layout::{Column, Role, ValueKind};
use crate::placeholders;
use crate::text;

/// Why an identifier is refused of which a spreadsheet keeps the first digits only.
pub(crate) const SHORTENED: &str =
    "a spreadsheet has shortened the number; format the column as text and export the file again";

/// Reads text as the column's kind; errors of a look-up and placeholders say nothing.
pub(crate) fn from_text(text: &str, column: &Column) -> (String, Reading) {
    let raw = match text::kept(text) {
        Ok(kept) => unwrapped(kept.replace('\u{a0}', " ").trim()).to_owned(),
        Err(refused) => return (refused.shown, Reading::Unreadable { reason: refused.reason }),
    };
    if raw.is_empty() {
        return (raw, Reading::Blank);
    }
    if placeholders::is_error(&raw) {
        return (raw, Reading::SourceError);
    }
    // A code list may know the word.
    if column.value != ValueKind::Code && placeholders::is_text(&raw) {
        return (raw, Reading::Placeholder);
    }
    let reading = match column.value {
        ValueKind::Name if placeholders::is_nobody(&raw) => Reading::Blank,
        ValueKind::Identifier if placeholders::is_no_identifier(&raw) => Reading::Placeholder,
        ValueKind::Identifier if placeholders::is_shortened(&raw) => {
            Reading::Unreadable { reason: SHORTENED }
        }
        ValueKind::Code => code(&raw, column),
        ValueKind::Identifier | ValueKind::Name | ValueKind::Text | ValueKind::Postcode | ValueKind::Urn => {
            Reading::Text(raw.clone())
        }
        ValueKind::Date => date(&raw),
        ValueKind::Count => count(&raw),
        ValueKind::Decimal => decimal(&raw),
        ValueKind::Flag => {
            codes::flag(&raw).map_or(Reading::Unreadable { reason: "neither yes nor no" }, Reading::Flag)
        }
    };
    (raw, reading)
}

/// The text of a cell that is written as a formula, by which CSV files keep leading zeros: `="00123"`.
fn unwrapped(text: &str) -> &str {
    let inside = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inside.filter(|inside| !inside.contains('"')).map_or(text, str::trim)
}

/// A code; what its list does not know may be a placeholder, and what it knows is none.
fn code(raw: &str, column: &Column) -> Reading {
    let read = codes::read(column.codes.as_deref().unwrap_or_default(), raw);
    let unknown = matches!(read, Reading::Code { known: false, .. });
    if unknown && placeholders::is_text(raw) { Reading::Placeholder } else { read }
}

/// A day, unless source systems write it for "none".
pub(crate) fn day(day: NaiveDate) -> Reading {
    if placeholders::is_day(day) { Reading::Placeholder } else { Reading::Date(day) }
}

/// The day of a day number of a workbook.
pub(crate) fn numbered_day(day: NaiveDate) -> Reading {
    let read = self::day(day);
    let count = read.date().is_some_and(placeholders::is_count);
    if count {
        Reading::Unreadable { reason: "a number too small for the number of a day: a count" }
    } else {
        read
    }
}

fn date(raw: &str) -> Reading {
    match dates::from_text(raw) {
        Ok(day) => self::day(day),
        Err(reason) => Reading::Unreadable { reason },
    }
}

fn count(raw: &str) -> Reading {
    raw.parse().map_or(Reading::Unreadable { reason: "not a whole number" }, Reading::Count)
}

fn decimal(raw: &str) -> Reading {
    match raw.parse::<f64>() {
        Ok(number) if number.is_finite() => Reading::Decimal(raw.to_owned()),
        _ => Reading::Unreadable { reason: "not a number" },
    }
}

/// A remark on readings that deserve one beside their value.
pub(crate) fn remark(reading: &Reading, column: &Column) -> Option<(&'static str, String)> {
    let name = column.header();
    match reading {
        Reading::SourceError => {
            Some(("source_error", format!("{name:?} holds an error text: the source could not say")))
        }
        Reading::Placeholder => {
            Some(("placeholder", format!("{name:?} holds a placeholder, read as not stated")))
        }
        Reading::NoStoredValue => {
            Some(("formula_without_value", format!("{name:?} is not stated: formula without a stored value")))
        }
        Reading::Code { known: false, .. } => {
            Some(("code_unrecognised", format!("{name:?} holds a code that its list does not know")))
        }
        Reading::Text(text)
            if matches!(column.role, Role::Child | Role::Adopter) && !text.chars().any(char::is_numeric) =>
        {
            Some((
                "identifier_without_digit",
                format!("{name:?} holds a word; check that it is an identifier"),
            ))
        }
        Reading::Unreadable { reason } => Some(("value_refused", format!("{name:?}: {reason}"))),
        Reading::Blank
        | Reading::NotThere
        | Reading::Date(_)
        | Reading::Count(_)
        | Reading::Decimal(_)
        | Reading::Flag(_)
        | Reading::Code { known: true, .. }
        | Reading::Text(_) => None,
    }
}
