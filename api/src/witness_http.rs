//! A witness over HTTP: C2SP `tlog-witness`, one route.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::{DateTime, Utc};
use ledger::witness::{MAX_BODY_BYTES, Refusal, Witness};
use tokio::net::TcpListener;

use crate::connections;
use crate::state::machine_clock;

#[derive(Clone)]
struct Witnessing {
    witness: Arc<Witness>,
    now: fn() -> DateTime<Utc>,
}

/// Serves a witness until `shutdown` resolves; requests that are under way are finished.
pub async fn serve_witness(
    witness: Arc<Witness>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) {
    connections::answer(routes(Witnessing { witness, now: machine_clock }), listener, shutdown).await;
}

fn routes(state: Witnessing) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

async fn add_checkpoint(State(state): State<Witnessing>, body: Bytes) -> Response {
    let now = (state.now)();
    // It waits for the disk before it answers.
    let answered = tokio::task::spawn_blocking(move || state.witness.add_checkpoint(&body, now)).await;
    match answered {
        Ok(Ok(lines)) => lines.into_response(),
        Ok(Err(refusal)) => refused(&refusal),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::error!(error = refusal as &dyn std::error::Error, "not countersigned");
    }
    match refusal {
        Refusal::Conflict { size } => {
            (status, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response()
        }
        Refusal::Bad { .. }
        | Refusal::Unsigned
        | Refusal::UnknownLog { .. }
        | Refusal::Inconsistent
        | Refusal::Fault { .. }
        | Refusal::Sign { .. } => (status, format!("{refusal}\n")).into_response(),
    }
}
