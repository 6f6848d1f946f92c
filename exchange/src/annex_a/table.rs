//! One list saved as a text file (CSV): the same cells as those of its sheet, each a text.
//!
//! The list is told by its header alone, as for a sheet of an unknown name. A row goes by the line of the file on
//! which it begins.

use std::sync::Arc;

use calamine::Data;

use super::headers::{self, Found};
use super::sheet::{Cell, Cells, Grid};
use crate::errors::ReadError;
use crate::guard::Limits;
use crate::layout::{Aliases, Layout};
use crate::recognise::unknown;
use crate::tables;

/// What may part the cells of a row.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The cells of a list, and where its header stands.
///
/// # Errors
/// A refusal that says which format to save as, where the text is not UTF-8 or its header is of no list.
pub(super) fn read(bytes: &[u8], aliases: &Aliases, limits: &Limits) -> Result<(Grid, Found), ReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| tables::other_encoding(tables::NOT_UTF8))?;
    let is_of_a_list = |separator: &u8| {
        let top = rows(text, *separator, limits, Some(headers::HEADER_WITHIN)).ok()?;
        headers::find("", &top, aliases).map(|found| (*separator, found))
    };
    let (separator, found) = SEPARATORS.iter().find_map(is_of_a_list).ok_or_else(no_list)?;
    let mut grid = rows(text, separator, limits, None)?;
    if let Some(sheet) = Layout::annex_a().lists.get(found.list).and_then(|list| list.sheets.first()) {
        grid.sheet = Arc::from(sheet.as_str());
    }
    Ok((grid, found))
}

fn no_list() -> ReadError {
    unknown(
        "is a table in a text file (CSV); its header is of no list of Annex A: name the authority's own headers with \
         --aliases, or save the whole workbook as .xlsx",
    )
}

fn rows(text: &str, separator: u8, limits: &Limits, most: Option<usize>) -> Result<Grid, ReadError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut grid = Grid::empty("CSV");
    let mut cells_left = limits.cells;
    let mut lines = Lines { text, at: 0, line: 1 };
    for record in reader.records().take(most.unwrap_or(usize::MAX)) {
        // A text of UTF-8 with rows of any length has no other fault.
        let Ok(record) = record else { continue };
        let number = lines.of(record.position().map_or(0, csv::Position::byte));
        let cells: Cells = (0..)
            .zip(&record)
            .filter(|(_, text)| !text.is_empty())
            .map(|(at, text)| (at, cell(text)))
            .collect();
        cells_left =
            cells_left.checked_sub(u64::try_from(cells.len()).unwrap_or(u64::MAX)).ok_or_else(|| {
                ReadError::InflatesPastBound {
                    part: grid.sheet.to_string(),
                    what: "holds more cells than allowed".to_owned(),
                    limit: limits.cells,
                }
            })?;
        if !cells.is_empty() {
            grid.rows.insert(number, cells);
        }
    }
    Ok(grid)
}

/// Counts lines, onwards only.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of the first character of a row that is read from this byte on, what parts it from the row before passed
    /// over.
    fn of(&mut self, byte: u64) -> u32 {
        let start = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let parting = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.text.as_bytes().get(self.at..start.saturating_add(parting)).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += passed.len();
        self.line
    }
}

fn cell(text: &str) -> Cell {
    Cell::new(Data::String(text.to_owned()))
}
