//! States of a process that a row gives as they stand on the day described: a worker, a category, a decision.
//!
//! A state that differs from the one held is a new event, and the earlier one stands. A file about an earlier day puts its
//! state where its day says, also between two that are held.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::events::record_keeping::DisputeReason;
use domain::events::{CaseEvent, Entities, EntityRole, Kind};
use domain::ids::EntityId;
use domain::time::Occurred;

use super::claims::Claim;
use super::extracts::Standing;
use super::fill::narrowed;
use super::held::{Asserted, HeldEvent};
use super::planning::Planner;
use super::settle::merged;
use crate::layout::{EventRule, FactRule};

type Process = Option<(EntityRole, EntityId)>;

impl Planner<'_> {
    /// A state that differs from the one held is a new event, and the earlier one stands.
    pub(super) fn settle_state(
        &mut self,
        claim: &Claim,
        as_begun: bool,
        (entities, process): (&Entities, Process),
    ) {
        let kind = claim.body.kind();
        let newest = self.newest_state(kind, process).cloned();
        let Some(held) = newest else {
            if !as_begun && !self.is_taken_back(claim, process) {
                let since = self.begun_until(kind, claim, process).and_then(|day| day.succ_opt());
                let occurred = narrowed(claim.occurred, Occurred::within(since, None));
                self.record(&Claim { occurred, ..claim.clone() }, entities.clone());
            }
            return;
        };
        let standing = self.standing_against(&held, claim.row);
        // An earlier file that says less of a state does not say that it was so.
        let is_same = merged(&held, claim).body == held.body;
        if standing == Standing::Older && claim.body == held.body {
            // Another one may lie between the two.
            self.settle_state_before(claim, as_begun, (entities, process));
            return;
        }
        if is_same && (standing != Standing::Older || as_begun) {
            if !as_begun {
                self.narrow(held, claim, entities);
            }
            return;
        }
        match standing {
            Standing::Newest => {
                let occurred = self.since_the_last(claim.row, &claim.body, process);
                self.record(&Claim { occurred, ..claim.clone() }, entities.clone());
            }
            Standing::Equal => {
                let mut held = held;
                let filled = self.filled(&held, claim, (entities, Standing::Equal));
                self.fill(&mut held, filled, claim);
                if merged(&held, claim).body != held.body {
                    self.dispute(claim, entities, Some(held.id), DisputeReason::ContradictsHeldFact);
                }
            }
            Standing::Older => {
                let mut held = held;
                let filled = self.filled(&held, claim, (entities, Standing::Older));
                if filled.body == claim.body && held.body != claim.body {
                    // The later file could not say the rest of it.
                    self.fill(&mut held, filled, claim);
                    return;
                }
                self.settle_state_before(claim, as_begun, (entities, process));
            }
        }
    }

    /// A state that a file tells of a day before that of the newest one held.
    fn settle_state_before(
        &mut self,
        claim: &Claim,
        as_begun: bool,
        (entities, process): (&Entities, Process),
    ) {
        let (kind, day) = (claim.body.kind(), Some(self.import.as_at));
        let (so_far, later): (Vec<&HeldEvent>, Vec<&HeldEvent>) =
            self.states(kind, process).partition(|event| event.order_day() <= day);
        let before = so_far.into_iter().max_by_key(|event| event.order_day());
        let is_so = before.is_some_and(|before| merged(before, claim).body == before.body);
        let is_first = before.is_none();
        let next = later.into_iter().min_by_key(|event| event.order_day());
        let is_it = |next: &&HeldEvent| next.body == claim.body && next.occurred.earliest_day() <= day;
        if let Some(next) = next.filter(is_it) {
            // It was so by then already.
            if !(as_begun && is_first) {
                self.narrow(next.clone(), claim, entities);
            }
            return;
        }
        self.begin_later(claim, process);
        if is_so || (as_begun && is_first) || self.is_taken_back(claim, process) {
            return;
        }
        let occurred =
            if is_first { claim.occurred } else { self.since_the_last(claim.row, &claim.body, process) };
        self.record(&Claim { occurred, ..claim.clone() }, entities.clone());
    }

    /// The state after the one that an earlier file tells began after the day of that file.
    pub(super) fn begin_later(&mut self, claim: &Claim, process: Process) {
        let day = self.import.as_at;
        let next = self.states(claim.body.kind(), process).filter(|event| event.order_day() > Some(day));
        let Some(mut next) = next.min_by_key(|event| event.order_day()).cloned() else { return };
        if self.is_lost(claim.row) || next.asserted == Asserted::ByHand {
            return;
        }
        let occurred = narrowed(next.occurred, Occurred::within(day.succ_opt(), None));
        let filled = CaseEvent { occurred, ..next.case_event() };
        self.fill(&mut next, filled, claim);
    }

    /// A state that an earlier file held too was so by then.
    pub(super) fn narrow(&mut self, mut held: HeldEvent, claim: &Claim, entities: &Entities) {
        let standing = self.standing_against(&held, claim.row);
        if !self.is_lost(claim.row) && held.asserted != Asserted::ByHand {
            let occurred = match standing {
                // It was so already, though not before the day on which its process began, as this file corrects it.
                Standing::Newest => {
                    narrowed(held.occurred, Occurred::within(claim.occurred.earliest_day(), None))
                }
                Standing::Equal => held.occurred,
                Standing::Older => narrowed(held.occurred, claim.occurred),
            };
            let mut filled = CaseEvent { occurred, ..held.case_event() };
            for (role, id) in entities.iter().filter(|(role, _)| held.entities.get(*role).is_none()) {
                filled.entities.insert(role, id);
            }
            self.fill(&mut held, filled, claim);
        }
    }

    /// The newest state of a kind; an end of an allocation counts as one.
    pub(super) fn newest_state(&self, kind: Kind, process: Process) -> Option<&HeldEvent> {
        // Of several of one day, the last.
        self.states(kind, process).max_by_key(|event| event.order_day())
    }

    /// The states that a rule gives; of the steps of an adopter, that step alone.
    pub(super) fn states_by<'h>(
        &'h self,
        rule: &'h EventRule,
        process: Process,
    ) -> impl Iterator<Item = &'h HeldEvent> {
        self.states(rule.kind, process).filter(|event| event.kind() != rule.kind || rule.gives(&event.body))
    }

    /// Whether a file about a later day took back what an earlier file, or this one, says of a state.
    fn is_taken_back(&self, claim: &Claim, process: Process) -> bool {
        self.held.of_kind(claim.body.kind(), process).any(|event| {
            let is_later =
                matches!(event.asserted, Asserted::ByExtract { as_at, .. } if as_at > self.import.as_at);
            event.withdrawn && is_later && event.body == claim.body
        })
    }

    /// The last day of a file before this one that said of a process that its state was still the one with which it began.
    fn begun_until(&self, kind: Kind, claim: &Claim, process: Process) -> Option<NaiveDate> {
        let rule = self.rule_of(claim.row, &claim.body).filter(|rule| rule.starts_as.is_some())?;
        let opening = self.opening_of(process)?;
        if matches!(opening.asserted, Asserted::ByExtract { import, .. } if import == self.import.id) {
            // With what it began is corrected now: what the earlier file said of the state may be what this one says.
            return None;
        }
        let of_column = |facts: &'static BTreeMap<String, FactRule>, column: Option<&str>| {
            facts.iter().find(|(_, fact)| fact.column() == column).map(|(field, _)| field.as_str())
        };
        let opens = self
            .rule_of(claim.row, &opening.body)
            .and_then(|opens| of_column(&opens.facts, rule.starts_as.as_deref()));
        let began = opening.body.fields().remove(opens?);
        if began == claim.body.fields().remove(of_column(&rule.facts, Some(&rule.on))?) {
            return None;
        }
        let files = opening.said_by.iter().filter_map(|(import, sheet)| {
            let extract = self.import.prior.iter().find(|extract| extract.import == *import)?;
            let said = extract.lists.get(sheet)?.contains(&rule.on) && extract.as_at < self.import.as_at;
            said.then_some(extract.as_at)
        });
        // A file that repeats all that is held leaves no other trace than that it named the child.
        let silent = self.silent_since(Some(opening.id), &rule.on, None);
        let named = self.import.previous_of((self.list_of(claim.row), Some(&rule.on)), &self.spoken, silent);
        let told = files.filter(|day| silent.is_none_or(|silent| *day < silent)).chain(named).max();
        told.filter(|_| self.states(kind, process).next().is_none())
    }

    /// The states of a kind, in the order in which they were recorded; an end of an allocation counts as one.
    pub(super) fn states(&self, kind: Kind, process: Process) -> impl Iterator<Item = &HeldEvent> {
        let end = (kind == Kind::WorkerAllocated).then_some(Kind::WorkerDeallocated);
        let of_kind = move |event: &&HeldEvent| event.kind() == kind || Some(event.kind()) == end;
        let states = self.held.events.iter().filter(of_kind).filter(|event| !event.withdrawn);
        states.filter(move |event| match process {
            Some((role, id)) => event.entities.get(role) == Some(id),
            None => event.entities.is_empty(),
        })
    }
}
