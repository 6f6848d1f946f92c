//! Whether the server is alive, whether it can answer, and the state of each background task.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::ids::Position;
use serde_json::{Map, Value, json};

use crate::busy::RETRY_AFTER;
use crate::reading::{Covered, ReadingFault};
use crate::state::AppState;

/// The state of a background task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It works, or waits for work.
    Working,
    /// It failed and is started again until it works.
    Failing {
        /// When it failed first.
        since: DateTime<Utc>,
        /// How often it failed since then.
        times: u32,
    },
}

/// The state of each background task by name. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Health {
    tasks: Arc<Mutex<BTreeMap<&'static str, TaskState>>>,
}

impl Health {
    /// Sets the state of a task.
    pub fn set(&self, task: &'static str, state: TaskState) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).insert(task, state);
    }

    fn tasks(&self) -> BTreeMap<&'static str, TaskState> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// 200 while the ledger can be read, else 503. The checks also show how far the log is signed and witnessed, and the state
/// of each background task. They never change the status: without a signer, a witness or a projector the server still
/// answers and records. The log of the server says why a task fails.
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    let sizes = sizes(&state).await;
    let mut checks: Map<String, Value> =
        state.health.tasks().into_iter().map(|(task, state)| (task.to_owned(), of_task(&state))).collect();
    if let Some(signed) = state.log.as_ref().and_then(ledger::Ledger::signed) {
        checks.insert("signer".to_owned(), json!({ "ok": signed.stopped.is_none(), "here": signed.lease }));
    }
    let ready = sizes.is_ok();
    checks.insert("ledger".to_owned(), of_ledger(sizes));
    let body = format!("{}\n", json!({ "ready": ready, "checks": checks }));
    let json = [(header::CONTENT_TYPE, "application/json")];
    if ready {
        (StatusCode::OK, json, body).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)], json, body).into_response()
    }
}

fn of_task(state: &TaskState) -> Value {
    match state {
        TaskState::Working => json!({ "ok": true }),
        TaskState::Failing { since, times } => {
            json!({ "ok": false, "since": since.format("%FT%TZ").to_string(), "times": times })
        }
    }
}

fn of_ledger(sizes: Result<(Position, Covered), ReadingFault>) -> Value {
    match sizes {
        Ok((head, Covered { signed, witnessed })) => json!({
            "ok": true, "head": head.to_string(), "signed": signed.map(|size| size.to_string()),
            "witnessed": witnessed.map(|size| size.to_string()),
        }),
        Err(fault) => {
            tracing::warn!(error = &fault as &dyn std::error::Error, "not ready");
            json!({ "ok": false })
        }
    }
}

async fn sizes(state: &AppState) -> Result<(Position, Covered), ReadingFault> {
    // The signed sizes first: so neither is beyond the head.
    let covered = state.reading.covered((state.now)()).await?;
    Ok((state.reading.ledger().await?.head, covered))
}
