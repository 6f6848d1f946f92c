//! Which lines of a sheet are no records: totals, notes, and the header said again.
//!
//! Such a line is refused with its place and reason, never taken for a child and never passed over in silence: an
//! authority may have an identifier that looks like one of them.

use crate::extract::{Reading, Refusal, SourceRow, SourceValue};
use crate::layout::{Role, ValueKind, header_key};

/// Why the row is no record; `None` for one that may be.
///
/// What an identifier reads like decides only where the row states no record: authorities have identifiers such as
/// `LA-CH-10234` and `sum-3`.
pub(super) fn refusal(row: &SourceRow) -> Option<Refusal> {
    let Some(named) = row.names() else {
        let total = row.values.iter().any(|value| is_total(&value.raw));
        return total.then_some(Refusal::Total);
    };
    let text = named.raw.as_str();
    let key = header_key(text);
    if named.column.headers.iter().any(|header| header_key(header) == key) {
        return Some(Refusal::HeaderAgain);
    }
    let says_more = beside(row).any(|value| !value.reading.is_empty());
    let (total, words) = (is_total(text), is_line_of_words(text));
    match (total || words, says_more) {
        (true, _) if is_record(row, text, total) => None,
        (true, _) if states_its_key(row) => Some(Refusal::RecordWithoutIdentifier),
        (true, _) if total => Some(Refusal::Total),
        (true, true) => Some(Refusal::Words),
        (true, false) => Some(Refusal::Note),
        (false, true) => None,
        (false, false) => Some(Refusal::IdentifierAlone),
    }
}

/// Whether the row states a record, whatever its identifier reads like: two things beside it that no title holds, or one
/// where the sheet has no column for another. Totals may hold dates (an average) and numbers that are codes; so below a
/// label of one the record has its day, and the label a number.
fn is_record(row: &SourceRow, text: &str, total: bool) -> bool {
    let columns = beside(row).count();
    let stated = beside(row).filter(|value| is_of_a_record(value)).count();
    let enough = stated >= columns.clamp(1, 2);
    let dated = states_its_key(row) || row.list.own_record().is_none();
    enough && (!total || (dated && text.chars().any(char::is_numeric)))
}

/// Whether a cell holds what only a record states: a day, yes or no, a code that its list knows, another identifier.
fn is_of_a_record(value: &SourceValue) -> bool {
    match value.reading {
        Reading::Date(_) | Reading::Flag(_) | Reading::Code { known: true, .. } => true,
        Reading::Text(_) => matches!(value.column.value, ValueKind::Identifier | ValueKind::Urn),
        Reading::Blank
        | Reading::SourceError
        | Reading::Placeholder
        | Reading::NoStoredValue
        | Reading::NotThere
        | Reading::Count(_)
        | Reading::Decimal(_)
        | Reading::Code { known: false, .. }
        | Reading::Unreadable { .. } => false,
    }
}

/// Whether the row states the day of its record.
fn states_its_key(row: &SourceRow) -> bool {
    row.list.own_record().is_some_and(|rule| row.date(&rule.on).is_some())
}

/// What stands beside the identifier.
fn beside(row: &SourceRow) -> impl Iterator<Item = &SourceValue> {
    row.values.iter().filter(|value| !matches!(value.column.role, Role::Child | Role::Adopter))
}

/// Whether a text is the label of a total: `Total`, `Grand total: 25`, `Sub-total (12)`, `Count 3`.
fn is_total(text: &str) -> bool {
    const LABELS: [&str; 10] = [
        "total",
        "totals",
        "subtotal",
        "subtotals",
        "grandtotal",
        "overall",
        "count",
        "sum",
        "average",
        "mean",
    ];
    const BEFORE: [&str; 4] = ["grand", "sub", "overall", "running"];
    let words = words(text);
    let mut letters = words.iter().filter(|word| word.chars().any(char::is_alphabetic));
    let Some(first) = letters.next() else { return false };
    // "Total" may be followed by what is counted; a word such as "Count" stands alone or before its number.
    match letters.next() {
        None => LABELS.contains(&first.as_str()),
        Some(second) if BEFORE.contains(&first.as_str()) => second.starts_with("total"),
        Some(_) => first == "total" || first == "totals",
    }
}

/// Whether a text holds two words or more: a title or a note, as `Source: LCS` and `Report run 01/04/2024`.
fn is_line_of_words(text: &str) -> bool {
    let is_word = |word: &&String| word.chars().count() > 1 && word.chars().all(char::is_alphabetic);
    words(text).iter().filter(is_word).count() > 1
}

/// The words and numbers of a text in lower case.
fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    split.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_notes_are_told_from_odd_identifiers() {
        for text in [
            "Total",
            "TOTAL:",
            "Totals",
            "Grand Total",
            "grand total: 25",
            "Sub-total",
            "Subtotal (12)",
            "Sub total 3",
            "Total children",
            "Total number of contacts: 7",
            "Overall total",
            "Overall",
            "Count",
            "Count: 3",
            "Sum 9",
            "*** Total ***",
        ] {
            assert!(is_total(text), "{text}");
        }
        for text in
            ["Report run 01/04/2024 by performance team", "Source: LCS", "Produced by: J. Invented team"]
        {
            assert!(is_line_of_words(text) && !is_total(text), "{text}");
        }
        for text in [
            "INV-0301", "TOTAL17", "40501.0", "A B 12", "child 7", "O'N-12", "count7", "x", "LCS 123", "",
            "7",
        ] {
            assert!(!is_total(text) && !is_line_of_words(text), "{text}");
        }
    }
}
