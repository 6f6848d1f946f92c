//! What somebody records by hand or from a file of acts: told whole, refused with its reason, seen at once. Every child is
//! invented.

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::{Ran, text};
use serde_json::{Value, json};

fn ledger(name: &str) -> TestLedger {
    let ledger = shared().ledger(name);
    ledger.run(&["init", "--authority", "INV"]).ended(0);
    ledger
}

/// Records acts of a file, and asks for the answer as JSON.
fn acts(ledger: &TestLedger, name: &str, lines: &[Value], more: &[&str]) -> Ran {
    let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let file = shared().write(&format!("{name}.jsonl"), text.join("\n"));
    let file = file.to_str().unwrap();
    ledger.run(&[&["record", "--file", file, "--format", "json"][..], more].concat())
}

fn command(number: u32) -> String {
    format!("0191e3a0-0000-7000-8000-{number:012}")
}

fn child(number: u32, id: &str) -> Value {
    json!({ "command": command(number), "record": "child_registered", "new": true, "occurred": "2024-03-01", "sealed": { "la_child_id": id } })
}

fn enquiry(number: u32, id: &str, process: u32) -> Value {
    let facts = json!({ "details": {}, "entities": { "enquiry": command(process) } });
    json!({ "command": command(number), "record": "section47_enquiry_started", "of": id, "occurred": "2024-03-04", "facts": facts })
}

fn conference(number: u32, id: &str, day: &str, process: u32) -> Value {
    let entities = json!({ "enquiry": command(process), "conference": command(500) });
    let facts = json!({ "details": { "kind": "initial" }, "entities": entities });
    json!({ "command": command(number), "record": "initial_conference_held", "of": id, "occurred": day, "facts": facts })
}

fn state(ledger: &TestLedger, child: &str, rule: &str) -> String {
    let clocks = ledger.ask(&["clocks", child, "--as-at", "2024-06-30"]).ended(0).rows();
    let clock = clocks.iter().find(|clock| clock["rule"] == rule);
    clock.map_or("none".to_owned(), |clock| text(clock, "state"))
}

#[test]
fn one_event_is_recorded_by_hand_and_moves_its_clock() {
    let ledger = ledger("by_hand");
    let sealed = shared().write("by_hand_sealed.json", r#"{"la_child_id":"INV-77"}"#);
    let begin = ["record", "child_registered", "--new", "--occurred", "2024-03-01", "--sealed"];
    ledger.run(&[&begin[..], &[sealed.to_str().unwrap()]].concat()).ended(0);
    ledger
        .run(&["record", "section47_enquiry_started", "--child", "INV-77", "--occurred", "2024-03-04"])
        .ended(0);
    assert_eq!(state(&ledger, "INV-77", "CP-04"), "overdue");
    let facts = shared().write("by_hand_facts.json", r#"{"details":{"kind":"initial"}}"#);
    let facts = facts.to_str().unwrap();
    let held = |day: &str, more: &[&str]| {
        let held = [
            "record",
            "initial_conference_held",
            "--of",
            "INV-77",
            "--occurred",
            day,
            "--in",
            "enquiry",
            "--facts",
            facts,
        ];
        ledger.run(&[&held[..], more, &["--format", "json"]].concat())
    };
    let refused = held("2024-03-01", &[]);
    assert_eq!(refused.code, 4);
    let started = &ledger.ask(&["replay", "INV-77"]).rows()[1];
    assert!(refused.err.contains("before what led to it"), "{}", refused.err);
    assert!(refused.err.contains(&text(started, "event_id")), "{}", refused.err);
    assert_eq!(held("2024-03-20", &["--dry-run"]).ended(0).note("check"), "nothing was recorded");
    assert_eq!(state(&ledger, "INV-77", "CP-04"), "overdue");
    let event = text(&held("2024-03-20", &[]).ended(0).rows()[0], "event_id");
    assert_eq!(state(&ledger, "INV-77", "CP-04"), "met");
    ledger.run(&["correct", &event, "--occurred", "2024-04-20", "--reason", "typing_error"]).ended(0);
    assert_eq!(state(&ledger, "INV-77", "CP-04"), "late");
    ledger.run(&["withdraw", &event, "--reason", "disputed"]).ended(0);
    assert_eq!(state(&ledger, "INV-77", "CP-04"), "overdue");
    assert_eq!(ledger.run(&["withdraw", &event, "--reason", "disputed"]).code, 4);
    ledger.run(&["reinstate", &event, "--reason", "disputed"]).ended(0);
    assert_eq!(state(&ledger, "INV-77", "CP-04"), "late");
    let journey = ledger.ask(&["replay", "INV-77"]).rows();
    let held = journey.iter().find(|row| row["event_id"] == event.as_str()).unwrap();
    assert!(text(held, "amended").contains("was 2024-03-20"), "{held}");
    ledger.run(&["verify"]).ended(0);
    ledger.run(&["doctor"]).ended(0);
}

#[test]
fn a_file_of_acts_is_recorded_command_by_command_and_again_without_a_second_time() {
    let ledger = ledger("acts");
    let lines = [
        child(1, "INV-1"),
        child(2, "INV-2"),
        enquiry(3, "INV-1", 901),
        enquiry(4, "INV-2", 902),
        // One conference of two children: both or none.
        conference(5, "INV-1", "2024-03-20", 901),
        conference(5, "INV-2", "2024-03-20", 902),
    ];
    let first = acts(&ledger, "acts", &lines, &[]).ended(0);
    assert_eq!(first.rows().len(), 6);
    assert_eq!(
        (state(&ledger, "INV-1", "CP-04"), state(&ledger, "INV-2", "CP-04")),
        ("met".into(), "met".into())
    );
    let again = acts(&ledger, "acts", &lines, &[]).ended(0);
    assert_eq!(again.rows(), first.rows());
    assert_eq!(again.note("already_recorded").as_array().unwrap().len(), 5);
    // Another act under a command that was used, and a correction of one copy that reaches both.
    let other = acts(&ledger, "acts_other", &[conference(5, "INV-1", "2024-03-21", 901)], &[]);
    assert!(
        other.code == 4 && other.note("refused")[0].as_str().unwrap().contains("used for another request"),
        "{}",
        other.out
    );
    let copy = text(&first.rows()[5], "event_id");
    let correct = json!({ "command": command(6), "correct": copy, "occurred": "2024-04-22", "reason": "late_information" });
    assert_eq!(acts(&ledger, "acts_correct", &[correct], &[]).ended(0).rows().len(), 2);
    assert_eq!(
        (state(&ledger, "INV-1", "CP-04"), state(&ledger, "INV-2", "CP-04")),
        ("late".into(), "late".into())
    );
}

#[test]
fn a_refused_act_takes_its_command_with_it_and_costs_no_other() {
    let ledger = ledger("acts_refused");
    let lines = [
        child(11, "INV-1"),
        child(12, "INV-2"),
        enquiry(13, "INV-1", 911),
        enquiry(14, "INV-2", 912),
        conference(15, "INV-2", "2024-03-20", 912),
        // The first of the two cannot be true.
        conference(16, "INV-1", "2024-03-01", 911),
        conference(16, "INV-2", "2024-03-21", 912),
        child(17, "INV-2"),
        conference(18, "INV-3", "2024-03-20", 911),
        json!({ "command": command(19), "record": "case_closed", "of": "INV-1" }),
        json!({ "command": command(20), "withdraw": command(999), "reason": "disputed" }),
        child(21, "INV-4"),
    ];
    let ran = acts(&ledger, "acts_refused", &lines, &[]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let refused: Vec<String> = ran
        .note("refused")
        .as_array()
        .unwrap()
        .iter()
        .map(|told| told.as_str().unwrap().to_owned())
        .collect();
    for (told, (line, reason)) in refused.iter().zip([
        ("line 6: ", "before what led to it"),
        ("line 8: ", "leads to a record already"),
        ("line 9: ", "nobody is found"),
        ("line 10: ", "the field occurred is missing"),
        ("line 11: ", "is not in this ledger"),
    ]) {
        assert!(told.starts_with(line) && told.contains(reason), "{told}");
    }
    assert_eq!((refused.len(), ran.rows().len()), (5, 6), "{refused:?}");
    assert!(
        !ran.out.contains("INV-3") && !ran.err.contains("INV-3"),
        "what may name somebody is not repeated"
    );
    assert_eq!(state(&ledger, "INV-2", "CP-04"), "met");
    assert_eq!(ledger.ask(&["replay", "INV-4"]).ended(0).rows().len(), 1);
    let checked = acts(&ledger, "acts_checked", &[child(22, "INV-5")], &["--check"]).ended(0);
    assert_eq!(checked.rows()[0]["position"], Value::Null);
    assert_eq!(ledger.run(&["replay", "INV-5"]).code, 6);
}
