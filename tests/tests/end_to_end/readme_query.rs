//! The query that the README shows gives the answer that it shows, on the ledger that its commands make.

use std::fs;
use std::sync::Arc;

use api::{AppState, LedgerReading, schema};
use caseledger_tests::data_folder::shared;
use caseledger_tests::program::{Ran, workspace};
use replay::Replayer;
use serde_json::Value;

/// The first block of the README with this info string.
fn block<'a>(readme: &'a str, info: &str) -> &'a str {
    let start = readme.find(&format!("```{info}\n")).unwrap() + info.len() + 4;
    let rest = &readme[start..];
    &rest[..rest.find("```").unwrap()]
}

#[tokio::test]
async fn the_query_of_the_readme_is_answered_as_printed() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    assert!(readme.contains("$ caseledger synth --children 60 --years 3 --seed 1 --out invented.jsonl"));
    let ledger = shared().ledger("readme");
    let file = shared().file("invented.jsonl");
    let synth = ["synth", "--children", "60", "--years", "3", "--seed", "1"];
    Ran::of(ledger.command().args(synth).arg("--out").arg(&file)).ended(0);
    ledger.import(&file, &[]).ended(0);

    let state = AppState::new(Arc::new(LedgerReading::new(Replayer::new(ledger.open().await))));
    let answer = schema(state).execute(block(&readme, "graphql")).await;
    let printed: Value = serde_json::from_str(block(&readme, "json")).unwrap();
    assert_eq!(serde_json::to_value(&answer).unwrap(), printed);
}
