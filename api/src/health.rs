//! Whether the server lives, and whether it is ready to answer.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::json;

use crate::state::AppState;

pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// Ready where the ledger can be read; else 503 with the name of the check that fails.
pub(crate) async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let (status, body) = match state.reading.ledger().await {
        Ok(ledger) => (
            StatusCode::OK,
            json!({ "ready": true, "checks": { "ledger": { "ok": true, "head": ledger.head.to_string() } } }),
        ),
        Err(fault) => {
            tracing::warn!(error = &fault as &dyn std::error::Error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                json!({ "ready": false, "checks": { "ledger": { "ok": false } } }),
            )
        }
    };
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n"))
}
