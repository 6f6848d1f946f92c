//! `caseledger hold`: legal holds against disposal.

use domain::events::custody::LegalHoldPlaced;
use ledger::officers::Action;

use super::{knowledge, requests};
use crate::arguments::HoldWhat;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};
use crate::place::Open;

/// Places, lifts and lists holds.
///
/// # Errors
/// A [`Failure`] for an unknown child, a hold that does not stand, or a request that two officers did not sign.
pub(crate) async fn run(open: &Open, what: &HoldWhat) -> Result<Outcome, Failure> {
    match what {
        HoldWhat::Place { child, reason } => {
            let stream = knowledge::child(&open.replayer, child).await?;
            let body = LegalHoldPlaced { stream, reason: reason.clone(), placed_by: None };
            requests::record(open, body.into()).await?;
        }
        HoldWhat::Lift { hold: Some(hold), prepare: Some(path), .. } => {
            let custody = open.ledger.custody().await.or_fail(Outcome::Fault)?;
            let found = custody.all_holds().iter().find(|standing| standing.event == *hold);
            let found = found.ok_or_else(|| Failure::new(Outcome::NotFound, "no such hold stands"))?;
            requests::prepare(open, Action::LiftHold { stream: found.stream, hold: *hold }, path).await?;
        }
        HoldWhat::Lift { request: Some(path), .. } => {
            let meant = |action: &Action| matches!(action, Action::LiftHold { .. });
            requests::carry_out(open, path, meant, "lift-hold").await?;
        }
        HoldWhat::Lift { .. } => {
            return Err(Failure::new(Outcome::Usage, "name the hold's event, as `hold list` prints it"));
        }
        HoldWhat::List => list(open).await?,
    }
    Ok(Outcome::Done)
}

async fn list(open: &Open) -> Result<(), Failure> {
    let custody = open.ledger.custody().await.or_fail(Outcome::Fault)?;
    let mut answer = Answer::new(&["hold", "stream", "reason", "position"]);
    for hold in custody.all_holds() {
        answer.row(vec![
            hold.event.to_string().into(),
            hold.stream.to_string().into(),
            hold.reason.to_string().into(),
            hold.position.0.into(),
        ]);
    }
    answer.when_empty("No legal hold is placed. Place one with `caseledger hold place`.");
    answer.print(Format::Table).or_fail(Outcome::Fault)
}
