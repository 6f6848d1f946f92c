//! What the rows of one subject claim to have happened, before it is compared
//! with anything that is held.
//!
//! A *record* is a process or a dated act with its opening event; a record's other
//! claims follow it. Records stand in the order of the rows, parents first.
//! No event id and no entity id is made here.

mod gather;
mod person;
mod two_children;
mod undated;
mod values;

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::{Body, EntityRole, Kind};
use domain::time::Occurred;

use crate::extract::{Note, Place, Subject, SubjectRows};
use crate::layout::{EventRule, Layout, Role};
pub(super) use person::Person;
use values::Row;

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
    /// Lists and kinds of which a row could not say which record it is: nothing is absent there.
    pub(super) unsaid: Vec<(&'static str, Kind)>,
    /// Notes about rows for the report.
    pub(super) notes: Vec<(usize, Note)>,
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
    /// Whether a child has only one such record with this key date.
    pub(super) one_a_day: bool,
    /// Whether a child or adopter has only one such record, whatever its key date.
    pub(super) only_one: bool,
    /// The opening event.
    pub(super) opening: Claim,
    /// What follows it.
    pub(super) then: Vec<Follow>,
}

impl Record {
    /// By what records of a kind are told apart: their days, where there can be several.
    pub(super) fn apart(&self) -> Option<NaiveDate> {
        self.key.filter(|_| !self.only_one)
    }

    /// Whether a record that began on a day can be this one.
    pub(super) fn is_of(&self, day: Option<NaiveDate>) -> bool {
        self.only_one || day == self.key
    }
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
#[derive(Debug, Clone)]
pub(super) enum Follow {
    /// Happens at most once in the record.
    Once(Claim),
    /// The state as it stands on the day described; a different one is a new event.
    State {
        /// The claim.
        claim: Claim,
        /// Whether it is the state with which the process began: no event, until another state is held.
        as_begun: bool,
    },
    /// The column is there and empty: nothing of this kind is claimed.
    Nothing {
        /// What is not claimed.
        rule: &'static EventRule,
        /// The row that does not claim it.
        row: usize,
        /// What a held event of this kind means then.
        meaning: Emptied,
    },
    /// What a row states of a record whose day it could not say: it is no event.
    Undated(Claim),
    /// The cell could not be read, or the source could not say: such an event may have happened.
    Unsaid {
        /// What may have happened.
        rule: &'static EventRule,
        /// The row that could not say it.
        row: usize,
    },
    /// The cell that decides on an event is not empty and says nothing, whether it could not be said or there is none yet.
    Silent {
        /// What it says nothing of.
        rule: &'static EventRule,
        /// The row.
        row: usize,
    },
    /// The source could not say a fact of an event on which it depends what duties follow from it.
    Doubtful {
        /// The kind of the event.
        kind: Kind,
        /// The row that could not say it.
        row: usize,
        /// The fact.
        field: &'static str,
        /// The day of the event.
        on: NaiveDate,
    },
}

impl Follow {
    /// The claim, where one is made.
    pub(super) fn claim(&self) -> Option<&Claim> {
        match self {
            Follow::Once(claim) | Follow::State { claim, .. } => Some(claim),
            Follow::Nothing { .. }
            | Follow::Undated(_)
            | Follow::Unsaid { .. }
            | Follow::Silent { .. }
            | Follow::Doubtful { .. } => None,
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
    /// The source wrote what it writes where it has no value: there is none, and what is held stays.
    NoneYet,
    /// An event of another kind says that the state has ended.
    Gives(Kind),
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
    /// Fields of the details that the row states; all others stay as they are held.
    pub(super) stated: Vec<&'static str>,
    /// Fields with a code that its list does not know: held where nothing else is, and never in a value's place.
    pub(super) unsure: Vec<&'static str>,
    /// Fields whose cell is not empty and says nothing, each with its column.
    pub(super) silent: Vec<(&'static str, &'static str)>,
    /// What only the holder of the subject's key may read.
    pub(super) sealed: SealedFields,
    /// Remarks that become observations on the event.
    pub(super) remarks: Vec<Remark>,
    /// Where a process can have several events of this kind, the field that tells them apart.
    pub(super) apart_by: Option<&'static str>,
}

impl Claim {
    /// What follows from a file by no cell of its own: an event whose day is not stated.
    pub(super) fn of_body(row: usize, place: Place, occurred: Occurred, body: Body) -> Self {
        Claim {
            row,
            place,
            occurred,
            dated: false,
            body,
            stated: Vec::new(),
            unsure: Vec::new(),
            silent: Vec::new(),
            sealed: SealedFields::none(),
            remarks: Vec::new(),
            apart_by: None,
        }
    }

    /// Whether two claims of one kind can be about one event: no field that both state is stated differently. An empty
    /// cell of one says nothing against the other.
    pub(super) fn agrees_with(&self, other: &Claim) -> bool {
        let (ours, theirs) = (self.body.fields(), other.body.fields());
        let same = |field: &&str| match (ours.get(*field), theirs.get(*field)) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (Some(_) | None, _) => true,
        };
        let said = |claim: &Claim| claim.stated.iter().chain(&claim.unsure).copied().collect::<Vec<_>>();
        self.body.kind() == other.body.kind() && said(self).iter().chain(&said(other)).all(same)
    }

    /// Adds what another claim about the same event states, and this one does not.
    pub(super) fn fill_from(&mut self, other: &Claim) {
        let (mut fields, theirs) = (self.body.fields(), other.body.fields());
        for field in &other.stated {
            let Some(value) = theirs.get(*field).filter(|_| !fields.contains_key(*field)) else { continue };
            fields.insert((*field).to_owned(), value.clone());
            if !self.stated.contains(field) {
                self.stated.push(field);
            }
        }
        if let Ok(body) = Body::of(self.body.kind(), serde_json::Value::Object(fields)) {
            self.body = body;
        }
        for (name, text) in &other.sealed.0 {
            self.sealed.0.entry(name.clone()).or_insert_with(|| text.clone());
        }
        let new = other.remarks.iter().filter(|remark| !self.remarks.contains(remark)).cloned();
        let new: Vec<Remark> = new.collect();
        self.remarks.extend(new);
    }
}

/// An irregularity of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) code: &'static str,
    pub(super) field: &'static str,
}

/// Gathers the claims of one subject.
pub(super) fn gather(rows: &SubjectRows, layout: &'static Layout, as_at: NaiveDate) -> Claims {
    let mut gathering =
        Gathering { claims: Claims::default(), as_at, opened: vec![Vec::new(); rows.rows.len()] };
    let is_child = matches!(rows.subject, Subject::Child(_));
    if rows.subject == Subject::Nobody {
        gathering.refuse_nobody(rows);
    } else if is_child && gathering.refuse_two_children(&layout.person, rows) {
        return gathering.claims;
    } else {
        for (index, source) in rows.rows.iter().enumerate() {
            match source.refusal {
                Some(refusal) => gathering.refuse_unread(index, source, refusal),
                None => gathering.row(Row { index, source, as_at }, rows),
            }
        }
        if let Subject::Child(_) = &rows.subject {
            gathering.person(&layout.person, rows);
        }
    }
    gathering.refuse_cells(rows);
    gathering.claims
}

/// Claims in the making.
struct Gathering {
    claims: Claims,
    as_at: NaiveDate,
    /// The processes that each row opens, each with its record.
    opened: Vec<Vec<(EntityRole, usize)>>,
}

impl Gathering {
    /// Adds a record and returns its index.
    fn add(&mut self, record: Record) -> usize {
        let index = self.claims.records.len();
        if let (Some(role), Some(opened)) = (record.own, self.opened.get_mut(record.row)) {
            opened.push((role, index));
        }
        self.claims.records.push(record);
        index
    }

    /// The record that opens the process of this role: in the row, or in a row around it.
    fn process(&self, row: usize, rows: &SubjectRows, role: EntityRole) -> Option<usize> {
        let mut next = Some(row);
        while let Some(at) = next {
            let found = self.opened.get(at)?.iter().rev().find(|(held, _)| *held == role);
            if let Some((_, index)) = found {
                return Some(*index);
            }
            next = rows.rows.get(at)?.parent;
        }
        None
    }

    /// Whether the whole row was refused.
    fn is_refused(&self, row: usize) -> bool {
        self.claims.refused.iter().any(|refused| refused.whole_row && refused.row == row)
    }

    fn refuse_nobody(&mut self, rows: &SubjectRows) {
        for (index, row) in rows.rows.iter().enumerate() {
            let named =
                row.values.iter().find(|value| matches!(value.column.role, Role::Child | Role::Adopter));
            let unreadable = named.and_then(|value| value.reading.refusal());
            self.claims.refused.push(Refused {
                row: index,
                place: unreadable.and(named).map_or(&row.place, |value| &value.place).clone(),
                column: row.list.columns.first().map_or("", |column| column.header()).to_owned(),
                value: named.map(|value| value.raw.clone()).unwrap_or_default(),
                reason: match row.refusal {
                    Some(refusal) => refusal.reason().into_owned(),
                    None => unreadable.unwrap_or("the row names nobody").to_owned(),
                },
                whole_row: true,
            });
        }
    }

    /// Refuses each cell that cannot be read; a key that cannot be read was refused with its row.
    fn refuse_cells(&mut self, rows: &SubjectRows) {
        // Of a row that is not read, no cell is judged.
        let read = rows.rows.iter().enumerate().filter(|(_, row)| row.refusal.is_none());
        for (index, row) in read {
            for value in &row.values {
                let lost = self.claims.refused.iter().any(|refused| refused.place == value.place);
                if let Some(reason) = value.reading.refusal()
                    && !lost
                {
                    self.claims.refused.push(values::refused(index, value, reason, false));
                }
            }
        }
    }
}
