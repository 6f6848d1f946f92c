//! Which amendments stand: an amendment can be withdrawn, and brought back, as any event can.
//!
//! What is withdrawn does nothing: a withdrawn correction changes nothing any more, nor does a correction of it; a withdrawn
//! withdrawal leaves the event as it was. Of the corrections that stand, the last one to become known counts.
//!
//! Invariant: what an amendment names goes back to an original. A circle or what is not held goes back to none.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::events::CaseEvent;
use crate::ids::{EventId, Position};

use super::KnownEvent;

/// What an amendment does to what it names.
#[derive(Clone, Copy)]
pub(super) enum What<'e> {
    /// Says what should have stood there.
    Corrected(&'e CaseEvent),
    /// Takes it away.
    Withdrawn,
    /// Brings it back.
    Reinstated,
}

/// What each amendment of a stream names.
#[derive(Default)]
pub(super) struct Targets {
    named: BTreeMap<EventId, Target>,
    speak_of_amendments: bool,
}

struct Target {
    id: EventId,
    by_correction: bool,
}

impl Targets {
    /// Each amendment with what it names, and whether it is a correction.
    pub(super) fn of(named: impl Iterator<Item = (EventId, EventId, bool)>) -> Self {
        let named: BTreeMap<EventId, Target> =
            named.map(|(event, id, by_correction)| (event, Target { id, by_correction })).collect();
        let speaks = |target: &Target| !target.by_correction && named.contains_key(&target.id);
        let speak_of_amendments = named.values().any(speaks);
        Self { named, speak_of_amendments }
    }

    /// Whether an amendment takes back or brings back another one.
    pub(super) fn speak_of_amendments(&self) -> bool {
        self.speak_of_amendments
    }

    /// Follows what an amendment names back to the original; `None` where it goes in a circle, or would correct what is no
    /// statement of what happened.
    pub(super) fn original(&self, amendment: EventId, target: EventId) -> Option<EventId> {
        let mut corrects = self.named.get(&amendment).is_some_and(|held| held.by_correction);
        let mut at = target;
        // Each step goes to an earlier event; the bound only guards against a forged circle.
        for _ in 0..=self.named.len() {
            match self.named.get(&at) {
                Some(earlier) if corrects && !earlier.by_correction => return None,
                Some(earlier) => (at, corrects) = (earlier.id, earlier.by_correction),
                None => return Some(at),
            }
        }
        None
    }

    /// Whether what names this speaks, over however many steps, of a correction.
    pub(super) fn lead_to_a_correction(&self, named: EventId) -> bool {
        self.back_from(named).any(|target| target.by_correction)
    }

    /// The corrections that a correction corrects, the nearest first.
    fn corrected_by(&self, correction: EventId) -> impl Iterator<Item = EventId> + '_ {
        self.back_from(correction).map(|target| target.id).filter(|id| self.named.contains_key(id))
    }
}

impl Targets {
    /// What an amendment names, what that names, and so on; empty for an original.
    fn back_from(&self, id: EventId) -> impl Iterator<Item = &Target> {
        // Each step goes to an earlier event; the bound only guards against a forged circle.
        std::iter::successors(self.named.get(&id), |target| self.named.get(&target.id)).take(self.named.len())
    }
}

/// What takes an event or an amendment back, or brings it back.
struct Word {
    position: Position,
    id: EventId,
    target: EventId,
    takes_back: bool,
}

/// What was said of one original and of its amendments, in the order in which it became known.
pub(super) struct Said {
    original: (EventId, CaseEvent),
    corrections: Vec<(EventId, CaseEvent)>,
    words: Vec<Word>,
    /// What is taken back by what was said so far.
    taken_back: BTreeSet<EventId>,
}

impl Said {
    pub(super) fn of(original: &KnownEvent) -> Self {
        let original = (original.event_id, original.to_case_event());
        Self { original, corrections: Vec::new(), words: Vec::new(), taken_back: BTreeSet::new() }
    }

    pub(super) fn add(&mut self, (position, id): (Position, EventId), target: EventId, what: &What<'_>) {
        let takes_back = match what {
            What::Corrected(replacement) => {
                self.corrections.push((id, (*replacement).clone()));
                return;
            }
            What::Withdrawn => true,
            What::Reinstated => false,
        };
        self.words.push(Word { position, id, target, takes_back });
        self.taken_back = taken_back(&self.words);
    }

    /// Whether the original is withdrawn.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.taken_back.contains(&self.original.0)
    }

    /// What stands: the last correction of which nothing is taken back, else the original.
    pub(super) fn stands(&self, targets: &Targets) -> &CaseEvent {
        let is_taken_back = |id: &EventId| self.taken_back.contains(id);
        let stands = |id: EventId| {
            !is_taken_back(&id) && !targets.corrected_by(id).any(|corrected| is_taken_back(&corrected))
        };
        let last = self.corrections.iter().rev().find(|(id, _)| stands(*id));
        last.map_or(&self.original.1, |(_, correction)| correction)
    }
}

/// What is taken back by the last word on it that is not taken back itself. What names a word was recorded after it, so that
/// from the last recorded word on each finds it decided whether it stands, however long the chain is.
fn taken_back(words: &[Word]) -> BTreeSet<EventId> {
    let mut latest_first: Vec<(usize, &Word)> = words.iter().enumerate().collect();
    latest_first.sort_by_key(|(_, word)| Reverse(word.position));
    let mut last: BTreeMap<EventId, (usize, bool)> = BTreeMap::new();
    for (known, word) in latest_first {
        if last.get(&word.id).is_some_and(|(_, takes_back)| *takes_back) {
            continue;
        }
        let said = (known, word.takes_back);
        let held = last.entry(word.target).or_insert(said);
        *held = (*held).max(said);
    }
    last.into_iter().filter(|(_, (_, takes_back))| *takes_back).map(|(id, _)| id).collect()
}
