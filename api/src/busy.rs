//! How many questions are answered at once. One more waits a little, and then is told to come again.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Questions that are answered at once: each needs a connection to the database now and then.
const AT_ONCE: usize = 16;

/// How long a question waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a client is told to wait before it asks again, in seconds.
pub(crate) const AGAIN: HeaderValue = HeaderValue::from_static("5");

/// The places of a server.
#[derive(Clone, Debug)]
pub struct Places {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Places {
    fn default() -> Self {
        Self::new(AT_ONCE, PATIENCE)
    }
}

impl Places {
    /// So many places, and how long somebody waits for one.
    pub fn new(at_once: usize, patience: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(at_once)), patience }
    }
}

/// Middleware: answers when a place is free, else 503 with `Retry-After`.
pub(crate) async fn wait_for_a_place(State(places): State<Places>, request: Request, next: Next) -> Response {
    match timeout(places.patience, places.free.acquire()).await {
        Ok(_place) => next.run(request).await,
        Err(_elapsed) => too_busy(),
    }
}

/// Too many others are being answered.
pub(crate) fn too_busy() -> Response {
    let text = "too many questions are being answered: ask again in a few seconds\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, AGAIN)], text).into_response()
}
