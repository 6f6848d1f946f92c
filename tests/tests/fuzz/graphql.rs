//! Documents and bodies of `/graphql`: each gets an answer, and the server goes on.

use std::time::Duration;

use caseledger_tests::data_folder::DataFolder;
use caseledger_tests::program::fixture;
use caseledger_tests::served::Server;

use super::fuzz;

const DOCUMENTS: [&str; 5] = [
    "{ ledger(asAt: \"2024-06-30\") { __typename } }",
    "query Due($first: Int! = 3) { due(first: $first, by: \"2024-07-31\") { __typename pageInfo { endCursor } } }",
    "{ children(first: 2) { pageInfo { hasNextPage } } __schema { types { name kind } } rules(id: \"CP-04\") { id } }",
    "fragment a on Child { bornOn ...b } fragment b on Child { bornOn } { child(reference: \"INV-1\") { ...a @include(if: true) } }",
    "{ indicators(period: { from: \"2024-01-01\", to: \"2024-06-30\" }) { __typename } }",
];

#[test]
fn graphql() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("fuzz");
    let sample = fixture("annex-a/Annex_A.xlsx").display().to_string();
    ledger.run(&["import", &sample, "--authority", "999"]);
    let mut server = Server::of(&ledger);
    let body = |document: &str| {
        format!("{{\"query\":{},\"variables\":{{\"first\":2}}}}", serde_json::Value::from(document))
            .into_bytes()
    };
    let samples = DOCUMENTS.map(body);
    fuzz("graphql", &samples, |bytes| {
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            bytes.len()
        );
        let reply = server.try_ask_bytes(&[head.as_bytes(), bytes].concat());
        let reply = reply.map_err(|fault| format!("no answer: {fault}"))?;
        match reply.status {
            200 => Ok(!reply.has("\"errors\"")),
            400 | 405 | 413 | 415 | 422 | 429 => Ok(false),
            status => Err(format!("status {status}: {}", reply.text)),
        }
    });
    assert!(server.is_running(), "the server ended");
    server.answers_within(Duration::from_secs(10), "all that");
}
