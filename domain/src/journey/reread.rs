//! Events that are read otherwise than they were recorded: of another process, on other days. The journey stays as it is.

use std::collections::BTreeMap;

use crate::ids::EventId;

use super::KnownEvent;

/// The events of a journey that are read otherwise, each as it is read.
#[derive(Debug, Default)]
pub(crate) struct Reread(BTreeMap<EventId, KnownEvent>);

impl Reread {
    /// Whether every event is read as it was recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an event is read otherwise.
    pub(crate) fn holds(&self, event: &KnownEvent) -> bool {
        self.0.contains_key(&event.event_id)
    }

    /// Reads an event so from here on.
    pub(crate) fn insert(&mut self, event: KnownEvent) {
        self.0.insert(event.event_id, event);
    }

    /// An event as it is read.
    pub(crate) fn of<'j>(&'j self, event: &'j KnownEvent) -> &'j KnownEvent {
        self.0.get(&event.event_id).unwrap_or(event)
    }

    /// The events as they are read, in the same order.
    pub(crate) fn read<'j>(&'j self, mut events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        if !self.is_empty() {
            events.iter_mut().for_each(|event| *event = self.of(event));
        }
        events
    }
}

impl FromIterator<KnownEvent> for Reread {
    fn from_iter<T: IntoIterator<Item = KnownEvent>>(events: T) -> Self {
        Self(events.into_iter().map(|event| (event.event_id, event)).collect())
    }
}
