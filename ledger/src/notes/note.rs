//! The note: text, blank line, signature lines.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::key::{VerifierKey, is_name};
use super::{from_base64, to_base64};

/// The largest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 1_000_000;

/// The most signature lines that are read.
pub const MAX_SIGNATURES: usize = 100;

const DASH: &str = "\u{2014} ";

/// Why a text is no signed note. Line numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoteFault {
    /// Larger than any note that is read.
    #[error("the note has {bytes} bytes; at most {MAX_NOTE_BYTES} are read")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// A control character other than the newline.
    #[error("line {line} has a control character")]
    ControlCharacter {
        /// Where.
        line: usize,
    },
    /// No blank line and signatures after it, or no newline at the end.
    #[error("a signed note is a text, a blank line and signature lines, each line ended by a newline")]
    Shape,
    /// A line after the last blank one that is no signature.
    #[error("line {line} is no signature line")]
    SignatureLine {
        /// Where.
        line: usize,
    },
    /// More signatures than are read.
    #[error("the note has {found} signatures; at most {MAX_SIGNATURES} are read")]
    TooManySignatures {
        /// How many.
        found: usize,
    },
}

/// One signature: who says to have signed, and the bytes. Nothing is checked by reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    key_hash: [u8; 4],
    signature: Vec<u8>,
}

impl SignatureLine {
    /// The line of a key with a signature made by it.
    pub fn of(key: &VerifierKey, signature: Vec<u8>) -> Self {
        Self { name: key.name().to_owned(), key_hash: key.key_hash(), signature }
    }

    /// Reads a line, without its newline; `None` where it is none.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, data) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = from_base64(data)?;
        let (key_hash, signature) = bytes.split_first_chunk::<4>()?;
        let sound = is_name(name) && !signature.is_empty();
        sound.then(|| Self { name: name.to_owned(), key_hash: *key_hash, signature: signature.to_vec() })
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The hash of the key.
    pub const fn key_hash(&self) -> [u8; 4] {
        self.key_hash
    }

    /// The signature without the hash before it.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// The line without its newline.
impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_hash.as_slice(), &self.signature].concat();
        write!(f, "{DASH}{} {}", self.name, to_base64(&bytes))
    }
}

/// A text with signatures under it, in their order; none are there before somebody signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// A note that nobody has signed yet.
    ///
    /// # Errors
    /// [`NoteFault`] where the text is empty, does not end with a newline, or has a control character.
    pub fn try_new(text: impl Into<String>) -> Result<Self, NoteFault> {
        let text = text.into();
        if !text.ends_with('\n') {
            return Err(NoteFault::Shape);
        }
        check_characters(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note with at least one signature.
    ///
    /// # Errors
    /// [`NoteFault`].
    pub fn parse(note: &str) -> Result<Self, NoteFault> {
        check_characters(note)?;
        let middle = note.rfind("\n\n").ok_or(NoteFault::Shape)?;
        let (text, lines) = note.split_at(middle + 1);
        let lines = lines.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let lines: Vec<&str> = lines.ok_or(NoteFault::Shape)?.split('\n').collect();
        if lines.len() > MAX_SIGNATURES {
            return Err(NoteFault::TooManySignatures { found: lines.len() });
        }
        let before = text.matches('\n').count() + 2;
        let read = |(index, line): (usize, &&str)| {
            SignatureLine::parse(line).ok_or(NoteFault::SignatureLine { line: before + index })
        };
        let signatures = lines.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// What was signed; ends with a newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in their order.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature at the end; the same line twice stays one.
    ///
    /// # Errors
    /// [`NoteFault::TooManySignatures`].
    pub fn add(&mut self, line: SignatureLine) -> Result<(), NoteFault> {
        if self.signatures.contains(&line) {
            return Ok(());
        }
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteFault::TooManySignatures { found: self.signatures.len() + 1 });
        }
        self.signatures.push(line);
        Ok(())
    }

    /// Whether a signature line says that it is by this key and is: `None` where no line names the key.
    pub fn is_signed_by(&self, key: &VerifierKey) -> Option<bool> {
        let mut named = self.signatures.iter().filter(|line| key.is_named_in(line)).peekable();
        named.peek()?;
        Some(named.all(|line| key.signed(&self.text, line)))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Note {
    type Err = NoteFault;

    fn from_str(note: &str) -> Result<Self, Self::Err> {
        Self::parse(note)
    }
}

fn check_characters(text: &str) -> Result<(), NoteFault> {
    if text.len() > MAX_NOTE_BYTES {
        return Err(NoteFault::TooLarge { bytes: text.len() });
    }
    let bad = |line: &str| line.bytes().any(|byte| byte < 0x20);
    let found = text.split('\n').position(bad);
    found.map_or(Ok(()), |index| Err(NoteFault::ControlCharacter { line: index + 1 }))
}
