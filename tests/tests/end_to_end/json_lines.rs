//! What is exported imports into an empty ledger and replays the same.

use std::collections::BTreeMap;

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::events::{EventFile, Line};
use caseledger_tests::program::{Ran, text};
use serde_json::Value;

/// Columns and notes that name the ledger's own time and places, which differ by right.
const OWN_TO_A_LEDGER: [&str; 5] = ["recorded_at", "known_since", "resolved_to", "provisional", "days_late"];

fn counts(report: &Ran) -> (u64, u64, u64) {
    let row = &report.rows()[0];
    let count = |column: &str| row[column].as_u64().unwrap();
    (count("events"), count("new"), count("already_known"))
}

/// Every child of a file of events: the stream and the authority's id.
fn children(file: &str) -> BTreeMap<String, String> {
    let lines = file.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let named = lines.filter(|line| line["category"] == "child" && line["sealed"]["la_child_id"].is_string());
    named.map(|line| (text(&line, "stream"), text(&line["sealed"], "la_child_id"))).collect()
}

fn journey(ledger: &TestLedger, child: &str, basis: &str) -> Value {
    let mut answer = ledger.ask(&["replay", child, "--basis", basis, "--as-at", "2025-06-30"]).json();
    let notes = answer["notes"].as_object_mut().unwrap();
    notes.retain(|name, _| !OWN_TO_A_LEDGER.contains(&name.as_str()));
    for row in answer["rows"].as_array_mut().unwrap() {
        // When the source says that it was entered is no business of the ledger, and must not change.
        let own: &[&str] = if basis == "source" { &OWN_TO_A_LEDGER[..1] } else { &OWN_TO_A_LEDGER };
        row.as_object_mut().unwrap().retain(|name, _| !own.contains(&name.as_str()));
    }
    answer
}

#[test]
fn what_is_exported_imports_into_another_ledger_and_replays_the_same() {
    let (first, second) = (shared().ledger("lines_first"), shared().ledger("lines_second"));
    let (written, exported) = (shared().file("lines.jsonl"), shared().file("lines-out.jsonl"));
    let path = exported.to_str().unwrap();
    let synth = ["synth", "--children", "12", "--years", "3", "--seed", "7", "--until", "2025-06-30"];
    let made = Ran::of(first.command().args(synth).arg("--out").arg(&written)).ended(0);
    assert!(made.err.contains("all invented"), "{}", made.err);
    let source = std::fs::read_to_string(&written).unwrap();
    let events = u64::try_from(source.lines().count()).unwrap() - 1;
    assert!(events > 100, "too few events to show anything: {events}");

    assert_eq!(counts(&first.import(&written, &[]).ended(0)), (events, events, 0));
    assert_eq!(counts(&first.import(&written, &[]).ended(0)), (events, 0, events), "the same file again");
    first.run(&["export", "events", "--out", path]).ended(0);
    assert_eq!(counts(&second.import(&exported, &[]).ended(0)), (events, events, 0));
    assert_eq!(counts(&first.import(&exported, &[]).ended(0)), (events, 0, events), "its own export");

    let children = children(&source);
    assert_eq!(children.len(), 12);
    assert_eq!(self::children(&std::fs::read_to_string(&exported).unwrap()), children);
    for (stream, reference) in &children {
        assert_eq!(journey(&first, stream, "source"), journey(&second, reference, "source"), "{reference}");
    }
}

#[test]
fn a_recorded_event_id_with_a_difference_in_any_part_is_told_with_its_line_and_the_part() {
    let ledger = shared().ledger("same_id");
    let contact = |number: u64| {
        let line = Line::new(number, 1, "contact_received", "2024-03-04");
        line.sealed(serde_json::json!({ "note": format!("invented note {number}") }))
    };
    let text = EventFile::new().event(&contact(1)).event(&contact(2)).text();
    ledger.import(&shared().write("same-id.jsonl", &text), &[]).ended(0);
    let lines: Vec<&str> = text.lines().collect();
    for (from, to, part) in [
        ("social_worker", "team_manager", "role"),
        ("invented note 2", "another note", "sealed fields"),
        ("2024-03-04", "2024-03-05", "day or time"),
    ] {
        let changed = [lines[0], lines[1], &lines[2].replace(from, to), ""].join("\n");
        assert_ne!(changed, text);
        let file = shared().write(&format!("same-id-{}.jsonl", part.replace(' ', "-")), changed);
        let ran = ledger.import(&file, &[]).ended(3);
        let refused = ran.note("refused").to_string();
        assert!(
            refused.contains("line 3: ") && refused.contains(&format!("its {part} differs")),
            "{refused}"
        );
        assert_eq!(ran.rows()[0]["new"], 0);
        assert_eq!(ran.rows()[0]["already_known"], 1);
    }
    // The same id twice in one file, with another role: neither is taken for the other.
    let twice = [lines[0], lines[1], &lines[1].replace("social_worker", "team_manager"), ""].join("\n");
    let other = shared().ledger("same_id_twice");
    let ran = other.import(&shared().write("same-id-twice.jsonl", twice), &[]).ended(3);
    let refused = ran.note("refused").to_string();
    assert!(refused.contains("line 3: ") && refused.contains("on line 2"), "{refused}");
}

#[test]
fn a_declared_extract_of_a_day_to_come_is_refused_with_its_line() {
    let ledger = shared().ledger("declared_ahead");
    let declared = |number: u64, as_at: &str| {
        let details = serde_json::json!({
            "as_at": as_at, "as_at_source": "stated", "authority": "INV", "file_digest": "invented", "format": "annex_a",
            "import": caseledger_tests::events::id(900 + number), "scope": [], "system": "example",
        });
        Line::new(number, 77, "extract_declared", "2024-03-11").of("authority").with(details)
    };
    let file = EventFile::new().event(&declared(1, "2024-03-04")).event(&declared(2, "2031-09-30"));
    let file = shared().write("declared_ahead.jsonl", file.text());
    for check in [&["--check"][..], &[]] {
        let ran = ledger.import(&file, check).ended(3);
        let told = format!("{}{}", ran.out, ran.err);
        assert!(told.contains("line 3") && told.contains("2031-09-30"), "{told}");
    }
}
