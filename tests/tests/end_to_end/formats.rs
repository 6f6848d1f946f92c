//! A ledger of every released format opens, verifies and can be read, for ever: `tests/fixtures/ledgers`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use caseledger_tests::data_folder::shared;
use caseledger_tests::program::{Ran, text, workspace};
use serde_json::Value;

fn fixtures() -> BTreeMap<String, PathBuf> {
    let folders = fs::read_dir(workspace().join("tests/fixtures/ledgers")).unwrap();
    let folders = folders.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
    folders.map(|entry| (entry.file_name().into_string().unwrap(), entry.path())).collect()
}

/// What must read as it did, of events in the form in which they are exported.
fn meaning(lines: &str) -> Vec<Value> {
    let read = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let kept = ["event_id", "stream", "kind", "occurred", "facts", "details", "sealed", "source_recorded_at"];
    let event = |mut line: Value| {
        line.as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
        line
    };
    read.map(event).collect()
}

#[test]
fn a_ledger_of_every_format_is_restored_verified_and_read() {
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

        let before = fs::read_to_string(folder.join("child.jsonl")).unwrap();
        let stream = text(&serde_json::from_str(before.lines().next().unwrap()).unwrap(), "stream");
        let now = ledger.run(&["export", "events"]).ended(0).out;
        let now: Vec<&str> = now.lines().filter(|line| line.contains(&stream)).collect();
        assert_eq!(meaning(&now.join("\n")), meaning(&before), "{format}");
        assert!(before.contains("\"la_child_id\""), "something was sealed, and opens");

        let journey = ledger.ask(&["replay", "INV-000004", "--as-at", "2025-06-30"]);
        assert_eq!(
            journey.rows().len(),
            before.lines().count(),
            "{format}: every event of the child is replayed"
        );
        ledger.run(&["doctor"]).ended(0);
    }
}
