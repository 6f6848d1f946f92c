//! Looked-after reviews, each read once, for every rule that asks about them.
//!
//! A review is told by `looked_after_review_held`, `review_part_held` and `review_completed`, which share its identifier.
//! However many of them there are, they are one review. Entries that state different periods of care are not: no review
//! is held of two of them, and the identifier is a slip.
//!
//! - It is held on the day for which that is recorded; where several days are, on the first.
//! - Where only its completion is recorded, it was held by then: between its first part (or else the review before it, or
//!   the beginning of the period of care) and the completion. The day is not known, and no rule is told one.
//! - Parts alone are no review: it may still be going on.
//!
//! Entries without an identifier:
//!
//! - What is held on a day for which the record tells a review with an identifier is that review: nobody holds two
//!   statutory reviews of a child on one day.
//! - A completion belongs to the last review that began by then and that no other entry completes; where there is none, it
//!   shows a review of its own.
//!
//! What it does not do: it changes no journey. Pages and observations show every event as it was recorded.
//!
//! Invariant: after this reading at most one `looked_after_review_held` of a period of care has a given identifier.

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

/// What tells of one review, each list in practice order; what names no review stands at the end.
#[derive(Default)]
struct Told<'j> {
    /// The period of care that it states.
    period: Option<EntityId>,
    held: Vec<&'j KnownEvent>,
    parts: Vec<&'j KnownEvent>,
    completed: Vec<&'j KnownEvent>,
}

impl Reviews {
    /// Reads the reviews of events in practice order.
    pub(super) fn of(events: &[&KnownEvent]) -> Self {
        let told = by_review(events);
        let mut reviews = Self::default();
        told.iter().for_each(|told| reviews.read_held(told));
        let mut completed: Vec<(&Told<'_>, &KnownEvent)> =
            told.iter().filter_map(|told| Some((told, told.completed_only()?))).collect();
        completed.sort_by_key(|(_, event)| event.by_latest());
        for (told, event) in completed {
            let occurred = Occurred::within(reviews.begun(told, event, events), event.occurred.latest_day());
            let parts = u32::try_from(told.parts.len()).ok().filter(|parts| *parts > 0);
            let body: Body = LookedAfterReviewHeld { parts, ..Default::default() }.into();
            reviews.dated.push(KnownEvent { occurred, body, ..event.clone() });
        }
        reviews
    }

    /// The events as rules read them: each review once.
    pub(super) fn read<'j>(&'j self, mut events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        if !self.hidden.is_empty() {
            events.retain(|event| !self.hidden.contains(&event.event_id));
        }
        put_in_order(&mut events, &self.dated);
        events
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
        let is_before = |event: &KnownEvent| {
            !self.hidden.contains(&event.event_id) && Ends::of(event).surely_before(Ends::of(completed))
        };
        let held = events.iter().copied().filter(|event| event.kind() == Kind::LookedAfterReviewHeld);
        let before = held.chain(&self.dated).filter(|event| is_before(event));
        let after_last = before.filter_map(|event| event.occurred.latest_day()?.succ_opt()).max();
        let begun = by_part.or_else(|| after_last.max(care_began(completed, events)));
        begun.map(|begun| until.map_or(begun, |until| begun.min(until)))
    }
}

impl<'j> Told<'j> {
    /// A review of which only one event tells.
    fn by(event: &'j KnownEvent) -> Self {
        let mut told = Self { period: period_of(event), ..Self::default() };
        told.take(event);
        told
    }

    fn take(&mut self, event: &'j KnownEvent) {
        let list = if event.kind() == Kind::LookedAfterReviewHeld {
            &mut self.held
        } else if event.kind() == Kind::ReviewPartHeld {
            &mut self.parts
        } else {
            &mut self.completed
        };
        list.push(event);
    }

    /// The first completion, where no event says on which day the review was held.
    fn completed_only(&self) -> Option<&'j KnownEvent> {
        self.completed.first().copied().filter(|_| self.held.is_empty())
    }

    /// Whether an event states no other period of care.
    fn agrees_with(&self, event: &KnownEvent) -> bool {
        self.period.zip(period_of(event)).is_none_or(|(one, other)| one == other)
    }

    /// Whether it is told to have been held or completed on the day of an event.
    fn is_of_the_day_of(&self, event: &KnownEvent) -> bool {
        self.agrees_with(event)
            && self.held.iter().chain(&self.completed).any(|told| is_of_one_day(told, event))
    }

    /// Whether an event tells of its completion once more.
    fn is_completed_by(&self, event: &KnownEvent) -> bool {
        self.agrees_with(event) && self.completed.iter().any(|told| is_of_one_day(told, event))
    }

    /// Whether a completion that names no review may be its own: it had begun by then, and no other entry completes it.
    fn may_be_completed_by(&self, event: &KnownEvent) -> bool {
        let completed = Ends::of(event);
        let mut begun = self.held.iter().chain(&self.parts);
        self.completed.is_empty()
            && self.agrees_with(event)
            && begun.any(|told| !completed.surely_before(Ends::of(told)))
    }

    /// The first day on which it may have begun.
    fn begun(&self) -> Option<NaiveDate> {
        self.held.iter().chain(&self.parts).filter_map(|event| event.occurred.earliest_day()).min()
    }
}

/// What tells of each review.
fn by_review<'j>(events: &[&'j KnownEvent]) -> Vec<Told<'j>> {
    let telling: Vec<&KnownEvent> = events.iter().copied().filter(|event| tells_of_review(event)).collect();
    let mut periods: BTreeMap<EntityId, BTreeSet<EntityId>> = BTreeMap::new();
    for (review, period) in telling.iter().filter_map(|event| Some((event.own_entity()?, period_of(event)?)))
    {
        periods.entry(review).or_default().insert(period);
    }
    let mut named: BTreeMap<(EntityId, Option<EntityId>), Told<'j>> = BTreeMap::new();
    let mut unnamed = Vec::new();
    for event in telling {
        let Some((review, period)) = review_of(event, &periods) else {
            unnamed.push(event);
            continue;
        };
        let told = named.entry((review, period)).or_default();
        told.period = period;
        told.take(event);
    }
    with_unnamed(named.into_values().collect(), &unnamed)
}

/// The review that an event names, with the period of care of it. `None` where it names none, or where the identifier stands
/// for reviews of several periods and the event does not say of which.
fn review_of(
    event: &KnownEvent,
    periods: &BTreeMap<EntityId, BTreeSet<EntityId>>,
) -> Option<(EntityId, Option<EntityId>)> {
    let review = event.own_entity()?;
    let stated = periods.get(&review);
    if stated.is_some_and(|stated| stated.len() > 1) {
        return Some((review, Some(period_of(event)?)));
    }
    Some((review, stated.and_then(|stated| stated.first().copied())))
}

/// Adds what names no review, in practice order, to the reviews that are named. Parts add nothing: they are no review, and to
/// which one they belong is not told.
fn with_unnamed<'j>(mut named: Vec<Told<'j>>, unnamed: &[&'j KnownEvent]) -> Vec<Told<'j>> {
    let of_kind = |kind| unnamed.iter().copied().filter(move |event| event.kind() == kind);
    let mut alone = Vec::new();
    for held in of_kind(Kind::LookedAfterReviewHeld) {
        match named.iter_mut().find(|told| told.is_of_the_day_of(held)) {
            Some(told) => told.take(held),
            None => alone.push(Told::by(held)),
        }
    }
    named.extend(alone);
    for completed in of_kind(Kind::ReviewCompleted) {
        if named.iter().any(|told| told.is_completed_by(completed)) {
            continue;
        }
        let open = named.iter_mut().filter(|told| told.may_be_completed_by(completed));
        match open.max_by_key(|told| told.begun()) {
            Some(told) => told.take(completed),
            None => named.push(Told::by(completed)),
        }
    }
    named
}

fn tells_of_review(event: &KnownEvent) -> bool {
    matches!(event.kind(), Kind::LookedAfterReviewHeld | Kind::ReviewPartHeld | Kind::ReviewCompleted)
}

fn period_of(event: &KnownEvent) -> Option<EntityId> {
    event.entities.get(EntityRole::PeriodOfCare)
}

/// Whether both are known to the day, and it is the same.
fn is_of_one_day(one: &KnownEvent, other: &KnownEvent) -> bool {
    one.occurred.day().zip(other.occurred.day()).is_some_and(|(one, other)| one == other)
}

fn is_first_part(event: &KnownEvent) -> bool {
    matches!(&event.body, Body::ReviewPartHeld(held) if held.part == 1)
}

/// The first day of the period of care that an event names.
fn care_began(event: &KnownEvent, events: &[&KnownEvent]) -> Option<NaiveDate> {
    let period = period_of(event)?;
    let began = events
        .iter()
        .find(|other| other.kind() == Kind::BecameLookedAfter && period_of(other) == Some(period));
    began?.occurred.earliest_day()
}
