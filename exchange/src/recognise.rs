//! Which format a file has, judged by its content and never by its name.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use chrono::NaiveDate;

use crate::annex_a;
use crate::cin_census;
use crate::errors::ReadError;
use crate::extract::Extract;
use crate::guard::{self, Limits};
use crate::layout::Layout;
use crate::tables;

/// A format that this crate can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The child-level lists of Annex A, as a workbook, or one of them as a text file.
    AnnexA,
    /// The children in need census.
    CinCensus,
    /// Events as JSON Lines.
    EventsJsonLines,
}

impl Format {
    /// What its columns mean; `None` for events, which need no such table.
    pub fn layout(self) -> Option<&'static Layout> {
        match self {
            Format::AnnexA => Some(Layout::annex_a()),
            Format::CinCensus => Some(Layout::cin_census()),
            Format::EventsJsonLines => None,
        }
    }
}

/// What the caller knows about a file beside its content.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The day the file describes; without it the file must settle the day itself.
    pub as_at: Option<NaiveDate>,
    /// The day of the import: no file describes a later one. Not checked where it is `None`.
    pub today: Option<NaiveDate>,
    /// Accept a workbook that does not hold all its lists; the missing ones say nothing.
    pub partial: bool,
    /// Further header spellings, as TOML: `[lists.3] received_on = ["Ref date"]`.
    pub aliases: Option<String>,
    /// Bounds; the default suits an authority's own files.
    pub limits: Limits,
}

/// How archives begin that are no workbooks: gzip, 7-Zip, RAR, bzip2, xz.
const ARCHIVES: [&[u8]; 5] = [b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ"];

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

const HEAD_BYTES: u64 = 8 << 10;

/// Tells the format of the file at `path` from its content.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::UnknownFormat`], [`ReadError::NotAWorkbook`],
/// or a refusal of an XML file whose first elements cannot be read.
pub fn recognise(path: &Path) -> Result<Format, ReadError> {
    let mut file = File::open(path)?;
    recognise_from(&mut file)
}

/// Opens the file at `path` and reads enough of it to know its scope and day.
///
/// The whole file is checked before the first row is handed out: a file that is
/// cut short or not UTF-8 is refused here, not half-way through.
///
/// # Errors
/// Any [`ReadError`]; nothing has been handed out then.
pub fn open(path: &Path, options: &Options) -> Result<Extract, ReadError> {
    let mut file = File::open(path)?;
    match recognise_from(&mut file)? {
        Format::AnnexA => lists(&bounded_bytes(file, &options.limits)?, options),
        Format::CinCensus => {
            let again = || File::open(path).map(BufReader::new);
            cin_census::check_utf8(again()?)?;
            let survey = cin_census::check(again()?, &options.limits)?;
            cin_census::read(again()?, survey, options)
        }
        Format::EventsJsonLines => Err(unknown("holds events; it is imported as events, not as an extract")),
    }
}

/// Reads a file that is already in memory; otherwise as [`open`].
///
/// # Errors
/// Any [`ReadError`]; nothing has been handed out then.
pub fn read(bytes: Vec<u8>, options: &Options) -> Result<Extract, ReadError> {
    let mut cursor = std::io::Cursor::new(bytes);
    match recognise_from(&mut cursor)? {
        Format::AnnexA => lists(&bounded_bytes(cursor, &options.limits)?, options),
        Format::CinCensus => {
            cin_census::check_utf8(cursor.clone())?;
            let survey = cin_census::check(cursor.clone(), &options.limits)?;
            cin_census::read(cursor, survey, options)
        }
        Format::EventsJsonLines => Err(unknown("holds events; it is imported as events, not as an extract")),
    }
}

/// Reads a workbook, or one list as text. The library that reads workbooks trusts what stands in their parts: a cell's reference
/// of too many letters overflows in it (calamine 0.38). It is built with checks for that, and where it gives up, nothing of the
/// file was handed out.
fn lists(bytes: &[u8], options: &Options) -> Result<Extract, ReadError> {
    let read = catch_unwind(AssertUnwindSafe(|| annex_a::read(bytes, options)));
    read.unwrap_or_else(|_| {
        let reason = "a part of it is damaged; open it in a spreadsheet program and save it as .xlsx again";
        Err(ReadError::NotAWorkbook { reason: reason.to_owned() })
    })
}

fn recognise_from<R: Read + Seek>(source: &mut R) -> Result<Format, ReadError> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    let text = head.strip_prefix(MARK).unwrap_or(&head).trim_ascii_start();
    match text {
        [] if u64::try_from(head.len()).unwrap_or(u64::MAX) < HEAD_BYTES => Err(ReadError::Empty),
        workbook if workbook.starts_with(annex_a::ZIP) => Ok(Format::AnnexA),
        marked if marked.starts_with(MARK) => Err(unknown(
            "begins with two byte order marks, which programs that add one twice write; save it as UTF-8 again",
        )),
        _ if text.starts_with(b"PK\x05\x06") => {
            Err(unknown("is an empty ZIP file; export the workbook again"))
        }
        _ if text.starts_with(b"PAR1") => {
            Err(unknown("is a Parquet file, which is not read; export it as .xlsx, or as CSV UTF-8"))
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            Err(ReadError::NotAWorkbook { reason: compound_file(source)?.to_owned() })
        }
        [b'<', ..] => recognise_xml(&head),
        _ if text.starts_with(b"%PDF") => {
            Err(unknown("is a PDF, whose tables are not read; export them as .xlsx, or as CSV UTF-8"))
        }
        _ if ARCHIVES.iter().any(|archive| text.starts_with(archive)) => {
            Err(unknown("is a compressed archive; take the file out of it"))
        }
        [b'{', ..] => Ok(Format::EventsJsonLines),
        [b'[', ..] if is_array(text) => Err(unknown(
            "is a JSON array; events are read as JSON Lines: one object on each line, without brackets and commas around them",
        )),
        _ => tables::check(&head).map(|()| Format::AnnexA),
    }
}

/// Whether a text that begins with a square bracket is an array of JSON: a title in a table may stand in brackets too.
fn is_array(text: &[u8]) -> bool {
    let inside = text.get(1..).unwrap_or_default().trim_ascii_start();
    matches!(inside, [b'{' | b'[' | b']', ..])
}

/// What a file of the older container is: a workbook of the older format, or a newer one behind a password.
fn compound_file<R: Read + Seek>(source: &mut R) -> Result<&'static str, ReadError> {
    let mut bytes = Vec::new();
    source.by_ref().take(Limits::default().file_bytes).read_to_end(&mut bytes)?;
    source.seek(SeekFrom::Start(0))?;
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    Ok(if bytes.windows(encrypted.len()).any(|window| window == encrypted) {
        "it is protected by a password; open it and save it as .xlsx without one"
    } else {
        "it is an older .xls workbook; open it and save it as .xlsx"
    })
}

/// Decides by the root element and the collection that the header names.
fn recognise_xml(head: &[u8]) -> Result<Format, ReadError> {
    if is_web_page(head) {
        return Err(unknown(
            "is a web page (HTML), also where it is called .xls; open it in a spreadsheet program and save it as .xlsx",
        ));
    }
    let opening = cin_census::opening(head)?;
    match (opening.root.as_deref(), opening.collection.as_deref()) {
        (Some("Message"), Some("CIN")) => Ok(Format::CinCensus),
        (Some("Message"), Some(collection)) if tables::is_looked_after_return(collection) => {
            Err(ReadError::NotReadYet { format: tables::LOOKED_AFTER_RETURN })
        }
        (Some("Message"), Some(_)) => Err(unknown("is a return of another collection")),
        (Some("Message"), None) => Err(unknown("is a return whose header names no collection")),
        (Some("Workbook"), _) => Err(unknown(
            "is a workbook in the XML of 2003; open it in a spreadsheet program and save it as .xlsx",
        )),
        (Some(root), _) if root.to_ascii_uppercase().contains("SSDA903") => {
            Err(ReadError::NotReadYet { format: tables::LOOKED_AFTER_RETURN })
        }
        _ => Err(unknown("is XML with another root element")),
    }
}

/// Whether a file is a web page: reporting tools write tables as one, under the name of a workbook.
fn is_web_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_lowercase();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    ["<!doctype html", "<html", "<table", "<meta", "<style"].iter().any(|tag| start.starts_with(tag))
}

fn bounded_bytes<R: Read + Seek>(mut source: R, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    let bytes = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(0))?;
    if bytes > limits.file_bytes {
        return Err(ReadError::TooLarge { bytes, limit: limits.file_bytes });
    }
    let mut content = Vec::new();
    source.take(limits.file_bytes).read_to_end(&mut content)?;
    if content.starts_with(annex_a::ZIP) {
        guard::check_zip(&content, limits)?;
    }
    Ok(content)
}

pub(crate) fn unknown(found: &str) -> ReadError {
    ReadError::UnknownFormat { found: found.to_owned() }
}
