//! What an import tells and keeps beside its rows: one list as a text file, identifiers like those held, another authority's
//! events. Every child is invented.

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::events::{EventFile, Line};
use caseledger_tests::program::Ran;
use serde_json::json;

const HEADER: &str = "Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Date of Contact,Contact Source";

/// Imports one list of contacts as CSV.
fn contacts(ledger: &TestLedger, name: &str, as_at: &str, rows: &[(&str, &str)]) -> Ran {
    let rows: String = rows.iter().map(|(id, on)| format!("{id},Male,WBRI,01/02/2015,,{on},6\r\n")).collect();
    let file = shared().write(name, format!("\u{feff}{HEADER}\r\n{rows}"));
    ledger.import(&file, &["--authority", "999", "--as-at", as_at])
}

#[test]
fn a_list_as_csv_is_imported_and_an_identifier_like_one_held_is_pointed_at() {
    let ledger = shared().ledger("csv_list");
    let first =
        contacts(&ledger, "april.csv", "2024-05-01", &[("40501", "20/04/2024"), ("INV-7", "21/04/2024")]);
    assert!(!first.ended(0).note("remark").to_string().contains("identifier_like_one_held"));
    assert_eq!(ledger.ask(&["replay", "40501"]).ended(0).rows().len(), 2);
    let later = [("40501", "20/04/2024"), ("4O5O1", "15/05/2024"), ("INV-8", "16/05/2024")];
    let second = contacts(&ledger, "may.csv", "2024-06-01", &later).ended(0);
    let remark = second.note("remark").to_string();
    assert!(remark.contains("identifiers_alike"), "both stand in this file: {remark}");
    let third = contacts(&ledger, "june.csv", "2024-07-01", &[("INV 7", "17/06/2024")]).ended(0);
    let remark = third.note("remark").to_string();
    assert!(remark.contains("identifier_like_one_held (1): List 1, row 2"), "{remark}");
    assert!(!remark.contains("INV"), "no remark holds an identifier: {remark}");
}

/// Deadlines are told as at today, of which an old file says nothing.
#[test]
fn an_old_file_is_cautioned_about_where_no_day_is_asked_for() {
    let ledger = shared().ledger("old_file");
    contacts(&ledger, "old.csv", "2024-05-01", &[("INV-1", "20/04/2024")]).ended(0);
    for question in [&["due"][..], &["clocks", "INV-1"]] {
        let caution = |more: &[&str]| ledger.ask(&[question, more].concat()).note("caution").to_string();
        assert!(caution(&[]).contains("2024-05-01"), "{question:?}: {}", caution(&[]));
        assert_eq!(caution(&["--as-at", "2024-05-31"]), "null", "{question:?}");
    }
}

#[test]
fn every_remark_and_refusal_is_told_with_its_place_in_each_format_for_machines() {
    let ledger = shared().ledger("every_remark");
    let rows = [("INV-1", "n/k"), ("INV-2", "20/04/2024"), ("INV-3", "31/02/2024")];
    let rows: String = rows.iter().map(|(id, on)| format!("{id},Male,TBC,1900-01-01,,{on},6\r\n")).collect();
    let file = shared().write("remarks.csv", format!("{HEADER}\r\n{rows}"));
    let about = ["--authority", "999", "--as-at", "2024-05-01", "--check"];
    let each = ledger.import(&file, &about).ended(3).note("each_remark").to_string();
    for place in ["List 1!D2", "List 1!D3", "List 1!D4", "List 1!F2"] {
        assert!(each.contains(&format!("placeholder: {place}")), "{place}: {each}");
    }
    let path = file.to_str().unwrap();
    let csv = ledger.run(&[&["import", path, "--format", "csv"], &about[..]].concat()).ended(3);
    for said in ["refused: List 1!F4", "remark: placeholder: List 1!D4"] {
        assert!(csv.err.contains(said), "{said}: {}", csv.err);
    }
    assert!(csv.out.starts_with("list,rows,new,"), "{}", csv.out);
}

#[test]
fn the_same_file_with_an_alias_file_adds_what_the_alias_names() {
    let ledger = shared().ledger("same_file_with_aliases");
    let header = "Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Does the Child have a Disability,Allocated Team,\
                  Allocated Worker,Eligibility Category,LA in Touch,Type of Accommodation,Suitability of Accommodation,\
                  Activity Status,Seen by the team";
    let file = shared()
        .write("leavers.csv", format!("{header}\nINV-1,Male,WBRI,2005-02-01,,No,,,,,,,,2024-04-20\n"));
    let aliases = shared().write("leavers.toml", "[lists.9]\ncontacted_on = [\"Seen by the team\"]\n");
    let aliases = aliases.to_str().unwrap();
    let import = |more: &[&str]| {
        ledger.import(&file, &[&["--authority", "999", "--as-at", "2024-05-01"], more].concat()).ended(0)
    };
    let first = import(&[]);
    assert!(first.note("remark").to_string().contains("column_not_read"));
    assert_ne!(import(&["--aliases", aliases]).note("events_recorded"), 0);
    for more in [&[][..], &["--aliases", aliases]] {
        assert_eq!(import(more).note("events_recorded"), 0, "{more:?}");
    }
    let told: Vec<String> =
        ledger.ask(&["replay", "INV-1"]).ended(0).rows().iter().map(ToString::to_string).collect();
    assert_eq!(told.iter().filter(|row| row.contains("2024-04-20")).count(), 1, "{told:?}");
}

#[tokio::test]
async fn a_file_of_events_of_another_authority_is_declared_once_and_refused_without_that_word() {
    let ledger = shared().ledger("anothers_events");
    ledger.run(&["init", "--authority", "999"]).ended(0);
    let born = Line::new(1, 1, "child_registered", "2024-01-02").sealed(json!({ "la_child_id": "INV-1" }));
    let seen = Line::new(2, 1, "child_seen", "2024-01-08");
    let file = shared().write("anothers.jsonl", EventFile::new().event(&born).event(&seen).text());
    // The same lines in another order are the same file.
    let turned = shared().write("anothers-turned.jsonl", EventFile::new().event(&seen).event(&born).text());
    for check in [&[][..], &["--check"]] {
        let refused = ledger.import(&file, check).ended(3);
        assert!(refused.err.contains("--another-authority"), "{}", refused.err);
    }
    let declared = async || {
        let sql = "SELECT facts FROM caseledger.events WHERE kind = 'extract_declared' ORDER BY position";
        let rows = ledger.rows(sql).await;
        rows.iter().map(|row| row["facts"]["details"]["authority"].clone()).collect::<Vec<_>>()
    };
    assert!(declared().await.is_empty());
    for file in [&file, &file, &turned] {
        ledger.import(file, &["--another-authority"]).ended(0);
        assert_eq!(declared().await, [json!("INV")]);
    }
}

#[test]
fn a_date_that_stands_for_none_refuses_its_line_and_the_rest_is_recorded() {
    let ledger = shared().ledger("placeholder_lines");
    let plan = [("plan", 30)];
    let lines = [
        Line::new(1, 1, "child_registered", "2024-01-02").sealed(json!({ "la_child_id": "INV-1" })),
        Line::new(2, 1, "child_protection_plan_started", "2024-01-10").about(&plan),
        Line::new(3, 1, "child_protection_plan_ended", "1900-01-01").entered("2024-02-01").about(&plan),
    ];
    let text = lines.iter().fold(EventFile::new(), |file, line| file.event(line)).text();
    let ran = ledger.import(&shared().write("placeholders.jsonl", text), &[]).ended(3);
    let refused = ran.note("refused").to_string();
    assert!(refused.contains("line 4: field occurred: 1900-01-01"), "{refused}");
    assert_eq!(ledger.ask(&["replay", "INV-1"]).ended(0).rows().len(), 2, "the plan runs on in every answer");
}
