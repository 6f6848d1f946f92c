//! After a disposal nothing of the record is left in the database's files, its log or a dump, and before it it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use caseledger_tests::data_folder::{DataFolder, TestLedger, shared};
use caseledger_tests::events::{EventFile, Line, entity, id};
use caseledger_tests::program::Ran;
use serde_json::json;

use crate::outside::{both_accept, outsider};

/// Codes in the facts of two invented children, found nowhere else.
const GONE: &str = "CANARY-gone-5f1c9a";
const KEPT: &str = "CANARY-kept-77e2d4";
const BACKUPS_UNTIL: &str = "2027-02-28";

pub(crate) fn two_invented_children() -> EventFile {
    let child = |file: EventFile, number: u64, canary: &str| {
        let sealed =
            json!({ "la_child_id": format!("INV-{number}"), "name": format!("Invented Child {number}") });
        let registered = Line::new(number * 100, number, "child_registered", "2024-03-04")
            .with(json!({ "date_of_birth": "2013-07-09" }))
            .sealed(sealed.clone());
        let referral = Line::new(number * 100 + 1, number, "referral_received", "2024-03-05")
            .about(&[("referral", number * 10)])
            .with(json!({ "primary_need": canary }))
            .sealed(sealed);
        file.event(&registered).event(&referral)
    };
    child(child(EventFile::new(), 1, GONE), 2, KEPT)
}

/// Every file below a folder whose bytes hold the needle.
fn files_with(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        if about.is_dir() {
            found.extend(files_with(&path, needle));
        } else if about.is_file() {
            // A file of the running server may go between the listing and the reading.
            let Ok(bytes) = fs::read(&path) else { continue };
            if holds(&bytes, needle) {
                found.push(path);
            }
        }
    }
    found
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first).map(|(at, _)| at);
    starts.into_iter().any(|at| bytes[at..].starts_with(needle))
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn files_of(folder: &DataFolder) -> PathBuf {
    folder.data().join("postgres")
}

/// The whole database as somebody would back it up with PostgreSQL's own program.
fn dump(ledger: &TestLedger) -> Vec<u8> {
    let config = ledger.database("postgres");
    let Some(tokio_postgres::config::Host::Unix(socket)) = config.get_hosts().first() else {
        panic!("a socket")
    };
    let programs = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = programs.map(|entry| entry.path().join("bin/pg_dump")).filter(|path| path.exists()).max();
    let mut dump = Command::new(newest.unwrap_or_else(|| "pg_dump".into()));
    dump.arg("--host").arg(socket).args(["--username", "postgres", config.get_dbname().unwrap()]);
    let output = dump.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Two officers of the invented authority, registered.
pub(crate) fn officers(folder: &DataFolder, ledger: &TestLedger) -> [PathBuf; 2] {
    ["caldicott-guardian.INV", "head-of-service.INV"].map(|name| {
        let file = folder.file(&format!("{name}.key"));
        let made = ledger.run(&["officer", "keygen", name, "--out", path(&file)]).ended(0);
        ledger.run(&["officer", "register", made.out.trim()]).ended(0);
        file
    })
}

pub(crate) fn sign(ledger: &TestLedger, request: &Path, key: &Path) -> Ran {
    ledger.run(&["officer", "sign", path(request), "--key", path(key)])
}

#[test]
fn one_sealed_field_is_shown_and_checked_without_the_ledger() {
    let folder = shared();
    let ledger = folder.ledger("disclosure");
    let file = folder.write("disclosure.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    let event = id(100).to_string();
    let bundle = folder.file("disclosure.bundle");
    let disclose = |child: &str, field: &str| {
        ledger.run(&["disclose", child, &event, "--field", field, "--out", path(&bundle)])
    };
    disclose("INV-1", "address").ended(6);
    disclose("INV-2", "name").ended(6);
    disclose("INV-1", "name").ended(0);
    let text = fs::read_to_string(&bundle).unwrap();
    assert!(text.contains("Invented Child 1") && !text.contains("INV-1"), "{text}");
    both_accept(&bundle, "");
    fs::write(&bundle, text.replace("Invented Child 1", "Invented Child 2")).unwrap();
    ledger.run(&["verify", path(&bundle)]).ended(10);
    outsider(&bundle, &[]).ended(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_disposed_record_is_left_in_files_log_or_dump() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("disposal");
    let file = folder.write("children.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    fs::remove_file(&file).unwrap();
    let stream = entity(1).to_string();
    let keys = officers(&folder, &ledger);
    let request = folder.file("disposal.request");
    let prepare = ["dispose", "INV-1", "--rule", "CIN-18-3", "--prepare", path(&request)];
    ledger.run(&prepare).ended(0);
    ledger.run(&prepare).ended(2);

    // What the row holds that must go: the facts, the ciphertext, the salt.
    let row = format!(
        "SELECT encode(sealed, 'hex') AS sealed, encode(salt, 'hex') AS salt FROM caseledger.events \
         WHERE stream = '{stream}' ORDER BY revision LIMIT 1"
    );
    let row = ledger.rows(&row).await.remove(0);
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let sealed = bytes(row["sealed"].as_str().unwrap());
    let needles = [
        ("facts", GONE.as_bytes().to_vec()),
        ("sealed", sealed[sealed.len() - 32..].to_vec()),
        ("salt", bytes(row["salt"].as_str().unwrap())),
    ];
    ledger.connect("postgres").await.batch_execute("CHECKPOINT").await.unwrap();
    for (what, needle) in &needles {
        assert!(
            !files_with(&files_of(&folder), needle).is_empty(),
            "{what}: a search that finds nothing shows nothing"
        );
    }
    assert!(holds(&dump(&ledger), GONE.as_bytes()));

    // One officer twice, and one alone, are not two.
    sign(&ledger, &request, &keys[0]).ended(0);
    let twice = sign(&ledger, &request, &keys[0]).ended(4);
    assert!(twice.message().contains("signed it already"), "{}", twice.err);
    let alone = ledger.run(&["dispose", "--request", path(&request)]).ended(4);
    assert!(alone.message().contains("1 of 2 officers signed"), "{}", alone.err);
    sign(&ledger, &request, &keys[1]).ended(0);

    // A legal hold stands against it until two officers lift it.
    ledger.run(&["hold", "place", "INV-1", "--reason", "inquiry"]).ended(0);
    let held = ledger.run(&["dispose", "--request", path(&request)]).ended(4);
    assert!(held.message().contains("under legal hold"), "{}", held.err);
    let holds_listed = ledger.run(&["hold", "list"]).ended(0).out;
    let hold = holds_listed.split('│').nth(1).unwrap_or(&holds_listed).to_owned();
    let hold = uuid_in(&hold).unwrap_or_else(|| uuid_in(&holds_listed).expect("the hold's event"));
    let lift = folder.file("lift.request");
    ledger.run(&["hold", "lift", &hold, "--prepare", path(&lift)]).ended(0);
    for key in &keys {
        sign(&ledger, &lift, key).ended(0);
    }
    ledger.run(&["hold", "lift", "--request", path(&lift)]).ended(0);
    ledger.run(&["hold", "lift", "--request", path(&lift)]).ended(4);

    // The rows are empty, and the files still hold what was in them: that is why there is a rewrite.
    ledger.run(&["dispose", "--request", path(&request)]).ended(0);
    assert!(!holds(&dump(&ledger), GONE.as_bytes()));
    for (what, needle) in &needles {
        assert!(
            !files_with(&files_of(&folder), needle).is_empty(),
            "{what} is still there before the rewrite"
        );
    }
    let concluded = ledger
        .run(&["dispose", "--request", path(&request), "--rewrite", "--backups-until", BACKUPS_UNTIL])
        .ended(0);
    assert!(concluded.err.contains("the write-ahead log begins after them"), "{}", concluded.err);
    for (what, needle) in &needles {
        assert_eq!(files_with(&files_of(&folder), needle), Vec::<PathBuf>::new(), "{what}");
    }
    let whole = dump(&ledger);
    assert!(!holds(&whole, GONE.as_bytes()) && holds(&whole, KEPT.as_bytes()));

    // What is left says so, and nothing else is touched.
    let journey = ledger.ask(&["replay", &stream]);
    assert_eq!(journey.rows().len(), 0);
    assert_eq!(journey.note("disposed"), json!(["2 events, under rule CIN-18-3"]));
    ledger.run(&["replay", "INV-1"]).ended(6);
    assert_eq!(ledger.ask(&["replay", "INV-2"]).rows().len(), 2);
    let held: Vec<String> = ledger
        .rows("SELECT stream::text FROM projection.child")
        .await
        .iter()
        .map(|row| row["stream"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(held, [entity(2).to_string()]);
    ledger.run(&["doctor"]).ended(0);
    let again = folder.file("again.request");
    let prepare = ["dispose", &entity(1).to_string(), "--rule", "CIN-18-3", "--prepare", path(&again)];
    let told = ledger.run(&prepare).ended(4);
    assert!(told.message().contains("was disposed of under rule CIN-18-3"), "{}", told.err);
    assert!(!again.exists());
    ledger.run(&["keys", "rotate-master"]).ended(0);
    ledger.run(&["keys", "check"]).ended(0);
    assert_eq!(ledger.ask(&["replay", "INV-2"]).rows().len(), 2);

    // Who checks the ledger finds the empty rows, and that two officers signed for them.
    let checked = ledger.run(&["verify", "--format", "json"]).ended(0);
    assert_eq!((checked.note("result"), checked.note("disposed")), (json!("clean"), json!(2)));
    let exported = folder.file("disposed-log.jsonl");
    ledger.run(&["export", "log", "--out", path(&exported)]).ended(0);
    both_accept(&exported, "");
    ledger.run(&["roster"]).ended(0);
    let bundle = folder.file("disposed.bundle");
    ledger.run(&["bundle", &stream, "--out", path(&bundle)]).ended(0);
    both_accept(&bundle, "complete up to position");
}

fn uuid_in(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '-';
    let words = text.split(|c: char| !is_part(c));
    words.filter(|word| word.len() == 36).map(str::to_owned).next()
}
