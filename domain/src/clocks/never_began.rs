//! Processes that never began: what began them was withdrawn.
//!
//! A period of care that was entered by mistake leaves its reviews and placements in the record. As after the end of a
//! process, nothing is done in one that never was, so its rules ask nothing, and those of what lies within it neither.
//!
//! What it does not do: a process of which the beginning was never recorded may have begun before the record does, and says
//! so where that matters (`history_incomplete`).

use std::collections::BTreeSet;

use crate::events::{EntityRole, Stage};
use crate::ids::EntityId;
use crate::journey::{Journey, KnownEvent};
use crate::processes::{Processes, holds_acts};

use super::case::Case;
use super::compiled::Track;

/// Processes of which every beginning was withdrawn.
#[derive(Debug)]
pub(super) struct NeverBegan<'a, 'j> {
    all: BTreeSet<(EntityRole, EntityId)>,
    /// The processes as they are stated: what an act is only found to be of says nothing of what lies within what.
    stated: &'a Processes<'j>,
}

impl<'a, 'j> NeverBegan<'a, 'j> {
    pub(super) fn of(journey: &Journey, stated: &'a Processes<'j>) -> Self {
        let begun = |event: &KnownEvent| {
            let role = event.kind().own_role().filter(|role| holds_acts(*role))?;
            (event.kind().stage() == Stage::Opens).then_some((role, event.own_entity()?))
        };
        let mut withdrawn: BTreeSet<_> = journey.withdrawn.iter().filter_map(begun).collect();
        if !withdrawn.is_empty() {
            for began in journey.events.iter().filter_map(begun) {
                withdrawn.remove(&began);
            }
        }
        Self { all: withdrawn, stated }
    }

    /// Whether a process never began.
    pub(super) fn is(&self, role: EntityRole, entity: EntityId) -> bool {
        self.all.contains(&(role, entity))
    }

    /// Whether the process of a case never began, or lies within one that never did.
    pub(super) fn holds(&self, track: &Track<'_>, case: &Case<'_>) -> bool {
        let Some(role) = track.shape.per.role().filter(|_| !self.all.is_empty()) else { return false };
        self.all.contains(&(role, case.entity))
            || self.all.iter().any(|never| is_within(*never, (role, case), self.stated))
    }
}

/// Whether the process of a case states that it belongs to another, and no other of that role ran when it began.
fn is_within(
    (role, entity): (EntityRole, EntityId),
    (own, case): (EntityRole, &Case<'_>),
    processes: &Processes<'_>,
) -> bool {
    let Some(process) = processes.get(own, case.entity) else { return false };
    let began = process.opened.or(case.start().first().copied());
    let another = began.is_some_and(|began| processes.running(role, began).next().is_some());
    !another && processes.stated_parents(process, role).contains(&entity)
}
