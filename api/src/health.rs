//! Whether the server lives, and whether it is ready to answer.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::ids::Position;
use serde_json::json;

use crate::reading::{Covered, ReadingFault};
use crate::state::AppState;

pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// Ready where the ledger can be read; else 503 with the name of the check that fails. How far the log is signed and
/// witnessed stands beside its size and is no condition: an outage of a signer or a witness never stops an append.
pub(crate) async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let (status, body) = match sizes(&state).await {
        Ok((head, Covered { signed, witnessed })) => (
            StatusCode::OK,
            json!({ "ready": true, "checks": { "ledger": {
                "ok": true, "head": head.to_string(), "signed": signed.map(|size| size.to_string()),
                "witnessed": witnessed.map(|size| size.to_string()),
            } } }),
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

async fn sizes(state: &AppState) -> Result<(Position, Covered), ReadingFault> {
    // The signed sizes first: so neither is beyond the head.
    let covered = state.reading.covered((state.now)()).await?;
    Ok((state.reading.ledger().await?.head, covered))
}
