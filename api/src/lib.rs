//! The outward face of the ledger: GraphQL over HTTP and server-rendered pages.
//!
//! Resolvers and pages ask [`reading::Reading`], which `replay` answers; they decide nothing about practice. One
//! place (`errors`) turns failures into outward codes, and one (`security_headers`) says what a browser may
//! load: nothing from elsewhere.

pub mod access;
mod asked;
mod assets;
mod busy;
mod child_view;
pub mod components;
mod connections;
mod errors;
pub mod graphql_http;
mod health;
mod hosts;
mod ledger_reading;
mod log_http;
mod pages;
pub mod reading;
mod schema;
mod security_headers;
mod server;
mod state;
#[cfg(test)]
mod test_story;
mod witness_http;

pub use busy::RequestLimit;
pub use errors::Code;
pub use health::{Health, TaskState};
pub use hosts::Hosts;
pub use ledger_reading::LedgerReading;
pub use schema::{LedgerSchema, schema, sdl};
pub use server::{routes, serve};
pub use state::AppState;
pub use witness_http::serve_witness;
