//! Every kind of the catalogue through a real ledger: imported, corrected by a later entry, exported, and found in the
//! child's timeline. The samples of `domain/samples` are invented.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use api::{AppState, LedgerReading, schema};
use caseledger_tests::data_folder::shared;
use caseledger_tests::events::{EventFile, entity, id};
use caseledger_tests::program::workspace;
use domain::events::Kind;
use replay::Replayer;
use serde_json::{Value, json};

/// The day that a correction puts in place of the sample's.
const CORRECTED: &str = "2024-03-12";

/// What says something about the record and not about the child: told beside a timeline, not in it.
const ABOUT_THE_RECORD: [&str; 2] = ["history_coverage_stated", "source_claim_disputed"];

/// The newest sample of each kind that is recorded by itself, in a stream of its own; kinds of the ledger's own keeping and
/// amendments, which need something to amend, are left out.
fn samples() -> BTreeMap<&'static str, Value> {
    let alone = |kind: &&Kind| !kind.is_amendment() && kind.category().name() != "system";
    Kind::ALL
        .iter()
        .filter(alone)
        .zip(0_u64..)
        .map(|(kind, number)| (kind.name(), sample(*kind, number)))
        .collect()
}

fn sample(kind: Kind, number: u64) -> Value {
    let name = format!("domain/samples/{}.{}.json", kind.name(), kind.schema_version());
    let text = fs::read_to_string(workspace().join(name)).unwrap();
    let mut line: Value = serde_json::from_str(&text).unwrap();
    line["stream"] = json!(entity(20_000 + number));
    line["event_id"] = json!(id(50_000 + number));
    line["command_id"] = json!(id(1_050_000 + number));
    line
}

/// The same event, put right: it happened a day later.
fn correction(sample: &Value, number: u64) -> Value {
    let mut line = sample.clone();
    line["event_id"] = json!(id(60_000 + number));
    line["command_id"] = json!(id(1_060_000 + number));
    line["kind"] = json!("event_corrected");
    line["schema"] = json!(1);
    let replacement = json!({
        "facts": sample["facts"], "kind": sample["kind"], "schema": sample["schema"], "occurred": CORRECTED,
    });
    line["facts"] = json!({ "details": {
        "target": sample["event_id"], "reason": "typing_error", "changed": ["occurred"], "inferred": false, "replacement": replacement,
    }});
    line.as_object_mut().unwrap().remove("sealed");
    line
}

#[tokio::test]
async fn every_kind_is_recorded_corrected_exported_and_found_in_a_timeline() {
    let folder = shared();
    let (ledger, samples) = (folder.ledger("every_kind"), samples());
    let mut file = EventFile::new();
    for (line, number) in samples.values().zip(0_u64..) {
        file = file.line(line.clone()).line(correction(line, number));
    }
    let imported = ledger.import(&folder.write("every-kind.jsonl", file.text()), &[]).ended(0);
    assert_eq!(imported.rows()[0]["new"], json!(samples.len() * 2));

    let out = folder.file("every-kind-out.jsonl");
    ledger.run(&["export", "events", "--out", out.to_str().unwrap()]).ended(0);
    let exported = fs::read_to_string(&out).unwrap();
    let kinds: BTreeSet<String> = exported
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    assert!(samples.keys().all(|kind| kinds.contains(*kind)));

    let state = AppState::new(Arc::new(LedgerReading::new(Replayer::new(ledger.open().await))));
    let schema = schema(state);
    let of_children: Vec<(&&str, &Value)> = samples
        .iter()
        .filter(|(kind, line)| line["category"] == "child" && !ABOUT_THE_RECORD.contains(kind))
        .collect();
    assert!(of_children.len() > 200, "{}", of_children.len());
    for (kind, line) in of_children {
        let query = format!(
            "{{ child(reference: {}) {{ timeline(first: 5) {{ nodes {{ kind occurred {{ text }} amendments {{ kind }} }} }} }} }}",
            line["stream"]
        );
        let answer = serde_json::to_value(schema.execute(query).await).unwrap();
        let expected = json!([{ "kind": kind, "occurred": { "text": CORRECTED }, "amendments": [{ "kind": "CORRECTED" }] }]);
        assert_eq!(answer["data"]["child"]["timeline"]["nodes"], expected, "{kind}: {answer}");
    }
}
