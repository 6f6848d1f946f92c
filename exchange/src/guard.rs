//! Bounds on what a workbook may cost before anything trusts it.
//!
//! A workbook is a zip file, and a small zip file can inflate to any size. The
//! directory is checked first, without decompressing; then every part is inflated
//! once into nothing, counted against the same bounds, because a directory can
//! lie. Only after that does the workbook reader see the bytes.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use crate::errors::ReadError;
use crate::package::{beginning, main_part};

/// How much a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a workbook file, inclusive.
    pub file_bytes: u64,
    /// Bytes of all parts of a workbook together once inflated, inclusive.
    pub inflated_bytes: u64,
    /// How many times larger than in the file a part may inflate, inclusive;
    /// parts below one mebibyte are not measured.
    pub ratio: u64,
    /// Parts of a workbook, inclusive.
    pub entries: usize,
    /// Cells of a workbook that hold something, inclusive.
    pub cells: u64,
    /// Cells below the headers of the lists of a workbook, empty ones in rows that hold something included.
    pub values: u64,
    /// Bytes of one text or tag of an XML file, inclusive.
    pub xml_token_bytes: u64,
    /// Depth of nested elements, inclusive.
    pub xml_depth: usize,
    /// Rows of one child in an XML file, inclusive.
    pub rows_of_one_child: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 20 << 20,
            inflated_bytes: 256 << 20,
            ratio: 100,
            entries: 1_000,
            cells: 2_000_000,
            values: 2_500_000,
            xml_token_bytes: 64 << 10,
            xml_depth: 32,
            rows_of_one_child: 20_000,
        }
    }
}

/// Parts below this size are not measured against [`Limits::ratio`]: empty sheets
/// of repeated text compress that well without harm.
const RATIO_FROM_BYTES: u64 = 1 << 20;

/// Checks the zip file in `bytes` against `limits`, and that it holds a workbook.
///
/// # Errors
/// [`ReadError::NotAWorkbook`] or [`ReadError::InflatesPastBound`].
pub(crate) fn check_zip(bytes: &[u8], limits: &Limits) -> Result<(), ReadError> {
    let mut archive = open(bytes)?;
    check_directory(&mut archive, limits)?;
    check_main_part(&mut archive)?;
    check_contents(&mut archive, limits)
}

/// Checks that the zip file is a workbook of the kind that is read: its main part is the one that `_rels/.rels` names.
fn check_main_part(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), ReadError> {
    if is_open_document(archive) {
        return Err(not_a_workbook(
            "it is an OpenDocument file (.ods), which is not read; open it in a spreadsheet program and save it as \
             .xlsx",
        ));
    }
    let named = main_part(archive).ok_or_else(|| {
        not_a_workbook(
            "the zip file holds no workbook; give the .xlsx file itself, or save it as .xlsx again",
        )
    })?;
    let mut names = archive.file_names().filter_map(Result::ok);
    let name = names.find(|name| name.eq_ignore_ascii_case(&named)).map(std::borrow::Cow::into_owned);
    match name.as_deref() {
        None => Err(not_a_workbook(&format!("its main part {named:?} is missing; save it as .xlsx again"))),
        Some(name) if name.ends_with(".bin") => {
            Err(not_a_workbook("it is a binary workbook (.xlsb), which is not read; save it as .xlsx"))
        }
        Some(name) if name.starts_with("word/") || name.starts_with("ppt/") => {
            Err(not_a_workbook("it is a document, not a workbook; save its tables as .xlsx"))
        }
        Some(_) => Ok(()),
    }
}

fn is_open_document(archive: &mut ZipArchive<Cursor<&[u8]>>) -> bool {
    beginning(archive, "mimetype").is_some_and(|kind| kind.contains("opendocument"))
        || (archive.index_for_name("content.xml").is_some()
            && archive.index_for_name("_rels/.rels").is_none())
}

fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, ReadError> {
    ZipArchive::new(Cursor::new(bytes))
        .map_err(|fault| not_a_workbook(&format!("the zip file is damaged ({fault})")))
}

fn check_directory(archive: &mut ZipArchive<Cursor<&[u8]>>, limits: &Limits) -> Result<(), ReadError> {
    if archive.len() > limits.entries {
        return Err(past("(directory)", format!("is one of {}", archive.len()), limits.entries as u64));
    }
    if archive.has_duplicate_names() {
        return Err(not_a_workbook("the zip file names a part twice"));
    }
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(damaged)?;
        let name = part.name().map_or_else(|_| "(unnamed)".to_owned(), |name| name.into_owned());
        if part.encrypted() {
            return Err(not_a_workbook(
                "the zip file is protected by a password; save the workbook without one",
            ));
        }
        total = total.saturating_add(part.size());
        if total > limits.inflated_bytes {
            return Err(past(
                &name,
                format!("brings the declared size to {total} bytes"),
                limits.inflated_bytes,
            ));
        }
        check_ratio(&name, part.size(), part.compressed_size(), limits)?;
    }
    if archive.has_overlapping_files().map_err(damaged)? {
        return Err(not_a_workbook("parts of the zip file overlap"));
    }
    Ok(())
}

fn check_ratio(name: &str, inflated: u64, stored: u64, limits: &Limits) -> Result<(), ReadError> {
    if inflated >= RATIO_FROM_BYTES && inflated > stored.saturating_mul(limits.ratio) {
        let times = inflated / stored.max(1);
        return Err(past(name, format!("inflates {times}-fold"), limits.ratio));
    }
    Ok(())
}

/// Inflates every part into nothing and counts: the directory may lie.
fn check_contents(archive: &mut ZipArchive<Cursor<&[u8]>>, limits: &Limits) -> Result<(), ReadError> {
    let mut left = limits.inflated_bytes;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(damaged)?;
        let name = part.name().map_or_else(|_| "(unnamed)".to_owned(), |name| name.into_owned());
        let stored = part.compressed_size();
        let inflated = io::copy(&mut part.take(left.saturating_add(1)), &mut io::sink())
            .map_err(|fault| not_a_workbook(&format!("part {name:?} is damaged ({fault})")))?;
        left = left.checked_sub(inflated).ok_or_else(|| {
            past(&name, "inflates further than the directory says".to_owned(), limits.inflated_bytes)
        })?;
        check_ratio(&name, inflated, stored, limits)?;
    }
    Ok(())
}

fn damaged(fault: zip::result::ZipError) -> ReadError {
    not_a_workbook(&format!("the zip file is damaged ({fault})"))
}

fn not_a_workbook(reason: &str) -> ReadError {
    ReadError::NotAWorkbook { reason: reason.to_owned() }
}

fn past(part: &str, what: String, limit: u64) -> ReadError {
    ReadError::InflatesPastBound { part: part.to_owned(), what, limit }
}
