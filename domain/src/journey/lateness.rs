//! How long after it happened something was entered: the one place that says what "recorded late" means.
//!
//! The entry is the one in the source system where the source states it, else the one in the ledger. It does not depend on
//! the basis of the question: the day on which a file was imported says nothing of how late a worker wrote.

use chrono::NaiveDate;

use super::KnownEvent;
use crate::ids::EventId;
use crate::time::{SourceTime, london_day};

/// Days after which a record counts as late; local practice, not law.
pub const LATE_AFTER_DAYS: i64 = 10;

/// How late one event was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lateness {
    /// The event.
    pub event_id: EventId,
    /// The last day on which it can have happened.
    pub happened_by: NaiveDate,
    /// The day on which it was entered.
    pub known_on: NaiveDate,
    /// Calendar days between them; 0 for the same day, never negative.
    pub days: i64,
}

impl Lateness {
    /// How late an event was entered; `None` where that cannot be told: the day of the event is not known, or only an
    /// extract holds it, whose as-at day is an upper bound and no entry time.
    #[must_use]
    pub fn of(event: &KnownEvent) -> Option<Self> {
        let happened_by = event.occurred.latest_day()?;
        let known_on = entered_on(event)?;
        let days = (known_on - happened_by).num_days().max(0);
        Some(Self { event_id: event.event_id, happened_by, known_on, days })
    }

    /// Whether it counts as recorded late.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.days > LATE_AFTER_DAYS
    }
}

/// The day on which an event was entered; `None` where only an extract holds it.
#[must_use]
pub fn entered_on(event: &KnownEvent) -> Option<NaiveDate> {
    match (event.context.source_recorded_at, &event.context.import) {
        (Some(SourceTime::At(instant)), _) => Some(london_day(instant)),
        (Some(SourceTime::On(day)), _) => Some(day),
        (None, Some(_)) => None,
        (None, None) => Some(london_day(event.recorded_at)),
    }
}
