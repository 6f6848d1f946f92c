//! How the text of one cell or element becomes a reading.
//!
//! The rules are the same for every format. A text that cannot be what its column
//! says is kept with the reason; it is never bent into something that it could be.

use crate::codes;
use crate::dates;
use crate::extract::Reading;
use crate::layout::{Column, ValueKind};
use crate::text;

/// Reads text as the column's kind; `#N/A` and its kin count as blank.
pub(crate) fn from_text(text: &str, column: &Column) -> (String, Reading) {
    let raw = match text::kept(text) {
        Ok(kept) => kept.replace('\u{a0}', " ").trim().to_owned(),
        Err(refused) => return (refused.shown, Reading::Unreadable { reason: refused.reason }),
    };
    if raw.is_empty() {
        return (raw, Reading::Blank);
    }
    if is_error_text(&raw) {
        return (raw, Reading::SourceError);
    }
    let reading = match column.value {
        ValueKind::Identifier | ValueKind::Name | ValueKind::Text | ValueKind::Postcode | ValueKind::Urn => {
            Reading::Text(raw.clone())
        }
        ValueKind::Date => date(&raw),
        ValueKind::Count => count(&raw),
        ValueKind::Decimal => decimal(&raw),
        ValueKind::Flag => {
            codes::flag(&raw).map_or(Reading::Unreadable { reason: "neither yes nor no" }, Reading::Flag)
        }
        ValueKind::Code => codes::read(column.codes.as_deref().unwrap_or_default(), &raw),
    };
    (raw, reading)
}

fn date(raw: &str) -> Reading {
    match dates::from_text(raw) {
        Ok(day) => Reading::Date(day),
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

fn is_error_text(raw: &str) -> bool {
    const ERRORS: [&str; 7] = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"];
    ERRORS.iter().any(|error| raw.eq_ignore_ascii_case(error))
}

/// A remark on readings that deserve one beside their value.
pub(crate) fn remark(reading: &Reading, column: &Column) -> Option<(&'static str, String)> {
    let name = column.header();
    match reading {
        Reading::SourceError => {
            Some(("source_error", format!("{name:?} holds an error text and counts as blank")))
        }
        Reading::NoStoredValue => {
            Some(("formula_without_value", format!("{name:?} is not stated: formula without a stored value")))
        }
        Reading::Code { known: false, .. } => Some((
            "code_unrecognised",
            format!("{name:?} holds a code that its list does not know; kept as it stands"),
        )),
        Reading::Unreadable { reason } => Some(("value_refused", format!("{name:?}: {reason}"))),
        Reading::Blank
        | Reading::Date(_)
        | Reading::Count(_)
        | Reading::Decimal(_)
        | Reading::Flag(_)
        | Reading::Code { known: true, .. }
        | Reading::Text(_) => None,
    }
}
