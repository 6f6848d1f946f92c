//! A limit on the requests that are answered at once. Further requests wait up to ten seconds, then get 503.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Requests answered at once. Each of them needs a database connection from time to time.
const AT_ONCE: usize = 16;

/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The value of `Retry-After`, in seconds.
pub(crate) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// How many requests are answered at once, and how long the next one waits.
#[derive(Clone, Debug)]
pub struct RequestLimit {
    permits: Arc<Semaphore>,
    patience: Duration,
}

impl Default for RequestLimit {
    fn default() -> Self {
        Self::new(AT_ONCE, PATIENCE)
    }
}

impl RequestLimit {
    /// Answers `at_once` requests; others wait as long as `patience`.
    pub fn new(at_once: usize, patience: Duration) -> Self {
        Self { permits: Arc::new(Semaphore::new(at_once)), patience }
    }
}

/// Middleware: answers when there is a free permit, else 503 with `Retry-After`.
pub(crate) async fn limit_requests(
    State(limit): State<RequestLimit>,
    request: Request,
    next: Next,
) -> Response {
    match timeout(limit.patience, limit.permits.acquire()).await {
        Ok(_permit) => next.run(request).await,
        Err(_elapsed) => too_busy(),
    }
}

fn too_busy() -> Response {
    let text = "too many requests at once; try again in 5 seconds\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)], text).into_response()
}
