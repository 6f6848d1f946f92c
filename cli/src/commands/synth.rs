//! `caseledger synth`: an invented authority as events JSON Lines.

use crate::arguments::SynthArguments;
use crate::exit_code::{Failure, Outcome};

/// Writes the file.
///
/// # Errors
/// A [`Failure`] where the file cannot be written.
pub(crate) fn run(_arguments: &SynthArguments) -> Result<Outcome, Failure> {
    Err(Failure::new(Outcome::Fault, "pending"))
}
