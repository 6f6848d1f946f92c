//! Which list a sheet holds, in which row its header stands, and which column each header is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::row_cells::{Cell, Cells};
use super::sheet::Grid;
use super::spelling::bare_key;
use crate::errors::ReadError;
use crate::extract::{Note, Place, column_letters};
use crate::layout::{Aliases, Column, Layout, List, header_key};

/// Reads an alias file and checks that it names known lists and fields.
///
/// # Errors
/// [`ReadError::Aliases`].
pub(super) fn aliases(text: Option<&str>) -> Result<Aliases, ReadError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        lists: Aliases,
    }
    let Some(text) = text else {
        return Ok(Aliases::new());
    };
    let file: File = toml::from_str(text).map_err(|fault| {
        let before = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ReadError::Aliases { reason: format!("line {line}: {}", fault.message()) }
    })?;
    for (code, fields) in &file.lists {
        let list = Layout::annex_a()
            .list(code)
            .ok_or_else(|| ReadError::Aliases { reason: format!("there is no list {code:?}") })?;
        if let Some(field) = fields.keys().find(|field| list.column(field).is_none()) {
            return Err(ReadError::Aliases { reason: format!("list {code} has no field {field:?}") });
        }
    }
    Ok(file.lists)
}

/// How many rows from the top may hold the header: above it stand titles and notes.
pub(super) const HEADER_WITHIN: usize = 30;

/// The fewest headers by which a row is taken for one.
pub(super) const FEWEST: usize = 3;

/// Where a list was found in a sheet.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// Index of the list in the layout.
    pub(super) list: usize,
    /// Row of its header, from 1.
    pub(super) header_row: u32,
}

/// The list that the sheet holds, and its header: by the sheet's name, or by a header that carries all needed
/// columns of a list and at least half of all; and else by a name that is a list's but for its number and brackets
/// (`1) Contacts`, `List 01`, `List 3 - Referrals`), above a few of its headers.
pub(super) fn find(name: &str, grid: &Grid, aliases: &Aliases) -> Option<Found> {
    let lists = &Layout::annex_a().lists;
    let named = |key: &dyn Fn(&str) -> String| {
        let wanted = key(name);
        lists.iter().position(|list| list.sheets.iter().any(|sheet| key(sheet) == wanted))
    };
    if let Some(list) = named(&header_key) {
        let spellings = Spellings::of(lists.get(list)?, aliases);
        return Some(Found { list, header_row: header_row(grid, &spellings) });
    }
    let by_header = lists.iter().enumerate().find_map(|(index, list)| {
        let spellings = Spellings::of(list, aliases);
        let row = candidates(grid).find(|(_, cells)| is_header_of(list, &spellings, cells));
        row.map(|(number, _)| Found { list: index, header_row: number })
    });
    by_header.or_else(|| {
        let list = named(&bare_key).filter(|_| !bare_key(name).is_empty()).or_else(|| numbered(name))?;
        let spellings = Spellings::of(lists.get(list)?, aliases);
        let header_row = header_row(grid, &spellings);
        let known = grid.rows.get(&header_row).map_or(0, |cells| spellings.columns_of(cells).len());
        (known >= FEWEST).then_some(Found { list, header_row })
    })
}

/// Why a sheet that is no list is none, where a row of it is nearly the header of one: which header is not known, or missing.
pub(super) fn nearly(grid: &Grid, aliases: &Aliases) -> Option<ReadError> {
    let lists = &Layout::annex_a().lists;
    let rows = lists.iter().flat_map(|list| {
        let spellings = Spellings::of(list, aliases);
        candidates(grid).map(move |(row, cells)| (spellings.columns_of(cells).len(), cells.len(), list, row))
    });
    let (known, cells, list, row) = rows.max_by_key(|(known, ..)| *known)?;
    if known < FEWEST || known * 2 < cells {
        return None;
    }
    columns(list, grid, row, aliases, &mut Vec::new()).err()
}

/// The list whose number a sheet's name holds behind the word: `List 01`, `Annex A List 3: Referrals`.
fn numbered(name: &str) -> Option<usize> {
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.find(|word| *word == "list")?;
    let code = words.next()?.trim_start_matches('0');
    Layout::annex_a().lists.iter().position(|list| list.code == code)
}

fn candidates(grid: &Grid) -> impl Iterator<Item = (u32, &Cells)> {
    grid.rows.iter().take(HEADER_WITHIN).map(|(number, cells)| (*number, cells))
}

/// The row with the most headers of the list; the first row where none carries any.
fn header_row(grid: &Grid, spellings: &Spellings) -> u32 {
    let mut best = (0, grid.rows.keys().next().copied().unwrap_or_default());
    for (number, cells) in candidates(grid) {
        let known = spellings.columns_of(cells).len();
        if known > best.0 {
            best = (known, number);
        }
    }
    best.1
}

fn is_header_of(list: &List, spellings: &Spellings, cells: &Cells) -> bool {
    let present: BTreeSet<&str> =
        spellings.columns_of(cells).values().map(|column| column.field.as_str()).collect();
    let all_needed =
        list.columns.iter().filter(|c| c.is_needed(list)).all(|c| present.contains(c.field.as_str()));
    all_needed && present.len() * 2 >= list.columns.iter().filter(|column| !column.optional).count()
}

/// How the headers of one list are spelt.
pub(super) struct Spellings {
    /// By the letters and digits of the header.
    whole: BTreeMap<String, &'static Column>,
    /// By the [`bare_key`]; `None` where two columns share it.
    bare: BTreeMap<String, Option<&'static Column>>,
}

impl Spellings {
    pub(super) fn of(list: &'static List, aliases: &Aliases) -> Self {
        let mut spellings = Spellings { whole: BTreeMap::new(), bare: BTreeMap::new() };
        for column in &list.columns {
            let further = aliases.get(&list.code).and_then(|fields| fields.get(&column.field));
            for header in column.headers.iter().chain(further.into_iter().flatten()) {
                spellings.whole.insert(header_key(header), column);
                let shared = spellings.bare.entry(bare_key(header)).or_insert(Some(column));
                if shared.is_some_and(|other| other.field != column.field) {
                    *shared = None;
                }
            }
        }
        spellings
    }

    /// The columns of a row of headers by position. A whole spelling goes before a bare one of the same column.
    pub(super) fn columns_of(&self, cells: &Cells) -> BTreeMap<u32, &'static Column> {
        let header = |cell: &Cell| cell.value.to_string();
        let mut columns: BTreeMap<u32, &'static Column> = cells
            .iter()
            .filter_map(|(at, cell)| Some((at, *self.whole.get(&header_key(&header(cell)))?)))
            .collect();
        for (at, cell) in cells.iter() {
            let bare = self.bare.get(&bare_key(&header(cell))).copied().flatten();
            let Some(column) = bare.filter(|_| !columns.contains_key(&at)) else { continue };
            if columns.values().all(|other| other.field != column.field) {
                columns.insert(at, column);
            }
        }
        columns
    }
}

/// The columns of the sheet by position.
///
/// # Errors
/// [`ReadError::DuplicateHeader`], [`ReadError::RenamedHeader`] or [`ReadError::MissingColumn`].
pub(super) fn columns(
    list: &'static List,
    grid: &Grid,
    header_row: u32,
    aliases: &Aliases,
    notes: &mut Vec<Note>,
) -> Result<BTreeMap<u32, &'static Column>, ReadError> {
    let none = Cells::default();
    let cells = grid.rows.get(&header_row).unwrap_or(&none);
    let columns = Spellings::of(list, aliases).columns_of(cells);
    let header = Header { grid, row: header_row };
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for (&position, column) in &columns {
        if let Some(first) = seen.insert(&column.field, position) {
            let text = cells.get(position).map(|cell| cell.value.to_string()).unwrap_or_default();
            return Err(header.duplicate(text, first, position));
        }
    }
    let unknown: Vec<(u32, String)> = cells
        .iter()
        .filter(|(position, _)| !columns.contains_key(position))
        .map(|(position, cell)| (position, cell.value.to_string()))
        .filter(|(_, text)| !text.trim().is_empty())
        .collect();
    check(list, header, &columns, &unknown, notes)?;
    Ok(columns)
}

/// A header and the sheet that it stands in.
#[derive(Clone, Copy)]
struct Header<'a> {
    grid: &'a Grid,
    row: u32,
}

impl Header<'_> {
    fn address(self, position: u32) -> String {
        format!("{}{}", column_letters(position), self.row)
    }

    fn duplicate(self, header: String, first: u32, second: u32) -> ReadError {
        ReadError::DuplicateHeader {
            sheet: self.grid.sheet.to_string(),
            header,
            first: self.address(first),
            second: self.address(second),
        }
    }
}

fn check(
    list: &List,
    header: Header<'_>,
    columns: &BTreeMap<u32, &'static Column>,
    unknown: &[(u32, String)],
    notes: &mut Vec<Note>,
) -> Result<(), ReadError> {
    let missing: Vec<&Column> = list
        .columns
        .iter()
        .filter(|column| !column.optional)
        .filter(|column| !columns.values().any(|present| present.field == column.field))
        .collect();
    let grid = header.grid;
    if let (Some((position, found)), false) = (unknown.first(), missing.is_empty()) {
        return Err(ReadError::RenamedHeader {
            sheet: grid.sheet.to_string(),
            cell: header.address(*position),
            found: found.clone(),
            missing: missing.iter().map(|column| column.header().to_owned()).collect(),
        });
    }
    if let Some(column) = missing.iter().find(|column| column.is_needed(list)) {
        return Err(ReadError::MissingColumn {
            sheet: grid.sheet.to_string(),
            list: list.code.clone(),
            header: column.header().to_owned(),
        });
    }
    notes.extend(missing.iter().map(|column| Note {
        place: grid.place(header.row, None),
        code: "column_missing",
        text: format!("list {} has no column {:?}: it says nothing", list.code, column.header()),
    }));
    notes.extend(unknown.iter().map(|(position, text)| Note {
        place: grid.place(header.row, Some(*position)),
        code: "column_not_read",
        text: format!("column {text:?} is not part of list {} and was not read", list.code),
    }));
    Ok(())
}

impl Grid {
    /// The place of a row, or of a cell in it.
    pub(super) fn place(&self, row: u32, column: Option<u32>) -> Place {
        Place::Cell { sheet: std::sync::Arc::clone(&self.sheet), row, column }
    }
}
