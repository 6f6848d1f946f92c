//! `caseledger keys`: the key store.

use ledger::officers::Action;

use super::{knowledge, requests};
use crate::arguments::KeysWhat;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::Server;

/// Changes the master key, destroys keys, looks for destroyed ones that are back.
///
/// # Errors
/// A [`Failure`] where the key store cannot be used, or two officers did not ask for it.
pub(crate) async fn run(server: &Server, name: &str, what: &KeysWhat) -> Result<Outcome, Failure> {
    let open = server.open(name).await?;
    match what {
        KeysWhat::RotateMaster => {
            let keys = server.keys(name)?;
            let rotated =
                tokio::task::spawn_blocking(move || keys.rotate_master()).await.or_fail(Outcome::Fault)?;
            eprintln!("{} keys are wrapped by a new master key", rotated.or_fail(Outcome::Fault)?);
        }
        KeysWhat::Destroy { child: Some(child), reason: Some(reason), prepare: Some(path), .. } => {
            let stream = knowledge::child(&open.replayer, child).await?;
            requests::prepare(&open, Action::DestroyKey { stream, reason: reason.clone() }, path)?;
        }
        KeysWhat::Destroy { request: Some(path), .. } => {
            let meant = |action: &Action| matches!(action, Action::DestroyKey { .. });
            requests::carry_out(&open, path, meant, "destroy-key").await?;
        }
        KeysWhat::Destroy { .. } => {
            return Err(Failure::new(Outcome::Usage, "name the child and --reason to prepare a request"));
        }
        KeysWhat::Check => {
            let back = open.ledger.enforce_destroyed_keys().await.or_fail(Outcome::Fault)?;
            eprintln!(
                "{} destroyed keys were found in the key store again, and are now destroyed again",
                back.len()
            );
        }
    }
    Ok(Outcome::Done)
}
