//! The fold of a journey against the slow view.

use domain::journey::{Basis, Journey, KnownEvent};
use domain::time::Occurred;
use proptest::prelude::*;

use crate::slow_view::{Known, known, known_since};
use crate::world::{Entry, Moment, Say, entry_of, history, known_at, recorded};

const STREAM: u128 = 99;

/// Moments worth asking about: before anything, around each entry on each basis, and after everything.
fn moments(entries: &[Entry]) -> Vec<Moment> {
    let of = |entry: &Entry| Basis::ALL.map(|basis| known_since(entry, basis));
    let mut all: Vec<Moment> =
        entries.iter().flat_map(of).flat_map(|it| [it, it.saturating_sub(1)]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn seen(event: &KnownEvent, withdrawn: bool) -> (usize, domain::events::CaseEvent, Vec<usize>, bool) {
    let amended_by = event.amendments.iter().map(|it| entry_of(it.event_id)).collect();
    (entry_of(event.event_id), event.to_case_event(), amended_by, withdrawn)
}

fn expected(known: &Known) -> (usize, domain::events::CaseEvent, Vec<usize>, bool) {
    (known.entry, known.fact.event(), known.amended_by.clone(), known.withdrawn)
}

/// Whether two events that follow each other may: an earlier day never follows a later one, nor an earlier time of one day
/// a later time of the same kind.
fn may_follow(one: &Occurred, other: &Occurred, same_kind: bool) -> bool {
    let days = one.day().zip(other.day());
    let times = one.instant().zip(other.instant()).filter(|_| same_kind);
    days.is_none_or(|(day, next)| day <= next) && times.is_none_or(|(time, next)| time <= next)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_known_equals_the_slow_view_at_every_moment_on_every_basis(entries in history(false, 24)) {
        let held = recorded(STREAM, &entries);
        for basis in Basis::ALL {
            for moment in moments(&entries) {
                let journey = Journey::known(&held, known_at(basis, moment));
                let slow = known(&entries, basis, moment);
                let mut all: Vec<_> = journey.events.iter().map(|event| seen(event, false))
                    .chain(journey.withdrawn.iter().map(|event| seen(event, true))).collect();
                all.sort_by_key(|(entry, ..)| *entry);
                prop_assert_eq!(all, slow.iter().map(expected).collect::<Vec<_>>(), "{} {}", basis, moment);
                let disputed: Vec<usize> = journey.disputes.iter().map(|it| entry_of(it.event_id)).collect();
                let is_disputed = |entry: &usize| matches!(entries[*entry].say, Say::Disputed(_))
                    && known_since(&entries[*entry], basis) <= moment;
                prop_assert_eq!(disputed, (0..entries.len()).filter(is_disputed).collect::<Vec<_>>());
                let last = (0..entries.len()).filter(|it| known_since(&entries[*it], basis) <= moment).max();
                let last = last.map(|entry| u64::try_from(entry).unwrap() + 1);
                prop_assert_eq!(journey.last_position.map(|position| position.0), last);
            }
        }
    }

    #[test]
    fn practice_order_never_puts_a_later_day_or_time_first(entries in history(false, 40)) {
        let journey = Journey::known(&recorded(STREAM, &entries), known_at(Basis::Ledger, 100_000));
        for (at, one) in journey.events.iter().enumerate() {
            for other in &journey.events[at + 1..] {
                prop_assert!(may_follow(&one.occurred, &other.occurred, one.kind() == other.kind()));
            }
        }
    }

    #[test]
    fn the_order_in_which_events_are_handed_in_changes_nothing(
        (entries, order) in history(false, 24)
            .prop_flat_map(|entries| { let order: Vec<usize> = (0..entries.len()).collect(); (Just(entries), Just(order).prop_shuffle()) }),
    ) {
        let held = recorded(STREAM, &entries);
        let shuffled: Vec<_> = order.iter().map(|entry| held[*entry].clone()).collect();
        for basis in Basis::ALL {
            let until = known_at(basis, 600);
            prop_assert_eq!(Journey::known(&held, until), Journey::known(&shuffled, until));
        }
    }
}
