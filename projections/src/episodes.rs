//! Episodes: the processes of a journey with their first and last day, as the swim-lanes draw them.
//!
//! Invariant: every process that an event names as its own has exactly one episode.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::ids::{EntityId, EventId};
use domain::journey::{Journey, KnownEvent};
use domain::processes::{Process, Processes, Reading, derived_of, lasts};
use domain::rules::Endings;
use domain::time::Occurred;

/// One process from its opening to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// What the process is.
    pub role: EntityRole,
    /// The process.
    pub entity: EntityId,
    /// The event that opened it; `None` where no source tells of it.
    pub opened_by: Option<EventId>,
    /// When it began.
    pub began: Option<Occurred>,
    /// The event that ended it.
    pub ended_by: Option<EventId>,
    /// When it ended; `None` while it runs, or for a single act such as a conference.
    pub ended: Option<Occurred>,
    /// What ended it, in the words of the table of endings; `None` for an end of its own.
    pub ended_as: Option<String>,
    /// Whether it began only after what ends it for good, and so never ran.
    pub never_began: bool,
    /// Whether it is a process that lasts, rather than a single act.
    pub lasts: bool,
}

impl Episode {
    fn of(process: &Process<'_>) -> Self {
        let end = process.end();
        Self {
            role: process.role,
            entity: process.entity,
            opened_by: process.opened.map(|event| event.event_id),
            began: process.opened.map(|event| event.occurred),
            ended_by: end.map(|end| end.event.event_id),
            ended: end.map(|end| end.event.occurred),
            ended_as: end.and_then(|end| end.line).map(|line| line.title.clone()),
            never_began: end.is_some_and(|end| end.before_it_began),
            lasts: lasts(process.role),
        }
    }

    /// Whether it ran on a civil day: it may have begun by then and cannot be over. On the day of its end it is over.
    pub fn ran_on(&self, day: NaiveDate) -> bool {
        let by = |occurred: Occurred| occurred.earliest_day().is_none_or(|earliest| earliest <= day);
        self.lasts && !self.never_began && self.began.is_some_and(by) && !self.ended.is_some_and(by)
    }

    /// Whether it is a lasting process without an end.
    pub fn is_open(&self) -> bool {
        self.lasts && self.ended.is_none() && self.opened_by.is_some()
    }
}

/// The episodes of a journey, in the order in which they begin. What ended them by the table of endings counts as far as it
/// has happened by `as_at`.
pub fn episodes(journey: &Journey, endings: &Endings, as_at: NaiveDate) -> Vec<Episode> {
    let events: Vec<&KnownEvent> = journey.events.iter().collect();
    let reading = Reading::of(journey, &events, NaiveDate::MAX);
    let events = reading.read(events);
    let derived = derived_of(journey, &events, endings, as_at);
    of_processes(&Processes::of(&events, &derived, endings))
}

/// The episodes of processes that events are about.
pub fn of_processes(processes: &Processes<'_>) -> Vec<Episode> {
    processes.iter().filter(|process| process.has_own_events).map(Episode::of).collect()
}
