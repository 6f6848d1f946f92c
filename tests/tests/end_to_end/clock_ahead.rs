//! A database whose clock was ahead while a file was brought in, and the way out that `caseledger clock` gives. Every child is
//! invented.

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::events::{EventFile, Line, entity};
use chrono::{DateTime, TimeDelta, Utc};
use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::CaseEvent;
use domain::ids::{CommandId, EventId, StreamId};
use domain::time::Occurred;
use ledger::test_support::lead_database_clock;
use ledger::{Clock, Command, Expected, StreamAppend};
use serde_json::json;

use crate::disposal::{officers, path, sign, two_invented_children};

const AHEAD: TimeDelta = TimeDelta::days(400);

#[expect(clippy::disallowed_methods, reason = "the database's time is the real one here")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// What a program records whose clock is ahead together with the database's.
async fn record_ahead(ledger: &TestLedger, child: StreamId) {
    lead_database_clock(&ledger.connect("postgres").await, AHEAD).await;
    let ahead = ledger.open_at(Clock::new(|| now() + AHEAD)).await;
    let day = Occurred::on("2024-05-07".parse().unwrap());
    let referral = CaseEvent::read(day, "referral_received", 1, r#"{"details":{}}"#).unwrap();
    let context = EventContext::new(uuid::Uuid::from_u128(7), "social_worker");
    let event = referral.to_new(EventId(uuid::Uuid::from_u128(70)), SealedFields::none(), context).unwrap();
    let append = StreamAppend::new(child, Category::Child, Expected::Any, vec![event]);
    let command = Command { command_id: CommandId(uuid::Uuid::from_u128(71)), appends: vec![append] };
    ahead.append(command).await.unwrap();
    lead_database_clock(&ledger.connect("postgres").await, TimeDelta::zero()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_set_the_time_right_and_the_ledger_goes_on() {
    let folder = shared();
    let ledger = folder.ledger("ahead");
    let file = folder.write("ahead.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    let keys = officers(folder, &ledger);
    let before = now();
    let refused = ledger.run(&["clock", "prepare", "--out", path(&folder.file("none.request"))]).ended(4);
    assert!(refused.message().contains("nothing to set right"), "{}", refused.err);
    record_ahead(&ledger, StreamId(entity(1))).await;

    // Nothing can be recorded, and every command that is asked says so.
    let next =
        Line::new(900, 3, "child_registered", "2024-03-04").with(json!({ "date_of_birth": "2013-07-09" }));
    let next = folder.write("after.jsonl", EventFile::new().event(&next).text());
    let refused = ledger.import(&next, &[]);
    assert!(refused.err.contains("caseledger clock show"), "{}", refused.err);
    let shown = ledger.run(&["clock", "show"]).ended(0);
    assert!(
        shown.out.contains("nothing can be recorded") && shown.out.contains("clock prepare"),
        "{}",
        shown.out
    );
    let doctor = ledger.run(&["doctor"]);
    assert!(doctor.out.contains("caseledger clock show"), "{}", doctor.out);

    let request = folder.file("ahead.request");
    let early = ["clock", "prepare", "--true-time", "2024-01-01T00:00:00Z", "--out", path(&request)];
    assert!(ledger.run(&early).ended(2).message().contains("between"), "before the last right event");
    ledger.run(&["clock", "prepare", "--out", path(&request)]).ended(0);
    assert!(
        ledger.run(&["clock", "set", "--request", "/dev/null"]).ended(3).message().contains("is no file")
    );
    sign(&ledger, &request, &keys[0]).ended(0);
    ledger.run(&["clock", "set", "--request", path(&request)]).ended(4);
    sign(&ledger, &request, &keys[1]).ended(0);
    let set = ledger.run(&["clock", "set", "--request", path(&request)]).ended(0);
    assert!(set.err.contains("can be recorded again"), "{}", set.err);

    ledger.import(&next, &[]).ended(0);
    ledger.run(&["verify"]).ended(0);
    ledger.run(&["doctor"]).ended(0);
    let shown = ledger.run(&["clock", "show"]).ended(0);
    assert!(shown.out.contains("the row says") && !shown.out.contains("nothing can be"), "{}", shown.out);
    let replayed = ledger.ask(&["replay", "INV-1"]).json();
    let ahead = replayed["rows"].as_array().unwrap().last().unwrap().clone();
    let recorded: DateTime<Utc> = ahead["recorded_at"].as_str().unwrap().parse().unwrap();
    assert!(before < recorded && recorded < now(), "{ahead}");
    let known = |at: DateTime<Utc>| {
        let at = at.to_rfc3339();
        let replayed = ledger.ask(&["replay", "INV-1", "--known-at", &at]).json();
        replayed["rows"].as_array().unwrap().len()
    };
    assert_eq!((known(before), known(now())), (2, 3), "known from the true time on");
}
