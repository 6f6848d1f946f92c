//! The cells of one sheet as readings.
//!
//! A formula counts by its stored result. A formula without one is not stated:
//! no result is computed here, because a guess would look like a fact.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::sync::Arc;

use calamine::{Data, Xlsx};
use chrono::NaiveDate;

use super::headers::{self, Found};
use super::row_cells::{Cell, Cells};
use super::{cells, lines, stacked};
use crate::dates;
use crate::errors::ReadError;
use crate::extract::{Note, Reading, Refusal, SourceRow, SourceValue};
use crate::guard::Limits;
use crate::layout::{Aliases, Column, Layout, List, ValueKind};
use crate::reading::{SHORTENED, from_text, remark};

/// The cells of a sheet that hold something, by row (from 1, as shown) and column (from 0).
pub(super) struct Grid {
    pub(super) sheet: Arc<str>,
    pub(super) rows: BTreeMap<u32, Cells>,
    /// How many cells each row has, filled or not; of a workbook, whose cells carry their column, none.
    pub(super) widths: BTreeMap<u32, Width>,
    epoch_1904: bool,
}

/// How far a row of a text file goes.
#[derive(Clone, Copy)]
pub(super) struct Width {
    /// How many cells it has, filled or not.
    pub(super) cells: u32,
    /// Whether the file ends in it, without a line end.
    pub(super) is_unended: bool,
}

impl Grid {
    /// A sheet without a cell, in which no date is a day number.
    pub(super) fn empty(sheet: &str) -> Self {
        Self { sheet: Arc::from(sheet), rows: BTreeMap::new(), widths: BTreeMap::new(), epoch_1904: false }
    }

    /// The rows among which a header may stand, each as texts in upper case.
    pub(super) fn top(&self) -> impl Iterator<Item = Vec<String>> {
        let rows = self.rows.values().take(headers::HEADER_WITHIN);
        rows.map(|cells| cells.iter().map(|(_, cell)| cell.value.to_string().trim().to_uppercase()).collect())
    }

    /// The widths of the header and of a row, where the file says them.
    fn widths_of(&self, row: u32, header_row: u32) -> Option<[Width; 2]> {
        Some([*self.widths.get(&header_row)?, *self.widths.get(&row)?])
    }
}

/// What is wrong with the number of a row's cells, counted against the headers; both with their last filled column.
fn misfit([header, row]: [Width; 2], last_header: u32, last_filled: Option<u32>) -> Option<Misfit> {
    let (cells, headers) = (row.cells, last_header.checked_add(1)?);
    // Empty cells behind the last header are of no column; a filled one there stands in the wrong one.
    let is_wide = cells > header.cells || last_filled > Some(last_header);
    (is_wide || cells < headers).then_some(Misfit { cells, headers, is_wide, is_unended: row.is_unended })
}

/// A row that has other cells than its header.
#[derive(Clone, Copy)]
struct Misfit {
    cells: u32,
    headers: u32,
    /// It has too many cells; otherwise too few.
    is_wide: bool,
    is_unended: bool,
}

impl Misfit {
    /// What it does to a row that may be a record.
    ///
    /// # Errors
    /// [`ReadError::CsvCut`] where the file ends in the middle of it.
    fn mark(self, row: &mut SourceRow, line: u32) -> Result<(), ReadError> {
        let Misfit { cells, headers, is_wide, is_unended } = self;
        if is_wide {
            row.refusal = Some(Refusal::TooManyCells { cells, headers });
            return Ok(());
        }
        if is_unended {
            return Err(ReadError::CsvCut { line, cells, headers });
        }
        row.notes.push(Note {
            place: row.place.clone(),
            code: "row_short",
            text: format!(
                "the row has {cells} cells under {headers} headers; those that are missing say nothing"
            ),
        });
        Ok(())
    }
}

/// The rows of one list.
pub(super) struct SheetRows {
    pub(super) sheet: Arc<str>,
    pub(super) list: &'static List,
    pub(super) columns: Vec<&'static Column>,
    pub(super) rows: Vec<SourceRow>,
}

/// Reads the used cells of a sheet. A cell that is only formatted costs nothing: the bound on the inflated size
/// bounds how many of them there are.
pub(super) fn grid<RS: Read + Seek>(
    workbook: &mut Xlsx<RS>,
    sheet: &Arc<str>,
    cells_left: &mut u64,
    limits: &Limits,
) -> Result<Grid, ReadError> {
    let epoch_1904 = workbook.has_1904_epoch();
    let (rows, count) = cells::of_sheet(workbook, sheet, *cells_left)?;
    *cells_left = cells_left.checked_sub(count).ok_or_else(|| ReadError::InflatesPastBound {
        part: sheet.to_string(),
        what: "holds more cells than allowed".to_owned(),
        limit: limits.cells,
    })?;
    Ok(Grid { sheet: Arc::clone(sheet), rows, widths: BTreeMap::new(), epoch_1904 })
}

/// Turns the cells below the header into rows of the list; each row's cells go as its values come.
pub(super) fn rows(
    mut grid: Grid,
    found: Found,
    aliases: &Aliases,
    room: &mut Room,
    notes: &mut Vec<Note>,
) -> Result<SheetRows, ReadError> {
    let list = Layout::annex_a().lists.get(found.list).expect("the index comes from the layout");
    let columns = headers::columns(list, &grid, found.header_row, aliases, notes)?;
    stacked::check(&grid, found, &columns, aliases)?;
    let mut cells = std::mem::take(&mut grid.rows);
    let last_header = cells.remove(&found.header_row).and_then(|header| header.last_column());
    let mut rows = Vec::new();
    for (number, cells) in cells {
        let mut row = row(&grid, list, &columns, number, &cells);
        if row.values.iter().all(|value| value.reading.is_empty()) {
            continue;
        }
        if number < found.header_row && !is_like_a_record(&row) {
            notes.push(title(&row));
            continue;
        }
        let is_above = number < found.header_row;
        row.refusal = if is_above { Some(Refusal::AboveTheHeader) } else { lines::refusal(&row) };
        if !is_above && may_be_a_record(&row) {
            let widths = grid.widths_of(number, found.header_row).zip(last_header);
            let misfit = widths.and_then(|(widths, last)| misfit(widths, last, cells.last_column()));
            misfit.map_or(Ok(()), |misfit| misfit.mark(&mut row, number))?;
        }
        if row.refusal.is_some() {
            // What its cells would say as cells of these columns is no remark.
            row.notes.clear();
        }
        room.take(&row, &grid.sheet)?;
        rows.push(row);
    }
    Ok(SheetRows { sheet: Arc::clone(&grid.sheet), list, columns: columns.into_values().collect(), rows })
}

/// How many values the rows of a file may still have.
pub(super) struct Room {
    left: u64,
    limit: u64,
}

impl Room {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { left: limits.values, limit: limits.values }
    }

    /// Counts the values of a row, the empty ones too: a row of one cell may have twenty columns.
    fn take(&mut self, row: &SourceRow, sheet: &str) -> Result<(), ReadError> {
        let count = u64::try_from(row.values.len()).unwrap_or(u64::MAX);
        let too_many = || ReadError::TooManyRows { sheet: sheet.to_owned(), limit: self.limit };
        self.left = self.left.checked_sub(count).ok_or_else(too_many)?;
        Ok(())
    }
}

fn may_be_a_record(row: &SourceRow) -> bool {
    row.refusal.is_none_or(Refusal::may_be_a_record)
}

/// Whether a row above the header could be a record: it names somebody and states a date.
fn is_like_a_record(row: &SourceRow) -> bool {
    row.names().is_some() && row.values.iter().any(|value| matches!(value.reading, Reading::Date(_)))
}

fn title(row: &SourceRow) -> Note {
    Note {
        place: row.place.clone(),
        code: "title_not_read",
        text: "the row stands above the header, as a title does, and was not read".to_owned(),
    }
}

fn row(
    grid: &Grid,
    list: &'static List,
    columns: &BTreeMap<u32, &'static Column>,
    number: u32,
    cells: &Cells,
) -> SourceRow {
    let mut notes = Vec::new();
    let mut values = Vec::with_capacity(columns.len());
    for (&position, &column) in columns {
        let place = grid.place(number, Some(position));
        let (raw, reading) = match cells.get(position) {
            Some(cell) => reading(cell, column, grid.epoch_1904),
            None if grid.widths.get(&number).is_some_and(|width| position >= width.cells) => {
                (String::new(), Reading::NotThere)
            }
            None => (String::new(), Reading::Blank),
        };
        if let Some((code, text)) = remark(&reading, column) {
            notes.push(Note { place: place.clone(), code, text });
        }
        values.push(SourceValue { column, place, raw, reading });
    }
    let place = grid.place(number, None);
    SourceRow { list, place, parent: None, values, notes, refusal: None }
}

fn reading(cell: &Cell, column: &Column, epoch_1904: bool) -> (String, Reading) {
    if let Some(fault) = &cell.fault {
        return (cell.value.to_string(), Reading::clone(fault));
    }
    match &cell.value {
        Data::Empty if cell.is_formula => (String::new(), Reading::NoStoredValue),
        Data::Empty => (String::new(), Reading::Blank),
        Data::Error(error) => (error.to_string(), Reading::SourceError),
        Data::DateTime(stamp) if stamp.is_datetime() => from_number(stamp.as_f64(), column, epoch_1904, true),
        Data::DateTime(stamp) => from_number(stamp.as_f64(), column, epoch_1904, false),
        Data::Float(number) => from_number(*number, column, epoch_1904, false),
        #[expect(clippy::cast_precision_loss, reason = "cells hold binary floating point in the first place")]
        Data::Int(number) => from_number(*number as f64, column, epoch_1904, false),
        Data::Bool(flag) => from_text(if *flag { "true" } else { "false" }, column),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => from_text(text, column),
    }
}

/// Reads a number; `is_date` says that the cell is formatted as one.
fn from_number(number: f64, column: &Column, epoch_1904: bool, is_date: bool) -> (String, Reading) {
    if column.value == ValueKind::Date {
        // Day number 0 is what an empty date becomes.
        if number.abs() < 1.0 {
            return (number.to_string(), Reading::Placeholder);
        }
        let reading = match dates::from_serial(number, epoch_1904) {
            Ok(day) => crate::reading::numbered_day(day),
            Err(reason) => Reading::Unreadable { reason },
        };
        return (number.to_string(), reading);
    }
    // A cell holds 15 digits of a number; the others are made up.
    if column.value == ValueKind::Identifier && number.abs() >= 1e15 {
        return (number.to_string(), Reading::Unreadable { reason: SHORTENED });
    }
    if is_date && let Ok(day) = dates::from_serial(number, epoch_1904) {
        return (day.to_string(), Reading::Unreadable { reason: "a date stands where none belongs" });
    }
    from_text(&number.to_string(), column)
}

/// The date of birth and age of a row, where both are stated.
pub(super) fn birth_and_age(row: &SourceRow) -> Option<(NaiveDate, &str)> {
    let age = row.value("age")?;
    let is_number = matches!(age.reading, Reading::Decimal(_));
    row.date("born_on").filter(|_| is_number).map(|born| (born, age.raw.as_str()))
}
