//! Two moments side by side: what was added, corrected and withdrawn, and which answers changed.

use std::collections::BTreeMap;

use domain::clocks::Clock;
use domain::ids::{EntityId, EventId};
use domain::journey::KnownEvent;

use crate::ChildReplay;

/// The difference between two replays of one child.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Known later and not earlier, in practice order.
    pub added: Vec<EventId>,
    /// Known at both moments, and different.
    pub corrected: Vec<EventId>,
    /// Known earlier and withdrawn later.
    pub withdrawn: Vec<EventId>,
    /// Clocks whose state differs: rule, process, number in the chain, state before and after; an absent state
    /// means that the clock did not exist.
    pub clocks: Vec<ChangedClock>,
}

/// A clock whose answer changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedClock {
    /// Id of the rule.
    pub rule: String,
    /// The process.
    pub entity: EntityId,
    /// Number in the chain.
    pub occurrence: usize,
    /// State at the earlier moment.
    pub before: Option<&'static str>,
    /// State at the later moment.
    pub after: Option<&'static str>,
}

/// Compares two replays of one child, the earlier first.
pub fn compare(earlier: &ChildReplay, later: &ChildReplay) -> Comparison {
    let before: BTreeMap<EventId, &KnownEvent> =
        earlier.journey.events.iter().map(|event| (event.event_id, event)).collect();
    let mut comparison = Comparison::default();
    for event in &later.journey.events {
        match before.get(&event.event_id) {
            None => comparison.added.push(event.event_id),
            Some(held) if differs(held, event) => comparison.corrected.push(event.event_id),
            Some(_) => {}
        }
    }
    let gone = later.journey.withdrawn.iter().map(|event| event.event_id);
    comparison.withdrawn = gone.filter(|id| before.contains_key(id)).collect();
    comparison.clocks = changed_clocks(earlier, later);
    comparison
}

fn differs(a: &KnownEvent, b: &KnownEvent) -> bool {
    a.occurred != b.occurred || a.entities != b.entities || a.body != b.body
}

type ClockKey = (String, EntityId, usize);

fn changed_clocks(earlier: &ChildReplay, later: &ChildReplay) -> Vec<ChangedClock> {
    let (before, after) = (states(earlier), states(later));
    let keys: std::collections::BTreeSet<&ClockKey> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| ChangedClock {
            rule: key.0.clone(),
            entity: key.1,
            occurrence: key.2,
            before: before.get(key).copied(),
            after: after.get(key).copied(),
        })
        .collect()
}

fn states(replay: &ChildReplay) -> BTreeMap<ClockKey, &'static str> {
    let key = |clock: &Clock<'_>| (clock.rule.id.to_string(), clock.entity, clock.occurrence);
    replay.answers.clocks.iter().map(|clock| (key(clock), clock.state.name())).collect()
}
