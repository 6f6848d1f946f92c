//! Two clocks on every fact: when it happened in practice, and when it was recorded.
//!
//! [`Occurred`] is practice time, as precise as it was told and no more. Civil days are days in
//! Europe/London. Nothing here reads a clock.

mod birthday;
mod occurred;
mod source_time;
mod year;

pub(crate) use birthday::DAYS_BEFORE_BIRTH;
pub use birthday::nth_birthday;
pub use occurred::{NotOccurred, Occurred, Precision, When};
pub use source_time::SourceTime;
pub use year::first_of_year_to;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Europe::London;

/// The civil day in Europe/London on which an instant falls.
pub fn london_day(instant: DateTime<Utc>) -> NaiveDate {
    // Since 1972 London keeps universal time or one hour more: before 23:00 the day is the same, and nothing is looked up.
    let universal = instant.naive_utc();
    if universal.hour() < 23 && (1972..2100).contains(&universal.year()) {
        return universal.date();
    }
    instant.with_timezone(&London).date_naive()
}

/// The last instant of the civil day `day` in Europe/London, to the microsecond in which the ledger counts. What was entered
/// at the midnight after it belongs to the next day.
pub fn end_of_london_day(day: NaiveDate) -> DateTime<Utc> {
    let after = after_london_day(day);
    after.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(after)
}

/// The first instant after the civil day `day` in Europe/London.
pub fn after_london_day(day: NaiveDate) -> DateTime<Utc> {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    let midnight = next.and_time(NaiveTime::MIN);
    // London never changes its clocks at midnight, so `earliest` is always there within chrono's range.
    London
        .from_local_datetime(&midnight)
        .earliest()
        .map_or(DateTime::<Utc>::MAX_UTC, |local| local.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_in_london_is_the_one_that_the_time_zone_gives_in_every_hour() {
        let first = Utc.with_ymd_and_hms(1967, 1, 1, 0, 0, 0).unwrap();
        for hour in 0..45 * 366 * 24 {
            let instant = first + chrono::Duration::hours(hour) + chrono::Duration::minutes(hour % 60);
            assert_eq!(london_day(instant), instant.with_timezone(&London).date_naive(), "{instant}");
        }
    }

    #[test]
    fn a_day_ends_before_the_first_instant_of_the_next() {
        for day in ["2024-01-28", "2024-03-31", "2024-06-15", "2024-10-27", "2024-12-31"] {
            let day: NaiveDate = day.parse().unwrap();
            let (last, next) = (end_of_london_day(day), after_london_day(day));
            assert_eq!((london_day(last), london_day(next)), (day, day.succ_opt().unwrap()), "{day}");
            assert_eq!(next - last, TimeDelta::microseconds(1), "{day}");
        }
    }
}
