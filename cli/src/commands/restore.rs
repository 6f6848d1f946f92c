//! `caseledger restore`: a backup into a place that holds no ledger of this name, checked to the last leaf.
//!
//! It ends well only where the restored log is the one that was backed up and nobody is known to have seen a later
//! head. Invariant: nothing that is there is written over, and a restore that fails leaves no database behind.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Context as _;
use ledger::backup::{check_guards, holds_own_keys, prepare_restore};
use ledger::keys::DirectoryKeys;
use ledger::notes::{from_base64, to_base64};
use ledger::proof::Checkpoint;
use tokio_postgres::Config;

use crate::arguments::RestoreArguments;
use crate::backup::{
    BackupFault, DUMP, KEYS, LedgerBackup, Manifest, PROOF, SIGNING_KEY, SecretsBackup, copy_all,
    write_through,
};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::{Open, Server, make_private};
use crate::private_postgres::ClientProgram;
use crate::signing::LogPlace;

use super::backup::keys_folder;

/// Somebody saw a later or another head than the one that was restored.
const FORK_OR_ROLLBACK: Outcome = Outcome::Damaged(15);

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
    if server.holds(name).await? {
        let message = format!(
            "ledger {name:?} is here already; a backup is restored under a name that is free (--ledger NAME), or into \
             another data folder"
        );
        return Err(Failure::new(Outcome::Refused, message));
    }
    let program = server.client_program("pg_restore", about.dumped_by_major).await?;
    bring_secrets(server.data(), name, about, arguments.keys.as_deref())?;
    database(server, name, about, &program, &arguments.folder.join(DUMP)).await?;
    bring_proof(server.data(), name, &arguments.folder)?;
    let open = server.open(name).await?;
    check_log(&open, about).await?;
    let lacking = open.ledger.streams_lacking_keys().await.or_fail(Outcome::Integrity)?;
    let trouble = compare(&open, about, &seen).await?;
    open.project().await?;
    let mut answer = Answer::new(&["check", "result"]);
    answer.note("ledger", about.ledger.clone());
    answer.note("size", about.size);
    answer.note("root", about.root.clone());
    answer.row(vec!["events and root".into(), "as in the manifest".into()]);
    answer.row(vec!["guards".into(), format!("{} triggers stand", about.guards.len()).into()]);
    answer.row(vec!["keys".into(), keys_line(&lacking).into()]);
    answer.row(vec!["later heads".into(), trouble.clone().unwrap_or_else(|| heads_line(&seen)).into()]);
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    match trouble {
        Some(trouble) => Err(Failure::new(FORK_OR_ROLLBACK, trouble)),
        None if !lacking.is_empty() => Err(Failure::new(Outcome::Integrity, keys_line(&lacking))),
        None => Ok(Outcome::Done),
    }
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

/// A signed head that somebody kept, and where.
struct Seen {
    place: String,
    head: Checkpoint,
}

/// The heads that this place, and the files that were given, know of.
fn heads_seen(data: &Path, name: &str, arguments: &RestoreArguments) -> Result<Vec<Seen>, Failure> {
    let own = LogPlace::of(data, name).proof.join("checkpoint");
    let own = own.is_file().then_some(own);
    let mut seen = Vec::new();
    for path in own.iter().chain(&arguments.checkpoint) {
        let place = path.display().to_string();
        let note = std::fs::read_to_string(path).with_context(|| format!("read {place}"));
        let (head, _) = Checkpoint::of_note(&note.or_fail(Outcome::DataProblem)?)
            .with_context(|| place.clone())
            .or_fail(Outcome::DataProblem)?;
        seen.push(Seen { place, head });
    }
    Ok(seen)
}

/// Puts the secrets in their place, or finds them there. Without the ledger's own keys nothing is restored: the
/// program would make new ones, and every lookup and every import would come out differently.
fn bring_secrets(data: &Path, name: &str, about: &LedgerBackup, from: Option<&Path>) -> Result<(), Failure> {
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

/// Makes the database and fills it; takes it away again where that fails.
async fn database(
    server: &Server,
    name: &str,
    about: &LedgerBackup,
    program: &ClientProgram,
    dump: &Path,
) -> Result<(), Failure> {
    let made = server.make_database(name).await?;
    let filled = fill(&server.superuser_of(name), about, program, dump).await;
    if filled.is_err() && made {
        server.drop_database(name).await?;
    }
    filled
}

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

/// Signed heads and tiles are brought where there are none; those that are there know more, or the same.
fn bring_proof(data: &Path, name: &str, folder: &Path) -> Result<(), Failure> {
    let (from, to) = (folder.join(PROOF), LogPlace::of(data, name).proof);
    if !from.is_dir() || to.exists() {
        return Ok(());
    }
    copy_all(&from, &to).or_fail(Outcome::Fault).map(drop)
}

async fn check_log(open: &Open, about: &LedgerBackup) -> Result<(), Failure> {
    let head = open.ledger.head().await.or_fail(Outcome::Fault)?.position.0;
    let id = open.ledger.id().to_string();
    if (head, &id) != (about.size, &about.ledger) {
        let message = format!(
            "the dump holds ledger {id} up to {head}, and the manifest says ledger {} up to {}",
            about.ledger, about.size
        );
        return Err(Failure::new(Outcome::Integrity, message));
    }
    let root = open.ledger.root_at(head).await.or_fail(Outcome::Integrity)?;
    if from_base64(&about.root).is_none_or(|expected| expected != root) {
        let message = format!(
            "the restored log of size {head} has the root {}, not that of the manifest",
            to_base64(&root)
        );
        return Err(Failure::new(Outcome::Integrity, message));
    }
    Ok(())
}

/// What is wrong with the restored log in the light of the heads that were seen.
async fn compare(open: &Open, about: &LedgerBackup, seen: &[Seen]) -> Result<Option<String>, Failure> {
    for Seen { place, head } in seen {
        let size = head.tree_size;
        if size > about.size {
            return Ok(Some(format!(
                "{place} knows the log up to {size}, and the backup ends at {}: positions {} to {size} are not in it. \
                 Everything up to {} can be read, and nothing is signed or recorded. Restore a newer backup, or, where \
                 there is none, let two officers open a new epoch: `caseledger epoch open`",
                about.size,
                about.size + 1,
                about.size
            )));
        }
        if open.ledger.root_at(size).await.or_fail(Outcome::Integrity)? != head.root {
            return Ok(Some(format!(
                "{place} knows another log: at size {size} its root is not that of the restored one. One of the two \
                 was changed; keep both, and compare them with `caseledger verify`"
            )));
        }
    }
    Ok(None)
}

fn heads_line(seen: &[Seen]) -> String {
    match seen.iter().map(|seen| seen.head.tree_size).max() {
        Some(size) => format!("none: the newest one known covers {size}"),
        None => "none known; give the newest checkpoint that anybody kept with --checkpoint FILE".to_owned(),
    }
}

fn keys_line(lacking: &[domain::ids::StreamId]) -> String {
    match lacking.first() {
        None => "every sealed event has its key, or the key was destroyed".to_owned(),
        Some(first) => format!(
            "{} streams hold sealed events and have no key, the first is {first}; the backup of the keys is older \
             than that of the ledger",
            lacking.len()
        ),
    }
}
