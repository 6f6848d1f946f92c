//! Workbooks built for tests. Every child in them is invented.

use rust_xlsxwriter::{Workbook, Worksheet};

use super::zipped::rezipped;

/// A workbook with one sheet laid out as list 1.
pub(crate) struct Book {
    workbook: Workbook,
    next_row: u32,
}

impl Book {
    /// A workbook with an empty list 1.
    pub(crate) fn contacts() -> Self {
        Book::named("List 1")
    }

    /// The same under another sheet name.
    pub(crate) fn named(sheet: &str) -> Self {
        let headers = [
            "Child Unique ID",
            "Gender",
            "Ethnicity",
            "Date of Birth",
            "Age",
            "Date of Contact",
            "Contact Source",
        ];
        let mut workbook = Workbook::new();
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(sheet).unwrap();
        write_row(worksheet, 0, &headers);
        Book { workbook, next_row: 1 }
    }

    /// Writes another header; an empty text removes it.
    pub(crate) fn header(&mut self, column: u16, text: &str) {
        let sheet = self.workbook.worksheet_from_index(0).unwrap();
        sheet.clear_cell(0, column);
        write_row_from(sheet, 0, column, &[text]);
    }

    /// Adds a row of text cells; empty texts leave their cell out.
    pub(crate) fn row(&mut self, cells: &[&str]) {
        let row = self.next_row;
        write_row(self.workbook.worksheet_from_index(0).unwrap(), row, cells);
        self.next_row += 1;
    }

    /// Adds a row of text cells with a number in one of them.
    pub(crate) fn row_with_number(&mut self, cells: &[&str], column: u16, number: f64) {
        let row = self.next_row;
        self.row(cells);
        let sheet = self.workbook.worksheet_from_index(0).unwrap();
        sheet.write_number(row, column, number).unwrap();
    }

    /// The bytes of the workbook.
    pub(crate) fn save(&mut self) -> Vec<u8> {
        self.workbook.save_to_buffer().unwrap()
    }
}

fn write_row(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    write_row_from(sheet, row, 0, cells);
}

fn write_row_from(sheet: &mut Worksheet, row: u32, first: u16, cells: &[&str]) {
    for (column, text) in (first..).zip(cells).filter(|(_, text)| !text.is_empty()) {
        sheet.write_string(row, column, *text).unwrap();
    }
}

/// The workbook with the XML of its first sheet changed.
pub(crate) fn with_sheet_xml(bytes: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    rezipped(bytes, |name, content| {
        let content = match name {
            "xl/worksheets/sheet1.xml" => change(std::str::from_utf8(&content).unwrap()).into_bytes(),
            _ => content,
        };
        Some((name.to_owned(), content))
    })
}
