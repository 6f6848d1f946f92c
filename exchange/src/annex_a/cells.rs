//! The cells of a sheet one by one, each with its place, also one that is not what the file calls it.
//!
//! The library that reads workbooks stops at a value that it does not know, such as the error of a newer function, and
//! says neither which cell it was nor what follows. Such a cell is one value that cannot be read, and no reason to
//! refuse a workbook: the places are then counted beside the values.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use calamine::{Data, DataRef, Xlsx, XlsxError};

use super::row_cells::{Cell, Cells};
use crate::errors::ReadError;
use crate::extract::Reading;

/// The cells of a sheet that hold something by row (from 1), and how many they are.
type Counted = (BTreeMap<u32, Cells>, u64);

/// The cells of a sheet that hold something; `most` of them at most, and the first beyond.
///
/// # Errors
/// [`ReadError::NotAWorkbook`] for a damaged sheet.
pub(super) fn of_sheet<RS: Read + Seek>(
    workbook: &mut Xlsx<RS>,
    sheet: &str,
    most: u64,
) -> Result<Counted, ReadError> {
    match read(workbook, sheet, most, None)? {
        Some(cells) => Ok(cells),
        None => {
            let places = places_of(workbook, sheet)?;
            Ok(read(workbook, sheet, most, Some(places))?.unwrap_or_default())
        }
    }
}

/// Reads the cells; `None` at the first that is not what the file calls it, unless all places are known.
fn read<RS: Read + Seek>(
    workbook: &mut Xlsx<RS>,
    sheet: &str,
    most: u64,
    places: Option<Vec<(u32, u32)>>,
) -> Result<Option<Counted>, ReadError> {
    let mut reader = match workbook.worksheet_cells_reader(sheet) {
        Ok(reader) => reader,
        // A chart sheet holds no cells: it is a sheet that is not read.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Some(Counted::default())),
        Err(fault) => return Err(damaged(sheet, &fault)),
    };
    let mut places = places.map(Vec::into_iter);
    let (mut rows, mut count) = Counted::default();
    let mut add = |(row, column): (u32, u32), cell: Cell| {
        rows.entry(row.saturating_add(1)).or_default().insert(column, cell);
    };
    while count <= most {
        let next = reader.next_cell_with_formula_metadata();
        // Behind a faulty cell the reader miscounts the column of one that does not state its own.
        let counted = places.as_mut().and_then(Iterator::next);
        match next {
            Ok(None) => break,
            Ok(Some(cell)) if cell.formula.is_none() && cell.value == DataRef::Empty => {}
            Ok(Some(cell)) => {
                let is_formula = cell.formula.is_some();
                let value = Data::from(cell.value);
                add(counted.unwrap_or(cell.pos), Cell { value, is_formula, fault: None });
                count += 1;
            }
            Err(fault) => {
                let Some((text, reading)) = of_cell(&fault) else { return Err(damaged(sheet, &fault)) };
                let Some(place) = counted else { return Ok(None) };
                let fault = Some(Box::new(reading));
                add(place, Cell { value: Data::String(text), is_formula: false, fault });
                count += 1;
            }
        }
    }
    Ok(Some((rows, count)))
}

/// The places of all cells, in the order of the sheet.
fn places_of<RS: Read + Seek>(workbook: &mut Xlsx<RS>, sheet: &str) -> Result<Vec<(u32, u32)>, ReadError> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|fault| damaged(sheet, &fault))?;
    let mut places = Vec::new();
    while let Some(cell) = reader.next_formula().map_err(|fault| damaged(sheet, &fault))? {
        places.push(cell.get_position());
    }
    Ok(places)
}

/// What a fault of one cell's value says of the cell, with its text where that is told; `None` for a fault of the sheet.
fn of_cell(fault: &XlsxError) -> Option<(String, Reading)> {
    let refused = |reason| Reading::Unreadable { reason };
    if let XlsxError::CellError(text) = fault {
        Some((text.clone(), Reading::SourceError))
    } else if let XlsxError::Unrecognized { typ: "boolean cell value", val } = fault {
        Some((val.clone(), refused("the file calls it true or false, and it is neither")))
    } else if matches!(fault, XlsxError::ParseFloat(_)) {
        Some((String::new(), refused("the file calls it a number, and it is none")))
    } else if let XlsxError::CellTAttribute(kind) = fault {
        Some((String::new(), refused("the file gives it a kind that workbooks do not know")))
            .filter(|_| !kind.is_empty())
    } else if matches!(fault, XlsxError::Unexpected(what) if what.starts_with("Cell string index")) {
        Some((String::new(), refused("its text is missing in the file")))
    } else {
        None
    }
}

fn damaged(sheet: &str, fault: &XlsxError) -> ReadError {
    ReadError::NotAWorkbook { reason: format!("sheet {sheet:?} cannot be read ({fault})") }
}
