//! Which list a sheet holds, and which column each of its headers is.

use std::collections::{BTreeMap, BTreeSet};

use calamine::Data;
use serde::Deserialize;

use super::sheet::{Grid, column_letters};
use crate::errors::ReadError;
use crate::extract::{Note, Place};
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
    let file: File =
        toml::from_str(text).map_err(|fault| ReadError::Aliases { reason: fault.message().to_owned() })?;
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

/// Index in the layout of the list that the sheet holds: by its name, or by its
/// headers when at least half of a list's own headers, and all needed ones, are there.
pub(super) fn list_of(name: &str, grid: &Grid, aliases: &Aliases) -> Option<usize> {
    let wanted = header_key(name);
    let lists = &Layout::annex_a().lists;
    let by_name = lists.iter().position(|list| list.sheets.iter().any(|sheet| header_key(sheet) == wanted));
    by_name.or_else(|| {
        let present: BTreeSet<String> = grid.header.values().map(|cell| header_key(&text_of(cell))).collect();
        lists.iter().position(|list| {
            let carried =
                |column: &&Column| spellings(list, column, aliases).iter().any(|s| present.contains(s));
            let all_needed = list.columns.iter().filter(|c| c.is_needed(list)).all(|c| carried(&c));
            all_needed && list.columns.iter().filter(carried).count() * 2 >= list.columns.len()
        })
    })
}

/// The columns of the sheet by position.
///
/// # Errors
/// [`ReadError::DuplicateHeader`], [`ReadError::RenamedHeader`] or [`ReadError::MissingColumn`].
pub(super) fn columns(
    list: &'static List,
    grid: &Grid,
    aliases: &Aliases,
    notes: &mut Vec<Note>,
) -> Result<BTreeMap<u32, &'static Column>, ReadError> {
    let mut columns: BTreeMap<u32, &'static Column> = BTreeMap::new();
    let mut unknown: Vec<(u32, String)> = Vec::new();
    for (&position, cell) in &grid.header {
        let header = text_of(cell);
        if header.trim().is_empty() {
            continue;
        }
        let key = header_key(&header);
        match list.columns.iter().find(|c| spellings(list, c, aliases).contains(&key)) {
            Some(column) => {
                let earlier = columns.iter().find(|(_, other)| other.field == column.field);
                if let Some((&first, _)) = earlier {
                    return Err(duplicate(grid, header, first, position));
                }
                columns.insert(position, column);
            }
            None => unknown.push((position, header)),
        }
    }
    check(list, grid, &columns, &unknown, notes)?;
    Ok(columns)
}

fn check(
    list: &List,
    grid: &Grid,
    columns: &BTreeMap<u32, &'static Column>,
    unknown: &[(u32, String)],
    notes: &mut Vec<Note>,
) -> Result<(), ReadError> {
    let missing: Vec<&Column> = list
        .columns
        .iter()
        .filter(|column| !columns.values().any(|present| present.field == column.field))
        .collect();
    if let (Some((position, found)), false) = (unknown.first(), missing.is_empty()) {
        return Err(ReadError::RenamedHeader {
            sheet: grid.sheet.to_string(),
            cell: address(grid, *position),
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
        place: grid.place(grid.header_row, String::new()),
        code: "column_missing",
        text: format!("list {} has no column {:?}: it says nothing", list.code, column.header()),
    }));
    notes.extend(unknown.iter().map(|(position, header)| Note {
        place: grid.place(grid.header_row, column_letters(*position)),
        code: "column_not_read",
        text: format!("column {header:?} is not part of list {} and was not read", list.code),
    }));
    Ok(())
}

fn spellings(list: &List, column: &Column, aliases: &Aliases) -> Vec<String> {
    let own = column.headers.iter();
    let further = aliases.get(&list.code).and_then(|fields| fields.get(&column.field));
    own.chain(further.into_iter().flatten()).map(|header| header_key(header)).collect()
}

fn duplicate(grid: &Grid, header: String, first: u32, second: u32) -> ReadError {
    ReadError::DuplicateHeader {
        sheet: grid.sheet.to_string(),
        header,
        first: address(grid, first),
        second: address(grid, second),
    }
}

fn address(grid: &Grid, position: u32) -> String {
    format!("{}{}", column_letters(position), grid.header_row)
}

impl Grid {
    /// The place of a row, or of a cell in it.
    pub(super) fn place(&self, row: u32, column: String) -> Place {
        Place::Cell { sheet: std::sync::Arc::clone(&self.sheet), row, column }
    }
}

fn text_of(cell: &Data) -> String {
    cell.to_string()
}
