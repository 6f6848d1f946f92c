//! What is asked wrongly ends with the documented code, and the message names what is wrong and what to do.
//!
//! The table holds every command of the help. The codes are those of `docs/commands.md`.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, pipe};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use caseledger_tests::data_folder::{DataFolder, TestLedger, shared};
use caseledger_tests::program::{Ran, fixture, program};
use rustix::process::{Pid, Signal};

const DONE: i32 = 0;
const FAULT: i32 = 1;
const USAGE: i32 = 2;
const DATA: i32 = 3;
const REFUSED: i32 = 4;
const NOT_FOUND: i32 = 6;
const UNREADABLE: i32 = 20;

/// A command line, how it ends, and what its message says. `{W}` is a folder of the test, `{BOOK}` a workbook.
type Asked = (&'static str, i32, &'static [&'static str]);

/// An event that is in no ledger.
const EVENT: &str = "018e91ce-4c00-7ad4-8dd7-589c996c4729";

/// Mistakes that need no ledger.
const APART: &[Asked] = &[
    ("fly", USAGE, &["fly", "--help"]),
    ("deadline CP-O4 --start 2024-01-01", USAGE, &["CP-O4", "did you mean", "CP-04"]),
    ("deadline CP-04 --start 31/01/2024", USAGE, &["31/01/2024", "write 2022-09-05"]),
    ("deadline CP-04 --start 2024-01-01 --rule-version x", USAGE, &["\"x\"", "working-together"]),
    ("deadline CP-04 --start 2024-01-01 --known-at yesterday", USAGE, &["--known-at", "2024-05-01"]),
    ("deadline CP-04 --start 2024-01-01 --format xml", USAGE, &["--format", "csv"]),
    ("deadline --batch {W}/none.csv", DATA, &["none.csv", "check its name"]),
    ("deadline --batch {W}", DATA, &["{W}", "it is a folder"]),
    ("--rules {W}/none.toml deadline CP-04 --start 2024-01-01", DATA, &["none.toml", "check its name"]),
    ("rules CP-99", NOT_FOUND, &["CP-99", "did you mean"]),
    ("rules show CP-99", NOT_FOUND, &["CP-99", "did you mean"]),
    ("rules --phase nowhere", NOT_FOUND, &["nowhere", "child-protection"]),
    ("rules diff {W}/one.toml {W}/two.toml", DATA, &["one.toml", "check its name"]),
    ("rules check {W}/none.toml", DATA, &["none.toml", "check its name"]),
    ("rules check {W}", DATA, &["{W}", "it is a folder"]),
    ("kinds contact_recieved", USAGE, &["contact_recieved", "contact_received"]),
    ("kinds --format xml", USAGE, &["--format", "csv"]),
    ("synth --until 31/01/2024", USAGE, &["--until", "2024-05-01"]),
    ("synth --children 0", USAGE, &["at least one child"]),
    ("synth --out {W}", FAULT, &["{W}", "it is a folder"]),
    ("synth --out {W}/no/where.jsonl", FAULT, &["where.jsonl", "make its folder"]),
    ("witness --name w --state {W}/witness --log bad", USAGE, &["bad", "name+hash+base64"]),
    ("witness --name w --state {W}/witness --log bad --listen 8090", USAGE, &["--listen", "127.0.0.1:8080"]),
    ("verify {W}/none.jsonl", UNREADABLE, &["none.jsonl", "check its name"]),
    ("verify {W}", UNREADABLE, &["{W}"]),
];

/// Mistakes beside a ledger that holds something.
const ON_LEDGER: &[Asked] = &[
    ("init --authority 201", REFUSED, &["there already"]),
    ("init --authority 2,0,1", USAGE, &["authority"]),
    ("import {W}/none.jsonl", DATA, &["none.jsonl", "check its name"]),
    ("import {W}", DATA, &["{W}", "it is a folder"]),
    ("import {BOOK} --as-at 31/03/2024", USAGE, &["--as-at", "2024-05-01"]),
    ("import {BOOK} --format xml", USAGE, &["--format", "csv"]),
    ("import {BOOK} --as-at 2024-03-31 --aliases {W}/none.toml", DATA, &["none.toml", "check its name"]),
    ("import {BOOK} --as-at 2024-03-31 --identifiers {W}/none.csv", DATA, &["none.csv", "check its name"]),
    ("import {BOOK} --as-at 2024-03-31 --decide {W}/none.toml", DATA, &["none.toml", "check its name"]),
    (
        "record contact_recieved --child INV-000001 --occurred 2024-03-04",
        USAGE,
        &["contact_recieved", "contact_received"],
    ),
    ("record case_closed --child INV-000001 --occurred 4/3/2024", USAGE, &["--occurred", "YYYY-MM-DD"]),
    ("record case_closed --child INV-000001", USAGE, &["--occurred"]),
    ("record case_closed --occurred 2024-03-04", USAGE, &["--child"]),
    (
        "record case_closed --child NOBODY --occurred 2024-03-04",
        NOT_FOUND,
        &["NOBODY", "check it for missing zeros"],
    ),
    ("record case_closed --child INV-000001 --occurred 2024-03-04 --in plan=1", USAGE, &["--in", "UUID"]),
    (
        "record case_closed --child INV-000001 --occurred 2024-03-04 --in house",
        USAGE,
        &["--in", "caseledger kinds"],
    ),
    (
        "record contact_received --child INV-000001 --occurred 2024-03-04 --facts {W}/none.json",
        DATA,
        &["none.json", "check its name"],
    ),
    (
        "record section47_enquiry_started --child INV-000001 --occurred 2031-05-05",
        REFUSED,
        &["cannot be true", "after the day"],
    ),
    ("record --file {W}/none.jsonl", DATA, &["none.jsonl", "check its name"]),
    ("record --file {W}", DATA, &["{W}", "it is a folder"]),
    (
        "correct {EVENT} --occurred 2024-03-04 --reason typing_error",
        NOT_FOUND,
        &["{EVENT}", "caseledger replay"],
    ),
    ("correct {EVENT} --reason typing_error", USAGE, &["--occurred"]),
    ("correct {EVENT} --facts {W}/none.json --reason typing_error", DATA, &["none.json", "check its name"]),
    ("withdraw {EVENT} --reason because", USAGE, &["--reason", "typing_error"]),
    ("withdraw {EVENT} --reason wrong_child", NOT_FOUND, &["{EVENT}", "caseledger replay"]),
    ("reinstate {EVENT} --reason disputed", NOT_FOUND, &["{EVENT}", "caseledger replay"]),
    ("reinstate 7 --reason disputed", USAGE, &["7"]),
    ("reconcile {W}/none.xlsx", DATA, &["none.xlsx"]),
    ("reconcile {W}", DATA, &["{W}"]),
    ("export events --out {W}", FAULT, &["{W}", "it is a folder"]),
    ("export log --out {W}/no/where.jsonl", FAULT, &["where.jsonl", "make its folder"]),
    ("export things", USAGE, &["things"]),
    ("bundle NOBODY", NOT_FOUND, &["NOBODY", "check it for missing zeros"]),
    ("bundle INV-000001 --out {W}", FAULT, &["{W}", "it is a folder"]),
    ("bundle INV-000001 --known-at yesterday", USAGE, &["--known-at", "2024-05-01"]),
    ("roster --fast", USAGE, &["--fast"]),
    ("replay NOBODY", NOT_FOUND, &["NOBODY", "check it for missing zeros"]),
    ("replay INV-000001 --as-at tomorrow", USAGE, &["--as-at", "2024-05-01"]),
    ("replay INV-000001 --basis hearsay", USAGE, &["--basis", "ledger, source or extract"]),
    ("clocks NOBODY", NOT_FOUND, &["NOBODY", "check it for missing zeros"]),
    ("clocks INV-000001 --known-at 1/2/2024", USAGE, &["--known-at", "2024-05-01"]),
    ("indicators --rule CP-O4", NOT_FOUND, &["CP-O4", "did you mean", "CP-04"]),
    ("indicators --from 2024", USAGE, &["--from", "2024-05-01"]),
    ("indicators --from 2024-02-01 --to 2024-01-01", USAGE, &["2024-01-01", "before it begins"]),
    ("due --rule ZZ", NOT_FOUND, &["ZZ", "did you mean"]),
    ("due --within soon", USAGE, &["--within"]),
    ("due --as-at 2024-13-01", USAGE, &["--as-at", "2024-05-01"]),
    ("what-if {W}/none.toml", DATA, &["none.toml", "check its name"]),
    ("what-if {W}", DATA, &["{W}", "it is a folder"]),
    ("officer keygen a.b --out {W}", USAGE, &["{W}", "never overwritten"]),
    ("officer sign {W}/none.request --key {W}/none.key", DATA, &["none.key"]),
    ("officer register nonsense", USAGE, &["nonsense", "name+hash+base64"]),
    ("hold place NOBODY --reason court", NOT_FOUND, &["NOBODY"]),
    ("hold place INV-000001 --reason two,words", USAGE, &["--reason"]),
    ("dispose NOBODY --rule CIN-18-3 --prepare {W}/a.request", NOT_FOUND, &["NOBODY"]),
    ("dispose --request {W}/none.request", DATA, &["none.request", "check its name"]),
    ("dispose INV-000001", USAGE, &["--prepare"]),
    ("disclose NOBODY {EVENT} --field name", NOT_FOUND, &["NOBODY"]),
    ("disclose INV-000001 {EVENT} --field name", NOT_FOUND, &["{EVENT}"]),
    ("keys destroy NOBODY --reason court --prepare {W}/b.request", NOT_FOUND, &["NOBODY"]),
    ("keys destroy --request {W}/none.request", DATA, &["none.request", "check its name"]),
    ("checkpoint --witnesses {W}/none.policy", DATA, &["none.policy", "check its name"]),
    ("log-key fly", USAGE, &["fly"]),
    ("epoch open --request {W}/none.request", DATA, &["none.request", "check its name"]),
    ("epoch prepare --reason restored --out {W}/c.request", REFUSED, &["no new epoch is needed"]),
    ("clock set --request {W}/none.request", DATA, &["none.request", "check its name"]),
    ("clock prepare --out {W}/c.request", REFUSED, &["nothing to set right"]),
    ("clock prepare --true-time soon --out {W}/c.request", USAGE, &["--true-time"]),
    ("backup {W}", REFUSED, &["{W}", "not empty"]),
    ("restore {W}/none", DATA, &["none", "manifest.json"]),
    ("doctor --fast", USAGE, &["--fast"]),
    ("reindex --all", USAGE, &["--all"]),
    ("serve --listen 8080", USAGE, &["--listen", "127.0.0.1:8080"]),
    ("demo --children many", USAGE, &["--children"]),
    ("verify --proof {W}/none", UNREADABLE, &["none", "--proof"]),
    ("verify --checkpoint {W}/none.checkpoint", UNREADABLE, &["none.checkpoint", "check its name"]),
    ("verify --receipts {W}/none.jsonl", UNREADABLE, &["none.jsonl", "check its name"]),
    ("verify --log-key nonsense", USAGE, &["--log-key", "name+hash+base64"]),
    ("verify --witness nonsense", USAGE, &["--witness", "name+hash+base64"]),
    ("verify --size 0", USAGE, &["--size"]),
    ("verify --size 99999999", USAGE, &["99999999"]),
    ("--pg-bin {W} doctor", FAULT, &["--pg-bin", "{W}", "initdb"]),
    ("--ledger Main doctor", USAGE, &["--ledger", "small letter"]),
];

/// Commands that ask a ledger, one that there is not.
const WITHOUT_LEDGER: &[&str] = &[
    "export events",
    "bundle X",
    "roster",
    "record case_closed --child X --occurred 2024-03-04",
    "correct {EVENT} --occurred 2024-03-04 --reason typing_error",
    "withdraw {EVENT} --reason disputed",
    "reinstate {EVENT} --reason disputed",
    "replay X",
    "clocks X",
    "indicators",
    "due",
    "what-if {RULES}",
    "officer list",
    "hold list",
    "disclose X {EVENT} --field name",
    "keys check",
    "checkpoint",
    "log-key show",
    "backup {W}/unused",
    "doctor",
    "verify",
    "reconcile {BOOK} --as-at 2024-03-31",
];

/// A ledger of a few invented children, and a folder that holds a file.
fn filled(name: &str) -> (TestLedger, PathBuf) {
    let (ledger, folder) = (shared().ledger(name), shared().file(&format!("{name}-files")));
    std::fs::create_dir(&folder).unwrap();
    let events = folder.join("events.jsonl");
    let synth = ["synth", "--children", "4", "--years", "2", "--seed", "5", "--until", "2025-06-30", "--out"];
    Ran::of(ledger.command().args(synth).arg(&events)).ended(DONE);
    ledger.import(&events, &[]).ended(DONE);
    (ledger, folder)
}

fn parts(line: &str, folder: &std::path::Path) -> Vec<String> {
    let book = fixture("annex-a/Annex_A.xlsx");
    let rules = fixture("rules/our-rules.toml");
    let filled = |part: &str| {
        part.replace("{W}", folder.to_str().unwrap())
            .replace("{BOOK}", book.to_str().unwrap())
            .replace("{RULES}", rules.to_str().unwrap())
            .replace("{EVENT}", EVENT)
    };
    line.split(' ').map(filled).collect()
}

fn check(mut command: Command, asked: &Asked, folder: &std::path::Path) {
    let (line, code, said) = asked;
    let ran = Ran::of(command.args(parts(line, folder))).ended(*code);
    assert!(!ran.err.contains("panicked"), "{line}: {}", ran.err);
    for part in *said {
        let part = &parts(part, folder).join(" ");
        assert!(ran.err.contains(part.as_str()), "{line}: {part:?} is not in: {}", ran.err);
    }
}

#[test]
fn a_mistake_ends_with_its_code_and_says_what_to_do() {
    let (ledger, folder) = filled("mistakes");
    for asked in APART {
        check(Command::new(program()), asked, &folder);
    }
    for asked in ON_LEDGER {
        let mut command = ledger.command();
        if asked.0.starts_with("--ledger") {
            command = Command::new(program());
            command.arg("--data").arg(shared().data());
        }
        check(command, asked, &folder);
    }
    ledger.run(&["doctor"]).ended(DONE);
}

#[test]
fn where_there_is_no_ledger_every_command_says_where_it_looked() {
    let folder = shared().data();
    for line in WITHOUT_LEDGER {
        let ran = Ran::of(shared().ledger("nowhere").command().args(parts(line, &folder))).ended(NOT_FOUND);
        for part in ["\"nowhere\"", folder.to_str().unwrap(), "--ledger"] {
            assert!(ran.err.contains(part), "{line}: {part:?} is not in: {}", ran.err);
        }
    }
}

/// A mistyped name of a further file must not leave an empty ledger behind.
#[test]
fn nothing_is_made_before_every_named_file_was_read() {
    let ledger = shared().ledger("mistyped");
    for option in ["--aliases", "--identifiers", "--decide"] {
        let more = ["--authority", "999", "--as-at", "2021-03-16", option, "/nowhere/file"];
        ledger.import(&fixture("annex-a/Annex_A.xlsx"), &more).ended(DATA);
        ledger.run(&["doctor"]).ended(NOT_FOUND);
    }
}

/// A slip in an answer would leave its question to be decided by an absence.
#[test]
fn an_answer_to_what_is_not_asked_is_refused_with_the_questions_and_nothing_is_recorded() {
    let ledger = shared().ledger("answers");
    let folder = tempfile::tempdir().unwrap();
    let (first, second, answers) = (
        folder.path().join("first.csv"),
        folder.path().join("second.csv"),
        folder.path().join("answers.toml"),
    );
    let header = "Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Date of Contact,Contact Source\n";
    let contact = |day: &str| format!("{header}1,Male,WBRI,2015-02-01,,{day},6\n");
    std::fs::write(&first, contact("2024-04-15")).unwrap();
    std::fs::write(&second, contact("2024-05-20")).unwrap();
    let import = |file: &PathBuf, day: &str, answer: &str| {
        std::fs::write(&answers, answer).unwrap();
        let decide = answers.to_str().unwrap().to_owned();
        ledger.import(file, &["--authority", "999", "--partial", "--as-at", day, "--decide", &decide])
    };
    let ran = import(&first, "2024-06-01", "\"nowhere\" = \"same\"\n").ended(USAGE);
    assert!(ran.err.contains("nowhere") && ran.err.contains("asks nothing"), "{}", ran.err);
    ledger.run(&["doctor"]).ended(NOT_FOUND);
    import(&first, "2024-06-01", "").ended(DONE);
    let ran = import(&second, "2024-06-15", "\"nowhere\" = \"same\"\n").ended(USAGE);
    for part in ["answers.toml", "\"nowhere\"", "contact_received of 2024-05-20", "\"same\" or \"different\""]
    {
        assert!(ran.err.contains(part), "{part:?} is not in: {}", ran.err);
    }
    let question = ran.err.lines().find(|line| line.contains("is contact_received of 2024-05-20")).unwrap();
    let id = question.split('"').nth(1).unwrap();
    let ran = import(&second, "2024-06-15", &format!("\"{id}\" = \"maybe\"\n")).ended(USAGE);
    assert!(ran.err.contains("maybe") && ran.err.contains("\"different\""), "{}", ran.err);
    let answer = format!("\"{id}\" = \"different\"\n");
    let ran = import(&second, "2024-06-15", &answer).ended(DONE);
    assert_eq!(ran.note("records_withdrawn_by_absence"), 1);
    let withdrawn = ran.note("withdrawn").to_string();
    assert!(withdrawn.contains("of 2024-04-15") && withdrawn.contains("list_1, row 2"), "{withdrawn}");
    // The same file with the same answers again adds nothing.
    let ran = import(&second, "2024-06-15", &answer).ended(DONE);
    assert_eq!(ran.note("events_recorded"), 0);
}

#[test]
fn every_command_of_the_help_has_its_mistakes_here() {
    let help = Ran::new(&["--help"]).ended(DONE).out;
    let list = help.split("Commands:").nth(1).and_then(|rest| rest.split("Options:").next()).unwrap();
    let commands: BTreeSet<&str> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() > 20, "{commands:?}");
    let lines = APART.iter().chain(ON_LEDGER).map(|(line, ..)| *line).chain(WITHOUT_LEDGER.iter().copied());
    let tried: BTreeSet<&str> = lines.flat_map(|line| line.split(' ')).collect();
    let forgotten: Vec<_> = commands.difference(&tried).collect();
    assert!(forgotten.is_empty(), "no mistake is tried for {forgotten:?}");
}

#[test]
fn a_database_that_cannot_be_reached_is_named_without_its_password() {
    let ran = |url: &str| {
        let mut command = Command::new(program());
        command.arg("--data").arg(shared().file("unreachable")).arg("doctor");
        Ran::of(command.env("CASELEDGER_DATABASE_URL", url))
    };
    let away = ran("postgresql://somebody:hushhush@127.0.0.1:1/records").ended(FAULT);
    for part in [
        "127.0.0.1",
        "port 1",
        "records",
        "somebody",
        "CASELEDGER_DATABASE_URL",
        "check that the server runs",
    ] {
        assert!(away.err.contains(part), "{part:?} is not in: {}", away.err);
    }
    assert!(!away.err.contains("hushhush"), "{}", away.err);
    let invalid = ran("postgresql//nonsense hushhush").ended(USAGE);
    assert!(
        invalid.err.contains("CASELEDGER_DATABASE_URL") && invalid.err.contains("postgresql://"),
        "{}",
        invalid.err
    );
    assert!(!invalid.err.contains("hushhush"), "{}", invalid.err);
}

#[test]
fn the_variable_that_names_a_database_is_in_the_help_and_another_one_is_not_taken_for_it() {
    let help = Ran::new(&["--help"]).ended(DONE).out;
    assert!(help.contains("CASELEDGER_DATABASE_URL"), "{help}");
    let mut command = shared().ledger("nowhere").command();
    let ran =
        Ran::of(command.arg("doctor").env("DATABASE_URL", "postgresql://u@127.0.0.1:1/x")).ended(NOT_FOUND);
    assert!(ran.err.contains("DATABASE_URL is ignored"), "{}", ran.err);
    assert!(ran.err.contains("set CASELEDGER_DATABASE_URL"), "{}", ran.err);
}

/// In a data folder of its own: whoever serves holds the folder, and other tests serve as well.
#[test]
fn a_server_that_cannot_start_says_what_stands_in_its_way() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("served");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let serve = |more: &[&str], code: i32, said: &[&str]| {
        let ran = ledger.run(&[&["serve"], more].concat()).ended(code);
        for part in said {
            assert!(ran.err.contains(part), "serve {more:?}: {part:?} is not in: {}", ran.err);
        }
    };
    serve(&[], NOT_FOUND, &["\"served\"", "--ledger"]);
    ledger.run(&["init", "--authority", "INV"]).ended(DONE);
    serve(&["--witnesses", "/nowhere/policy"], DATA, &["/nowhere/policy", "check its name"]);
    serve(&["--listen", &address], FAULT, &[&address, "--listen", "in use"]);
}

#[test]
fn a_server_that_others_can_reach_says_that_there_is_no_sign_in() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("open");
    ledger.run(&["init", "--authority", "INV"]).ended(DONE);
    let refused = ledger.run(&["serve", "--listen", "0.0.0.0:0"]).ended(USAGE);
    assert!(
        refused.err.contains("no sign-in") && refused.err.contains("--without-sign-in"),
        "{}",
        refused.err
    );
    let open_to_all: &[&str] = &["--without-sign-in"];
    for (listen, more, warned) in [("0.0.0.0:0", open_to_all, true), ("127.0.0.1:0", &[], false)] {
        let mut command = ledger.command();
        command.args(["serve", "--listen", listen]).args(more);
        let mut server = command.stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(server.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut told = Vec::new();
        for line in said {
            let begun = line.starts_with("ledger ");
            told.push(line);
            if begun {
                rustix::process::kill_process(Pid::from_child(&server), Signal::TERM).unwrap();
            }
        }
        assert!(server.wait().unwrap().success(), "{told:?}");
        assert_eq!(told.iter().any(|line| line.contains("no sign-in")), warned, "{listen}: {told:?}");
    }
}

/// What a command writes to is closed before it begins.
fn with_nobody_listening(mut command: Command, talk_too: bool) -> i32 {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    command.stdin(Stdio::null());
    if talk_too {
        command.stderr(writer.try_clone().unwrap());
    } else {
        command.stderr(Stdio::piped());
    }
    let output = command.stdout(writer).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    for word in ["panicked", "Broken pipe", "caseledger:"] {
        assert!(!said.contains(word), "{command:?}: {said}");
    }
    output.status.code().unwrap_or(-1)
}

#[test]
fn a_reader_that_goes_away_ends_a_command_quietly() {
    let (ledger, folder) = filled("pipes");
    ledger.run(&["roster"]).ended(DONE);
    for line in [
        "kinds",
        "kinds contact_received",
        "rules",
        "rules show CP-04",
        "synth --children 3",
        "deadline CP-04 --start 2024-01-01",
    ] {
        let mut command = Command::new(program());
        command.args(line.split(' '));
        assert_eq!(with_nobody_listening(command, false), DONE, "{line}");
    }
    for line in [
        "export events",
        "export log",
        "indicators",
        "indicators --tallies --format csv",
        "due --format json",
        "replay INV-000001",
        "clocks INV-000001 --explain",
        "bundle INV-000001",
        "checkpoint",
        "doctor",
        "verify",
        "officer list",
    ] {
        for talk_too in [false, true] {
            let mut command = ledger.command();
            command.args(parts(line, &folder));
            assert_eq!(with_nobody_listening(command, talk_too), DONE, "{line}");
        }
    }
    // The code of an answer stays, whether or not somebody reads it.
    let mut command = ledger.command();
    command.args(["verify", "--log-key", "nonsense"]).stderr(Stdio::null());
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    assert_eq!(command.stdout(writer).status().unwrap().code(), Some(USAGE));
}

#[test]
fn a_full_disk_behind_standard_output_is_said() {
    for line in ["kinds", "synth --children 3"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(program());
        let output = command.args(line.split(' ')).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(FAULT), "{line}: {said}");
        assert!(said.contains("standard output"), "{line}: {said}");
    }
}

#[test]
fn a_check_of_events_says_what_would_be_new() {
    let (ledger, folder) = filled("checked");
    let events = folder.join("events.jsonl");
    let lines = std::fs::read_to_string(&events).unwrap();
    let all = u64::try_from(lines.lines().count()).unwrap() - 1;
    let counts = |ledger: &TestLedger| {
        let report = ledger.import(&events, &["--check"]).ended(DONE);
        assert_eq!(report.note("check"), "nothing was written");
        let row = report.rows().remove(0);
        ["events", "new", "already_known"].map(|column| row[column].as_u64().unwrap())
    };
    assert_eq!(counts(&ledger), [all, 0, all]);
    assert_eq!(counts(&shared().ledger("unmade")), [all, all, 0]);
    shared().ledger("unmade").run(&["doctor"]).ended(NOT_FOUND);
    let half = folder.join("half.jsonl");
    let kept: Vec<&str> = lines.lines().take(21).collect();
    std::fs::write(&half, kept.join("\n") + "\n").unwrap();
    let partly = shared().ledger("partly");
    partly.import(&half, &[]).ended(DONE);
    assert_eq!(counts(&partly), [all, all - 20, 20]);
}
