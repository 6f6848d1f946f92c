//! From one major version of PostgreSQL to another: backed up with the programs of the old one, restored with those of
//! the new one, in the same data folder, with the keys and the signed heads where they were.

use std::path::PathBuf;
use std::process::Command;

use caseledger_tests::data_folder::new_folder;
use caseledger_tests::program::{Ran, program, workspace};

/// Programs of PostgreSQL 18, which `make test` fetches; without them the test says so, and fails where CI runs it.
fn newer_programs() -> Option<PathBuf> {
    let found = Command::new(workspace().join("setup/postgres-18.sh")).arg("--where").output().unwrap();
    if found.status.success() {
        return Some(String::from_utf8(found.stdout).unwrap().trim().into());
    }
    let message = "NOT TESTED: the way from one major version of PostgreSQL to another. Its programs are not here; \
                   setup/postgres-18.sh fetches them";
    assert!(std::env::var_os("CI").is_none(), "{message}");
    eprintln!("{message}");
    None
}

#[test]
fn a_ledger_moves_to_a_newer_major_version_and_loses_nothing() {
    let Some(newer) = newer_programs() else { return };
    let root = new_folder("caseledger-upgrade");
    let data = root.join("data");
    let with = |programs: Option<&PathBuf>, arguments: &[&str]| {
        let mut command = Command::new(program());
        command.current_dir(&root).arg("--data").arg(&data);
        if let Some(programs) = programs {
            command.arg("--pg-bin").arg(programs);
        }
        Ran::of(command.args(arguments))
    };
    let synth = ["synth", "--children", "12", "--years", "2", "--seed", "41", "--until", "2025-06-30"];
    with(None, &[&synth[..], &["--out", "events.jsonl"]].concat()).ended(0);
    let chosen = with(None, &["import", "events.jsonl"]).ended(0).err;
    if chosen.contains("private PostgreSQL 18") {
        eprintln!("NOT TESTED: PostgreSQL 18 is the version that this machine uses anyway");
        return;
    }
    let before = with(None, &["export", "events"]).ended(0).out;

    let refused = with(Some(&newer), &["doctor"]).ended(1);
    assert!(
        refused.message().contains("backup") && refused.message().contains("restore"),
        "{}",
        refused.message()
    );
    with(None, &["backup", "moving"]).ended(0);
    std::fs::rename(data.join("postgres/cluster"), root.join("cluster-of-before")).unwrap();
    let restored = with(Some(&newer), &["restore", "moving", "--format", "json"]).ended(0);
    assert!(restored.err.contains("private PostgreSQL 18"), "{}", restored.err);
    assert_eq!(with(Some(&newer), &["export", "events"]).ended(0).out, before);
    with(Some(&newer), &["doctor"]).ended(0);
    let synth = ["synth", "--children", "3", "--years", "1", "--seed", "42", "--until", "2025-06-30"];
    with(None, &[&synth[..], &["--out", "more.jsonl"]].concat()).ended(0);
    with(Some(&newer), &["import", "more.jsonl"]).ended(0);

    // Back to the older one is refused in words, before anything is made.
    with(Some(&newer), &["backup", "newer", "--keys", "newer-keys"]).ended(0);
    let older = Ran::of(Command::new(program()).current_dir(&root).args([
        "--data",
        "elsewhere",
        "restore",
        "newer",
        "--keys",
        "newer-keys",
    ]));
    let older = older.ended(1);
    assert!(older.message().contains("no pg_restore of PostgreSQL 18"), "{}", older.message());
    std::fs::remove_dir_all(&root).unwrap();
}
