//! Signed, witnessed, rewound: what an operator does, from `init` to the epoch after a restored backup.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::events::{EventFile, Line, entity};
use caseledger_tests::program::{Ran, program};

use crate::outside::both_accept;

/// A file with one contact of an invented child.
fn contact(number: u64) -> PathBuf {
    let line = Line::new(number, number, "contact_received", "2024-03-04");
    shared().write(&format!("signed-{number}.jsonl"), EventFile::new().event(&line).text())
}

fn checkpoint(ledger: &TestLedger) -> (String, u64) {
    let note = ledger.run(&["checkpoint"]).ended(0).out;
    let lines: Vec<&str> = note.lines().collect();
    (lines[0].to_owned(), lines[1].parse().unwrap())
}

/// Registers two officers and gives the files of their keys.
fn officers(ledger: &TestLedger) -> [String; 2] {
    ["caldicott-guardian.INV", "head-of-service.INV"].map(|name| {
        let key = shared().file(&format!("signed-{name}.key")).display().to_string();
        let public = ledger.run(&["officer", "keygen", name, "--out", &key]).ended(0).out;
        ledger.run(&["officer", "register", public.trim_end()]).ended(0);
        key
    })
}

/// A copy of a ledger's database beside it, or the copy in its place: what restoring an old backup does.
async fn copy(ledger: &TestLedger, from: &str, to: &str) {
    let mut admin = ledger.database("postgres");
    admin.dbname("postgres");
    let (client, connection) = admin.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let close =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('{from}', '{to}')");
    client.batch_execute(&close).await.unwrap();
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {to}")).await.unwrap();
    client.batch_execute(&format!("CREATE DATABASE {to} TEMPLATE {from}")).await.unwrap();
}

#[tokio::test]
async fn an_older_copy_takes_nothing_until_two_officers_open_an_epoch() {
    let ledger = shared().ledger("rewound");
    ledger.run(&["init", "--authority", "INV"]).ended(0);
    let [guardian, head] = officers(&ledger);
    ledger.import(&contact(1), &[]).ended(0);
    let (origin, kept) = checkpoint(&ledger);
    copy(&ledger, "caseledger_rewound", "caseledger_rewound_backup").await;
    ledger.import(&contact(2), &[]).ended(0);
    let (_, signed) = checkpoint(&ledger);
    assert_eq!((origin.as_str(), kept + 1), ("caseledger.local/INV/rewound", signed));
    let request = shared().file("signed-epoch.request").display().to_string();
    let prepare = ["epoch", "prepare", "--reason", "restored-backup", "--out", &request];
    let unbroken = ledger.run(&prepare).ended(4);
    assert!(unbroken.err.contains("no new epoch is needed"), "{}", unbroken.err);

    copy(&ledger, "caseledger_rewound_backup", "caseledger_rewound").await;
    let refused = ledger.import(&contact(3), &[]).ended(5);
    assert!(refused.err.contains("caseledger epoch open"), "{}", refused.err);
    ledger.run(&prepare).ended(0);
    let open = ["epoch", "open", "--request", &request];
    assert_eq!(ledger.run(&open).code, 3, "nobody signed it");
    ledger.run(&["officer", "sign", &request, "--key", &guardian]).ended(0);
    ledger.run(&["officer", "sign", &request, "--key", &guardian]).ended(4);
    ledger.run(&open).ended(4);
    ledger.run(&["officer", "sign", &request, "--key", &head]).ended(0);
    let opened = ledger.run(&open).ended(0);
    assert!(opened.err.contains("epoch 2"), "{}", opened.err);
    ledger.import(&contact(3), &[]).ended(0);
    let (origin, _) = checkpoint(&ledger);
    assert_eq!(origin, "caseledger.local/INV/rewound/e2");
    assert_eq!(ledger.run(&open).code, 4, "a request is used once");
    let stands = ledger
        .rows("SELECT facts -> 'details' AS details FROM caseledger.events WHERE kind = 'epoch_opened'")
        .await;
    let details = &stands[0]["details"];
    assert_eq!((&details["lost_from"], &details["lost_to"]), (&signed.into(), &signed.into()), "{details}");

    // What is known at a moment is cited in the epoch in which it was recorded.
    let child = entity(3).to_string();
    let resolved = |ran: Ran| ran.note("resolved_to").to_string();
    let now = resolved(ledger.ask(&["replay", &child]));
    assert!(now.contains(" epoch 2 position "), "{now}");
    let before = ledger.rows("SELECT max(recorded_at) AS at FROM caseledger.heads WHERE epoch = 1").await;
    let (one, at) = (entity(1).to_string(), before[0]["at"].as_str().unwrap());
    let then = resolved(ledger.ask(&["replay", &one, "--known-at", at]));
    assert!(then.contains(&format!(" epoch 1 position {kept}")), "{then}");

    // The break is lawful: what the table, the proof folder and an exported log say of it is clean.
    let checked = ledger.run(&["verify", "--every", "--format", "json"]).ended(0);
    assert_eq!(checked.note("result"), "clean");
    assert_eq!(checked.note("origin"), origin.as_str());
    let exported = shared().file("signed-epoch-log.jsonl");
    ledger.run(&["export", "log", "--out", exported.to_str().unwrap()]).ended(0);
    both_accept(&exported, "");
    ledger.run(&["roster"]).ended(0);
    let bundle = shared().file("signed-epoch.bundle");
    ledger.run(&["bundle", &child, "--out", bundle.to_str().unwrap()]).ended(0);
    both_accept(&bundle, "complete up to position");
}

#[test]
fn a_key_is_rotated_and_the_log_goes_on() {
    let ledger = shared().ledger("rotated");
    ledger.run(&["init", "--authority", "INV"]).ended(0);
    ledger.run(&["log-key", "register"]).ended(4);
    ledger.run(&["log-key", "rotate"]).ended(0);
    ledger.import(&contact(4), &[]).ended(0);
    let shown = ledger.run(&["log-key", "show"]).ended(0).out;
    assert_eq!(
        (shown.matches("former key").count(), shown.matches("present key").count()),
        (1, 1),
        "{shown}"
    );
    assert_eq!(checkpoint(&ledger).1, 3);
}

/// A program that runs until it is dropped; gives the lines that it says first.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGTERM, as an operator's supervisor sends it.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn witness(log: &str, address: &str) -> (Running, String) {
    let state = shared().file("signed-witness").display().to_string();
    let arguments = [
        "witness",
        "--name",
        "witness.example/partner",
        "--state",
        &state,
        "--log",
        log,
        "--listen",
        address,
    ];
    let mut child =
        Command::new(program()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut key = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut key).unwrap();
    (Running(child), key.trim_end().to_owned())
}

fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn a_partners_witness_countersigns_what_the_server_signs() {
    let ledger = shared().ledger("witnessed");
    ledger.run(&["init", "--authority", "INV"]).ended(0);
    let shown = ledger.run(&["log-key", "show"]).ended(0).out;
    let key =
        shown.split_whitespace().find(|word| word.starts_with("caseledger.local/INV/witnessed+")).unwrap();
    let [at, serving] = [(); 2].map(|()| free_address());
    let (_witness, public) = witness(key, &at);
    let policy =
        shared().write("signed-policy", format!("witness partner {public} http://{at}\nquorum partner\n"));
    let policy = policy.display().to_string();
    let mut command = ledger.command();
    command.args(["serve", "--listen", &serving, "--witnesses", &policy]).stderr(Stdio::piped());
    let mut server = Running(command.spawn().unwrap());
    let mut said = BufReader::new(server.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains("witness partner countersigns")), "the server ended");
    let newest = ledger.run(&["checkpoint", "--witnesses", &policy]).ended(0);
    assert!(newest.err.contains("1 events, signed up to 1, witnessed up to 1"), "{}", newest.err);
    assert_eq!(newest.out.matches('\u{2014}').count(), 2, "the log's line and the witness's: {}", newest.out);
    let wrong = shared().write("signed-wrong-policy", "witness partner\n").display().to_string();
    let refused = ledger.run(&["checkpoint", "--witnesses", &wrong]).ended(3);
    assert!(refused.err.contains("line 1 of the policy"), "{}", refused.err);
    let ran = Ran::new(&["witness", "--name", "with space", "--state", "nowhere", "--log", "no-key"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}
