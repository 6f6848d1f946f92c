//! `caseledger epoch`: the log goes on after a restored backup, when two officers ask for it.

use anyhow::Context as _;
use ledger::Ledger;
use ledger::proof::EpochFault;

use super::requests;
use crate::arguments::proof::EpochWhat;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::Open;
use crate::signing;

/// Prepares the request, or carries it out.
///
/// # Errors
/// A [`Failure`] where there is no break, or the officers did not ask for this one.
pub(crate) async fn run(open: &Open, what: &EpochWhat) -> Result<Outcome, Failure> {
    match what {
        EpochWhat::Prepare { reason, out } => {
            let reason = reason.parse().context("the reason").or_fail(Outcome::Usage)?;
            let found = open.ledger.find_break(&open.log.proof).await.map_err(failure)?;
            eprintln!(
                "signed up to {}, found {} events; from position {} on they are lost or others",
                found.signed.tree_size, found.found, found.lost_from.0
            );
            requests::prepare(open, Ledger::epoch_action(&found, reason), out).await
        }
        EpochWhat::Open { request } => {
            let request = requests::read(request)?;
            let opened = open.ledger.open_epoch(&open.log.proof, &request).await;
            let (ledger, recorded) = opened.map_err(failure)?;
            let name = ledger.log_name().await.or_fail(Outcome::Fault)?;
            eprintln!(
                "epoch {} opened at position {} as {}",
                name.epoch, recorded.first_position, name.origin
            );
            go_on(open, &ledger).await?;
            Ok(Outcome::Done)
        }
    }
}

/// Puts the proof of the former epoch aside, and signs under the new name with a key of that name.
async fn go_on(open: &Open, ledger: &Ledger) -> Result<(), Failure> {
    let name = ledger.log_name().await.or_fail(Outcome::Fault)?;
    open.log.put_proof_aside(name.epoch - 1)?;
    let present = open.log.signer()?;
    let next = open.log.next_key(&name.origin)?;
    ledger.register_log_key(&next, Some(&present)).await.or_fail(Outcome::Refused)?;
    open.log.take_next_key()?;
    let signing = open.log.sign(ledger).await?;
    signing::finish(signing, ledger).await
}

fn failure(fault: EpochFault) -> Failure {
    let outcome = match fault {
        EpochFault::Refused(fault) => return requests::refusal(fault),
        EpochFault::Unbroken | EpochFault::OtherBreak | EpochFault::Unsigned => Outcome::Refused,
        EpochFault::NothingSigned { .. } => Outcome::NotFound,
        EpochFault::Folder { .. } | EpochFault::Checkpoint { .. } => Outcome::Integrity,
        EpochFault::Proof { .. } | EpochFault::Custody(_) | EpochFault::Open { .. } => Outcome::Fault,
    };
    Failure { outcome, error: fault.into() }
}
