//! Where civil days begin and end in Europe/London, the only time zone of practice. (Which day an instant falls on is
//! `crate::time::london_day`.)
//!
//! Elapsed hours are counted between instants, so a clock change
//! makes a civil day 23 or 25 hours long and never changes an hour.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::{Europe::London, Tz};

/// `instant` as the clock on the wall in Europe/London showed it, with its offset.
#[must_use]
pub fn local_time(instant: DateTime<Utc>) -> DateTime<Tz> {
    instant.with_timezone(&London)
}

/// First instant of the civil day `date`, and the first instant of the day after it (exclusive end).
///
/// Returns `None` only at the very end of the range of dates.
#[must_use]
pub fn day_bounds(date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((midnight(date)?, midnight(date.succ_opt()?)?))
}

/// Clock changes in Europe/London happen at 01:00 UTC, so local midnight exists, except in the winters of 1968 to 1971,
/// when it exists as well: the search forward only serves dates before standard time.
fn midnight(date: NaiveDate) -> Option<DateTime<Utc>> {
    let naive = date.and_time(NaiveTime::MIN);
    (0..24)
        .find_map(|hours| London.from_local_datetime(&(naive + Duration::hours(hours))).earliest())
        .map(|local| local.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_of_clock_change_has_23_or_25_hours() {
        let length = |day: &str| {
            let (start, end) = day_bounds(on(day)).unwrap();
            (end - start).num_hours()
        };
        assert_eq!(length("2023-03-26"), 23);
        assert_eq!(length("2023-10-29"), 25);
        assert_eq!(length("2023-03-27"), 24);
    }
}
