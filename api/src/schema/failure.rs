//! Errors of resolvers with their outward codes.

use async_graphql::{Error, ErrorExtensions};

use crate::errors::Code;
use crate::reading::ReadingFault;

/// An error with a stable code.
pub(super) fn fail(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.name()))
}

/// The outward face of a fault: which kind it is and where, never the database's own words.
pub(super) fn of_reading(fault: ReadingFault) -> Error {
    tracing::error!(error = &fault as &dyn std::error::Error, "a question got no answer");
    match fault {
        ReadingFault::Away { .. } => {
            fail(Code::Unavailable, "the record cannot be read just now; ask again in a few seconds")
        }
        ReadingFault::Fault { .. } => fail(Code::Fault, "the record could not be read; try again"),
        ReadingFault::MalformedHistory { stream, position, .. } => fail(
            Code::MalformedHistory,
            format!("the event at position {position} of stream {stream} cannot be read by this program"),
        ),
    }
}
