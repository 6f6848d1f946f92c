//! The program as the shell sees it, without a ledger.
//!
//! Because this test asks for the program, cargo builds it before any test of the workspace runs; the end-to-end
//! tests in `tests/` rely on that.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_caseledger")).args(arguments).output().unwrap()
}

#[test]
fn help_and_version_go_to_standard_output_and_mistakes_to_standard_error() {
    let table: [(&[&str], i32, bool); 4] =
        [(&["--help"], 0, true), (&["--version"], 0, true), (&["fly"], 2, false), (&["replay"], 2, false)];
    for (arguments, code, answers) in table {
        let ran = run(arguments);
        assert_eq!(ran.status.code(), Some(code), "{arguments:?}");
        assert_eq!((ran.stdout.is_empty(), ran.stderr.is_empty()), (!answers, answers), "{arguments:?}");
    }
}

#[test]
fn every_command_of_the_list_has_a_help_of_its_own() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let list = help.split("Commands:").nth(1).and_then(|rest| rest.split("Options:").next()).unwrap();
    let commands: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for expected in ["import", "replay", "clocks", "deadline", "doctor"] {
        assert!(commands.contains(&expected), "{commands:?}");
    }
    let known = commands.iter().filter(|command| run(&[command, "--help"]).status.success()).count();
    assert!(known >= 12, "{known} of {commands:?}");
}
