//! Bad input: one clear message that names the place, the documented exit code, and a ledger as before.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::process::Command;

use caseledger_tests::annex_a::AnnexA;
use caseledger_tests::data_folder::{TestLedger, new_folder, shared};
use caseledger_tests::events::{EventFile, Line, entity};
use caseledger_tests::program::{Ran, fixture, program};
use serde_json::{Value, json};

const DATA_PROBLEM: i32 = 3;

/// What the ledger and its read models hold, to the row.
async fn holdings(ledger: &TestLedger) -> Vec<Value> {
    let events = "SELECT position, event_id, facts::text FROM caseledger.events ORDER BY position";
    let mut held = ledger.rows(events).await;
    for table in
        ["caseledger.heads", "caseledger.commands", "caseledger.identifier_index", "projection.clock"]
    {
        held.extend(ledger.rows(&format!("SELECT '{table}' AS of, count(*) AS n FROM {table}")).await);
    }
    held
}

/// A ledger that holds something already.
fn filled(name: &str) -> TestLedger {
    let ledger = shared().ledger(name);
    ledger.import(&fixture("cin-census/liia_cin-2022.xml"), &[]).ended(0);
    ledger
}

/// What the program says: exactly one message, which is no more than a paragraph.
fn only_message(ran: &Ran) -> String {
    let messages = ran.err.lines().filter(|line| line.starts_with("caseledger:")).count();
    assert_eq!(messages, 1, "one message: {}", ran.err);
    let message = ran.message();
    assert!(!message.contains("panicked"), "{message}");
    assert!(message.len() < 600, "{message}");
    message
}

/// A file, what it is called, and what the message must say.
type Refused = (&'static str, Vec<u8>, Vec<String>);

/// A line of the table.
fn refused(name: &'static str, bytes: impl Into<Vec<u8>>, said: &[&str]) -> Refused {
    (name, bytes.into(), said.iter().map(|part| (*part).to_owned()).collect())
}

async fn refuse_all(ledger: &TestLedger, table: Vec<Refused>) {
    let before = holdings(ledger).await;
    for (name, bytes, said) in table {
        let file = shared().write(name, bytes);
        for check in [&["--as-at", "2024-03-31"][..], &["--as-at", "2024-03-31", "--check"][..]] {
            let ran = ledger.import(&file, check).ended(DATA_PROBLEM);
            let message = only_message(&ran);
            assert!(message.contains(name), "the message names the file {name}: {message}");
            for part in &said {
                assert!(message.contains(part), "{name}: {part:?} is not in: {message}");
            }
        }
        assert_eq!(holdings(ledger).await, before, "{name} left something behind");
    }
}

#[tokio::test]
async fn a_workbook_that_cannot_be_read_is_refused_whole() {
    let ledger = filled("bad_workbooks");
    let row = [("Child Unique ID", "E2E-9"), ("Gender", "Female"), ("Date of Birth", "2015-01-01")];
    let book = AnnexA::empty().row("8", &row);
    let mut half = book.bytes();
    half.truncate(half.len() / 2);
    let table: Vec<Refused> = vec![
        refused("empty.xlsx", Vec::new(), &["empty"]),
        refused("blank.xlsx", b"  \n \t ".to_vec(), &["empty"]),
        refused("no-workbook.xlsx", b"PK\x03\x04 and nothing more".to_vec(), &["zip", "damaged"]),
        refused("half.xlsx", half, &["zip"]),
        refused("older.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more".to_vec(), &[".xls"]),
        refused("table.csv", b"Child,Date\n1,2024-01-01\n".to_vec(), &["recognise"]),
        refused("missing-list.xlsx", book.clone().without("7").bytes(), &["7 (Child protection plans)"]),
        refused(
            "renamed-header.xlsx",
            book.clone().renamed("8", "Ethnicity", "Origin").bytes(),
            &["\"List 8\"", "cell C1", "\"Origin\"", "\"Ethnicity\""],
        ),
        refused(
            "double-header.xlsx",
            book.clone().doubled("8", "Gender").bytes(),
            &["\"List 8\"", "Gender", "B1"],
        ),
        refused("inflates.xlsx", inflating(), &["-fold"]),
    ];
    refuse_all(&ledger, table).await;
}

/// A zip file whose one part inflates a thousandfold.
fn inflating() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..64 {
        writer.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20, "the file itself is small");
    bytes
}

#[tokio::test]
async fn a_census_that_cannot_be_read_is_refused_whole() {
    let ledger = filled("bad_census");
    let whole = std::fs::read(fixture("cin-census/CIN_Census_2024.xml")).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    let cut = whole[..whole.len() / 2].to_vec();
    let line = format!("line {}", String::from_utf8_lossy(&cut).lines().count());
    let mut latin = whole.clone();
    let at = text.find("<LAchildID>").unwrap() + "<LAchildID>".len();
    latin[at] = 0xe9;
    let bomb = "<!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let bomb = text.replacen("<Message>", &format!("{bomb}<Message>"), 1);
    let crossed = text.replacen("</LAchildID>", "</UPN>", 1);
    let byte = format!("byte {at}");
    let table: Vec<Refused> = vec![
        refused("cut.xml", cut, &[&line, "/Message"]),
        refused("bomb.xml", bomb.into_bytes(), &["DOCTYPE"]),
        refused("latin.xml", latin, &[&byte, "UTF-8"]),
        refused("crossed.xml", crossed.into_bytes(), &["line"]),
        refused("other-root.xml", b"<html></html>".to_vec(), &["recognise"]),
    ];
    refuse_all(&ledger, table).await;
}

#[tokio::test]
async fn a_line_of_events_that_cannot_be_read_is_named_and_the_other_commands_are_recorded() {
    let ledger = filled("bad_lines");
    let good = |number: u64| {
        Line::new(number, number, "child_registered", "2024-01-02")
            .with(json!({ "date_of_birth": "2015-01-01" }))
            .sealed(json!({ "la_child_id": format!("E2E-L{number}") }))
    };
    let spoiled = |change: &dyn Fn(&mut Value)| {
        let mut line = good(7_002).json();
        change(&mut line);
        EventFile::new().event(&good(7_001)).line(line).event(&good(7_003)).text()
    };
    let whole = spoiled(&|_| {});
    let doubled = whole.replacen("\"schema\":1", "\"schema\":1,\"schema\":1", 1);
    let twice_in_facts =
        whole.replacen("\"date_of_birth\":", "\"date_of_birth\":\"2015-01-01\",\"date_of_birth\":", 1);
    let mut latin = whole.clone().into_bytes();
    let at = whole.rfind("E2E-L7003").unwrap();
    latin[at] = 0xff;
    let cut = whole[..whole.len() - 40].to_owned();
    let set = |name: &'static str, value: Value| spoiled(&move |line| line[name] = value.clone());
    let table: Vec<Refused> = vec![
        refused("double-key.jsonl", doubled.into_bytes(), &["line 2", "schema"]),
        refused("double-fact.jsonl", twice_in_facts.into_bytes(), &["line 2"]),
        refused(
            "unknown-kind.jsonl",
            set("kind", json!("child_teleported")).into_bytes(),
            &["line 3", "child_teleported"],
        ),
        refused("unknown-version.jsonl", set("schema", json!(99)).into_bytes(), &["line 3", "99"]),
        refused(
            "category.jsonl",
            set("category", json!("worker")).into_bytes(),
            &["line 3", "worker", "child"],
        ),
        refused(
            "genesis.jsonl",
            set("kind", json!("ledger_opened")).into_bytes(),
            &["line 3", "ledger_opened"],
        ),
        refused("impossible.jsonl", set("occurred", json!("2024-02-31")).into_bytes(), &["line 3"]),
        refused("unknown-field.jsonl", set("hue", json!("red")).into_bytes(), &["line 3", "hue"]),
        refused(
            "narrative.jsonl",
            set("facts", json!({ "details": { "story": "x" } })).into_bytes(),
            &["line 3", "story"],
        ),
        refused("latin.jsonl", latin, &["line 4", "UTF-8"]),
        refused("cut.jsonl", cut.into_bytes(), &["line 4"]),
        refused(
            "newer.jsonl",
            whole.replacen("\"version\":1", "\"version\":2", 1).into_bytes(),
            &["line 1", "version 2"],
        ),
        refused("header.jsonl", b"{\"format\":\"other\"}\n".to_vec(), &["line 1"]),
    ];
    refuse_lines(&ledger, table).await;
    // The file without the spoiled line is fine, also with empty lines in it.
    let with_empty_lines = whole.replace('\n', "\n\n");
    ledger.import(&shared().write("good.jsonl", with_empty_lines), &["--another-authority"]).ended(0);
}

/// Each bad line is told with its number, in the report or, where it is the header, as the message; the commands
/// without one are recorded.
async fn refuse_lines(ledger: &TestLedger, table: Vec<Refused>) {
    let before = holdings(ledger).await.len();
    for (name, bytes, said) in table {
        let file = shared().write(name, bytes);
        for check in [&["--another-authority"][..], &["--check", "--another-authority"][..]] {
            let ran = ledger.import(&file, check).ended(DATA_PROBLEM);
            let told = if ran.err.contains("caseledger:") {
                let message = only_message(&ran);
                assert!(message.contains(name), "the message names the file {name}: {message}");
                message
            } else {
                assert!(ran.rows()[0]["refused"].as_u64().unwrap() > 0, "{name}");
                ran.note("refused").to_string()
            };
            for part in &said {
                assert!(told.contains(part), "{name}: {part:?} is not in: {told}");
            }
        }
    }
    assert!(holdings(ledger).await.len() > before, "good commands are recorded");
}

#[test]
fn an_id_that_stands_for_another_event_is_named_by_its_line_and_the_rest_is_recorded() {
    let ledger = shared().ledger("reused_ids");
    let born = |number: u64, day: &str, command: u64| {
        let line = Line::new(number, number, "child_registered", "2024-01-02");
        let mut line = line.with(json!({ "date_of_birth": day })).json();
        line["command_id"] = json!(entity(command));
        line
    };
    let file = |name: &str, lines: Vec<Value>| {
        let text = lines.into_iter().fold(EventFile::new(), EventFile::line).text();
        shared().write(name, format!("\u{feff}{text}"))
    };
    let counts = |ran: &Ran| {
        let row = &ran.rows()[0];
        ["new", "already_known", "refused"].map(|column| row[column].as_u64().unwrap())
    };
    // A byte order mark hides nothing.
    let first = file("first.jsonl", vec![born(8_001, "2015-01-01", 1), born(8_002, "2015-01-01", 2)]);
    assert_eq!(counts(&ledger.import(&first, &[]).ended(0)), [2, 0, 0]);
    let lines = vec![
        born(8_001, "2016-06-06", 11), // other than what is recorded
        born(8_003, "2015-01-01", 12),
        born(8_003, "2015-01-01", 13), // the same again
        born(8_003, "2016-06-06", 14), // other than line 3
        born(8_004, "2015-01-01", 15),
        born(8_002, "2016-06-06", 15), // takes line 6 with it
        born(8_005, "2015-01-01", 16),
    ];
    let second = file("second.jsonl", lines);
    let checked = ledger.import(&second, &["--check"]).ended(DATA_PROBLEM);
    assert_eq!(checked.rows()[0]["refused"], json!(4));
    let ran = ledger.import(&second, &[]).ended(DATA_PROBLEM);
    assert_eq!(counts(&ran), [2, 1, 4]);
    let told = ran.note("refused");
    let told: Vec<&str> = told.as_array().unwrap().iter().map(|said| said.as_str().unwrap()).collect();
    assert!(told[0].starts_with("line 2: event id ") && told[0].contains("in the ledger"), "{told:?}");
    assert!(told[1].starts_with("line 5: event id ") && told[1].contains("on line 3"), "{told:?}");
    assert!(told[2].starts_with("line 7: ") && told[2].contains("lines 6 to 7"), "{told:?}");
    assert_eq!(counts(&ledger.import(&second, &[]).ended(DATA_PROBLEM)), [0, 3, 4]);
}

#[test]
fn a_date_as_text_or_number_is_read_and_an_impossible_one_refuses_its_row_alone() {
    let ledger = shared().ledger("bad_dates");
    let table = [
        ("16/09/2023", None),
        ("2023-09-16", None),
        ("#45185", None),
        ("31/02/2023", Some("no such day")),
        ("09/16/2023", Some("no such day")),
        ("16/09/23", Some("two digits")),
        ("soon", Some("not a date")),
        ("#-5", Some("not the number of a day")),
    ];
    let mut book = AnnexA::empty();
    for (index, (day, _)) in (0..).zip(table) {
        let id = format!("E2E-D{index}");
        book = book.row("1", &[("Child Unique ID", id.as_str()), ("Date of Contact", day)]);
    }
    // The same row again is the same contact.
    book = book.row("1", &[("Child Unique ID", "E2E-D0"), ("Date of Contact", "2023-09-16")]);
    let file = shared().write("dates.xlsx", book.bytes());
    let report = ledger.import(&file, &["--authority", "201", "--as-at", "2023-09-30"]).ended(DATA_PROBLEM);
    let row = report.rows().into_iter().find(|row| row["list"] == "1").unwrap();
    let counts = ["rows", "new", "already_known", "disputed", "undecided", "refused"]
        .map(|column| row[column].as_u64().unwrap());
    assert_eq!(counts, [9, 3, 1, 0, 0, 5]);
    let refused = report.note("refused");
    let refused: Vec<&str> = refused.as_array().unwrap().iter().map(|said| said.as_str().unwrap()).collect();
    for (index, (day, reason)) in (2..).zip(table) {
        let cell = format!("List 1!F{index}");
        let said = refused.iter().find(|said| said.contains(&cell));
        match reason {
            Some(reason) => {
                let said = said.unwrap_or_else(|| panic!("{cell} is not refused: {refused:?}"));
                assert!(said.contains(reason) && said.contains("Date of Contact"), "{said}");
                assert!(said.contains(day.trim_start_matches('#')), "the value stands in the report: {said}");
            }
            None => assert_eq!(said, None, "{day}"),
        }
    }
}

#[test]
fn what_is_asked_wrongly_has_its_own_exit_code_and_way_out() {
    let ledger = filled("codes");
    let folder = shared().data();
    let data = folder.to_str().unwrap();
    let on = |arguments: &[&str]| {
        let named = arguments.contains(&"--ledger");
        let ledger: &[&str] = if named { &[] } else { &["--ledger", "codes"] };
        Ran::new(&[&["--data", data], ledger, arguments].concat())
    };
    let sample = fixture("annex-a/Annex_A.xlsx");
    let sample = sample.to_str().unwrap();
    let aliases = shared().write("broken.toml", b"[lists.1]\nreceived_on = [\n");
    let aliases = aliases.to_str().unwrap();
    let header = |authority: &str| {
        format!(
            "{{\"format\":\"caseledger-events\",\"version\":1,\"authority\":\"{authority}\",\"invented\":true}}\n"
        )
    };
    let joined = shared().write("joined.jsonl", header("201") + &header("888"));
    let joined = joined.to_str().unwrap();
    let table: Vec<(Vec<&str>, i32, &str)> = vec![
        (vec!["import", sample, "--aliases", aliases], 3, "broken.toml: read the aliases: line"),
        (vec!["import", sample, "--as-at", "2078-01-01"], 3, "2078-01-01 lies in the future"),
        (vec!["import", joined], 3, "line 2: a second header, of authority 888"),
        (vec!["replay", "NOBODY"], 6, "no child"),
        (vec!["clocks", "00000000-0000-4000-8000-000000000000"], 6, "no child"),
        (vec!["--ledger", "not_there", "indicators"], 6, "no ledger"),
        (vec!["init", "--authority", "201"], 4, "there already"),
        (vec!["init", "--authority", "two hundred"], 2, "authority"),
        (vec!["--ledger", "not_there", "import", sample], 2, "--authority"),
        (vec!["import", "/nowhere/file.xlsx"], 3, "/nowhere/file.xlsx"),
        (vec!["indicators", "--from", "2024-02-01", "--to", "2024-01-01"], 2, "2024-01-01"),
        (vec!["deadline", "CP-99", "--start", "2024-01-01"], 2, "CP-99"),
        (vec!["deadline", "CP-04", "--start", "31/01/2024"], 2, "31/01/2024"),
        (vec!["rules", "CP-99"], 6, "CP-99"),
    ];
    for (arguments, code, said) in table {
        let ran = on(&arguments);
        assert_eq!(ran.code, code, "{}: {}", ran.line, ran.err);
        let message = only_message(&ran);
        assert!(message.contains(said), "{}: {message}", ran.line);
    }
    // What the command line itself refuses is said by its own parser.
    for arguments in
        [&["replay"][..], &["replay", "X", "--basis", "hearsay"], &["fly"], &["--ledger", "Ü", "doctor"]]
    {
        assert_eq!(on(arguments).code, 2, "{arguments:?}");
    }
    assert_eq!(ledger.run(&["--help"]).code, 0);
    assert_eq!(ledger.run(&["--version"]).code, 0);
}

/// A file system of a few megabytes, unmounted at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(size: &str) -> Result<SmallDisk, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("only root may mount a small file system".to_owned());
        }
        let folder = new_folder("caseledger-full");
        let options = format!("size={size},mode=0755");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&folder).output();
        match mounted {
            Ok(done) if done.status.success() => Ok(SmallDisk(folder)),
            Ok(failed) => Err(String::from_utf8_lossy(&failed.stderr).trim().to_owned()),
            Err(fault) => Err(format!("mount: {fault}")),
        }
    }

    fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }

    fn used_kib(&self) -> u64 {
        let told = Command::new("df").args(["-k", "--output=used"]).arg(&self.0).output().unwrap();
        String::from_utf8_lossy(&told.stdout).lines().nth(1).unwrap().trim().parse().unwrap()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The server may still be leaving it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[test]
fn a_disk_that_fills_leaves_whole_chunks_and_the_same_command_goes_on() {
    let disk = match SmallDisk::mount("512m") {
        Ok(disk) => disk,
        Err(reason) => return println!("not tested here: {reason}"),
    };
    let data = disk.0.join("data");
    let run = |arguments: &[&str]| Ran::of(Command::new(program()).arg("--data").arg(&data).args(arguments));
    run(&["init", "--authority", "INV"]).ended(0);
    let file = shared().file("fills.jsonl");
    let file = file.to_str().unwrap();
    let children = ["--children", "700", "--years", "4", "--seed", "31", "--until", "2025-06-30"];
    Ran::new(&[&["synth", "--out", file][..], &children].concat()).ended(0);
    let events = std::fs::read_to_string(file).unwrap().lines().count() - 1;

    disk.resize(&format!("{}k", disk.used_kib() + 12 * 1024));
    let full = run(&["import", file, "--format", "json"]);
    assert_eq!(full.code, 1, "{} events fit: {}", events, full.err);
    let said = full.message().to_lowercase();
    assert!(said.contains("disk") || said.contains("no space"), "the message names the cause: {}", full.err);

    disk.resize("512m");
    let doctor = run(&["doctor"]).ended(0);
    assert!(!doctor.out.contains("NOT OK"), "{}", doctor.out);
    let again = run(&["import", file, "--format", "json"]).ended(0);
    let count = |column: &str| usize::try_from(again.rows()[0][column].as_u64().unwrap()).unwrap();
    assert_eq!(count("new") + count("already_known"), events);
    assert!(count("new") > 0, "nothing was missing, so the disk was not full");
    let third = run(&["import", file, "--format", "json"]).ended(0);
    assert_eq!(third.rows()[0]["new"], 0);
}
