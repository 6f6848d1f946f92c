//! The HTTP table, against a schema of its own that has a mutation and fields that fail.

use async_graphql::{EmptySubscription, Object, Schema};
use axum::body::to_bytes;
use axum::http::HeaderMap;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

struct Query;

#[Object]
impl Query {
    async fn twice(&self, number: i32) -> i32 {
        number * 2
    }

    async fn echo(&self, id: uuid::Uuid) -> uuid::Uuid {
        id
    }

    async fn fails(&self) -> async_graphql::Result<i32> {
        Err("it failed".into())
    }

    /// `Option<Result<_>>`: an error nulls this field only.
    async fn maybe(&self) -> Option<async_graphql::Result<i32>> {
        Some(Err("it failed".into()))
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn change(&self) -> bool {
        true
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or("")
    }
}

async fn send(request: axum::http::Request<Body>) -> Answer {
    let schema = Schema::build(Query, Mutation, EmptySubscription).finish();
    let response = router(schema).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

async fn post(accept: &str, body: impl Into<Body>) -> Answer {
    let request = axum::http::Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", accept)
        .body(body.into());
    send(request.unwrap()).await
}

async fn get(query: &str) -> Answer {
    let request = axum::http::Request::get(format!("/graphql?{query}"))
        .header("accept", "application/graphql-response+json")
        .body(Body::empty());
    send(request.unwrap()).await
}

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

#[tokio::test]
async fn a_document_is_answered_by_its_media_type() {
    for (body, json_status, graphql_status, code) in [
        (json!({"query": "{ twice(number: 2) }"}), 200, 200, ""),
        (json!({"query": "query A($n: Int!) { twice(number: $n) }", "variables": {"n": 2}}), 200, 200, ""),
        (
            json!({"query": "query A { a: twice(number: 1) } query B { twice(number: 2) }", "operationName": "B"}),
            200,
            200,
            "",
        ),
        (json!({"query": "{"}), 200, 400, "DOCUMENT_UNPARSABLE"),
        (json!({"query": "{ thrice }"}), 200, 400, "DOCUMENT_INVALID"),
        (json!({"query": "query A($n: Int!) { twice(number: $n) }"}), 200, 400, "DOCUMENT_INVALID"),
        (
            json!({"query": "query A($n: Int!) { twice(number: $n) }", "variables": {"n": "two"}}),
            200,
            400,
            "DOCUMENT_INVALID",
        ),
        (
            json!({"query": "query A { a: twice(number: 1) }", "operationName": "C"}),
            200,
            400,
            "DOCUMENT_INVALID",
        ),
        (json!({"query": "{ fails }"}), 200, 200, ""),
        (json!({"query": "{ maybe }"}), 200, 200, ""),
        (json!({"query": format!("{{ {} }}", "a ".repeat(9000))}), 400, 400, "OVER_BUDGET"),
        (
            json!({"query": "{ a: twice(number: 1) b: twice(number: 1) c: twice(number: 1) d: twice(number: 1) e: twice(number: 1) f: twice(number: 1) }"}),
            400,
            400,
            "OVER_BUDGET",
        ),
        (json!([{"query": "{ twice(number: 2) }"}]), 400, 400, "BAD_REQUEST"),
        (json!({"query": 3}), 400, 400, "BAD_REQUEST"),
        (json!({"query": "{ fails }", "variables": []}), 400, 400, "BAD_REQUEST"),
        (json!("text"), 400, 400, "BAD_REQUEST"),
    ] {
        for (accept, status) in [(JSON, json_status), (GRAPHQL, graphql_status)] {
            let answer = post(accept, body.to_string()).await;
            assert_eq!(answer.status, status, "{body} as {accept}: {}", answer.body);
            assert_eq!(answer.code(), code, "{body}");
            assert!(answer.header("content-type").starts_with(accept), "{body}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn data_stands_in_an_answer_only_where_something_was_executed() {
    assert_eq!(post(JSON, r#"{"query":"{ thrice }"}"#).await.body.get("data"), None);
    assert_eq!(post(JSON, r#"{"query":"{ fails }"}"#).await.body["data"], Value::Null);
    assert_eq!(post(JSON, r#"{"query":"{ maybe }"}"#).await.body["data"], json!({"maybe": null}));
    assert_eq!(post(JSON, r#"{"query":"{ twice(number: 4) }"}"#).await.body, json!({"data": {"twice": 8}}));
}

#[tokio::test]
async fn get_answers_queries_and_nothing_else() {
    assert_eq!(get("query=%7Btwice(number:3)%7D").await.body, json!({"data": {"twice": 6}}));
    let with_variables = "query=query(%24n:Int!)%7Btwice(number:%24n)%7D&variables=%7B%22n%22:5%7D";
    assert_eq!(get(with_variables).await.body, json!({"data": {"twice": 10}}));
    for mutation in
        ["query=mutation%7Bchange%7D", "query=query+A%7Bfails%7D+mutation+B%7Bchange%7D&operationName=B"]
    {
        let answer = get(mutation).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
        assert_eq!(answer.code(), "METHOD_NOT_ALLOWED");
    }
    for malformed in ["", "query=%7Bfails%7D&variables=no", "query=%7Bfails%7D&query=%7Bfails%7D"] {
        assert_eq!(get(malformed).await.status, 400, "{malformed}");
    }
    assert_eq!(
        post(JSON, r#"{"query":"mutation { change }"}"#).await.body,
        json!({"data": {"change": true}})
    );
}

#[tokio::test]
async fn what_is_no_graphql_request_is_refused_with_its_status() {
    let request = |method: &str, content_type: &str, accept: &str, body: &str| {
        axum::http::Request::builder()
            .method(method)
            .uri("/graphql")
            .header("content-type", content_type)
            .header("accept", accept)
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    let valid = r#"{"query":"{ twice(number: 1) }"}"#;
    let large = format!("{{\"query\":\"{}\"}}", "x".repeat(BODY_LIMIT));
    for (method, content_type, accept, body, status, code) in [
        ("POST", "text/plain", JSON, valid, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST", "application/json; charset=utf-16", JSON, valid, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "POST",
            "application/x-www-form-urlencoded",
            JSON,
            "query=%7Bfails%7D",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("POST", JSON, "text/html", valid, 406, "NOT_ACCEPTABLE"),
        ("POST", JSON, JSON, large.as_str(), 413, "BODY_TOO_LARGE"),
        ("POST", JSON, JSON, "", 400, "BAD_REQUEST"),
        ("POST", JSON, JSON, "{\"query", 400, "BAD_REQUEST"),
        ("PUT", JSON, JSON, valid, 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", JSON, JSON, valid, 405, "METHOD_NOT_ALLOWED"),
    ] {
        let answer = send(request(method, content_type, accept, body)).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{method} {content_type} {accept}");
    }
}

/// Clients branch on codes: a value that cannot be read has one too, in the document and among the variables.
#[tokio::test]
async fn the_executors_own_errors_have_a_code() {
    const V: &str = "query($id: UUID!) { echo(id: $id) }";
    for (body, code) in [
        (json!({ "query": "{ echo(id: \"not one\") }" }), "BAD_ARGUMENT"),
        (json!({ "query": V, "variables": { "id": "not one" } }), "BAD_ARGUMENT"),
        (json!({ "query": "{ nothing }" }), "DOCUMENT_INVALID"),
    ] {
        for accept in ["application/json", "application/graphql-response+json"] {
            let answer = post(accept, body.to_string()).await;
            assert_eq!(answer.code(), code, "{body} {accept}: {}", answer.body);
        }
    }
}
