//! Every folder of cases gives what its `expected.txt` says.
//!
//! A case is a small invented input and, in words, what a competent user would expect of it. Words cannot be run, so
//! each case has an entry here that holds them as commands and checks. A folder without an entry fails, and so does an
//! entry without a folder: a new case has to be decided. The cases are those beside the project's folder where they are
//! there, else the copies in `tests/fixtures/cases`.

mod agreement;
mod clocks;
mod files;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::{Ran, fixture, text, workspace};
use serde_json::Value;

/// What a case must give: commands and checks, which panic where it gives something else.
type Check = fn(&Case);

/// A case: its files, and a ledger of its own.
struct Case {
    folder: PathBuf,
    ledger: TestLedger,
}

impl Case {
    fn of(name: &str, folder: PathBuf) -> Case {
        let letters = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
        Case { folder, ledger: shared().ledger(&format!("case_{}", letters.collect::<String>())) }
    }

    /// Imports a file of the case as at a day; the run may end with any code.
    fn import(&self, file: &str, more: &[&str]) -> Ran {
        self.ledger.import(&self.folder.join(file), more)
    }

    /// Imports a workbook, which names neither authority nor day.
    fn workbook(&self, file: &str, as_at: &str) -> Ran {
        self.import(file, &["--authority", "999", "--as-at", as_at])
    }

    /// What is shown of a child, as known now, on a day.
    fn replay(&self, child: &str, as_at: &str) -> Ran {
        self.ledger.ask(&["replay", child, "--as-at", as_at])
    }

    /// Titles of the events of a child with their days.
    fn events(&self, child: &str, as_at: &str) -> Vec<(String, String)> {
        let rows = self.replay(child, as_at).rows();
        rows.iter().map(|row| (text(row, "event"), text(row, "occurred"))).collect()
    }

    /// Clocks of a rule of a child.
    fn clocks(&self, child: &str, rule: &str, as_at: &str) -> Vec<Value> {
        let rows = self.ledger.ask(&["clocks", child, "--as-at", as_at]).rows();
        rows.into_iter().filter(|row| row["rule"] == rule).collect()
    }

    /// The only clock of a rule of a child.
    fn clock(&self, child: &str, rule: &str, as_at: &str) -> Value {
        let mut found = self.clocks(child, rule, as_at);
        assert_eq!(found.len(), 1, "one clock of {rule}: {found:#?}");
        found.remove(0)
    }

    /// What is due or overdue on a day, all children together.
    fn due(&self, as_at: &str) -> Vec<Value> {
        self.ledger.ask(&["due", "--within", "30", "--as-at", as_at]).rows()
    }

    /// The figure of a rule in a period.
    fn indicator(&self, rule: &str, from: &str, to: &str) -> Value {
        let mut rows = self.ledger.ask(&["indicators", "--rule", rule, "--from", from, "--to", to]).rows();
        assert_eq!(rows.len(), 1, "one row of {rule}: {rows:#?}");
        rows.remove(0)
    }

    /// The streams of the children that the ledger knows.
    fn children(&self) -> BTreeSet<String> {
        let exported = self.ledger.run(&["export", "events"]).ended(0);
        let lines = exported.out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let of_child = lines.filter(|line| line["category"] == "child");
        of_child.map(|line| text(&line, "stream")).collect()
    }
}

/// Everything that a report says in its notes of these names.
fn said(report: &Ran, notes: &[&str]) -> String {
    let values = notes.iter().map(|name| report.note(name).to_string());
    values.collect::<Vec<_>>().join("\n")
}

/// Where the cases are.
fn folder() -> PathBuf {
    let beside = workspace().join("../shared/data/cases");
    if beside.is_dir() { beside } else { fixture("cases") }
}

/// The names in a folder for which `found` gives a name.
fn names(folder: &Path, found: impl Fn(&Path) -> Option<String>) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter_map(|path| found(&path)).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Runs the checks of a table; a case that fails is told with all the others.
fn walk(kind: &str, found: &BTreeSet<String>, table: &[(&str, Check)], folder: impl Fn(&str) -> PathBuf) {
    let listed: BTreeSet<String> = table.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(*found, listed, "every case of {kind} has an entry in the table, and every entry a case");
    let mut wrong = Vec::new();
    for (name, check) in table {
        let case = Case::of(name, folder(name));
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&case)));
        if let Err(reason) = ended {
            wrong.push(format!("{name}: {}", words(reason.as_ref())));
        }
    }
    assert!(wrong.is_empty(), "{} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a panic said.
fn words(reason: &(dyn std::any::Any + Send)) -> String {
    let owned = reason.downcast_ref::<String>().cloned();
    owned.or_else(|| reason.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

#[test]
fn every_case_of_files_gives_what_its_words_say() {
    let numbered = |path: &Path| {
        let name = name_of(path);
        let is_case = path.is_dir() && name.starts_with(|first: char| first.is_ascii_digit());
        is_case.then_some(name)
    };
    let at = folder();
    walk("files", &names(&at, numbered), files::TABLE, |name| at.join(name));
}

#[test]
fn every_case_of_clocks_gives_what_its_words_say() {
    let at = folder().join("clocks");
    let lines = |path: &Path| name_of(path).strip_suffix(".jsonl").map(str::to_owned);
    walk("clocks", &names(&at, lines), clocks::TABLE, |_| at.clone());
}

/// Without the folder beside the project, the copies stand in; they must not say something else.
#[test]
fn the_copies_of_the_cases_are_the_cases() {
    fn bytes(folder: &Path, prefix: &str, into: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{prefix}/{}", name_of(&path));
            if path.is_dir() {
                bytes(&path, &name, into);
            } else {
                into.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    let read = |folder: &Path| {
        let mut files = Vec::new();
        bytes(folder, "", &mut files);
        files.sort();
        files
    };
    let (cases, copies) = (read(&folder()), read(&fixture("cases")));
    assert!(copies.len() > 60, "{} files", copies.len());
    for file in copies.iter().filter(|(name, _)| !name.ends_with(".md")) {
        assert!(cases.contains(file), "{} differs from its case", file.0);
    }
}
