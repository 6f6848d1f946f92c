//! Acts looked up among those of other streams: whether one of them is a copy.

use std::collections::BTreeMap;

use crate::events::Kind;
use crate::ids::{CommandId, EntityId};

use super::{KnownEvent, same_act};

/// What copies of one act share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ActKey {
    Process(Kind, EntityId),
    Request(Kind, CommandId),
}

impl ActKey {
    fn of(event: &KnownEvent) -> Option<Self> {
        let kind = event.kind();
        let process = event.own_entity().map(|id| Self::Process(kind, id));
        process.or_else(|| same_act::request(event).map(|request| Self::Request(kind, request)))
    }
}

/// Acts by what their copies share with them. Acts that can have no copy are not held.
#[derive(Clone, Debug, Default)]
pub struct Copies {
    held: BTreeMap<ActKey, Vec<KnownEvent>>,
}

impl Copies {
    /// Whether it holds no act.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Holds an act.
    pub fn hold(&mut self, event: &KnownEvent) {
        if let Some(key) = ActKey::of(event) {
            self.held.entry(key).or_default().push(event.clone());
        }
    }

    /// The acts of other streams of which an event is a copy.
    pub fn of<'a>(&'a self, event: &'a KnownEvent) -> impl Iterator<Item = &'a KnownEvent> {
        let held = ActKey::of(event).and_then(|key| self.held.get(&key));
        held.into_iter().flatten().filter(move |act| same_act::is_copy(act, event))
    }
}
