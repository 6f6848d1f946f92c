//! Annex A workbooks built row by row. Every child in them is invented.

use chrono::NaiveDate;
use exchange::{Layout, Options};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

/// Rows of one list: `(field, text)` for each cell that is filled.
pub(crate) type Rows<'a> = &'a [&'a [(&'a str, &'a str)]];

/// A workbook with every column of the given lists, and the rows filled in.
pub(crate) fn workbook(lists: &[(&str, Rows<'_>)]) -> Vec<u8> {
    workbook_without(lists, &[])
}

/// The same without the columns of some fields.
pub(crate) fn workbook_without(lists: &[(&str, Rows<'_>)], left_out: &[&str]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    // The same rows give the same bytes, as a file that is imported again has.
    let written = ExcelDateTime::from_ymd(2024, 1, 1).unwrap();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&written));
    for (code, rows) in lists {
        let list = Layout::annex_a().list(code).unwrap();
        let sheet = workbook.add_worksheet();
        sheet.set_name(list.sheets.first().unwrap()).unwrap();
        let columns = list.columns.iter().filter(|column| !left_out.contains(&column.field.as_str()));
        for (column, declared) in (0..).zip(columns) {
            sheet.write_string(0, column, declared.header()).unwrap();
            for (row, cells) in (1..).zip(*rows) {
                if let Some((_, text)) = cells.iter().find(|(field, _)| *field == declared.field) {
                    sheet.write_string(row, column, *text).unwrap();
                }
            }
        }
        for (field, _) in rows.iter().flat_map(|row| row.iter()) {
            assert!(list.column(field).is_some(), "list {code} has no field {field}");
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// A partial workbook about a day.
pub(crate) fn about(day: &str) -> Options {
    Options { as_at: Some(day.parse::<NaiveDate>().unwrap()), partial: true, ..Options::default() }
}

/// Imports rows of one list, as a partial workbook about a day.
pub(crate) fn import(memory: &mut super::Memory, list: &str, day: &str, rows: Rows<'_>) -> super::Done {
    memory.import(&workbook(&[(list, rows)]), &about(day))
}

/// A row with some of its cells changed or added.
pub(crate) fn with<'a>(
    row: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = row.iter().filter(|(field, _)| !changes.iter().any(|(other, _)| other == field));
    kept.chain(changes).copied().collect()
}
