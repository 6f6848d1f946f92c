//! Stops that name no process, where each of several processes has one of them: as many ends are told as there are processes,
//! or as many acts as are done once for each.
//!
//! Which one is not known, but it was one: a clock that such an act stops was stopped, on the day of one of them, and says
//! what all of them say. The last one counts for certain, the others in some readings. What stops the processes within
//! another, as completions stop assessments, stops that one, too, so that two rules say the same of one act.

use crate::events::{EntityRole, Kind};
use crate::ids::EntityId;
use crate::journey::{KnownEvent, sort};
use crate::processes::{Process, Processes};

use super::case::{Case, Stop};
use super::compiled::Track;
use super::index::Index;

impl<'j> Case<'j> {
    /// Takes the stops of which one is its own. `unlinked` are those of the rule that name no process.
    pub(super) fn take_settled_ends(
        &mut self,
        track: &Track<'_>,
        unlinked: &[&'j KnownEvent],
        index: &Index<'j>,
        processes: &Processes<'j>,
    ) {
        let Some(role) = track.shape.per.role().filter(|_| !unlinked.is_empty()) else { return };
        let stops_it = |event: &KnownEvent| {
            unlinked.iter().any(|stop| stop.event_id == event.event_id)
                && index.is_named(&track.shape.stop, event)
        };
        let settled = settled_of(track, (role, self.entity), processes);
        let stop_it = |acts: &Vec<Stop<'j>>| !acts.is_empty() && acts.iter().all(|act| stops_it(act.event));
        self.stops.extend(settled.into_iter().find(stop_it).unwrap_or_default());
        sort(&mut self.stops);
    }
}

/// What may be the own act of a process, by each way in which one of several can be: only the last one is sure.
fn settled_of<'j>(
    track: &Track<'_>,
    (role, entity): (EntityRole, EntityId),
    processes: &Processes<'j>,
) -> Vec<Vec<Stop<'j>>> {
    let ends = processes.get(role, entity).map(Process::settled_ends).unwrap_or_default();
    let own = ends.into_iter().map(|end| Stop::new(end.event, end.sure)).collect();
    let kinds = || track.shape.stop.iter().map(|one| one.kind);
    let once = kinds().map(|kind| with_last_sure(processes.answers(kind, role, entity).to_vec()));
    let within = kinds().map(|kind| with_last_sure(of_within(track, kind, (role, entity), processes)));
    std::iter::once(own).chain(once).chain(within).collect()
}

/// The acts that ended the processes which state that they belong to another, where each of them ended one of several.
fn of_within<'j>(
    track: &Track<'_>,
    kind: Kind,
    (role, entity): (EntityRole, EntityId),
    processes: &Processes<'j>,
) -> Vec<&'j KnownEvent> {
    let Some(own) = kind.own_role().filter(|own| *own != role) else { return Vec::new() };
    let began_so = |process: &Process<'_>| {
        let asked = track.shape.stop.iter().filter(|one| one.kind == kind);
        let holds =
            |opened: &KnownEvent| asked.clone().any(|one| one.opened.iter().all(|it| it.holds(&opened.body)));
        process.opened.is_some_and(holds)
    };
    let is_within =
        |process: &&Process<'j>| processes.stated_parents(process, role) == [entity] && began_so(process);
    let mut found: Vec<&KnownEvent> = Vec::new();
    for end in processes.in_role(own).filter(is_within).flat_map(Process::settled_ends) {
        if end.event.kind() == kind && !found.iter().any(|held| held.event_id == end.event.event_id) {
            found.push(end.event);
        }
    }
    found
}

fn with_last_sure(mut acts: Vec<&KnownEvent>) -> Vec<Stop<'_>> {
    acts.sort_by_key(|act| act.by_latest());
    let last = acts.len().saturating_sub(1);
    acts.into_iter().enumerate().map(|(place, act)| Stop::new(act, place == last)).collect()
}
