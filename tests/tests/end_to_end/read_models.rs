//! The tables that lists are read from hold what a fresh fold gives, and can be made again.

use std::collections::BTreeMap;

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::Ran;
use domain::ids::StreamId;
use domain::journey::KnownAt;
use ledger::Clock;
use projections::read_models::{ChildFilter, ChildRow, ClockRow, child_row, children, clock_rows};
use replay::{Asked, Replayer};
use serde_json::{Value, json};

async fn tables(ledger: &TestLedger) -> [Vec<Value>; 3] {
    [
        ledger.rows("SELECT * FROM projection.child ORDER BY stream").await,
        ledger.rows("SELECT * FROM projection.clock ORDER BY stream, ordinal").await,
        ledger.rows("SELECT name, ledger, epoch, position FROM projection.checkpoint ORDER BY name").await,
    ]
}

fn as_stored(clock: &ClockRow) -> Value {
    json!({
        "stream": clock.stream.0, "ordinal": clock.ordinal, "rule": clock.rule, "version": clock.version,
        "per": clock.per, "entity": clock.entity.0, "occurrence": clock.occurrence, "state": clock.state,
        "why": clock.why, "is_open": clock.is_open, "started_on": clock.started_on.map(|day| day.to_string()),
        "due_on": clock.due_on.map(|day| day.to_string()), "ended_on": clock.ended_on.map(|day| day.to_string()),
        "start_event": clock.start_event.0, "stop_event": clock.stop_event.map(|event| event.0),
        "used": clock.used, "allowed": clock.allowed, "unit": clock.unit,
    })
}

/// Every child folded afresh, one by one.
async fn folded(ledger: &TestLedger, streams: &[StreamId]) -> (Vec<ChildRow>, Vec<Value>) {
    let replayer = Replayer::new(ledger.open().await);
    let asked = Asked { known: KnownAt::NOW, as_at: None, now: Clock::system().now() };
    let knowledge = replayer.resolve(asked).await.unwrap();
    let (mut rows, mut clocks) = (Vec::new(), Vec::new());
    for stream in streams {
        let child = replayer.child(*stream, knowledge).await.unwrap().unwrap();
        rows.push(child_row(*stream, &child.summary));
        clocks.extend(clock_rows(*stream, &child.answers).iter().map(as_stored));
    }
    (rows, clocks)
}

#[tokio::test]
async fn read_models_equal_a_fresh_fold_and_come_back_when_they_are_dropped() {
    let ledger = shared().ledger("projected");
    let file = shared().file("projected.jsonl");
    let synth = ["synth", "--children", "40", "--years", "3", "--seed", "21", "--until", "2025-06-30"];
    Ran::of(ledger.command().args(synth).arg("--out").arg(&file)).ended(0);
    ledger.import(&file, &[]).ended(0);

    let [stored, clocks, checkpoint] = tables(&ledger).await;
    assert_eq!(stored.len(), 40);
    assert!(clocks.len() > 40, "{} clocks", clocks.len());
    let streams: Vec<StreamId> =
        stored.iter().map(|row| row["stream"].as_str().unwrap().parse().unwrap()).collect();
    let recorded = ledger.rows("SELECT DISTINCT stream FROM caseledger.events WHERE category = 1").await;
    assert_eq!(recorded.len(), streams.len(), "every child has a line");
    let (fresh, fresh_clocks) = folded(&ledger, &streams).await;
    let client = ledger.connect("caseledger_projector").await;
    let held = children(&client, ChildFilter::All, None, 1_000).await.unwrap();
    assert_eq!(held, fresh);
    assert_eq!(clocks, fresh_clocks);

    let owner = ledger.connect("postgres").await;
    owner.batch_execute("DROP SCHEMA projection CASCADE").await.unwrap();
    ledger.run(&["doctor"]).ended(0);
    assert_eq!(tables(&ledger).await, [stored, clocks, checkpoint]);
}

/// A projector that comes late, and one that comes step by step, end with the same rows.
#[tokio::test]
async fn rows_do_not_depend_on_how_often_the_projector_ran() {
    let (whole, stepwise) = (shared().ledger("in_one_go"), shared().ledger("step_by_step"));
    let file = shared().file("steps.jsonl");
    let synth = ["synth", "--children", "15", "--years", "2", "--seed", "22", "--until", "2025-06-30"];
    Ran::of(whole.command().args(synth).arg("--out").arg(&file)).ended(0);
    whole.import(&file, &[]).ended(0);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (header, events) = lines.split_first().unwrap();
    let mut at = 0;
    while at < events.len() {
        // A command is atomic, so a part ends where a command does.
        let mut end = (at + events.len() / 4).min(events.len());
        while end < events.len() && command(events[end]) == command(events[end - 1]) {
            end += 1;
        }
        let part = format!("{header}\n{}\n", events[at..end].join("\n"));
        stepwise.import(&shared().write("step.jsonl", part), &[]).ended(0);
        at = end;
    }
    let by_stream = |rows: Vec<Value>| -> BTreeMap<String, Vec<Value>> {
        let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for mut row in rows {
            let stream = row["stream"].as_str().unwrap().to_owned();
            // The genesis and the order of chunks are a ledger's own.
            row.as_object_mut().unwrap().remove("last_position");
            found.entry(stream).or_default().push(row);
        }
        found
    };
    let [children, clocks, _] = tables(&whole).await;
    let [step_children, step_clocks, _] = tables(&stepwise).await;
    assert_eq!(by_stream(children), by_stream(step_children));
    assert_eq!(by_stream(clocks), by_stream(step_clocks));
}

/// Read models that were folded from another log stop the program; after a lawful break they are folded again.
#[tokio::test]
async fn a_log_that_is_not_the_one_that_was_folded_is_noticed() {
    let ledger = shared().ledger("other_log");
    let file = shared().file("other_log.jsonl");
    let synth = ["synth", "--children", "10", "--years", "2", "--seed", "23", "--until", "2025-06-30"];
    Ran::of(ledger.command().args(synth).arg("--out").arg(&file)).ended(0);
    ledger.import(&file, &[]).ended(0);
    let [stored, clocks, checkpoint] = tables(&ledger).await;
    let owner = ledger.connect("postgres").await;
    owner.batch_execute("CREATE TEMP TABLE kept AS TABLE projection.checkpoint").await.unwrap();
    for (change, said) in [
        ("position = position + 7", "older copy"),
        ("leaf_hash = sha256(leaf_hash)", "went on by itself"),
        ("ledger = gen_random_uuid()", "belongs to ledger"),
    ] {
        owner.batch_execute(&format!("UPDATE projection.checkpoint SET {change}")).await.unwrap();
        let ran = ledger.run(&["doctor"]).ended(5);
        assert!(ran.message().contains(said), "{}", ran.message());
        assert_eq!(tables(&ledger).await[0], stored, "nothing is thrown away");
        let back = "DELETE FROM projection.checkpoint; INSERT INTO projection.checkpoint TABLE kept";
        owner.batch_execute(back).await.unwrap();
        ledger.run(&["doctor"]).ended(0);
    }
    let next_epoch = "ALTER TABLE caseledger.heads DISABLE TRIGGER ALL; \
                      UPDATE caseledger.heads SET epoch = 2 WHERE base_size > 0; \
                      DELETE FROM projection.child; \
                      ALTER TABLE caseledger.heads ENABLE ALWAYS TRIGGER refuse_change, ENABLE ALWAYS TRIGGER refuse_truncate";
    owner.batch_execute(next_epoch).await.unwrap();
    // No break was opened by two officers: that is told, and what is read is folded again all the same.
    let told = ledger.run(&["doctor"]).ended(5);
    assert!(format!("{}{}", told.out, told.err).contains("says epoch 2"), "{} {}", told.out, told.err);
    let [again, clocks_again, moved] = tables(&ledger).await;
    assert_eq!((again, clocks_again), (stored, clocks), "everything is folded again");
    assert_eq!((&moved[0]["epoch"], &checkpoint[0]["epoch"]), (&json!(2), &json!(1)));
}

fn command(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    line["command_id"].as_str().unwrap().to_owned()
}
