//! The time of day in Europe/London, the only time zone of practice. (Which day an instant falls on is
//! `crate::time::london_day`.)
//!
//! Elapsed hours are counted between instants, so a clock change never changes an hour.

use chrono::{DateTime, Utc};
use chrono_tz::{Europe::London, Tz};

/// `instant` as the clock on the wall in Europe/London showed it, with its offset.
#[must_use]
pub fn local_time(instant: DateTime<Utc>) -> DateTime<Tz> {
    instant.with_timezone(&London)
}
