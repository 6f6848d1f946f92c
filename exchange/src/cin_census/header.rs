//! The head of a census message: which collection, which day, whose return.

use std::collections::BTreeMap;
use std::io::BufRead;

use chrono::{Datelike, NaiveDate};

use super::input::{Input, Piece, Position};
use crate::dates;
use crate::errors::ReadError;
use crate::extract::{Note, Place};
use crate::guard::Limits;

/// Why a message with two headers is not read: which children are whose, and of which day, cannot be told.
pub(super) const SECOND_HEADER: &str =
    "a second header begins here; give each authority and each year in a file of its own";

/// The first elements of a file, for telling its format.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    pub(crate) root: Option<String>,
    pub(crate) collection: Option<String>,
}

/// Reads as much of the first bytes of a file as is there.
///
/// # Errors
/// A DOCTYPE or a foreign entity among them. A file that is cut off here is not an
/// error: only its beginning was given.
pub(crate) fn opening(head: &[u8]) -> Result<Opening, ReadError> {
    let limits = Limits { xml_token_bytes: u64::MAX, ..Limits::default() };
    let mut input = Input::new(head, limits);
    let mut opening = Opening::default();
    let mut in_collection = false;
    loop {
        match input.next() {
            Ok((Piece::Start(name), _)) => {
                in_collection = name == "Collection";
                if opening.root.is_none() {
                    opening.root = Some(name);
                }
            }
            Ok((Piece::Text(text), _)) if in_collection => {
                opening.collection = Some(text.trim().to_owned());
                return Ok(opening);
            }
            Ok((Piece::Text(_) | Piece::End, _)) => {}
            Ok((Piece::Eof, _)) => return Ok(opening),
            Err(fault @ (ReadError::DoctypeRefused { .. } | ReadError::EntityRefused { .. })) => {
                return Err(fault);
            }
            Err(_) => return Ok(opening),
        }
    }
}

/// The values of the header by element name.
#[derive(Debug, Default)]
pub(super) struct Header {
    values: BTreeMap<String, (String, Place)>,
}

/// Reads up to the start of `Children`, or to the end of a message without any.
pub(super) fn read<R: BufRead>(input: &mut Input<R>) -> Result<Header, ReadError> {
    let mut header = Header::default();
    let mut name = String::new();
    let mut begun = Position { line: 1, column: 1 };
    let mut has_begun = false;
    loop {
        let (piece, at) = input.next()?;
        match piece {
            Piece::Start(next) if next == "Children" => return Ok(header),
            Piece::Start(next) if next == "Header" && std::mem::replace(&mut has_begun, true) => {
                return Err(input.malformed(at, SECOND_HEADER));
            }
            Piece::Start(next) => {
                name = next;
                begun = at;
            }
            // What no text may hold is not stated.
            Piece::Text(text) if !text.trim().is_empty() && crate::text::kept(&text).is_ok() => {
                let place = input.place(begun);
                header.values.entry(name.clone()).or_insert((text.trim().to_owned(), place));
            }
            Piece::Text(_) | Piece::End => {}
            Piece::Eof => return Ok(header),
        }
    }
}

impl Header {
    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|(text, _)| text.as_str())
    }

    /// The authority's code.
    pub(super) fn authority(&self) -> Option<&str> {
        self.value("LEA")
    }

    /// The software that wrote the file.
    pub(super) fn software(&self) -> Option<&str> {
        self.value("SoftwareCode")
    }

    /// The day that the return describes.
    ///
    /// # Errors
    /// [`ReadError::CensusHeader`] where it is missing or no date.
    pub(super) fn reference_date(&self) -> Result<NaiveDate, ReadError> {
        let refused = |reason: &str| ReadError::CensusHeader {
            element: "/Message/Header/CollectionDetails/ReferenceDate".to_owned(),
            reason: format!("{reason}; correct it or give --as-at YYYY-MM-DD"),
        };
        let text = self.value("ReferenceDate").ok_or_else(|| refused("is missing"))?;
        dates::from_text(text).map_err(|reason| refused(&format!("cannot be read ({reason})")))
    }

    /// Remarks on the header: a layout year that is not the year of the day described,
    /// and a missing authority.
    pub(super) fn notes(&self, day: NaiveDate) -> Vec<Note> {
        let mut notes = Vec::new();
        if let Some((year, place)) = self.values.get("Year")
            && year.parse() != Ok(day.year())
        {
            notes.push(Note {
                place: place.clone(),
                code: "year_unlike_reference_date",
                text: format!("the header's year is {year}, the day described is {day}; the day counts"),
            });
        }
        if self.authority().is_none() {
            notes.push(Note {
                place: Place::File,
                code: "authority_not_stated",
                text: "the header names no authority (LEA)".to_owned(),
            });
        }
        notes
    }
}
