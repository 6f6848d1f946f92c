//! Acts that name a process of which the record tells neither the beginning nor the end, while another of its role is on
//! record: a visit that names a plan which is not on record, of a child who is or was on another one.
//!
//! The name is a slip, as far as can be told: each such act is of the only process that can hold it. Where several run, it
//! names none, so that each of them may be its own. Where none runs on its day, and another of the role is on record, it names
//! none either: what it names neither began nor ended, and would run beside the others for ever. Where none of the role is on
//! record, it names what may have begun before the record does, and stays as it is.
//!
//! What it does not do: it changes no journey; what the act names is observed. It reads acts within a plan, a period of care, a
//! placement or an arrangement only, which the child has one of at a time, as a rule. A conference that names an enquiry which
//! is not on record answers no other one.

use std::collections::BTreeSet;

use crate::events::{EntityRole, Stage};
use crate::ids::EntityId;
use crate::journey::{KnownEvent, Reread};

use super::{Process, Processes, holds_acts, lasts};

/// The acts of a journey that name a process which is not on record, each as it is read.
#[derive(Debug, Default)]
pub(crate) struct Strays(Reread);

impl Strays {
    /// Finds them among events; `processes` are those of the same events.
    pub(crate) fn of(events: &[&KnownEvent], processes: &Processes<'_>) -> Self {
        let missing: BTreeSet<(EntityRole, EntityId)> = processes
            .iter()
            .filter(|process| is_missing(process))
            .map(|process| (process.role, process.entity))
            .collect();
        if missing.is_empty() {
            return Self::default();
        }
        Self(events.iter().filter_map(|event| read(event, &missing, processes)).collect())
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an event is one.
    pub(crate) fn holds(&self, event: &KnownEvent) -> bool {
        self.0.holds(event)
    }

    /// The events, each with the processes that it can be of.
    pub(crate) fn read<'j>(&'j self, events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        self.0.read(events)
    }
}

/// Whether neither the beginning nor the end of a process is on record.
fn is_missing(process: &Process<'_>) -> bool {
    holds_acts(process.role)
        && process.opened.is_none()
        && !process.ends.iter().any(|end| end.line.is_none() && end.sure)
}

fn read(
    event: &KnownEvent,
    missing: &BTreeSet<(EntityRole, EntityId)>,
    processes: &Processes<'_>,
) -> Option<KnownEvent> {
    let named: Vec<EntityRole> =
        event.entities.iter().filter(|it| missing.contains(it)).map(|(role, _)| role).collect();
    let mut changed: Option<KnownEvent> = None;
    for role in named.into_iter().filter(|role| is_done_within(event, *role)) {
        let holding: Vec<EntityId> = processes.running(role, event).map(|process| process.entity).collect();
        let read = match holding.as_slice() {
            [] if !processes.iter().any(|it| it.role == role && it.opened.is_some()) => continue,
            [only] => Some(*only),
            _ => None,
        };
        let changed = changed.get_or_insert_with(|| event.clone());
        match read {
            Some(only) => changed.entities.insert(role, only),
            None => changed.entities.remove(role),
        }
    }
    changed
}

/// Whether an act is done within a process in a role: it carries it on, or is a single act, such as a visit or a review.
fn is_done_within(event: &KnownEvent, role: EntityRole) -> bool {
    let (own, stage) = (event.kind().own_role(), event.kind().stage());
    match stage {
        Stage::Continues => own == Some(role) || own.is_some_and(|own| !lasts(own)),
        Stage::Opens => own.is_some_and(|own| !lasts(own)),
        Stage::Accompanies => own != Some(role),
        Stage::Apart => true,
        Stage::Ends => false,
    }
}
