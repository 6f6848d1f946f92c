//! What `caseledger doctor` looks at beside rights and keys. Every child is invented.

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::Ran;

fn synthetic(name: &str) -> TestLedger {
    let ledger = shared().ledger(name);
    let file = shared().file(&format!("{name}.jsonl"));
    let synth = ["synth", "--children", "12", "--years", "2", "--seed", "41", "--until", "2025-06-30"];
    Ran::of(ledger.command().args(synth).arg("--out").arg(&file)).ended(0);
    ledger.import(&file, &[]).ended(0);
    ledger
}

#[tokio::test]
async fn an_event_that_was_changed_in_the_database_is_named() {
    let ledger = synthetic("changed_under_the_doctor");
    let healthy = ledger.run(&["doctor"]).ended(0).out;
    assert!(
        healthy.contains("every event") && healthy.contains("unchanged since they were recorded"),
        "{healthy}"
    );
    let owner = ledger.connect("postgres").await;
    let change = "ALTER TABLE caseledger.events DISABLE TRIGGER USER; \
                  UPDATE caseledger.events SET role = 'somebody_else' WHERE position = 7";
    owner.batch_execute(change).await.unwrap();
    for asked in [&["doctor"][..], &["doctor", "--full"]] {
        let found = ledger.run(asked).ended(5).out;
        assert!(found.contains("row_changed at position 7"), "{found}");
        assert!(found.contains("caseledger verify"), "{found}");
    }
}

#[tokio::test]
async fn an_event_that_is_not_the_one_outside_the_database_is_named() {
    let ledger = synthetic("rewritten_under_the_doctor");
    ledger.run(&["checkpoint"]).ended(0);
    let full = ledger.run(&["doctor", "--full", "--format", "json"]).ended(0);
    let rows = full.rows();
    let of = |check: &str| rows.iter().find(|row| row["check"] == check).map(|row| row["result"].clone());
    assert!(of("every event").unwrap().as_str().unwrap().starts_with("ok: "), "{rows:?}");
    assert!(of("disk").unwrap().as_str().unwrap().contains("MiB free"), "{rows:?}");
    let proof = shared().data().join("proof").join("rewritten_under_the_doctor").join("tile/0");
    let tile = std::fs::read_dir(&proof).unwrap().next().unwrap().unwrap().path();
    let tile =
        if tile.is_dir() { std::fs::read_dir(tile).unwrap().next().unwrap().unwrap().path() } else { tile };
    let mut bytes = std::fs::read(&tile).unwrap();
    bytes[3] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    let found = ledger.run(&["doctor", "--full"]).ended(5).out;
    assert!(found.contains("stands outside the database"), "{found}");
}
