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

#[test]
fn kinds_are_listed_and_each_is_shown_with_fields_lists_and_a_sample() {
    let list = run(&["kinds", "--format", "csv"]);
    assert_eq!(list.status.code(), Some(0));
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.lines().count() > 300, "{}", list.lines().count());
    assert!(list.contains("Child protection,strategy_discussion_held,\"child, household\","), "{list}");

    let one = run(&["kinds", "contact_received", "--format", "json"]);
    let one: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    let notes = &one["notes"];
    assert_eq!(notes["process"], "opens contact");
    assert_eq!(notes["schema_version"], 1);
    let lists = notes["code_list"].as_array().unwrap();
    let source = lists.iter().find(|list| list.as_str().unwrap().starts_with("referral_source ")).unwrap();
    assert!(source.as_str().unwrap().contains("closed; not verified): 1A Family member"), "{source}");
    let sample: serde_json::Value = serde_json::from_str(notes["sample"].as_str().unwrap()).unwrap();
    assert_eq!(sample["kind"], "contact_received");
    let rows = one["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["field"] == "source").unwrap();
    assert_eq!(row["code_list"], "referral_source");
}

#[test]
fn an_unknown_kind_is_a_mistake_of_the_command_line_and_its_neighbours_are_named() {
    for (wrong, near) in [
        ("contact_recieved", "contact_received"),
        ("iro_alert", "iro_alert_raised"),
        ("Child_Died", "child_died"),
    ] {
        let ran = run(&["kinds", wrong]);
        assert_eq!(ran.status.code(), Some(2), "{wrong}");
        assert!(ran.stdout.is_empty());
        let told = String::from_utf8(ran.stderr).unwrap();
        assert!(told.contains("no kind of event is called"), "{told}");
        assert!(told.contains(near), "{told}");
    }
    assert_eq!(run(&["kinds", "contact_received", "more"]).status.code(), Some(2));
    assert_eq!(run(&["kinds", "--format", "xml"]).status.code(), Some(2));
}
