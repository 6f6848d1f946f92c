//! The text of a C2SP `tlog-checkpoint`: origin, size, root, each on a line of its own.

use thiserror::Error;

use crate::hash::Hash;
use crate::notes::{Note, NoteFault, from_base64, to_base64};

/// A head of the log as it is signed. Extension lines are not written and not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, for instance `caseledger.example/E09000001/events`.
    pub origin: String,
    /// Number of events.
    pub tree_size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

/// Why a text is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointFault {
    /// It is no signed note.
    #[error("a checkpoint is a signed note")]
    Note {
        /// What is wrong.
        #[from]
        source: NoteFault,
    },
    /// Its text has another shape.
    #[error("line {line} of the checkpoint is not its {what}")]
    Shape {
        /// Which line, from 1.
        line: usize,
        /// What should stand there.
        what: &'static str,
    },
}

impl Checkpoint {
    /// The text to sign.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.tree_size, to_base64(&self.root))
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    /// [`CheckpointFault`].
    pub fn parse(text: &str) -> Result<Self, CheckpointFault> {
        let shape = |line, what| CheckpointFault::Shape { line, what };
        let mut lines = text.strip_suffix('\n').ok_or(shape(1, "origin"))?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(shape(1, "origin"))?;
        let size = lines.next().and_then(decimal).ok_or(shape(2, "size in decimal"))?;
        let root = lines.next().and_then(from_base64).and_then(|bytes| bytes.try_into().ok());
        let root = root.ok_or(shape(3, "root in base64"))?;
        match lines.next() {
            None => Ok(Self { origin: origin.to_owned(), tree_size: size, root }),
            Some(_) => Err(shape(4, "end: extension lines are not taken")),
        }
    }

    /// Reads a signed note. Nothing is checked of its signatures.
    ///
    /// # Errors
    /// [`CheckpointFault`].
    pub fn of_note(note: &str) -> Result<(Self, Note), CheckpointFault> {
        let note = Note::parse(note)?;
        Ok((Self::parse(note.text())?, note))
    }
}

/// A decimal number without sign and leading zeros.
fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let checkpoint = Checkpoint { origin: "a.example/log".to_owned(), tree_size: 12, root: [7; 32] };
        let text = checkpoint.text();
        assert_eq!(Checkpoint::parse(&text), Ok(checkpoint));
        for (from, to, line) in [
            ("a.example/log\n", "\n", 1),
            ("\n12\n", "\n012\n", 2),
            ("\n12\n", "\n-1\n", 2),
            ("\n12\n", "\n18446744073709551616\n", 2),
            ("=\n", "\n", 3),
            ("=\n", "=\nextension\n", 4),
        ] {
            let changed = text.replacen(from, to, 1);
            let fault = Checkpoint::parse(&changed).unwrap_err();
            assert!(
                matches!(fault, CheckpointFault::Shape { line: found, .. } if found == line),
                "{changed:?}: {fault}"
            );
        }
    }
}
