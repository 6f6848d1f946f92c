//! The secrets of a ledger that is to be restored: put in their place, or found there.

use std::path::Path;

use anyhow::Context as _;
use ledger::backup::holds_own_keys;
use ledger::keys::DirectoryKeys;

use super::unusable;
use crate::backup::{KEYS, LedgerBackup, Manifest, SIGNING_KEY, SecretsBackup, copy_all, write_through};
use crate::commands::backup::keys_folder;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::make_private;
use crate::signing::LogPlace;

/// Puts the secrets in their place, or finds them there. Without the ledger's own keys nothing is restored: the
/// program would make new ones, and every lookup and every import would come out differently.
pub(super) fn bring_secrets(
    data: &Path,
    name: &str,
    about: &LedgerBackup,
    from: Option<&Path>,
) -> Result<(), Failure> {
    let store = keys_folder(data, name);
    if let Some(from) = from {
        let manifest: Manifest<SecretsBackup> = Manifest::of(from).map_err(unusable)?;
        manifest.check(from).map_err(unusable)?;
        if manifest.about.secrets_of_ledger != about.ledger {
            let message = format!(
                "{} holds the keys of ledger {}, and the backup is of ledger {}",
                from.display(),
                manifest.about.secrets_of_ledger,
                about.ledger
            );
            return Err(Failure::new(Outcome::Refused, message));
        }
        make_private(&data.join("keys"))?;
        copy_all(&from.join(KEYS), &store).or_fail(Outcome::Refused)?;
        bring_signing_key(&LogPlace::of(data, name), &from.join(SIGNING_KEY))?;
    }
    let missing = || {
        let message = format!(
            "the keys of ledger {} are not in {}; bring them with --keys DIR, the folder that `caseledger backup \
             --keys DIR` wrote",
            about.ledger,
            store.display()
        );
        Failure::new(Outcome::Refused, message)
    };
    if !store.join("master.key").is_file() {
        return Err(missing());
    }
    let keys = DirectoryKeys::open(&store).or_fail(Outcome::Fault)?;
    let ledger = about.ledger.parse().context("the manifest's ledger").or_fail(Outcome::DataProblem)?;
    if holds_own_keys(&keys, ledger).or_fail(Outcome::Integrity)? { Ok(()) } else { Err(missing()) }
}

fn bring_signing_key(place: &LogPlace, from: &Path) -> Result<(), Failure> {
    if !from.is_file() || place.key.exists() {
        return Ok(());
    }
    if let Some(folder) = place.key.parent() {
        make_private(folder)?;
    }
    let bytes = std::fs::read(from).with_context(|| format!("read {}", from.display()));
    write_through(&place.key, &bytes.or_fail(Outcome::Fault)?).or_fail(Outcome::Fault)
}
