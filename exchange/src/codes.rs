//! The code lists of the returns, and how a cell is matched against them.
//!
//! A cell may write a code alone (`N1`), with the letter of the form's drop-down
//! (`q) 6: Police`) or its number (`6) Police`), with its label (`N1 - Abuse or Neglect`, `6 Police`), as a spreadsheet
//! writes a number (`06`, `6.0`) or as the label alone (`Female`). A value that matches nothing is not an error: it is kept as
//! it stands and marked unrecognised.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use domain::events::code_lists::{self, ListedCode};
use serde::Deserialize;

use crate::extract::Reading;

#[derive(Deserialize)]
struct CodeLists {
    lists: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// Reads `text` as a code of the list `name`.
pub(crate) fn read(name: &str, text: &str) -> Reading {
    let bare = without_letter(text.trim());
    let found = lists().lists.get(name).and_then(|list| find(list, bare).or_else(|| find(list, text.trim())));
    match found {
        Some(code) => Reading::Code { code: code.to_owned(), known: true },
        None => Reading::Code { code: bare.to_owned(), known: false },
    }
}

/// Reads `text` as yes or no.
pub(crate) fn flag(text: &str) -> Option<bool> {
    let bare = without_letter(text.trim()).to_lowercase();
    match bare.as_str() {
        "yes" | "y" | "true" | "1" | "1.0" => Some(true),
        "no" | "n" | "false" | "0" | "0.0" => Some(false),
        _ => None,
    }
}

/// Whether a code list of that name exists.
#[cfg(test)]
pub(crate) fn has_list(name: &str) -> bool {
    lists().lists.contains_key(name)
}

fn find<'a>(list: &'a BTreeMap<String, Vec<String>>, text: &str) -> Option<&'a str> {
    let wanted = folded(text);
    by_code(list, &wanted)
        .or_else(|| by_word(list, &wanted))
        .or_else(|| behind_a_number(&wanted).and_then(|rest| find(list, rest)))
        .or_else(|| before_a_label(list, &wanted))
}

/// A code as its list has it, or as a spreadsheet writes a number: `06`, `6.0`.
fn by_code<'a>(list: &'a BTreeMap<String, Vec<String>>, wanted: &str) -> Option<&'a str> {
    let code = |wanted: &str| list.keys().find(|code| code.to_lowercase() == wanted).map(String::as_str);
    code(wanted).or_else(|| {
        let number = wanted.strip_suffix(".0").unwrap_or(wanted).trim_start_matches('0');
        let number = if number.is_empty() { "0" } else { number };
        code(number).filter(|_| wanted.starts_with(|c: char| c.is_ascii_digit()))
    })
}

fn by_word<'a>(list: &'a BTreeMap<String, Vec<String>>, wanted: &str) -> Option<&'a str> {
    list.iter().find(|(_, words)| words.iter().any(|word| word == wanted)).map(|(code, _)| code.as_str())
}

/// What stands behind the number of a drop-down list: `10) 6: Police`, `2) Male`. The number may be no code of the list.
fn behind_a_number(text: &str) -> Option<&str> {
    let (number, rest) = text.split_once(')')?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    Some(rest.trim_start()).filter(|rest| is_number && !rest.is_empty())
}

/// The code before a label in the manner of the forms: `6: Police`, `N1 - Abuse`, `6) Police`; with a space alone before
/// it, the label has to be its own: `6 Police`.
fn before_a_label<'a>(list: &'a BTreeMap<String, Vec<String>>, text: &str) -> Option<&'a str> {
    let leading = text.split([':', ' ', '-', ')']).next().unwrap_or_default();
    let code = by_code(list, leading)?;
    let rest = text.strip_prefix(leading).unwrap_or_default().trim_start();
    let is_marked = rest.starts_with([':', '-', ')']);
    let is_its_own = || list.get(code).is_some_and(|words| words.iter().any(|word| word == rest));
    (is_marked || is_its_own()).then_some(code)
}

/// Lower case, one space between words, straight quotes and hyphens.
fn folded(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '\u{a0}' => ' ',
            '‘' | '’' => '\'',
            '–' | '—' => '-',
            other => other,
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The text after a drop-down letter such as `q) `.
fn without_letter(text: &str) -> &str {
    match text.split_once(')') {
        Some((letter, rest))
            if (1..=2).contains(&letter.len()) && letter.bytes().all(|b| b.is_ascii_alphabetic()) =>
        {
            rest.trim_start()
        }
        _ => text,
    }
}

fn lists() -> &'static CodeLists {
    static LISTS: OnceLock<CodeLists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let mut lists: CodeLists = toml::from_str(include_str!("../formats/codes.toml"))
            .expect("the code lists in the program are read by its tests");
        for list in code_lists::all().iter().filter(|list| !list.open) {
            let Some(codes) = lists.lists.get_mut(&list.id) else { continue };
            for code in &list.codes {
                add(codes, code);
            }
        }
        lists
    })
}

/// What the ledger knows is recognised in a file as well: the code, and each label that it has had.
fn add(codes: &mut BTreeMap<String, Vec<String>>, code: &ListedCode) {
    let labels: Vec<String> = code.labels().map(folded).collect();
    let free = |label: &String| !codes.values().any(|words| words.contains(label));
    let labels: Vec<String> = labels.into_iter().filter(free).collect();
    codes.entry(code.code.clone()).or_default().extend(labels);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_matched_with_or_without_letter_and_label() {
        let table = [
            ("sex", "a) Male", "1", true),
            ("sex", "Female", "2", true),
            ("sex", "b) Female", "2", true),
            ("sex", "M", "1", true),
            ("sex", "9", "9", true),
            ("sex", "c) Not stated/recorded", "0", true),
            ("ethnicity", "a) WBRI", "WBRI", true),
            ("referral_source", "q) 6: Police", "6", true),
            ("referral_source", "b) 1B: Individual", "1B", true),
            ("referral_source", "1A", "1A", true),
            ("referral_source", "6) Police", "6", true),
            ("referral_source", "6 Police", "6", true),
            ("referral_source", "6) Polis", "6", true),
            ("referral_source", "06", "6", true),
            ("referral_source", "6.0", "6", true),
            ("referral_source", "06: Police", "6", true),
            ("referral_source", "01A", "1A", true),
            ("referral_source", "10", "10", true),
            ("referral_source", "17) 6: Police", "6", true),
            ("referral_source", "5 Police", "5 Police", false),
            ("referral_source", "60", "60", false),
            ("sex", "1.0", "1", true),
            ("sex", "2) Male", "1", true),
            ("sex", "A) Male", "1", true),
            ("sex", "00", "0", true),
            ("case_status", "C) Child in need plan", "c", true),
            ("placement_type", "U6 Foster placement - not FFA", "U6 Foster placement - not FFA", false),
            ("category_of_need", "N1 - Abuse or Neglect", "N1", true),
            ("category_of_need", "Abuse, neglect and exploitation", "N1", true),
            ("placement_type", "K3", "K3", true),
            ("placement_type", "b) K3: Supported accommodation", "K3", true),
            ("placement_type", "Z11", "Z11", true),
            ("placement_type", "Z12: Unregistered", "Z12", true),
            ("placement_type", "z14", "Z14", true),
            // Codes of earlier years stand in older files.
            ("placement_type", "H5", "H5", true),
            ("placement_type", "Q1", "Q1", true),
            ("placement_type", "P2", "P2", true),
            ("referral_source", "Early help", "5D", true),
            ("referral_source", "External e.g. from another local authority", "5C", true),
            ("referral_source", "o) 5B: Other internal", "5B", true),
            ("referral_source", "Probation", "7", true),
            (
                "category_of_need",
                "PSRMEM - Support with memory and cognition",
                "PSRMEM - Support with memory and cognition",
                false,
            ),
            ("legal_status", "C2: FCO", "C2", true),
            ("legal_status", "E1: Placement order", "E1", true),
            ("cease_reason", "k) E47: Special Guardianship Orders - relative/friend", "E47", true),
            ("placement_type", "f) U6: Foster placement - not FFA", "U6", true),
            ("placement_provider", "e) PR4 - Private provision", "PR4", true),
            ("category_of_abuse", "Physical abuse", "PHY", true),
            ("category_of_abuse", "PHY", "PHY", true),
            ("case_status", "c) Child in need plan", "c", true),
            ("activity", "G5: Not in education, employment or training - other", "G5", true),
            ("accommodation", "Y: Other accommodation", "Y", true),
            ("assessment_factor", "RB", "RB", false),
            ("assessment_outcome", "CS Assessment Updated", "CS Assessment Updated", false),
        ];
        for (list, text, code, known) in table {
            let expected = Reading::Code { code: code.to_owned(), known };
            assert_eq!(read(list, text), expected, "{list} {text}");
        }
    }

    #[test]
    fn yes_and_no_in_each_spelling() {
        for text in ["a) Yes", "Yes", "true", "1", "Y", " yes "] {
            assert_eq!(flag(text), Some(true), "{text}");
        }
        for text in ["b) No", "No", "false", "0", "N"] {
            assert_eq!(flag(text), Some(false), "{text}");
        }
        assert_eq!(flag("maybe"), None);
    }
}
