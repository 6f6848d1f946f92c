//! Files of private keys: one line, mode 0400, never overwritten.

use std::path::Path;

use thiserror::Error;
use zeroize::Zeroizing;

use super::key::NoteKeyFault;
use super::signer::NoteSigner;
use crate::keys::KeyFault;
use crate::keys::files::{link, read_secret, sync_folder, write_aside};

/// Why a private key's file cannot be used.
#[derive(Debug, Error)]
pub enum KeyFileFault {
    /// The file cannot be read or written, or others can read it.
    #[error(transparent)]
    Storage(#[from] KeyFault),
    /// There is no such file.
    #[error("there is no key file {path}", path = path.display())]
    Missing {
        /// The path.
        path: std::path::PathBuf,
    },
    /// There is a file already; a private key is never overwritten.
    #[error("{path} is there already; a private key is never overwritten", path = path.display())]
    Taken {
        /// The path.
        path: std::path::PathBuf,
    },
    /// What is in it is no private key.
    #[error("key file {path}", path = path.display())]
    Key {
        /// The path.
        path: std::path::PathBuf,
        /// What is wrong.
        source: NoteKeyFault,
    },
}

/// Writes a private key to a new file, durably.
///
/// # Errors
/// [`KeyFileFault`]; [`KeyFileFault::Taken`] leaves what is there.
pub fn store_signer(path: &Path, signer: &NoteSigner) -> Result<(), KeyFileFault> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let line = Zeroizing::new([signer.to_text().as_str(), "\n"].concat());
    let aside = write_aside(folder, "signer", line.as_bytes())?;
    let first = link(&aside, path)?;
    sync_folder(folder)?;
    if first { Ok(()) } else { Err(KeyFileFault::Taken { path: path.to_owned() }) }
}

/// Reads a private key from its file.
///
/// # Errors
/// [`KeyFileFault`]; a file that others can read is refused.
pub fn load_signer(path: &Path) -> Result<NoteSigner, KeyFileFault> {
    let bytes = read_secret(path)?.ok_or_else(|| KeyFileFault::Missing { path: path.to_owned() })?;
    let wrong = |source| KeyFileFault::Key { path: path.to_owned(), source };
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong(NoteKeyFault::Shape))?;
    NoteSigner::parse(text.strip_suffix('\n').unwrap_or(text)).map_err(wrong)
}
