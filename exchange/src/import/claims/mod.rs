//! What the rows of one subject claim to have happened, before it is compared
//! with anything that is held.
//!
//! A *record* is a process or a dated act with its opening event; a record's other
//! claims follow it. Records stand in the order of the rows, parents first.
//! No event id and no entity id is made here.

mod adoption;
mod annex_a;
mod cin_census;
mod looked_after;
mod person;
mod values;

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::{Body, EntityRole, Kind};
use domain::time::Occurred;

use crate::extract::{Place, SourceRow, Subject, SubjectRows};
use crate::recognise::Format;
pub(super) use person::Person;

/// Everything the rows of one subject claim.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Who the child is; `None` for an adopter.
    pub(super) person: Option<Person>,
    /// Records in the order of the rows.
    pub(super) records: Vec<Record>,
    /// Claims that belong to the subject itself.
    pub(super) own: Vec<Follow>,
    /// Rows whose record cannot be read.
    pub(super) refused: Vec<Refused>,
}

/// A row that cannot be read, or a cell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) row: usize,
    pub(super) place: Place,
    pub(super) column: String,
    pub(super) value: String,
    pub(super) reason: String,
    /// Whether the whole row is lost with it.
    pub(super) whole_row: bool,
}

/// One process or dated act.
#[derive(Debug)]
pub(super) struct Record {
    /// Index of the row.
    pub(super) row: usize,
    /// The process that the opening event founds; `None` for an act without one.
    pub(super) own: Option<EntityRole>,
    /// Records whose process its events also belong to, the parent first.
    pub(super) links: Vec<usize>,
    /// How absence and further dates are read.
    pub(super) mode: Mode,
    /// The key date, where it is stated.
    pub(super) key: Option<NaiveDate>,
    /// The opening event.
    pub(super) opening: Claim,
    /// What follows it.
    pub(super) then: Vec<Follow>,
}

/// How a record's list holds records of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Each record has a row (or element) of its own.
    Listed,
    /// Only the newest of many is given.
    Latest,
}

/// A claim beside the opening of a record.
#[derive(Debug)]
pub(super) enum Follow {
    /// Happens at most once in the record.
    Once(Claim),
    /// The state as it stands on the day described; a different one is a new event.
    State(Claim),
    /// The column is there and empty: nothing of this kind is claimed.
    Nothing {
        /// The kind that is not claimed.
        kind: Kind,
        /// The row that does not claim it.
        row: usize,
        /// What a held event of this kind means then.
        meaning: Emptied,
    },
}

impl Follow {
    /// The claim, where one is made.
    pub(super) fn claim(&self) -> Option<&Claim> {
        match self {
            Follow::Once(claim) | Follow::State(claim) => Some(claim),
            Follow::Nothing { .. } => None,
        }
    }
}

/// What an emptied column means for what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emptied {
    /// The value was withdrawn.
    ValueWithdrawn,
    /// The newest of many was withdrawn.
    LatestWithdrawn,
    /// Nobody holds the case any more: a new state.
    Deallocated,
}

/// One event that a row claims.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    /// Index of the row.
    pub(super) row: usize,
    /// Where the decisive value stands.
    pub(super) place: Place,
    /// When it happened.
    pub(super) occurred: Occurred,
    /// Whether the source states the time, so that another one is a change.
    pub(super) dated: bool,
    /// What happened.
    pub(super) body: Body,
    /// Fields of the details about which the row says nothing.
    pub(super) silent: Vec<&'static str>,
    /// What only the holder of the subject's key may read.
    pub(super) sealed: SealedFields,
    /// Remarks that become observations on the event.
    pub(super) remarks: Vec<Remark>,
    /// Where two kinds of one process would be alike, what tells them apart.
    pub(super) discriminator: Option<&'static str>,
}

/// An irregularity of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) code: &'static str,
    pub(super) field: &'static str,
}

/// Gathers the claims of one subject.
pub(super) fn gather(rows: &SubjectRows, format: Format, as_at: NaiveDate) -> Claims {
    let mut gathering =
        Gathering { claims: Claims::default(), as_at, first_of_row: vec![None; rows.rows.len()] };
    match (format, &rows.subject) {
        (_, Subject::Nobody) => gathering.refuse_nobody(rows),
        (Format::AnnexA, Subject::Adopter(_)) => adoption::adopter(&mut gathering, rows),
        (Format::AnnexA, Subject::Child(_)) => annex_a::child(&mut gathering, rows),
        (Format::CinCensus, Subject::Child(_) | Subject::Adopter(_)) => {
            cin_census::child(&mut gathering, rows)
        }
        // Events are imported as events; they never arrive as rows.
        (Format::EventsJsonLines, Subject::Child(_) | Subject::Adopter(_)) => {}
    }
    gathering.refuse_cells(rows);
    gathering.claims
}

/// Claims in the making.
struct Gathering {
    claims: Claims,
    as_at: NaiveDate,
    /// The record that each row founds first: what rows enclosed in it belong to.
    first_of_row: Vec<Option<usize>>,
}

impl Gathering {
    /// Adds a record and returns its index.
    fn add(&mut self, record: Record) -> usize {
        let (index, row) = (self.claims.records.len(), record.row);
        self.claims.records.push(record);
        if let Some(first) = self.first_of_row.get_mut(row) {
            first.get_or_insert(index);
        }
        index
    }

    /// The record that the row enclosing `row` founds.
    fn parent_of(&self, row: &SourceRow) -> Option<usize> {
        self.first_of_row.get(row.parent?).copied().flatten()
    }

    /// Whether the whole row was refused.
    fn is_refused(&self, row: usize) -> bool {
        self.claims.refused.iter().any(|refused| refused.whole_row && refused.row == row)
    }

    fn refuse_nobody(&mut self, rows: &SubjectRows) {
        for (index, row) in rows.rows.iter().enumerate() {
            let named = row.list.columns.first().map_or("", |column| column.header());
            self.claims.refused.push(Refused {
                row: index,
                place: row.place.clone(),
                column: named.to_owned(),
                value: String::new(),
                reason: "the row names nobody".to_owned(),
                whole_row: true,
            });
        }
    }

    /// Refuses each cell that cannot be read; a key that cannot be read was refused with its row.
    fn refuse_cells(&mut self, rows: &SubjectRows) {
        for (index, row) in rows.rows.iter().enumerate() {
            for value in &row.values {
                let lost = self.claims.refused.iter().any(|refused| refused.place == value.place);
                if let crate::extract::Reading::Unreadable { reason } = value.reading
                    && !lost
                {
                    self.claims.refused.push(values::refused(index, value, reason, false));
                }
            }
        }
    }
}
