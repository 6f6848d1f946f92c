//! Whether the server lives, whether it is ready to answer, and how what works beside it stands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::ids::Position;
use serde_json::{Map, Value, json};

use crate::busy::AGAIN;
use crate::reading::{Covered, ReadingFault};
use crate::state::AppState;

/// How something that works beside the server stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// At work, or waiting for work.
    Working,
    /// It failed and is tried again, or has stopped.
    Failing {
        /// Since when it has not worked.
        since: DateTime<Utc>,
        /// How often it was tried since.
        times: u32,
    },
}

/// How everything that works beside the server stands, by name. Whoever keeps it up tells it here; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Health {
    tasks: Arc<Mutex<BTreeMap<&'static str, Standing>>>,
}

impl Health {
    /// Says how a task stands.
    pub fn tell(&self, task: &'static str, standing: Standing) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).insert(task, standing);
    }

    fn told(&self) -> BTreeMap<&'static str, Standing> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// Ready where the ledger can be read; else 503. How far the log is signed and witnessed, and how tasks stand, is told
/// beside it and is no condition: an outage of a signer, a witness or a projector stops no append and no answer. Why
/// something fails stands in the log of the server, not here.
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    let sizes = sizes(&state).await;
    let mut checks: Map<String, Value> = state
        .health
        .told()
        .into_iter()
        .map(|(task, standing)| (task.to_owned(), of_task(&standing)))
        .collect();
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
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, AGAIN)], json, body).into_response()
    }
}

fn of_task(standing: &Standing) -> Value {
    match standing {
        Standing::Working => json!({ "ok": true }),
        Standing::Failing { since, times } => {
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
