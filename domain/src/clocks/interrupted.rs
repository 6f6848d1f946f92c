//! Placements for adoption that a stay elsewhere interrupts: a child who comes back to the adopters from hospital is not placed
//! with them again.
//!
//! A temporary stay ends no placement for adoption (`left_adopters` in the table of endings). Where a source ends it all the
//! same and enters it anew after the stay, both entries are one placement: the same type, with nothing but temporary stays
//! (T0 to T4) between them, each beginning on the day on which the one before it ended, or on the next. Where the child was
//! matched anew or the adoption broke down in between, it is another. So it is where the days leave it open.
//!
//! What it does not do: it changes no journey, and joins no other placements.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::events::{Body, EntityRole, Kind};
use crate::ids::{EntityId, EventId};
use crate::journey::KnownEvent;

/// How the interrupted placements of a journey are read.
#[derive(Debug, Default)]
pub(super) struct Interrupted {
    /// Ends that were none, and beginnings that were none.
    hidden: BTreeSet<EventId>,
    /// What names a later entry, read as what it is of.
    renamed: BTreeMap<EventId, KnownEvent>,
}

/// A placement of which the days are certain.
struct Stay<'j> {
    entity: EntityId,
    kind: &'j str,
    began: &'j KnownEvent,
    from: NaiveDate,
    end: Option<(&'j KnownEvent, NaiveDate)>,
}

impl Interrupted {
    /// Finds them among events in practice order.
    pub(super) fn of(events: &[&KnownEvent]) -> Self {
        let mut interrupted = Self::default();
        if !events.iter().any(|event| type_of(event).is_some_and(is_temporary)) {
            return interrupted;
        }
        let stays = stays(events);
        let mut same: BTreeMap<EntityId, EntityId> = BTreeMap::new();
        for stay in stays.iter().filter(|stay| is_adoptive(stay.kind)) {
            let Some((end, ended)) = stay.end else { continue };
            let Some(back) = comes_back(stay, ended, &stays) else { continue };
            if is_placed_anew(events, ended, back.from) {
                continue;
            }
            let first = same.get(&stay.entity).copied().unwrap_or(stay.entity);
            same.insert(back.entity, first);
            interrupted.hidden.extend([end.event_id, back.began.event_id]);
        }
        for event in events.iter().filter(|_| !same.is_empty()) {
            let named = event.entities.get(EntityRole::Placement).and_then(|named| same.get(&named));
            if let Some(first) = named {
                let mut read = (*event).clone();
                read.entities.insert(EntityRole::Placement, *first);
                interrupted.renamed.insert(event.event_id, read);
            }
        }
        interrupted
    }

    /// Whether no placement was interrupted.
    pub(super) fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// The events as rules read them.
    pub(super) fn read<'j>(&'j self, mut events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        if self.hidden.is_empty() {
            return events;
        }
        events.retain(|event| !self.hidden.contains(&event.event_id));
        events.into_iter().map(|event| self.renamed.get(&event.event_id).unwrap_or(event)).collect()
    }
}

fn stays<'j>(events: &[&'j KnownEvent]) -> Vec<Stay<'j>> {
    let stay = |began: &&'j KnownEvent| {
        let (kind, entity, from) = (type_of(began)?, began.own_entity()?, began.occurred.day()?);
        let is_end =
            |event: &&KnownEvent| event.kind() == Kind::PlacementEnded && event.own_entity() == Some(entity);
        let end = events.iter().copied().find(is_end);
        let end = match end {
            None => None,
            Some(end) => Some((end, end.occurred.day()?)),
        };
        Some(Stay { entity, kind, began, from, end })
    };
    events.iter().filter_map(stay).collect()
}

/// The later entry of a placement that ended on a day, where only temporary stays lie between.
fn comes_back<'a, 'j>(stay: &Stay<'j>, ended: NaiveDate, stays: &'a [Stay<'j>]) -> Option<&'a Stay<'j>> {
    let (mut until, mut away) = (ended, false);
    let later = stays.iter().filter(|other| other.entity != stay.entity && other.from >= stay.from);
    for next in later.filter(|other| other.from >= ended) {
        let follows = next.from == until || until.succ_opt() == Some(next.from);
        if !follows {
            return None;
        } else if is_temporary(next.kind) {
            (until, away) = (next.end?.1, true);
        } else {
            return Some(next).filter(|next| away && next.kind == stay.kind);
        }
    }
    None
}

/// Whether something says that the child was placed with others, or with the same ones anew.
fn is_placed_anew(events: &[&KnownEvent], from: NaiveDate, to: NaiveDate) -> bool {
    let anew = [Kind::AdoptionDisrupted, Kind::MatchApproved, Kind::AdoptionDecisionReversed];
    let lies_between = |event: &KnownEvent| {
        event.occurred.latest_day().is_none_or(|day| day >= from)
            && event.occurred.earliest_day().is_none_or(|day| day <= to)
    };
    events.iter().any(|event| anew.contains(&event.kind()) && lies_between(event))
}

fn type_of(event: &KnownEvent) -> Option<&str> {
    if let Body::PlacementStarted(started) = &event.body {
        started.placement_type.as_ref().map(|it| it.as_str())
    } else {
        None
    }
}

fn is_temporary(kind: &str) -> bool {
    matches!(kind, "T0" | "T1" | "T2" | "T3" | "T4")
}

fn is_adoptive(kind: &str) -> bool {
    matches!(kind, "A3" | "A4" | "A5" | "A6")
}
