//! Exported logs, bundles and tiles: what was changed is never clean.

use std::path::{Path, PathBuf};

use caseledger_tests::data_folder::{DataFolder, TestLedger};
use caseledger_tests::program::Ran;
use serde_json::Value;
use verify::{DatabaseQuestion, FileQuestion, KeptCheckpoint, verify_database, verify_file};

use super::fuzz;

fn ledger(folder: &DataFolder) -> TestLedger {
    let (ledger, file) = (folder.ledger("fuzz"), folder.file("fuzz.jsonl"));
    let synth =
        ["synth", "--children", "4", "--years", "1", "--seed", "11", "--until", "2025-06-30", "--out"];
    Ran::of(ledger.command().args(synth).arg(&file)).ended(0);
    ledger.import(&file, &[]).ended(0);
    ledger.run(&["roster"]).ended(0);
    ledger
}

/// The lines of a file as values: two texts of the same lines say the same.
fn said(text: &[u8]) -> Option<Vec<Value>> {
    let text = std::str::from_utf8(text).ok()?;
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn logs_and_bundles() {
    let folder = DataFolder::make();
    let ledger = ledger(&folder);
    let written = |arguments: &[&str], name: &str| {
        let file = folder.file(name);
        Ran::of(ledger.command().args(arguments).arg("--out").arg(&file)).ended(0);
        std::fs::read(file).unwrap()
    };
    let samples =
        [written(&["export", "log"], "log.jsonl"), written(&["bundle", "INV-000002"], "child.bundle")];
    let note = ledger.run(&["checkpoint"]).ended(0).out.clone();
    let kept = KeptCheckpoint { label: "kept".to_owned(), note };
    let question = FileQuestion { checkpoints: vec![kept], ..FileQuestion::default() };
    let known = samples.clone().map(|sample| said(&sample).unwrap());
    fuzz("logs", &samples, |bytes| {
        let Ok(report) = verify_file(bytes, &question) else { return Ok(false) };
        let clean = report.exit_code() == 0;
        // A bundle may show less than all; what it shows is what was recorded.
        let lines = |text: &[Value], other: &[Value]| {
            text.iter().all(|line| other.contains(line) || line.get("events").is_some())
        };
        match said(bytes) {
            Some(text) if clean && known.iter().any(|known| lines(&text, known)) => Ok(true),
            None | Some(_) if clean => Err("it is clean, and says something else".to_owned()),
            _ => Ok(false),
        }
    });
}

fn tile_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(tile_files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// A file of the proof folder with other bytes: damage, or a checkpoint that is told.
#[test]
fn tiles() {
    let folder = DataFolder::make();
    let ledger = ledger(&folder);
    let proof = folder.data().join("proof/fuzz");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ledger.database("caseledger_appender");
    let question = DatabaseQuestion { proof_folder: Some(proof.clone()), ..DatabaseQuestion::default() };
    // Of the partial tiles, the newest one counts.
    let tiles = tile_files(&proof).into_iter().filter(|path| !path.ends_with("checkpoint"));
    let read = tiles.map(|path| (std::fs::read(&path).unwrap(), path));
    if let Some((whole, path)) = read.max_by_key(|(bytes, _)| bytes.len()) {
        fuzz("tiles", std::slice::from_ref(&whole), |bytes| {
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, bytes).unwrap();
            let report = runtime.block_on(verify_database(&config, &question)).map(|(report, _)| report);
            let clean = report.as_ref().is_ok_and(|report| report.exit_code() == 0);
            match (clean, bytes == whole) {
                (true, false) => Err("a changed tile is clean".to_owned()),
                (false, true) => Err(format!(
                    "a whole tile is damage: {:?}",
                    report.map(|report| report.findings.first().map(ToString::to_string))
                )),
                (clean, _) => Ok(clean),
            }
        });
    }
}
