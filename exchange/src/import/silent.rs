//! Cells that are not empty and say nothing, as they are remembered: an error, a placeholder, what cannot be read.
//!
//! An empty cell of a newer file speaks against what an older one states, also where the older one is imported after it. What
//! says nothing does not, so it is noted, once for each record and column of which nothing is held.

use chrono::NaiveDate;
use domain::events::record_keeping::ObservationNoted;
use domain::events::{Body, Code, EntityRole, Kind, Stage};
use domain::ids::{EntityId, EventId, ImportId};

use super::claims::Claim;
use super::held::{HeldEvent, NO_LIST};
use super::identity;
use super::planning::Planner;
use crate::layout::{EventRule, List, Role};

/// Code of the note.
const CELL_SAYS_NOTHING: &str = "cell_says_nothing";

impl Planner<'_> {
    /// Notes the facts of a held event of which the row says nothing, and nobody else anything.
    pub(super) fn note_unsaid_facts(&mut self, id: EventId, claim: &Claim) {
        for (field, column) in &claim.silent {
            let held = self.held.get(id).and_then(|event| event.body.fields().remove(*field));
            let says = held.is_some_and(|value| value.as_array().is_none_or(|several| !several.is_empty()));
            if !says {
                self.note_unsaid(Some(id), column, claim.row);
            }
        }
    }

    /// Notes that a row says nothing of an event of its record, where none is held. Of a state also where one is: on which
    /// day the next one began depends on who said last that it still was so.
    pub(super) fn note_unsaid_event(
        &mut self,
        rule: &EventRule,
        row: usize,
        process: Option<(EntityRole, EntityId)>,
    ) {
        let column = rule.on.as_str();
        if self.is_state(row, column) || self.states_by(rule, process).next().is_none() {
            self.note_unsaid(self.opening_of(process).map(|opening| opening.id), column, row);
        }
    }

    fn is_state(&self, row: usize, column: &str) -> bool {
        let list = self.rows.rows.get(row).map(|source| source.list);
        list.and_then(|list| list.column(column)).is_some_and(|column| column.role == Role::State)
    }

    /// The first day on which, after the last one that told a state, a cell of its column said nothing.
    pub(super) fn silent_since(
        &self,
        of: Option<EventId>,
        column: &str,
        told: Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        let noted =
            self.held.of_kind(Kind::ObservationNoted, None).filter(|event| is_note(event, of, column));
        noted.flat_map(|event| self.days_of(event)).filter(|day| Some(*day) > told).min()
    }

    /// The days of the files that said an event in a row: not of those that took it back because no row named it.
    pub(super) fn days_of(&self, event: &HeldEvent) -> Vec<NaiveDate> {
        let said =
            |import: ImportId| event.said_by.iter().any(|(by, sheet)| *by == import && sheet != NO_LIST);
        self.import.days().filter(|(import, _)| said(*import)).map(|(_, day)| day).collect()
    }

    fn note_unsaid(&mut self, of: Option<EventId>, column: &str, row: usize) {
        self.note_of_row(unsaid(of, column), row);
    }

    /// Whether a cell of a column said nothing about an event, or about what belongs to the record that it opens.
    pub(super) fn is_noted_unsaid(&self, of: Option<EventId>, column: &str) -> bool {
        self.held.of_kind(Kind::ObservationNoted, None).any(|event| is_note(event, of, column))
    }

    /// The event that opened a process, or, without one, the registration of the child.
    pub(super) fn opening_of(&self, process: Option<(EntityRole, EntityId)>) -> Option<&HeldEvent> {
        let Some((role, id)) = process else { return identity::registered(&self.held) };
        let opens = |event: &&HeldEvent| {
            event.kind().own_role() == Some(role)
                && event.kind().stage() == Stage::Opens
                && event.entities.get(role) == Some(id)
        };
        self.held.events.iter().filter(opens).min_by_key(|event| event.withdrawn)
    }

    /// The rule by which a row gave an event.
    pub(super) fn rule_of(&self, row: usize, body: &Body) -> Option<&'static EventRule> {
        rule_for(self.rows.rows.get(row)?.list, body)
    }
}

fn unsaid(of: Option<EventId>, column: &str) -> ObservationNoted {
    let code = Code::try_new(CELL_SAYS_NOTHING).expect("a literal code");
    ObservationNoted { code, events: of.into_iter().collect(), field: Code::try_new(column).ok() }
}

fn is_note(event: &HeldEvent, of: Option<EventId>, column: &str) -> bool {
    let Body::ObservationNoted(noted) = &event.body else { return false };
    noted.code.as_str() == CELL_SAYS_NOTHING
        && noted.events.first().copied() == of
        && noted.field.as_ref().is_some_and(|field| field.as_str() == column)
}

/// The rule of a list that gives such an event.
pub(super) fn rule_for(list: &'static List, body: &Body) -> Option<&'static EventRule> {
    list.events.iter().find(|rule| rule.gives(body))
}
