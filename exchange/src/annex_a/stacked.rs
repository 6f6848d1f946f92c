//! A second header within one sheet or text file: two lists that stand below each other.
//!
//! Rows below the header of another list, or of the same one with its columns in another order, would be read as rows
//! of the first: a referral as a contact. Which rows belong to which header is not guessed; the file is refused.

use std::collections::BTreeMap;

use calamine::Data;

use super::headers::{FEWEST, Found, Spellings};
use super::row_cells::Cells;
use super::sheet::Grid;
use crate::dates;
use crate::errors::ReadError;
use crate::layout::{Aliases, Column, Layout, List};

/// Refuses a sheet in which another header than the one found stands. The same one again, as on each printed page, is
/// no other header.
///
/// # Errors
/// [`ReadError::SecondHeader`] with its row.
pub(super) fn check(
    grid: &Grid,
    found: Found,
    columns: &BTreeMap<u32, &'static Column>,
    aliases: &Aliases,
) -> Result<(), ReadError> {
    let candidates =
        grid.rows.iter().filter(|(row, cells)| **row != found.header_row && may_be_a_header(cells));
    let mut lists: Option<Vec<(&'static List, Spellings)>> = None;
    for (row, cells) in candidates {
        let lists = lists.get_or_insert_with(|| {
            Layout::annex_a().lists.iter().map(|list| (list, Spellings::of(list, aliases))).collect()
        });
        let Some((index, known)) = best(lists, found.list, cells) else { continue };
        let Some((list, _)) = lists.get(index) else { continue };
        let is_the_same = index == found.list && known.iter().map(named).eq(columns.iter().map(named));
        if !is_the_same {
            return Err(ReadError::SecondHeader {
                sheet: grid.sheet.to_string(),
                row: *row,
                list: format!("{} ({})", list.code, list.title),
            });
        }
    }
    Ok(())
}

fn named<'a>((at, column): (&'a u32, &&'a Column)) -> (u32, &'a str) {
    (*at, column.field.as_str())
}

/// Whether a row holds texts only, and no date: all that can be asked without reading each cell as a header.
fn may_be_a_header(cells: &Cells) -> bool {
    let is_text = |value: &Data| {
        if let Data::String(text) = value { dates::from_text(text.trim()).is_err() } else { false }
    };
    cells.len() >= FEWEST && cells.iter().all(|(_, cell)| is_text(&cell.value))
}

/// The index of the list of which the row holds the most headers, where they are enough for a header; of lists with
/// as many, the sheet's own.
fn best(
    lists: &[(&'static List, Spellings)],
    own: usize,
    cells: &Cells,
) -> Option<(usize, BTreeMap<u32, &'static Column>)> {
    let known = lists.iter().map(|(_, spellings)| spellings.columns_of(cells)).enumerate();
    let (index, known) = known.max_by_key(|(index, known)| (known.len(), *index == own))?;
    (known.len() >= FEWEST && known.len() * 2 >= cells.len()).then_some((index, known))
}
