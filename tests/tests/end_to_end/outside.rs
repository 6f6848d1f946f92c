//! An exported log and a child's bundle, checked by the program without its data folder and by a checker in another language
//! (`tests/outside/verify.py`), which was written from `docs/ledger-format.md` alone. Every child is invented.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::{Ran, workspace};

/// The program with a data folder that does not exist and no PostgreSQL to be found.
fn program_alone(file: &Path) -> Ran {
    let mut command = Command::new(caseledger_tests::program::program());
    command.env("PATH", "/nowhere").arg("--data").arg("/nowhere/at/all");
    Ran::of(command.args(["verify"]).arg(file).args(["--format", "json"]))
}

/// The checker in another language.
pub(crate) fn outsider(file: &Path, arguments: &[&str]) -> Ran {
    let script = workspace().join("tests/outside/verify.py");
    Ran::of(Command::new("python3").arg(script).arg(file).args(arguments))
}

/// Both checkers find nothing wrong, and say a sentence.
pub(crate) fn both_accept(file: &Path, sentence: &str) {
    let (ours, theirs) = (program_alone(file).ended(0), outsider(file, &[]).ended(0));
    assert_eq!(ours.json()["notes"]["result"], "clean");
    assert!(ours.out.contains(sentence), "{}", ours.out);
    assert!(theirs.out.contains(sentence), "{}", theirs.out);
}

/// Gives the exit code of the program; the outsider has to refuse too.
fn both_refuse(lines: &[String], what: &str) -> i32 {
    let file = shared().write("changed-by-somebody.jsonl", lines.join("\n") + "\n");
    let ours = program_alone(&file);
    assert_ne!(ours.code, 0, "{what}: {}", ours.out);
    assert_eq!(outsider(&file, &[]).code, 1, "{what}");
    ours.code
}

fn lines_of(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

/// A ledger with a roster, its exported log and the bundle of one child.
fn handed_out(name: &str) -> (TestLedger, PathBuf, PathBuf) {
    let ledger = shared().ledger(name);
    let [events, log, bundle] =
        ["events", "log", "bundle"].map(|what| shared().file(&format!("{name}-{what}.jsonl")));
    let synth =
        ["synth", "--children", "30", "--years", "2", "--seed", "5", "--until", "2025-06-30", "--out"];
    Ran::of(ledger.command().args(synth).arg(&events)).ended(0);
    ledger.import(&events, &[]).ended(0);
    ledger.run(&["roster"]).ended(0);
    ledger.run(&["export", "log", "--out", log.to_str().unwrap()]).ended(0);
    ledger.run(&["bundle", "INV-000003", "--out", bundle.to_str().unwrap()]).ended(0);
    (ledger, log, bundle)
}

/// Replaces the first occurrence of a text in a line by another of the same kind.
fn with(lines: &[String], line: usize, from: &str, to: &str) -> Vec<String> {
    let mut changed = lines.to_vec();
    assert!(changed[line].contains(from), "{from} in {}", changed[line]);
    changed[line] = changed[line].replacen(from, to, 1);
    changed
}

#[test]
fn what_is_handed_out_is_accepted_as_it_is_and_refused_when_anything_in_it_is_changed() {
    let (ledger, log, bundle) = handed_out("handed_out");
    let ends = ledger.run(&["verify", "--format", "json"]).ended(0).json();
    assert_eq!(ends["notes"]["result"], "clean");
    let sentence = format!("complete up to position {}", ends["notes"]["size"].as_u64().unwrap() - 1);
    both_accept(&log, "");
    both_accept(&bundle, &sentence);

    let (whole, part) = (lines_of(&log), lines_of(&bundle));
    for (name, lines) in [("log", &whole), ("bundle", &part)] {
        let end = lines.len();
        assert_eq!(both_refuse(&lines[..end - 1], &format!("{name} cut before its last line")), 20);
        assert_eq!(both_refuse(&lines[..end / 2], &format!("{name} cut in the middle")), 20);
        let left_out: Vec<String> = [&lines[..3], &lines[4..]].concat();
        assert_eq!(both_refuse(&left_out, &format!("{name} without an event, the count as before")), 20);
        let signature = with(lines, 0, "\\n\\n\u{2014} caseledger", "\\n\\n\u{2014} Caseledger");
        assert_eq!(both_refuse(&signature, &format!("{name} signed by somebody else")), 14);
        for (from, to) in [
            ("\\\"kind\\\":\\\"", "\\\"kind\\\":\\\"x"),
            ("\"facts\":\"{", "\"facts\":\"{ "),
            ("\"recorded_at\":\"1", "\"recorded_at\":\"2"),
            ("\"envelope_salt\":\"", "\"envelope_salt\":\"0"),
        ] {
            let code = both_refuse(&with(lines, 3, from, to), &format!("{name}: {from}"));
            assert!([10, 13, 20].contains(&code), "{code}");
        }
    }
    let recounted = with(&[&part[..2], &part[3..]].concat(), part.len() - 2, "{\"events\":", "{\"events\":0");
    assert_eq!(both_refuse(&recounted, "a count that is no number"), 20);
    let events = part.len() - 3;
    let short = with(
        &[&part[..2], &part[3..]].concat(),
        part.len() - 2,
        &events.to_string(),
        &(events - 1).to_string(),
    );
    assert_eq!(both_refuse(&short, "an event left out and the count made to fit"), 11);
}

#[test]
fn a_bundle_of_what_was_known_before_the_ledger_began_is_refused() {
    let (ledger, ..) = handed_out("asked_too_early");
    ledger.run(&["bundle", "INV-000003", "--known-at", "2001-01-01"]).ended(6);
    ledger.run(&["bundle", "INV-999999"]).ended(6);
}
