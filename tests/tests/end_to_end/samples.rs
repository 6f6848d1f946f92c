//! Every sample file into its own empty ledger: counts that add up, nothing twice, every difference explained.

use std::collections::{BTreeMap, BTreeSet};

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::{Ran, fixture, text};
use serde_json::Value;

/// What reconciliation says where it found no explanation.
const UNEXPLAINED: &str = "nothing in the ledger explains it";

/// A sample file: its name, and its rows as counted in the file by hand or by an XML tool.
struct Sample {
    file: &'static str,
    rows: u64,
}

const SAMPLES: [Sample; 11] = [
    Sample { file: "annex-a/Annex_A.xlsx", rows: 59 },
    Sample { file: "cin-census/CIN2rows.xml", rows: 9 },
    Sample { file: "cin-census/CIN_Census_2021.xml", rows: 7 },
    Sample { file: "cin-census/CIN_Census_2021_copy.xml", rows: 7 },
    Sample { file: "cin-census/CIN_Census_2021_no_assessment_factors.xml", rows: 7 },
    Sample { file: "cin-census/CIN_Census_2024.xml", rows: 10 },
    Sample { file: "cin-census/CIN_Census_2026.xml", rows: 11 },
    Sample { file: "cin-census/CIN_header_issues_100.xml", rows: 7 },
    Sample { file: "cin-census/CIN_la_issues_2887Q.xml", rows: 7 },
    Sample { file: "cin-census/fake_CIN_data.xml", rows: 734 },
    Sample { file: "cin-census/liia_cin-2022.xml", rows: 7 },
];

impl Sample {
    fn ledger(&self, purpose: &str) -> TestLedger {
        let letters = self.file.chars().rev().take(30).filter(char::is_ascii_alphanumeric);
        let name: String = letters.collect::<String>().to_ascii_lowercase();
        shared().ledger(&format!("{purpose}_{name}"))
    }

    fn import(&self, ledger: &TestLedger, more: &[&str]) -> Ran {
        // Annex A does not say whose it is.
        let authority: &[&str] = if self.file.ends_with("xlsx") { &["--authority", "201"] } else { &[] };
        ledger.import(&fixture(self.file), &[authority, more].concat()).ended(0)
    }
}

/// Rows, new, already known, disputed, undecided, refused of a line of the report.
fn counts(row: &Value) -> [u64; 6] {
    ["rows", "new", "already_known", "disputed", "undecided", "refused"]
        .map(|column| row[column].as_u64().unwrap())
}

fn lists(report: &Ran) -> BTreeMap<String, [u64; 6]> {
    report.rows().iter().map(|row| (text(row, "list"), counts(row))).collect()
}

/// How many events there are, without the ledger's own note of how many packs of keys it has.
async fn size(ledger: &TestLedger) -> u64 {
    let sql = "SELECT count(*) AS n FROM caseledger.events WHERE kind <> 'key_store_noted'";
    let found = ledger.rows(sql).await;
    found[0]["n"].as_u64().unwrap()
}

#[test]
fn every_sample_file_is_in_this_table() {
    let mut found = BTreeSet::new();
    for folder in ["annex-a", "cin-census"] {
        for entry in std::fs::read_dir(fixture(folder)).unwrap() {
            found.insert(format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy()));
        }
    }
    let listed: BTreeSet<String> = SAMPLES.iter().map(|sample| sample.file.to_owned()).collect();
    assert_eq!(found, listed);
}

#[tokio::test]
async fn every_sample_file_imports_with_counts_that_add_up_and_again_adds_nothing() {
    for sample in &SAMPLES {
        let (ledger, file) = (sample.ledger("s"), sample.file);
        let report = sample.import(&ledger, &[]);
        let first = lists(&report);
        let total = first["total"];
        assert_eq!(total[0], sample.rows, "{file}");
        for (list, [rows, new, known, disputed, undecided, refused]) in &first {
            assert_eq!(*rows, new + known + disputed + undecided + refused, "{file} {list}");
        }
        for column in 0..6 {
            let sum: u64 =
                first.iter().filter(|(list, _)| *list != "total").map(|(_, row)| row[column]).sum();
            assert_eq!(sum, total[column], "{file}");
        }
        assert_eq!(total[4..], [0, 0], "{file}: nothing undecided, nothing refused");
        let events = report.note("events_recorded").as_u64().unwrap();
        // The genesis is no event of the import.
        assert_eq!(size(&ledger).await, events + 1, "{file}");

        let again = sample.import(&ledger, &[]);
        assert_eq!(lists(&again)["total"], [sample.rows, 0, sample.rows, 0, 0, 0], "{file} again");
        assert_eq!(again.note("events_recorded"), 0, "{file} again");
        assert!(again.note("nothing_new").is_string(), "{file}: the report says that nothing is new");
        assert_eq!(size(&ledger).await, events + 1, "{file} again");
    }
}

#[tokio::test]
async fn a_check_prints_the_same_counts_and_writes_nothing() {
    for sample in SAMPLES.iter().filter(|sample| sample.rows < 100) {
        let ledger = sample.ledger("c");
        let check = sample.import(&ledger, &["--check"]);
        assert_eq!(check.note("check"), "nothing was written");
        // No ledger was made by the check.
        ledger.run(&["export", "events"]).ended(6);
        let done = sample.import(&ledger, &[]);
        assert_eq!(check.rows(), done.rows(), "{}", sample.file);
        assert_eq!(check.note("events_planned"), done.note("events_recorded"), "{}", sample.file);
        let before = size(&ledger).await;
        let again = sample.import(&ledger, &["--check"]);
        assert_eq!(again.note("events_planned"), 0, "{}", sample.file);
        assert_eq!(size(&ledger).await, before, "{}", sample.file);
    }
}

#[test]
fn reconcile_explains_every_difference() {
    for sample in SAMPLES.iter().filter(|sample| sample.rows < 100) {
        let (ledger, file) = (sample.ledger("r"), sample.file);
        sample.import(&ledger, &[]);
        let found = ledger.ask(&["reconcile", fixture(file).to_str().unwrap()]);
        for row in found.rows() {
            let said = text(&row, "explanation");
            assert!(!said.is_empty() && !said.starts_with(UNEXPLAINED), "{file}: {row}");
        }
        let count = |name: &str| found.note(name).as_u64().unwrap();
        let differences = found.rows().iter().filter(|row| row["measure"] != "row").count() as u64;
        assert_eq!(count("source_counts_compared"), count("source_counts_agreed") + differences, "{file}");
        for list in found.note("list").as_array().unwrap() {
            let words: Vec<&str> = list.as_str().unwrap().split_whitespace().collect();
            assert_eq!(words[1], words[6], "{file}: each row of the file stands in the ledger: {list}");
        }
    }
}

#[test]
fn before_the_import_reconcile_says_that_no_row_is_there() {
    let ledger = shared().ledger("reconcile_empty");
    ledger.run(&["init", "--authority", "201"]).ended(0);
    let file = fixture("cin-census/CIN_Census_2024.xml");
    let found = ledger.ask(&["reconcile", file.to_str().unwrap()]);
    let rows: Vec<Value> = found.rows().into_iter().filter(|row| row["measure"] == "row").collect();
    assert_eq!(rows.len(), 10);
    assert!(rows.iter().all(|row| text(row, "explanation").contains("import the file first")), "{rows:?}");
}

/// The two files hold one id for two different children: the second may not rewrite the first.
#[tokio::test]
async fn a_file_that_gives_an_id_to_another_child_is_disputed_and_the_first_child_stays() {
    let ledger = shared().ledger("two_files");
    ledger.import(&fixture("cin-census/CIN_Census_2021.xml"), &[]).ended(0);
    let before = journey(&ledger, "DfEX0000001");
    let first = facts(&ledger).await;
    let report = ledger.import(&fixture("cin-census/CIN_Census_2026.xml"), &[]);
    let counts = lists(&report);
    assert!(counts["total"][3] > 0, "rows are disputed: {counts:?}");
    assert_eq!(first, facts(&ledger).await[..first.len()], "what was recorded stands as it was");
    let after = ledger.ask(&["replay", "DfEX0000001"]);
    assert!(after.note("disputed").is_array(), "the journey says that something is disputed");
    let kept: Vec<Value> = journey(&ledger, "DfEX0000001");
    for event in &before {
        assert!(kept.contains(event), "rewritten: {event}");
    }
    let corrections = ledger.rows("SELECT kind FROM caseledger.events WHERE kind = 'event_corrected'").await;
    assert_eq!(corrections, Vec::<Value>::new());
}

fn journey(ledger: &TestLedger, child: &str) -> Vec<Value> {
    let mut rows = ledger.ask(&["replay", child]).rows();
    for row in &mut rows {
        row.as_object_mut()
            .unwrap()
            .retain(|name, _| ["occurred", "event", "details"].contains(&name.as_str()));
    }
    rows
}

async fn facts(ledger: &TestLedger) -> Vec<Value> {
    ledger.rows("SELECT kind, occurred, facts::text FROM caseledger.events ORDER BY position").await
}

/// An extract of Annex A holds the latest visit and review only: what came before is not known, so it is not late.
#[tokio::test]
async fn no_clock_of_the_sample_workbook_is_late_because_earlier_visits_are_not_in_the_file() {
    let ledger = shared().ledger("not_late");
    SAMPLES[0].import(&ledger, &[]);
    let children = ledger.rows("SELECT stream FROM projection.child").await;
    assert!(children.len() > 30, "{} children", children.len());
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for child in &children {
        let stream = text(child, "stream");
        let clocks = ledger.ask(&["clocks", &stream, "--as-at", "2021-03-16"]).rows();
        for clock in &clocks {
            let (rule, state) = (text(clock, "rule"), text(clock, "state"));
            let chained = ["CP-08", "CP-09", "CP-10", "LAC-01", "LAC-02", "LAC-03"].contains(&rule.as_str());
            if chained && ["late", "overdue"].contains(&state.as_str()) {
                panic!("{stream} {clock}");
            }
            seen.entry(rule).or_default().insert(state);
        }
    }
    // A third review is not told from a second by a file that gives the latest one: LAC-03 never starts.
    for rule in ["CP-08", "CP-09", "CP-10", "LAC-01", "LAC-02"] {
        assert!(seen.contains_key(rule), "no clock of {rule} was looked at: {seen:?}");
    }
    assert!(seen["CP-09"].contains("history_incomplete"), "{seen:?}");
}

#[tokio::test]
async fn a_file_of_another_authority_is_refused_unless_somebody_says_that_it_is_meant() {
    let ledger = shared().ledger("another_authority");
    ledger.run(&["init", "--authority", "999"]).ended(0);
    let before = size(&ledger).await;
    // The census is of authority 201.
    let census = fixture("cin-census/CIN_Census_2024.xml");
    let refused = ledger.import(&census, &[]).ended(3);
    assert!(refused.err.contains("201") && refused.err.contains("999"), "{}", refused.err);
    assert!(refused.err.contains("--another-authority"), "{}", refused.err);
    assert_eq!(size(&ledger).await, before, "nothing is recorded of a refused file");
    let compared = ledger.run(&["reconcile", census.to_str().unwrap()]).ended(3);
    assert!(
        compared.err.contains("--another-authority") && compared.err.contains("compared"),
        "{}",
        compared.err
    );
    ledger.run(&["reconcile", census.to_str().unwrap(), "--another-authority"]).ended(0);
    // A workbook that names no authority belongs to the ledger's.
    ledger.import(&fixture("annex-a/Annex_A.xlsx"), &[]).ended(0);
    ledger.import(&fixture("annex-a/Annex_A.xlsx"), &["--authority", "201"]).ended(3);
    ledger.import(&census, &["--another-authority"]).ended(0);
    let declared = ledger
        .rows("SELECT facts FROM caseledger.events WHERE kind = 'extract_declared' ORDER BY position")
        .await;
    let of: Vec<String> =
        declared.iter().map(|row| row["facts"]["details"]["authority"].to_string()).collect();
    assert_eq!(of, ["\"999\"", "\"201\""]);
}
