//! What a file adds to a held event of which no file could say it before: its column was in none of them.
//!
//! So two files of which neither contradicts the other hold the same facts together, whichever is imported first. What an
//! earlier file could have said, and left empty, is no gap: there the days of the files decide (`settle.rs`).

use domain::envelope::SealedFields;
use domain::events::identity::IdentifierLinked;
use domain::events::record_keeping::{CorrectionReason, EventCorrected};
use domain::events::{Body, CaseEvent, Code, Entities, Kind};
use domain::ids::ImportId;
use domain::time::{Occurred, When};
use serde_json::{Map, Value};

use super::claims::{Claim, Person};
use super::extracts::Standing;
use super::held::{Asserted, HeldEvent};
use super::identity::{self, says_nothing};
use super::outcome::RowResult;
use super::planning::Planner;
use super::silent::rule_for;
use crate::layout::{FactRule, FactSource, Layout, List};

/// Identifiers of a child beside the one by which the source knows it, each with the column that holds it.
const FURTHER_IDENTIFIERS: [&str; 2] = ["upn", "former_upn"];

impl Planner<'_> {
    /// The held event with what the claim states beside it, also what no later file corrects, and with a narrower span where
    /// neither states the day.
    pub(super) fn filled(
        &self,
        held: &HeldEvent,
        claim: &Claim,
        (entities, standing): (&Entities, Standing),
    ) -> CaseEvent {
        let mut filled = held.case_event();
        if held.asserted == Asserted::ByHand || claim.body.kind() != held.kind() {
            return filled;
        }
        if !claim.dated && !matches!(held.kind(), Kind::ChildRegistered | Kind::UnbornChildRegistered) {
            filled.occurred = narrowed(held.occurred, claim.occurred);
        }
        for (role, id) in entities.iter().filter(|(role, _)| held.entities.get(*role).is_none()) {
            filled.entities.insert(role, id);
        }
        let (mut fields, claimed) = (held.body.fields(), claim.body.fields());
        let kept = self.kept_fields(claim);
        let speaks_first = self.speaks_first(held);
        for (field, value) in claimed {
            let is_kept = kept.contains(&field.as_str());
            let has_room = if is_kept {
                speaks_first || !fields.contains_key(&field)
            } else {
                self.has_room(held, (&field, &fields), standing)
            };
            if has_room {
                fields.insert(field, value);
            }
        }
        if let Ok(body) = Body::of(held.kind(), Value::Object(fields)) {
            filled.body = body;
        }
        filled
    }

    /// Fields that are said when a record begins: of several files that state them, the one about the earliest day decides.
    fn kept_fields(&self, claim: &Claim) -> Vec<&'static str> {
        let rule = self.rule_of(claim.row, &claim.body);
        let facts = rule.into_iter().flat_map(|rule| &rule.facts);
        facts.filter(|(_, fact)| fact.kept).map(|(field, _)| field.as_str()).collect()
    }

    /// Whether this file is about an earlier day than every file that said an event.
    fn speaks_first(&self, held: &HeldEvent) -> bool {
        let day = |import| {
            let extract = self.import.prior.iter().find(|extract| extract.import == import)?;
            Some(extract.as_at)
        };
        held.said_by.iter().all(|(import, _)| day(*import).is_some_and(|day| day > self.import.as_at))
    }

    /// Whether a field of a held event waits for a value: nobody could say it, or a file of the same day only said that it
    /// does not know.
    fn has_room(
        &self,
        held: &HeldEvent,
        (field, fields): (&str, &Map<String, Value>),
        standing: Standing,
    ) -> bool {
        match fields.get(field) {
            None => self.is_unsaid_of(held, field),
            Some(Value::Array(several)) if several.is_empty() => self.is_unsaid_of(held, field),
            Some(value) => standing == Standing::Equal && says_nothing(field, value),
        }
    }

    /// Whether no file that said an event could say a field of it.
    fn is_unsaid_of(&self, held: &HeldEvent, field: &str) -> bool {
        held.said_by.iter().all(|(import, sheet)| {
            self.is_silent(held, field, (*import, sheet)) || self.is_unsaid_in(held, field, sheet)
        })
    }

    /// Whether the cell for a field of an event said nothing in a row of a list.
    fn is_unsaid_in(&self, held: &HeldEvent, field: &str, sheet: &str) -> bool {
        let is_person = matches!(held.kind(), Kind::ChildRegistered | Kind::UnbornChildRegistered);
        let column = list_of(sheet).and_then(|(layout, list)| {
            if is_person {
                layout.person.facts.get(field).and_then(FactRule::column)
            } else {
                gives(list, &held.body, field).flatten()
            }
        });
        column.is_some_and(|column| self.is_noted_unsaid(Some(held.id), column))
    }

    /// Corrects a held event to what it is with a file's addition. Who asserts it stays: the addition is no newer word.
    pub(super) fn fill(&mut self, held: &mut HeldEvent, filled: CaseEvent, claim: &Claim) {
        let current = held.case_event();
        if filled == current {
            return;
        }
        let body = EventCorrected {
            target: held.id,
            changed: current.differences(&filled),
            replacement: Box::new(filled.clone()),
            reason: CorrectionReason::LateInformation,
            authorised_by: None,
            inferred: true,
        };
        let event = CaseEvent::new(self.by_now(self.list_of(claim.row)), body);
        self.emit(&event, claim.sealed.clone(), claim.row);
        (held.occurred, held.entities, held.body) = (filled.occurred, filled.entities, filled.body);
        if let Some(sheet) = self.rows.rows.get(claim.row).map(|source| self.import.sheet(source.list)) {
            held.said_by.push((self.import.id, sheet));
        }
        if let Some(slot) = self.held.get_mut(held.id) {
            slot.clone_from(held);
        }
        self.mark(claim.row, RowResult::New);
    }

    /// The identifiers of a held child that a file names, and that no file before it could name.
    pub(super) fn further_identifiers(&self, person: &Person) -> Vec<&'static str> {
        let Some(registered) = identity::registered(&self.held) else { return Vec::new() };
        if registered.asserted == Asserted::ByHand {
            return Vec::new();
        }
        let is_new = |identifier: &&'static str| {
            let linked =
                self.held.of_kind(Kind::IdentifierLinked, None).any(|event| links(event, identifier));
            person.claim.sealed.get(identifier).is_some()
                && !linked
                && self.is_unsaid_of(registered, identifier)
        };
        FURTHER_IDENTIFIERS.into_iter().filter(is_new).collect()
    }

    /// Records an identifier of a held child. The registration seals those of the file that gave it.
    pub(super) fn link_further(&mut self, identifier: &str, person: &Person) {
        let (row, value) = (person.claim.row, person.claim.sealed.get(identifier).unwrap_or_default());
        let body = IdentifierLinked { identifier: Code::try_new(identifier).expect("a literal code") };
        let event = CaseEvent::new(self.by_now(self.list_of(row)), body);
        let id = self.emit(&event, SealedFields::none().with("value", value), row);
        self.hold(id, event, row);
        self.mark(row, RowResult::New);
    }

    /// Whether a file had no column for a field of an event that a list of it gave.
    fn is_silent(&self, held: &HeldEvent, field: &str, (import, sheet): (ImportId, &str)) -> bool {
        let is_person = matches!(held.kind(), Kind::ChildRegistered | Kind::UnbornChildRegistered);
        if !is_person {
            return list_of(sheet).is_some_and(|(layout, list)| {
                gives(list, &held.body, field).is_none_or(|column| {
                    column.is_some_and(|column| {
                        self.has_column(import, &layout.sheet(&list.code), column) == Some(false)
                    })
                })
            });
        }
        // Any row may say who the child is: those of every list from which something of this file is held.
        let sheets = self.held.sheets_of(import);
        sheets.into_iter().all(|sheet| {
            list_of(sheet).is_some_and(|(layout, _)| {
                let rule = layout.person.facts.get(field).and_then(|rule| rule.column());
                let column = rule.or_else(|| layout.person.sealed.get(field).map(String::as_str));
                column.is_none_or(|column| self.has_column(import, sheet, column) == Some(false))
            })
        })
    }

    /// Whether a file had a column in a list; `None` for a file that is not known.
    fn has_column(&self, import: ImportId, sheet: &str, column: &str) -> Option<bool> {
        if import == self.import.id {
            let (_, list) = list_of(sheet)?;
            return Some(
                self.import.holds(list).is_some_and(|scope| scope.fields.iter().any(|it| it == column)),
            );
        }
        let extract = self.import.prior.iter().find(|extract| extract.import == import)?;
        Some(extract.lists.get(sheet).is_some_and(|columns| columns.contains(column)))
    }
}

/// The days that two spans have in common; the first one where either is a day, or they have none.
pub(super) fn narrowed(held: Occurred, other: Occurred) -> Occurred {
    let (When::Within(from, to), When::Within(other_from, other_to)) = (held.when, other.when) else {
        return held;
    };
    let to = to.into_iter().chain(other_to).min();
    let from = from.max(other_from);
    if from.zip(to).is_some_and(|(from, to)| from > to) { held } else { Occurred::within(from, to) }
}

/// The list under whose code events are recorded.
pub(super) fn list_of(sheet: &str) -> Option<(&'static Layout, &'static List)> {
    [Layout::annex_a(), Layout::cin_census()].into_iter().find_map(|layout| {
        layout.lists.iter().find(|list| layout.sheet(&list.code) == sheet).map(|list| (layout, list))
    })
}

/// The column that gives a field of an event: `None` where the list has none for it, `Some(None)` where the
/// format alone says it.
fn gives(list: &'static List, body: &Body, field: &str) -> Option<Option<&'static str>> {
    rule_for(list, body)?.facts.get(field).map(|fact| match &fact.source {
        FactSource::Column { column, .. } => Some(column.as_str()),
        FactSource::Fixed(_) => None,
    })
}

/// Whether an event links this kind of identifier.
pub(super) fn links(event: &HeldEvent, kind: &str) -> bool {
    if let Body::IdentifierLinked(linked) = &event.body { linked.identifier.as_str() == kind } else { false }
}
