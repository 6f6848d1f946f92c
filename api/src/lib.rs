//! The outward face of the ledger: GraphQL over HTTP and server-rendered pages.
//!
//! Resolvers and pages ask `replay`; they decide nothing about practice. One place (`errors`) turns failures
//! into outward codes, and one place (`security_headers`) says what a browser may load: nothing from elsewhere.

mod assets;
pub mod components;
mod errors;
pub mod graphql_http;
mod security_headers;
mod server;

pub use errors::Code;
pub use server::{ServeFault, run, site};
