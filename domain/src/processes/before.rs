//! Whose an act is that goes before a beginning and names nothing: a request, or a decision against a conference.
//!
//! What it prepares takes place within another process: a conference within an enquiry or a plan, a placement within a period
//! of care. Where the record holds what ran when the act was done, and within what the process took place, the two tell
//! whether it can be of it: an enquiry that was over before the next one began parts what was asked for in it from the
//! conference of that next one, however few conferences are on record.

use crate::events::{EntityRole, Stage};
use crate::ids::EntityId;
use crate::journey::KnownEvent;

use super::parents::Belongs;
use super::{Process, Processes, lasts, surely_earlier_day};

/// The roles of what a process takes place within, the narrowest first: the first one that both are known to be in decides.
pub(crate) fn takes_place_within(role: EntityRole) -> &'static [EntityRole] {
    use EntityRole::{Application, Enquiry, PeriodOfCare, Plan, Proceedings, Referral};
    const WITHIN: &[(EntityRole, &[EntityRole])] = &[
        (EntityRole::Conference, &[Plan, Enquiry, Referral]),
        (EntityRole::Hearing, &[Application, Proceedings]),
        (EntityRole::Placement, &[PeriodOfCare]),
        (EntityRole::Review, &[PeriodOfCare]),
    ];
    WITHIN.iter().find(|(of, _)| *of == role).map_or(&[], |(_, within)| within)
}

impl<'j> Processes<'j> {
    /// Whether an act that names nothing goes before a process: not where that had begun, nor where it takes place within
    /// another one than ran then.
    pub(super) fn goes_before(&self, act: &KnownEvent, process: &Process<'j>) -> Belongs {
        // While a process of the same role ran, the act was about that one or prepared the next.
        let had_begun =
            |other: &&Process<'j>| other.opened.is_some_and(|opened| surely_earlier_day(opened, act));
        let mut running =
            self.running(process.role, act).filter(|other| lasts(other.role) && had_begun(other));
        if had_begun(&process) {
            let runs = running.any(|other| other.entity == process.entity);
            return if runs { Belongs::Perhaps } else { Belongs::No };
        }
        let at_most = if running.next().is_some() { Belongs::Perhaps } else { Belongs::Surely };
        at_most.min(self.shares_surroundings(act, process))
    }

    /// Whether a process takes place within what ran when an act was done.
    fn shares_surroundings(&self, act: &KnownEvent, process: &Process<'j>) -> Belongs {
        let roles = takes_place_within(process.role).iter().copied().filter(|role| self.number_in(*role) > 0);
        let mut found = roles.filter_map(|role| {
            let within = self.surroundings(process, role);
            if within.is_empty() { None } else { self.was_done_within(act, role, &within) }
        });
        found.next().unwrap_or(Belongs::Surely)
    }

    /// Whether an act was done within one of these; `None` where nothing of their role is known to have run.
    fn was_done_within(&self, act: &KnownEvent, role: EntityRole, within: &[EntityId]) -> Option<Belongs> {
        let running: Vec<EntityId> = self.open_to(role, act).map(|process| process.entity).collect();
        let shared = running.iter().filter(|entity| within.contains(entity)).count();
        if running.is_empty() {
            // What takes place within a plan is prepared within it, too.
            let began_later = |entity: &EntityId| {
                let process = self.get(role, *entity).and_then(|process| process.opened);
                process.is_some_and(|opened| surely_earlier_day(act, opened))
            };
            if role == EntityRole::Plan && within.iter().all(began_later) {
                return Some(Belongs::No);
            }
            // What is over and waits still may be what it was done for; or it was done ahead of what began next.
            let waiting: Vec<EntityId> = self.candidates(role, act).map(|process| process.entity).collect();
            let shares = waiting.iter().any(|entity| within.contains(entity));
            return (!waiting.is_empty()).then_some(if shares { Belongs::Surely } else { Belongs::Perhaps });
        }
        Some(match shared {
            0 => Belongs::No,
            all if all == running.len() => Belongs::Surely,
            _ => Belongs::Perhaps,
        })
    }

    /// The processes in a role that a process may take place within: those that the record states, or else those that ran
    /// when it was asked for or began.
    fn surroundings(&self, process: &Process<'j>, role: EntityRole) -> Vec<EntityId> {
        let mut stated = self.stated_parents(process, role);
        // What grew out of it, as a plan does out of a conference, is nothing that it took place within.
        let grew_out_of_it = |entity: &EntityId| {
            let parent = self.get(role, *entity).and_then(|parent| parent.opened);
            role == EntityRole::Plan && parent.is_some_and(|parent| !parent.is_surely_before(process.began()))
        };
        stated.retain(|entity| !grew_out_of_it(entity));
        if !stated.is_empty() {
            return stated;
        }
        let asked_for = Some(process.first).filter(|first| first.kind().stage() == Stage::Accompanies);
        let began = asked_for.unwrap_or_else(|| process.began());
        self.candidates(role, began).map(|process| process.entity).collect()
    }
}
