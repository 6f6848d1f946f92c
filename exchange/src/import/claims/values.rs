//! From readings to the values that facts take.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::{Body, Code, EntityRole, Kind};
use domain::time::Occurred;

use super::{Claim, Emptied, Follow, Gathering, Mode, Record, Refused, Remark};
use crate::extract::{Reading, SourceRow, SourceValue};

/// One row with its index and the day that the file describes.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) index: usize,
    pub(super) source: &'a SourceRow,
    pub(super) as_at: NaiveDate,
}

/// What a column says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stated<T> {
    /// The value.
    Value(T),
    /// The column is there, and empty.
    Blank,
    /// The column is missing, or its value cannot be told: nothing is said.
    Silent,
}

impl<T> Stated<T> {
    pub(super) fn value(self) -> Option<T> {
        match self {
            Stated::Value(value) => Some(value),
            Stated::Blank | Stated::Silent => None,
        }
    }
}

impl<'a> Row<'a> {
    pub(super) fn has(&self, field: &str) -> bool {
        self.source.value(field).is_some()
    }

    pub(super) fn date(&self, field: &str) -> Stated<NaiveDate> {
        self.stated(field, |reading| if let Reading::Date(day) = reading { Some(*day) } else { None })
    }

    pub(super) fn flag(&self, field: &str) -> Stated<bool> {
        self.stated(field, |reading| if let Reading::Flag(flag) = reading { Some(*flag) } else { None })
    }

    pub(super) fn count(&self, field: &str) -> Stated<u32> {
        self.stated(field, |reading| {
            if let Reading::Count(count) = reading { u32::try_from(*count).ok() } else { None }
        })
    }

    pub(super) fn text(&self, field: &str) -> Stated<&'a str> {
        let Some(value) = self.source.value(field) else {
            return Stated::Silent;
        };
        if let Reading::Text(_) = value.reading {
            return Stated::Value(value.raw.as_str());
        }
        if is_blank(&value.reading) { Stated::Blank } else { Stated::Silent }
    }

    /// A code that facts can hold. One that they cannot is silent here, and sealed by [`Claim::codes`].
    pub(super) fn code(&self, field: &str) -> Stated<Code> {
        self.stated(field, code_of)
    }

    /// The codes of a field that may stand several times.
    pub(super) fn codes(&self, field: &str) -> BTreeSet<Code> {
        self.source.values_of(field).filter_map(|value| code_of(&value.reading)).collect()
    }

    fn stated<T>(&self, field: &str, read: impl Fn(&Reading) -> Option<T>) -> Stated<T> {
        let Some(value) = self.source.value(field) else {
            return Stated::Silent;
        };
        if is_blank(&value.reading) {
            return Stated::Blank;
        }
        read(&value.reading).map_or(Stated::Silent, Stated::Value)
    }

    /// A claim dated by `field`, which is stated.
    pub(super) fn on(&self, field: &str, day: NaiveDate, body: impl Into<Body>) -> Claim {
        self.claim(field, Occurred::on(day), true, body.into())
    }

    /// A claim whose day the source does not tell: some time between `from` and the day described.
    pub(super) fn by_then(&self, field: &str, from: Option<NaiveDate>, body: impl Into<Body>) -> Claim {
        let from = from.filter(|day| *day <= self.as_at);
        self.claim(field, Occurred::within(from, Some(self.as_at)), false, body.into())
    }

    fn claim(&self, field: &str, occurred: Occurred, dated: bool, body: Body) -> Claim {
        let place = self.source.value(field).map_or(&self.source.place, |value| &value.place);
        Claim {
            row: self.index,
            place: place.clone(),
            occurred,
            dated,
            body,
            silent: Vec::new(),
            sealed: SealedFields::none(),
            remarks: Vec::new(),
            discriminator: None,
        }
    }

    /// What follows from a date column: the event, its withdrawal, or nothing.
    pub(super) fn once(&self, field: &str, body: impl Into<Body>) -> Option<Follow> {
        let body = body.into();
        match self.date(field) {
            Stated::Value(day) => Some(Follow::Once(self.on(field, day, body))),
            Stated::Blank => Some(self.nothing(body.kind(), Emptied::ValueWithdrawn)),
            Stated::Silent => None,
        }
    }

    /// The column is there and claims nothing of this kind.
    pub(super) fn nothing(&self, kind: Kind, meaning: Emptied) -> Follow {
        Follow::Nothing { kind, row: self.index, meaning }
    }
}

fn is_blank(reading: &Reading) -> bool {
    matches!(reading, Reading::Blank | Reading::SourceError)
}

fn code_of(reading: &Reading) -> Option<Code> {
    if let Reading::Code { code, .. } = reading { Code::try_new(code).ok() } else { None }
}

impl Follow {
    /// The same, with the claim changed.
    pub(super) fn with(self, change: impl FnOnce(Claim) -> Claim) -> Follow {
        match self {
            Follow::Once(claim) => Follow::Once(change(claim)),
            Follow::State(claim) => Follow::State(change(claim)),
            Follow::Nothing { .. } => self,
        }
    }
}

impl Claim {
    /// Fields of the details about which the row says nothing.
    #[must_use]
    pub(super) fn silent_on(mut self, fields: &[&'static str]) -> Self {
        self.silent.extend_from_slice(fields);
        self
    }

    /// The same claim, with what is irregular about these code columns: `(column, field of the details)`.
    /// A code that facts cannot hold is sealed as it stood and marked; a missing column is silent.
    #[must_use]
    pub(super) fn codes(mut self, row: Row<'_>, columns: &[(&'static str, &'static str)]) -> Self {
        for &(column, detail) in columns {
            let Some(value) = row.source.value(column) else {
                self.silent.push(detail);
                continue;
            };
            if let Reading::Code { code, known } = &value.reading {
                if Code::try_new(code).is_err() {
                    self.sealed = self.sealed.with(&format!("raw_{column}"), value.raw.clone());
                }
                if !known {
                    self.remarks.push(Remark { code: "code_unrecognised", field: column });
                }
            } else if !is_blank(&value.reading) {
                self.silent.push(detail);
            }
        }
        self
    }

    /// The same claim with one sealed field more, where the row states it.
    #[must_use]
    pub(super) fn sealing(mut self, row: Row<'_>, columns: &[(&str, &str)]) -> Self {
        for (column, name) in columns {
            if let Stated::Value(text) = row.text(column) {
                self.sealed = self.sealed.with(name, text);
            }
        }
        self
    }

    /// The same claim, told apart from its like by `name`.
    #[must_use]
    pub(super) fn told_apart_by(mut self, name: &'static str) -> Self {
        self.discriminator = Some(name);
        self
    }
}

/// How a record is founded.
pub(super) struct Founding {
    pub(super) own: Option<EntityRole>,
    pub(super) links: Vec<usize>,
    pub(super) mode: Mode,
}

impl Founding {
    /// A record with a row of its own.
    pub(super) fn listed(own: EntityRole, links: impl IntoIterator<Item = usize>) -> Self {
        Founding { own: Some(own), links: links.into_iter().collect(), mode: Mode::Listed }
    }

    /// The newest of many.
    pub(super) fn latest(own: Option<EntityRole>, links: impl IntoIterator<Item = usize>) -> Self {
        Founding { own, links: links.into_iter().collect(), mode: Mode::Latest }
    }
}

impl Gathering {
    /// Founds a record on the key date in `field`.
    ///
    /// A key that cannot be read refuses the row. A key that is not stated gives a record at an
    /// unknown time; the date is not invented.
    pub(super) fn found(
        &mut self,
        row: Row<'_>,
        field: &'static str,
        founding: Founding,
        opening: impl FnOnce(Claim) -> Claim,
        body: impl Into<Body>,
    ) -> Option<usize> {
        let value = row.source.value(field)?;
        if let Reading::Unreadable { reason } = value.reading {
            self.claims.refused.push(refused(row.index, value, reason, true));
            return None;
        }
        let key = row.date(field).value();
        let occurred = key.map_or(Occurred::UNKNOWN, Occurred::on);
        let mut claim = opening(row.claim(field, occurred, true, body.into()));
        if key.is_none() {
            claim.remarks.push(Remark { code: "date_not_stated", field });
        }
        let Founding { own, links, mode } = founding;
        Some(self.add(Record { row: row.index, own, links, mode, key, opening: claim, then: Vec::new() }))
    }

    /// Founds a record only where the date in `field` is stated; an empty column says that there is none.
    pub(super) fn found_if_stated(
        &mut self,
        row: Row<'_>,
        field: &'static str,
        founding: Founding,
        opening: impl FnOnce(Claim) -> Claim,
        body: impl Into<Body>,
    ) -> Option<usize> {
        let body = body.into();
        match row.date(field) {
            Stated::Value(_) => self.found(row, field, founding, opening, body),
            Stated::Blank if founding.mode == Mode::Latest => {
                let follow = row.nothing(body.kind(), Emptied::LatestWithdrawn);
                let parent = founding.links.first().copied();
                self.follow(parent, follow);
                None
            }
            Stated::Blank | Stated::Silent => None,
        }
    }

    /// Adds what follows to a record, or to the subject where there is none.
    pub(super) fn follow(&mut self, record: Option<usize>, follow: impl IntoIterator<Item = Follow>) {
        let held = record.and_then(|index| self.claims.records.get_mut(index));
        match held {
            Some(record) => record.then.extend(follow),
            None => self.claims.own.extend(follow),
        }
    }
}

impl IntoIterator for Follow {
    type Item = Follow;
    type IntoIter = std::iter::Once<Follow>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self)
    }
}

pub(super) fn refused(row: usize, value: &SourceValue, reason: &str, whole_row: bool) -> Refused {
    Refused {
        row,
        place: value.place.clone(),
        column: value.column.header().to_owned(),
        value: value.raw.clone(),
        reason: reason.to_owned(),
        whole_row,
    }
}
