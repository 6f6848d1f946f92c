//! What a newer file concluded from a record that it did not name, judged again when a file between the two comes in late.
//!
//! The newer file withdrew the record, or ended it between two files, over what was held then. The late file names it, so
//! that this is judged as if it had come in time: for the while of the plan, the withdrawal and the inferred end are set
//! aside. What is concluded again stands as it stood, without an event; what is not, is taken back at the end.

use domain::events::{CaseEvent, EntityRole, Kind};
use domain::ids::{EntityId, EventId, ImportId};

use super::held::{Asserted, HeldEvent, NO_LIST};
use super::planning::Planner;
use super::records::process_of;

/// What is set aside while a plan is made.
#[derive(Default)]
pub(super) struct SetAside {
    /// Events that a newer file withdrew.
    revived: Vec<EventId>,
    /// Ends that a newer file inferred.
    ends: Vec<EventId>,
    /// The openings of the records that they are of, each with the file that concluded so.
    pub(super) openings: Vec<(EventId, ImportId)>,
}

impl SetAside {
    /// Whether the plan reads the history without this event, or without its withdrawal.
    pub(super) fn holds(&self, id: EventId) -> bool {
        self.revived.contains(&id) || self.ends.contains(&id)
    }
}

impl Planner<'_> {
    /// Sets aside that a newer file did not name a record, which this file names.
    pub(super) fn set_aside(&mut self, opening: EventId) {
        let Some(held) = self.held.get(opening).cloned() else { return };
        let process = process_of(&held, held.kind().own_role()).zip(held.kind().own_role());
        let process = process.map(|(id, role)| (role, id));
        if held.withdrawn {
            if !held.by_absence || !self.is_of_newer(held.asserted) {
                return;
            }
            for id in self.went_with(&held, process) {
                self.revive(id);
            }
        }
        let mut concluded = self.set_ends_aside(process);
        if let (true, Asserted::ByExtract { import, .. }) = (held.withdrawn, held.asserted) {
            concluded.push(import);
        }
        self.aside.openings.extend(concluded.into_iter().map(|import| (opening, import)));
    }

    pub(super) fn is_of_newer(&self, asserted: Asserted) -> bool {
        let Asserted::ByExtract { import, .. } = asserted else { return false };
        self.newer.iter().any(|file| file.is(import))
    }

    /// What was withdrawn with an opening because no row named its record, the opening first.
    fn went_with(&self, opening: &HeldEvent, process: Option<(EntityRole, EntityId)>) -> Vec<EventId> {
        let with_it = |event: &&HeldEvent| {
            let gone = event.withdrawn && event.by_absence && event.asserted == opening.asserted;
            gone && process.is_some_and(|(role, id)| event.entities.get(role) == Some(id))
        };
        let others = self.held.events.iter().filter(with_it).map(|event| event.id);
        std::iter::once(opening.id).chain(others.filter(|id| *id != opening.id)).collect()
    }

    fn revive(&mut self, id: EventId) {
        let (own, as_at) = (self.import.id, self.import.as_at);
        let said = self.held.get(id).and_then(|event| self.last_said(event, None));
        if let Some(event) = self.held.get_mut(id) {
            let (import, as_at) = said.filter(|(_, day)| *day > as_at).unwrap_or((own, as_at));
            (event.withdrawn, event.by_absence) = (false, false);
            event.asserted = Asserted::ByExtract { import, as_at };
            self.aside.revived.push(id);
        }
    }

    /// The files that inferred the ends.
    fn set_ends_aside(&mut self, process: Option<(EntityRole, EntityId)>) -> Vec<ImportId> {
        let Some((role, id)) = process else { return Vec::new() };
        let is_end = |event: &&HeldEvent| {
            event.kind().own_role() == Some(role)
                && event.entities.get(role) == Some(id)
                && (event.inferred || self.is_by_replacement(event.kind()))
                && !event.withdrawn
                && self.is_of_newer(event.asserted)
        };
        let ends: Vec<EventId> = self.held.events.iter().filter(is_end).map(|event| event.id).collect();
        let mut concluded = Vec::new();
        for end in ends {
            if let Some(event) = self.held.get_mut(end) {
                event.withdrawn = true;
                self.aside.ends.push(end);
                concluded.extend(event.asserted.import());
            }
        }
        concluded
    }

    /// Whether the ends of a kind follow from the next record of a list that gives the newest alone.
    fn is_by_replacement(&self, kind: Kind) -> bool {
        let mut rules = self.import.lists().iter().flat_map(|list| &list.events);
        rules.any(|rule| rule.replaces.as_ref().is_some_and(|replaces| replaces.by == kind))
    }

    /// The last file before a day that said an event in a row, and its day.
    pub(super) fn last_said(
        &self,
        event: &HeldEvent,
        before: Option<chrono::NaiveDate>,
    ) -> Option<(ImportId, chrono::NaiveDate)> {
        let prior = self.newer.iter().flat_map(|file| file.day_of()).chain(self.import.days());
        let days: Vec<(ImportId, chrono::NaiveDate)> = prior.collect();
        let said = event.said_by.iter().filter(|(_, sheet)| sheet != NO_LIST);
        let dated = said.filter_map(|(import, _)| days.iter().find(|(other, _)| other == import).copied());
        dated.filter(|(_, day)| before.is_none_or(|before| *day < before)).max_by_key(|(_, day)| *day)
    }

    /// Withdraws again, without an event, what is set aside; `false` where it is not.
    pub(super) fn withdraw_again(&mut self, id: EventId) -> bool {
        let Some(at) = self.aside.revived.iter().position(|revived| *revived == id) else { return false };
        self.aside.revived.swap_remove(at);
        let asserted = Asserted::ByExtract { import: self.import.id, as_at: self.import.as_at };
        if let Some(event) = self.held.get_mut(id) {
            (event.withdrawn, event.by_absence, event.asserted) = (true, true, asserted);
        }
        true
    }

    /// Ends again, without an event, what is set aside; `false` where the same end is not.
    pub(super) fn end_again(&mut self, end: &CaseEvent) -> bool {
        let same = |id: &EventId| self.held.get(*id).is_some_and(|held| held.case_event() == *end);
        let Some(at) = self.aside.ends.iter().position(same) else { return false };
        let id = self.aside.ends.swap_remove(at);
        if let Some(event) = self.held.get_mut(id) {
            event.withdrawn = false;
        }
        true
    }

    /// Takes back what no newer file concludes any more.
    pub(super) fn settle_aside(&mut self) {
        for id in std::mem::take(&mut self.aside.ends) {
            self.withdraw(id, usize::MAX);
        }
        for id in std::mem::take(&mut self.aside.revived) {
            if let Some(event) = self.held.get(id).cloned() {
                self.reinstate(&event, usize::MAX);
            }
        }
    }
}
