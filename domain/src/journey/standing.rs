//! Which amendments stand: an amendment can be withdrawn, and brought back, as any event can.
//!
//! What is withdrawn does nothing: a withdrawn correction changes nothing any more, nor does a correction of it; a withdrawn
//! withdrawal leaves the event as it was. Of the corrections that stand, the last one to become known counts.
//!
//! Invariant: what an amendment names goes back to an original. A circle or what is not held goes back to none.

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
    back: BTreeMap<EventId, Back>,
    speak_of_amendments: bool,
}

/// The way from an amendment back to its original.
#[derive(Clone, Copy, Default)]
struct Back {
    /// `None` in a circle, or where a correction names a withdrawal or a reinstatement: those have no facts to correct.
    original: Option<EventId>,
    /// Whether it, or what it speaks of, is a correction.
    by_way_of_a_correction: bool,
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
        let back = back_of_each(&named);
        Self { named, back, speak_of_amendments }
    }

    /// Whether an amendment takes back or brings back another one.
    pub(super) fn speak_of_amendments(&self) -> bool {
        self.speak_of_amendments
    }

    /// The original that an amendment goes back to; `None` in a circle, or where a correction names a withdrawal or a
    /// reinstatement.
    pub(super) fn original(&self, amendment: EventId) -> Option<EventId> {
        self.back.get(&amendment)?.original
    }

    /// Whether what names this speaks, over however many steps, of a correction.
    pub(super) fn lead_to_a_correction(&self, named: EventId) -> bool {
        self.back.get(&named).is_some_and(|back| back.by_way_of_a_correction)
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

/// Where each amendment goes back to. Each is looked at once, however long the chains are.
fn back_of_each(named: &BTreeMap<EventId, Target>) -> BTreeMap<EventId, Back> {
    let mut known: BTreeMap<EventId, Back> = BTreeMap::new();
    for start in named.keys() {
        let (mut path, mut on_path, mut at) = (Vec::new(), BTreeSet::new(), *start);
        while let Some(target) = named.get(&at).filter(|_| !known.contains_key(&at) && on_path.insert(at)) {
            path.push((at, target));
            at = target.id;
        }
        for (id, target) in path.into_iter().rev() {
            let earlier = named.get(&target.id);
            // Of a circle nothing is known yet.
            let before = known.get(&target.id).copied().unwrap_or_default();
            let original = match earlier {
                None => Some(target.id),
                Some(earlier) if target.by_correction && !earlier.by_correction => None,
                Some(_) => before.original,
            };
            let by_way_of_a_correction = target.by_correction || before.by_way_of_a_correction;
            known.insert(id, Back { original, by_way_of_a_correction });
        }
    }
    known
}

/// What takes an event or an amendment back, or brings it back.
struct Word {
    position: Position,
    /// Its own place, and that of what it names.
    own: usize,
    target: usize,
    takes_back: bool,
}

/// An event or amendment of which something was said, or which says something.
#[derive(Default)]
struct Node {
    /// The word that it is.
    word: Option<usize>,
    /// What was said of it, in the order in which it became known.
    words: Vec<usize>,
    taken_back: bool,
}

/// What is taken back by the last word on it that is not taken back itself. Only a word that was recorded later counts against
/// another. A new word changes what it names, and so on back to the original, as far as something changes.
#[derive(Default)]
struct Words {
    places: BTreeMap<EventId, usize>,
    nodes: Vec<Node>,
    words: Vec<Word>,
}

impl Words {
    fn place(&mut self, id: EventId) -> usize {
        let next = self.nodes.len();
        let place = *self.places.entry(id).or_insert(next);
        if place == next {
            self.nodes.push(Node::default());
        }
        place
    }

    fn is_taken_back(&self, id: EventId) -> bool {
        self.places.get(&id).and_then(|place| self.nodes.get(*place)).is_some_and(|node| node.taken_back)
    }

    fn add(&mut self, (position, id): (Position, EventId), target: EventId, takes_back: bool) {
        let (own, target) = (self.place(id), self.place(target));
        let word = self.words.len();
        self.words.push(Word { position, own, target, takes_back });
        if let Some(node) = self.nodes.get_mut(own) {
            node.word = Some(word);
        }
        if let Some(node) = self.nodes.get_mut(target) {
            node.words.push(word);
        }
        // What was said of it before it was known counts from now on.
        self.settle(own);
        self.settle(target);
    }

    /// Decides anew what was said of something, and of what that says something of.
    fn settle(&mut self, place: usize) {
        let mut at = Some(place);
        while let Some(place) = at {
            let taken_back = self.last_standing(place).is_some_and(|word| word.takes_back);
            let Some(node) = self.nodes.get_mut(place) else { return };
            if node.taken_back == taken_back {
                return;
            }
            node.taken_back = taken_back;
            at = node.word.and_then(|word| self.words.get(word)).map(|word| word.target);
        }
    }

    /// The last word on something that is not taken back itself.
    fn last_standing(&self, place: usize) -> Option<&Word> {
        let node = self.nodes.get(place)?;
        let recorded = node.word.and_then(|word| self.words.get(word)).map(|word| word.position);
        let said = node.words.iter().rev().filter_map(|word| self.words.get(*word));
        let mut later = said.filter(|word| recorded.is_none_or(|recorded| word.position > recorded));
        later.find(|word| !self.nodes.get(word.own).is_some_and(|node| node.taken_back))
    }
}

/// What was said of one original and of its amendments, in the order in which it became known.
pub(super) struct Said {
    original: (EventId, CaseEvent),
    corrections: Vec<(EventId, CaseEvent)>,
    words: Words,
}

impl Said {
    pub(super) fn of(original: &KnownEvent) -> Self {
        let original = (original.event_id, original.to_case_event());
        Self { original, corrections: Vec::new(), words: Words::default() }
    }

    pub(super) fn add(&mut self, at: (Position, EventId), target: EventId, what: &What<'_>) {
        match what {
            What::Corrected(replacement) => self.corrections.push((at.1, (*replacement).clone())),
            What::Withdrawn => self.words.add(at, target, true),
            What::Reinstated => self.words.add(at, target, false),
        }
    }

    /// Whether the original is withdrawn.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.words.is_taken_back(self.original.0)
    }

    /// Amendments of it that were taken back.
    pub(super) fn amendments_taken_back(&self) -> impl Iterator<Item = EventId> + '_ {
        let taken_back = self.words.places.keys().filter(|id| self.words.is_taken_back(**id));
        taken_back.copied().filter(|id| *id != self.original.0)
    }

    /// What stands: the last correction of which nothing is taken back, else the original.
    pub(super) fn stands(&self, targets: &Targets) -> &CaseEvent {
        let is_taken_back = |id: &EventId| self.words.is_taken_back(*id);
        let stands = |id: EventId| {
            !is_taken_back(&id) && !targets.corrected_by(id).any(|corrected| is_taken_back(&corrected))
        };
        let last = self.corrections.iter().rev().find(|(id, _)| stands(*id));
        last.map_or(&self.original.1, |(_, correction)| correction)
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    /// The same, decided from the last recorded word back, all anew.
    fn slowly(words: &[(u64, EventId, EventId, bool)]) -> BTreeSet<EventId> {
        let mut latest_first: Vec<_> = words.iter().enumerate().collect();
        latest_first.sort_by_key(|(_, (position, ..))| Reverse(*position));
        let mut last: BTreeMap<EventId, (usize, bool)> = BTreeMap::new();
        for (known, (_, id, target, takes_back)) in latest_first {
            if !last.get(id).is_some_and(|(_, takes_back)| *takes_back) {
                let held = last.entry(*target).or_insert((known, *takes_back));
                *held = (*held).max((known, *takes_back));
            }
        }
        last.into_iter().filter(|(_, (_, takes_back))| *takes_back).map(|(id, _)| id).collect()
    }

    proptest! {
        /// Whatever words name, and in whatever order they become known.
        #[test]
        fn word_by_word_is_as_all_at_once(
            named in prop::collection::vec((0_usize..1_000, prop::bool::weighted(0.7)), 1..40),
            order in prop::collection::vec(any::<u32>(), 40),
        ) {
            let id = |number: usize| EventId(Uuid::from_u128(number as u128));
            let word = |(number, (target, takes_back)): (usize, &(usize, bool))| {
                (number as u64 + 1, id(number + 1), id(target % (number + 1)), *takes_back)
            };
            let mut said: Vec<_> = named.iter().enumerate().map(word).collect();
            said.sort_by_key(|(position, ..)| order[usize::try_from(*position).unwrap() - 1]);
            let mut words = Words::default();
            for known in 1..=said.len() {
                let (position, own, target, takes_back) = said[known - 1];
                words.add((Position(position), own), target, takes_back);
                let expected = slowly(&said[..known]);
                for number in 0..=named.len() {
                    prop_assert_eq!(words.is_taken_back(id(number)), expected.contains(&id(number)), "{}", number);
                }
            }
        }
    }
}
