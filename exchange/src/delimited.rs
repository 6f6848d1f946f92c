//! The rows of a text file whose cells are parted by one character (CSV).
//!
//! A cell that begins with a quotation mark goes on to the next single one, over lines too; a doubled one stands for
//! itself. Nothing is repaired: a quotation mark that is not closed, or closed in the middle of a cell, would swallow
//! the rows below it, so the file is refused with the line of the mark that opens.

use std::borrow::Cow;

/// What may part the cells of a row.
pub const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The line on which it begins, from 1.
    pub line: u32,
    /// Its cells; never empty. A line without any character is no row.
    pub cells: Vec<Cow<'a, str>>,
    /// Whether the text ends without a line end behind the row.
    pub is_unended: bool,
}

/// A quotation mark that does not enclose one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line}: the quotation mark that opens cell {cell} {}; close it, or double each one that belongs to a text",
    if *is_closed { "is closed in the middle of the cell" } else { "is never closed" }
)]
pub struct OpenQuote {
    /// The line of the mark, from 1.
    pub line: u32,
    /// The cell of its row, from 1.
    pub cell: usize,
    /// Whether another one closes it, with text behind.
    pub is_closed: bool,
}

/// The rows of a text, from the top. After an error there are no more.
#[derive(Debug)]
pub struct Rows<'a> {
    rest: &'a str,
    separator: char,
    line: u32,
}

/// The rows of a text whose cells are parted by `separator`; a byte order mark before it is no part of it.
#[must_use]
pub fn rows(text: &str, separator: char) -> Rows<'_> {
    Rows { rest: text.strip_prefix('\u{feff}').unwrap_or(text), separator, line: 1 }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, OpenQuote>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.line_end() {}
        if self.rest.is_empty() {
            return None;
        }
        let row = self.row();
        if row.is_err() {
            self.rest = "";
        }
        Some(row)
    }
}

impl<'a> Rows<'a> {
    fn row(&mut self) -> Result<Row<'a>, OpenQuote> {
        let line = self.line;
        let mut cells = Vec::new();
        loop {
            cells.push(self.cell(cells.len() + 1)?);
            match self.rest.strip_prefix(self.separator) {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        let is_unended = !self.line_end();
        Ok(Row { line, cells, is_unended })
    }

    /// Reads up to the separator or line end behind the cell.
    fn cell(&mut self, number: usize) -> Result<Cow<'a, str>, OpenQuote> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([self.separator, '\r', '\n']).unwrap_or(self.rest.len());
            return Ok(Cow::Borrowed(self.pass(end)));
        };
        let opened = OpenQuote { line: self.line, cell: number, is_closed: false };
        let end = closing(quoted).ok_or(opened)?;
        self.pass(1);
        let inside = self.pass(end);
        self.line = self.line.saturating_add(line_ends(inside));
        self.pass(1);
        let blanks = self.rest.len() - self.rest.trim_start_matches(' ').len();
        self.pass(blanks);
        if !self.rest.is_empty() && !self.rest.starts_with([self.separator, '\r', '\n']) {
            return Err(OpenQuote { is_closed: true, ..opened });
        }
        Ok(if inside.contains('"') {
            Cow::Owned(inside.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(inside)
        })
    }

    /// Takes the next bytes.
    fn pass(&mut self, bytes: usize) -> &'a str {
        let (passed, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        passed
    }

    /// Takes one line end; `false` where none stands here.
    fn line_end(&mut self) -> bool {
        let ends = ["\r\n", "\n", "\r"];
        let Some(rest) = ends.iter().find_map(|end| self.rest.strip_prefix(end)) else { return false };
        self.rest = rest;
        self.line = self.line.saturating_add(1);
        true
    }
}

/// Where the quotation mark stands that closes the text before it.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find('"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

fn line_ends(text: &str) -> u32 {
    let count = text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, Vec<String>, bool)> {
        let row =
            |row: Row<'_>| (row.line, row.cells.iter().map(ToString::to_string).collect(), row.is_unended);
        rows(text, ',').map(|read| row(read.unwrap())).collect()
    }

    #[test]
    fn rows_go_by_the_line_on_which_they_begin_whatever_ends_a_line() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "\"c,", "\"\"d\"\"\" ,", "e\"f,g"].join(end);
            let inside = format!("c,{end}\"d\"");
            let expected = vec![
                (1, vec!["a".to_owned(), "b".to_owned()], false),
                (3, vec![inside, String::new()], false),
                (5, vec!["e\"f".to_owned(), "g".to_owned()], true),
            ];
            assert_eq!(read(&text), expected, "{end:?}");
        }
        assert_eq!(read("\u{feff}a,\n"), [(1, vec!["a".to_owned(), String::new()], false)]);
        assert_eq!(read(""), []);
    }

    #[test]
    fn a_quotation_mark_that_encloses_no_cell_is_named_by_its_line_and_ends_the_rows() {
        let table = [
            ("a,b\nc,\"d\ne,f\n", (2, 2, false)),
            ("a,b\nc,\"d\ne,\"f\"\n", (2, 2, true)),
            ("\"a\"\"\n", (1, 1, false)),
            ("a\n\"b\nc\" d\ne\n", (2, 1, true)),
            ("\"", (1, 1, false)),
        ];
        for (text, (line, cell, is_closed)) in table {
            let mut read = rows(text, ',').skip_while(Result::is_ok);
            assert_eq!(read.next(), Some(Err(OpenQuote { line, cell, is_closed })), "{text:?}");
            assert_eq!(read.next(), None, "{text:?}");
        }
    }
}
