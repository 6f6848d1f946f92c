//! The children of a census, one after another, each as rows.

use std::io::BufRead;

use super::input::{Input, Piece, Position};
use super::{Survey, header};
use crate::errors::ReadError;
use crate::extract::{Note, Reading, Refusal, SourceRow, SourceValue, Subject, SubjectRows};
use crate::layout::{Column, Layout, List, Role, ValueKind};
use crate::reading::{from_text, remark};
use crate::text;

const TOO_MANY_ROWS: &str = "one child has more rows than allowed";

/// Hands out one element of a child at a time and holds no other.
pub(super) struct Children<R> {
    input: Input<R>,
    most_rows: usize,
    ordinal: u32,
    /// Remarks found outside any child.
    pub(super) notes: Vec<Note>,
}

/// What an open element inside a child is.
enum Open {
    /// A row: its index among the rows.
    Row(usize),
    /// An element that only holds others.
    Container,
    /// A value being read.
    Leaf { name: String, column: &'static Column, at: Position, text: String },
    /// An element that the layout does not know.
    Unknown,
}

impl<R: BufRead> Children<R> {
    pub(super) fn new(input: Input<R>, most_rows: usize) -> Self {
        Children { input, most_rows, ordinal: 0, notes: Vec::new() }
    }

    /// The next element of a child; `None` at the end of the file.
    pub(super) fn next_child(&mut self) -> Result<Option<SubjectRows>, ReadError> {
        loop {
            let (piece, at) = self.input.next()?;
            match piece {
                Piece::Start(name) if name == "Child" => return self.child(at).map(Some),
                Piece::Start(name) if is_spelt(&name, "Child") => {
                    let note = self.spelt_otherwise(&name, "Child", at);
                    let mut child = self.child(at)?;
                    child.rows.iter_mut().take(1).for_each(|row| row.notes.extend(note.clone()));
                    return Ok(Some(child));
                }
                Piece::Start(name) if name == "Header" => {
                    return Err(self.input.malformed(at, header::SECOND_HEADER));
                }
                Piece::Start(name) if list_of(&name).is_some() => return self.of_nobody(&name, at).map(Some),
                Piece::Start(_) => {
                    let note = self.note(
                        at,
                        "element_not_read",
                        "the element is no part of the census and was not read",
                    );
                    self.notes.push(note);
                }
                Piece::Text(text) if !text.trim().is_empty() => {
                    let note = self.note(at, "stray_text", "text stands between elements and was not read");
                    self.notes.push(note);
                }
                Piece::Text(_) | Piece::End => {}
                Piece::Eof => return Ok(None),
            }
        }
    }

    /// A refusal of a child whose elements, up to the one just read, hold too much.
    pub(super) fn too_many_rows(&self) -> ReadError {
        self.input.malformed(self.input.position(), TOO_MANY_ROWS)
    }

    fn child(&mut self, at: Position) -> Result<SubjectRows, ReadError> {
        let list = Layout::cin_census().list("child").expect("the layout has the list child");
        let mut rows = vec![self.row(list, None, at)];
        let mut open = vec![Open::Row(0)];
        while !open.is_empty() {
            let (piece, at) = self.input.next()?;
            match piece {
                Piece::Start(name) => {
                    let next = self.begin(&name, at, &open, &mut rows)?;
                    open.push(next);
                }
                Piece::Text(text) => self.text(&text, at, &mut open, &mut rows),
                Piece::End => self.end(open.pop(), &mut open, &mut rows),
                Piece::Eof => return Err(self.input.malformed(at, "the file ends inside a child")),
            }
        }
        let subject = rows.first().map_or(Subject::Nobody, SourceRow::subject);
        self.ordinal = self.ordinal.saturating_add(1);
        Ok(SubjectRows { subject, ordinal: self.ordinal, rows })
    }

    /// An element of a list that stands outside any child: it is refused with all elements below it.
    fn of_nobody(&mut self, name: &str, at: Position) -> Result<SubjectRows, ReadError> {
        let mut rows = Vec::new();
        let mut open = vec![self.unread(name, at, &[], &mut rows)?];
        while !open.is_empty() {
            let (piece, at) = self.input.next()?;
            match piece {
                Piece::Start(name) => {
                    let next = self.unread(&name, at, &open, &mut rows)?;
                    open.push(next);
                }
                Piece::Text(_) => {}
                Piece::End => drop(open.pop()),
                Piece::Eof => return Err(self.input.malformed(at, "the file ends inside an element")),
            }
        }
        self.ordinal = self.ordinal.saturating_add(1);
        Ok(SubjectRows { subject: Subject::Nobody, ordinal: self.ordinal, rows })
    }

    /// An element that stands where none of its kind is expected. One of a list is a row that is not read: what it holds
    /// is not absent.
    fn unread(
        &self,
        name: &str,
        at: Position,
        open: &[Open],
        rows: &mut Vec<SourceRow>,
    ) -> Result<Open, ReadError> {
        let Some(list) = list_of(name) else {
            let note =
                self.note(at, "element_not_read", "the element is no part of the census and was not read");
            annotate(open, rows, note);
            return Ok(Open::Unknown);
        };
        if rows.len() >= self.most_rows {
            return Err(self.input.malformed(at, TOO_MANY_ROWS));
        }
        let parent = innermost(open, rows).map(|(index, _)| index);
        rows.push(SourceRow { refusal: Some(Refusal::Misplaced), ..self.row(list, parent, at) });
        Ok(Open::Unknown)
    }

    /// A remark about an element whose name differs from the declared one in capital letters.
    fn spelt_otherwise(&self, name: &str, declared: &str, at: Position) -> Option<Note> {
        let text = format!("the element is read as {declared}: capital letters differ");
        (name != declared).then(|| self.note(at, "element_spelt_otherwise", &text))
    }

    fn begin(
        &mut self,
        name: &str,
        at: Position,
        open: &[Open],
        rows: &mut Vec<SourceRow>,
    ) -> Result<Open, ReadError> {
        let holds_elements = matches!(open.last(), Some(Open::Row(_) | Open::Container));
        let Some((index, row)) = innermost(open, rows).filter(|_| holds_elements) else {
            return self.unread(name, at, open, rows);
        };
        let list = row.list;
        let enclosed = |next: &&'static List| {
            let is_it = next.element.as_deref().is_some_and(|element| is_spelt(name, element));
            is_it && next.parent.as_deref() == Some(list.code.as_str())
        };
        if let Some(next) = Layout::cin_census().lists.iter().find(enclosed) {
            if rows.len() >= self.most_rows {
                return Err(self.input.malformed(at, TOO_MANY_ROWS));
            }
            let mut row = self.row(next, Some(index), at);
            row.notes.extend(self.spelt_otherwise(name, next.element.as_deref().unwrap_or(name), at));
            rows.push(row);
            return Ok(Open::Row(rows.len() - 1));
        }
        if let Some(container) = list.containers.iter().find(|container| is_spelt(name, container)) {
            self.spelt_otherwise(name, container, at).into_iter().for_each(|note| annotate(open, rows, note));
            return Ok(Open::Container);
        }
        let headers =
            list.columns.iter().flat_map(|column| column.headers.iter().map(move |it| (column, it)));
        let Some((column, header)) = headers.into_iter().find(|(_, header)| is_spelt(name, header)) else {
            return self.unread(name, at, open, rows);
        };
        self.spelt_otherwise(name, header, at).into_iter().for_each(|note| annotate(open, rows, note));
        Ok(Open::Leaf { name: name.to_owned(), column, at, text: String::new() })
    }

    fn text(&self, text: &str, at: Position, open: &mut [Open], rows: &mut [SourceRow]) {
        match open.last_mut() {
            // What is too long already is refused whole: no more of it is held.
            Some(Open::Leaf { text: gathered, .. }) if gathered.len() <= text::MOST_BYTES => {
                gathered.push_str(text);
            }
            Some(Open::Leaf { .. }) => {}
            Some(Open::Row(_) | Open::Container) if !text.trim().is_empty() => {
                let note = self.note(at, "stray_text", "text stands between elements and was not read");
                annotate(open, rows, note);
            }
            Some(Open::Row(_) | Open::Container | Open::Unknown) | None => {}
        }
    }

    fn end(&self, ended: Option<Open>, open: &mut [Open], rows: &mut Vec<SourceRow>) {
        let Some(Open::Leaf { name, column, at, text }) = ended else {
            return;
        };
        let (raw, reading) = from_text(&text, column);
        // The element itself has just been closed: its name is added to the path again.
        let place = self.input.place_below(&name, at);
        let Some((index, row)) = innermost(open, rows) else {
            return;
        };
        let mut notes: Vec<Note> = remark(&reading, column)
            .map(|(code, text)| Note { place: place.clone(), code, text })
            .into_iter()
            .collect();
        let again = row.value(&column.field).is_some();
        let value = SourceValue { column, place: place.clone(), raw, reading };
        if again && column.many && column.role == Role::Key {
            let sibling = SourceRow {
                list: row.list,
                place,
                parent: row.parent,
                values: vec![value],
                notes,
                refusal: None,
            };
            rows.push(sibling);
            return;
        }
        let Some(row) = rows.get_mut(index) else {
            return;
        };
        if again && !column.many {
            notes.push(Note {
                place,
                code: "element_repeated",
                text: format!("{name} stands twice; the first counts"),
            });
        } else {
            row.values.push(value);
        }
        row.notes.append(&mut notes);
    }

    fn row(&self, list: &'static List, parent: Option<usize>, at: Position) -> SourceRow {
        let place = self.input.place(at);
        SourceRow { list, place, parent, values: Vec::new(), notes: Vec::new(), refusal: None }
    }

    fn note(&self, at: Position, code: &'static str, text: &str) -> Note {
        Note { place: self.input.place(at), code, text: text.to_owned() }
    }
}

/// Adds a blank for each field that the file holds elsewhere but this row does not, and refuses the dates whose day
/// is not certain.
pub(super) fn completed(mut gathered: SubjectRows, survey: &Survey) -> SubjectRows {
    let elsewhere = survey.is_month_first();
    for row in &mut gathered.rows {
        let list = row.list.code.as_str();
        for value in row.values.iter_mut().filter(|value| value.column.value == ValueKind::Date) {
            survey.order(list, &value.column.field).settle(elsewhere, value);
        }
        for column in &row.list.columns {
            if row.value(&column.field).is_none() && survey.has(&row.list.code, &column.field) {
                row.values.push(SourceValue {
                    column,
                    place: row.place.clone(),
                    raw: String::new(),
                    reading: Reading::Blank,
                });
            }
        }
    }
    gathered
}

/// The list of an element's name, wherever the element stands.
fn list_of(name: &str) -> Option<&'static List> {
    let mut lists = Layout::cin_census().lists.iter();
    lists.find(|list| list.element.as_deref().is_some_and(|element| is_spelt(name, element)))
}

/// Whether a name is a declared one, whatever its capital letters.
fn is_spelt(name: &str, declared: &str) -> bool {
    name.eq_ignore_ascii_case(declared)
}

fn innermost<'a>(open: &[Open], rows: &'a [SourceRow]) -> Option<(usize, &'a SourceRow)> {
    let index = open.iter().rev().find_map(|element| match element {
        Open::Row(index) => Some(*index),
        Open::Container | Open::Leaf { .. } | Open::Unknown => None,
    })?;
    rows.get(index).map(|row| (index, row))
}

fn annotate(open: &[Open], rows: &mut [SourceRow], note: Note) {
    if let Some((index, _)) = innermost(open, rows)
        && let Some(row) = rows.get_mut(index)
    {
        row.notes.push(note);
    }
}
