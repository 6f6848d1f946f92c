//! Files that the command line names: what stands in the way of reading or writing one, and what to do about it.

use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

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

/// Makes sure that a file can be read, so that what stands in the way is said in the same words for every format.
///
/// # Errors
/// A [`Failure`] where it cannot be read.
pub(crate) fn readable(file: &Path) -> Result<(), Failure> {
    let read = std::fs::File::open(file).and_then(|mut opened| opened.read(&mut [0]));
    read.reading(file).map(|_| ()).or_fail(Outcome::DataProblem)
}

/// The text of a file that somebody hands in, with or without a byte order mark.
///
/// # Errors
/// A [`Failure`] with this outcome where it cannot be read, or is not UTF-8.
pub(crate) fn text(file: &Path, outcome: Outcome) -> Result<String, Failure> {
    let bytes = std::fs::read(file).reading(file).or_fail(outcome)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| {
            anyhow::anyhow!("the text is not UTF-8; save the file as UTF-8 (a table as \"CSV UTF-8\")")
        })
        .with_context(|| file.display().to_string())
        .or_fail(outcome)?;
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}
