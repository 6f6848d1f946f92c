//! Acts to record as JSON Lines, one a line: what another system, or a person with an editor, hands in to be recorded live.
//!
//! Consecutive lines with one `command` are one request, recorded together or not at all. Unlike events JSON Lines, which carry
//! a history as it was recorded elsewhere, an act is decided on when it is handed in. The page `docs/recording.md` shows each
//! form.

mod errors;
mod line;
mod reader;

pub use errors::ActFault;
pub use line::{ActLine, Amendment, Amends, Asked, Change, NO_FACTS, Recorder, check_recorder, event_of};
pub use reader::{ActCommand, Acts, MAX_ACTS, RefusedActs};

#[cfg(test)]
mod tests;
