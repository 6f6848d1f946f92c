//! Recording lateness: how long after it happened something became known.

use chrono::NaiveDate;
use domain::ids::EventId;
use domain::journey::{Journey, KnownEvent};
use domain::time::london_day;

/// Days after which a record counts as late in lists and on the timeline; local practice, not law.
pub const LATE_AFTER_DAYS: i64 = 7;

/// How late one event became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lateness {
    /// The event.
    pub event_id: EventId,
    /// The last day on which it can have happened.
    pub happened_by: NaiveDate,
    /// The day on which it was known, on the basis of the question.
    pub known_on: NaiveDate,
    /// Calendar days between them; 0 for the same day, never negative.
    pub days: i64,
}

/// The lateness of an event; `None` where it cannot be told: the day of the event is not known, or the only word
/// on when it was known is an extract's as-at day, which is an upper bound and no entry time.
pub fn lateness(event: &KnownEvent) -> Option<Lateness> {
    let from_extract_only = event.context.import.is_some() && event.context.source_recorded_at.is_none();
    let happened_by = event.occurred.latest_day().filter(|_| !from_extract_only)?;
    let known_on = event.context.source_recorded_at.map_or_else(
        || london_day(event.recorded_at),
        |stated| match stated {
            domain::time::SourceTime::At(instant) => london_day(instant),
            domain::time::SourceTime::On(day) => day,
        },
    );
    let days = (known_on - happened_by).num_days().max(0);
    Some(Lateness { event_id: event.event_id, happened_by, known_on, days })
}

/// The events of a journey that became known more than `after_days` days after they happened, latest first.
pub fn late_records(journey: &Journey, after_days: i64) -> Vec<Lateness> {
    let mut late: Vec<Lateness> =
        journey.events.iter().filter_map(lateness).filter(|lateness| lateness.days > after_days).collect();
    late.sort_by_key(|lateness| (std::cmp::Reverse(lateness.days), lateness.event_id));
    late
}
