//! Rows about one and the same record: which they are, and what they say of it together.
//!
//! A list with a row for each placement, worker or visit repeats what it says of the process, and of the reviews, visits
//! and checks within it. What is repeated is one record. What the rows state differently is another one, or in dispute.

use std::borrow::Cow;

use domain::events::EntityRole;
use domain::ids::EntityId;

use super::claims::{Claim, Claims, Follow, Mode, Record};
use super::planning::Planner;
use super::records::{self, Resolution};
use crate::extract::{Reading, SourceRow};
use crate::layout::Role;

/// Code of the remark on a row that repeats another word for word.
const REPEATED: &str = "row_repeated";

impl Planner<'_> {
    /// The first of the records before it that a record repeats. It agrees with everything that repeats that one too.
    pub(super) fn twin_of(
        &self,
        index: usize,
        before: &[usize],
        (records, resolved): (&[Record], &[Option<Resolution>]),
    ) -> Option<usize> {
        let resolution = |at: usize| resolved.get(at).copied().flatten();
        let about = |at: usize| match resolution(at) {
            Some(Resolution::Duplicate { of }) => of,
            Some(_) | None => at,
        };
        let firsts = before.iter().copied().filter(|at| about(*at) == *at);
        firsts.into_iter().find(|first| {
            before
                .iter()
                .filter(|at| about(**at) == *first)
                .all(|at| self.is_same_record(records, *at, index))
        })
    }

    /// Whether two records of a kind under one parent are one.
    fn is_same_record(&self, records: &[Record], left: usize, right: usize) -> bool {
        let Some((left, right)) = records.get(left).zip(records.get(right)) else {
            return false;
        };
        if left.key != right.key {
            return false;
        }
        if left.one_a_day && right.one_a_day {
            // One row for each placement: the period of care that all of them state is one.
            return left.opening.agrees_with(&right.opening);
        }
        let Some((left_row, right_row)) = self.rows.rows.get(left.row).zip(self.rows.rows.get(right.row))
        else {
            return false;
        };
        if left_row.list.code != right_row.list.code {
            // Rows of two lists that name the same process by its day.
            return left.key.is_some();
        }
        if left_row.place == right_row.place {
            return false;
        }
        let same_words = says(left_row) == says(right_row);
        same_words || (left.key.is_some() && is_beside(left, left_row) && is_same_act(left, right))
    }
}

/// Whether a record stands in a row that is another record: a review in the row of a plan.
fn is_beside(record: &Record, row: &SourceRow) -> bool {
    let kind = record.opening.body.kind();
    let own = row.list.events.iter().any(|rule| rule.kind == kind && row.list.is_own_key(rule));
    record.mode == Mode::Latest || !own
}

/// Whether two claims of one day and process are about one act: nothing that both say differs, sealed or not.
fn is_same_act(left: &Record, right: &Record) -> bool {
    let (ours, theirs) = (&left.opening.sealed, &right.opening.sealed);
    let sealed = ours.0.iter().all(|(name, text)| theirs.get(name).is_none_or(|other| other == text));
    sealed && left.opening.agrees_with(&right.opening)
}

/// What a row says beside whom it is about, whose identifier may be spelled otherwise in each.
fn says(row: &SourceRow) -> Vec<(&str, &Reading)> {
    let said = row.values.iter().filter(|value| !matches!(value.column.role, Role::Child | Role::Adopter));
    said.map(|value| (value.column.field.as_str(), &value.reading)).collect()
}

/// The opening of a record as all rows about it state it together: an empty cell takes nothing from what another row says.
pub(super) fn opening_of<'r>(
    index: usize,
    record: &'r Record,
    (all, resolved): (&[Record], &[Resolution]),
) -> Cow<'r, Claim> {
    let mut opening = Cow::Borrowed(&record.opening);
    for (other, resolution) in all.iter().zip(resolved) {
        if *resolution == (Resolution::Duplicate { of: index }) {
            opening.to_mut().fill_from(&other.opening);
        }
    }
    opening
}

impl Planner<'_> {
    /// Points at a row that repeats another word for word: it is read once, and the source may hold it twice.
    pub(super) fn note_repeated(&mut self, row: usize, other: Option<usize>) {
        let rows = &self.rows.rows;
        let values = |row: &SourceRow| -> Vec<(String, String)> {
            row.values.iter().map(|value| (value.column.field.clone(), value.raw.clone())).collect()
        };
        let pair = rows.get(row).zip(other.and_then(|other| rows.get(other)));
        let same =
            pair.is_some_and(|(row, other)| row.list.code == other.list.code && values(row) == values(other));
        let noted = self.notes.iter().any(|(of, note)| *of == row && note.code == REPEATED);
        if same && other != Some(row) && !noted {
            self.remark(
                row,
                REPEATED,
                "repeats another word for word and is read once; check the source for a double",
            );
        }
    }
}

impl Claims {
    /// Whether a follow says that there is nothing, or could not say it, and another row about the same process, or about
    /// the subject, states such an event: one row's empty cell takes nothing from it.
    pub(super) fn is_told_elsewhere(
        &self,
        follow: &Follow,
        process: Option<(EntityRole, EntityId)>,
        resolved: &[Resolution],
    ) -> bool {
        let (Follow::Nothing { rule, row, .. } | Follow::Unsaid { rule, row } | Follow::Silent { rule, row }) =
            follow
        else {
            return false;
        };
        let is_empty = matches!(follow, Follow::Nothing { .. });
        let tells = |other: &Follow| match other {
            Follow::Once(claim) | Follow::State { claim, .. } => claim.row != *row && rule.gives(&claim.body),
            // Nor does it from what another row could not say.
            Follow::Unsaid { rule: of, row: at } | Follow::Silent { rule: of, row: at } => {
                is_empty && at != row && of == rule
            }
            Follow::Nothing { .. } | Follow::Undated(_) | Follow::Doubtful { .. } => false,
        };
        let claims = |follows: &[Follow]| follows.iter().any(tells);
        let in_record = |(index, record): (usize, &Record)| {
            let follows =
                process.is_some() && self.process(index, resolved) == process && claims(&record.then);
            let newest = record.mode == Mode::Latest
                && record.row != *row
                && record.opening.body.kind() == rule.kind
                && record.links.first().and_then(|parent| self.process(*parent, resolved)) == process;
            follows || newest
        };
        (process.is_none() && claims(&self.own)) || self.records.iter().enumerate().any(in_record)
    }

    /// The process that a record is, once it is resolved.
    pub(super) fn process(&self, index: usize, resolved: &[Resolution]) -> Option<(EntityRole, EntityId)> {
        let role = self.records.get(index).and_then(|record| record.own)?;
        let id = resolved.get(index).and_then(|resolution| records::process(*resolution, resolved))?;
        Some((role, id))
    }
}
