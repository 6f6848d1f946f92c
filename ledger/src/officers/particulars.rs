//! What officers recognise a record by, and the commitment to it that they sign.
//!
//! A stream's id says nothing to anybody, and a look-up table may lead to another child. So the record's own reference,
//! dates and number of events stand in a file beside the request, read from the stream itself, and the request holds a
//! salted hash of that text. The signed request stays for ever and names nobody: the salt is in the file, which is deleted
//! afterwards, and in the ledger under the child's key, which dies with the record.

use std::fmt;

use domain::ids::{Position, StreamId};
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::request::Request;
use crate::hash::{Hash, sha256};
use crate::notes::{from_base64, to_base64};

const FIRST_LINE: &str = "caseledger particulars 1";
const LABEL: &[u8; 8] = b"CL1PARTC";

/// The text that officers see, with the salt of its commitment.
#[derive(Clone, PartialEq, Eq)]
pub struct Particulars {
    /// Lines `name: value`, each ended by a newline.
    text: Zeroizing<String>,
    salt: Salt,
}

/// Random bytes that keep the commitment from being guessed.
pub(crate) type Salt = Zeroizing<[u8; 32]>;

/// What is read from a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recognised {
    /// What the stream is about.
    pub(crate) category: &'static str,
    /// Number of its events.
    pub(crate) events: usize,
    /// Practice days, the first and the last.
    pub(crate) days: Option<(chrono::NaiveDate, chrono::NaiveDate)>,
    /// What its events say of who it is: name and value, each once, in the order of recording.
    pub(crate) said: Vec<(String, Zeroizing<String>)>,
}

/// Why particulars do not stand for a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParticularsFault {
    /// The request is about a record, and nothing beside it says which.
    #[error(
        "the request says nothing by which officers recognise the record, as one of before did; prepare a new one"
    )]
    NotInRequest,
    /// The text is not there.
    #[error(
        "the particulars of the record are not there: they were written beside the request, as FILE.particulars"
    )]
    Absent,
    /// The text is not in the form in which particulars are written.
    #[error("line {line} of the particulars: {expected}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// The text is another one than the request commits to.
    #[error("the particulars are not those of this request: they were changed, or belong to another one")]
    OtherRequest,
    /// The record of the stream is not what the officers saw.
    #[error(
        "the record of stream {stream} is not the one that the officers saw; prepare a new request, and run `caseledger doctor`"
    )]
    OtherRecord {
        /// The stream.
        stream: StreamId,
    },
}

impl Particulars {
    /// The particulars of a record up to a position, for one request.
    pub(crate) fn new(
        request: Uuid,
        (stream, up_to): (StreamId, Position),
        found: &Recognised,
        salt: Salt,
    ) -> Self {
        let mut text = Zeroizing::new(format!("{FIRST_LINE}\nrequest: {request}\nstream: {stream}\n"));
        let mut line = |name: &str, value: &str| {
            for part in [name, ": ", &one_line(value), "\n"] {
                text.push_str(part);
            }
        };
        line("record", found.category);
        line("up-to", &up_to.to_string());
        line("events", &found.events.to_string());
        if let Some((first, last)) = found.days {
            line("first-day", &first.to_string());
            line("last-day", &last.to_string());
        }
        for (name, value) in &found.said {
            line(name, value);
        }
        Self { text, salt }
    }

    /// What the request holds of it.
    pub fn commitment(&self) -> Hash {
        sha256(&[LABEL, self.salt.as_slice(), self.text.as_bytes()])
    }

    /// What officers read, without the salt.
    pub fn shown(&self) -> &str {
        &self.text
    }

    /// Reads what was written beside a request.
    ///
    /// # Errors
    /// [`ParticularsFault::Malformed`] with the line.
    pub fn parse(text: &str) -> Result<Self, ParticularsFault> {
        let wrong = |line, expected| ParticularsFault::Malformed { line, expected };
        if text.lines().next() != Some(FIRST_LINE) {
            return Err(wrong(1, "\"caseledger particulars 1\" stands here"));
        }
        let last = text.lines().count();
        let salt = text.strip_suffix('\n').and_then(|text| text.rsplit_once("\nsalt: "));
        let (text, salt) = salt.ok_or(wrong(last, "the salt stands here"))?;
        let salt = from_base64(salt).and_then(|bytes| bytes.try_into().ok());
        let salt = salt.ok_or(wrong(last, "the salt is 32 bytes in base64"))?;
        Ok(Self { text: Zeroizing::new(format!("{text}\n")), salt: Zeroizing::new(salt) })
    }

    /// Makes sure that a request is about exactly this text.
    ///
    /// # Errors
    /// [`ParticularsFault`].
    pub fn check(&self, request: &Request) -> Result<(), ParticularsFault> {
        match request.particulars {
            Some(commitment) if commitment == self.commitment() => Ok(()),
            Some(_) => Err(ParticularsFault::OtherRequest),
            None => Err(ParticularsFault::NotInRequest),
        }
    }

    pub(crate) fn salt(&self) -> &Salt {
        &self.salt
    }

    /// The position up to which the record was read.
    pub(crate) fn up_to(&self) -> Result<Position, ParticularsFault> {
        let line =
            self.text.lines().enumerate().find_map(|(at, line)| Some((at, line.strip_prefix("up-to: ")?)));
        let position = line.and_then(|(_, position)| position.parse().ok());
        position.map(Position).ok_or(ParticularsFault::Malformed { line: 5, expected: "up-to is a position" })
    }
}

/// The file beside the request; its text is the commitment's, and the salt follows.
impl fmt::Display for Particulars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}salt: {}", *self.text, to_base64(self.salt.as_slice()))
    }
}

/// Names nobody.
impl fmt::Debug for Particulars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Particulars").finish_non_exhaustive()
    }
}

/// A text in one line: what would end it, or hide in it, is shown as a mark.
fn one_line(value: &str) -> Zeroizing<String> {
    Zeroizing::new(
        value.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect(),
    )
}
