//! Annex A: the child-level lists that an authority hands to inspectors.
//!
//! Sheets are found by name or, failing that, by their headers; so is one list that was saved as a text file. All rows are held
//! in memory, within [`crate::Limits`], because the lists stand one after another
//! in the file while a journey needs all rows of one child together.
//! The workbook states no day: see [`as_at`].

mod as_at;
mod cells;
mod headers;
mod lines;
mod row_cells;
mod sheet;
mod spelling;
mod stacked;
mod table;

pub(crate) use as_at::agrees;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{Reader, Xlsx};

use crate::content::Content;
use crate::date_order::DateOrder;
use crate::errors::ReadError;
use crate::extract::{AsAt, Extract, ListScope, Note, Place, SourceRow, Subject, SubjectRows};
use crate::layout::{Aliases, Layout, ValueKind};
use crate::package;
use crate::reading::remark;
use crate::recognise::{Format, Options};
use crate::tables;
use sheet::{Room, SheetRows};

/// How a workbook begins, which is a zip file.
pub(crate) const ZIP: &[u8] = b"PK\x03\x04";

/// Reads a workbook whose zip file has been checked, or one list as a text file.
pub(crate) fn read(bytes: &[u8], options: &Options) -> Result<Extract, ReadError> {
    let aliases = headers::aliases(options.aliases.as_deref())?;
    if !bytes.starts_with(ZIP) {
        return read_table(bytes, &aliases, options);
    }
    let bytes = package::plain(bytes);
    let mut workbook: Xlsx<Cursor<&[u8]>> = Xlsx::new(Cursor::new(&*bytes)).map_err(not_a_workbook)?;
    let (mut cells_left, mut room) = (options.limits.cells, Room::new(&options.limits));
    let mut notes = Vec::new();
    let mut found: BTreeMap<usize, SheetRows> = BTreeMap::new();
    let mut is_looked_after = false;
    let mut nearly = None;
    for name in workbook.sheet_names() {
        let sheet: Arc<str> = Arc::from(name.as_str());
        let grid = sheet::grid(&mut workbook, &sheet, &mut cells_left, &options.limits)?;
        match headers::find(&name, &grid, &aliases) {
            Some(place) => {
                let rows = sheet::rows(grid, place, &aliases, &mut room, &mut notes)?;
                insert(&mut found, place.list, rows)?;
            }
            None => {
                is_looked_after |= grid.top().any(|headers| tables::is_table_of_looked_after(&headers));
                let why = headers::nearly(&grid, &aliases);
                notes.push(unknown_sheet(&sheet, why.as_ref()));
                nearly = nearly.or(why);
            }
        }
    }
    if found.is_empty() && is_looked_after {
        return Err(ReadError::NotReadYet { format: tables::LOOKED_AFTER_RETURN });
    }
    // A sheet that is nearly a list may be the one that is missing: its header is told before the list is.
    check_lists(&found, options.partial).map_err(|missing| nearly.unwrap_or(missing))?;
    assemble(found, notes, options)
}

/// Reads one list as a text file: what the other lists hold is not said.
fn read_table(bytes: &[u8], aliases: &Aliases, options: &Options) -> Result<Extract, ReadError> {
    let (grid, place) = table::read(bytes, aliases, &options.limits)?;
    let mut notes = Vec::new();
    let list = place.list;
    let rows = sheet::rows(grid, place, aliases, &mut Room::new(&options.limits), &mut notes)?;
    assemble(BTreeMap::from([(list, rows)]), notes, options)
}

fn insert(found: &mut BTreeMap<usize, SheetRows>, index: usize, rows: SheetRows) -> Result<(), ReadError> {
    if let Some(first) = found.get(&index) {
        return Err(ReadError::DuplicateList {
            list: rows.list.code.clone(),
            first: first.sheet.to_string(),
            second: rows.sheet.to_string(),
        });
    }
    found.insert(index, rows);
    Ok(())
}

/// No list at all is never an Annex A workbook; a missing one needs the caller's word.
fn check_lists(found: &BTreeMap<usize, SheetRows>, partial: bool) -> Result<(), ReadError> {
    let lists: Vec<String> = Layout::annex_a()
        .lists
        .iter()
        .enumerate()
        .filter(|(index, _)| !found.contains_key(index))
        .map(|(_, list)| format!("{} ({})", list.code, list.title))
        .collect();
    if found.is_empty() {
        return Err(ReadError::UnknownFormat {
            found: "is a workbook without a sheet of Annex A".to_owned(),
        });
    }
    if lists.is_empty() || partial { Ok(()) } else { Err(ReadError::MissingList { lists }) }
}

fn assemble(
    mut found: BTreeMap<usize, SheetRows>,
    mut notes: Vec<Note>,
    options: &Options,
) -> Result<Extract, ReadError> {
    settle_dates(&mut found, &mut notes);
    let as_at = match options.as_at {
        Some(day) => AsAt::Given { day },
        None => {
            as_at::infer(found.values().flat_map(|sheet| &sheet.rows).filter(|row| row.refusal.is_none()))?
        }
    }
    .checked(options.today)?;
    let scope = found.values().map(scope_of).collect();
    let subjects = by_subject(found.into_values().flat_map(|sheet| sheet.rows));
    let mut content = Content::default();
    subjects.iter().for_each(|subject| content.add(subject));
    Ok(Extract {
        format: Format::AnnexA,
        authority: None,
        system: None,
        as_at,
        scope,
        notes,
        content,
        subjects: Box::new(subjects.into_iter().map(Ok)),
    })
}

/// Refuses the dates whose day is not certain, because of the order in which their column is written.
fn settle_dates(found: &mut BTreeMap<usize, SheetRows>, notes: &mut Vec<Note>) {
    let mut orders: BTreeMap<(&str, &str), DateOrder> = BTreeMap::new();
    for row in found.values().flat_map(|sheet| &sheet.rows).filter(|row| row.refusal.is_none()) {
        for value in row.values.iter().filter(|value| value.column.value == ValueKind::Date) {
            orders.entry((&row.list.code, &value.column.field)).or_default().see(value);
        }
    }
    let elsewhere = orders.values().any(|order| order.is_month_first());
    for row in found.values_mut().flat_map(|sheet| &mut sheet.rows).filter(|row| row.refusal.is_none()) {
        let list = row.list;
        for value in row.values.iter_mut().filter(|value| value.column.value == ValueKind::Date) {
            let Some(order) = orders.get(&(list.code.as_str(), value.column.field.as_str())) else {
                continue;
            };
            let was_refused = value.reading.refusal().is_some();
            if order.settle(elsewhere, value) && !was_refused {
                let remark = remark(&value.reading, value.column);
                row.notes.extend(remark.map(|(code, text)| Note { place: value.place.clone(), code, text }));
            }
        }
    }
    let doubtful = orders.iter().filter(|(_, order)| order.is_doubtful());
    notes.extend(doubtful.filter_map(|((list, field), _)| {
        let sheet = found.values().find(|sheet| sheet.list.code == *list)?;
        let header = sheet.list.column(field)?.header();
        let place = Place::Cell { sheet: Arc::clone(&sheet.sheet), row: 0, column: None };
        let text =
            format!("column {header:?} holds dates written month first; what their order decides is refused");
        Some(Note { place, code: "month_first", text })
    }));
}

fn scope_of(sheet: &SheetRows) -> ListScope {
    ListScope {
        list: sheet.list.code.clone(),
        fields: sheet.columns.iter().map(|column| column.field.clone()).collect(),
        rows: u64::try_from(sheet.rows.len()).ok(),
        unnamed: sheet.rows.iter().map(|row| u64::from(row.names_nobody())).sum(),
    }
}

/// Gathers rows by subject, in the order of each subject's first row.
fn by_subject(rows: impl Iterator<Item = SourceRow>) -> Vec<SubjectRows> {
    let mut order: BTreeMap<Subject, usize> = BTreeMap::new();
    let mut subjects: Vec<SubjectRows> = Vec::new();
    for row in rows {
        let subject = row.subject();
        let index = *order.entry(subject.clone()).or_insert_with(|| {
            let ordinal = u32::try_from(subjects.len() + 1).unwrap_or(u32::MAX);
            subjects.push(SubjectRows { subject, ordinal, rows: Vec::new() });
            subjects.len() - 1
        });
        if let Some(gathered) = subjects.get_mut(index) {
            gathered.rows.push(row);
        }
    }
    subjects
}

fn unknown_sheet(sheet: &Arc<str>, nearly: Option<&ReadError>) -> Note {
    let why = nearly.map(|why| format!("; {why}")).unwrap_or_default();
    Note {
        place: Place::Cell { sheet: Arc::clone(sheet), row: 0, column: None },
        code: "sheet_not_read",
        text: format!("the sheet is no list of Annex A and was not read{why}"),
    }
}

fn not_a_workbook(fault: calamine::XlsxError) -> ReadError {
    ReadError::NotAWorkbook { reason: fault.to_string() }
}
