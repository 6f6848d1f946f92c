//! How the events of a journey are read wherever its processes are asked about.
//!
//! One reading serves clocks, statuses, episodes, figures and observations: an act that was entered twice is one, what names
//! an entry that was made again is of that, and the application with which a child joined a set of proceedings is one.
//!
//! What it does not do: it changes no journey. Pages show what was recorded.

use chrono::NaiveDate;

use crate::journey::{Journey, KnownEvent};

use super::joined::Joined;
use super::relinked::Relinked;
use super::twice::Twice;

/// The reading of one journey.
#[derive(Debug, Default)]
pub struct Reading {
    twice: Twice,
    relinked: Relinked,
    joined: Joined,
}

impl Reading {
    /// How the events of a journey that count are read; nothing is read into them that lies after `until`.
    #[must_use]
    pub fn of(journey: &Journey, events: &[&KnownEvent], until: NaiveDate) -> Self {
        let twice = Twice::of(journey);
        let relinked = if twice.is_empty() {
            Relinked::of(journey, events)
        } else {
            Relinked::of(journey, &twice.read(events.to_vec()))
        };
        Self { twice, relinked, joined: Joined::of(journey, until) }
    }

    /// Whether the events are read as they were recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.twice.is_empty() && self.relinked.is_empty() && self.joined.is_empty()
    }

    /// The events as they are read.
    #[must_use]
    pub fn read<'j>(&'j self, events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        self.joined.read(self.relinked.read(self.twice.read(events)))
    }
}
