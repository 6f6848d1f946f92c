//! How a journey is built: originals first, then what amends them, each in the order in which it became known.

use std::collections::{BTreeMap, BTreeSet};

use crate::events::record_keeping::CorrectionReason;
use crate::events::{Body, CaseEvent, RecordedEvent};
use crate::ids::{EventId, Position};

use super::standing::{Said, Targets, What};
use super::{
    Amendment, Anomaly, Basis, Change, Dispute, Journey, KnownEvent, Undone, known_since, practice_order,
};

/// A journey that is being built.
#[derive(Default)]
pub(super) struct Building {
    /// Originals as known, in the order in which they became known.
    held: Vec<KnownEvent>,
    /// Places in `held` of what is withdrawn.
    withdrawn: BTreeSet<usize>,
    /// Places in `held`, laid out when the first amendment asks for one.
    places: BTreeMap<EventId, usize>,
    /// What each amendment names.
    targets: Targets,
    /// What was said of each original, by its place, where an amendment of the stream speaks of another one.
    said: BTreeMap<usize, Said>,
    journey: Journey,
}

/// What every amending event says.
struct Amending<'e> {
    target: EventId,
    reason: CorrectionReason,
    inferred: bool,
    what: What<'e>,
}

impl<'e> Amending<'e> {
    fn of(body: &'e Body) -> Option<Self> {
        let (target, reason, inferred, what) = if let Body::EventCorrected(it) = body {
            (it.target, it.reason, it.inferred, What::Corrected(&it.replacement))
        } else if let Body::EventWithdrawn(it) = body {
            (it.target, it.reason, it.inferred, What::Withdrawn)
        } else if let Body::EventReinstated(it) = body {
            (it.target, it.reason, it.inferred, What::Reinstated)
        } else {
            return None;
        };
        Some(Self { target, reason, inferred, what })
    }

    /// What it says of another amendment.
    fn undone(&self, original: EventId) -> Option<Undone> {
        let undone = match self.what {
            What::Corrected(_) => return None,
            What::Withdrawn => Undone::Withdrawn(self.target),
            What::Reinstated => Undone::Reinstated(self.target),
        };
        (self.target != original).then_some(undone)
    }
}

impl Building {
    /// Targets are read from all events, known or not: according to the source, somebody can know the correction of a correction
    /// before the correction itself.
    pub(super) fn of(events: &[RecordedEvent], known: usize) -> Self {
        let named = events.iter().filter_map(|event| {
            let amending = Amending::of(&event.event.body)?;
            Some((event.event_id, amending.target, matches!(amending.what, What::Corrected(_))))
        });
        // An event is large: its list should not grow by moving what it holds.
        let held = Vec::with_capacity(known);
        Self { held, targets: Targets::of(named), ..Self::default() }
    }

    /// First pass: originals, disputes and coverage. An amendment may be known before what it amends
    /// (on the source's word), so originals are all held before any amendment is applied.
    pub(super) fn hold(&mut self, recorded: &RecordedEvent, basis: Basis) {
        self.journey.last_position = self.journey.last_position.max(Some(recorded.position));
        let body = &recorded.event.body;
        if let Body::HistoryCoverageStated(statement) = body {
            self.journey.coverage.add(statement.clone());
        } else if let Body::SourceClaimDisputed(dispute) = body {
            self.journey.disputes.push(Dispute {
                event_id: recorded.event_id,
                position: recorded.position,
                claim: (*dispute.claim).clone(),
                contradicts: dispute.contradicts,
                reason: dispute.reason,
                context: recorded.context.clone(),
            });
        } else if Amending::of(body).is_none() {
            self.held.push(KnownEvent::original(recorded, basis));
        }
    }

    /// Second pass: amendments in the order in which they became known.
    pub(super) fn amend(&mut self, recorded: &RecordedEvent, basis: Basis) {
        let Some(amending) = Amending::of(&recorded.event.body) else { return };
        let original = self.targets.original(recorded.event_id);
        let Some((original, place)) = original.and_then(|original| Some((original, self.place(original)?)))
        else {
            let (event_id, target) = (recorded.event_id, amending.target);
            self.journey.anomalies.push(Anomaly::TargetNotHeld { event_id, target });
            return;
        };
        let Some(change) = self.apply(place, (recorded.position, recorded.event_id), &amending) else {
            self.journey.anomalies.push(Anomaly::KindChanged { event_id: recorded.event_id });
            return;
        };
        let Some(held) = self.held.get_mut(place) else { return };
        held.amendments.push(Amendment {
            event_id: recorded.event_id,
            position: recorded.position,
            recorded_at: recorded.recorded_at,
            known_since: known_since(basis, &recorded.context, recorded.recorded_at),
            reason: amending.reason,
            inferred: amending.inferred,
            of: amending.undone(original),
            change,
        });
    }

    fn place(&mut self, original: EventId) -> Option<usize> {
        if self.places.is_empty() {
            self.places = self.held.iter().enumerate().map(|(place, held)| (held.event_id, place)).collect();
        }
        self.places.get(&original).copied()
    }

    /// Applies an amendment; `None` where it would change the kind.
    fn apply(&mut self, place: usize, id: (Position, EventId), amending: &Amending<'_>) -> Option<Change> {
        let held = self.held.get_mut(place)?;
        if let What::Corrected(replacement) = amending.what
            && replacement.body.kind() != held.kind()
        {
            return None;
        }
        if self.targets.speak_of_amendments() {
            let said = self.said.entry(place).or_insert_with(|| Said::of(held));
            said.add(id, amending.target, &amending.what);
            let is_withdrawn = said.is_withdrawn();
            if is_withdrawn {
                self.withdrawn.insert(place)
            } else {
                self.withdrawn.remove(&place)
            };
            if matches!(amending.what, What::Corrected(_))
                || self.targets.lead_to_a_correction(amending.target)
            {
                return Some(held.replace(said.stands(&self.targets)));
            }
            return Some(if is_withdrawn { Change::Withdrawn } else { Change::Reinstated });
        }
        match amending.what {
            What::Corrected(replacement) => Some(held.replace(replacement)),
            What::Withdrawn => {
                self.withdrawn.insert(place);
                Some(Change::Withdrawn)
            }
            What::Reinstated => {
                self.withdrawn.remove(&place);
                Some(Change::Reinstated)
            }
        }
    }

    pub(super) fn finish(self) -> Journey {
        let Self { mut journey, held, withdrawn, said, .. } = self;
        journey.taken_back = said.values().flat_map(Said::amendments_taken_back).collect();
        if withdrawn.is_empty() {
            journey.events = held;
        } else {
            for (place, event) in held.into_iter().enumerate() {
                let to =
                    if withdrawn.contains(&place) { &mut journey.withdrawn } else { &mut journey.events };
                to.push(event);
            }
        }
        practice_order::sort(&mut journey.events);
        practice_order::sort(&mut journey.withdrawn);
        journey.disputes.sort_by_key(|dispute| dispute.position);
        journey
    }
}

impl KnownEvent {
    /// Takes what should have stood there.
    fn replace(&mut self, replacement: &CaseEvent) -> Change {
        let before = CaseEvent {
            occurred: std::mem::replace(&mut self.occurred, replacement.occurred),
            entities: std::mem::replace(&mut self.entities, replacement.entities.clone()),
            authors: std::mem::replace(&mut self.authors, replacement.authors),
            body: std::mem::replace(&mut self.body, replacement.body.clone()),
        };
        Change::Corrected { before: Box::new(before) }
    }
}
