//! What was said of one copy of an act reaches the others.

use crate::events::CaseEvent;
use crate::events::record_keeping::CorrectionReason;
use crate::journey::{Amendment, Change, KnownEvent};

/// Brings the amendments of one copy to another. Where the other had a word of its own (its date, its decision for this
/// child), that stays. "Recorded on the wrong child" speaks of the one copy only.
pub(super) fn carry(to: &mut KnownEvent, from: &KnownEvent) {
    for (place, amendment) in from.amendments.iter().enumerate() {
        let held = to.amendments.iter().any(|held| held.event_id == amendment.event_id);
        if held || amendment.reason == CorrectionReason::WrongChild {
            continue;
        }
        let change = match &amendment.change {
            Change::Withdrawn => Some(Change::Withdrawn),
            Change::Reinstated => Some(Change::Reinstated),
            Change::Corrected { before } => correct(to, before, &after(from, place)),
        };
        to.amendments.extend(change.map(|change| Amendment { change, ..amendment.clone() }));
    }
}

/// The event as it stood after one of its corrections: before the next one, or as it is now.
fn after(event: &KnownEvent, place: usize) -> CaseEvent {
    let later = event.amendments.iter().skip(place + 1);
    let next = later.filter_map(|amendment| match &amendment.change {
        Change::Corrected { before } => Some(before),
        Change::Withdrawn | Change::Reinstated => None,
    });
    next.map(|before| (**before).clone()).next().unwrap_or_else(|| event.to_case_event())
}

fn correct(to: &mut KnownEvent, before: &CaseEvent, after: &CaseEvent) -> Option<Change> {
    let was = to.to_case_event();
    let carried = was.carrying(before, after);
    if carried == was {
        return None;
    }
    let CaseEvent { occurred, entities, authors, body } = carried;
    (to.occurred, to.entities, to.authors, to.body) = (occurred, entities, authors, body);
    Some(Change::Corrected { before: Box::new(was) })
}
