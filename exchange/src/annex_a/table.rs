//! One list saved as a text file (CSV): the same cells as those of its sheet, each a text.
//!
//! The list is told by its header alone, as for a sheet of an unknown name. A row goes by the line of the file on
//! which it begins.

use std::sync::Arc;

use calamine::Data;

use super::headers::{self, Found};
use super::row_cells::{Cell, Cells};
use super::sheet::{Grid, Width};
use crate::delimited::{self, OpenQuote, SEPARATORS};
use crate::errors::ReadError;
use crate::guard::Limits;
use crate::layout::{Aliases, Layout};
use crate::recognise::unknown;
use crate::tables;

/// The cells of a list, and where its header stands.
///
/// # Errors
/// A refusal that says which format to save as, where the text is not UTF-8 or its header is of no list; one that
/// names the line of a quotation mark that is not closed.
pub(super) fn read(bytes: &[u8], aliases: &Aliases, limits: &Limits) -> Result<(Grid, Found), ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| tables::other_encoding(tables::NOT_UTF8))?;
    let tops = SEPARATORS.map(|separator| (separator, top(text, separator)));
    let header = |(separator, (top, _)): &(char, Top)| Some((*separator, headers::find("", top, aliases)?));
    let (separator, found) = tops.iter().find_map(header).ok_or_else(|| no_list(&tops, aliases))?;
    let mut grid = whole(text, separator, limits)?;
    if let Some(sheet) = Layout::annex_a().lists.get(found.list).and_then(|list| list.sheets.first()) {
        grid.sheet = Arc::from(sheet.as_str());
    }
    Ok((grid, found))
}

/// The rows among which the header stands, and the quotation mark that ends them early.
type Top = (Grid, Option<OpenQuote>);

fn top(text: &str, separator: char) -> Top {
    let mut grid = Grid::empty("CSV");
    for row in delimited::rows(text, separator).take(headers::HEADER_WITHIN) {
        match row {
            Ok(row) => add(&mut grid, &row),
            Err(quote) => return (grid, Some(quote)),
        };
    }
    (grid, None)
}

/// Why no header was found: a quotation mark hides it, whatever parts the cells, or it is of no list.
fn no_list(tops: &[(char, Top)], aliases: &Aliases) -> ReadError {
    let quotes: Option<Vec<OpenQuote>> = tops.iter().map(|(_, (_, quote))| *quote).collect();
    match quotes.as_deref() {
        Some([quote, ..]) => ReadError::CsvQuote { quote: *quote },
        _ => {
            let nearly = tops.iter().find_map(|(_, (top, _))| headers::nearly(top, aliases));
            nearly.unwrap_or_else(|| {
                unknown(
                    "is a table in a text file (CSV); its header is of no list of Annex A: name the authority's own \
                     headers with --aliases, or save the whole workbook as .xlsx",
                )
            })
        }
    }
}

fn whole(text: &str, separator: char, limits: &Limits) -> Result<Grid, ReadError> {
    let mut grid = Grid::empty("CSV");
    let mut cells_left = limits.cells;
    for row in delimited::rows(text, separator) {
        let row = row.map_err(|quote| ReadError::CsvQuote { quote })?;
        let cells = u64::try_from(add(&mut grid, &row)).unwrap_or(u64::MAX);
        cells_left = cells_left.checked_sub(cells).ok_or_else(|| ReadError::InflatesPastBound {
            part: grid.sheet.to_string(),
            what: "holds more cells than allowed".to_owned(),
            limit: limits.cells,
        })?;
    }
    Ok(grid)
}

/// Adds a row that holds something; how many cells of it do.
fn add(grid: &mut Grid, row: &delimited::Row<'_>) -> usize {
    let filled = (0..).zip(&row.cells).filter(|(_, text)| !text.is_empty());
    let cells: Cells = filled.map(|(at, text)| (at, cell(text))).collect();
    let count = cells.len();
    if count > 0 {
        let width = u32::try_from(row.cells.len()).unwrap_or(u32::MAX);
        grid.widths.insert(row.line, Width { cells: width, is_unended: row.is_unended });
        grid.rows.insert(row.line, cells);
    }
    count
}

fn cell(text: &str) -> Cell {
    Cell::new(Data::String(text.to_owned()))
}
