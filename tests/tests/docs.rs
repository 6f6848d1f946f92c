//! The guides' commands work as printed: every `console` block of the README and of the guides in `docs` is run.
//!
//! A line that begins with `$ ` is a command, and goes on in the next line where it ends in a backslash; every
//! other line of a block is output and is not compared. The blocks of one file run in order, in one new folder
//! with a data folder of its own, so that a guide may build on what it did before. The samples stand in
//! `tests/fixtures` there as in the tree. A block of another kind that names a file (`toml our.toml`) is written to
//! that file first. A command that ends in ` &` runs until the guide ends, and `127.0.0.1:8080` stands for an address
//! that is free. Any other block has to be in `docs/blocks.rs`'s list, with the reason why it is not run.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

#[path = "docs/blocks.rs"]
mod blocks;
#[path = "docs/citations.rs"]
mod citations;
#[path = "docs/findings.rs"]
mod findings;
#[path = "docs/inline.rs"]
mod inline;
#[path = "docs/server.rs"]
mod server;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use blocks::{Block, blocks};
use caseledger_tests::data_folder::DataFolder;
use caseledger_tests::program::{Ran, program, workspace};
use serde_json::Value;
use server::{Standing, free_address};

/// Longer than any command of a guide takes; ends one that waits for somebody.
const PATIENCE_SECONDS: &str = "300";

/// The address that the guides use.
const PRINTED_ADDRESS: &str = "127.0.0.1:8080";

/// The commands of a `console` block, in order, each with its line in the file.
fn commands(block: &Block) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in (block.line + 1..).zip(block.text.lines()) {
        let command = if goes_on { Some(line) } else { line.strip_prefix("$ ") };
        let Some(command) = command else { continue };
        let part = command.trim_end().trim_end_matches('\\');
        match found.last_mut().filter(|_| goes_on) {
            Some((_, whole)) => whole.push_str(part),
            None => found.push((number, part.to_owned())),
        }
        goes_on = command.trim_end().ends_with('\\');
    }
    found
}

/// The folder in which the commands of a guide run, and what runs beside them.
struct Walk {
    here: PathBuf,
    path: std::ffi::OsString,
    data: PathBuf,
    address: String,
    standing: Vec<Standing>,
}

impl Walk {
    fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("timeout");
        shell.args([PATIENCE_SECONDS, "sh", "-c", command]).current_dir(&self.here);
        shell.env("PATH", &self.path).env("CASELEDGER_DATA", &self.data);
        shell
    }

    fn run(&mut self, place: &str, command: &str) {
        let command = command.replace(PRINTED_ADDRESS, &self.address);
        if let Some(standing) = command.trim_end().strip_suffix(" &") {
            let shell = self.shell(&format!("exec {standing}"));
            self.standing.push(Standing::start(shell, &self.address));
            return;
        }
        let ran = Ran::of(&mut self.shell(&command));
        assert_eq!(ran.code, 0, "{place}: {command}\n--- out\n{}\n--- err\n{}", ran.out, ran.err);
        if command.starts_with("curl ") {
            answers(place, &ran);
        }
    }
}

/// A question by `curl` ends with 0 whatever the answer: it has to be data, and about something that is there.
fn answers(place: &str, ran: &Ran) {
    let answer: Value = serde_json::from_str(&ran.out).unwrap_or_default();
    let fields = answer.get("data").and_then(Value::as_object);
    let whole =
        fields.is_some_and(|fields| !fields.is_empty() && fields.values().all(|value| !value.is_null()));
    assert!(whole && answer.get("errors").is_none(), "{place}: {}", ran.out);
}

/// Runs the commands of a guide; gives how many there were.
fn run_guide(file: &Path) -> usize {
    let Ok(text) = fs::read_to_string(file) else {
        eprintln!("{} is not written yet", file.display());
        return 0;
    };
    let blocks = blocks(&text);
    let count =
        blocks.iter().filter(|block| block.kind() == "console").map(|block| commands(block).len()).sum();
    if count == 0 {
        return 0;
    }
    let folder = DataFolder::make();
    let here = folder.file("guide");
    fs::create_dir(&here).unwrap();
    symlink(workspace().join("tests"), here.join("tests")).unwrap();
    let mut path = program().parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut walk = Walk { here, path, data: folder.data(), address: free_address(), standing: Vec::new() };
    for block in &blocks {
        if block.kind() == "console" {
            for (line, command) in commands(block) {
                walk.run(&format!("{}:{line}", file.display()), &command);
            }
        } else if let Some(name) = block.file() {
            fs::write(walk.here.join(name), &block.text).unwrap();
        }
    }
    count
}

/// The README and every guide.
fn documents() -> Vec<PathBuf> {
    let mut found: Vec<_> =
        fs::read_dir(workspace().join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    found.push(workspace().join("README.md"));
    found.sort_unstable();
    found
}

#[test]
fn every_command_of_the_readme_works_as_printed() {
    let readme = workspace().join("README.md");
    let count = run_guide(&readme);
    assert!(count > 0 || !readme.exists(), "the README shows no command in a `console` block");
}

#[test]
fn every_command_of_every_guide_works_as_printed() {
    let guides: Vec<_> = documents().into_iter().filter(|path| !path.ends_with("README.md")).collect();
    let ran: Vec<_> = guides.iter().filter(|guide| run_guide(guide) > 0).collect();
    for expected in ["commands.md", "api.md", "imports.md", "rules.md"] {
        assert!(ran.iter().any(|guide| guide.ends_with(expected)), "{expected} is not among {ran:?}");
    }
}

#[test]
fn commands_are_found_in_console_blocks_only() {
    let text = "```sh\n$ no\n```\n```console\n$ one two\noutput\n$ three \\\n  four\n$ five\n```\n$ outside\n\
                ```\n```console\n$ in another block's text\n```\n```console\n$ six\n```\n";
    let blocks = blocks(text);
    let found: Vec<(usize, String)> =
        blocks.iter().filter(|block| block.kind() == "console").flat_map(commands).collect();
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
