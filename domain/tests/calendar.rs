//! The embedded calendar against the published list, and its counts against a slow count by hand.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};
use domain::calendar::{
    Calendar, CalendarError, DayKind, DayReason, KnownDay, Limit, LimitError, StartDay, Unit, WorkingCalendar,
};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("tests write valid dates")
}

fn known(text: &str) -> &'static WorkingCalendar {
    Calendar::built_in().known_at(KnownDay::new(day(text)))
}

/// England and Wales, 2012-2028, read from the government's own file: independent of the embedded table.
fn published() -> BTreeSet<NaiveDate> {
    let text = include_str!("fixtures/bank-holidays/published.json");
    let file: serde_json::Value = serde_json::from_str(text).expect("the fixture is JSON");
    file.pointer("/england-and-wales/events")
        .and_then(serde_json::Value::as_array)
        .expect("events is a list")
        .iter()
        .map(|event| day(event.get("date").and_then(|date| date.as_str()).expect("date is text")))
        .collect()
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

#[test]
fn every_day_of_2012_to_2028_agrees_with_the_published_list() {
    let published = published();
    assert_eq!(published.len(), 140);
    let calendar = Calendar::built_in().latest();
    for date in day("2012-01-01").iter_days().take_while(|date| *date <= day("2028-12-31")) {
        let expected = !is_weekend(date) && !published.contains(&date);
        assert_eq!(calendar.is_working_day(date), Ok(expected), "{date}");
    }
}

#[test]
fn a_holiday_counts_from_the_day_it_was_announced() {
    // (day, is it working as known on .., the day before the announcement, the day of it)
    let cases = [
        ("2011-04-29", "2010-11-22", true, "2010-11-23", false),
        ("2012-05-28", "2010-01-04", false, "2010-01-05", true),
        ("2012-06-04", "2010-01-04", true, "2010-01-05", false),
        ("2012-06-05", "2010-01-04", true, "2010-01-05", false),
        ("2020-05-04", "2019-06-06", false, "2019-06-07", true),
        ("2020-05-08", "2019-06-06", true, "2019-06-07", false),
        ("2022-05-30", "2020-11-11", false, "2020-11-12", true),
        ("2022-06-02", "2020-11-11", true, "2020-11-12", false),
        ("2022-06-03", "2020-11-11", true, "2020-11-12", false),
        ("2022-09-19", "2022-09-09", true, "2022-09-10", false),
        ("2023-05-08", "2022-11-05", true, "2022-11-06", false),
    ];
    for (date, before, was, on, is) in cases {
        assert_eq!(known(before).is_working_day(day(date)), Ok(was), "{date} as known on {before}");
        assert_eq!(known(on).is_working_day(day(date)), Ok(is), "{date} as known on {on}");
    }
    assert_eq!(
        known("2019-06-06").day_kind(day("2020-05-04")),
        Ok(DayKind::BankHoliday("Early May bank holiday"))
    );
}

#[test]
fn fifteen_working_days_over_the_known_traps() {
    // start, calendar known on, 15th working day; each counted by hand.
    let cases = [
        // Easter 2023: Good Friday 7 April, Easter Monday 10 April.
        ("2023-03-27", "2023-03-27", "2023-04-19"),
        ("2023-03-30", "2023-03-30", "2023-04-24"),
        // Christmas 2022: 26 and 27 December, 2 January.
        ("2022-12-12", "2022-12-12", "2023-01-05"),
        // The early days of June 2022.
        ("2022-05-16", "2022-05-16", "2022-06-08"),
        ("2022-06-02", "2022-06-02", "2022-06-24"),
        ("2022-06-02", "2020-11-11", "2022-06-23"),
        // The state funeral, before and after it was announced.
        ("2022-08-30", "2022-09-01", "2022-09-20"),
        ("2022-08-30", "2022-09-15", "2022-09-21"),
        ("2022-08-29", "2022-09-01", "2022-09-19"),
        ("2022-08-29", "2022-09-15", "2022-09-20"),
        // A leap day inside.
        ("2024-02-12", "2024-02-12", "2024-03-04"),
        ("2023-02-12", "2023-02-12", "2023-03-03"),
        // A start on a Saturday: Monday is day 1.
        ("2023-01-07", "2023-01-07", "2023-01-27"),
    ];
    for (start, at, last) in cases {
        assert_eq!(known(at).nth_working_day_after(day(start), 15), Ok(day(last)), "{start} known {at}");
    }
}

#[test]
fn a_date_outside_the_covered_years_is_an_error_not_a_working_day() {
    let latest = Calendar::built_in().latest();
    assert_eq!(latest.covered(), (day("1991-01-01"), day("2030-12-31")));
    for date in ["1990-12-31", "2031-01-01"] {
        assert!(matches!(
            latest.is_working_day(day(date)),
            Err(CalendarError::OutsideCoveredYears { date: named, .. }) if named == day(date)
        ));
    }
    assert_eq!(latest.nth_working_day_after(day("2030-12-30"), 1), Ok(day("2030-12-31")));
    assert!(latest.nth_working_day_after(day("2030-12-30"), 2).is_err());
    assert_eq!(latest.nth_working_day_after(day("1991-01-01"), 1), Ok(day("1991-01-02")));
}

#[test]
fn each_unit_ends_where_its_words_say() {
    use StartDay::{IsDayOne, IsDayZero};
    let cases = [
        // 26 weeks beginning with the day of issue: issue + 181.
        (26, Unit::Weeks, IsDayOne, "2023-01-02", "2023-07-02"),
        (26, Unit::Weeks, IsDayOne, "2024-01-01", "2024-06-30"),
        (4, Unit::Weeks, IsDayZero, "2010-03-01", "2010-03-29"),
        (8, Unit::CalendarDays, IsDayZero, "2023-03-24", "2023-04-01"),
        (3, Unit::Months, IsDayZero, "2022-11-30", "2023-02-28"),
        (3, Unit::Months, IsDayZero, "2023-11-30", "2024-02-29"),
        (6, Unit::Months, IsDayZero, "2023-08-31", "2024-02-29"),
        (12, Unit::Months, IsDayZero, "2024-02-29", "2025-02-28"),
        (3, Unit::Months, IsDayZero, "2023-01-15", "2023-04-15"),
        (1, Unit::WorkingDays, IsDayZero, "2023-04-06", "2023-04-11"),
        (1, Unit::WorkingDays, IsDayOne, "2023-04-06", "2023-04-06"),
        (1, Unit::WorkingDays, IsDayOne, "2023-04-07", "2023-04-11"),
        (45, Unit::WorkingDays, IsDayZero, "2023-01-27", "2023-03-31"),
        (45, Unit::WorkingDays, IsDayOne, "2023-01-30", "2023-03-31"),
    ];
    for (amount, unit, start_day, start, last) in cases {
        let limit = Limit::new(amount, unit);
        let calendar = Calendar::built_in().latest();
        assert_eq!(limit.last_day_in_time(day(start), start_day, calendar), Ok(day(last)), "{limit} {start}");
    }
}

#[test]
fn hours_need_a_time_and_run_through_the_clock_change() {
    let limit = Limit::new(72, Unit::Hours);
    let calendar = Calendar::built_in().latest();
    assert_eq!(
        limit.last_day_in_time(day("2023-03-24"), StartDay::IsDayZero, calendar),
        Err(LimitError::NeedsTimeOfDay { amount: 72, start: day("2023-03-24") })
    );
    // Friday 24 March 2023 18:00 in London; the clocks go forward on Sunday: Monday 19:00 on the wall.
    let end = limit.last_moment_in_time("2023-03-24T18:00:00Z".parse().unwrap()).unwrap();
    let wall = domain::calendar::local_time(end).format("%Y-%m-%d %H:%M").to_string();
    assert_eq!(wall, "2023-03-27 19:00");
    // Back in October: Friday 27 October 2023 18:00 summer time, Monday 17:00.
    let end = limit.last_moment_in_time("2023-10-27T17:00:00Z".parse().unwrap()).unwrap();
    let wall = domain::calendar::local_time(end).format("%Y-%m-%d %H:%M").to_string();
    assert_eq!(wall, "2023-10-30 17:00");
}

#[test]
fn an_explanation_reads_like_a_count_on_a_wall_calendar() {
    let calendar = Calendar::built_in();
    let explain = |at: &str| {
        calendar
            .explain(KnownDay::new(day(at)), day("2022-09-15"), 3, StartDay::IsDayZero)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        explain("2022-09-15"),
        [
            "Thu 2022-09-15  day 0: the start",
            "Fri 2022-09-16  day 1",
            "Sat 2022-09-17  skipped: weekend",
            "Sun 2022-09-18  skipped: weekend",
            "Mon 2022-09-19  skipped: bank holiday, Bank Holiday for the State Funeral of Queen Elizabeth II",
            "Tue 2022-09-20  day 2",
            "Wed 2022-09-21  day 3",
        ]
    );
    assert_eq!(
        explain("2022-09-01")[4..],
        [
            "Mon 2022-09-19  day 2 (bank holiday State funeral of Queen Elizabeth II, not announced before 2022-09-10)",
            "Tue 2022-09-20  day 3",
        ]
    );
}

#[test]
fn an_explanation_counts_to_the_same_day_as_the_fast_count() {
    let calendar = Calendar::built_in();
    for start in day("2022-01-01").iter_days().take(366) {
        for start_day in [StartDay::IsDayZero, StartDay::IsDayOne] {
            let days = calendar.explain(KnownDay::new(day("2022-09-01")), start, 15, start_day).unwrap();
            let last = days.last().unwrap();
            assert_eq!((last.number, &last.reason), (Some(15), &DayReason::Working), "{start} {start_day:?}");
        }
    }
}

/// Steps from day to day: slow and obvious.
fn slow_nth_after(start: NaiveDate, n: u32, holidays: &BTreeSet<NaiveDate>) -> NaiveDate {
    let mut date = start;
    let mut left = n;
    while left > 0 {
        date = date.succ_opt().expect("far from the end of time");
        if !is_weekend(date) && !holidays.contains(&date) {
            left -= 1;
        }
    }
    date
}

/// A covered start in the published years, so that the oracle holds every holiday of the count.
fn starts() -> impl Strategy<Value = NaiveDate> {
    (0_i64..5_800).prop_map(|offset| day("2012-01-01") + chrono::Duration::days(offset))
}

proptest! {
    #[test]
    fn counting_forward_equals_the_slow_count(start in starts(), n in 0_u32..120) {
        let fast = Calendar::built_in().latest().nth_working_day_after(start, n).unwrap();
        prop_assert_eq!(fast, slow_nth_after(start, n, &published()));
    }

    #[test]
    fn counting_from_the_start_is_counting_from_the_day_before(start in starts(), n in 1_u32..120) {
        let calendar = Calendar::built_in().latest();
        let day_before = start.pred_opt().unwrap();
        prop_assert_eq!(
            calendar.nth_working_day_from(start, n),
            calendar.nth_working_day_after(day_before, n)
        );
    }

    #[test]
    fn days_between_is_the_inverse_of_counting(start in starts(), n in 0_u32..120) {
        let calendar = Calendar::built_in().latest();
        let end = calendar.nth_working_day_after(start, n).unwrap();
        prop_assert_eq!(calendar.working_days_between(start, end), Ok(i64::from(n)));
        prop_assert_eq!(calendar.working_days_between(end, start), Ok(-i64::from(n)));
    }

    #[test]
    fn a_later_start_never_ends_earlier(start in starts(), amount in 0_u32..60, unit in 0_usize..4, one in any::<bool>()) {
        let unit = [Unit::WorkingDays, Unit::CalendarDays, Unit::Weeks, Unit::Months][unit];
        let start_day = if one { StartDay::IsDayOne } else { StartDay::IsDayZero };
        let end = |start| Limit::new(amount, unit).last_day_in_time(start, start_day, Calendar::built_in().latest());
        prop_assert!(end(start).unwrap() <= end(start.succ_opt().unwrap()).unwrap());
    }
}
