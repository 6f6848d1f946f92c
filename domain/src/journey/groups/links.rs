//! An act of a group belongs to the child's own processes.
//!
//! A household's conference names one enquiry at most, and each sibling has an own one. In a child's journey the act is linked
//! to the process that was running for this child on its day. A process that the child's own stream names stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::events::{EntityRole, Stage};
use crate::ids::EntityId;
use crate::journey::{Journey, KnownEvent};

/// Processes of a child's own stream, by role.
pub(super) struct Links(BTreeMap<EntityRole, Vec<Running>>);

/// From the first event that names it to its end.
struct Running {
    id: EntityId,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

/// Processes for whose sake children's clocks are stopped by the acts of others.
const ROLES: [EntityRole; 12] = [
    EntityRole::Application,
    EntityRole::ChildInNeedCase,
    EntityRole::ChildInNeedPlan,
    EntityRole::EarlyHelpAssessment,
    EntityRole::EarlyHelpCase,
    EntityRole::EdgeOfCareService,
    EntityRole::Enquiry,
    EntityRole::FamilyGroupConference,
    EntityRole::FamilyProgramme,
    EntityRole::Plan,
    EntityRole::PreProceedings,
    EntityRole::Referral,
];

impl Links {
    pub(super) fn of(own: &Journey) -> Self {
        let mut links: BTreeMap<EntityRole, Vec<Running>> = BTreeMap::new();
        for event in &own.events {
            for (role, id) in event.entities.iter().filter(|(role, _)| ROLES.contains(role)) {
                let held = links.entry(role).or_default();
                let at = held.iter().position(|process| process.id == id).unwrap_or_else(|| {
                    held.push(Running { id, from: event.occurred.earliest_day(), to: None });
                    held.len() - 1
                });
                let ends = event.kind().stage() == Stage::Ends && event.kind().own_role() == Some(role);
                if let Some(process) = held.get_mut(at).filter(|_| ends) {
                    process.to = event.occurred.latest_day();
                }
            }
        }
        Self(links)
    }

    /// Links an act to the child's own processes. `applications` are the child's in the act's set of proceedings.
    pub(super) fn link(&self, act: &mut KnownEvent, applications: &BTreeSet<EntityId>) {
        for role in ROLES {
            let named = act.entities.get(role);
            let opens = act.kind().stage() == Stage::Opens && act.kind().own_role() == Some(role);
            let own = self.0.get(&role).map_or(&[][..], Vec::as_slice);
            if opens || named.is_some_and(|named| own.iter().any(|process| process.id == named)) {
                continue;
            }
            let running = if role == EntityRole::Application && !applications.is_empty() {
                only(applications.iter().copied())
            } else {
                running_on(own, act)
            };
            if let Some(id) = running {
                act.entities.insert(role, id);
            }
        }
    }
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    first.filter(|_| all.next().is_none())
}

/// Of the processes that may run on an act's day, the one that began last; `None` where two began on one day.
fn running_on(own: &[Running], act: &KnownEvent) -> Option<EntityId> {
    let (earliest, latest) = (act.occurred.earliest_day(), act.occurred.latest_day());
    let runs = |process: &&Running| {
        let begun = process.from.zip(latest).is_none_or(|(from, latest)| from <= latest);
        let ended = process.to.zip(earliest).is_some_and(|(to, earliest)| to < earliest);
        begun && !ended
    };
    let running: Vec<&Running> = own.iter().filter(runs).collect();
    let last = running.iter().map(|process| process.from).max()?;
    only(running.iter().filter(|process| process.from == last).map(|process| process.id))
}
