//! Placements for adoption that a stay elsewhere interrupts: a child who comes back to the adopters from hospital is not placed
//! with them again.
//!
//! A temporary stay ends no placement for adoption (`left_adopters` in the table of endings). Where a source ends it all the
//! same and enters it anew after the stay, or enters it anew without ends, both entries are one placement: the same type, with
//! nothing but temporary stays (T0 to T4) between them, each beginning on the day on which the one before it ended, or on the
//! next. A stay without a recorded end ends with the return. After a new match or a breakdown of the adoption it is another
//! placement, and also where the days leave it open.
//!
//! What it does not do: it changes no journey, and joins no other placements.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::events::looked_after::PlacementEnded;
use crate::events::{Body, EntityRole, Kind};
use crate::ids::{EntityId, EventId};
use crate::journey::{KnownEvent, Reread, put_in_order};

/// How the interrupted placements of a journey are read.
#[derive(Debug, Default)]
pub(super) struct Interrupted {
    /// Ends that were none, and beginnings that were none.
    hidden: BTreeSet<EventId>,
    /// What names a later entry, read as what it is of.
    renamed: Reread,
    /// Ends of stays elsewhere that only the return tells.
    told: Vec<KnownEvent>,
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
            let Some(Return { away, back }) = comes_back(stay, &stays) else { continue };
            let left =
                stay.end.map(|(_, day)| day).into_iter().chain(away.first().map(|stay| stay.from)).min();
            if left.is_none_or(|left| is_placed_anew(events, left, back.from)) {
                continue;
            }
            let first = same.get(&stay.entity).copied().unwrap_or(stay.entity);
            same.insert(back.entity, first);
            interrupted.hidden.extend(stay.end.map(|(end, _)| end.event_id));
            interrupted.hidden.insert(back.began.event_id);
            let open = away.iter().filter(|stay| stay.end.is_none());
            interrupted.told.extend(open.map(|stay| stay.ended_by(back.began)));
        }
        for event in events.iter().filter(|_| !same.is_empty()) {
            let named = event.entities.get(EntityRole::Placement).and_then(|named| same.get(&named));
            if let Some(first) = named {
                let mut read = (*event).clone();
                read.entities.insert(EntityRole::Placement, *first);
                interrupted.renamed.insert(read);
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
        let mut events = self.renamed.read(events);
        put_in_order(&mut events, &self.told);
        events
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

/// How a child comes back to the adopters.
struct Return<'a, 'j> {
    /// The stays elsewhere, in practice order.
    away: Vec<&'a Stay<'j>>,
    /// The later entry of the placement.
    back: &'a Stay<'j>,
}

impl Stay<'_> {
    /// Whether it had not ended before a day, as far as an end is told.
    fn runs_to(&self, day: NaiveDate) -> bool {
        self.end.is_none_or(|(_, end)| end >= day || end.succ_opt() == Some(day))
    }

    /// Whether it ended on a day or on the eve of it, or no end is told.
    fn ends_with(&self, day: NaiveDate) -> bool {
        self.end.is_none_or(|(_, end)| end == day || end.succ_opt() == Some(day))
    }

    /// The end that only a later event tells.
    fn ended_by(&self, later: &KnownEvent) -> KnownEvent {
        let mut entities = later.entities.clone();
        entities.insert(EntityRole::Placement, self.entity);
        KnownEvent { entities, body: PlacementEnded::default().into(), ..later.clone() }
    }
}

/// The later entry of a placement, where only temporary stays lie between.
fn comes_back<'a, 'j>(stay: &Stay<'j>, stays: &'a [Stay<'j>]) -> Option<Return<'a, 'j>> {
    let mut away: Vec<&Stay<'j>> = Vec::new();
    let later = stays.iter().skip_while(|other| other.entity != stay.entity).skip(1);
    for next in later {
        if is_temporary(next.kind) {
            if !(stay.runs_to(next.from) || away.last().is_some_and(|last| last.runs_to(next.from))) {
                return None;
            }
            away.push(next);
        } else {
            let joins = away.last().is_some_and(|last| last.ends_with(next.from));
            let is_over = stay.end.is_none_or(|(_, end)| end <= next.from);
            let is_same = joins && is_over && next.kind == stay.kind;
            return is_same.then_some(Return { away, back: next });
        }
    }
    None
}

/// Whether something says that the child was placed with others, or with the same ones anew.
pub(super) fn is_placed_anew(events: &[&KnownEvent], from: NaiveDate, to: NaiveDate) -> bool {
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

/// A stay elsewhere for a time: types T0 to T4 of SSDA903.
pub(super) fn is_temporary(kind: &str) -> bool {
    matches!(kind, "T0" | "T1" | "T2" | "T3" | "T4")
}

fn is_adoptive(kind: &str) -> bool {
    matches!(kind, "A3" | "A4" | "A5" | "A6")
}
