//! What an import tells and keeps beside its rows: dates that stand for none, another authority's events. Every child is
//! invented.

use caseledger_tests::data_folder::shared;
use caseledger_tests::events::{EventFile, Line};
use serde_json::json;

#[tokio::test]
async fn a_file_of_events_of_another_authority_is_declared_once_and_refused_without_that_word() {
    let ledger = shared().ledger("anothers_events");
    ledger.run(&["init", "--authority", "999"]).ended(0);
    let born = Line::new(1, 1, "child_registered", "2024-01-02").sealed(json!({ "la_child_id": "INV-1" }));
    let file = shared().write("anothers.jsonl", EventFile::new().event(&born).text());
    for check in [&[][..], &["--check"]] {
        let refused = ledger.import(&file, check).ended(3);
        assert!(refused.err.contains("--another-authority"), "{}", refused.err);
    }
    let declared = async || {
        let sql = "SELECT facts FROM caseledger.events WHERE kind = 'extract_declared' ORDER BY position";
        let rows = ledger.rows(sql).await;
        rows.iter().map(|row| row["facts"]["details"]["authority"].clone()).collect::<Vec<_>>()
    };
    assert!(declared().await.is_empty());
    for _ in 0..2 {
        ledger.import(&file, &["--another-authority"]).ended(0);
        assert_eq!(declared().await, [json!("INV")]);
    }
}

#[test]
fn a_date_that_stands_for_none_refuses_its_line_and_the_rest_is_recorded() {
    let ledger = shared().ledger("placeholder_lines");
    let plan = [("plan", 30)];
    let lines = [
        Line::new(1, 1, "child_registered", "2024-01-02").sealed(json!({ "la_child_id": "INV-1" })),
        Line::new(2, 1, "child_protection_plan_started", "2024-01-10").about(&plan),
        Line::new(3, 1, "child_protection_plan_ended", "1900-01-01").entered("2024-02-01").about(&plan),
    ];
    let text = lines.iter().fold(EventFile::new(), |file, line| file.event(line)).text();
    let ran = ledger.import(&shared().write("placeholders.jsonl", text), &[]).ended(3);
    let refused = ran.note("refused").to_string();
    assert!(refused.contains("line 4: field occurred: 1900-01-01"), "{refused}");
    assert_eq!(ledger.ask(&["replay", "INV-1"]).ended(0).rows().len(), 2, "the plan runs on in every answer");
}
