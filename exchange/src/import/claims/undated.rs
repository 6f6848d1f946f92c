//! What a row states of an act whose day it does not tell: a reason beside an empty end, a placement type beside a start that
//! cannot be read.
//!
//! It is no event, and must not look as if it were held. That the day is empty does not say that the act was not done, where
//! the row states something that only an act gives: then the day is left out. What the format marks as `early` may stand
//! before the act.

use super::values::{Row, refused};
use super::{Claim, Follow, Gathering};
use crate::extract::{Note, Reading, SourceValue, SubjectRows};
use crate::layout::{Blank, EventRule, FactRule, Role, ValueKind};

/// Why a value is not recorded whose own date the row does not tell.
const UNDATED: &str = "not recorded: the date that belongs to it cannot be told";

/// Why a value is not recorded whose own date the row leaves empty.
const LEFT_OUT: &str =
    "not recorded: the cell of the date that belongs to it is empty; give the date, or empty this cell too";

impl Gathering {
    /// Gathers what the row states of an event whose day it does not tell.
    pub(super) fn undated(&mut self, row: Row<'_>, rule: &'static EventRule, rows: &SubjectRows) {
        let Some(day) = row.source.value(&rule.on).filter(|_| is_date(row, rule)) else { return };
        let is_blank = day.reading == Reading::Blank;
        if day.reading.date().is_some() {
            return;
        }
        if is_blank {
            self.note_early(row, rule);
        }
        let values: Vec<&SourceValue> = match is_blank {
            true => says_done(row, rule).collect(),
            false => stated_of(row, rule).map(|(_, value)| value).collect(),
        };
        if values.is_empty() {
            return;
        }
        let reason = if is_blank { LEFT_OUT } else { UNDATED };
        self.claims.refused.extend(values.iter().map(|value| refused(row.index, value, reason, false)));
        let facts = row.facts(&rule.facts, &rule.sealed);
        let when = row.by_then(rule.since.as_deref());
        if let Some(claim) = row.claim((rule.kind, &rule.on), (when, false), facts) {
            let claim = Claim { apart_by: rule.apart_by.as_deref(), ..claim };
            self.follow(self.owner(row, rule, rows), Follow::Undated(claim));
        }
    }

    /// Notes what stands before its act, of which nothing is recorded yet.
    fn note_early(&mut self, row: Row<'_>, rule: &'static EventRule) {
        for (fact, value) in stated_of(row, rule).filter(|(fact, _)| fact.is_some_and(|fact| fact.early)) {
            let on = row.source.list.column(&rule.on).map_or("", |column| column.header());
            let text = format!(
                "\"{}\" is not recorded until \"{on}\" states a day",
                fact.and_then(FactRule::column)
                    .and_then(|field| row.source.list.column(field))
                    .map_or("", |it| it.header())
            );
            let note = Note { place: value.place.clone(), code: "value_without_date", text };
            self.claims.notes.push((row.index, note));
        }
    }
}

/// What the row states of an event beside its day; sealed texts have no rule.
fn stated_of<'a>(
    row: Row<'a>,
    rule: &'static EventRule,
) -> impl Iterator<Item = (Option<&'static FactRule>, &'a SourceValue)> {
    let facts = rule.facts.values().filter(|fact| !fact.kept);
    let facts = facts.filter_map(|fact| Some((Some(fact), fact.column()?)));
    let sealed = rule.sealed.values().map(|column| (None, column.as_str()));
    let is_stated = move |fact: Option<&FactRule>, column: &str| match fact {
        Some(_) => row.said(column).value().is_some(),
        None => row.text(column).value().is_some(),
    };
    let stated = facts.chain(sealed).filter(move |(fact, column)| is_stated(*fact, column));
    stated.filter_map(move |(fact, column)| Some((fact, row.source.value(column)?)))
}

/// What the row states that only an act that was done gives. No and none are what a source writes where there is no act.
fn says_done<'a>(row: Row<'a>, rule: &'static EventRule) -> impl Iterator<Item = &'a SourceValue> {
    let says_none = |value: &SourceValue| matches!(value.reading, Reading::Flag(false) | Reading::Count(0));
    let stated = stated_of(row, rule).filter(|(fact, _)| !fact.is_some_and(|fact| fact.early));
    stated.map(|(_, value)| value).filter(move |value| !says_none(value))
}

/// Whether the row states an act, and leaves its day empty.
pub(super) fn is_left_out(row: Row<'_>, rule: &'static EventRule) -> bool {
    let blank = row.source.value(&rule.on).is_some_and(|value| value.reading == Reading::Blank);
    blank && is_date(row, rule) && says_done(row, rule).next().is_some()
}

/// Whether the decisive cell holds what a source writes where it has no value.
pub(super) fn is_placeholder(row: Row<'_>, rule: &EventRule) -> bool {
    row.source.value(&rule.on).is_some_and(|value| value.reading == Reading::Placeholder)
}

/// Whether the cell that decides on an event could not say whether it happened, where an empty one says that it did not.
/// A placeholder or an empty cell says that it did not either, unless the row states something of it: a reason for the end.
pub(super) fn could_not_say(row: Row<'_>, rule: &'static EventRule) -> bool {
    let says_all = match row.source.list.column(&rule.on).map(|column| column.role) {
        Some(Role::Key | Role::Attribute) => rule.blank == Blank::Withdraws,
        // An empty cell of a state says that there is none, as of a worker: one that could not be read does not.
        Some(Role::State) => rule.complete == Some(true) || rule.blank == Blank::Withdraws,
        Some(Role::Latest | Role::Child | Role::Adopter | Role::Identifier | Role::Derived) | None => false,
    };
    let contradicted =
        || is_date(row, rule) && is_placeholder(row, rule) && stated_of(row, rule).next().is_some();
    let unsaid = || row.source.values_of(&rule.on).any(|value| value.reading.is_unsaid());
    says_all && (unsaid() || contradicted() || is_left_out(row, rule))
}

/// Whether the column that decides holds days.
pub(super) fn is_date(row: Row<'_>, rule: &EventRule) -> bool {
    row.source.list.column(&rule.on).is_some_and(|column| column.value == ValueKind::Date)
}
