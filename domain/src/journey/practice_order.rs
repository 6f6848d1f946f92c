//! Practice order: the order in which things happened, as far as it is known.
//!
//! Civil day, then the time where both have one, then a documented rank of kinds (a contact before a referral,
//! an end before a start), then the ledger position. Late entries stand where they happened. An event without
//! a day stands at the latest day on which it can have happened, after what is dated to that day; one without
//! any end stands last. Where order matters to a clock and is not known, the clock says so: the ledger position
//! gives a list its order and no answer, see [`is_surely_before`].

use std::borrow::Borrow;
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::KnownEvent;
use crate::events::Kind;
use crate::ids::Position;

/// Puts more events into a list that stands in practice order.
pub(crate) fn put_in_order<'j>(events: &mut Vec<&'j KnownEvent>, more: &'j [KnownEvent]) {
    let key = |event: &KnownEvent| {
        (day_key(event), rank(event.kind()), event.occurred.earliest_day(), event.position)
    };
    for event in more {
        let at = events.iter().position(|other| key(other) > key(event)).unwrap_or(events.len());
        events.insert(at, event);
    }
}

/// Sorts events into practice order. The order is total: the same events stand in the same order however they
/// were handed in.
pub(crate) fn sort<E: Borrow<KnownEvent>>(events: &mut [E]) {
    // The keys are laid out once and each event is moved once: an event is large.
    events.sort_by_cached_key(|event| {
        let event: &KnownEvent = event.borrow();
        (day_key(event), rank(event.kind()), event.occurred.earliest_day(), event.position)
    });
    for day in events.chunk_by_mut(|a, b| day_key(a.borrow()) == day_key(b.borrow())) {
        sort_day(day);
    }
}

/// Day, and whether the day is only the latest possible one.
fn day_key(event: &KnownEvent) -> (NaiveDate, bool) {
    match event.occurred.day() {
        Some(day) => (day, false),
        None => (event.occurred.latest_day().unwrap_or(NaiveDate::MAX), true),
    }
}

/// Orders one day: events with a time by their time, the others among them by rank.
///
/// Comparing times where two events have one and ranks elsewhere would run in circles (a discussion at 16:00, an
/// enquiry at 09:00, a conference without a time). So an event with a time is lifted to the highest rank that stands
/// before it in time, and an event without one goes before those of its rank.
fn sort_day<E: Borrow<KnownEvent>>(day: &mut [E]) {
    let mut timed: Vec<(DateTime<Utc>, u16, Position)> = day
        .iter()
        .map(Borrow::borrow)
        .filter_map(|event: &KnownEvent| {
            Some((event.occurred.instant()?, rank(event.kind()), event.position))
        })
        .collect();
    if timed.is_empty() {
        return;
    }
    timed.sort();
    let mut lifted = BTreeMap::new();
    let mut highest = 0;
    for (_, rank, position) in timed {
        highest = rank.max(highest);
        lifted.insert(position, highest);
    }
    day.sort_by_cached_key(|event| {
        let event: &KnownEvent = event.borrow();
        let own = rank(event.kind());
        let lifted = lifted.get(&event.position).copied().unwrap_or(own);
        (lifted, event.occurred.instant(), own, event.position)
    });
}

/// Whether what was told says that one event came before another: its day is the earlier one at both ends; or, on one
/// day, its time is where both have one that differ, and else the rank of its kind.
pub(super) fn is_surely_before(one: &KnownEvent, other: &KnownEvent) -> bool {
    let (one_at, other_at) = (&one.occurred, &other.occurred);
    match (one_at.day(), other_at.day()) {
        (Some(day), Some(other_day)) if day == other_day => {
            let times = one_at.instant().zip(other_at.instant()).filter(|(time, other)| time != other);
            times.map_or(rank(one.kind()) < rank(other.kind()), |(time, other)| time < other)
        }
        _ => one_at
            .latest_day()
            .zip(other_at.earliest_day())
            .is_some_and(|(latest, earliest)| latest < earliest),
    }
}

/// Rank of a kind among events of one day: the usual order of practice, ends before starts of the next thing. The
/// ranks stand in the table of kinds and in `docs/events.md`.
pub const fn rank(kind: Kind) -> u16 {
    kind.rank()
}
