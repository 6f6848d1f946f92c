//! Files of a backup: listed, hashed, copied, flushed. Only the owner may read them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::MANIFEST;
use super::manifest::{BackupFault, Listed};

/// Makes a folder that only its owner may enter, or takes one that is empty.
pub(crate) fn make_empty_folder(folder: &Path) -> Result<(), BackupFault> {
    if folder.is_dir() {
        let mut entries = fs::read_dir(folder).map_err(BackupFault::file(folder))?;
        if entries.next().is_some() {
            let there =
                io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty; name a new one");
            return Err(BackupFault::file(folder)(there));
        }
        return Ok(());
    }
    make_folder(folder)
}

fn make_folder(folder: &Path) -> Result<(), BackupFault> {
    DirBuilder::new().mode(0o700).recursive(true).create(folder).map_err(BackupFault::file(folder))
}

/// Every file below a folder with its length and hash, by path. The manifest and files that are just being written
/// (their names begin with a dot) are left out, and so are lock files, which hold nothing.
pub(crate) fn list(folder: &Path) -> Result<Vec<Listed>, BackupFault> {
    let mut found = Vec::new();
    for path in paths(folder, "")? {
        let full = folder.join(&path);
        let bytes = fs::metadata(&full).map_err(BackupFault::file(&full))?.len();
        found.push(Listed { sha256: hash_of(&full)?, bytes, path });
    }
    found.retain(|file| file.path != MANIFEST);
    Ok(found)
}

fn paths(root: &Path, below: &str) -> Result<Vec<String>, BackupFault> {
    let folder = root.join(below);
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(BackupFault::file(&folder))? {
        let entry = entry.map_err(BackupFault::file(&folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let kind = entry.file_type().map_err(BackupFault::file(&folder))?;
        if kind.is_dir() {
            found.append(&mut paths(root, &path)?);
        } else if kind.is_file() && !name.starts_with('.') && name != "lock" {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// SHA-256 of a file, in lower-case hex.
pub(crate) fn hash_of(path: &Path) -> Result<String, BackupFault> {
    let mut file = File::open(path).map_err(BackupFault::file(path))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).map_err(BackupFault::file(path))?;
        match buffer.get(..read).filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => digest.update(bytes),
            None => break,
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Copies every file below one folder to the same place below another. A file that is there with the same bytes stays;
/// one with others is never written over.
pub(crate) fn copy_all(from: &Path, to: &Path) -> Result<u64, BackupFault> {
    make_folder(to)?;
    let mut copied = 0;
    for path in paths(from, "")? {
        if path != MANIFEST {
            copy(&from.join(&path), &to.join(&path))?;
            copied += 1;
        }
    }
    Ok(copied)
}

fn copy(from: &Path, to: &Path) -> Result<(), BackupFault> {
    let bytes = fs::read(from).map_err(BackupFault::file(from))?;
    match fs::read(to) {
        Ok(there) if there == bytes => Ok(()),
        Ok(_) => {
            let other = io::Error::new(
                io::ErrorKind::AlreadyExists,
                "a file with other bytes is there already; move it away first",
            );
            Err(BackupFault::file(to)(other))
        }
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => write_through(to, &bytes),
        Err(source) => Err(BackupFault::File { path: to.to_owned(), source }),
    }
}

/// Writes a new file that only its owner may read; file and name are durable on return. It gets its name only when it is
/// complete. A crash leaves it under a temporary name, which backups ignore and a key store wipes when it is swept.
pub(crate) fn write_through(path: &Path, bytes: &[u8]) -> Result<(), BackupFault> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    if path.symlink_metadata().is_ok() {
        return Err(BackupFault::file(path)(io::ErrorKind::AlreadyExists.into()));
    }
    let aside = folder.join(format!(".part.{:016x}", std::process::id()));
    let written = write_aside(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written.map_err(BackupFault::file(path))?;
    File::open(folder).and_then(|handle| handle.sync_all()).map_err(BackupFault::file(folder))
}

fn write_aside(aside: &Path, bytes: &[u8]) -> io::Result<()> {
    // Left by a crash of a process of the same number.
    let _ = fs::remove_file(aside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(aside)?;
    file.write_all(bytes)?;
    file.sync_all()
}
