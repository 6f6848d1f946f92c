//! CP-04 and CT-01 at the day before, the day and the day after, and the moment at which an answer changes.
//!
//! Every expected day was counted by hand from the published bank holidays of England and Wales.

use std::collections::BTreeMap;

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::events::{EventFile, Line, entity};
use caseledger_tests::program::{Ran, text};
use chrono::{Days, NaiveDate};
use serde_json::json;

/// Rule, first day, last day in time with every holiday known.
const LIMITS: [(&str, &str, &str); 8] = [
    // Good Friday 29 March and Easter Monday 1 April 2024 are skipped.
    ("CP-04", "2024-03-25", "2024-04-17"),
    // Christmas Day, Boxing Day and New Year's Day are skipped.
    ("CP-04", "2023-12-11", "2024-01-04"),
    // The late spring bank holiday of 2 June and the jubilee of 3 June 2022 are skipped.
    ("CP-04", "2022-05-20", "2022-06-14"),
    // The funeral on 19 September 2022 is skipped.
    ("CP-04", "2022-09-05", "2022-09-27"),
    // 26 weeks beginning with the day of issue: that day and 181 more, whatever holidays lie between.
    ("CT-01", "2024-01-08", "2024-07-07"),
    ("CT-01", "2023-09-11", "2024-03-10"),
    ("CT-01", "2022-01-10", "2022-07-10"),
    ("CT-01", "2022-04-04", "2022-10-02"),
];

fn deadline(rule: &str, start: &str, more: &[&str]) -> String {
    let arguments = [&["deadline", rule, "--start", start, "--format", "json"], more].concat();
    text(&Ran::new(&arguments).ended(0).rows()[0], "last_day_in_time")
}

#[test]
fn the_last_day_in_time_is_the_one_counted_by_hand() {
    for (rule, start, last) in LIMITS {
        assert_eq!(deadline(rule, start, &[]), last, "{rule} from {start}");
    }
}

#[test]
fn every_last_day_that_a_rule_can_give_is_listed_with_its_condition() {
    let rows = |arguments: &[&str]| Ran::new(arguments).ended(0).rows();
    let days = rows(&["deadline", "HL-02", "--start", "2024-01-08", "--format", "json"]);
    let told: Vec<_> = days.iter().map(|row| (text(row, "when"), text(row, "last_day_in_time"))).collect();
    assert_eq!(told[0].1, "2024-07-08");
    assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("otherwise", "2025-01-08"));
    let back = ["deadline", "CP-16", "--start", "2024-03-01", "--set-by", "2024-04-04", "--format", "json"];
    assert_eq!(text(&rows(&back)[0], "last_day_in_time"), "2024-04-02");
    let asked = Ran::new(&["deadline", "CP-16", "--start", "2024-03-01"]).ended(2);
    assert!(
        asked.message().contains("2 working days before the first initial_conference_held"),
        "{}",
        asked.err
    );
    let file =
        shared().write("set.csv", "rule,start,set_by\nCP-16,2024-03-01,2024-04-04\nPM-08,2023-05-31,\n");
    let batch = Ran::new(&["deadline", "--batch", file.to_str().unwrap(), "--format", "csv"]).ended(0).out;
    assert!(batch.contains("CP-16,2024-03-01,2024-04-02,,"), "{batch}");
    assert!(batch.contains("PM-08,2023-05-31,,2023-08-31,"), "{batch}");
}

#[test]
fn a_holiday_counts_from_the_day_on_which_it_was_announced() {
    // Announced on 10 September 2022 for the 19th.
    let table = [("2022-09-01", "2022-09-26"), ("2022-09-15", "2022-09-27")];
    for (known_at, last) in table {
        assert_eq!(deadline("CP-04", "2022-09-05", &["--known-at", known_at]), last, "known on {known_at}");
        assert_eq!(deadline("CT-01", "2022-04-04", &["--known-at", known_at]), "2022-10-02");
    }
    let told = Ran::new(&["deadline", "CP-04", "--start", "2022-09-05", "--explain", "--format", "json"]);
    let days = told.ended(0).rows();
    let funeral = days.iter().find(|day| day["date"] == "2022-09-19").unwrap();
    assert!(funeral["number"].is_null() && text(funeral, "reason").contains("Funeral"), "{funeral}");
    assert_eq!(days.iter().filter(|day| day["number"].as_u64() > Some(0)).count(), 15);
}

#[test]
fn a_batch_gives_the_same_days_and_names_the_line_that_it_cannot_read() {
    let mut lines = "rule,start\n".to_owned();
    let mut expected = "rule,start,last_day_in_time,first_day_in_time,when\n".to_owned();
    for (rule, start, last) in LIMITS {
        lines += &format!("{rule},{start}\n");
        expected += &format!("{rule},{start},{last},,\n");
    }
    let batch = |name: &str, lines: &str| {
        let file = shared().write(name, lines);
        Ran::new(&["deadline", "--batch", file.to_str().unwrap(), "--format", "csv"])
    };
    assert_eq!(batch("batch.csv", &lines).ended(0).out, expected);
    let table = [
        ("CP-04,2024-02-31\n", "line 10"),
        ("CP-99,2024-02-01\n", "line 10"),
        ("CP-04\n", "line 10"),
        ("CP-04,\"2024-02-01\n", "line 10"),
        ("CP-04,\n", "line 10"),
    ];
    for (line, place) in table {
        let refused = batch("spoiled.csv", &format!("{lines}{line}")).ended(3);
        assert!(refused.message().contains(place), "{line}: {}", refused.err);
        assert_eq!(refused.out, "", "no half answer");
    }
    assert!(batch("columns.csv", "rule,from\nCP-04,2024-02-01\n").ended(3).message().contains("\"start\""));
}

fn day(text: &str, move_by: i64) -> String {
    let day: NaiveDate = text.parse().unwrap();
    let distance = Days::new(move_by.unsigned_abs());
    let moved = if move_by < 0 { day.checked_sub_days(distance) } else { day.checked_add_days(distance) };
    moved.unwrap().to_string()
}

/// A child whose history is complete, with an enquiry that waits for its conference.
fn enquiry(child: u64, start: &str) -> Vec<Line> {
    let number = child * 100;
    vec![
        Line::new(number, child, "child_registered", start)
            .with(json!({ "date_of_birth": "2014-02-03", "sex": "female" }))
            .sealed(json!({ "la_child_id": format!("E2E-{child}") })),
        Line::new(number + 1, child, "history_coverage_stated", start)
            .with(json!({ "extent": "complete", "kinds": [] })),
        Line::new(number + 2, child, "strategy_discussion_held", start)
            .about(&[("enquiry", number), ("strategy_discussion", number + 1)])
            .with(json!({ "initiated_enquiry": true })),
        Line::new(number + 3, child, "section47_enquiry_started", start)
            .about(&[("enquiry", number), ("strategy_discussion", number + 1)]),
    ]
}

fn conference(child: u64, held: &str) -> Line {
    Line::new(child * 100 + 4, child, "initial_conference_held", held)
        .about(&[("conference", child * 100 + 2), ("enquiry", child * 100)])
        .with(json!({ "kind": "initial", "led_to_plan": false }))
}

fn proceedings(child: u64, issued: &str, ended: &str) -> Vec<Line> {
    let number = child * 100;
    let mut lines = enquiry(child, issued);
    lines.truncate(2);
    lines.push(
        Line::new(number + 2, child, "application_issued", issued)
            .about(&[("application", number), ("proceedings", number + 1)])
            .with(json!({ "orders": ["care"] })),
    );
    lines.push(
        Line::new(number + 3, child, "final_order_made", ended)
            .about(&[("application", number)])
            .with(json!({ "order": "care_order" })),
    );
    lines
}

fn file(lines: &[Line]) -> EventFile {
    lines.iter().fold(EventFile::new(), EventFile::event)
}

/// State of a rule's clock for a child.
fn state(ledger: &TestLedger, child: u64, rule: &str, more: &[&str]) -> String {
    let stream = entity(child).to_string();
    let answer = ledger.ask(&[&["clocks", stream.as_str()], more].concat());
    let found =
        answer.rows().iter().filter(|row| row["rule"] == rule).map(|row| text(row, "state")).collect();
    let found: Vec<String> = found;
    assert_eq!(found.len(), 1, "one clock of {rule}: {found:?}");
    found[0].clone()
}

#[test]
fn a_stop_on_the_day_before_and_on_the_day_is_in_time_and_on_the_day_after_late() {
    let ledger = shared().ledger("limits");
    let mut lines = Vec::new();
    let mut expected: BTreeMap<u64, (&str, &str, String)> = BTreeMap::new();
    for (limit, (rule, start, last)) in (0..).zip(LIMITS) {
        for (offset, state) in [(-1, "met"), (0, "met"), (1, "late")] {
            let child = 1_000 + limit * 10 + u64::try_from(offset + 1).unwrap();
            let held = day(last, offset);
            if rule == "CP-04" {
                lines.extend(enquiry(child, start));
                lines.push(conference(child, &held));
            } else {
                lines.extend(proceedings(child, start, &held));
            }
            expected.insert(child, (rule, state, held));
        }
    }
    ledger.import(&shared().write("limits.jsonl", file(&lines).text()), &[]).ended(0);
    for (child, (rule, expected, held)) in expected {
        assert_eq!(state(&ledger, child, rule, &[]), expected, "{rule} stopped on {held}");
    }
}

/// Source basis: what the source says about entry decides, to the end of the day.
#[test]
fn a_late_entry_and_a_correction_change_the_answer_only_from_their_own_moment_on() {
    let ledger = shared().ledger("moments");
    // 15 working days after Friday 1 March 2024 end on Friday 22 March.
    let (late_entry, corrected) = (2_001, 2_002);
    let mut lines = enquiry(late_entry, "2024-03-01");
    lines.push(conference(late_entry, "2024-03-20").entered("2024-05-10"));
    lines.extend(enquiry(corrected, "2024-03-01"));
    let wrong = conference(corrected, "2024-03-28");
    let right = json!({ "facts": wrong.facts(), "kind": wrong.kind, "occurred": "2024-03-21", "schema": 1 });
    let correction = Line::new(corrected * 100 + 5, corrected, "event_corrected", "2024-06-03")
        .with(json!({ "changed": ["occurred"], "inferred": false, "reason": "typing_error",
            "replacement": right, "target": wrong.json()["event_id"] }))
        .entered("2024-06-03");
    lines.extend([wrong, correction]);
    ledger.import(&shared().write("moments.jsonl", file(&lines).text()), &[]).ended(0);

    let asked = |child: u64, known_at: &str| {
        let with = ["--basis", "source", "--known-at", known_at, "--as-at", "2024-03-29"];
        state(&ledger, child, "CP-04", &with)
    };
    let table = [
        (late_entry, "2024-03-29", "overdue"),
        (late_entry, "2024-05-09", "overdue"),
        (late_entry, "2024-05-10", "met"),
        (late_entry, "2026-01-01", "met"),
        (corrected, "2024-03-27", "overdue"),
        (corrected, "2024-03-28", "late"),
        (corrected, "2024-06-02", "late"),
        (corrected, "2024-06-03", "met"),
    ];
    for (child, known_at, expected) in table {
        assert_eq!(asked(child, known_at), expected, "child {child} as known on {known_at}");
    }
}

/// Ledger basis: what was recorded decides, to the microsecond.
#[tokio::test]
async fn on_the_word_of_the_ledger_an_entry_counts_from_its_recording() {
    let ledger = shared().ledger("recordings");
    let child = 2_003;
    let mut lines = enquiry(child, "2024-03-01");
    ledger.import(&shared().write("recordings-1.jsonl", file(&lines).text()), &[]).ended(0);
    lines.push(conference(child, "2024-03-20"));
    ledger.import(&shared().write("recordings-2.jsonl", file(&lines).text()), &[]).ended(0);
    let times = "SELECT to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at, \
                 to_char((recorded_at - interval '1 microsecond') AT TIME ZONE 'UTC', \
                 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS before \
                 FROM caseledger.events WHERE kind = 'initial_conference_held'";
    let times = ledger.rows(times).await;
    let (before, at) = (text(&times[0], "before"), text(&times[0], "at"));
    let asked =
        |known_at: &str| state(&ledger, child, "CP-04", &["--known-at", known_at, "--as-at", "2024-03-29"]);
    assert_eq!(asked(&before), "overdue");
    assert_eq!(asked(&at), "met");
    let nothing =
        ledger.run(&["clocks", &entity(child).to_string(), "--known-at", "2020-01-01", "--format", "json"]);
    let nothing = nothing.ended(0);
    assert_eq!(nothing.rows(), Vec::<serde_json::Value>::new());
    assert_eq!(nothing.note("resolved_to"), "before the ledger began");
}

/// A fixed sequence that shuffles differently for each seed.
fn shuffle(lines: &mut [Line], seed: u64) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for last in (1..lines.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        lines.swap(last, usize::try_from(state % (last as u64 + 1)).unwrap());
    }
}

#[test]
fn the_answers_stay_when_the_recording_order_is_permuted() {
    let ledger = shared().ledger("permuted");
    let seeds = 3_000..3_006;
    let mut all = Vec::new();
    let mut orders = std::collections::BTreeSet::new();
    for child in seeds.clone() {
        let number = child * 100;
        let mut lines = enquiry(child, "2024-03-01");
        lines.push(conference(child, "2024-03-25"));
        let plan = [("plan", number + 10)];
        lines.push(
            Line::new(number + 10, child, "child_protection_plan_started", "2024-03-25")
                .about(&[("conference", number + 2), ("plan", number + 10)])
                .with(json!({ "category": "NEG" })),
        );
        for (visit, held) in (11..).zip(["2024-04-02", "2024-04-12", "2024-05-20"]) {
            let line = Line::new(number + visit, child, "child_protection_visit_made", held);
            lines.push(line.about(&plan).with(json!({ "alone": true })));
        }
        lines.push(
            Line::new(number + 20, child, "review_conference_held", "2024-06-20")
                .about(&[("conference", number + 20), plan[0]]),
        );
        if child > seeds.start {
            shuffle(&mut lines, child);
        }
        orders.insert(lines.iter().map(|line| line.number - number).collect::<Vec<_>>());
        all.extend(lines);
    }
    assert!(orders.len() > 4, "the orders differ");
    ledger.import(&shared().write("permuted.jsonl", file(&all).text()), &[]).ended(0);
    let answers =
        |child: u64| ledger.ask(&["clocks", &entity(child).to_string(), "--as-at", "2024-07-01"]).rows();
    let expected = answers(seeds.start);
    assert!(expected.len() >= 5, "{expected:?}");
    for child in seeds {
        assert_eq!(answers(child), expected, "order {}", child);
    }
}
