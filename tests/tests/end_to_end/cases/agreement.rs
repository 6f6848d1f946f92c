//! Answers about the same children agree: clocks, due list and figures never contradict each other.

use std::collections::{BTreeMap, BTreeSet};

use caseledger_tests::program::text;
use serde_json::Value;

use super::Case;

/// States of a clock that a due list may show.
const OPEN: [&str; 3] = ["running", "due_soon", "overdue"];

/// What a due list and a child's clocks say of the same clock.
type Line = (String, String, String, String);

fn line(row: &Value, child: &str) -> Line {
    (child.to_owned(), text(row, "rule"), text(row, "state"), text(row, "due_on"))
}

/// Holds the answers about every child of the ledger against each other, as at a day.
pub(super) fn answers_agree(case: &Case, as_at: &str) {
    let mut clocks = BTreeMap::new();
    for child in case.children() {
        let rows = case.ledger.ask(&["clocks", &child, "--as-at", as_at]).rows();
        clocks.insert(child, rows);
    }
    due_shows_clocks_only(case, as_at, &clocks);
    overdue_is_counted_alike(case, as_at, &clocks);
    nothing_running_has_nothing_overdue(case, as_at, &clocks);
}

/// A line of the due list is a clock of the child, in the same state and with the same due date.
fn due_shows_clocks_only(case: &Case, as_at: &str, clocks: &BTreeMap<String, Vec<Value>>) {
    let known: BTreeSet<Line> =
        clocks.iter().flat_map(|(child, rows)| rows.iter().map(|row| line(row, child))).collect();
    for row in case.due(as_at) {
        let shown = line(&row, &text(&row, "stream"));
        assert!(OPEN.contains(&shown.2.as_str()), "the due list shows a clock that does not run: {row}");
        assert!(known.contains(&shown), "the due list says otherwise than the clocks: {row}");
    }
}

/// The figures of a rule count as overdue what the clocks of the children call overdue.
fn overdue_is_counted_alike(case: &Case, as_at: &str, clocks: &BTreeMap<String, Vec<Value>>) {
    let mut by_clocks: BTreeMap<String, u64> = BTreeMap::new();
    for row in clocks.values().flatten().filter(|row| row["state"] == "overdue") {
        *by_clocks.entry(text(row, "rule")).or_default() += 1;
    }
    let figures = case.ledger.ask(&["indicators", "--from", "1990-01-01", "--to", as_at]).rows();
    let counted = figures.iter().map(|row| (text(row, "rule"), row["overdue"].as_u64().unwrap_or(0)));
    let by_figures: BTreeMap<String, u64> = counted.filter(|(_, overdue)| *overdue > 0).collect();
    assert_eq!(by_figures, by_clocks, "indicators (left) and clocks (right) count what is overdue otherwise");
}

/// Rules about work that a status names: without the status, none of its acts can be overdue.
const OF_A_STATUS: [&str; 6] = ["AS-", "CIN-", "CP-", "CT-", "LAC-", "PLO-"];

/// Where nothing runs for a child, no act on it can be overdue.
fn nothing_running_has_nothing_overdue(case: &Case, as_at: &str, clocks: &BTreeMap<String, Vec<Value>>) {
    for (child, rows) in clocks {
        let running = text_of(&case.replay(child, as_at).note("running"));
        if running.is_empty() || running == "nothing" {
            let waits = |row: &&Value| {
                let rule = text(row, "rule");
                row["state"] == "overdue" && OF_A_STATUS.iter().any(|begins| rule.starts_with(begins))
            };
            let overdue: Vec<&Value> = rows.iter().filter(waits).collect();
            assert!(overdue.is_empty(), "nothing runs for {child}, and yet is overdue: {overdue:#?}");
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
