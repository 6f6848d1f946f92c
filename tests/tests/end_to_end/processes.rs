//! Two programs that write into one ledger at the same time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::Ran;

fn invented(ledger: &TestLedger, seed: &str) -> (PathBuf, u64) {
    let file = shared().file(&format!("process-{seed}.jsonl"));
    let synth = ["synth", "--children", "60", "--years", "3", "--seed", seed, "--until", "2025-06-30"];
    Ran::of(ledger.command().args(synth).arg("--out").arg(&file)).ended(0);
    let lines = std::fs::read_to_string(&file).unwrap().lines().count() - 1;
    (file, u64::try_from(lines).unwrap())
}

/// Imports the files at the same time, each in a process of its own.
fn at_once(ledger: &TestLedger, files: [&Path; 2]) -> Vec<Ran> {
    let start = |file: &Path| {
        let mut command = ledger.command();
        command.arg("import").arg(file).args(["--format", "json"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        (command, child)
    };
    let running = files.map(start);
    running
        .into_iter()
        .map(|(command, child)| Ran::read(&command, &child.wait_with_output().unwrap()))
        .collect()
}

/// Positions and revisions without gap or repetition, and every event once; gives how many there are.
async fn dense(ledger: &TestLedger) -> u64 {
    let found = ledger
        .rows(
            "SELECT count(*) AS n, count(DISTINCT event_id) AS ids, min(position) AS first, max(position) AS last, \
             (SELECT count(*) FROM (SELECT stream FROM caseledger.events GROUP BY stream \
              HAVING max(revision) <> count(*) OR min(revision) <> 1) AS gap) AS gaps, \
             (SELECT max(tree_size) FROM caseledger.heads) AS size FROM caseledger.events",
        )
        .await;
    let number = |name: &str| found[0][name].as_u64().unwrap();
    let count = number("n");
    assert_eq!([number("ids"), number("last"), number("size")], [count; 3]);
    assert_eq!((number("first"), number("gaps")), (1, 0));
    count
}

/// How often the number of packs of keys was noted: by each import that made some, or found more than were noted.
async fn notes(ledger: &TestLedger) -> u64 {
    let sql = "SELECT count(*) AS n FROM caseledger.events WHERE kind = 'key_store_noted'";
    let notes = ledger.rows(sql).await[0]["n"].as_u64().unwrap();
    assert!((1..=2).contains(&notes), "{notes}");
    notes
}

#[tokio::test]
async fn two_imports_at_once_leave_dense_positions_and_revisions_and_lose_nothing() {
    let ledger = shared().ledger("at_once");
    ledger.run(&["init", "--authority", "INV"]).ended(0);
    let ((first, ours), (second, theirs)) = (invented(&ledger, "11"), invented(&ledger, "12"));
    for ran in at_once(&ledger, [&first, &second]) {
        let report = ran.ended(0);
        assert_eq!(report.rows()[0]["already_known"], 0);
    }
    assert_eq!(dense(&ledger).await, ours + theirs + 1 + notes(&ledger).await);
    // Both files are interleaved in the ledger or one after the other; each is there whole.
    for file in [&first, &second] {
        let again = ledger.import(file, &[]).ended(0);
        assert_eq!(again.rows()[0]["new"], 0);
    }
    let client = ledger.connect("caseledger_projector").await;
    let reached: i64 =
        client.query_one("SELECT position FROM projection.checkpoint", &[]).await.unwrap().get(0);
    let head = ours + theirs + 1 + notes(&ledger).await;
    assert_eq!(u64::try_from(reached).unwrap(), head, "the read models are up with the head");
}

/// The ledger is not there yet either: whoever is first makes it.
#[tokio::test]
async fn one_file_imported_twice_at_once_is_there_once() {
    let ledger = shared().ledger("twice_at_once");
    let (file, events) = invented(&ledger, "13");
    let reports: Vec<Ran> = at_once(&ledger, [&file, &file]).into_iter().map(|ran| ran.ended(0)).collect();
    assert_eq!(dense(&ledger).await, events + 1 + notes(&ledger).await);
    let new: u64 = reports.iter().map(|report| report.rows()[0]["new"].as_u64().unwrap()).sum();
    assert!(new == events || new == 2 * events, "a process may be told what the other recorded: {new}");
}

/// Two source files of one child at once: what was planned over the history holds only while the history stands.
#[tokio::test]
async fn two_extracts_at_once_end_in_a_whole_import_or_a_clear_word() {
    let ledger = shared().ledger("extracts_at_once");
    ledger.run(&["init", "--authority", "201"]).ended(0);
    let files = ["CIN_Census_2021.xml", "CIN_Census_2026.xml"];
    let files = files.map(|file| caseledger_tests::program::fixture(&format!("cin-census/{file}")));
    let mut codes = BTreeSet::new();
    for ran in at_once(&ledger, [&files[0], &files[1]]) {
        assert!(ran.code == 0 || ran.err.contains("run the same command again"), "{}", ran.err);
        codes.insert(ran.code);
    }
    assert!(codes.contains(&0), "one of them got through: {codes:?}");
    for file in &files {
        ledger.import(file, &[]).ended(0);
        let again = ledger.import(file, &[]).ended(0);
        assert_eq!(again.note("events_recorded"), 0);
    }
    dense(&ledger).await;
}
