//! The clocks of a journey beside the events on which they rest, so that nothing has to look those up again.

use crate::journey::KnownEvent;

use super::Clock;

/// The clocks of a journey, each with the events on which it rests.
pub(super) struct Judged<'b, 'j> {
    /// In order of tracks.
    pub(super) clocks: Vec<Clock<'b>>,
    /// One for each clock.
    pub(super) acts: Vec<Acts<'j>>,
    /// Where in `clocks` each track ends, and the next one begins.
    pub(super) track_ends: Vec<usize>,
}

/// The events on which a clock rests.
#[derive(Clone, Copy)]
pub(super) struct Acts<'j> {
    pub(super) start: &'j KnownEvent,
    pub(super) stop: Option<&'j KnownEvent>,
}

impl<'b, 'j> Judged<'b, 'j> {
    /// A clock is large: its list should not grow by moving what it holds.
    pub(super) fn with_capacity(clocks: usize, tracks: usize) -> Self {
        Self {
            clocks: Vec::with_capacity(clocks),
            acts: Vec::with_capacity(clocks),
            track_ends: Vec::with_capacity(tracks),
        }
    }

    /// Adds a clock, and gives it back where it stands now.
    pub(super) fn add(&mut self, clock: Clock<'b>, acts: Acts<'j>) -> Option<&mut Clock<'b>> {
        self.clocks.push(clock);
        self.acts.push(acts);
        self.clocks.last_mut()
    }

    /// Every clock, with the events on which it rests.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Clock<'b>, Acts<'j>)> {
        self.clocks.iter().zip(self.acts.iter().copied())
    }

    /// The clocks of one track, with the events on which they rest.
    pub(super) fn of_track(&self, track: usize) -> impl Iterator<Item = (&Clock<'b>, Acts<'j>)> {
        let end_of = |track: usize| self.track_ends.get(track).copied().unwrap_or_default();
        let range = track.checked_sub(1).map_or(0, end_of)..end_of(track);
        let clocks = self.clocks.get(range.clone()).unwrap_or_default();
        clocks.iter().zip(self.acts.get(range).unwrap_or_default().iter().copied())
    }
}
