//! What the calendar can say instead of a date.

use chrono::NaiveDate;
use thiserror::Error;

/// Why the calendar has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The count needs a day for which no list of bank holidays is held. The caller must say that it cannot tell.
    #[error("count working days at {date}: bank holidays are held only from {from} to {to}")]
    OutsideCoveredYears {
        /// The first day that could not be looked up.
        date: NaiveDate,
        /// First covered day, inclusive.
        from: NaiveDate,
        /// Last covered day, inclusive.
        to: NaiveDate,
    },
    /// A row of a calendar file cannot be read.
    #[error("read line {line} of the {file}: {reason}")]
    UnreadableRow {
        /// Which file.
        file: &'static str,
        /// Line in that file, the header being line 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// An announcement adds a holiday that already stands, or removes one that does not.
    #[error("apply the announcement of {announced_on}: {date} {reason}")]
    ContradictoryAnnouncement {
        /// Day of the announcement.
        announced_on: NaiveDate,
        /// The day it speaks about.
        date: NaiveDate,
        /// Why the two cannot stand together.
        reason: &'static str,
    },
}
