//! Annex A workbooks made for a test. Every child in them is invented.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

/// A workbook of lists; each row names its columns by their headers.
#[derive(Debug, Clone, Default)]
pub struct AnnexA {
    lists: Vec<List>,
}

#[derive(Debug, Clone)]
struct List {
    sheet: String,
    headers: Vec<String>,
    rows: Vec<Vec<(String, String)>>,
}

impl AnnexA {
    /// A workbook with all eleven lists, each with the headers of the program's own table and no row.
    pub fn empty() -> AnnexA {
        let layout = exchange::Layout::annex_a();
        let lists = layout.lists.iter().map(|list| List {
            sheet: format!("List {}", list.code),
            headers: list.columns.iter().filter_map(|column| column.headers.first().cloned()).collect(),
            rows: Vec::new(),
        });
        AnnexA { lists: lists.collect() }
    }

    /// The workbook without this list.
    #[must_use]
    pub fn without(mut self, list: &str) -> AnnexA {
        self.lists.retain(|held| held.sheet != format!("List {list}"));
        self
    }

    /// The workbook with another header in a list.
    #[must_use]
    pub fn renamed(mut self, list: &str, from: &str, to: &str) -> AnnexA {
        let held = self.list(list);
        let header = held.headers.iter_mut().find(|header| *header == from).expect("a header of the list");
        to.clone_into(header);
        self
    }

    /// The workbook with a header that stands in the list a second time.
    #[must_use]
    pub fn doubled(mut self, list: &str, header: &str) -> AnnexA {
        self.list(list).headers.push(header.to_owned());
        self
    }

    /// The workbook with one more row in a list: headers and values. A value such as `2024-03-01` becomes a date
    /// cell, one with a `#` before it a number, anything else text.
    #[must_use]
    pub fn row(mut self, list: &str, cells: &[(&str, &str)]) -> AnnexA {
        let cells = cells.iter().map(|(header, value)| ((*header).to_owned(), (*value).to_owned()));
        self.list(list).rows.push(cells.collect());
        self
    }

    fn list(&mut self, list: &str) -> &mut List {
        let sheet = format!("List {list}");
        self.lists.iter_mut().find(|held| held.sheet == sheet).expect("a list of Annex A")
    }

    /// The bytes of the workbook.
    pub fn bytes(&self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        for list in &self.lists {
            write(workbook.add_worksheet(), list);
        }
        workbook.save_to_buffer().expect("a workbook in memory")
    }
}

fn write(sheet: &mut Worksheet, list: &List) {
    sheet.set_name(&list.sheet).expect("a name that fits");
    for (column, header) in (0..).zip(&list.headers) {
        sheet.write_string(0, column, header).expect("a cell");
    }
    for (row, cells) in (1..).zip(&list.rows) {
        for (header, value) in cells {
            let column = list.headers.iter().position(|held| held == header);
            let column = column.unwrap_or_else(|| panic!("{} has no column {header:?}", list.sheet));
            cell(sheet, row, u16::try_from(column).expect("few columns"), value);
        }
    }
}

fn cell(sheet: &mut Worksheet, row: u32, column: u16, value: &str) {
    let written = if let Some(number) = value.strip_prefix('#') {
        sheet.write_number(row, column, number.parse::<f64>().expect("a number after #"))
    } else if value.len() == 10 && value.parse::<chrono::NaiveDate>().is_ok() {
        let day = ExcelDateTime::parse_from_str(value).expect("a day that Excel knows");
        sheet.write_with_format(row, column, &day, &Format::new().set_num_format("dd/mm/yyyy"))
    } else {
        sheet.write_string(row, column, value)
    };
    written.expect("a cell");
}
