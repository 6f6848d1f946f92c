//! Ends that name no process, where as many are told as there are processes: each process ended with one of them.
//!
//! Which one is not known, but it was one: a clock that such an end stops was stopped, on the day of one of them, and says
//! what all of them say. The last one counts for certain, the others in some readings.

use crate::journey::KnownEvent;
use crate::processes::{Process, Processes};

use super::case::{Case, Stop};
use super::compiled::Track;
use super::index::Index;

impl<'j> Case<'j> {
    /// Takes the stops of which one is its own. `unlinked` are those of the rule that name no process.
    pub(super) fn take_settled_ends(
        &mut self,
        track: &Track<'_>,
        unlinked: &[&'j KnownEvent],
        index: &Index<'j>,
        processes: &Processes<'j>,
    ) {
        let Some(role) = track.shape.per.role().filter(|_| !unlinked.is_empty()) else { return };
        let ends = processes.get(role, self.entity).map(Process::settled_ends).unwrap_or_default();
        let stops_it = |event: &KnownEvent| {
            unlinked.iter().any(|stop| stop.event_id == event.event_id)
                && index.is_named(&track.shape.stop, event)
        };
        if ends.is_empty() || !ends.iter().all(|end| stops_it(end.event)) {
            return;
        }
        self.stops.extend(ends.iter().map(|end| Stop::new(end.event, end.sure)));
        self.stops.sort_by_key(|stop| (stop.event.occurred.earliest_day(), stop.event.position));
    }
}
