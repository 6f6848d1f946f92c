//! Looked-after reviews that were recorded without a number, read with one: what follows a review is then of it.
//!
//! A review on a day of which the record tells one with a number is that one, as [`super::reviews`] reads it. Any other is a
//! review of its own.
//!
//! What it does not do: it changes no journey, and completes no review.

use std::collections::BTreeMap;

use crate::events::{EntityRole, Kind};
use crate::ids::{EntityId, EventId};
use crate::journey::KnownEvent;
use crate::processes::own_of;

/// The reviews of a journey that have no number, each with one.
#[derive(Debug, Default)]
pub(super) struct Numbered(BTreeMap<EventId, KnownEvent>);

impl Numbered {
    /// Finds them among events in practice order.
    pub(super) fn of(events: &[&KnownEvent]) -> Self {
        let lacks = |event: &&&KnownEvent| {
            event.kind() == Kind::LookedAfterReviewHeld && event.own_entity().is_none()
        };
        let numbered = |event: &&KnownEvent| {
            let mut read = (*event).clone();
            let review = number_of_its_day(event, events).unwrap_or_else(|| own_of(event));
            read.entities.insert(EntityRole::Review, review);
            (event.event_id, read)
        };
        Self(events.iter().filter(lacks).map(numbered).collect())
    }

    /// The events, each review with its number.
    pub(super) fn read<'j>(&'j self, events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        if self.0.is_empty() {
            return events;
        }
        events.into_iter().map(|event| self.0.get(&event.event_id).unwrap_or(event)).collect()
    }
}

/// The number of a review that was held or completed on the day of another entry, of the same period of care as far as both
/// state one.
fn number_of_its_day(held: &KnownEvent, events: &[&KnownEvent]) -> Option<EntityId> {
    let period = |event: &KnownEvent| event.entities.get(EntityRole::PeriodOfCare);
    let day = held.occurred.day()?;
    let is_it = |event: &&&KnownEvent| {
        matches!(event.kind(), Kind::LookedAfterReviewHeld | Kind::ReviewCompleted)
            && event.own_entity().is_some()
            && event.occurred.day() == Some(day)
            && period(event).zip(period(held)).is_none_or(|(one, other)| one == other)
    };
    events.iter().find(is_it)?.own_entity()
}
