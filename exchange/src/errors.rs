//! Why a file could not be read at all.
//!
//! These refuse the whole file: nothing of it has been offered to the ledger
//! when one is returned by [`crate::open`]. A single row that cannot be read is
//! not here: it is a reading with its place, reported beside the rows that can.

use std::io;
use std::sync::Arc;

use crate::delimited::OpenQuote;
use crate::described::NotDescribed;

/// A file that cannot be read, with the place and the way out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The operating system refused to read the file.
    #[error("read the file: {}", source.kind())]
    Io {
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// The file holds no bytes, or only white space.
    #[error("read the file: it is empty")]
    Empty,
    /// The content is none of the formats that this program reads.
    #[error(
        "file type not recognised: it {found}; readable are an Annex A workbook (.xlsx) or one of its lists (CSV UTF-8), a children in need census (XML) and events (JSON Lines)"
    )]
    UnknownFormat {
        /// What the content looks like, as a clause ("looks like ...").
        found: String,
    },
    /// A return that this program knows by name only.
    #[error("file type not recognised: it is {format}, which is not read yet; nothing of it was recorded")]
    NotReadYet {
        /// The return, with its article.
        format: &'static str,
    },
    /// Text in another encoding than UTF-8.
    #[error("read the text: it is {encoding}; save it as UTF-8")]
    OtherEncoding {
        /// The encoding.
        encoding: &'static str,
    },
    /// A zip file, or a damaged one, that holds no readable workbook.
    #[error("open the workbook: {reason}")]
    NotAWorkbook {
        /// What is wrong with it.
        reason: String,
    },
    /// A quotation mark in a text file (CSV) that would swallow the rows below it.
    #[error("read the CSV: {quote}; nothing of the file was recorded")]
    CsvQuote {
        /// The mark.
        quote: OpenQuote,
    },
    /// A text file (CSV) whose last row has neither all its cells nor a line end.
    #[error(
        "read the CSV: line {line} is the last, has {cells} cells under {headers} headers and no line end: the file is cut short; export it again, or complete the line"
    )]
    CsvCut {
        /// The line, counted from 1.
        line: u32,
        /// How many cells it has.
        cells: u32,
        /// How many the header has.
        headers: u32,
    },
    /// The text is not UTF-8.
    #[error(
        "read the text: byte {byte_offset} (counted from 0) does not belong to UTF-8; save the file as UTF-8"
    )]
    InvalidUtf8 {
        /// Offset of the first byte that does not belong, counted from 0.
        byte_offset: u64,
    },
    /// The XML ends before its elements do.
    #[error("read the XML: it ends at line {line}, column {column}, inside {inside}; the file is cut short")]
    XmlCut {
        /// Line of the end, counted from 1.
        line: u64,
        /// Column of the end in bytes, counted from 1.
        column: u64,
        /// Path of the element that is still open.
        inside: String,
    },
    /// The XML is not well formed, or nested or wide beyond any real return.
    #[error("read the XML: line {line}, column {column}: {reason}")]
    XmlMalformed {
        /// Line, counted from 1.
        line: u64,
        /// Column in bytes, counted from 1.
        column: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A document type declaration: never needed, and the carrier of entity bombs.
    #[error("read the XML: line {line}, column {column} holds a DOCTYPE, which is refused; remove it")]
    DoctypeRefused {
        /// Line, counted from 1.
        line: u64,
        /// Column in bytes, counted from 1.
        column: u64,
    },
    /// A reference to an entity that XML itself does not define.
    #[error(
        "read the XML: line {line}, column {column} refers to an entity that XML does not define, which is refused"
    )]
    EntityRefused {
        /// Line, counted from 1.
        line: u64,
        /// Column in bytes, counted from 1.
        column: u64,
    },
    /// The file is larger than the bound.
    #[error(
        "read the file: it holds {bytes} bytes, the limit is {limit}; raise the limit if the file is meant"
    )]
    TooLarge {
        /// Size of the file in bytes.
        bytes: u64,
        /// The bound in bytes, inclusive.
        limit: u64,
    },
    /// A zip file whose parts inflate past a bound.
    #[error(
        "open the workbook: its part {part:?} {what}, the limit is {limit}; nothing was decompressed past it"
    )]
    InflatesPastBound {
        /// The part inside the zip file.
        part: String,
        /// What passes the bound.
        what: String,
        /// The bound.
        limit: u64,
    },
    /// The rows of a workbook's lists have more cells than memory is kept for.
    #[error(
        "read the workbook: with sheet {sheet:?} the rows of its lists have more than {limit} cells, empty ones included; \
         delete rows that hold no record, or save each list as a file of its own"
    )]
    TooManyRows {
        /// The sheet with the first row beyond.
        sheet: String,
        /// How many there may be.
        limit: u64,
    },
    /// A workbook with none, or not all, of the lists it should hold.
    #[error("read the workbook: no sheet holds list {}; add the sheet, or say that the workbook is partial", lists.join(", "))]
    MissingList {
        /// Codes of the lists that no sheet holds.
        lists: Vec<String>,
    },
    /// Two sheets hold the same list.
    #[error("read the workbook: sheets {first:?} and {second:?} both hold list {list}; remove one")]
    DuplicateList {
        /// Code of the list.
        list: String,
        /// The first sheet.
        first: String,
        /// The second sheet.
        second: String,
    },
    /// A header that is not known, where an expected one is missing.
    #[error(
        "read the workbook: sheet {sheet:?}, cell {cell}: header {found:?} is not known, and {} missing; correct the header, or name it in the aliases",
        missing_headers(missing)
    )]
    RenamedHeader {
        /// The sheet.
        sheet: String,
        /// Address of the header cell.
        cell: String,
        /// The header as it stands.
        found: String,
        /// The expected headers that no column carries.
        missing: Vec<String>,
    },
    /// A header without which no row of the list can be placed.
    #[error(
        "read the workbook: sheet {sheet:?} has no column {header:?}, which each row of list {list} needs"
    )]
    MissingColumn {
        /// The sheet.
        sheet: String,
        /// Code of the list.
        list: String,
        /// The expected header.
        header: String,
    },
    /// The same header twice in one sheet.
    #[error(
        "read the workbook: sheet {sheet:?} carries header {header:?} twice, in {first} and {second}; remove one"
    )]
    DuplicateHeader {
        /// The sheet.
        sheet: String,
        /// The header.
        header: String,
        /// Address of the first cell.
        first: String,
        /// Address of the second cell.
        second: String,
    },
    /// The header of another list, or of the same one with its columns in another order, beside the header of a list.
    #[error(
        "read the workbook: sheet {sheet:?}, row {row}: another header stands here, of list {list}; put each list, with one header, in a sheet or file of its own"
    )]
    SecondHeader {
        /// The sheet.
        sheet: String,
        /// Its row.
        row: u32,
        /// Code and title of the list that it is of.
        list: String,
    },
    /// The day that a workbook describes cannot be told from its ages.
    #[error("tell the day that the workbook describes: {reason}; give --as-at YYYY-MM-DD")]
    AsAtNeeded {
        /// Why the ages do not settle it.
        reason: String,
    },
    /// The day that a file is said to describe is one that no file can.
    #[error(
        "tell the day that the file describes: {from}: {reason}; give the day of the extract with --as-at YYYY-MM-DD"
    )]
    NotDescribed {
        /// What names the day.
        from: &'static str,
        /// Why it cannot be.
        reason: NotDescribed,
    },
    /// A census header without a usable reference date or authority.
    #[error("read the census header: {element} {reason}")]
    CensusHeader {
        /// Path of the element.
        element: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An alias file that names no known list or field.
    #[error("read the aliases: {reason}")]
    Aliases {
        /// What is wrong.
        reason: String,
    },
}

impl From<io::Error> for ReadError {
    fn from(source: io::Error) -> Self {
        ReadError::Io { source: Arc::new(source) }
    }
}

fn missing_headers(missing: &[String]) -> String {
    let quoted: Vec<String> = missing.iter().map(|header| format!("{header:?}")).collect();
    let verb = if quoted.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", quoted.join(", "))
}
