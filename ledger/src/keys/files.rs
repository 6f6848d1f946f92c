//! Files of secrets: they appear whole or not at all, are durable when the caller goes on, and nobody else can read them.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::KeyFault;
use crate::hash::hex;

pub(crate) fn storage(path: &Path) -> impl FnOnce(std::io::Error) -> KeyFault {
    let path = path.to_owned();
    move |source| KeyFault::Storage { path, source }
}

pub(crate) fn exists(path: &Path) -> Result<bool, KeyFault> {
    path.try_exists().map_err(storage(path))
}

pub(crate) fn make_folder(path: &Path) -> Result<(), KeyFault> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(storage(path))
}

pub(crate) fn sync_folder(path: &Path) -> Result<(), KeyFault> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(storage(path))
}

/// Reads a secret's file; refuses one that others can read.
pub(crate) fn read_secret(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFault> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(KeyFault::Storage { path: path.to_owned(), source }),
    };
    let about = file.metadata().map_err(storage(path))?;
    if about.mode() & 0o077 != 0 {
        return Err(KeyFault::TooOpen { path: path.to_owned() });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    file.read_to_end(&mut bytes).map_err(storage(path))?;
    Ok(Some(bytes))
}

/// Writes and flushes a file under a name that nobody else uses.
pub(crate) fn write_aside(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, KeyFault> {
    let mut token = [0; 8];
    getrandom::fill(&mut token).map_err(|_| KeyFault::NoRandomness)?;
    let path = folder.join(format!(".{name}.{}", hex(&token)));
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o400).open(&path).map_err(storage(&path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(storage(&path))?;
    Ok(path)
}

/// Gives the file its name unless the name is taken, and takes the aside name away. True where it was first.
pub(crate) fn link(aside: &Path, path: &Path) -> Result<bool, KeyFault> {
    let linked = match fs::hard_link(aside, path) {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
        Err(source) => return Err(KeyFault::Storage { path: path.to_owned(), source }),
    };
    fs::remove_file(aside).map_err(storage(aside))?;
    Ok(linked)
}
