//! What is backed up is restored, whole, guarded and readable; what is damaged, foreign or older is told apart.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::{Ran, text};
use serde_json::Value;

/// A ledger of invented children.
fn grown(name: &str, children: u32) -> TestLedger {
    let ledger = shared().ledger(name);
    grow(&ledger, name, children, 31);
    ledger
}

fn grow(ledger: &TestLedger, name: &str, children: u32, seed: u32) {
    let file = shared().file(&format!("{name}-{seed}.jsonl"));
    let (children, seed) = (children.to_string(), seed.to_string());
    let synth = ["synth", "--children", &children, "--years", "2", "--seed", &seed, "--until", "2025-06-30"];
    Ran::of(ledger.command().args(synth).arg("--out").arg(&file)).ended(0);
    ledger.import(&file, &[]).ended(0);
}

/// A new backup: the folder of the ledger and the folder of its secrets.
fn backed_up(ledger: &TestLedger, name: &str) -> (PathBuf, PathBuf) {
    let (folder, keys) =
        (shared().file(&format!("{name}.backup")), shared().file(&format!("{name}.secrets")));
    Ran::of(ledger.command().arg("backup").arg(&folder).arg("--keys").arg(&keys)).ended(0);
    (folder, keys)
}

fn restore(to: &TestLedger, folder: &Path, keys: Option<&Path>, more: &[&str]) -> Ran {
    let mut command = to.command();
    command.arg("restore").arg(folder).args(["--format", "json"]).args(more);
    if let Some(keys) = keys {
        command.arg("--keys").arg(keys);
    }
    Ran::of(&mut command)
}

/// Every row of the log, as text.
async fn log(ledger: &TestLedger) -> Vec<Vec<Value>> {
    let mut tables = Vec::new();
    for (table, order) in [
        ("events", "position"),
        ("heads", "base_size"),
        ("commands", "command_id"),
        ("subtrees", "height, index"),
        ("checkpoints", "epoch, tree_size"),
        ("identifier_index", "token, stream"),
    ] {
        tables.push(ledger.rows(&format!("SELECT * FROM caseledger.{table} ORDER BY {order}")).await);
    }
    tables
}

fn exported(ledger: &TestLedger) -> String {
    ledger.run(&["export", "events"]).ended(0).out
}

#[tokio::test]
async fn a_restored_ledger_is_the_same_stays_guarded_and_goes_on() {
    let ledger = grown("backed_up", 12);
    let (folder, keys) = backed_up(&ledger, "backed_up");
    let copy = shared().ledger("restored");
    let report = restore(&copy, &folder, Some(&keys), &[]).ended(0);
    assert_eq!(report.note("size"), log(&ledger).await[0].len());
    assert_eq!(log(&copy).await, log(&ledger).await);
    let opened = exported(&copy);
    assert_eq!(opened, exported(&ledger), "also what was sealed");
    assert!(opened.contains("\"la_child_id\""), "something was sealed");
    for table in ["child", "clock"] {
        let query = format!("SELECT * FROM projection.{table} ORDER BY 1, 2");
        assert_eq!(copy.rows(&query).await, ledger.rows(&query).await, "{table}");
    }
    let owner = copy.connect("postgres").await;
    for change in [
        "SET session_replication_role = replica; UPDATE caseledger.events SET team = 'x'",
        "DELETE FROM caseledger.heads",
        "TRUNCATE caseledger.commands",
    ] {
        let refused = owner.batch_execute(change).await.unwrap_err();
        assert!(refused.as_db_error().unwrap().message().contains("insert-only"), "{change}");
    }
    let appender = copy.connect("caseledger_appender").await;
    appender.batch_execute("UPDATE caseledger.events SET team = 'x'").await.unwrap_err();
    grow(&copy, "restored", 5, 32);
    copy.run(&["doctor"]).ended(0);
    let signed = copy.rows("SELECT max(tree_size) AS size FROM caseledger.checkpoints").await;
    let head = copy.rows("SELECT max(tree_size) AS size FROM caseledger.heads").await;
    assert_eq!(signed, head, "the restored key signs what the restored ledger takes in");
}

#[tokio::test]
async fn a_backup_under_load_is_one_state_of_the_log() {
    let ledger = grown("busy", 5);
    let file = shared().file("busy-more.jsonl");
    let synth = ["synth", "--children", "150", "--years", "3", "--seed", "33", "--until", "2025-06-30"];
    Ran::of(ledger.command().args(synth).arg("--out").arg(&file)).ended(0);
    let mut import = ledger.command();
    import.arg("import").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut import = import.spawn().unwrap();
    let mut sizes = Vec::new();
    for n in 0..4 {
        let name = format!("busy-{n}");
        let (folder, keys) = backed_up(&ledger, &name);
        let copy = shared().ledger(&format!("busy_{n}"));
        let report = restore(&copy, &folder, Some(&keys), &[]).ended(0);
        sizes.push(report.note("size").as_u64().unwrap());
    }
    assert!(import.wait().unwrap().success());
    assert!(sizes.is_sorted(), "{sizes:?}");
    let count = ledger.rows("SELECT count(*) AS size FROM caseledger.events").await;
    assert!(sizes.iter().all(|size| *size <= count[0]["size"].as_u64().unwrap()), "{sizes:?}");
}

#[tokio::test]
async fn damage_that_was_backed_up_is_named_when_it_is_restored() {
    let ledger = grown("damaged_before", 4);
    let owner = ledger.connect("postgres").await;
    let change = "ALTER TABLE caseledger.events DISABLE TRIGGER ALL; \
                  UPDATE caseledger.events SET team = 'another' WHERE position = 40; \
                  ALTER TABLE caseledger.events ENABLE ALWAYS TRIGGER refuse_change; \
                  ALTER TABLE caseledger.events ENABLE ALWAYS TRIGGER only_dispose; \
                  ALTER TABLE caseledger.events ENABLE ALWAYS TRIGGER refuse_truncate";
    owner.batch_execute(change).await.unwrap();
    let (folder, keys) = backed_up(&ledger, "damaged_before");
    let copy = shared().ledger("damaged_after");
    let ran = restore(&copy, &folder, Some(&keys), &[]).ended(10);
    assert!(ran.message().contains("40"), "{}", ran.message());
    let found = copy.run(&["doctor"]).ended(5).out;
    assert!(found.contains("row_changed at position 40"), "{found}");
}

fn copy_of(folder: &Path, name: &str) -> PathBuf {
    let to = shared().file(name);
    let copied = std::process::Command::new("cp").arg("-r").arg(folder).arg(&to).status().unwrap();
    assert!(copied.success());
    for file in ["manifest.json", "ledger.dump"] {
        if to.join(file).exists() {
            fs::set_permissions(to.join(file), fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    to
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn edit_manifest(folder: &Path, from: &str, to: &str) {
    let path = folder.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[tokio::test]
async fn a_backup_that_is_not_whole_or_not_this_one_is_refused_and_leaves_nothing() {
    let ledger = grown("to_damage", 4);
    let (folder, keys) = backed_up(&ledger, "to_damage");
    let other = grown("of_another", 3);
    let (_, other_keys) = backed_up(&other, "of_another");
    let dump = |folder: &Path| folder.join("ledger.dump");
    type Damage<'a> = Box<dyn Fn(&Path) + 'a>;
    let cases: Vec<(&str, Damage<'_>, i32, &str)> = vec![
        (
            "cut short",
            Box::new(|at| edit(&dump(at), |bytes| bytes.truncate(bytes.len() / 2))),
            5,
            "cut short",
        ),
        ("a changed byte", Box::new(|at| edit(&dump(at), |bytes| bytes[5_000] ^= 1)), 5, "was changed"),
        ("one byte more", Box::new(|at| edit(&dump(at), |bytes| bytes.push(0))), 5, "was changed"),
        ("no dump", Box::new(|at| fs::remove_file(dump(at)).unwrap()), 5, "is missing"),
        ("one file more", Box::new(|at| fs::write(at.join("more"), "x").unwrap()), 5, "does not belong"),
        (
            "no manifest",
            Box::new(|at| fs::remove_file(at.join("manifest.json")).unwrap()),
            3,
            "never finished",
        ),
        (
            "half a manifest",
            Box::new(|at| edit(&at.join("manifest.json"), |bytes| bytes.truncate(bytes.len() / 2))),
            3,
            "cut short",
        ),
        (
            "a newer form",
            Box::new(|at| edit_manifest(at, "\"format\": 1", "\"format\": 2")),
            4,
            "newer program",
        ),
        (
            "newer tables",
            Box::new(|at| edit_manifest(at, "\"tables\": ", "\"tables\": 9")),
            4,
            "of version 9",
        ),
        ("another root", Box::new(|at| edit_manifest(at, "\"root\": \"", "\"root\": \"A")), 5, "root"),
        (
            "a guard more",
            Box::new(|at| edit_manifest(at, "events.refuse", "events.defuse")),
            5,
            "events.defuse",
        ),
    ];
    for (number, (case, damage, code, said)) in cases.into_iter().enumerate() {
        let damaged = copy_of(&folder, &format!("damaged-{number}"));
        damage(&damaged);
        let place = shared().ledger(&format!("damaged_{number}"));
        let ran = restore(&place, &damaged, Some(&keys), &[]).ended(code);
        assert!(ran.message().contains(said), "{case}: {}", ran.message());
        place.run(&["doctor"]).ended(6);
    }
    let place = shared().ledger("without_keys");
    let ran = restore(&place, &folder, None, &[]).ended(4);
    assert!(ran.message().contains("--keys"), "{}", ran.message());
    let ran = restore(&place, &folder, Some(&other_keys), &[]).ended(4);
    assert!(ran.message().contains("holds the keys of ledger"), "{}", ran.message());
    place.run(&["doctor"]).ended(6);
    let ran = restore(&other, &folder, Some(&keys), &[]).ended(4);
    assert!(ran.message().contains("is here already"), "{}", ran.message());
    other.run(&["doctor"]).ended(0);
}

#[test]
fn keys_never_stand_with_what_they_open_and_nothing_is_written_over() {
    let ledger = grown("apart", 3);
    let folder = shared().file("apart.backup");
    for keys in [folder.clone(), folder.join("keys"), shared().file("")] {
        let ran = Ran::of(ledger.command().arg("backup").arg(&folder).arg("--keys").arg(&keys)).ended(4);
        assert!(ran.message().contains("must not stand in the folder"), "{}", ran.message());
        assert!(!folder.exists());
    }
    let ran = Ran::of(ledger.command().arg("backup").arg(&folder)).ended(0);
    assert!(ran.err.contains("the keys are not in this backup"), "{}", ran.err);
    let files: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(files.iter().all(|file| !file.contains("key")), "{files:?}");
    let ran = Ran::of(ledger.command().arg("backup").arg(&folder)).ended(4);
    assert!(ran.message().contains("not empty"), "{}", ran.message());
    shared().ledger("nowhere").run(&["backup", "never"]).ended(6);
}

#[tokio::test]
async fn an_older_backup_says_what_is_lost_and_a_log_of_another_history_that_it_is_another() {
    let ledger = grown("rolled_back", 6);
    let (folder, keys) = backed_up(&ledger, "rolled_back");
    let known = |ledger: &TestLedger, name: &str| {
        let kept = shared().file(name);
        let proof = shared().data().join("proof").join(ledger.name()).join("checkpoint");
        fs::copy(proof, &kept).unwrap();
        kept.to_str().unwrap().to_owned()
    };
    let early = known(&ledger, "rolled_back.early");
    grow(&ledger, "rolled_back", 4, 34);
    let late = known(&ledger, "rolled_back.late");
    let other = known(&grown("another_history", 2), "rolled_back.other");

    let fits = restore(&shared().ledger("rolled_early"), &folder, Some(&keys), &["--checkpoint", &early]);
    assert!(text(&fits.ended(0).rows()[4], "result").contains("none: the newest one known covers"));
    let ran =
        restore(&shared().ledger("rolled_late"), &folder, Some(&keys), &["--checkpoint", &late]).ended(15);
    assert!(ran.message().contains("caseledger epoch open"), "{}", ran.message());
    let more = shared().file("rolled_back-34.jsonl");
    let ran = shared().ledger("rolled_late").import(&more, &[]).ended(5);
    assert!(ran.message().contains("older copy"), "the head that was given is heeded: {}", ran.message());
    let ran =
        restore(&shared().ledger("rolled_other"), &folder, Some(&keys), &["--checkpoint", &other]).ended(15);
    assert!(ran.message().contains("knows another log"), "{}", ran.message());

    // The database is lost, and the data folder with its proof folder and keys is not.
    let server = shared().ledger("none_of_them").on_server("postgres").await;
    server.batch_execute("DROP DATABASE caseledger_rolled_back WITH (FORCE)").await.unwrap();
    let ran = restore(&ledger, &folder, None, &[]).ended(15);
    assert!(ran.message().contains("are not in it"), "{}", ran.message());
    let children = ledger.ask(&["due", "--within", "10"]);
    assert!(children.json()["rows"].is_array(), "what was restored can be read");
    let file = shared().file("rolled_back-34.jsonl");
    let ran = ledger.import(&file, &[]).ended(5);
    assert!(ran.message().contains("older copy"), "nothing is recorded: {}", ran.message());
}
