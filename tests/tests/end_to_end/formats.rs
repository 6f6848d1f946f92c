//! A ledger of every released format opens, verifies and can be read, for ever: `tests/fixtures/ledgers`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use caseledger_tests::data_folder::shared;
use caseledger_tests::program::{Ran, text, workspace};
use domain::ids::{Revision, StreamId};
use serde_json::Value;

fn fixtures() -> BTreeMap<String, PathBuf> {
    let folders = fs::read_dir(workspace().join("tests/fixtures/ledgers")).unwrap();
    let folders = folders.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
    folders.map(|entry| (entry.file_name().into_string().unwrap(), entry.path())).collect()
}

/// What must read as it went in.
#[derive(Debug, PartialEq)]
struct Meaning {
    event_id: String,
    kind: String,
    occurred: String,
    facts: Value,
    sealed: BTreeMap<String, String>,
}

/// The events of one child as they went in.
fn gone_in(lines: &str) -> Vec<Meaning> {
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let event = |line: Value| Meaning {
        event_id: text(&line, "event_id"),
        kind: text(&line, "kind"),
        occurred: text(&line, "occurred"),
        facts: line["facts"].clone(),
        sealed: line["sealed"].as_object().map_or_else(BTreeMap::new, |fields| {
            fields.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
        }),
    };
    lines.map(event).collect()
}

/// The same events as the restored ledger holds them, sealed fields opened with the restored keys.
async fn held(ledger: &ledger::Ledger, stream: StreamId) -> Vec<Meaning> {
    let mut found = Vec::new();
    for event in ledger.read_stream(stream, Revision(1)).await.unwrap() {
        let sealed = ledger.unseal(&event).await.unwrap().unwrap_or_default();
        found.push(Meaning {
            event_id: event.event_id.to_string(),
            kind: event.kind.to_string(),
            occurred: event.occurred.to_string(),
            facts: serde_json::from_str(event.facts.as_deref().unwrap()).unwrap(),
            sealed: sealed.0,
        });
    }
    found
}

#[tokio::test]
async fn a_ledger_of_every_format_is_restored_verified_and_read() {
    let fixtures = fixtures();
    assert!(fixtures.contains_key("format-1"), "{fixtures:?}");
    for (format, folder) in fixtures {
        let ledger = shared().ledger(&format.replace('-', "_"));
        let mut restore = ledger.command();
        restore.arg("restore").arg(folder.join("ledger")).args(["--format", "json"]);
        restore.arg("--keys").arg(folder.join("test-keys"));
        restore.arg("--checkpoint").arg(folder.join("ledger/proof/checkpoint"));
        let restored = Ran::of(&mut restore).ended(0);
        let manifest = fs::read_to_string(folder.join("ledger/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(restored.note("root"), manifest["about"]["root"], "{format}");
        assert_eq!(restored.note("size"), manifest["about"]["size"], "{format}");

        let lines = fs::read_to_string(folder.join("child.jsonl")).unwrap();
        let stream: StreamId =
            text(&serde_json::from_str(lines.lines().next().unwrap()).unwrap(), "stream").parse().unwrap();
        let before = gone_in(&lines);
        assert_eq!(held(&ledger.open().await, stream).await, before, "{format}");
        assert!(before.iter().any(|event| !event.sealed.is_empty()), "something was sealed, and opens");
        ledger.run(&["verify"]).ended(0);

        let journey = ledger.ask(&["replay", "INV-000001", "--as-at", "2025-06-30"]);
        // What a source holds is said beside the journey, not in it.
        let practice = before.iter().filter(|event| event.kind != "history_coverage_stated").count();
        assert_eq!(journey.rows().len(), practice, "{format}: every event of practice is replayed");
        // The program of its day made fewer rows of the index.
        let found = ledger.run(&["doctor"]).ended(5).out;
        assert!(found.contains("6 are missing, 0 no event says") && found.contains("reindex"), "{found}");
        ledger.run(&["reindex"]).ended(0);
        ledger.run(&["doctor"]).ended(0);
    }
}
