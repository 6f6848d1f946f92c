//! What belongs to a ledger is found, never made: key store, master key, signing key, proof folder. Every child is invented.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use caseledger_tests::data_folder::{DataFolder, TestLedger, new_folder};
use caseledger_tests::events::{EventFile, Line};
use caseledger_tests::program::{Ran, fixture, program};
use serde_json::json;

const NOT_AS_IT_SHOULD_BE: i32 = 5;

/// Every file and folder below a folder.
fn names(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(names(&path));
        }
        found.insert(path);
    }
    found
}

/// The ledger's files that are no database.
fn kept(data: &Path) -> BTreeSet<PathBuf> {
    ["keys", "signing", "proof"].iter().flat_map(|part| names(&data.join(part))).collect()
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

fn workbook(ledger: &TestLedger) -> Ran {
    ledger.import(&fixture("annex-a/Annex_A.xlsx"), &["--authority", "999", "--as-at", "2024-03-31"])
}

async fn children(ledger: &TestLedger) -> i64 {
    let sql = "SELECT count(DISTINCT stream) AS children FROM caseledger.events WHERE category = 1";
    ledger.rows(sql).await[0]["children"].as_i64().unwrap()
}

/// Says each of these words, and changes nothing of the ledger's files.
fn refused(ran: Ran, data: &Path, before: &BTreeSet<PathBuf>, said: &[&str]) {
    let ran = ran.ended(NOT_AS_IT_SHOULD_BE);
    let all = format!("{}{}", ran.out, ran.err);
    for part in said {
        assert!(all.contains(part), "{}: {part:?} is not in: {all}", ran.line);
    }
    assert_eq!(kept(data), *before, "{}", ran.line);
}

#[tokio::test]
async fn a_ledger_whose_keys_are_away_takes_no_child_twice_and_makes_no_key() {
    let folder = DataFolder::make();
    let data = folder.data();
    let (ledger, other) = (folder.ledger("keys_away"), folder.ledger("keys_other"));
    workbook(&ledger);
    workbook(&other);
    let before = children(&ledger).await;
    assert!(before > 3);
    ledger.run(&["doctor"]).ended(0);

    let (store, aside) = (data.join("keys/keys_away"), data.join("aside"));
    fs::rename(&store, &aside).unwrap();
    let without = kept(&data);
    refused(workbook(&ledger), &data, &without, &["keys_away is missing", "from their backup"]);
    refused(ledger.run(&["doctor"]), &data, &without, &["keys_away is missing"]);
    refused(ledger.run(&["keys", "check"]), &data, &without, &["keys_away is missing"]);
    refused(ledger.run(&["serve", "--listen", "127.0.0.1:0"]), &data, &without, &["keys_away is missing"]);
    ledger.run(&["init", "--authority", "999"]).ended(4);
    assert_eq!(kept(&data), without, "init makes nothing where a ledger is");

    // Another ledger's store, under this one's name.
    copy(&data.join("keys/keys_other"), &store);
    let foreign = kept(&data);
    refused(workbook(&ledger), &data, &foreign, &["holds no keys of ledger"]);
    refused(ledger.run(&["doctor"]), &data, &foreign, &["holds no keys of ledger"]);
    fs::remove_dir_all(&store).unwrap();
    fs::rename(&aside, &store).unwrap();
    assert_eq!(children(&ledger).await, before);
    workbook(&ledger);
    assert_eq!(children(&ledger).await, before, "the right keys find every child");
    ledger.run(&["doctor"]).ended(0);
    ledger.run(&["verify"]).ended(0);

    let master = store.join("master.key");
    fs::rename(&master, data.join("master.aside")).unwrap();
    let without = kept(&data);
    refused(workbook(&ledger), &data, &without, &["master.key is missing"]);
    refused(ledger.run(&["doctor"]), &data, &without, &["master.key is missing"]);
    fs::rename(data.join("master.aside"), &master).unwrap();
    ledger.run(&["doctor"]).ended(0);
}

/// A file of so many more invented children, with something sealed for each.
fn more(folder: &DataFolder, name: &str, first: u64) -> PathBuf {
    let registered = |child: u64| {
        let line = Line::new(child * 10, child, "child_registered", "2024-01-05");
        let line = line.with(json!({ "date_of_birth": "2015-02-03", "sex": "not_known" }));
        line.sealed(json!({ "la_child_id": format!("INV-{child}") }))
    };
    let file = (first..first + 4).fold(EventFile::new(), |file, child| file.event(&registered(child)));
    folder.write(&format!("{name}-{first}.jsonl"), file.text())
}

#[tokio::test]
async fn a_pack_or_a_strange_file_stops_what_writes_and_an_adopted_store_goes_on_without_what_is_lost() {
    let folder = DataFolder::make();
    let (data, ledger) = (folder.data(), folder.ledger("packs"));
    for first in [100, 200] {
        ledger.import(&more(&folder, "packs", first), &[]).ended(0);
    }
    let noted = fs::read_to_string(data.join("proof/packs.key-store")).unwrap();
    assert!(noted.ends_with("packs: 2\n"), "{noted}");
    let packs = data.join("keys/packs/packs");
    let (first, aside) = (packs.join("0000000000000001.pack"), data.join("aside.pack"));
    fs::rename(&first, &aside).unwrap();
    let without = kept(&data);
    let third = more(&folder, "packs", 300);
    refused(ledger.import(&third, &[]), &data, &without, &["0000000000000001.pack is missing", "keys adopt"]);
    refused(
        ledger.run(&["doctor"]),
        &data,
        &without,
        &["0000000000000001.pack is missing", "4 have sealed text and no key"],
    );
    refused(ledger.run(&["roster"]), &data, &without, &["0000000000000001.pack is missing"]);
    let [backup, secrets] =
        ["packs.backup", "packs.secrets"].map(|name| folder.file(name).display().to_string());
    let backed_up = ledger.run(&["backup", &backup, "--keys", &secrets]);
    refused(backed_up, &data, &without, &["0000000000000001.pack is missing"]);
    assert!(!Path::new(&backup).exists(), "no backup takes the place of a good one");
    ledger.ask(&["replay", "INV-201"]).ended(0);

    let lacking = ledger.run(&["keys", "adopt"]).ended(4);
    assert!(lacking.err.contains("keys adopt --without 4"), "{}", lacking.err);
    assert_eq!(kept(&data), without);
    let adopted = ledger.run(&["keys", "adopt", "--without", "4"]).ended(0);
    assert!(adopted.err.contains("without the keys of 4 subjects"), "{}", adopted.err);
    ledger.import(&third, &[]).ended(0);
    let out = folder.file("packs-out.jsonl").display().to_string();
    let exported = ledger.run(&["export", "events", "--out", &out]).ended(0);
    assert!(exported.err.contains("4 of them without what was sealed"), "{}", exported.err);
    ledger.run(&["doctor"]).ended(0);
    ledger.run(&["verify"]).ended(0);

    let copy = packs.join("0000000000000002.pack.bak");
    fs::copy(packs.join("0000000000000002.pack"), &copy).unwrap();
    let with = kept(&data);
    refused(ledger.run(&["roster"]), &data, &with, &["pack.bak does not belong"]);
    refused(ledger.run(&["doctor"]), &data, &with, &["pack.bak does not belong"]);
    fs::remove_file(copy).unwrap();
    ledger.run(&["roster"]).ended(0);
}

#[tokio::test]
async fn without_the_signing_key_a_rewound_log_takes_nothing_and_a_lost_proof_folder_is_not_made_in_passing()
{
    let folder = DataFolder::make();
    let (data, ledger) = (folder.data(), folder.ledger("unsigned"));
    ledger.import(&more(&folder, "unsigned", 100), &[]).ended(0);
    let client = ledger.on_server("postgres").await;
    let cut =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'caseledger_unsigned%'";
    client.batch_execute(cut).await.unwrap();
    client
        .batch_execute("CREATE DATABASE caseledger_unsigned_older TEMPLATE caseledger_unsigned")
        .await
        .unwrap();
    ledger.import(&more(&folder, "unsigned", 200), &[]).ended(0);

    let (key, aside) = (data.join("signing/unsigned.key"), data.join("aside.key"));
    fs::rename(&key, &aside).unwrap();
    let said = ledger.run(&["roster"]).ended(0);
    assert!(said.err.contains("not signed here"), "{}", said.err);
    let doctor = ledger.run(&["doctor"]).ended(NOT_AS_IT_SHOULD_BE);
    assert!(doctor.out.contains("unsigned.key is missing"), "{}", doctor.out);

    client.batch_execute(cut).await.unwrap();
    client
        .batch_execute("ALTER DATABASE caseledger_unsigned RENAME TO caseledger_unsigned_newer")
        .await
        .unwrap();
    client
        .batch_execute("ALTER DATABASE caseledger_unsigned_older RENAME TO caseledger_unsigned")
        .await
        .unwrap();
    let before = ledger.rows("SELECT max(tree_size) AS size FROM caseledger.heads").await;
    let without = kept(&data);
    refused(ledger.import(&more(&folder, "unsigned", 300), &[]), &data, &without, &["older copy"]);
    refused(ledger.run(&["roster"]), &data, &without, &["older copy"]);
    refused(ledger.run(&["doctor"]), &data, &without, &["older copy"]);
    assert_eq!(ledger.rows("SELECT max(tree_size) AS size FROM caseledger.heads").await, before);

    // The right database and key again, and the folder that remembers what was signed is lost.
    client.batch_execute(cut).await.unwrap();
    client.batch_execute("DROP DATABASE caseledger_unsigned WITH (FORCE)").await.unwrap();
    client
        .batch_execute("ALTER DATABASE caseledger_unsigned_newer RENAME TO caseledger_unsigned")
        .await
        .unwrap();
    fs::rename(&aside, &key).unwrap();
    ledger.run(&["roster"]).ended(0);
    let (proof, kept_proof) = (data.join("proof/unsigned"), data.join("proof.aside"));
    ledger.run(&["checkpoint", "--rebuild-proof"]).ended(4);
    fs::rename(&proof, &kept_proof).unwrap();
    let without = kept(&data);
    refused(ledger.run(&["roster"]), &data, &without, &["proof/unsigned", "--rebuild-proof"]);
    refused(ledger.run(&["doctor"]), &data, &without, &["proof/unsigned", "--rebuild-proof"]);
    ledger.run(&["checkpoint", "--rebuild-proof"]).ended(0);
    ledger.run(&["roster"]).ended(0);
    ledger.run(&["verify"]).ended(0);
    let checkpoint = kept_proof.join("checkpoint");
    ledger.run(&["verify", "--checkpoint", checkpoint.to_str().unwrap()]).ended(0);
}

/// A database that somebody else runs, and two data folders, as on two hosts.
#[tokio::test]
async fn on_a_database_of_ones_own_another_data_folder_or_name_has_no_keys_and_gets_none() {
    let folder = DataFolder::make();
    let server = folder.ledger("none");
    server.on_server("postgres").await.batch_execute("CREATE DATABASE own").await.unwrap();
    let sockets = server.database("postgres").get_hosts()[0].clone();
    let tokio_postgres::config::Host::Unix(sockets) = sockets else { panic!("{sockets:?}") };
    let sockets = sockets.display().to_string().replace('/', "%2F");
    let url = format!("postgresql://postgres@{sockets}/own");
    let root = new_folder("caseledger-hosts");
    let run = |data: &str, name: &str, arguments: &[&str]| {
        let mut command = Command::new(program());
        command.arg("--data").arg(root.join(data)).args(["--ledger", name]).args(arguments);
        Ran::of(command.env("CASELEDGER_DATABASE_URL", &url))
    };
    let book = fixture("annex-a/Annex_A.xlsx").display().to_string();
    let import = ["import", &book, "--authority", "999", "--as-at", "2024-03-31", "--format", "json"];
    let first = run("one", "main", &import);
    run("one", "main", &["doctor"]).ended(0);
    let size = |ran: &Ran| ran.note("size");
    let before = run("one", "main", &["verify", "--format", "json"]).ended(0);
    for (data, name) in [("two", "main"), ("one", "other"), ("nowhere", "main")] {
        let kept_before = kept(&root.join(data));
        let store = format!("{data}/keys/{name} is missing");
        for arguments in [&import[..], &["doctor"], &["roster"]] {
            refused(
                run(data, name, arguments),
                &root.join(data),
                &kept_before,
                &[&store, "--data and --ledger"],
            );
        }
        run(data, name, &["init", "--authority", "999"]).ended(4);
        assert_eq!(kept(&root.join(data)), kept_before);
    }
    assert!(!root.join("nowhere").exists(), "not even the folder");
    assert_eq!(size(&run("one", "main", &["verify", "--format", "json"]).ended(0)), size(&before));

    // The same keys on a second host: it may write, and does not sign.
    fs::create_dir_all(root.join("two/keys")).unwrap();
    copy(&root.join("one/keys/main"), &root.join("two/keys/main"));
    let second = run("two", "main", &["roster"]).ended(0);
    assert!(second.err.contains("not signed here"), "{}", second.err);
    let again = run("two", "main", &import);
    assert_eq!(again.code, first.code, "{}", again.err);
    run("one", "main", &["roster"]).ended(0);
    run("one", "main", &["doctor"]).ended(0);
    fs::remove_dir_all(&root).unwrap();
}

#[test]
fn where_a_ledgers_database_is_lost_no_other_ledger_is_begun_over_its_keys() {
    let folder = DataFolder::make();
    let (data, ledger) = (folder.data(), folder.ledger("lost"));
    let file = more(&folder, "lost", 100);
    ledger.import(&file, &[]).ended(0);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = ledger.on_server("postgres").await;
        client.batch_execute("DROP DATABASE caseledger_lost WITH (FORCE)").await.unwrap();
    });
    let before = kept(&data);
    for ran in [ledger.import(&file, &[]), ledger.run(&["init", "--authority", "INV"])] {
        let ran = ran.ended(4);
        assert!(ran.err.contains("caseledger restore"), "{}", ran.err);
        assert_eq!(kept(&data), before);
    }
}

#[tokio::test]
async fn an_older_copy_of_the_proof_folder_is_told_by_the_doctor() {
    let folder = DataFolder::make();
    let (data, ledger) = (folder.data(), folder.ledger("folder_old"));
    ledger.import(&more(&folder, "old", 100), &[]).ended(0);
    let (proof, aside) = (data.join("proof/folder_old"), data.join("aside"));
    copy(&proof, &aside);
    for first in [200, 300, 400] {
        ledger.import(&more(&folder, "old", first), &[]).ended(0);
    }
    ledger.run(&["doctor"]).ended(0);
    fs::remove_dir_all(&proof).unwrap();
    fs::rename(&aside, &proof).unwrap();
    let ran = ledger.run(&["doctor"]).ended(NOT_AS_IT_SHOULD_BE);
    assert!(ran.out.contains("older copy"), "{}", ran.out);
}
