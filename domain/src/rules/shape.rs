//! Which events start, stop, excuse and extend a clock, as a rule states it.

use super::Condition;
use crate::events::{Body, EntityRole, Kind};

/// What a rule answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// One clock per process, each with a last day in time. Several where one rule covers several kinds of process.
    Deadline(Vec<ClockShape>),
    /// Whether an event has an earlier one of the same child within the limit before it.
    Flag(LookBack),
    /// How long before an event the latest earlier one was, in bands.
    Bands(LookBack, Vec<Band>),
}

/// A clock: one per process in the role `per`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockShape {
    /// The role of the process; start and stop belong to the same process in this role.
    pub per: EntityRole,
    /// What starts it: the first of these alternatives that the record holds, in this order.
    pub start: Vec<EventMatch>,
    /// What stops it: the earliest of any of these.
    pub stop: Vec<EventMatch>,
    /// What makes it not applicable whatever else happens, such as a series of short breaks.
    pub not_applicable: Vec<EventMatch>,
    /// What makes it not applicable unless it is stopped all the same, such as a conference found not to be required.
    pub not_required: Vec<EventMatch>,
    /// What closes it without an answer, such as the end of the plan whose review it awaits.
    pub ended_by: Vec<EventMatch>,
    /// What extends it, each with a new last day of its own.
    pub extension: Option<EventMatch>,
    /// Set where the clock runs from one occurrence of the stop event to the next.
    pub chain: Option<Chain>,
    /// The event from which occurrences are counted; a history that does not reach back to it cannot say which is the first.
    pub counted_from: Vec<EventMatch>,
    /// Whether only the *first* stop event counts, so that an incomplete history cannot answer.
    pub first_of: bool,
    /// What a stop event without a process in the role means.
    pub unlinked_stops: UnlinkedStops,
}

/// A chained clock restarts from the actual previous event, never from its due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The occurrence, from 1, at which the first link starts.
    pub from_occurrence: usize,
    /// Whether every later occurrence starts a link too.
    pub repeats: bool,
}

/// What a stop event means that belongs to no process in the clock's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlinkedStops {
    /// It may belong here: an open clock that it could have stopped cannot be told.
    CannotTell,
    /// The rule says that it never stops this clock.
    Ignore,
}

/// An event kind with conditions on its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMatch {
    /// The kind.
    pub kind: Kind,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// The event is found through another process in this role, which an event of the clock's own process names.
    pub through: Option<EntityRole>,
}

impl EventMatch {
    /// Whether the facts are of this kind and all conditions hold.
    #[must_use]
    pub fn matches(&self, body: &Body) -> bool {
        body.kind() == self.kind && self.conditions.iter().all(|condition| condition.holds(body))
    }
}

/// A look back from an event of a child to earlier events of the same child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookBack {
    /// The event that is asked about.
    pub event: EventMatch,
    /// What is looked for before it.
    pub previous: Vec<EventMatch>,
}

/// A band of time before an event: `[from, below)` in months, by corresponding dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// As printed.
    pub label: String,
    /// First month, inclusive.
    pub from_months: u32,
    /// Exclusive end; `None` is open.
    pub below_months: Option<u32>,
}
