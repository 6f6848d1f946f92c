//! Sheets written cell by cell, and packages with their parts changed. Every child in them is invented.

use exchange::{Options, Reading, SubjectRows};
use rust_xlsxwriter::Workbook;

use super::memory::lists::{about, workbook};
use super::zipped::rezipped;

/// A cell of a made sheet.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'a> {
    Text(&'a str),
    Number(f64),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Cell::Text(text)
    }
}

pub(crate) const HEADER: [&str; 7] =
    ["Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age", "Date of Contact", "Contact Source"];

/// A workbook with one sheet of these rows; empty texts leave their cell out.
pub(crate) fn sheet(name: &str, rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(name).unwrap();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text("") => continue,
                Cell::Text(text) => sheet.write_string(row, column, *text).unwrap(),
                Cell::Number(number) => sheet.write_number(row, column, *number).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

pub(crate) fn texts<'a>(cells: &[&'a str]) -> Vec<Cell<'a>> {
    cells.iter().map(|cell| Cell::Text(cell)).collect()
}

pub(crate) fn contact<'a>(child: &'a str, received: &'a str) -> Vec<Cell<'a>> {
    texts(&[child, "Male", "WBRI", "2015-02-01", "", received, "6"])
}

pub(crate) fn contacts(rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let all: Vec<Vec<Cell<'_>>> = std::iter::once(texts(&HEADER)).chain(rows.iter().cloned()).collect();
    sheet("List 1", &all)
}

pub(crate) fn day() -> Options {
    about("2024-06-01")
}

pub(crate) fn read(bytes: Vec<u8>) -> Vec<SubjectRows> {
    exchange::read(bytes, &day()).unwrap().map(Result::unwrap).collect()
}

pub(crate) fn refusal(bytes: Vec<u8>) -> String {
    exchange::read(bytes, &day()).err().unwrap().to_string()
}

/// The readings of a field, row by row in the order of the file.
pub(crate) fn readings(bytes: Vec<u8>, field: &str) -> Vec<Reading> {
    let subjects = read(bytes);
    let mut values: Vec<_> =
        subjects.iter().flat_map(|s| &s.rows).filter_map(|row| row.value(field)).collect();
    values.sort_by_key(|value| match &value.place {
        exchange::Place::Cell { row, .. } => *row,
        exchange::Place::Element { .. } | exchange::Place::File => 0,
    });
    values.into_iter().map(|value| value.reading.clone()).collect()
}

pub(crate) fn is_refused(reading: &Reading) -> bool {
    reading.refusal().is_some()
}

/// A workbook of list 3 whose `_x0000_` is a character, as other programs write it.
pub(crate) fn referrals(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    rezipped(&workbook(&[("3", rows)]), |name, content| {
        let content = match name {
            "xl/sharedStrings.xml" => {
                String::from_utf8(content).unwrap().replace("_x005F_x0000_", "_x0000_").into_bytes()
            }
            _ => content,
        };
        Some((name.to_owned(), content))
    })
}
