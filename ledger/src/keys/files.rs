//! Files of secrets: they appear whole or not at all, are durable when the caller goes on, and nobody else can read them.
//!
//! Invariant: what a secret was written to has a name until it is wiped, so that no crash leaves a copy that cannot be
//! found.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::KeyFault;
use crate::hash::{hex, unhex};

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

/// Reads a secret's file; refuses one that others can read. `None` where there is none.
pub(crate) fn read_secret(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFault> {
    read_with(path, |file, length| {
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

/// Reads so many bytes of a secret's file from an offset on; none where it is shorter.
pub(crate) fn read_secret_part(
    path: &Path,
    offset: usize,
    length: usize,
) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFault> {
    read_with(path, |file, whole| {
        let mut bytes = Zeroizing::new(Vec::new());
        if whole >= offset + length {
            bytes.resize(length, 0);
            file.seek(SeekFrom::Start(offset.try_into().unwrap_or(u64::MAX)))?;
            file.read_exact(&mut bytes)?;
        }
        Ok(bytes)
    })
}

/// A file that loses its name while it is read is being wiped: what has the name then is read instead.
fn read_with<T>(
    path: &Path,
    read: impl Fn(&mut File, usize) -> std::io::Result<T>,
) -> Result<Option<T>, KeyFault> {
    loop {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KeyFault::Storage { path: path.to_owned(), source }),
        };
        let about = file.metadata().map_err(storage(path))?;
        if about.mode() & 0o077 != 0 {
            return Err(KeyFault::TooOpen { path: path.to_owned() });
        }
        let length = usize::try_from(about.len()).unwrap_or(usize::MAX);
        let content = read(&mut file, length);
        // Another name may keep the old file, to wipe it by: only the name that was asked for counts.
        if is_named(path, &about)? {
            return content.map(Some).map_err(storage(path));
        }
    }
}

fn is_named(path: &Path, file: &fs::Metadata) -> Result<bool, KeyFault> {
    match fs::metadata(path) {
        Ok(now) => Ok((now.dev(), now.ino()) == (file.dev(), file.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(storage(path)(error)),
    }
}

/// A name beside others that nobody else uses. [`is_aside`] knows it again.
fn aside(folder: &Path, name: &str) -> Result<PathBuf, KeyFault> {
    let mut token = [0; 8];
    getrandom::fill(&mut token).map_err(|_| KeyFault::NoRandomness)?;
    Ok(folder.join(format!(".{name}.{}", hex(&token))))
}

/// Whether a file has a name that only this module gives: where nobody writes, a crash left it.
pub(crate) fn is_aside(name: &str) -> bool {
    let token = name.strip_prefix('.').and_then(|rest| rest.rsplit_once('.'));
    token.is_some_and(|(_, token)| unhex::<8>(token).is_some())
}

/// Writes and flushes a file under a name that nobody else uses.
pub(crate) fn write_aside(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, KeyFault> {
    let path = aside(folder, name)?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o400).open(&path).map_err(storage(&path))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // On a full disk, say: what cannot be used is not left. Where that fails as well, it is swept later.
        let _ = wipe_last_name(&path);
        return Err(storage(&path)(error));
    }
    Ok(path)
}

/// Gives the file its name unless the name is taken, and takes the aside name away. True where it was first.
pub(crate) fn link(aside: &Path, path: &Path) -> Result<bool, KeyFault> {
    let linked = match fs::hard_link(aside, path) {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
        Err(source) => return Err(KeyFault::Storage { path: path.to_owned(), source }),
    };
    wipe_last_name(aside)?;
    Ok(linked)
}

/// Writes zeros over a file and takes its name away, in this order: whatever a crash leaves can still be found and
/// wiped. A file that has another name is still in use under that one, and only loses this one. A disk that moves
/// blocks may keep a copy, which only the disk's own encryption or destruction reaches.
pub(crate) fn wipe_last_name(path: &Path) -> Result<(), KeyFault> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(storage(path)(error)),
    };
    if about.is_file() && about.nlink() == 1 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(storage(path))?;
        let mut file = OpenOptions::new().write(true).open(path).map_err(storage(path))?;
        let zeros = vec![0; usize::try_from(about.len()).unwrap_or(0)];
        file.write_all(&zeros).and_then(|()| file.sync_all()).map_err(storage(path))?;
    }
    fs::remove_file(path).map_err(storage(path))
}

/// Wipes a secret's file and takes it away, durably; nothing where there is none.
pub(crate) fn wipe_and_remove(path: &Path) -> Result<(), KeyFault> {
    let folder = folder_of(path);
    let doomed = aside(folder, "wipe")?;
    match fs::rename(path, &doomed) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(storage(path)(error)),
    }
    sync_folder(folder)?;
    wipe_last_name(&doomed)?;
    sync_folder(folder)
}

/// Replaces a secret's file by new content, at once or not at all, then wipes what was there before.
pub(crate) fn replace_and_wipe(path: &Path, bytes: &[u8]) -> Result<(), KeyFault> {
    let aside = write_aside(folder_of(path), "anew", bytes)?;
    swap_in(&aside, path)
}

/// Gives a whole, durable file the name of another, at once or not at all, then wipes the other. The other has a
/// second name before it loses its first, so that it is never without one until it is wiped.
pub(crate) fn swap_in(new: &Path, path: &Path) -> Result<(), KeyFault> {
    let folder = folder_of(path);
    let doomed = aside(folder, "wipe")?;
    match fs::hard_link(path, &doomed) {
        Ok(()) => sync_folder(folder)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(storage(path)(error)),
    }
    fs::rename(new, path).map_err(storage(path))?;
    sync_folder(folder)?;
    wipe_last_name(&doomed)?;
    sync_folder(folder)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}
