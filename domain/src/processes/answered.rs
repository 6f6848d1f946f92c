//! Acts without a name that are done once for their process, where as many are told as processes wait for one: each process
//! has one of them.
//!
//! Which one is not known, but it was one: of two contacts with two screenings that name neither, both were screened. An act
//! may be of a process where all the others can still be of the other processes.
//!
//! What it does not do: where fewer or more are told, one process may have none or one act may have been entered twice, and
//! nothing is said. `owner` does the same for ends that name no process.

use std::collections::BTreeMap;

use crate::events::child_protection::InitialConferenceKind;
use crate::events::{Body, EntityRole, Kind};
use crate::ids::{EntityId, EventId};
use crate::journey::KnownEvent;

use super::parents::is_about_a_contact;
use super::{Process, Processes};

/// More acts than this are not tried against each other: nobody leaves so many without a number on purpose.
const MOST: usize = 24;

/// Kinds of act that a process in a role has once.
const ONCE: &[(Kind, EntityRole)] = &[
    (Kind::ContactScreened, EntityRole::Contact),
    (Kind::ReferralDecisionMade, EntityRole::Referral),
    (Kind::RhiHeld, EntityRole::MissingEpisode),
    (Kind::ReviewDecisionsCirculated, EntityRole::Review),
    (Kind::ReviewRecordCirculated, EntityRole::Review),
    (Kind::InitialConferenceHeld, EntityRole::Enquiry),
];

/// The acts of which one is a process's own, by kind and process.
pub(super) type Answers<'j> = BTreeMap<(Kind, EntityRole, EntityId), Vec<&'j KnownEvent>>;

/// Whether an act is done once for a process in a role.
pub(super) fn is_done_once(kind: Kind, role: EntityRole) -> bool {
    ONCE.contains(&(kind, role))
}

impl<'j> Processes<'j> {
    /// The acts of a kind, none of which names its process, of which one is that of a process; the one that came last may be
    /// it, so that it was done by then. Empty where that is not so.
    pub(crate) fn answers(&self, kind: Kind, role: EntityRole, entity: EntityId) -> &[&'j KnownEvent] {
        self.answers.get(&(kind, role, entity)).map_or(&[], Vec::as_slice)
    }

    /// Finds them among the events of the journey. What the table ends by each of them, it ended by the last at the latest.
    pub(super) fn settle_answers(&mut self, events: &[&'j KnownEvent]) {
        if !events.iter().any(|event| ONCE.iter().any(|(kind, _)| *kind == event.kind())) {
            return;
        }
        for (kind, role) in ONCE.iter().copied() {
            let acts: Vec<&KnownEvent> =
                events.iter().copied().filter(|event| event.kind() == kind && is_first(event)).collect();
            let (named, unnamed): (Vec<&KnownEvent>, Vec<&KnownEvent>) =
                acts.into_iter().partition(|act| self.named_once(act, role).is_some());
            let has_own = |process: &Process<'j>| {
                named.iter().any(|act| self.named_once(act, role) == Some(process.entity))
            };
            let may_be = |act: &KnownEvent| -> Vec<EntityId> {
                let may_be = |it: &&Process<'j>| self.may_be_of(act, role, it.entity) && !has_own(it);
                self.in_role(role).filter(may_be).map(|process| process.entity).collect()
            };
            if unnamed.len() < 2 || unnamed.len() > MOST {
                continue;
            }
            let candidates: Vec<Vec<EntityId>> = unnamed.iter().map(|act| may_be(act)).collect();
            for (entity, places) in each_has_one(&candidates) {
                let mut own: Vec<&KnownEvent> =
                    places.iter().filter_map(|place| unnamed.get(*place).copied()).collect();
                own.sort_by_key(|act| act.by_latest());
                self.end_by_one_of(role, entity, &own);
                self.answers.insert((kind, role, entity), own);
            }
        }
    }

    fn named_once(&self, act: &KnownEvent, role: EntityRole) -> Option<EntityId> {
        act.entities.get(role).or_else(|| self.parent_of(act, role))
    }

    fn end_by_one_of(&mut self, role: EntityRole, entity: EntityId, acts: &[&'j KnownEvent]) {
        let Some(process) = self.places.get(role, entity).and_then(|place| self.list.get_mut(place)) else {
            return;
        };
        let ids: Vec<EventId> = acts.iter().map(|act| act.event_id).collect();
        let lines: Vec<_> =
            process.ends.iter().filter(|end| Some(&end.event.event_id) == ids.last()).collect();
        let of_line = |id: &str| {
            let of_line = process.ends.iter().filter(|end| end.line.is_some_and(|line| &*line.id == id));
            let said: Vec<EventId> = of_line.map(|end| end.event.event_id).collect();
            ids.iter().all(|id| said.contains(id))
        };
        let settled: Vec<_> = lines
            .iter()
            .filter_map(|end| end.line)
            .filter(|line| of_line(&line.id))
            .map(|line| line.id.clone())
            .collect();
        for end in &mut process.ends {
            let is_settled = end.line.is_some_and(|line| settled.contains(&line.id));
            end.sure |= is_settled && Some(&end.event.event_id) == ids.last();
        }
    }
}

/// Whether an act is the first of its kind for a process: no conference about a child who moved here is, and no decision on a
/// contact that became no referral.
fn is_first(event: &KnownEvent) -> bool {
    if is_about_a_contact(event) {
        return false;
    }
    if let Body::InitialConferenceHeld(held) = &event.body {
        held.kind != InitialConferenceKind::TransferIn
    } else {
        true
    }
}

/// The processes of which each has one of the acts, with the places of those that may be it; none where there are not as many
/// of both, or where some act can be of none.
fn each_has_one(candidates: &[Vec<EntityId>]) -> Vec<(EntityId, Vec<usize>)> {
    let mut processes: Vec<EntityId> = candidates.iter().flatten().copied().collect();
    processes.sort_unstable();
    processes.dedup();
    if processes.len() != candidates.len() || !are_all_placed(candidates, None) {
        return Vec::new();
    }
    let may_be = |entity: EntityId| {
        let is_it = |place: &usize| {
            candidates.get(*place).is_some_and(|of| of.contains(&entity))
                && are_all_placed(candidates, Some((*place, entity)))
        };
        (0..candidates.len()).filter(is_it).collect()
    };
    processes.into_iter().map(|entity| (entity, may_be(entity))).collect()
}

/// Whether each act can be of a process of its own, where one of them is that of a certain process.
fn are_all_placed(candidates: &[Vec<EntityId>], fixed: Option<(usize, EntityId)>) -> bool {
    let mut taken: BTreeMap<EntityId, usize> = BTreeMap::new();
    let of = |act: usize| match fixed {
        Some((place, entity)) if place == act => vec![entity],
        Some((_, entity)) => {
            candidates.get(act).into_iter().flatten().copied().filter(|one| *one != entity).collect()
        }
        None => candidates.get(act).cloned().unwrap_or_default(),
    };
    let of: Vec<Vec<EntityId>> = (0..candidates.len()).map(of).collect();
    (0..of.len()).all(|act| place(act, &of, &mut taken, &mut Vec::new()))
}

/// Finds a process for an act, where another one may give way to it.
fn place(
    act: usize,
    of: &[Vec<EntityId>],
    taken: &mut BTreeMap<EntityId, usize>,
    tried: &mut Vec<EntityId>,
) -> bool {
    for entity in of.get(act).into_iter().flatten() {
        if tried.contains(entity) {
            continue;
        }
        tried.push(*entity);
        let held = taken.get(entity).copied();
        if held.is_none_or(|other| place(other, of, taken, tried)) {
            taken.insert(*entity, act);
            return true;
        }
    }
    false
}
