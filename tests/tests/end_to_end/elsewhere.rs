//! Whom another ledger of the authority recorded: brought in as events, they are the children of its files. Every child is
//! invented.

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::events::{EventFile, Line};
use caseledger_tests::program::Ran;
use serde_json::json;

const HEADER: &str = "Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Date of Referral,Referral Source,Referral NFA?,\
                      Number of Referrals in Last 12 Months,Allocated Team,Allocated Worker";

/// Imports referrals as one list in a text file.
fn referrals(ledger: &TestLedger, as_at: &str, rows: &[(&str, &str, &str)], more: &[&str]) -> Ran {
    let rows: String = rows
        .iter()
        .map(|(id, on, worker)| format!("{id},Male,WBRI,01/02/2015,,{on},6,No,,North,{worker}\r\n"))
        .collect();
    // Other tests write files of the same day at the same time.
    let name = format!("referrals {} {as_at}.csv", ledger.name());
    let file = shared().write(&name, format!("{HEADER}\r\n{rows}"));
    ledger.import(&file, &[&["--authority", "999", "--as-at", as_at][..], more].concat())
}

/// How many events of each kind, in every stream.
async fn kinds(ledger: &TestLedger) -> Vec<serde_json::Value> {
    let sql = "SELECT kind, count(*) AS count FROM caseledger.events WHERE kind <> ALL(ARRAY['history_coverage_stated', \
               'extract_declared', 'ledger_opened', 'log_key_registered', 'key_store_noted', 'roster_recorded']) \
               GROUP BY kind ORDER BY kind";
    ledger.rows(sql).await
}

#[tokio::test]
async fn a_ledger_brought_in_as_events_knows_the_children_and_workers_of_its_files_again() {
    let first = shared().ledger("elsewhere_first");
    let rows = [("INV-1", "04/03/2024", "A. Invented"), ("INV-2", "05/03/2024", "B. Invented")];
    referrals(&first, "2024-03-31", &rows, &[]).ended(0);
    let out = shared().write("elsewhere.jsonl", String::new());
    first.run(&["export", "events", "--out", out.to_str().unwrap()]).ended(0);

    let second = shared().ledger("elsewhere_second");
    second.import(&out, &["--authority", "999"]).ended(0);
    let before = kinds(&second).await;
    referrals(&second, "2024-03-31", &rows, &[]).ended(0);
    assert_eq!(kinds(&second).await, before, "the same file tells nothing new");
    // The next file goes on with them, and makes one child and one worker more.
    let later = [rows[0], ("INV-2", "05/03/2024", "A. Invented"), ("INV-3", "20/04/2024", "C. Invented")];
    referrals(&second, "2024-04-30", &later, &[]).ended(0);
    let count = |kind: &str, kinds: &[serde_json::Value]| {
        kinds.iter().find(|row| row["kind"] == kind).map_or(0, |row| row["count"].as_i64().unwrap())
    };
    let after = kinds(&second).await;
    for (kind, more) in [("child_registered", 1), ("worker_registered", 1), ("worker_allocated", 2)] {
        assert_eq!(count(kind, &after) - count(kind, &before), more, "{kind}");
    }
    assert_eq!(count("source_claim_disputed", &after), 0);
    assert_eq!(
        second.ask(&["replay", "INV-1"]).ended(0).rows().len(),
        first.ask(&["replay", "INV-1"]).rows().len()
    );
}

#[test]
fn an_identifier_that_no_file_of_the_system_told_of_is_refused_in_words_where_there_are_several_systems() {
    let ledger = shared().ledger("elsewhere_unclear");
    let line = Line::new(1, 1, "child_registered", "2024-01-02").sealed(json!({ "la_child_id": "INV-1" }));
    referrals(&ledger, "2024-03-31", &[("INV-9", "04/03/2024", "")], &["--system", "early_help"]).ended(0);
    let file = EventFile::new().event(&line).text();
    ledger.import(&shared().write("by_hand.jsonl", file), &["--another-authority"]).ended(0);
    let refused = referrals(&ledger, "2024-04-30", &[("INV-1", "04/04/2024", "")], &[]).ended(3);
    let told = refused.note("refused").to_string();
    assert!(told.contains("List 3, row 2") && told.contains("--identifiers"), "{told}");
    assert_eq!(ledger.ask(&["replay", "INV-1"]).ended(0).rows().len(), 1);
}

#[test]
fn an_identifier_map_that_points_to_nobody_is_refused_with_its_line() {
    let ledger = shared().ledger("elsewhere_map");
    referrals(&ledger, "2024-03-31", &[("INV-1", "04/03/2024", "")], &[]).ended(0);
    let map = |known: &str| {
        let text = format!("system,id,known_system,known_id\nold,X-1,{known}\n");
        shared().write(&format!("map {known}.csv"), text).to_str().unwrap().to_owned()
    };
    let import = |known: &str| {
        let map = map(known);
        referrals(
            &ledger,
            "2024-04-30",
            &[("X-1", "04/03/2024", "")],
            &["--system", "old", "--identifiers", &map],
        )
    };
    let told = import("default,INV-7").ended(3).err;
    assert!(told.contains("line 2") && told.contains("holds nobody"), "{told}");
}
