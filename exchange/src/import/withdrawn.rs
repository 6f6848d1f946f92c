//! What an import takes back, each with why, and where an earlier file held it.

use std::fmt;

use chrono::NaiveDate;
use domain::events::Kind;
use domain::ids::StreamId;

use super::held::HeldEvent;
use super::planning::Planner;
use crate::extract::Place;

/// A record, or a value of one, that an import withdraws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// The stream of whom it is about.
    pub stream: StreamId,
    /// The kind of event: of a record, the one that opened it.
    pub kind: Kind,
    /// When it happened.
    pub on: Option<NaiveDate>,
    /// Why.
    pub why: WhyWithdrawn,
    /// The list and row of the file that held it, as its event names them: `list_7` and 12.
    pub stood: Option<(String, u32)>,
}

/// A record that no row names, and that is kept because somebody recorded something of it by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The stream of whom it is about.
    pub stream: StreamId,
    /// The kind of event that opened it.
    pub kind: Kind,
    /// When it began.
    pub on: Option<NaiveDate>,
    /// The kind of the first of its events that somebody recorded, or amended, by hand.
    pub by_hand: Kind,
}

/// Why an import withdraws something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyWithdrawn {
    /// No row of its list names the record, and the list should hold it.
    NotListed,
    /// Its cell is there, and empty.
    Emptied {
        /// The row.
        place: Place,
    },
    /// A file about a later day, imported before, names its record and leaves the cell empty, or does not name it at all.
    ByNewerFile {
        /// The day of that file.
        as_at: NaiveDate,
    },
}

impl fmt::Display for WhyWithdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotListed => write!(f, "no row names it, and its list should hold it"),
            Self::Emptied { place } => write!(f, "its cell is empty now ({place})"),
            Self::ByNewerFile { as_at } => {
                write!(f, "the file about {as_at}, imported before, should state it and does not")
            }
        }
    }
}

impl Planner<'_> {
    /// Remembers for the report what is withdrawn, and why.
    pub(super) fn note_withdrawn(&mut self, event: &HeldEvent, why: WhyWithdrawn) {
        let (why, stood) = match &self.behalf {
            Some(_) => (WhyWithdrawn::ByNewerFile { as_at: self.import.as_at }, None),
            None => (why, event.sheet.clone().map(|sheet| (sheet, event.row))),
        };
        let (stream, kind, on) = (self.stream, event.kind(), event.occurred.day());
        self.withdrawn.push(Withdrawn { stream, kind, on, why, stood });
    }

    /// Remembers for the report what no row names and is kept all the same.
    pub(super) fn note_kept(&mut self, event: &HeldEvent, by_hand: Kind) {
        let (stream, kind, on) = (self.stream, event.kind(), event.occurred.day());
        self.kept.push(Kept { stream, kind, on, by_hand });
    }
}
