//! The cluster on disk: which version made it, and making one.
//!
//! A new cluster is made beside its place and renamed into it, so a cluster that stands in its place is
//! whole: a full disk, a kill or a power cut in the middle leaves nothing that looks like one.

use std::path::Path;

use super::accounts::{Accounts, owner_of};
use super::binaries::Binaries;
use super::error::PrivatePostgresError;
use super::folders::{Folders, make_private_folder, sync_folder};
use super::{BOOTSTRAP_ROLE, read_if_there};

/// The major version that made the cluster; `None` if there is no cluster yet.
pub(super) fn major(folders: &Folders, accounts: &Accounts) -> Result<Option<u32>, PrivatePostgresError> {
    let folder = folders.cluster();
    let Some(owner) = owner_of(&folder) else { return Ok(None) };
    if owner != accounts.server().uid {
        let account = accounts.server().name.clone();
        return Err(PrivatePostgresError::ForeignCluster { folder, owner, account });
    }
    let written = read_if_there(&folder.join("PG_VERSION"))?;
    match written.and_then(|text| text.trim().parse().ok()) {
        Some(major) => Ok(Some(major)),
        None => Err(PrivatePostgresError::NotACluster { folder }),
    }
}

/// Makes the cluster: UTF8, locale C, data checksums, peer authentication. The caller stands in the gate.
pub(super) async fn create(
    binaries: &Binaries,
    folders: &Folders,
    accounts: &Accounts,
) -> Result<(), PrivatePostgresError> {
    let unfinished = folders.unfinished_cluster();
    remove_tree(&unfinished)?;
    make_private_folder(&unfinished, accounts.server())?;
    let made = initdb(binaries, folders, accounts).await.and_then(|()| put_in_place(folders));
    if made.is_err() {
        // The first fault is the one to report; the next start removes what stays.
        let _ = remove_tree(&unfinished);
    }
    made
}

async fn initdb(
    binaries: &Binaries,
    folders: &Folders,
    accounts: &Accounts,
) -> Result<(), PrivatePostgresError> {
    let program = binaries.program("initdb");
    let mut command = tokio::process::Command::from(accounts.command(&program, folders.home()));
    command
        .arg("--pgdata")
        .arg(folders.unfinished_cluster())
        .args(["--username", BOOTSTRAP_ROLE, "--encoding", "UTF8", "--locale", "C", "--data-checksums"])
        .args(["--auth-local", "peer", "--auth-host", "reject"])
        .kill_on_drop(true);
    let output = command.output().await.map_err(|source| PrivatePostgresError::Run { program, source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if tells_of_full_disk(&said) {
        let folder = folders.home().to_owned();
        return Err(PrivatePostgresError::DiskFull { folder, doing: "making a new cluster" });
    }
    Err(PrivatePostgresError::Init { folder: folders.cluster(), output: last_lines(&said) })
}

fn put_in_place(folders: &Folders) -> Result<(), PrivatePostgresError> {
    let (from, to) = (folders.unfinished_cluster(), folders.cluster());
    std::fs::rename(&from, &to).map_err(|source| PrivatePostgresError::file("put in place", &to, source))?;
    sync_folder(folders.home())
}

/// Whether PostgreSQL's words say that the disk, or the quota on it, is full.
pub(super) fn tells_of_full_disk(said: &str) -> bool {
    said.contains("No space left on device") || said.contains("Disk quota exceeded")
}

/// The last few lines, joined into one.
pub(super) fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let from = lines.len().saturating_sub(4);
    let tail = lines.get(from..).unwrap_or_default().join("; ");
    if tail.is_empty() { "it said nothing".to_owned() } else { tail }
}

fn remove_tree(folder: &Path) -> Result<(), PrivatePostgresError> {
    match std::fs::remove_dir_all(folder) {
        Ok(()) => Ok(()),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(PrivatePostgresError::file("remove", folder, source)),
    }
}
