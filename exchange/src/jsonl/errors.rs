//! Why a file of events cannot be read: the line, the place on it, and the way out.
//!
//! No message repeats a value of the file, because it may name somebody.

use std::io;

use chrono::NaiveDate;
use domain::envelope::Category;
use domain::ids::CommandId;
use thiserror::Error;

use super::{MAX_COMMAND_LINES, MAX_EVENT_BYTES, MAX_LINE_BYTES, VERSION};

/// A file of events, or one line of it, that cannot be read.
#[derive(Debug, Error)]
pub enum JsonlError {
    /// The file could not be read at all.
    #[error("line {line}: reading stopped")]
    Io {
        /// Line that was being read, from 1.
        line: u64,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// There is no line at all.
    #[error("the file is empty; its first line must be the header")]
    Empty,
    /// The first line is no header of this format.
    #[error(
        "line {line}: not the header of a file of events ({reason}); expected {{\"format\":\"caseledger-events\",\"version\":1,…}}"
    )]
    NotAHeader {
        /// The first line that is not blank, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer form than this program reads.
    #[error(
        "line {line}: version {version} of the form is not known; this program reads version {VERSION}: use a newer program"
    )]
    UnknownForm {
        /// The line of the header, from 1.
        line: u64,
        /// The version as stated.
        version: u32,
    },
    /// A header further down names another authority than the first one: whose the events are cannot be told.
    #[error(
        "line {line}: a second header, of authority {second}; the file is of authority {first}: give each in a file of its own"
    )]
    OtherHeader {
        /// The line, from 1.
        line: u64,
        /// The authority of the first header.
        first: String,
        /// The authority that it names.
        second: String,
    },
    /// One line cannot be read; the next ones can.
    #[error("line {line}: {fault}")]
    Line {
        /// The line, from 1.
        line: u64,
        /// The command that it names, as far as that can be told.
        command: Option<CommandId>,
        /// What is wrong with it.
        fault: LineFault,
    },
}

/// What is wrong with one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineFault {
    /// The line is longer than is read.
    #[error("longer than {MAX_LINE_BYTES} bytes; one event stands on one line")]
    TooLong,
    /// The header of a file of events, below the first line.
    #[error("a second header; take the line out")]
    SecondHeader,
    /// The bytes are not UTF-8.
    #[error("byte {byte} is not UTF-8; write the file as UTF-8")]
    NotUtf8 {
        /// First byte that is not, from 1.
        byte: usize,
    },
    /// Not JSON, a key twice, an unknown or missing field, or a value of the wrong shape.
    #[error("column {column}: {reason}")]
    Shape {
        /// Column in bytes, from 1.
        column: usize,
        /// What is wrong, without the value.
        reason: String,
    },
    /// The kind is not known.
    #[error("field kind: unknown event kind {kind}; a newer program may have written it, use that one")]
    UnknownKind {
        /// The kind, if it looks like one.
        kind: String,
    },
    /// The schema version is newer than this program.
    #[error("field schema: version {version} of {kind} is not known; this program reads 1 to {newest}")]
    UnknownVersion {
        /// The kind.
        kind: &'static str,
        /// The version as stated.
        version: u16,
        /// The newest known one.
        newest: u16,
    },
    /// The facts do not have the shape of their kind.
    #[error("field facts of {kind} version {version}: {reason}")]
    Facts {
        /// The kind.
        kind: &'static str,
        /// The version.
        version: u16,
        /// What is wrong, without the value.
        reason: String,
    },
    /// A text beside the facts that no event can hold.
    #[error("field {reason}")]
    Text {
        /// The field and what is wrong with its text, without the text.
        reason: String,
    },
    /// A sealed field without a usable name.
    #[error("field sealed: the name of a field has 1 to 255 bytes")]
    SealedName,
    /// The facts and sealed fields are larger than an event may be.
    #[error("facts and sealed fields hold {bytes} bytes, at most {MAX_EVENT_BYTES} are taken")]
    TooMuch {
        /// How many they hold.
        bytes: usize,
    },
    /// The row of an import is no row number.
    #[error("field import: row is above 2147483647")]
    Row,
    /// The kind does not stand in such a stream.
    #[error("field category: {kind} stands in a stream of category {expected}, not {category}")]
    WrongCategory {
        /// The kind.
        kind: &'static str,
        /// The category as stated.
        category: Category,
        /// The category of the kind.
        expected: Category,
    },
    /// The kind belongs to the ledger itself.
    #[error("field kind: {kind} is written by the ledger alone; take the line out")]
    LedgerOnly {
        /// The kind.
        kind: &'static str,
    },
    /// A day that source systems write where they have none.
    #[error(
        "field {field}: {day} stands where a source has no date; leave out a date that is not known (\"occurred\":\"unknown\"), or take the line out where nothing happened"
    )]
    Placeholder {
        /// The field, or the field of the facts.
        field: String,
        /// The day.
        day: NaiveDate,
    },
    /// A day before anybody's birth whom a record of today is about.
    #[error("field {field}: {day} is no day of a record of today; correct the year")]
    TooEarly {
        /// The field, or the field of the facts.
        field: String,
        /// The day.
        day: NaiveDate,
    },
    /// A command has more lines than are taken as one.
    #[error(
        "the command that starts here has more than {MAX_COMMAND_LINES} lines; give its events several command ids"
    )]
    CommandTooLong,
}
