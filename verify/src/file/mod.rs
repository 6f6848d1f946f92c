//! Exported logs and bundles, `docs/ledger-format.md` section 11: checked with nothing but the file.

mod bundle;
mod exported;
mod line;

use std::io::{self, BufRead};

use thiserror::Error;

use crate::anchors::{Anchors, KeptCheckpoint, Receipt};
use crate::notes::{self, Key};
use crate::report::Report;
use crate::witnesses::Witnesses;
use line::{Header, Last};

/// What a file is held against, besides itself.
#[derive(Clone, Debug, Default)]
pub struct FileQuestion {
    /// How many examples of each kind of damage are kept.
    pub examples: usize,
    /// Checkpoints that the auditor kept.
    pub checkpoints: Vec<KeptCheckpoint>,
    /// Receipts that callers were given.
    pub receipts: Vec<Receipt>,
    /// Keys that the auditor trusts to sign checkpoints; where there are none, those that the log registered count.
    pub trusted: Vec<Key>,
    /// Whose countersignatures are asked for; nobody's where absent.
    pub witnesses: Option<Witnesses>,
}

/// Why a file cannot be checked.
#[derive(Debug, Error)]
pub enum FileFault {
    /// It cannot be read.
    #[error("reading line {line}")]
    Reading {
        /// From 1.
        line: u64,
        /// What the system says.
        source: io::Error,
    },
    /// It does not start as an exported log or a bundle does.
    #[error("line 1 is the first line of neither an exported log nor a bundle of format 1")]
    NoHeader {
        /// What the reader of JSON says.
        source: Option<serde_json::Error>,
    },
    /// A value of the first line is not what it should be.
    #[error("line 1: {field} cannot be read")]
    Header {
        /// Which.
        field: &'static str,
    },
    /// A line is not what it should be.
    #[error("line {line}: {reason}")]
    Line {
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// The last line is not there: the file was cut short.
    #[error("the file ends after line {line} without its last line: it was cut short")]
    CutShort {
        /// The last line that is there, from 1.
        line: u64,
    },
    /// The last line counts other events than are there.
    #[error("the last line counts {said} events, {found} are there")]
    Count {
        /// What the last line says.
        said: u64,
        /// How many there are.
        found: u64,
    },
    /// Something follows the last line.
    #[error("line {line} follows the last line")]
    Trailing {
        /// From 1.
        line: u64,
    },
}

/// Checks an exported log or a bundle.
///
/// # Errors
/// [`FileFault`] where the file cannot be read to its end; everything else is a finding.
pub fn verify_file(file: impl BufRead, question: &FileQuestion) -> Result<Report, FileFault> {
    let mut lines = Lines { lines: file, line: 0 };
    let text = lines.next()?.ok_or(FileFault::NoHeader { source: None })?;
    let header: Header =
        serde_json::from_str(&text).map_err(|source| FileFault::NoHeader { source: Some(source) })?;
    let root = notes::hash_of(&header.root).ok_or(FileFault::Header { field: "root" })?;
    let mut anchors = Anchors {
        checkpoints: question.checkpoints.clone(),
        recorded: Vec::new(),
        receipts: question.receipts.clone(),
        seen: None,
        trusted: question.trusted.clone(),
        witnesses: question.witnesses.clone(),
    };
    if let Some(note) = &header.checkpoint {
        anchors.recorded.push(KeptCheckpoint { label: "the file".to_owned(), note: note.clone() });
    }
    match (header.export, header.bundle) {
        (Some(1), None) => exported::verify(lines, &header, root, &anchors, question.examples),
        (None, Some(1)) => bundle::verify(lines, &header, root, &anchors, question.examples),
        _ => Err(FileFault::NoHeader { source: None }),
    }
}

/// The lines of a file, counted.
struct Lines<R> {
    lines: R,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>, FileFault> {
        let (mut text, line) = (String::new(), self.line + 1);
        let read = self.lines.read_line(&mut text).map_err(|source| FileFault::Reading { line, source })?;
        if read == 0 {
            return Ok(None);
        }
        self.line = line;
        match text.pop() {
            Some('\n') => Ok(Some(text)),
            // A line without its end was cut.
            _ => Err(FileFault::CutShort { line }),
        }
    }

    /// The next line before the last one; `None` after the last one, which is checked.
    fn event(&mut self, found: u64) -> Result<Option<String>, FileFault> {
        let text = self.next()?.ok_or(FileFault::CutShort { line: self.line })?;
        let Some(Last { events: said }) = Last::of(&text) else { return Ok(Some(text)) };
        if said != found {
            return Err(FileFault::Count { said, found });
        }
        match self.next()? {
            None => Ok(None),
            Some(_) => Err(FileFault::Trailing { line: self.line }),
        }
    }

    fn wrong(&self, reason: impl Into<String>) -> FileFault {
        FileFault::Line { line: self.line, reason: reason.into() }
    }
}
