//! `caseledger backup`: the ledger into one folder, its secrets into another.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ledger::backup::{Pinned, pin};
use ledger::notes::to_base64;
use ledger::proof::Checkpoint;

use crate::arguments::BackupArguments;
use crate::backup::{
    BackupFault, DUMP, KEYS, LedgerBackup, Manifest, PROOF, SIGNING_KEY, SecretsBackup, copy_all, copy_proof,
    make_empty_folder, write_through,
};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};
use crate::place::{Server, clock};
use crate::private_postgres::ClientProgram;
use crate::remembered::{self, BackedUp};
use crate::signing::LogPlace;
use crate::writing;

/// Makes a backup of one state of the ledger while it goes on being used, and one of its secrets where asked for.
///
/// # Errors
/// A [`Failure`]; a folder without a manifest is then left, and is no backup.
pub(crate) async fn run(
    server: &Server,
    name: &str,
    arguments: &BackupArguments,
) -> Result<Outcome, Failure> {
    check_apart(&arguments.folder, arguments.keys.as_deref())?;
    if !server.holds(name).await? {
        return Err(server.no_ledger(name));
    }
    if arguments.keys.is_some() {
        check_keys(server, name).await?;
    }
    make_empty_folder(&arguments.folder).or_fail(Outcome::Refused)?;
    if let Some(folder) = &arguments.keys {
        make_empty_folder(folder).or_fail(Outcome::Refused)?;
    }
    let pinned = pin(&server.superuser_of(name)).await.or_fail(Outcome::Fault)?;
    let dumped_by = dump(server, name, &pinned, &arguments.folder.join(DUMP)).await?;
    let tiles = proof(server, name, &pinned, &arguments.folder)?;
    let manifest = Manifest::seal(&arguments.folder, about(&pinned, &dumped_by)).or_fail(Outcome::Fault)?;
    // After the dump: a key is durable before its first use, so every key of the dump is there now.
    let secrets = arguments.keys.as_deref().map(|folder| secrets(server, name, &manifest.about, folder));
    let mut answer = Answer::new(&["file", "bytes", "sha256"]);
    answer.note("ledger", manifest.about.ledger.clone());
    answer.note("size", manifest.about.size);
    answer.note("root", manifest.about.root.clone());
    answer.note("tiles", tiles);
    match secrets.transpose()? {
        Some(files) => answer.note("secrets", files),
        None => eprintln!(
            "the keys are not in this backup, so that who gets hold of it reads no name; back them up apart with \
             --keys DIR, or what is sealed is lost with this machine"
        ),
    }
    for file in manifest.files.iter().filter(|file| arguments.format != Format::Table || file.path == DUMP) {
        answer.row(vec![file.path.clone().into(), file.bytes.into(), file.sha256.clone().into()]);
    }
    remember(server, name, &manifest.about, arguments);
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

fn remember(server: &Server, name: &str, about: &LedgerBackup, arguments: &BackupArguments) {
    let folder = std::path::absolute(&arguments.folder).unwrap_or_else(|_| arguments.folder.clone());
    let (ledger, at, folder) = (about.ledger.clone(), about.made_at.clone(), folder.display().to_string());
    let made = BackedUp { ledger, size: about.size, at, folder, keys: arguments.keys.is_some() };
    remembered::store(server.data(), name, &made);
}

/// Keys beside what they open would be no secret from whoever finds the folder.
fn check_apart(ledger: &Path, keys: Option<&Path>) -> Result<(), Failure> {
    let Some(keys) = keys else { return Ok(()) };
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (ledger, keys) = (absolute(ledger), absolute(keys));
    if ledger.starts_with(&keys) || keys.starts_with(&ledger) {
        let message = "the keys must not stand in the folder of the ledger's backup: whoever got hold of it could read \
                       every sealed name, and a disposal would end with the oldest copy of both. Name a folder on \
                       another medium with --keys";
        return Err(Failure::new(Outcome::Refused, message));
    }
    Ok(())
}

/// Keys that are not this ledger's, or not all there, are no backup, and might take the place of a good one.
async fn check_keys(server: &Server, name: &str) -> Result<(), Failure> {
    let open = server.open(name).await?;
    match open.ledger.key_store_problems().await.map_err(writing::of_key_store)?.into_iter().next() {
        Some(problem) => Err(writing::of_key_store(problem.into())),
        None => Ok(()),
    }
}

async fn dump(server: &Server, name: &str, pinned: &Pinned, file: &Path) -> Result<ClientProgram, Failure> {
    let major = pinned.server.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default();
    let program = server.client_program("pg_dump", major).await?;
    let mut arguments: Vec<OsString> =
        ["--format=custom", "--schema=caseledger", "--lock-wait-timeout=60s"].map(OsString::from).to_vec();
    arguments.push(format!("--snapshot={}", pinned.snapshot).into());
    arguments.extend(["--file".into(), file.into()]);
    program.run(&server.superuser_of(name), &arguments).await.or_fail(Outcome::Fault)?;
    let only_owner = std::fs::Permissions::from_mode(0o400);
    std::fs::set_permissions(file, only_owner)
        .and_then(|()| std::fs::File::open(file)?.sync_all())
        .with_context(|| format!("write through {}", file.display()))
        .or_fail(Outcome::Fault)?;
    Ok(program)
}

/// The signed head of the pinned state, with its tiles where the proof folder is on this machine.
fn proof(server: &Server, name: &str, pinned: &Pinned, folder: &Path) -> Result<u64, Failure> {
    let Some(note) = &pinned.checkpoint else { return Ok(0) };
    let (checkpoint, _) = Checkpoint::of_note(note).or_fail(Outcome::Integrity)?;
    let (from, to) = (LogPlace::of(server.data(), name).proof, folder.join(PROOF));
    if from.is_dir() {
        return copy_proof(&from, &to, checkpoint.tree_size, note).or_fail(Outcome::Fault);
    }
    eprintln!("no tiles in the backup: {} is not on this machine", from.display());
    write_through(&to.join("checkpoint"), note.as_bytes()).or_fail(Outcome::Fault)?;
    Ok(0)
}

fn about(pinned: &Pinned, dumped_by: &ClientProgram) -> LedgerBackup {
    LedgerBackup {
        ledger: pinned.genesis.ledger.to_string(),
        origin: pinned.genesis.origin.clone(),
        epoch: pinned.epoch,
        size: pinned.tree_size,
        root: to_base64(&pinned.root),
        recorded_at: pinned.recorded_at.to_rfc3339(),
        made_at: clock().now().to_rfc3339(),
        checkpoint: pinned.checkpoint.clone(),
        tables: pinned.migration,
        guards: pinned.guards.clone(),
        program: format!("caseledger {}", env!("CARGO_PKG_VERSION")),
        server: pinned.server.clone(),
        dumped_by: dumped_by.says.clone(),
        dumped_by_major: dumped_by.major,
    }
}

/// Copies the key store and the signing key; gives the number of files.
fn secrets(server: &Server, name: &str, about: &LedgerBackup, folder: &Path) -> Result<u64, Failure> {
    let files = copy_secrets(server.data(), name, folder).or_fail(Outcome::Fault)?;
    let about = SecretsBackup { secrets_of_ledger: about.ledger.clone(), made_at: about.made_at.clone() };
    Manifest::seal(folder, about).or_fail(Outcome::Fault)?;
    Ok(files)
}

fn copy_secrets(data: &Path, name: &str, folder: &Path) -> Result<u64, BackupFault> {
    let copied = copy_all(&keys_folder(data, name), &folder.join(KEYS))?;
    let signing = LogPlace::of(data, name).key;
    if !signing.is_file() {
        return Ok(copied);
    }
    let bytes = std::fs::read(&signing).map_err(BackupFault::file(&signing))?;
    write_through(&folder.join(SIGNING_KEY), &bytes)?;
    Ok(copied + 1)
}

/// Where the key store of a ledger stands.
pub(super) fn keys_folder(data: &Path, name: &str) -> PathBuf {
    data.join("keys").join(name)
}
