//! Files that are replaced whole: a reader sees the old or the new one, and a crash leaves either.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file aside, flushes it and gives it its name. The folder's entry is durable after [`sync_folder`].
///
/// The file aside carries the process's number: another process that was stopped in the middle of this must not go on
/// writing into what has its name by then.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut aside = path.to_owned().into_os_string();
    aside.push(format!(".{}.new", std::process::id()));
    let aside = PathBuf::from(aside);
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

/// Makes the entries of a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all())
}
