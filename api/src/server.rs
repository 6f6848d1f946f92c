//! Puts the routes together and serves them until told to stop.
//!
//! It binds nothing itself: the caller hands in a listener, on loopback unless its operator chose otherwise,
//! because there is no sign-in yet.

use std::future::Future;
use std::io;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::schema::schema;
use crate::state::AppState;
use crate::{assets, graphql_http, health, log_http, pages, security_headers};

/// The server stopped because of a fault.
#[derive(Debug, Error)]
#[error("serve")]
pub struct ServeFault {
    #[from]
    source: io::Error,
}

/// Every route, with the headers that each answer carries.
pub fn routes(state: AppState) -> Router {
    let schema = schema(state.clone());
    pages::router(state.clone(), schema.clone())
        .merge(graphql_http::router(schema))
        .merge(assets::router())
        .merge(state.log.clone().map(log_http::router).unwrap_or_default())
        .route("/health/live", get(health::live))
        .merge(Router::new().route("/health/ready", get(health::ready)).with_state(state))
        .layer(from_fn(security_headers::add))
}

/// Serves until `shutdown` resolves; requests that are under way are finished.
///
/// # Errors
/// [`ServeFault`] where the listener fails.
pub async fn serve(
    state: AppState,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeFault> {
    let served = axum::serve(listener, routes(state)).with_graceful_shutdown(shutdown).await;
    served.map_err(ServeFault::from)
}
