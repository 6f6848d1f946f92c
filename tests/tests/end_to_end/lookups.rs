//! Look-up tables that somebody changed: found, named, and filled again from the events. Every child is invented.

use caseledger_tests::data_folder::{DataFolder, TestLedger, shared};
use caseledger_tests::program::{Ran, workspace};
use serde_json::Value;

use crate::destroyed::destroy_the_first;
use crate::disposal::two_invented_children;

fn synthetic(name: &str, seed: &str) -> TestLedger {
    let ledger = shared().ledger(name);
    let file = shared().file(&format!("{name}.jsonl"));
    let synth = ["synth", "--children", "12", "--years", "2", "--seed", seed, "--until", "2025-06-30"];
    Ran::of(ledger.command().args(synth).arg("--out").arg(&file)).ended(0);
    ledger.import(&file, &[]).ended(0);
    ledger
}

/// What the index holds.
async fn index(ledger: &TestLedger) -> Vec<Value> {
    ledger.rows("SELECT token, stream, kind FROM caseledger.identifier_index ORDER BY token, stream").await
}

#[tokio::test]
async fn an_index_filled_from_the_events_is_the_one_that_imports_made() {
    let ledger = synthetic("index_of_imports", "31");
    for file in ["annex-a/Annex_A.xlsx", "cin-census/CIN_Census_2024.xml"] {
        let recorded =
            ledger.import(&workspace().join("tests/fixtures").join(file), &["--another-authority"]);
        assert!(recorded.note("events_recorded").as_u64().unwrap() > 20, "{}", recorded.err);
    }
    let before = index(&ledger).await;
    assert!(before.len() > 24, "{}", before.len());
    let ran = ledger.run(&["reindex"]).ended(0);
    assert!(ran.out.contains(&before.len().to_string()), "{}", ran.out);
    assert_eq!(index(&ledger).await, before);
    let owner = ledger.connect("postgres").await;
    owner.batch_execute("TRUNCATE caseledger.identifier_index").await.unwrap();
    assert!(ledger.run(&["doctor"]).ended(5).out.contains("are missing"));
    ledger.run(&["reindex"]).ended(0);
    assert_eq!(index(&ledger).await, before);
}

#[tokio::test]
async fn an_identifier_that_was_pointed_at_another_child_is_told_before_anybody_is_disposed_of() {
    let ledger = synthetic("pointed_elsewhere", "32");
    let owner = ledger.connect("postgres").await;
    let journey = |child: &str| ledger.ask(&["replay", child, "--as-at", "2025-06-30"]).out.clone();
    let (one, other) = (journey("INV-000001"), journey("INV-000002"));
    let stream = |child: &str| ledger.ask(&["replay", child]).note("child").as_str().unwrap().to_owned();
    let (of_one, of_other) = (stream("INV-000001"), stream("INV-000002"));
    let swap = format!(
        "UPDATE caseledger.identifier_index SET stream = \
         CASE stream WHEN '{of_one}' THEN '{of_other}'::uuid ELSE '{of_one}'::uuid END \
         WHERE stream IN ('{of_one}', '{of_other}')"
    );
    owner.batch_execute(&swap).await.unwrap();
    // No question is answered with another child, and nothing is prepared for one.
    for asked in [
        &["replay", "INV-000001"][..],
        &["dispose", "INV-000001", "--rule", "CIN-18-3", "--prepare", "elsewhere.request"],
        &["hold", "place", "INV-000001", "--reason", "inquiry"],
    ] {
        let refused = ledger.run(asked).ended(5);
        assert!(refused.message().contains("caseledger reindex"), "{asked:?}: {}", refused.err);
    }
    let found = ledger.run(&["doctor"]).ended(5);
    assert!(found.out.contains("no event says") && found.out.contains("caseledger reindex"), "{}", found.out);
    ledger.run(&["reindex"]).ended(0);
    ledger.run(&["doctor"]).ended(0);
    assert_eq!((journey("INV-000001"), journey("INV-000002")), (one, other));
}

#[tokio::test]
async fn first_positions_of_kinds_that_were_changed_are_found_by_verify_and_put_right() {
    let ledger = synthetic("kinds_changed", "33");
    let owner = ledger.connect("postgres").await;
    let indicators = || ledger.ask(&["indicators", "--from", "2024-07-01", "--to", "2025-06-30"]).out.clone();
    let before = indicators();
    let change = "ALTER TABLE caseledger.kinds DISABLE TRIGGER refuse_change; \
                  DELETE FROM caseledger.kinds WHERE kind LIKE '%conference%' OR kind LIKE 'assessment%'; \
                  ALTER TABLE caseledger.kinds ENABLE ALWAYS TRIGGER refuse_change";
    owner.batch_execute(change).await.unwrap();
    assert!(ledger.run(&["verify"]).ended(11).out.contains("the look-up table of kinds lacks it"));
    ledger.run(&["reindex"]).ended(0);
    ledger.run(&["verify"]).ended(0);
    assert_eq!(indicators(), before);
}

#[tokio::test]
async fn what_no_leaf_holds_is_found_by_the_mac_of_its_batch() {
    let ledger = synthetic("batch_macs", "35");
    let owner = ledger.connect("postgres").await;
    ledger.run(&["verify"]).ended(0);
    let hidden = "ALTER TABLE caseledger.heads DISABLE TRIGGER ALL; ALTER TABLE caseledger.commands DISABLE TRIGGER ALL;";
    owner.batch_execute(hidden).await.unwrap();
    let last = "(SELECT max(base_size) FROM caseledger.heads)";
    for (change, back, code, said) in [
        (
            format!(
                "CREATE TABLE kept AS SELECT mac FROM caseledger.heads WHERE base_size = {last}; \
                     UPDATE caseledger.heads SET mac = NULL WHERE base_size = {last}"
            ),
            format!("UPDATE caseledger.heads SET mac = kept.mac FROM kept WHERE base_size = {last}"),
            12,
            "carries no MAC",
        ),
        (
            "UPDATE caseledger.commands SET request_hash = sha256(request_hash) WHERE first_position = 1"
                .to_owned(),
            String::new(),
            10,
            "the MAC of the batch does not fit",
        ),
    ] {
        owner.batch_execute(&change).await.unwrap();
        let found = ledger.run(&["verify"]).ended(code);
        assert!(found.out.contains(said), "{}", found.out);
        owner.batch_execute(&back).await.unwrap();
    }
    // On a machine without the key store it is not looked at, and that is said.
    let keys = shared().data().join("keys/batch_macs");
    let aside = shared().data().join("batch_macs.aside");
    std::fs::rename(&keys, &aside).unwrap();
    let without = ledger.run(&["verify"]).ended(0);
    assert!(without.out.contains("were not held against the key"), "{}", without.out);
    // That a batch carries no MAC at all is seen all the same.
    owner
        .batch_execute(&format!("UPDATE caseledger.heads SET mac = NULL WHERE base_size = {last}"))
        .await
        .unwrap();
    assert!(ledger.run(&["verify"]).ended(12).out.contains("carries no MAC"));
    std::fs::rename(&aside, &keys).unwrap();
}

#[tokio::test]
async fn a_trigger_that_was_switched_off_and_a_function_that_was_replaced_are_told() {
    let ledger = synthetic("loosened", "34");
    let owner = ledger.connect("postgres").await;
    let loosen = "ALTER TABLE caseledger.events DISABLE TRIGGER only_dispose; \
                  CREATE OR REPLACE FUNCTION caseledger.may_dispose(of_stream uuid, of_position bigint) RETURNS boolean \
                  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS 'SELECT true'";
    owner.batch_execute(loosen).await.unwrap();
    let found = ledger.run(&["doctor"]).ended(5).out;
    assert!(
        found.contains("trigger events.only_dispose") && found.contains("function may_dispose"),
        "{found}"
    );
}

#[tokio::test]
async fn a_child_whose_key_was_destroyed_is_still_found_after_reindexing() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("reindexed_without_key");
    let file = folder.write("children.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    destroy_the_first(&folder, &ledger);
    let before = index(&ledger).await;
    ledger.run(&["reindex"]).ended(0);
    assert_eq!(index(&ledger).await, before);
    ledger.run(&["doctor"]).ended(0);
}
