//! `caseledger checkpoint`: the newest signed head, to be kept, printed in minutes, sent to a partner.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use ledger::proof::Checkpoint;
use ledger::witness::Policy;

use crate::arguments::proof::CheckpointArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::{Open, clock};

/// Prints the note on standard output, after writing a lost proof folder anew where that is asked for, and how far the log is signed and witnessed on standard error.
///
/// # Errors
/// A [`Failure`] where nothing is signed yet.
pub(crate) async fn run(open: &Open, arguments: &CheckpointArguments) -> Result<Outcome, Failure> {
    if arguments.rebuild_proof {
        open.log.rebuild_proof(&open.ledger).await?;
    }
    let note = open.ledger.checkpoint().await.or_fail(Outcome::Fault)?;
    let Some(note) = note else {
        let message =
            "nothing of this log is signed yet; a command that writes, or `caseledger serve`, signs it";
        return Err(Failure::new(Outcome::NotFound, message));
    };
    let head = open.ledger.head().await.or_fail(Outcome::Fault)?.position.0;
    let signed = Checkpoint::of_note(&note).or_fail(Outcome::Integrity)?.0.tree_size;
    write!(crate::stdout::stdout(), "{note}").or_fail(Outcome::Fault)?;
    let witnessed = match &arguments.witnesses {
        Some(file) => {
            let size = open.ledger.witnessed_size(&policy(file)?, clock().now()).await;
            format!(", witnessed up to {}", size.or_fail(Outcome::Fault)?)
        }
        None => String::new(),
    };
    eprintln!("{head} events, signed up to {signed}{witnessed}");
    Ok(Outcome::Done)
}

/// Reads a policy file.
///
/// # Errors
/// A [`Failure`] that names the line.
pub(crate) fn policy(file: &Path) -> Result<Policy, Failure> {
    let place = || file.display().to_string();
    let text = crate::files::text(file, Outcome::DataProblem)?;
    Policy::parse(&text).with_context(place).or_fail(Outcome::DataProblem)
}
