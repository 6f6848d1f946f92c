//! Whether the rows of `commands` are the commands of the events: the same ids, first positions and numbers of events.
//!
//! Both sides are summed up in a fingerprint that does not depend on order and whose key is drawn anew for each run, so that
//! neither side need be sorted or held. Equal fingerprints mean equal sets, up to a chance of one in 2^128.

use std::hash::{BuildHasher as _, RandomState};

use crate::row::Id;

/// Sums up commands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fingerprint {
    keys: (RandomState, RandomState),
    sum: (u64, u64),
    count: u64,
}

impl Fingerprint {
    /// An empty one with the same key.
    pub(crate) fn fresh(&self) -> Self {
        Self { keys: self.keys.clone(), ..Self::default() }
    }

    /// Adds a command.
    pub(crate) fn add(&mut self, command: &Id, first_position: u64, events: u64) {
        let value = (command, first_position, events);
        self.sum.0 = self.sum.0.wrapping_add(self.keys.0.hash_one(value));
        self.sum.1 = self.sum.1.wrapping_add(self.keys.1.hash_one(value));
        self.count += 1;
    }

    /// Whether both have seen the same commands.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        (self.sum, self.count) == (other.sum, other.count)
    }
}

/// Finds the commands in events that come in position order: each run of events with one command id is a command.
#[derive(Debug, Default)]
pub(crate) struct CommandRuns {
    open: Option<(Id, u64, u64)>,
    pub(crate) found: Fingerprint,
}

impl CommandRuns {
    /// Takes the next event.
    pub(crate) fn event(&mut self, command: Id, position: u64) {
        match &mut self.open {
            Some((open, _, events)) if *open == command => *events += 1,
            _ => {
                self.close();
                self.open = Some((command, position, 1));
            }
        }
    }

    /// Ends the last run.
    pub(crate) fn close(&mut self) {
        if let Some((command, first, events)) = self.open.take() {
            self.found.add(&command, first, events);
        }
    }
}
