//! Values by which source systems say that they have none, as data in `formats/placeholders.toml`.
//!
//! A placeholder is neither a value nor a true blank: read as a date it ends a plan in 1900, read as a
//! blank it re-opens one that had ended. It says nothing, and is pointed at.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use chrono::{Datelike as _, NaiveDate};
use domain::identifier::normal_form;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Placeholders {
    dates: BTreeSet<NaiveDate>,
    from: NaiveDate,
    counts_before: NaiveDate,
    texts: BTreeSet<String>,
    nobody: BTreeSet<String>,
}

/// Whether a day is one that no fact about a child of today can have.
pub(crate) fn is_day(day: NaiveDate) -> bool {
    day >= table().from || table().dates.contains(&day)
}

/// Whether a day is a placeholder, or lies before anybody's birth whom a record of today is about: a slip in the year.
pub(crate) fn is_no_day(day: NaiveDate) -> bool {
    is_day(day) || day.year() < 1900
}

/// Whether a day number of a workbook is too small for a date of today: it counts something.
pub(crate) fn is_count(day: NaiveDate) -> bool {
    day < table().counts_before
}

/// Whether an identifier says only that there is none: zeros, also as `0.0`, or `-1`.
pub(crate) fn is_no_identifier(text: &str) -> bool {
    let normal = normal_form(text);
    normal == "-1" || normal.chars().all(|letter| letter == '0')
}

/// Whether an identifier is a number that a spreadsheet has shortened to its first digits, as `1.23457E+11`.
pub(crate) fn is_shortened(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    upper
        .split_once("E+")
        .is_some_and(|(number, zeros)| digits(&number.replacen('.', "", 1)) && digits(zeros))
}

/// The first day that no fact can have among those of facts in canonical form, with the name of its field.
pub(crate) fn day_in(facts: &str) -> Option<(&str, NaiveDate)> {
    let mut before = ["", ""];
    // A quotation mark within a text parts it further, which makes a piece of it no day and no name.
    for piece in facts.split('"') {
        if let Some(day) = piece.split('/').filter_map(day_at_start).find(|day| is_no_day(*day)) {
            let [name, between] = before;
            return Some((if between == ":" { name } else { "a list" }, day));
        }
        before = [before[1], piece];
    }
    None
}

/// The day with which a text begins that is a day, a time or an edge of a span.
fn day_at_start(text: &str) -> Option<NaiveDate> {
    let is_day = |text: &&str| {
        text.bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
    };
    let day = text.get(..10).filter(is_day)?;
    let goes_on = text.get(10..)?;
    let fits = goes_on.is_empty() || goes_on.starts_with(['T', '~']);
    day.parse().ok().filter(|_| fits)
}

/// Whether a text says only that there is no value.
pub(crate) fn is_text(text: &str) -> bool {
    table().texts.contains(&text.to_lowercase())
}

/// Whether a text says that no worker has the case.
pub(crate) fn is_nobody(text: &str) -> bool {
    table().nobody.contains(&text.to_lowercase())
}

/// Whether a text is the error of a spreadsheet, a database form or a report: a look-up or formula failed.
pub(crate) fn is_error(text: &str) -> bool {
    let lower = text.to_lowercase();
    let named = lower.strip_prefix('#').is_some_and(|rest| {
        let name = rest.trim_end_matches(['!', '?']);
        let of_error = |c: char| c.is_ascii_lowercase() || matches!(c, '/' | '_' | ' ' | '#');
        matches!(name, "div/0") || (name.chars().all(of_error) && !name.is_empty()) || rest.starts_with("n/a")
    });
    let numbered = lower
        .strip_prefix("err:")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    named || numbered
}

fn table() -> &'static Placeholders {
    static TABLE: OnceLock<Placeholders> = OnceLock::new();
    TABLE.get_or_init(|| {
        toml::from_str(include_str!("../formats/placeholders.toml"))
            .expect("the placeholders in the program are read by its tests")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_programs_are_told_from_texts() {
        for text in [
            "#N/A",
            "#n/a",
            "#REF!",
            "#VALUE!",
            "#NAME?",
            "#DIV/0!",
            "#NULL!",
            "#NUM!",
            "#SPILL!",
            "#CALC!",
            "#GETTING_DATA",
            "#N/A N/A",
            "#Error",
            "#Deleted",
            "#####",
            "Err:502",
        ] {
            assert!(is_error(text), "{text}");
        }
        for text in ["#12", "A#REF!", "Err: see notes", "#", "N/A", "Err:"] {
            assert!(!is_error(text), "{text}");
        }
    }

    #[test]
    fn texts_of_no_value_are_told_from_values() {
        for text in ["N/K", "n.k.", "TBD", "Unk", "not entered", "00/00/0000", "-"] {
            assert!(is_text(text), "{text}");
        }
        for text in ["X7", "0", "01/01/2024", "No"] {
            assert!(!is_text(text), "{text}");
        }
        assert!(is_no_identifier("0") && is_no_identifier("000") && !is_no_identifier("0070"));
        assert!(is_no_identifier("0.0") && is_no_identifier("-1") && !is_no_identifier("-12"));
        assert!(is_shortened("1.23457E+11") && is_shortened("1e+15"));
        assert!(!is_shortened("12E4") && !is_shortened("E+11") && !is_shortened("A1.2E+11"));
    }

    #[test]
    fn placeholders_in_facts_are_found_with_their_field() {
        let found = |facts| day_in(facts).map(|(field, day)| (field, day.to_string()));
        let born = r#"{"details":{"date_of_birth":"1900-01-01","disabilities":[]}}"#;
        assert_eq!(found(born), Some(("date_of_birth", "1900-01-01".to_owned())));
        let end = r#"{"details":{"reason":"x","until":"2024-05-01/2999-12-31~"}}"#;
        assert_eq!(found(end), Some(("until", "2999-12-31".to_owned())));
        for facts in [
            r#"{"details":{"date_of_birth":"2015-05-05"}}"#,
            r#"{"details":{"note":"on 1900-01-01"}}"#,
            r#"{"details":{"note":"said \"1900-01-01\" twice","of":"1900-01-01-7"}}"#,
        ] {
            assert_eq!(found(facts), None, "{facts}");
        }
    }

    #[test]
    fn placeholder_days_are_told_from_odd_ones() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for text in [
            "0001-01-01",
            "1753-01-01",
            "1800-01-01",
            "1899-12-30",
            "1899-12-31",
            "1900-01-01",
            "2099-12-31",
            "2999-12-31",
            "9999-12-31",
        ] {
            assert!(is_day(day(text)), "{text}");
        }
        // Odd, and yet dates that somebody meant: they are recorded and observed.
        for text in ["1066-04-13", "1965-03-27", "1970-10-06", "2024-01-01", "2028-04-28", "2045-06-30"] {
            assert!(!is_day(day(text)), "{text}");
        }
    }
}
