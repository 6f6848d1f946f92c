//! Identifiers of one file, and of the ledger, that are easily mistaken for one another.
//!
//! Two spellings of one identifier are one child; two identifiers that only look alike are two, and are
//! pointed at: somebody may have typed O for 0, or lost a leading zero.

use std::collections::BTreeMap;

use domain::events::identity::likeness_kind;
use domain::identifier::likeness;
use domain::ids::StreamId;

use crate::extract::{Note, Place, Subject, SubjectRows};

/// The subjects of a file so far, by what their identifiers have in common.
#[derive(Debug, Default)]
pub struct Likenesses(BTreeMap<(bool, String), (String, Place)>);

/// By what a subject's identifier is looked up among those held: its kind and what it has in common with others.
#[must_use]
pub fn looked_up(subject: &Subject) -> Option<(&'static str, String)> {
    let (kind, id) = match subject {
        Subject::Child(id) => ("la_child_id", id),
        Subject::Adopter(id) => ("adopter_id", id),
        Subject::Nobody => return None,
    };
    let alike = likeness(id);
    likeness_kind(kind).filter(|_| !alike.is_empty()).map(|kind| (kind, alike))
}

/// A note that a subject who is new looks like one who is held. It holds no identifier.
#[must_use]
pub fn alike_held(rows: &SubjectRows, held: StreamId) -> Option<Note> {
    let first = rows.rows.first()?;
    Some(Note {
        place: first.place.clone(),
        code: "identifier_like_one_held",
        text: format!(
            "the identifier looks like that of {held} in the ledger: recorded as another child; check O and 0, I and \
             1, leading zeros and punctuation"
        ),
    })
}

impl Likenesses {
    /// Takes the rows of the next subject; a note for each row that spells its identifier otherwise than the first
    /// one, and one where another subject's identifier looks alike. No note holds an identifier.
    pub fn see(&mut self, rows: &SubjectRows) -> Vec<Note> {
        let (adopter, id) = match &rows.subject {
            Subject::Child(id) => (false, id),
            Subject::Adopter(id) => (true, id),
            Subject::Nobody => return Vec::new(),
        };
        let Some(first) = rows.rows.first() else { return Vec::new() };
        let mut notes: Vec<Note> = rows
            .rows
            .iter()
            .filter(|row| row.written().is_some() && row.written() != first.written())
            .map(|row| Note {
                place: row.place.clone(),
                code: "identifier_spelled_otherwise",
                text: format!(
                    "the identifier differs from that of {} only in case, blanks or invisible characters: one child",
                    first.place
                ),
            })
            .collect();
        let several = rows.rows.iter().find(|row| row.written().is_some_and(names_several));
        notes.extend(several.map(|row| Note {
            place: row.place.clone(),
            code: "identifier_of_several",
            text: "the identifier reads like several, and is read as one child: give each child a row of its own"
                .to_owned(),
        }));
        let alike =
            self.0.entry((adopter, likeness(id))).or_insert_with(|| (id.clone(), first.place.clone()));
        if alike.0 != *id {
            notes.push(Note {
                place: first.place.clone(),
                code: "identifiers_alike",
                text: format!(
                    "the identifier looks like that of {}: read as another child; check O and 0, I and 1, \
                     leading zeros and punctuation",
                    alike.1
                ),
            });
        }
        notes
    }
}

/// Whether an identifier reads like two or more of one form, as in `A-1 / A-2` or on two lines of a cell.
fn names_several(written: &str) -> bool {
    let by_marks = written.split([',', ';', '&', '|', '\n']).flat_map(|part| part.split(" / "));
    let parts: Vec<&str> = by_marks.map(str::trim).filter(|part| !part.is_empty()).collect();
    let parts = if parts.len() > 1 { parts } else { written.split_whitespace().collect() };
    let has_both = |part: &&str| {
        part.chars().any(|c| c.is_ascii_digit()) && (part.len() > 4 || part.chars().any(char::is_alphabetic))
    };
    let form = |part: &str| {
        let of = |c: char| {
            if c.is_ascii_digit() {
                '9'
            } else if c.is_alphabetic() {
                'A'
            } else {
                c
            }
        };
        part.chars().map(of).collect::<String>()
    };
    let first = parts.first().map(|first| form(first));
    parts.len() > 1 && parts.iter().all(has_both) && parts.iter().all(|part| Some(form(part)) == first)
}
