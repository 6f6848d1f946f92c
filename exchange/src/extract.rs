//! What a file says, before anything is decided about it.
//!
//! An [`Extract`] hands out the rows of one child at a time. Each value keeps the
//! text as it stood, what the reader made of it, and its place, so that every
//! later outcome can name sheet, row and column or element path and line.
//! A subject is handed out once, with all its rows. The order of the subjects is the order of their first row in the
//! file; a child who stands in several elements of a census comes with the last of them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::identifier::normal_form;

use crate::content::Content;
use crate::errors::ReadError;
use crate::layout::{Column, List, Role};
use crate::recognise::Format;

/// A file that has been recognised and can be read.
pub struct Extract {
    /// Format of the file.
    pub format: Format,
    /// Code of the authority, where the file states it (`LEA` of a census).
    pub authority: Option<String>,
    /// The system that wrote it, where the file says so.
    pub system: Option<String>,
    /// The day that the file describes.
    pub as_at: AsAt,
    /// Which lists and columns the file holds: only there may absence mean anything.
    pub scope: Vec<ListScope>,
    /// Remarks that concern the file and not one row.
    pub notes: Vec<Note>,
    /// What its rows say, whatever their order.
    pub content: Content,
    pub(crate) subjects: Box<dyn Iterator<Item = Result<SubjectRows, ReadError>>>,
}

/// The day a file describes, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsAt {
    /// The caller said so.
    Given {
        /// The day.
        day: NaiveDate,
    },
    /// The file's header says so.
    Stated {
        /// The day.
        day: NaiveDate,
    },
    /// The ages in the file agree with the dates of birth on this day.
    Inferred {
        /// The day.
        day: NaiveDate,
        /// How many rows agree with the day.
        agree: usize,
        /// How many rows carry both an age and a date of birth.
        rows: usize,
    },
}

impl AsAt {
    /// The day itself.
    pub fn day(&self) -> NaiveDate {
        match self {
            AsAt::Given { day } | AsAt::Stated { day } | AsAt::Inferred { day, .. } => *day,
        }
    }
}

/// Which part of one list the file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListScope {
    /// Code of the list.
    pub list: String,
    /// Fields whose column is present; a field that is not here says nothing.
    pub fields: Vec<String>,
    /// How many rows the list holds, where that is known before reading.
    pub rows: Option<u64>,
    /// How many of them may be anybody's: a record that seems absent may stand in one of them.
    pub unnamed: u64,
}

/// A remark with the place it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// Stable code of the remark.
    pub code: &'static str,
    /// The remark as a sentence, without any value that could name a person.
    pub text: String,
}

/// Whom a row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A child, by the identifier of the source system in its normal form.
    Child(String),
    /// A prospective adopter, by the identifier of the source system in its normal form.
    Adopter(String),
    /// Nobody: the row's identifier is blank or cannot be read.
    Nobody,
}

/// All rows of one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectRows {
    /// Whom they are about.
    pub subject: Subject,
    /// Which subject of the file this is, counted from 1.
    pub ordinal: u32,
    /// The rows in the order of the file; a parent stands before its children.
    pub rows: Vec<SourceRow>,
}

/// One row of a list, or one repeated element.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRow {
    /// The list it belongs to.
    pub list: &'static List,
    /// Where it stands.
    pub place: Place,
    /// Index in [`SubjectRows::rows`] of the row whose element encloses it.
    pub parent: Option<usize>,
    /// Its values, in the order of the file; a missing column has none.
    pub values: Vec<SourceValue>,
    /// Remarks on the row.
    pub notes: Vec<Note>,
    /// Why the row is not read: it is no record, or no more than an identifier can be told of it.
    pub refusal: Option<Refusal>,
}

/// Why a row is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A total.
    Total,
    /// The header, said again.
    HeaderAgain,
    /// A line of words, with something beside it.
    Words,
    /// A line of words and nothing else: a title or a note.
    Note,
    /// An identifier, and nothing else is stated.
    IdentifierAlone,
    /// A record is stated beside what reads as a title or a total.
    RecordWithoutIdentifier,
    /// What looks like a record stands above the header.
    AboveTheHeader,
    /// It has more cells than the header: which column each belongs to cannot be told, nor whose row it is.
    TooManyCells {
        /// How many cells it has.
        cells: u32,
        /// How many the header has.
        headers: u32,
    },
    /// An element of a census stands where none of its kind is expected.
    Misplaced,
}

impl Refusal {
    /// The reason, for the report.
    pub fn reason(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Total => "a total, not a child",
            Self::Misplaced => {
                "the element stands in the wrong place, and was not read with what it holds: correct its place and import again"
            }
            Self::HeaderAgain => "the header again, not a child",
            Self::Words => "a line of words, not an identifier",
            Self::Note => "the row says nothing but this: a title or a note",
            Self::IdentifierAlone => {
                "the row says nothing but this: a note, or a child of whom nothing is stated"
            }
            Self::RecordWithoutIdentifier => {
                "the row states the day of a record, but this reads as a title or a total, not an identifier"
            }
            Self::AboveTheHeader => "the row stands above the header; move it below",
            Self::TooManyCells { cells, headers } => {
                return Cow::Owned(format!(
                    "{cells} cells under {headers} headers: take out the separator that is too many, or put the text \
                     that holds it in quotation marks"
                ));
            }
        })
    }

    /// Whether the row may be a record, so that none of whomever it names, or of anybody, is absent in its list.
    pub const fn may_be_a_record(self) -> bool {
        match self {
            Self::IdentifierAlone
            | Self::RecordWithoutIdentifier
            | Self::AboveTheHeader
            | Self::TooManyCells { .. }
            | Self::Misplaced => true,
            Self::Total | Self::HeaderAgain | Self::Words | Self::Note => false,
        }
    }

    /// Whether the row is about the child whom its column of identifiers names.
    const fn is_about_whom_it_names(self) -> bool {
        self.may_be_a_record() && !matches!(self, Self::RecordWithoutIdentifier | Self::TooManyCells { .. })
    }
}

/// One cell or element.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceValue {
    /// What the column means.
    pub column: &'static Column,
    /// Where it stands.
    pub place: Place,
    /// The text as it stood, trimmed of surrounding space.
    pub raw: String,
    /// What the reader made of it.
    pub reading: Reading,
}

/// What the reader made of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Nothing stands there: in a present column, a withdrawn value.
    Blank,
    /// The source could not say (`#N/A` and other error texts).
    SourceError,
    /// What the source writes where it has no value, such as `1900-01-01` or `n/a`.
    Placeholder,
    /// A formula whose result was never stored: not stated, and never guessed.
    NoStoredValue,
    /// The row ends before this cell: not stated.
    NotThere,
    /// A date.
    Date(NaiveDate),
    /// A whole number.
    Count(u64),
    /// A number, as written.
    Decimal(String),
    /// Yes or no.
    Flag(bool),
    /// A code; `known` says whether its list holds it.
    Code {
        /// The code, or the text where it is not known.
        code: String,
        /// Whether the code list holds it.
        known: bool,
    },
    /// Text: an identifier, a name, a team.
    Text(String),
    /// A value that cannot be what its column says.
    Unreadable {
        /// Why, as a fragment.
        reason: &'static str,
    },
}

impl Reading {
    /// Why the value cannot be what its column says; `None` for one that can.
    pub fn refusal(&self) -> Option<&'static str> {
        if let Reading::Unreadable { reason } = self { Some(reason) } else { None }
    }

    /// The date; `None` for everything else.
    pub fn date(&self) -> Option<NaiveDate> {
        if let Reading::Date(day) = self { Some(*day) } else { None }
    }

    /// Yes or no; `None` for everything else.
    pub fn flag(&self) -> Option<bool> {
        if let Reading::Flag(flag) = self { Some(*flag) } else { None }
    }

    /// Whether something stands here that the source could not say, or that cannot be read: neither a value nor a blank.
    pub fn is_unsaid(&self) -> bool {
        matches!(
            self,
            Reading::SourceError | Reading::NoStoredValue | Reading::NotThere | Reading::Unreadable { .. }
        )
    }

    /// Whether something stands here and says nothing: what could not be said or read, or a placeholder. It is no blank.
    pub fn says_nothing(&self) -> bool {
        self.is_unsaid() || *self == Reading::Placeholder
    }

    /// Whether nothing is stated here, for whatever reason.
    pub fn is_nothing(&self) -> bool {
        self.is_empty()
            || matches!(self, Reading::SourceError | Reading::Placeholder | Reading::NoStoredValue)
    }

    /// Whether the cell holds nothing, or is not there.
    pub fn is_empty(&self) -> bool {
        matches!(self, Reading::Blank | Reading::NotThere)
    }
}

/// Where in a file something stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The whole file.
    File,
    /// A row or cell of a sheet.
    Cell {
        /// Name of the sheet.
        sheet: Arc<str>,
        /// Row, counted from 1 as the workbook shows it; 0 for the whole sheet.
        row: u32,
        /// Column, counted from 0 and shown in letters; none for the whole row.
        column: Option<u32>,
    },
    /// An element of an XML file.
    Element {
        /// Path from the root, with the number of each repeated element from 1.
        path: String,
        /// Line, counted from 1.
        line: u64,
        /// Column in bytes, counted from 1.
        column: u64,
    },
}

/// Column letters of a position counted from 0: A, B, ..., Z, AA, AB.
pub(crate) fn column_letters(position: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = position;
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.into_iter().rev().collect()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File => write!(f, "file"),
            Place::Cell { sheet, row: 0, .. } => write!(f, "{sheet}"),
            Place::Cell { sheet, row, column: None } => write!(f, "{sheet}, row {row}"),
            Place::Cell { sheet, row, column: Some(column) } => {
                write!(f, "{sheet}!{}{row}", column_letters(*column))
            }
            Place::Element { path, line, column } => write!(f, "{path} ({line}:{column})"),
        }
    }
}

impl SubjectRows {
    /// The identifier as the first row writes it.
    pub fn written(&self) -> Option<&str> {
        self.rows.iter().find_map(SourceRow::written)
    }
}

impl SourceRow {
    /// The identifier of the subject as the row writes it.
    pub fn written(&self) -> Option<&str> {
        self.names().map(|value| value.raw.as_str())
    }

    /// The row as the file counts it: in its sheet, or `child`, the ordinal of the child.
    pub fn number(&self, child: u32) -> u32 {
        match &self.place {
            Place::Cell { row, .. } => *row,
            Place::Element { .. } | Place::File => child,
        }
    }

    /// The value of `field`; `None` where the column or element is missing.
    pub fn value(&self, field: &str) -> Option<&SourceValue> {
        self.values.iter().find(|value| value.column.field == field)
    }

    /// The identifier of the child or adopter, where the row carries one that can be read.
    pub fn names(&self) -> Option<&SourceValue> {
        let named = |value: &&SourceValue| matches!(value.column.role, Role::Child | Role::Adopter);
        self.values.iter().find(named).filter(|value| matches!(value.reading, Reading::Text(_)))
    }

    /// Whom the row is about: nobody, where it is no record or names nobody.
    pub(crate) fn subject(&self) -> Subject {
        let named = self.names().filter(|_| self.refusal.is_none_or(Refusal::is_about_whom_it_names));
        let id = named.map(|value| normal_form(&value.raw)).filter(|id| !id.is_empty());
        match (id, named.map(|value| value.column.role)) {
            (Some(id), Some(Role::Adopter)) => Subject::Adopter(id),
            (Some(id), _) => Subject::Child(id),
            (None, _) => Subject::Nobody,
        }
    }

    /// Whether the row may be a record without saying whose. A total, a title or a note is none.
    pub(crate) fn names_nobody(&self) -> bool {
        self.refusal.is_none_or(Refusal::may_be_a_record) && self.subject() == Subject::Nobody
    }

    /// All values of a field that may stand several times.
    pub fn values_of<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a SourceValue> {
        self.values.iter().filter(move |value| value.column.field == field)
    }

    /// The date in `field`, where one is stated and readable.
    pub fn date(&self, field: &str) -> Option<NaiveDate> {
        self.value(field)?.reading.date()
    }
}

impl Iterator for Extract {
    type Item = Result<SubjectRows, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.subjects.next()
    }
}

impl fmt::Debug for Extract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extract")
            .field("format", &self.format)
            .field("authority", &self.authority)
            .field("as_at", &self.as_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::column_letters;

    #[test]
    fn column_letters_carry_over() {
        let table = [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (33, "AH"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16383, "XFD"),
        ];
        for (position, letters) in table {
            assert_eq!(column_letters(position), letters);
        }
    }
}
