//! `caseledger restore`: a backup into a place that holds no ledger of this name, checked to the last leaf.
//!
//! It ends well only where the restored log is the one that was backed up, every row of it verifies, and nobody is
//! known to have seen a later head. Invariant: nothing that is there is written over, and a database that is not what
//! the manifest says is not left behind.

mod check;
mod heads;
mod secrets;

use std::ffi::OsString;
use std::path::Path;

use anyhow::Context as _;
use ledger::backup::{check_guards, prepare_restore};
use tokio_postgres::Config;

use crate::arguments::RestoreArguments;
use crate::backup::{BackupFault, DUMP, LedgerBackup, Manifest, PROOF, copy_all, write_through};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::Server;
use crate::private_postgres::ClientProgram;
use crate::signing::LogPlace;
use crate::unfinished::{Mark, refuse_unfinished};

use check::check;
use heads::heads_seen;
use secrets::bring_secrets;

/// Restores a backup under the name of the ledger that the command was given.
///
/// # Errors
/// A [`Failure`]; before the database is made for whatever is wrong with the backup, the keys or the place.
pub(crate) async fn run(
    server: &Server,
    name: &str,
    arguments: &RestoreArguments,
) -> Result<Outcome, Failure> {
    let manifest: Manifest<LedgerBackup> = Manifest::of(&arguments.folder).map_err(unusable)?;
    manifest.check(&arguments.folder).map_err(unusable)?;
    let about = &manifest.about;
    let seen = heads_seen(server.data(), name, arguments)?;
    if refuse_unfinished(server.data(), name).is_ok() && server.is_there(name).await? {
        let message = format!(
            "ledger {name:?} is here already; a backup is restored under a name that is free (--ledger NAME), or into \
             another data folder"
        );
        return Err(Failure::new(Outcome::Refused, message));
    }
    let program = server.client_program("pg_restore", about.dumped_by_major).await?;
    bring_secrets(server.data(), name, about, arguments.keys.as_deref())?;
    let mark = Mark::set(server.data(), name)?;
    if mark.interrupted {
        server.drop_database(name).await?;
    }
    let made = server.make_database(name).await?;
    let dump = arguments.folder.join(DUMP);
    let restored = match fill(&server.superuser_of(name), about, &program, &dump).await {
        Ok(()) => check(server, name, about, &seen, &arguments.folder).await,
        Err(failure) => Err(failure),
    };
    let restored = match restored {
        Ok(restored) => restored,
        Err(failure) => {
            // On another server what is wrong stays under the mark, until somebody takes it away.
            if made {
                server.drop_database(name).await?;
                mark.remove()?;
            }
            return Err(failure);
        }
    };
    bring_proof(server.data(), name, &arguments.folder, restored.lost.as_deref())?;
    mark.remove()?;
    restored.print(about, &seen, arguments)?;
    restored.outcome()
}

/// A folder that is no backup is a data problem; one that was a backup and was changed is a matter of integrity.
fn unusable(fault: BackupFault) -> Failure {
    let outcome = match fault {
        BackupFault::NoManifest { .. } | BackupFault::Manifest { .. } | BackupFault::File { .. } => {
            Outcome::DataProblem
        }
        BackupFault::Newer { .. } => Outcome::Refused,
        BackupFault::Missing { .. }
        | BackupFault::CutShort { .. }
        | BackupFault::Changed { .. }
        | BackupFault::Extra { .. } => Outcome::Integrity,
    };
    Failure { outcome, error: fault.into() }
}

/// Fills an empty database from a dump, and sees to it that the log is guarded.
async fn fill(
    superuser: &Config,
    about: &LedgerBackup,
    program: &ClientProgram,
    dump: &Path,
) -> Result<(), Failure> {
    prepare_restore(superuser, about.tables).await.or_fail(Outcome::Refused)?;
    let mut arguments: Vec<OsString> =
        ["--exit-on-error", "--single-transaction"].map(OsString::from).to_vec();
    arguments.push(dump.into());
    program.run(superuser, &arguments).await.or_fail(Outcome::Fault)?;
    check_guards(superuser, &about.guards).await.or_fail(Outcome::Integrity)
}

/// Signed heads and tiles are brought where there are none; those that are there know more, or the same. A head that
/// the restored log does not hold takes the place of the newest one, so that nothing is signed over it.
fn bring_proof(data: &Path, name: &str, folder: &Path, lost: Option<&str>) -> Result<(), Failure> {
    let (from, to) = (folder.join(PROOF), LogPlace::of(data, name).proof);
    if from.is_dir() && !to.exists() {
        // Whole, or not at all.
        let whole = to.with_extension("restored");
        copy_all(&from, &whole).or_fail(Outcome::Fault)?;
        std::fs::rename(&whole, &to).or_fail(Outcome::Fault)?;
        std::fs::File::open(data.join("proof"))
            .and_then(|folder| folder.sync_all())
            .or_fail(Outcome::Fault)?;
    }
    let Some(note) = lost else { return Ok(()) };
    let (aside, place) = (to.join("checkpoint.restored"), to.join("checkpoint"));
    let _ = std::fs::remove_file(&aside);
    write_through(&aside, note.as_bytes()).or_fail(Outcome::Fault)?;
    std::fs::rename(&aside, &place)
        .with_context(|| format!("write {}", place.display()))
        .or_fail(Outcome::Fault)
}
