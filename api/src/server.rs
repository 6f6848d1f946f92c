//! Puts the routes together and serves them until told to stop.
//!
//! It binds nothing itself: the caller hands in a listener, on loopback unless its operator chose otherwise, because
//! there is no sign-in yet.

use std::future::Future;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::schema::schema;
use crate::state::AppState;
use crate::{assets, busy, connections, graphql_http, health, hosts, log_http, pages, security_headers};

/// Every route, with the headers that each answer carries.
///
/// The request limit covers pages and GraphQL. Health checks, assets and the tiles of the log are always answered.
pub fn routes(state: AppState) -> Router {
    let (schema, hosts, limit) = (schema(state.clone()), state.hosts.clone(), state.request_limit.clone());
    let questions = pages::router(state.clone(), schema.clone()).merge(graphql_http::router(schema));
    questions
        .layer(from_fn_with_state(limit, busy::limit_requests))
        .merge(assets::router())
        .merge(state.log.clone().map(log_http::router).unwrap_or_default())
        .route("/health/live", get(health::live))
        .merge(Router::new().route("/health/ready", get(health::ready)).with_state(state))
        .layer(from_fn_with_state(hosts, hosts::check))
        .layer(from_fn(security_headers::add))
}

/// Serves until `shutdown` resolves; requests that are under way are finished.
pub async fn serve(state: AppState, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) {
    connections::answer(routes(state), listener, shutdown).await;
}
