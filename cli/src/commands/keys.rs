//! `caseledger keys`: the key store.

use ledger::officers::Action;

use super::{knowledge, requests};
use crate::arguments::KeysWhat;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::{Open, Server};
use crate::{signing, writing};

/// Changes the master key, destroys keys, looks for destroyed ones that are back, takes a restored store over.
///
/// # Errors
/// A [`Failure`] where the key store cannot be used, or two officers did not ask for it.
pub(crate) async fn run(server: &Server, name: &str, what: &KeysWhat) -> Result<Outcome, Failure> {
    let open = server.open(name).await?;
    match what {
        KeysWhat::RotateMaster => {
            let signing = open.begin_writing().await?;
            let rotated =
                open.ledger.rotate_master(server.keys(name)?).await.map_err(writing::of_key_store)?;
            signing::finish(signing, &open.ledger).await?;
            eprintln!("{rotated} keys are wrapped by a new master key");
        }
        KeysWhat::Destroy { child: Some(child), reason: Some(reason), prepare: Some(path), .. } => {
            let stream = knowledge::child(&open.replayer, child).await?;
            requests::prepare(&open, Action::DestroyKey { stream, reason: reason.clone() }, path).await?;
        }
        KeysWhat::Destroy { request: Some(path), .. } => {
            let meant = |action: &Action| matches!(action, Action::DestroyKey { .. });
            requests::carry_out(&open, path, meant, "destroy-key").await?;
        }
        KeysWhat::Destroy { .. } => {
            return Err(Failure::new(Outcome::Usage, "name the child and --reason to prepare a request"));
        }
        KeysWhat::Check => return check(&open).await,
        KeysWhat::Adopt { without } => adopt(&open, *without).await?,
    }
    Ok(Outcome::Done)
}

/// Destroys again what is back, then looks through every file of the store for a destroyed key.
async fn check(open: &Open) -> Result<Outcome, Failure> {
    let back = open.ledger.enforce_destroyed_keys().await.or_fail(Outcome::Fault)?;
    eprintln!("{} destroyed keys were found in the key store again, and are now destroyed again", back.len());
    let copies = open.ledger.copies_of_destroyed_keys().await.or_fail(Outcome::Fault)?;
    for (copied, path) in &copies {
        eprintln!(
            "{} still holds the destroyed key {} of stream {}: move it out of the key store, and destroy it",
            path.display(),
            copied.key,
            copied.subject
        );
    }
    let problems = open.ledger.key_store_problems().await.map_err(writing::of_key_store)?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    let alone = open.ledger.tombstones_of_nothing().await.map_err(writing::of_key_store)?;
    for key in &alone {
        eprintln!(
            "the key store says that key {key} was destroyed, and no event of the ledger does: the database was restored from \
             before it, or somebody put the file there"
        );
    }
    if copies.is_empty() && problems.is_empty() && alone.is_empty() {
        eprintln!("the key store is this ledger's, is whole, and no file of it holds a destroyed key");
        return Ok(Outcome::Done);
    }
    Ok(Outcome::Integrity)
}

/// Takes the store at hand for the ledger's, and gives up what is missing in it.
async fn adopt(open: &Open, without: u64) -> Result<(), Failure> {
    open.log.compare(&open.ledger).await?;
    let adopted = open.ledger.adopt_key_store(without).await.map_err(writing::of_key_store)?;
    let signing = open.begin_writing().await?;
    signing::finish(signing, &open.ledger).await?;
    let without = match adopted.lost {
        0 => "no key is missing".to_owned(),
        lost => format!("without the keys of {lost} subjects, whose sealed text stays unreadable"),
    };
    eprintln!("the key store is noted at position {}: {without}", adopted.position);
    Ok(())
}
