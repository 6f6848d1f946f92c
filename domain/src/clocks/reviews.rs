//! Looked-after reviews, each read once, for every rule that asks about them.
//!
//! A review is told by `looked_after_review_held`, `review_part_held` and `review_completed`, which share its identifier.
//! However many of them there are, they are one review:
//!
//! - It is held on the day for which that is recorded; where several days are, on the first.
//! - Where only its completion is recorded, it was held by then: between its first part (or else the review before it, or
//!   the beginning of the period of care) and the completion. The day is not known, and no rule is told one.
//! - Parts alone are no review: it may still be going on.
//!
//! What it does not do: it changes no journey. Pages and observations show every event as it was recorded.
//!
//! Invariant: after this reading at most one `looked_after_review_held` has a given identifier.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::events::looked_after::LookedAfterReviewHeld;
use crate::events::{Body, EntityRole, Kind};
use crate::ids::{EntityId, EventId};
use crate::journey::{KnownEvent, put_in_order};
use crate::time::Occurred;

use super::ends::Ends;

/// How the reviews of a journey are read.
#[derive(Debug, Default)]
pub(super) struct Reviews {
    /// Reviews of which the day is not one that was recorded for them.
    dated: Vec<KnownEvent>,
    /// What tells of a review that another event stands for.
    hidden: BTreeSet<EventId>,
}

/// What tells of one review, each list in practice order.
#[derive(Default)]
struct Told<'j> {
    held: Vec<&'j KnownEvent>,
    parts: Vec<&'j KnownEvent>,
    completed: Vec<&'j KnownEvent>,
}

/// One of the lists of what tells of a review.
type List<'j> = for<'a> fn(&'a mut Told<'j>) -> &'a mut Vec<&'j KnownEvent>;

impl Reviews {
    /// Reads the reviews of events in practice order.
    pub(super) fn of(events: &[&KnownEvent]) -> Self {
        let told = by_review(events);
        let mut reviews = Self::default();
        told.iter().for_each(|told| reviews.read_held(told));
        let mut completed: Vec<(&Told<'_>, &KnownEvent)> =
            told.iter().filter_map(|told| Some((told, told.completed_only()?))).collect();
        completed.sort_by_key(|(_, event)| (event.occurred.latest_day(), event.position));
        for (told, event) in completed {
            let occurred = Occurred::within(reviews.begun(told, event, events), event.occurred.latest_day());
            let parts = u32::try_from(told.parts.len()).ok().filter(|parts| *parts > 0);
            let body: Body = LookedAfterReviewHeld { parts, ..Default::default() }.into();
            reviews.dated.push(KnownEvent { occurred, body, ..event.clone() });
        }
        reviews
    }

    /// The events as rules read them: each review once.
    pub(super) fn read<'j>(&'j self, events: &[&'j KnownEvent]) -> Vec<&'j KnownEvent> {
        let mut read: Vec<&KnownEvent> =
            events.iter().copied().filter(|event| !self.hidden.contains(&event.event_id)).collect();
        put_in_order(&mut read, &self.dated);
        read
    }

    /// Of several entries of one review the first stands for it. Where it is not settled which that is, the review lies
    /// between the days of all that may be.
    fn read_held(&mut self, told: &Told<'_>) {
        let Some((first, [_, ..])) = told.held.split_first() else { return };
        let Some(days) = Ends::of_first(&told.held) else { return };
        let stands = told.held.iter().find(|event| Ends::of(event) == days);
        let hidden =
            told.held.iter().filter(|event| stands.is_none_or(|stands| event.event_id != stands.event_id));
        self.hidden.extend(hidden.map(|event| event.event_id));
        if stands.is_none() {
            let occurred = Occurred::within(days.earliest, days.latest);
            self.dated.push(KnownEvent { occurred, ..(*first).clone() });
        }
    }

    /// The first day on which a review can have been held of which only the completion is recorded.
    fn begun(&self, told: &Told<'_>, completed: &KnownEvent, events: &[&KnownEvent]) -> Option<NaiveDate> {
        let first = told.parts.iter().filter(|event| is_first_part(event));
        let by_part = first.filter_map(|event| event.occurred.earliest_day()).min();
        let until = completed.occurred.latest_day();
        let own = completed.own_entity();
        let is_before = |event: &KnownEvent| {
            event.own_entity() != own
                && !self.hidden.contains(&event.event_id)
                && event
                    .occurred
                    .latest_day()
                    .zip(completed.occurred.earliest_day())
                    .is_some_and(|(a, b)| a < b)
        };
        let held = events.iter().copied().filter(|event| event.kind() == Kind::LookedAfterReviewHeld);
        let before = held.chain(&self.dated).filter(|event| is_before(event));
        let after_last = before.filter_map(|event| event.occurred.latest_day()?.succ_opt()).max();
        let begun = by_part.or_else(|| after_last.max(care_began(completed, events)));
        begun.map(|begun| until.map_or(begun, |until| begun.min(until)))
    }
}

impl<'j> Told<'j> {
    /// The first completion, where no event says on which day the review was held.
    fn completed_only(&self) -> Option<&'j KnownEvent> {
        self.completed.first().copied().filter(|_| self.held.is_empty())
    }
}

/// What tells of each review.
fn by_review<'j>(events: &[&'j KnownEvent]) -> Vec<Told<'j>> {
    let mut told: BTreeMap<EntityId, Told<'j>> = BTreeMap::new();
    let lists: [(Kind, List<'j>); 3] = [
        (Kind::LookedAfterReviewHeld, |told| &mut told.held),
        (Kind::ReviewPartHeld, |told| &mut told.parts),
        (Kind::ReviewCompleted, |told| &mut told.completed),
    ];
    for (kind, list) in lists {
        let of_kind = events.iter().copied().filter(|event| event.kind() == kind);
        for (event, review) in of_kind.filter_map(|event| Some((event, event.own_entity()?))) {
            list(told.entry(review).or_default()).push(event);
        }
    }
    told.into_values().collect()
}

fn is_first_part(event: &KnownEvent) -> bool {
    matches!(&event.body, Body::ReviewPartHeld(held) if held.part == 1)
}

/// The first day of the period of care that an event names.
fn care_began(event: &KnownEvent, events: &[&KnownEvent]) -> Option<NaiveDate> {
    let period = event.entities.get(EntityRole::PeriodOfCare)?;
    let began = events.iter().find(|other| {
        other.kind() == Kind::BecameLookedAfter
            && other.entities.get(EntityRole::PeriodOfCare) == Some(period)
    });
    began?.occurred.earliest_day()
}
