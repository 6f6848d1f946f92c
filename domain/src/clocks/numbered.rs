//! Looked-after reviews that were recorded without a number, read with one: what follows a review is then of it.
//!
//! A review on a day of which the record tells one with a number is that one, as [`super::reviews`] reads it. Any other is a
//! review of its own.
//!
//! What it does not do: it changes no journey, and completes no review.

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use crate::events::{EntityRole, Kind};
use crate::ids::EntityId;
use crate::journey::{KnownEvent, Reread};

/// Tells a review from whatever else has the number of its period of care.
const OF_ITS_DAY: u128 = 0x7265_7669_6577_2068_656c_6420_6f6e_2061;

/// The reviews of a journey that have no number, each with one.
#[derive(Debug, Default)]
pub(super) struct Numbered(Reread);

impl Numbered {
    /// Finds them among events in practice order.
    pub(super) fn of(events: &[&KnownEvent]) -> Self {
        let lacks = |event: &&&KnownEvent| {
            event.kind() == Kind::LookedAfterReviewHeld && event.own_entity().is_none()
        };
        let mut numbered = Reread::default();
        let mut given: Vec<EntityId> = Vec::new();
        for event in events.iter().filter(lacks) {
            let free = || (0_u128..).map(|place| own_number(event, place)).find(|own| !given.contains(own));
            let Some(review) = number_of_its_day(event, events).or_else(free) else { continue };
            given.push(review);
            let mut read = (*event).clone();
            read.entities.insert(EntityRole::Review, review);
            numbered.insert(read);
        }
        Self(numbered)
    }

    /// The events, each review with its number.
    pub(super) fn read<'j>(&'j self, events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        self.0.read(events)
    }
}

/// The number of a review that names none: told by its period of care, its days and its place among those of these days, so
/// that it stays the same when the entry is corrected or made again.
fn own_number(held: &KnownEvent, place: u128) -> EntityId {
    let period = held.entities.get(EntityRole::PeriodOfCare).map_or(0, |period| period.0.as_u128());
    let day = |day: Option<NaiveDate>| day.map_or(0, |day| u128::from(day.num_days_from_ce().unsigned_abs()));
    let days = day(held.occurred.earliest_day()) << 64 | day(held.occurred.latest_day()) << 32;
    // Apart from the low bits, in which two periods may differ as two places do.
    EntityId(Uuid::from_u128(OF_ITS_DAY ^ period ^ days ^ (place << 96)))
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
