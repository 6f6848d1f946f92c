//! `caseledger disclose`: one sealed field of one event, proved alone.

use std::io::Write as _;

use ledger::disclosure::{DisclosureFault, Shown};

use super::knowledge;
use crate::arguments::DiscloseArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::{OfFile as _, Outgoing};
use crate::place::Open;

/// Writes a bundle with one event, of which only the named fields are shown.
///
/// # Errors
/// A [`Failure`] for an unknown child, event or field, or a key that is gone.
pub(crate) async fn run(open: &Open, arguments: &DiscloseArguments) -> Result<Outcome, Failure> {
    let stream = knowledge::child(&open.replayer, &arguments.child).await?;
    let fields: Vec<&str> = arguments.fields.iter().map(String::as_str).collect();
    let shown = Shown { envelope: arguments.with_envelope, facts: false, fields: &fields };
    let bundle = open.ledger.disclose(stream, arguments.event, shown).await.map_err(failure)?;
    if arguments.out.as_os_str() == "-" {
        crate::stdout::stdout().write_all(bundle.as_bytes()).or_fail(Outcome::Fault)?;
    } else {
        let written = Outgoing::write_text(&arguments.out, &bundle);
        written.writing(&arguments.out).or_fail(Outcome::Fault)?;
    }
    eprintln!("the file shows sealed text; give it only to the person who needs it");
    Ok(Outcome::Done)
}

fn failure(fault: DisclosureFault) -> Failure {
    let outcome = match &fault {
        DisclosureFault::NoSuchEvent { .. }
        | DisclosureFault::NotInStream { .. }
        | DisclosureFault::NoSuchField { .. } => Outcome::NotFound,
        DisclosureFault::Disposed { .. } => Outcome::Refused,
        DisclosureFault::Changed { .. } => Outcome::Integrity,
        DisclosureFault::Read { .. }
        | DisclosureFault::Proof { .. }
        | DisclosureFault::Unseal { .. }
        | DisclosureFault::Custody(_) => Outcome::Fault,
    };
    Failure { outcome, error: fault.into() }
}
