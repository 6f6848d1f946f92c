//! What a backup says it holds, and the check that it does.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::MANIFEST;
use super::files::{hash_of, list, write_through};

/// The newest form of a backup that this program writes and reads.
const FORMAT: u32 = 1;

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Below the backup's folder, with `/`.
    pub(crate) path: String,
    /// Length in bytes.
    pub(crate) bytes: u64,
    /// SHA-256, in lower-case hex.
    pub(crate) sha256: String,
}

/// What a manifest says, whatever it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest<About> {
    /// The form of the backup.
    pub(crate) format: u32,
    /// What it is about.
    pub(crate) about: About,
    /// Every file, by path.
    pub(crate) files: Vec<Listed>,
}

/// The backup of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LedgerBackup {
    /// The ledger's id.
    pub(crate) ledger: String,
    /// The first name of its log.
    pub(crate) origin: String,
    /// Epoch of the last event.
    pub(crate) epoch: u32,
    /// Number of events.
    pub(crate) size: u64,
    /// Root over them, in base64.
    pub(crate) root: String,
    /// When the last event was recorded, RFC 3339.
    pub(crate) recorded_at: String,
    /// When the backup was made, RFC 3339.
    pub(crate) made_at: String,
    /// The newest signed head, as a note.
    pub(crate) checkpoint: Option<String>,
    /// Version of the ledger's tables.
    pub(crate) tables: i32,
    /// Triggers that have to stand after the restore.
    pub(crate) guards: Vec<String>,
    /// The program that made it.
    pub(crate) program: String,
    /// Version of the database server.
    pub(crate) server: String,
    /// The program that wrote the dump.
    pub(crate) dumped_by: String,
    /// Major version of that program.
    pub(crate) dumped_by_major: u32,
}

/// The backup of a ledger's secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretsBackup {
    /// The ledger's id.
    pub(crate) secrets_of_ledger: String,
    /// When the backup was made, RFC 3339.
    pub(crate) made_at: String,
}

/// Why a folder is not used as a backup.
#[derive(Debug, Error)]
pub(crate) enum BackupFault {
    /// There is no manifest.
    #[error("{} holds no {MANIFEST}: it is no backup, or one that was never finished", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The manifest cannot be read.
    #[error("{} is not the manifest of such a backup, or is cut short", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A newer program made it.
    #[error(
        "{} is a backup of form {found}, made by a newer program ({FORMAT} is the newest that this one knows); \
         restore it with that program",
        folder.display()
    )]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its form.
        found: u32,
    },
    /// A file is not there.
    #[error("{}: the file {path} is missing", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The file.
        path: String,
    },
    /// A file is shorter than it was.
    #[error("{}: the file {path} is cut short: {found} of {expected} bytes", folder.display())]
    CutShort {
        /// The folder.
        folder: PathBuf,
        /// The file.
        path: String,
        /// Its length now.
        found: u64,
        /// Its length when it was written.
        expected: u64,
    },
    /// A file has other bytes than it had.
    #[error("{}: the file {path} was changed since the backup was made", folder.display())]
    Changed {
        /// The folder.
        folder: PathBuf,
        /// The file.
        path: String,
    },
    /// A file was added.
    #[error("{}: the file {path} does not belong to the backup", folder.display())]
    Extra {
        /// The folder.
        folder: PathBuf,
        /// The file.
        path: String,
    },
    /// A file or folder cannot be used.
    #[error("{}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl BackupFault {
    /// A fault of one file.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// Only what tells the form, so that a newer manifest is told from a damaged one.
#[derive(Deserialize)]
struct Form {
    format: u32,
}

impl<About: Serialize + DeserializeOwned + fmt::Debug> Manifest<About> {
    /// Lists what stands in a folder, and writes the manifest as its last file.
    pub(crate) fn seal(folder: &Path, about: About) -> Result<Self, BackupFault> {
        let files = list(folder)?;
        let manifest = Self { format: FORMAT, about, files };
        let text = serde_json::to_string_pretty(&manifest).expect("a manifest is plain data") + "\n";
        write_through(&folder.join(MANIFEST), text.as_bytes())?;
        Ok(manifest)
    }

    /// Reads the manifest of a folder. The files are not looked at.
    pub(crate) fn of(folder: &Path) -> Result<Self, BackupFault> {
        let path = folder.join(MANIFEST);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                return Err(BackupFault::NoManifest { folder: folder.to_owned() });
            }
            Err(source) => return Err(BackupFault::File { path, source }),
        };
        let damaged = |source| BackupFault::Manifest { path: path.clone(), source };
        let form: Form = serde_json::from_str(&text).map_err(damaged)?;
        if form.format > FORMAT {
            return Err(BackupFault::Newer { folder: folder.to_owned(), found: form.format });
        }
        serde_json::from_str(&text).map_err(damaged)
    }

    /// Checks every file of the folder against the manifest, and that there is no other.
    pub(crate) fn check(&self, folder: &Path) -> Result<(), BackupFault> {
        for file in &self.files {
            check_file(folder, file)?;
        }
        let extra =
            list(folder)?.into_iter().find(|found| !self.files.iter().any(|file| file.path == found.path));
        match extra {
            Some(file) if file.path != MANIFEST => {
                Err(BackupFault::Extra { folder: folder.to_owned(), path: file.path })
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn check_file(folder: &Path, file: &Listed) -> Result<(), BackupFault> {
    let (path, of) = (file.path.clone(), folder.to_owned());
    let full = folder.join(&file.path);
    let about = match std::fs::symlink_metadata(&full) {
        Ok(about) => about,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            return Err(BackupFault::Missing { folder: of, path });
        }
        Err(source) => return Err(BackupFault::File { path: full, source }),
    };
    if about.len() < file.bytes {
        let (found, expected) = (about.len(), file.bytes);
        return Err(BackupFault::CutShort { folder: of, path, found, expected });
    }
    if about.len() != file.bytes || hash_of(&full)? != file.sha256 {
        return Err(BackupFault::Changed { folder: of, path });
    }
    Ok(())
}
