//! The guides' commands work as printed: every `console` block of the README and of the guides in `docs` is run.
//!
//! A line that begins with `$ ` is a command, and goes on in the next line where it ends in a backslash; every
//! other line of a block is output and is not compared. The blocks of one file run in order, in one new folder
//! with a data folder of its own, so that a guide may build on what it did before. The samples stand in
//! `tests/fixtures` there as in the tree.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use caseledger_tests::data_folder::DataFolder;
use caseledger_tests::program::{Ran, program, workspace};

/// Longer than any command of a guide takes; ends one that waits for somebody.
const PATIENCE_SECONDS: &str = "300";

/// The commands of every `console` block, in order, each with its line in the file.
fn commands(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let (mut in_console, mut in_other, mut goes_on) = (false, false, false);
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            let opens = !in_console && !in_other;
            in_console = opens && trimmed.trim_start_matches('`').trim() == "console";
            in_other = opens && !in_console;
            goes_on = false;
        } else if in_console {
            let command = if goes_on { Some(line) } else { line.strip_prefix("$ ") };
            let Some(command) = command else { continue };
            let part = command.trim_end().trim_end_matches('\\');
            match found.last_mut().filter(|_| goes_on) {
                Some((_, whole)) => whole.push_str(part),
                None => found.push((number, part.to_owned())),
            }
            goes_on = command.trim_end().ends_with('\\');
        }
    }
    found
}

/// Runs the commands of a guide; gives how many there were.
fn run_guide(file: &Path) -> usize {
    let Ok(text) = fs::read_to_string(file) else {
        eprintln!("{} is not written yet", file.display());
        return 0;
    };
    let commands = commands(&text);
    if commands.is_empty() {
        return 0;
    }
    let folder = DataFolder::make();
    let here = folder.file("guide");
    fs::create_dir(&here).unwrap();
    symlink(workspace().join("tests"), here.join("tests")).unwrap();
    let mut path = program().parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    for (line, command) in &commands {
        let mut shell = Command::new("timeout");
        shell.args([PATIENCE_SECONDS, "sh", "-c", command]).current_dir(&here);
        shell.env("PATH", &path).env("CASELEDGER_DATA", folder.data());
        let ran = Ran::of(&mut shell);
        let place = format!("{}:{line}", file.display());
        assert_eq!(ran.code, 0, "{place}: {command}\n--- out\n{}\n--- err\n{}", ran.out, ran.err);
    }
    commands.len()
}

#[test]
fn every_command_of_the_readme_works_as_printed() {
    let readme = workspace().join("README.md");
    let count = run_guide(&readme);
    assert!(count > 0 || !readme.exists(), "the README shows no command in a `console` block");
}

#[test]
fn every_command_of_every_guide_works_as_printed() {
    let mut guides: Vec<_> =
        fs::read_dir(workspace().join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    guides.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    guides.sort_unstable();
    let ran: Vec<_> = guides.iter().filter(|guide| run_guide(guide) > 0).collect();
    assert!(ran.iter().any(|guide| guide.ends_with("commands.md")), "{ran:?}");
}

#[test]
fn commands_are_found_in_console_blocks_only() {
    let text = "```sh\n$ no\n```\n```console\n$ one two\noutput\n$ three \\\n  four\n$ five\n```\n$ outside\n\
                ```\n```console\n$ in another block's text\n```\n```console\n$ six\n```\n";
    let found: Vec<(usize, String)> = commands(text);
    let expected = [(5, "one two"), (7, "three   four"), (9, "five")];
    let expected: Vec<(usize, String)> = expected.map(|(line, text)| (line, text.to_owned())).to_vec();
    assert_eq!(found.get(..3), Some(expected.as_slice()));
    assert!(!found.iter().any(|(_, command)| command == "no" || command == "outside"), "{found:?}");
}

#[test]
fn a_command_that_fails_is_found_out() {
    let folder = DataFolder::make();
    let guide =
        folder.write("guide.md", "```console\n$ true\n$ caseledger deadline CP-99 --start 2024-01-01\n```\n");
    let failed = std::panic::catch_unwind(|| run_guide(&guide));
    assert!(failed.is_err());
}
