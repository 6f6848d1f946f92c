//! Amendments that do not do what they seem to do.

use crate::journey::{Amendment, Change, Journey, KnownEvent};

use super::{Observation, ObservationCode};

pub(super) fn observe(journey: &Journey, found: &mut Vec<Observation>) {
    for event in &journey.withdrawn {
        found.extend(corrected_since(event).map(|correction| Observation {
            code: ObservationCode::CorrectsWithdrawn,
            events: vec![event.event_id, correction.event_id],
        }));
    }
}

/// The corrections that became known after the event was withdrawn. What undoes a correction is none.
fn corrected_since(event: &KnownEvent) -> impl Iterator<Item = &Amendment> {
    let order = |amendment: &Amendment| (amendment.known_since, amendment.position);
    let withdrawals = event.amendments.iter().filter(|it| it.change == Change::Withdrawn);
    let withdrawn = withdrawals.map(order).max();
    let is_correction = |it: &&Amendment| matches!(it.change, Change::Corrected { .. }) && it.of.is_none();
    event.amendments.iter().filter(is_correction).filter(move |it| Some(order(it)) > withdrawn)
}
