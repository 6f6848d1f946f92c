//! What is asked of a journey.

use chrono::NaiveDate;

use crate::calendar::{Calendar, KnownDay, WorkingCalendar};
use crate::journey::RecordedKinds;

/// The day a question is about, and with which knowledge of the calendar. What was known of the child is decided by the
/// journey that is handed in.
#[derive(Debug, Clone, Copy)]
pub struct Question<'c> {
    /// The day the question is about; events after it do not count.
    pub as_at: NaiveDate,
    /// The calendar.
    pub calendar: &'c Calendar,
    /// The day whose knowledge of the calendar counts.
    pub calendar_known: KnownDay,
    /// A running clock is due soon when no more than this many working days are left after `as_at`.
    pub due_soon_working_days: u32,
    /// The kinds of event that the authority records at all: a clock that waits for another cannot be told.
    pub recorded: RecordedKinds,
    /// Whether the members of counts, shares and rates are asked for too. No clock needs them.
    pub members: bool,
}

impl<'c> Question<'c> {
    /// The built-in calendar with all that is held, due soon within 5 working days, every kind of event recorded, members
    /// of figures asked for.
    #[must_use]
    pub fn as_at(as_at: NaiveDate) -> Self {
        Self {
            as_at,
            calendar: Calendar::built_in(),
            calendar_known: KnownDay::latest(),
            due_soon_working_days: 5,
            recorded: RecordedKinds::EVERY,
            members: true,
        }
    }

    /// The same question with the calendar as known on that day.
    #[must_use]
    pub fn with_calendar_known(self, known: KnownDay) -> Self {
        Self { calendar_known: known, ..self }
    }

    /// The same question to an authority that records these kinds of event.
    #[must_use]
    pub fn with_recorded(self, recorded: RecordedKinds) -> Self {
        Self { recorded, ..self }
    }

    /// The same question about clocks and looks back alone.
    #[must_use]
    pub fn without_members(self) -> Self {
        Self { members: false, ..self }
    }

    pub(super) fn working(&self) -> &'c WorkingCalendar {
        self.calendar.known_at(self.calendar_known)
    }
}
