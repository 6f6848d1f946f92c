//! Days and instants as points, and back.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::journey::KnownEvent;
use crate::time::{end_of_london_day, london_day};

use super::ends::Ends;
use super::readings::{AFTER_ALL, BEFORE_ALL, NOT_YET, Point, Span};

/// A day as a point.
pub(super) fn point(day: NaiveDate) -> Point {
    Point::from(day.num_days_from_ce())
}

/// The day of a point; the ends of the range of dates for points that have none.
pub(super) fn day_of(point: Point) -> NaiveDate {
    let day = i32::try_from(point).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
    day.unwrap_or(if point < 0 { NaiveDate::MIN } else { NaiveDate::MAX })
}

/// The days between which something lies, in points.
pub(super) fn days(ends: Ends<NaiveDate>) -> Span {
    Span { first: ends.earliest.map_or(BEFORE_ALL, point), last: ends.latest.map_or(AFTER_ALL, point) }
}

/// The days between which something lies that lies between two points.
pub(super) fn ends_of(span: Span) -> Ends<NaiveDate> {
    let day = |end: Point, unknown: Point| (end != unknown).then(|| day_of(end));
    Ends { earliest: day(span.first, BEFORE_ALL), latest: day(span.last, AFTER_ALL) }
}

/// The days of an event, in points.
pub(super) fn days_of(event: &KnownEvent) -> Span {
    days(Ends::of(event))
}

/// When an event happened: in days, or in microseconds.
pub(super) fn span(event: &KnownEvent, hours: bool) -> Span {
    if !hours {
        return days_of(event);
    }
    match event.occurred.instant() {
        Some(instant) => Span::exact(instant.timestamp_micros()),
        None => micros_of_days(event.occurred.earliest_day(), event.occurred.latest_day()),
    }
}

/// When something happened, for a question about a day. What has no latest day had happened when it was recorded: before that
/// it may not have.
pub(super) fn span_by(event: &KnownEvent, hours: bool, as_at: NaiveDate) -> Span {
    let at = span(event, hours);
    if at.last == AFTER_ALL && !is_recorded_by(event, as_at) { Span { last: NOT_YET, ..at } } else { at }
}

/// Whether an event was recorded, as it is known, by a day.
pub(super) fn is_recorded_by(event: &KnownEvent, day: NaiveDate) -> bool {
    let recorded_at = event.amendments.last().map_or(event.recorded_at, |last| last.recorded_at);
    london_day(recorded_at) <= day
}

/// From the first instant of one day in London to the last one of another.
pub(super) fn micros_of_days(earliest: Option<NaiveDate>, latest: Option<NaiveDate>) -> Span {
    let begins = |day: NaiveDate| day.pred_opt().map_or(BEFORE_ALL, micros_after);
    let ends = |day: NaiveDate| micros_after(day).saturating_sub(1);
    Span { first: earliest.map_or(BEFORE_ALL, begins), last: latest.map_or(AFTER_ALL, ends) }
}

fn micros_after(day: NaiveDate) -> Point {
    end_of_london_day(day).timestamp_micros()
}

pub(super) fn day_of_micros(point: Point) -> NaiveDate {
    let instant = DateTime::<Utc>::from_timestamp_micros(point).filter(|_| point != BEFORE_ALL);
    instant.map_or(if point < 0 { NaiveDate::MIN } else { NaiveDate::MAX }, london_day)
}
