//! What somebody with the database alone does around the signatures of two officers: `verify` and the outside checker find it.
//! Every child is invented.

use std::fs;
use std::path::PathBuf;

use caseledger_tests::data_folder::{DataFolder, TestLedger};
use caseledger_tests::events::entity;
use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::CaseEvent;
use domain::events::custody::KeyDestroyed;
use domain::ids::{EventId, Position, Revision, StreamId};
use domain::time::Occurred;
use ledger::Expected;
use ledger::keys::{KeyId, KeyPurpose};
use ledger::test_support::append_to;
use uuid::Uuid;

use crate::disposal::{officers, path, sign, two_invented_children};
use crate::outside::outsider;

/// A ledger of two invented children and two officers.
fn kept(folder: &DataFolder, name: &str) -> (TestLedger, [PathBuf; 2]) {
    let ledger = folder.ledger(name);
    let file = folder.write("children.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    let keys = officers(folder, &ledger);
    (ledger, keys)
}

/// A request that both officers signed.
fn signed(folder: &DataFolder, ledger: &TestLedger, keys: &[PathBuf; 2], asked: &[&str]) -> PathBuf {
    let request = folder.file("a.request");
    ledger.run(&[asked, &["--prepare", path(&request)]].concat()).ended(0);
    for key in keys {
        sign(ledger, &request, key).ended(0);
    }
    request
}

#[tokio::test]
async fn a_record_that_was_emptied_under_the_disposal_of_another_one_is_found() {
    let folder = DataFolder::make();
    let (ledger, keys) = kept(&folder, "emptied");
    let request = signed(&folder, &ledger, &keys, &["dispose", "INV-2", "--rule", "CIN-18-3"]);
    let conclude = ["--rewrite", "--backups-until", "2027-02-28"];
    ledger.run(&[&["dispose", "--request", path(&request)][..], &conclude].concat()).ended(0);
    ledger.run(&["verify"]).ended(0);

    // The other child's rows, at lower positions, become empty rows of the stream that was disposed of.
    let (gone, other) = (entity(2), entity(1));
    let opened = ledger.open().await;
    let rows = opened.read_stream(StreamId(other), Revision(1)).await.unwrap();
    let owner = ledger.connect("postgres").await;
    for row in &rows {
        let leaf = opened.leaves(Position(row.position.0), 1).await.unwrap().remove(0);
        let keep = "INSERT INTO caseledger.disposed_leaves (position, leaf) VALUES ($1, $2)";
        owner.execute(keep, &[&i64::try_from(row.position.0).unwrap(), &leaf.as_slice()]).await.unwrap();
    }
    let moved = format!(
        "ALTER TABLE caseledger.events DISABLE TRIGGER ALL; \
         UPDATE caseledger.events SET revision = revision + {} WHERE stream = '{gone}'; \
         UPDATE caseledger.events SET stream = '{gone}', facts = NULL, sealed = NULL, salt = NULL WHERE stream = '{other}'; \
         DELETE FROM caseledger.identifier_index",
        rows.len()
    );
    owner.batch_execute(&moved).await.unwrap();
    let found = ledger.run(&["verify"]).ended(17);
    assert!(found.out.contains("two officers did not sign for it"), "{}", found.out);
}

#[tokio::test]
async fn a_key_that_was_destroyed_past_a_legal_hold_is_found_by_both_checkers() {
    let folder = DataFolder::make();
    let (ledger, keys) = kept(&folder, "held");
    let asked = ["keys", "destroy", "INV-2", "--reason", "erasure"];
    let request = signed(&folder, &ledger, &keys, &asked);
    ledger.run(&["hold", "place", "INV-2", "--reason", "inquiry"]).ended(0);
    ledger.run(&["keys", "destroy", "--request", path(&request)]).ended(4);
    // Somebody who has taken over the server's role records it all the same, with the request that both signed.
    let (opened, subject) = (ledger.open().await, StreamId(entity(2)));
    let key_id = KeyId::new(opened.id(), KeyPurpose::Subject(subject)).to_string();
    let text = fs::read_to_string(&request).unwrap();
    let event = CaseEvent::new(Occurred::UNKNOWN, KeyDestroyed { key_id, subject, request: text });
    let by = EventContext::new(opened.id().0, "ledger");
    let new = event.to_new(EventId(Uuid::new_v4()), SealedFields::none(), by).unwrap();
    let system = opened.custody().await.unwrap().system_stream();
    let mut command = append_to(system, Expected::Any, vec![new]);
    command.appends[0].category = Category::System;
    opened.append(command).await.unwrap();
    drop(opened);
    let found = ledger.run(&["verify"]).ended(14);
    assert!(found.out.contains("while a legal hold stands"), "{} {}", found.out, found.err);
    // The log grows, and what it says is signed.
    ledger.run(&["roster"]).ended(0);
    let log = folder.file("held.log");
    ledger.run(&["export", "log", "--out", path(&log)]).ended(0);
    assert!(ledger.run(&["verify", path(&log)]).ended(14).out.contains("while a legal hold stands"));
    let outside = outsider(&log, &[]).ended(1);
    assert!(outside.err.contains("no legal hold stands"), "{}", outside.err);
}
