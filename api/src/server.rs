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
/// Pages and GraphQL wait for a place where many are answered; what tells how the server is, and the log's own tiles, do
/// not.
pub fn routes(state: AppState) -> Router {
    let (schema, hosts, places) = (schema(state.clone()), state.hosts.clone(), state.places.clone());
    let questions = pages::router(state.clone(), schema.clone()).merge(graphql_http::router(schema));
    questions
        .layer(from_fn_with_state(places, busy::wait_for_a_place))
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
