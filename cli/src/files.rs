//! Files that the command line names: what stands in the way of reading or writing one, and what to do about it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::exit_code::{Failure, OrFailure as _, Outcome};

/// Gives an error of a file its name and a hint.
pub(crate) trait OfFile<T> {
    /// The file was to be read.
    fn reading(self, file: &Path) -> anyhow::Result<T>;
    /// The file was to be written.
    fn writing(self, file: &Path) -> anyhow::Result<T>;
}

/// What to do where a file cannot be read.
const READING: &[(ErrorKind, &str)] = &[
    (ErrorKind::NotFound, "check its name, and the folder that you are in"),
    (ErrorKind::PermissionDenied, "you may not read it: ask its owner, or copy it"),
    (ErrorKind::IsADirectory, "it is a folder: name a file in it"),
];

/// What to do where a file cannot be written.
const WRITING: &[(ErrorKind, &str)] = &[
    (ErrorKind::NotFound, "make its folder first"),
    (ErrorKind::PermissionDenied, "you may not write there: name a file elsewhere"),
    (ErrorKind::IsADirectory, "it is a folder: name a file in it"),
    (ErrorKind::AlreadyExists, "it is there already: name a new one"),
    (ErrorKind::StorageFull, "the disk is full: make room, or name a file on another disk"),
];

fn hint(hints: &[(ErrorKind, &'static str)], fault: &io::Error, otherwise: &'static str) -> &'static str {
    hints.iter().find(|(kind, _)| *kind == fault.kind()).map_or(otherwise, |(_, hint)| hint)
}

impl<T> OfFile<T> for io::Result<T> {
    fn reading(self, file: &Path) -> anyhow::Result<T> {
        self.or_else(|fault| {
            let hint = hint(READING, &fault, "check that it is a file that you can open");
            Err(fault).with_context(|| format!("cannot read {}; {hint}", file.display()))
        })
    }

    fn writing(self, file: &Path) -> anyhow::Result<T> {
        self.or_else(|fault| {
            let hint = hint(WRITING, &fault, "check that the disk has room and the folder may be written to");
            Err(fault).with_context(|| format!("cannot write {}; {hint}", file.display()))
        })
    }
}

/// Makes sure that a file can be read, and read again, so that what stands in the way is said in the same words for every
/// format.
///
/// # Errors
/// A [`Failure`] where it cannot be read.
pub(crate) fn readable(file: &Path) -> Result<(), Failure> {
    let kind = fs::metadata(file).reading(file).or_fail(Outcome::DataProblem)?.file_type();
    // A folder is refused below, by what the system says of reading it. A pipe that nobody writes to would be waited for.
    if !kind.is_file() && !kind.is_dir() {
        let what = if kind.is_fifo() { "a pipe" } else { "a device or socket" };
        let message = format!(
            "cannot read {}; it is {what}, and an import reads its file more than once: save it as a file first",
            file.display()
        );
        return Err(Failure::new(Outcome::DataProblem, message));
    }
    let read = std::fs::File::open(file).and_then(|mut opened| opened.read(&mut [0]));
    read.reading(file).map(|_| ()).or_fail(Outcome::DataProblem)
}

/// The text of a file that somebody hands in, with or without a byte order mark.
///
/// # Errors
/// A [`Failure`] with this outcome where it cannot be read, or is not UTF-8.
pub(crate) fn text(file: &Path, outcome: Outcome) -> Result<String, Failure> {
    let about = std::fs::metadata(file).reading(file).or_fail(outcome)?;
    if !about.is_file() && !about.is_dir() {
        // A pipe would be waited for without end, and a device may have none.
        let message = format!("{} is no file; save what it gives as one", file.display());
        return Err(Failure::new(outcome, message));
    }
    let bytes = std::fs::read(file).reading(file).or_fail(outcome)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| {
            anyhow::anyhow!("the text is not UTF-8; save the file as UTF-8 (a table as \"CSV UTF-8\")")
        })
        .with_context(|| file.display().to_string())
        .or_fail(outcome)?;
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}

/// A file that goes out, which may name children: only its owner may read it, and it is there whole or not at all.
pub(crate) struct Outgoing {
    path: PathBuf,
    /// Its name while it is written, in the same folder; none for what is no file, as a device.
    aside: Option<PathBuf>,
    file: File,
}

impl Outgoing {
    /// Begins to write; what stands under the name stays until [`Self::finish`].
    pub(crate) fn begin(path: &Path) -> io::Result<Self> {
        // What a link leads to is written, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&path) {
            Ok(held) if held.is_dir() => Err(ErrorKind::IsADirectory.into()),
            Ok(held) if !held.is_file() => {
                let file = OpenOptions::new().write(true).open(&path)?;
                Ok(Self { path, aside: None, file })
            }
            _ => {
                let mut aside = path.clone().into_os_string();
                aside.push(format!(".{}.part", std::process::id()));
                let aside = PathBuf::from(aside);
                let file =
                    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
                Ok(Self { path, aside: Some(aside), file })
            }
        }
    }

    /// Makes it durable under its name.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        let Some(aside) = self.aside.take() else { return Ok(()) };
        let named = self.file.sync_all().and_then(|()| fs::rename(&aside, &self.path));
        if named.is_err() {
            let _ = fs::remove_file(&aside);
        }
        named?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all())
    }

    /// Writes a text in place of a file's, for those who may read it now.
    pub(crate) fn rewrite(path: &Path, text: &str) -> io::Result<()> {
        let mut file = Self::begin(path)?;
        file.file.set_permissions(fs::metadata(path)?.permissions())?;
        file.write_all(text.as_bytes())?;
        file.finish()
    }

    /// Writes a text as such a file.
    pub(crate) fn write_text(path: &Path, text: &str) -> io::Result<()> {
        let mut file = Self::begin(path)?;
        file.write_all(text.as_bytes())?;
        file.finish()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if let Some(aside) = &self.aside {
            let _ = fs::remove_file(aside);
        }
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
