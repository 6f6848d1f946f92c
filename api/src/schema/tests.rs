//! Queries through the schema, on three invented children; and the schema as the tree holds it.

use async_graphql::{Request, Variables};
use serde_json::{Value, json};

use super::{schema, sdl};
use crate::state::AppState;
use crate::test_story::{FIRST, SECOND, Story, now};

async fn ask(query: &str, variables: Value) -> Value {
    let state = AppState { now, ..AppState::new(std::sync::Arc::new(Story::told())) };
    let request = Request::new(query).variables(Variables::from_json(variables));
    serde_json::to_value(schema(state).execute(request).await).unwrap()
}

async fn data(query: &str, variables: Value) -> Value {
    let answer = ask(query, variables).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"].clone()
}

/// Sorted fields; `UPDATE=1` rewrites the file.
#[test]
fn the_schema_is_the_one_in_the_tree() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema.graphql");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, sdl()).unwrap();
    }
    let held = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        held == sdl(),
        "docs/schema.graphql differs from the schema: run this test with UPDATE=1 and look at the diff"
    );
}

#[tokio::test]
async fn every_answer_says_on_which_knowledge_it_rests() {
    let query = "query($at: DateTime) { ledger(knownAt: $at) { head knowledge { resolvedPosition provisional ledgerBegan asAt } } }";
    for (at, position, provisional, as_at) in [
        (json!(null), "26", true, "2025-06-10"),
        (json!("2025-06-02T07:30:00Z"), "26", false, "2025-06-02"),
        (json!("2025-03-04T10:00:00Z"), "4", false, "2025-03-04"),
        (json!("2025-03-04T09:59:59Z"), "3", false, "2025-03-04"),
        (json!("2020-01-01T00:00:00Z"), "0", false, "2020-01-01"),
    ] {
        let knowledge = &data(query, json!({ "at": at })).await["ledger"]["knowledge"];
        assert_eq!(knowledge["resolvedPosition"], position, "{at}");
        assert_eq!(knowledge["provisional"], provisional, "{at}");
        assert_eq!(knowledge["asAt"], as_at, "{at}");
    }
}

#[tokio::test]
async fn the_signed_and_the_witnessed_size_stand_beside_the_size() {
    let ledger = data("{ ledger { head signedUpTo witnessedUpTo } }", json!({})).await;
    assert_eq!(ledger["ledger"], json!({ "head": "26", "signedUpTo": "26", "witnessedUpTo": "1" }));
}

#[tokio::test]
async fn a_child_is_found_by_reference_or_stream_and_by_one_of_them() {
    let by_reference =
        data("{ child(reference: \"INVENTED-1\") { stream running bornOn } }", json!({})).await;
    assert_eq!(by_reference["child"]["stream"], FIRST.to_string());
    assert_eq!(by_reference["child"]["running"][0], "child protection plan");
    assert_eq!(
        data("{ child(reference: \"nobody\") { stream } }", json!({})).await,
        json!({ "child": null })
    );
    let neither = ask("{ child { stream } }", json!({})).await;
    assert_eq!(neither["errors"][0]["extensions"]["code"], "BAD_ARGUMENT");
}

#[tokio::test]
async fn a_timeline_is_paged_without_loss_or_repetition() {
    let query =
        "query($stream: UUID!, $after: String) { child(stream: $stream) { timeline(first: 3, after: $after) {
        totalCount nodes { position standing } pageInfo { hasNextPage endCursor } } } }";
    let mut seen = Vec::new();
    let mut after = json!(null);
    loop {
        let answer = data(query, json!({ "stream": FIRST.to_string(), "after": after })).await;
        let page = &answer["child"]["timeline"];
        seen.extend(
            page["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["position"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], seen.len());
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!((distinct.len(), seen.len()), (14, 14));
}

#[tokio::test]
async fn a_late_and_corrected_conference_differs_by_the_moment_of_knowledge() {
    let query = "query($stream: UUID!, $at: DateTime) { child(stream: $stream, knownAt: $at) {
        timeline(first: 5, kinds: [\"initial_conference_held\"]) { nodes {
            occurred { text day instant } lateByDays standing amendments { kind occurredBefore { text } } } } } }";
    let conference = |at: &'static str| async move {
        let answer = data(query, json!({ "stream": FIRST.to_string(), "at": at })).await;
        answer["child"]["timeline"]["nodes"][0].clone()
    };
    assert_eq!(conference("2025-04-14T10:59:59Z").await, Value::Null);
    let first = conference("2025-04-30T00:00:00Z").await;
    assert_eq!((&first["occurred"]["day"], &first["lateByDays"]), (&json!("2025-03-29"), &json!(16)));
    assert_eq!(first["occurred"]["instant"], Value::Null);
    let corrected = conference("2025-05-06T12:00:00Z").await;
    assert_eq!((&corrected["occurred"]["day"], &corrected["lateByDays"]), (&json!("2025-04-02"), &json!(12)));
    assert_eq!(corrected["amendments"][0]["occurredBefore"]["text"], "2025-03-29");
}

#[tokio::test]
async fn a_clock_brings_its_evidence_and_its_days() {
    let query = "query($stream: UUID!) { child(stream: $stream) { clocks(rule: \"AS-03\") {
        clocks { state dueOn used { amount unit } startedBy { kind position } explanation { date number reason holiday } }
        knowledge { ruleVersions calendarKnownAt } } } }";
    let answer = data(query, json!({ "stream": FIRST.to_string() })).await;
    let clock = &answer["child"]["clocks"]["clocks"][0];
    assert_eq!((&clock["state"], &clock["dueOn"]), (&json!("OVERDUE"), &json!("2025-05-08")));
    assert_eq!(clock["startedBy"], json!({ "kind": "referral_received", "position": "3" }));
    let days = clock["explanation"].as_array().unwrap();
    let counted = days.iter().filter(|day| day["number"].as_u64().is_some_and(|number| number > 0)).count();
    assert_eq!(counted, 45);
    assert!(days.iter().any(|day| day["holiday"] == "Easter Monday" && day["number"].is_null()));
    assert_eq!(answer["child"]["clocks"]["knowledge"]["calendarKnownAt"], "2025-06-10");
}

#[tokio::test]
async fn due_lists_the_earliest_last_day_first() {
    let query = "{ due(by: \"2025-12-31\", first: 100) { totalCount edges { node { dueOn dueLatest state rule { id } reference } } knowledge { ruleVersions } } }";
    let answer = data(query, json!({})).await;
    let rows = answer["due"]["edges"].as_array().unwrap();
    let days: Vec<&str> = rows.iter().map(|row| row["node"]["dueLatest"].as_str().unwrap()).collect();
    assert!(days.is_sorted() && days.len() >= 3, "{days:?}");
    // Every date of the story is certain.
    assert!(rows.iter().all(|row| row["node"]["dueOn"] == row["node"]["dueLatest"]));
    assert_eq!(
        (rows[0]["node"]["state"].as_str(), rows[0]["node"]["reference"].as_str()),
        (Some("OVERDUE"), Some("INVENTED-1"))
    );
}

#[tokio::test]
async fn due_counts_what_has_no_row_with_the_reason() {
    let query = "{ due(by: \"2025-12-31\", first: 100) { leftOut cannotTell { reason clocks } } }";
    let answer = data(query, json!({})).await;
    let reasons = answer["due"]["cannotTell"].as_array().unwrap();
    assert!(!reasons.is_empty(), "{answer}");
    assert!(reasons.iter().all(|it| it["clocks"].as_u64() > Some(0) && it["reason"].is_string()), "{answer}");
}

#[tokio::test]
async fn indicators_count_open_clocks_beside_closed_ones() {
    let query = "{ indicators(period: { from: \"2025-01-01\", to: \"2025-06-10\" }) { indicators {
        rule { id } met late overdue closed shareInTime childrenCount } knowledge { asAt } } }";
    let answer = data(query, json!({})).await;
    let all = answer["indicators"]["indicators"].as_array().unwrap();
    let of = |id: &str| all.iter().find(|one| one["rule"]["id"] == id).cloned().unwrap();
    assert_eq!((&of("AS-03")["overdue"], &of("AS-03")["shareInTime"]), (&json!(1), &Value::Null));
    // 15 working days from 10 March end on 31 March; the conference was on 2 April.
    assert_eq!((&of("CP-04")["late"], &of("CP-04")["childrenCount"]), (&json!(1), &json!(1)));
    assert_eq!(answer["indicators"]["knowledge"]["asAt"], "2025-06-10");
}

#[tokio::test]
async fn children_are_narrowed_to_what_runs_and_an_unknown_status_is_refused_with_those_that_there_are() {
    let listed = |running: &str| {
        let query = format!("{{ children(first: 100, running: \"{running}\") {{ totalCount }} }}");
        async move { ask(&query, json!({})).await }
    };
    assert_eq!(listed("child protection plan").await["data"]["children"]["totalCount"], 1);
    for running in ["pre-proceedings", "PRE_PROCEEDINGS", "care leaver"] {
        assert_eq!(listed(running).await["data"]["children"]["totalCount"], 0, "{running}");
    }
    let refused = listed("on a plan").await;
    let told = refused["errors"][0]["message"].as_str().unwrap();
    assert!(told.contains("Unknown status “on a plan”. Use one of: missing, looked after,"), "{told}");
}

#[tokio::test]
async fn what_is_out_of_bounds_is_refused_with_its_code() {
    let cursor_of_children = data("{ children(first: 1) { pageInfo { endCursor } } }", json!({})).await;
    let cursor = cursor_of_children["children"]["pageInfo"]["endCursor"].clone();
    for (query, code) in [
        ("{ children(first: 0) { totalCount } }".to_owned(), "BAD_ARGUMENT"),
        ("{ children(first: 101) { totalCount } }".to_owned(), "BAD_ARGUMENT"),
        (format!("{{ due(first: 1, after: {cursor}) {{ totalCount }} }}"), "BAD_CURSOR"),
        ("{ children(first: 1, after: \"x\") { totalCount } }".to_owned(), "BAD_CURSOR"),
        ("{ due(first: 1, rule: \"ZZ\") { totalCount } }".to_owned(), "BAD_ARGUMENT"),
        ("{ rules(id: \"ZZ\") { id } }".to_owned(), "BAD_ARGUMENT"),
        (
            format!("{{ child(stream: \"{SECOND}\") {{ clocks(rule: \"ZZ\") {{ clocks {{ state }} }} }} }}"),
            "BAD_ARGUMENT",
        ),
        (
            "{ indicators(period: { from: \"2025-02-01\", to: \"2025-01-01\" }) { from } }".to_owned(),
            "BAD_ARGUMENT",
        ),
        (
            format!(
                "{{ child(stream: \"{SECOND}\") {{ timeline(first: 1, kinds: [\"x\"]) {{ totalCount }} }} }}"
            ),
            "BAD_ARGUMENT",
        ),
    ] {
        let answer = ask(&query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query}: {answer}");
    }
}

/// "Nothing is due" would be the wrong answer to a mistyped rule.
#[tokio::test]
async fn an_unknown_rule_is_refused_with_the_rules_near_it() {
    let answer = ask("{ due(first: 1, rule: \"CP-O4\") { totalCount } }", json!({})).await;
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("“CP-O4”") && message.contains("CP-04"), "{message}");
}

#[tokio::test]
async fn a_document_that_multiplies_is_too_costly() {
    let list = "children(first: 100) { edges { node { stream reference running team bornOn record { events late corrected withdrawn disputed observations lastEventOn } } } }";
    assert_eq!(ask(&format!("{{ {list} }}"), json!({})).await.get("errors"), None);
    let query = format!("{{ a: {list} b: {list} c: {list} }}");
    let answer = ask(&query, json!({})).await;
    assert_eq!(answer["errors"][0]["message"], "Query is too complex.");
}
