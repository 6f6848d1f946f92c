//! Puts the routes together and serves them until told to stop.
//!
//! It binds nothing itself: the caller hands in a listener, on loopback unless its operator chose otherwise,
//! because there is no sign-in yet.

use std::future::Future;
use std::io;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::{assets, security_headers};

/// The server stopped because of a fault.
#[derive(Debug, Error)]
#[error("serve")]
pub struct ServeFault {
    #[source]
    source: io::Error,
}

/// Every route with the headers that each answer carries.
pub fn site(routes: Router) -> Router {
    routes
        .merge(assets::router())
        .route("/health/live", get(|| async { "live\n" }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is no such page\n").into_response() })
        .layer(from_fn(security_headers::add))
}

/// Serves until `shutdown` resolves; requests that are under way are finished.
///
/// # Errors
/// [`ServeFault`] where the listener fails.
pub async fn run(
    site: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeFault> {
    axum::serve(listener, site).with_graceful_shutdown(shutdown).await.map_err(|source| ServeFault { source })
}
