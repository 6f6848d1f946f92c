//! What a list that gives only the newest of its records says of those before: they are over.
//!
//! The day is not told. A record ended after the day of the last file that still gave it as the newest, and by the day on
//! which the next one began.

use domain::envelope::SealedFields;
use domain::events::{Body, CaseEvent, EntityRole, Kind};
use domain::time::Occurred;
use serde_json::Value;

use super::held::{Asserted, HeldEvent};
use super::planning::Planner;
use crate::layout::{EventRule, List, Replaces};

impl Planner<'_> {
    /// Ends every record that a newer one of the same parent has replaced.
    pub(super) fn end_replaced(&mut self) {
        for list in self.import.lists() {
            for rule in &list.events {
                if let (Some(replaces), Some(role)) = (&rule.replaces, rule.kind.own_role()) {
                    self.end_each(list, (rule, replaces, role));
                }
            }
        }
    }

    fn end_each(&mut self, list: &List, (rule, replaces, role): (&EventRule, &Replaces, EntityRole)) {
        let Some(row) =
            (0..self.rows.rows.len()).find(|row| self.list_of(*row) == list.code && !self.is_lost(*row))
        else {
            return;
        };
        let mut standing: Vec<&HeldEvent> = self
            .held
            .of_kind(rule.kind, None)
            .filter(|event| !event.withdrawn && stands_alone(event, replaces))
            .collect();
        standing.sort_by_key(|event| event.occurred.day());
        let pairs = standing.windows(2).filter_map(|pair| match pair {
            [one, next] if same_parent(rule, one, next) => self.end_of(one, next, (role, replaces.by)),
            _ => None,
        });
        for event in pairs.collect::<Vec<_>>() {
            let id = self.emit(&event, SealedFields::none(), row);
            self.hold(id, event, row);
        }
    }

    /// The end of one record by the next; `None` where it has one, or where nobody but a file may say so.
    fn end_of(
        &self,
        one: &HeldEvent,
        next: &HeldEvent,
        (role, end): (EntityRole, Kind),
    ) -> Option<CaseEvent> {
        let process = (role, one.entities.get(role)?);
        let (began, replaced) =
            (one.occurred.day()?, next.occurred.day().filter(|day| *day <= self.import.as_at)?);
        let Asserted::ByExtract { as_at, .. } = one.asserted else { return None };
        let ended = self.held.of_kind(end, Some(process)).any(|event| !event.withdrawn);
        if ended || began >= replaced {
            return None;
        }
        // A file that an older one follows may describe a day after the next began.
        let from = if as_at < replaced { as_at.max(began) } else { began };
        let occurred = Occurred::within(Some(from), Some(replaced));
        let body = Body::of(end, Value::Object(serde_json::Map::new())).ok()?;
        Some(CaseEvent { entities: one.entities.clone(), ..CaseEvent::new(occurred, body) })
    }
}

/// Whether nothing in its facts says that it stands beside another.
fn stands_alone(event: &HeldEvent, replaces: &Replaces) -> bool {
    let facts = event.body.fields();
    let beside = |(field, values): (&String, &Vec<Value>)| {
        facts.get(field).is_some_and(|value| values.contains(value))
    };
    !replaces.unless.iter().any(beside)
}

/// Whether two records stand within the same process.
fn same_parent(rule: &EventRule, one: &HeldEvent, next: &HeldEvent) -> bool {
    rule.within.iter().all(|role| one.entities.get(*role) == next.entities.get(*role))
}
