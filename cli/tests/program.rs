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

/// The help and the document about imports name one form of the file with the answers.
#[test]
fn the_help_of_an_import_says_in_which_form_answers_are_given() {
    let help = String::from_utf8(run(&["import", "--help"]).stdout).unwrap();
    let decide = help.split("--decide <FILE>").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    assert!(decide.contains("TOML") && !decide.contains("column"), "{decide}");
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
        assert!(told.contains("unknown kind of event"), "{told}");
        assert!(told.contains(near), "{told}");
    }
    assert_eq!(run(&["kinds", "contact_received", "more"]).status.code(), Some(2));
    assert_eq!(run(&["kinds", "--format", "xml"]).status.code(), Some(2));
}

const OUR_RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/rules/our-rules.toml");

fn rows(ran: &Output) -> (serde_json::Value, Vec<serde_json::Value>) {
    let answer: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let part = |name: &str| answer.get(name).cloned().unwrap_or_default();
    (part("notes"), part("rows").as_array().unwrap().clone())
}

#[test]
fn a_rule_file_is_checked_and_compared_as_a_policy_lead_reads_it() {
    let checked = run(&["rules", "check", OUR_RULES, "--format", "json"]);
    assert_eq!(checked.status.code(), Some(0));
    let (notes, checked) = rows(&checked);
    assert_eq!(notes["records"], serde_json::json!(["referrer_informed"]));
    let one = checked.iter().find(|row| row["rule"] == "CP-12").unwrap();
    assert_eq!((&one["limit_before"], &one["limit"]), (&"10 working days".into(), &"15 working days".into()));
    assert_eq!(checked.len(), 2);

    let (_, differs) = rows(&run(&["rules", "diff", "built-in", OUR_RULES, "--format", "json"]));
    let field =
        |name: &str| differs.iter().find(|row| row["rule"] == "CP-12" && row["field"] == name).unwrap();
    let limit = field("local-10-days / local-2024: limit");
    assert_eq!((&limit["before"], &limit["after"]), (&"10 working days".into(), &"15 working days".into()));
    assert_eq!(field("targets")["after"], "95.00 % from 2024-04-01");
    assert!(differs.iter().any(|row| row["field"] == "records referrer_informed" && row["after"] == true));

    let (notes, _) = rows(&run(&["rules", "show", "CP-09", "--format", "json"]));
    let events: Vec<&str> = notes["events"].as_array().unwrap().iter().filter_map(|it| it.as_str()).collect();
    assert!(events.contains(&"stops with review_conference_held"), "{events:?}");
    let ended: Vec<&str> =
        notes["ended_by"].as_array().unwrap().iter().filter_map(|it| it.as_str()).collect();
    for ending in ["Child protection plan ended", "The child died", "The eighteenth birthday"] {
        assert!(ended.contains(&ending), "{ended:?}");
    }
}

/// What ends what is printed with its sources, and the digest that names the rule book covers it.
#[test]
fn the_table_of_endings_is_shown_and_stands_in_the_digest_of_the_rule_book() {
    let endings = |more: &[&str]| rows(&run(&[&["rules", "endings", "--format", "json"], more].concat()));
    let (notes, lines) = endings(&[]);
    let line = |id: &str| lines.iter().find(|row| row["ending"].as_str().unwrap().starts_with(id)).unwrap();
    assert_eq!(
        line("case_closed")["ends"],
        "referral, assessment, enquiry, conference, child_in_need_plan, child_in_need_case"
    );
    assert_eq!(line("eighteenth_birthday")["happens"], "birthday 18");
    assert_eq!(line("child_died")["verified"], false);
    assert!(notes["survives"][0].as_str().unwrap().starts_with("FD-02, LAC-14"), "{notes}");
    let digest = notes["rule_book"].as_str().unwrap();
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    assert_ne!(endings(&["--local", OUR_RULES]).0["rule_book"], digest);
    let listed = rows(&run(&["rules", "--format", "json"])).0;
    assert_eq!(listed["rule_book"], digest);
}

#[test]
fn an_unknown_phase_is_refused_with_those_that_there_are() {
    let refused = run(&["rules", "--phase", "courts"]);
    assert_eq!(refused.status.code(), Some(6));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(
        told.contains("Unknown phase “courts”. Use one of: ") && told.contains("child-protection, court,"),
        "{told}"
    );
}

#[test]
fn every_defect_of_a_rule_file_is_printed_with_its_line() {
    let folder = std::env::temp_dir().join(format!("caseledger-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let rule = "phase = \"local\"\n[[rule]]\nid = \"L-01\"\ntitle = \"t\"\nshape = \"deadline\"\nattribution = \"team_at_due\"\n\
        cohort = \"c\"\nnumerator = \"n\"\ndenominator = \"d\"\noperator = \"at_most\"\nexceptions = []\n[[rule.clock]]\n\
        per = \"referral\"\nstart = [{ event = \"referral_received\" }]\nstop = [{ event = \"child_seen\", of = \"child\" }]\n\
        [[rule.target]]\npercent = \"90\"\nfrom = 2024-04-01\nsource = \"s\"\n";
    let version = |name: &str, from: &str| {
        format!(
            "[[rule.version]]\nname = \"{name}\"\nlimit = 3\nunit = \"working_days\"\nstart_day_counts = false\nsource = \"s\"\n\
             kind = \"local\"\nverified = true\nverified_note = \"n\"\n{from}\nchosen_by = \"start\"\nrunning_clocks = \"keep\"\n"
        )
    };
    let first = version("v1", "in_force_to = 2024-03-31");
    let whole = format!("{rule}{first}{}", version("v2", "in_force_from = 2024-04-01"));
    let cases = [
        ("child_seen", "child_visited", 15, "no event kind is named \"child_visited\""),
        ("operator", "follows = \"L-01\"\noperator", 10, "rules follow each other in a circle: L-01 -> L-01"),
        (
            "limit = 3\nunit = \"working_days\"",
            "limit = 3",
            21,
            "has a limit but no unit: working_days, calendar_days",
        ),
        (
            "in_force_from = 2024-04-01",
            "in_force_from = 2024-03-31",
            33,
            "versions \"v1\" and \"v2\" overlap",
        ),
        ("from = 2024-04-01\nsource", "source", 17, "a target has no date from which it stands"),
    ];
    let file = folder.join("rules.toml");
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(&["rules", "check", file.to_str().unwrap(), "--format", "json"])
    };
    assert_eq!(check(&whole).status.code(), Some(0));
    for (from, to, line, reason) in cases {
        let ran = check(&whole.replacen(from, to, 1));
        assert_eq!(ran.status.code(), Some(3), "{reason}");
        let (_, defects) = rows(&ran);
        assert_eq!(defects.len(), 1, "{defects:?}");
        assert_eq!(defects[0]["line"], line, "{defects:?}");
        assert!(defects[0]["defect"].as_str().unwrap().contains(reason), "{defects:?}");
    }
    // All of them at once, and none of the rules is taken by another command.
    let broken =
        whole.replacen("child_seen", "child_visited", 1).replacen("from = 2024-04-01\nsource", "source", 1);
    assert_eq!(rows(&check(&broken)).1.len(), 2);
    let refused = run(&["--rules", file.to_str().unwrap(), "deadline", "CP-04", "--start", "2024-01-08"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("line 17: a target has no date"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_authoritys_own_file_stands_behind_every_answer() {
    let own = run(&["--rules", OUR_RULES, "deadline", "CP-12", "--start", "2024-10-07", "--format", "csv"]);
    assert!(String::from_utf8(own.stdout).unwrap().contains("2024-10-28"));
    let built_in = run(&["deadline", "CP-12", "--start", "2024-10-07", "--format", "csv"]);
    assert!(String::from_utf8(built_in.stdout).unwrap().contains("2024-10-21"));
}
