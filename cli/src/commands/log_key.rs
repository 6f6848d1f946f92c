//! `caseledger log-key`: the key that signs the log, its first registration and its rotation.

use crate::arguments::proof::LogKeyWhat;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};
use crate::place::Open;
use crate::signing;

/// Shows, registers or rotates.
///
/// # Errors
/// A [`Failure`] where the present key is not on this machine, or the log has a key already.
pub(crate) async fn run(open: &Open, what: &LogKeyWhat) -> Result<Outcome, Failure> {
    match what {
        LogKeyWhat::Show => return show(open).await,
        LogKeyWhat::Register => register(open).await?,
        LogKeyWhat::Rotate => rotate(open).await?,
    }
    let signing = open.log.sign(&open.ledger).await?;
    signing::finish(signing, &open.ledger).await?;
    show(open).await
}

async fn show(open: &Open) -> Result<Outcome, Failure> {
    let name = open.ledger.log_name().await.or_fail(Outcome::Fault)?;
    let mut answer = Answer::new(&["what", "value"]);
    for (epoch, origin) in &name.earlier {
        answer.row(vec![format!("epoch {epoch}").into(), origin.as_str().into()]);
    }
    answer.row(vec![format!("epoch {}", name.epoch).into(), name.origin.as_str().into()]);
    let present = name.keys.len().saturating_sub(1);
    for (index, key) in name.keys.iter().enumerate() {
        let what = if index == present { "present key" } else { "former key" };
        answer.row(vec![what.into(), key.to_string().into()]);
    }
    answer.print(Format::Table).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

async fn register(open: &Open) -> Result<(), Failure> {
    open.begin_unsigned().await?;
    let name = open.ledger.log_name().await.or_fail(Outcome::Fault)?;
    if let Some(present) = name.keys.last() {
        let message = format!("the log has the key {present}; `caseledger log-key rotate` makes a new one");
        return Err(Failure::new(Outcome::Refused, message));
    }
    open.log.new_key(&name.origin)?;
    let signer = open.log.signer()?;
    open.ledger.register_log_key(&signer, None).await.or_fail(Outcome::Refused)?;
    Ok(())
}

async fn rotate(open: &Open) -> Result<(), Failure> {
    open.begin_unsigned().await?;
    if open.log.finish_rotation(&open.ledger).await? {
        eprintln!("an interrupted rotation is finished: its key had been registered, and signs from now on");
        return Ok(());
    }
    let name = open.ledger.log_name().await.or_fail(Outcome::Fault)?;
    let present = open.log.signer()?;
    let next = open.log.next_key(&name.origin)?;
    open.ledger.register_log_key(&next, Some(&present)).await.or_fail(Outcome::Refused)?;
    open.log.take_next_key()
}
