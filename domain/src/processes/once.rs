//! Acts that are done once for their process: a contact is screened once, and the decisions of a review circulated once.
//!
//! One that names none is of none that has its own. This is our reading: no source says that nobody does it twice.

use crate::events::{EntityRole, Kind};
use crate::ids::EntityId;
use crate::journey::KnownEvent;

use super::Processes;
use super::answered::is_done_once;
use super::parents::is_about_a_contact;

/// The acts of which a process has one, as far as it is told of which they are.
#[derive(Debug, Default)]
pub(crate) struct DoneOnce(Option<Vec<(Kind, EntityId)>>);

impl DoneOnce {
    /// The only process that an act without a name may be of and that has no such act of its own. `events` are those of the
    /// journey; what is found is of its process from then on.
    pub(crate) fn owner_of(
        &mut self,
        act: &KnownEvent,
        role: EntityRole,
        processes: &Processes<'_>,
        events: &[&KnownEvent],
    ) -> Option<EntityId> {
        let kind = act.kind();
        if !is_own_done_once(kind) || kind.own_role() != Some(role) || is_about_a_contact(act) {
            return None;
        }
        let candidates = processes.may_be_meant(act, role);
        if candidates.len() < 2 {
            return None;
        }
        let done = self.0.get_or_insert_with(|| named(events));
        let mut waiting = candidates.into_iter().filter(|entity| !done.contains(&(kind, *entity)));
        let only = waiting.next().filter(|_| waiting.next().is_none())?;
        done.push((kind, only));
        Some(only)
    }

    /// Notes that an act is of a process, where it is found otherwise.
    pub(crate) fn note(&mut self, act: &KnownEvent, entity: EntityId, events: &[&KnownEvent]) {
        if is_own_done_once(act.kind()) {
            self.0.get_or_insert_with(|| named(events)).push((act.kind(), entity));
        }
    }
}

fn named(events: &[&KnownEvent]) -> Vec<(Kind, EntityId)> {
    let once = events.iter().filter(|event| is_own_done_once(event.kind()));
    once.filter_map(|event| Some((event.kind(), event.own_entity()?))).collect()
}

/// Whether an act is done once for its own process.
fn is_own_done_once(kind: Kind) -> bool {
    kind.own_role().is_some_and(|own| is_done_once(kind, own))
}
