//! The API explorer: a plain form that runs a query and prints the answer, with operations to start from.
//!
//! It works without JavaScript. Mutations are refused here, because the form is sent by GET.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};

use super::query::Address;
use super::{Pairs, Section, framed, read};
use crate::components::details;
use crate::graphql_http;
use crate::schema::{LedgerSchema, sdl};

pub(crate) type Executor = LedgerSchema;

/// Operations to start from: what they ask, the document, and its variables.
const READY: [(&str, &str, &str); 6] = [
    (
        "The ledger and its head",
        "{\n  ledger {\n    authority\n    began\n    head\n    headRecordedAt\n    knowledge { resolvedPosition provisional }\n  }\n}",
        "",
    ),
    (
        "Children with what stands out in their record",
        "query Children($first: Int!) {\n  children(first: $first) {\n    totalCount\n    edges { node { stream reference running record { events late corrected disputed observations } } }\n    pageInfo { hasNextPage endCursor }\n  }\n}",
        "{\"first\": 10}",
    ),
    (
        "One child’s timeline",
        "query Timeline($stream: UUID!) {\n  child(stream: $stream) {\n    running\n    timeline(first: 20) {\n      totalCount\n      nodes { title occurred { text } recordedAt lateByDays standing position }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n}",
        "{\"stream\": \"put a child’s stream here\"}",
    ),
    (
        "One child’s open clocks with every counted day",
        "query Clocks($stream: UUID!) {\n  child(stream: $stream) {\n    clocks(openOnly: true) {\n      clocks {\n        rule { id title }\n        state\n        dueOn\n        used { amount unit }\n        startedBy { kind occurred { text } position }\n        explanation { date number reason holiday }\n      }\n      knowledge { basis asAt resolvedPosition ruleVersions }\n    }\n  }\n}",
        "{\"stream\": \"put a child’s stream here\"}",
    ),
    (
        "What is due or overdue",
        "{\n  due(first: 20) {\n    by\n    totalCount\n    edges { node { reference dueOn dueLatest state rule { id title } team } }\n  }\n}",
        "",
    ),
    (
        "Indicators of a year",
        "{\n  indicators(period: { from: \"2024-04-01\", to: \"2025-03-31\" }) {\n    indicators {\n      rule { id title }\n      met late overdue cannotTell historyIncomplete\n      closed shareInTime shareInTimeWithOpen median ninetiethPercentile\n    }\n    knowledge { resolvedPosition provisional }\n  }\n}",
        "",
    ),
];

pub(super) fn router(executor: Executor) -> Router {
    Router::new().route("/explorer", get(show)).route("/schema.graphql", get(definition)).with_state(executor)
}

async fn definition() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sdl())
}

async fn show(State(executor): State<Executor>, pairs: Pairs) -> Markup {
    let query = read(pairs);
    let [(_, first, _), ..] = READY;
    let document = query.get("query").unwrap_or(first);
    let variables = query.get("variables").unwrap_or_default();
    let answer = match query.get("query") {
        Some(document) => Some(run(executor, document, variables).await),
        None => None,
    };
    let content = html! {
        h1 class="govuk-heading-l" { "API explorer" }
        p class="govuk-body" {
            "GraphQL is answered at " span class="cl-id" { "/graphql" } ". "
            a class="govuk-link" href="/schema.graphql" { "Read the schema" } "."
        }
        form method="get" action="/explorer" {
            div class="govuk-form-group" {
                label class="govuk-label govuk-label--s" for="query" { "Query" }
                textarea class="govuk-textarea cl-code" id="query" name="query" rows="14" spellcheck="false" { (document) }
            }
            div class="govuk-form-group" {
                label class="govuk-label govuk-label--s" for="variables" { "Variables, as JSON" }
                textarea class="govuk-textarea cl-code" id="variables" name="variables" rows="3" spellcheck="false" { (variables) }
            }
            button type="submit" class="govuk-button" { "Run" }
        }
        @if let Some(answer) = &answer { (shown(answer)) }
        (details("Operations to start from", &ready()))
    };
    framed("API explorer", Some(Section::Explorer), html! {}, &content)
}

fn shown(answer: &str) -> Markup {
    html! {
        h2 class="govuk-heading-m" { "Answer" }
        pre class="cl-answer" tabindex="0" role="region" aria-label="Answer" { (answer) }
    }
}

fn ready() -> Markup {
    html! {
        ul class="govuk-list" {
            @for (title, document, variables) in READY {
                @let variables = (!variables.is_empty()).then(|| variables.to_owned());
                li { a class="govuk-link" href=(Address::new("/explorer").with("query", Some(document.to_owned())).with("variables", variables)) { (title) } }
            }
        }
    }
}

/// Runs a document within all limits of the interface; the answer is indented JSON.
async fn run(executor: Executor, document: &str, variables: &str) -> String {
    let response = graphql_http::run_query(executor, document, variables).await;
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
    let value = serde_json::from_slice::<serde_json::Value>(&bytes).unwrap_or_default();
    serde_json::to_string_pretty(&value).unwrap_or_default()
}
