//! What a list that gives only the newest of its records says of those before: they are over.
//!
//! The day is not told. A record ended after the day of the last file that still gave it as the newest, and by the day on
//! which the next one began.

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::{Body, CaseEvent, EntityRole, Kind};
use domain::ids::EventId;
use domain::time::Occurred;
use serde_json::Value;

use super::absence;
use super::extracts::Standing;
use super::held::{Asserted, HeldEvent};
use super::planning::Planner;
use super::records::Resolution;
use crate::layout::{EventRule, List, Replaces};

impl Planner<'_> {
    /// Ends every record that a newer one of the same parent has replaced.
    pub(super) fn end_replaced(&mut self, resolutions: &[Resolution]) {
        let named = absence::named(resolutions);
        for list in self.import.lists() {
            for rule in &list.events {
                if let (Some(replaces), Some(role)) = (&rule.replaces, rule.kind.own_role()) {
                    self.end_each(list, (rule, replaces, role), &named);
                }
            }
        }
    }

    fn end_each(
        &mut self,
        list: &'static List,
        (rule, replaces, role): (&EventRule, &Replaces, EntityRole),
        named: &[EventId],
    ) {
        let Some(row) =
            (0..self.rows.rows.len()).find(|row| self.list_of(*row) == list.code && !self.is_lost(*row))
        else {
            return;
        };
        let mut standing: Vec<&HeldEvent> =
            self.held.of_kind(rule.kind, None).filter(|event| !event.withdrawn).collect();
        standing.sort_by_key(|event| event.occurred.day());
        let ended = standing.iter().enumerate().filter_map(|(nth, one)| {
            let mut later = standing.iter().skip(nth + 1).filter(|next| same_parent(rule, one, next));
            let passing = stands_beside(one, replaces, |field| replaces.passing.contains(field));
            if !passing && stands_beside(one, replaces, |_| true) {
                return None;
            }
            let next = later.find(|next| passing || !stands_beside(next, replaces, |_| true));
            let back = || (passing && self.is_back_at(list, rule, one, named)).then_some(self.import.as_at);
            let over = next.and_then(|next| next.occurred.day()).or_else(back);
            self.end_of(one, over?, (list, rule, role, replaces.by))
        });
        for event in ended.collect::<Vec<_>>() {
            if self.end_again(&event) {
                continue;
            }
            let id = self.emit(&event, SealedFields::none(), row);
            self.hold(id, event, row);
        }
    }

    /// Whether the newest file gives one that began before a passing one as the newest: the passing one is over.
    fn is_back_at(&self, list: &List, rule: &EventRule, one: &HeldEvent, named: &[EventId]) -> bool {
        let older = matches!(one.asserted, Asserted::ByExtract { as_at, .. } if as_at < self.import.as_at);
        let newest = self.import.standing(&list.code) == Standing::Newest;
        let here = named.iter().filter_map(|id| self.held.get(*id)).filter(|event| event.kind() == rule.kind);
        let mut here = here.filter(|event| same_parent(rule, one, event)).peekable();
        older
            && newest
            && here.peek().is_some()
            && here.all(|event| event.occurred.day() < one.occurred.day())
    }

    /// The end of one record by a day; `None` where it has one, or where nobody but a file may say so.
    fn end_of(
        &self,
        one: &HeldEvent,
        replaced: NaiveDate,
        (list, rule, role, end): (&List, &EventRule, EntityRole, Kind),
    ) -> Option<CaseEvent> {
        let process = (role, one.entities.get(role)?);
        let began = one.occurred.day()?;
        let Asserted::ByExtract { .. } = one.asserted else { return None };
        let said = self.last_said(one, Some(replaced)).map(|(_, day)| day);
        // A file that repeats what is held leaves no other trace than that it named the child.
        let parent = rule.within.first().and_then(|role| Some((*role, one.entities.get(*role)?)));
        let silent = self.silent_since(self.opening_of(parent).map(|opening| opening.id), &rule.on, said);
        // From the first file on that gives a later one, this one is not the newest.
        let is_later = |next: &&HeldEvent| {
            !next.withdrawn && next.occurred.day() > Some(began) && same_parent(rule, one, next)
        };
        let later = self.held.of_kind(rule.kind, None).filter(is_later);
        let silent = later.flat_map(|next| self.days_of(next)).chain(silent).min();
        let column = (list.code.as_str(), Some(rule.on.as_str()));
        let named = self.import.last_before(replaced, column, &self.spoken, silent);
        let last_so = said.max(named);
        let ended = self.held.of_kind(end, Some(process)).any(|event| !event.withdrawn);
        if ended || began >= replaced || replaced > self.import.as_at {
            return None;
        }
        let from = last_so.map_or(began, |day| day.max(began));
        let occurred = Occurred::within(Some(from), Some(replaced));
        let body = Body::of(end, Value::Object(serde_json::Map::new())).ok()?;
        Some(CaseEvent { entities: one.entities.clone(), ..CaseEvent::new(occurred, body) })
    }
}

/// Whether one of these facts says that it stands beside another.
fn stands_beside(event: &HeldEvent, replaces: &Replaces, counts: impl Fn(&String) -> bool) -> bool {
    let facts = event.body.fields();
    let beside = |(field, values): (&String, &Vec<Value>)| {
        counts(field) && facts.get(field).is_some_and(|value| values.contains(value))
    };
    replaces.unless.iter().any(beside)
}

/// Whether two records stand within the same process.
fn same_parent(rule: &EventRule, one: &HeldEvent, next: &HeldEvent) -> bool {
    rule.within.iter().all(|role| one.entities.get(*role) == next.entities.get(*role))
}
