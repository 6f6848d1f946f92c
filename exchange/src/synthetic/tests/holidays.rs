//! Working days counted slowly, one after another, with the published bank holidays as a list.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate, Weekday};

/// Bank holidays of England and Wales as published (gov.uk list), 2012 to 2026.
const PUBLISHED: &str = "2012-01-02 2012-04-06 2012-04-09 2012-05-07 2012-06-04 2012-06-05 2012-08-27 2012-12-25 2012-12-26 \
     2013-01-01 2013-03-29 2013-04-01 2013-05-06 2013-05-27 2013-08-26 2013-12-25 2013-12-26 \
     2014-01-01 2014-04-18 2014-04-21 2014-05-05 2014-05-26 2014-08-25 2014-12-25 2014-12-26 \
     2015-01-01 2015-04-03 2015-04-06 2015-05-04 2015-05-25 2015-08-31 2015-12-25 2015-12-28 \
     2016-01-01 2016-03-25 2016-03-28 2016-05-02 2016-05-30 2016-08-29 2016-12-26 2016-12-27 \
     2017-01-02 2017-04-14 2017-04-17 2017-05-01 2017-05-29 2017-08-28 2017-12-25 2017-12-26 \
     2018-01-01 2018-03-30 2018-04-02 2018-05-07 2018-05-28 2018-08-27 2018-12-25 2018-12-26 \
     2019-01-01 2019-04-19 2019-04-22 2019-05-06 2019-05-27 2019-08-26 2019-12-25 2019-12-26 \
     2020-01-01 2020-04-10 2020-04-13 2020-05-08 2020-05-25 2020-08-31 2020-12-25 2020-12-28 \
     2021-01-01 2021-04-02 2021-04-05 2021-05-03 2021-05-31 2021-08-30 2021-12-27 2021-12-28 \
     2022-01-03 2022-04-15 2022-04-18 2022-05-02 2022-06-02 2022-06-03 2022-08-29 2022-09-19 2022-12-26 2022-12-27 \
     2023-01-02 2023-04-07 2023-04-10 2023-05-01 2023-05-08 2023-05-29 2023-08-28 2023-12-25 2023-12-26 \
     2024-01-01 2024-03-29 2024-04-01 2024-05-06 2024-05-27 2024-08-26 2024-12-25 2024-12-26 \
     2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25 2025-12-26 \
     2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28";

fn published() -> &'static BTreeSet<NaiveDate> {
    static HELD: OnceLock<BTreeSet<NaiveDate>> = OnceLock::new();
    HELD.get_or_init(|| PUBLISHED.split_whitespace().map(|day| day.parse().unwrap()).collect())
}

pub(super) fn is_working_day(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !published().contains(&day)
}

/// Working days after `from`, up to and including `to`.
pub(super) fn working_days_between(from: NaiveDate, to: NaiveDate) -> i32 {
    let days = from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| is_working_day(*day));
    i32::try_from(days.count()).unwrap()
}

#[test]
fn the_generators_table_agrees_with_the_published_holidays_day_by_day() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let table = super::super::days::Days::new(day("2012-01-01"), day("2026-12-31"));
    for date in day("2012-01-02").iter_days().take_while(|date| *date < day("2026-12-31")) {
        assert_eq!(table.at_or_after(date) == date, is_working_day(date), "{date}");
    }
    assert_eq!(table.working(day("2022-06-01"), 2), day("2022-06-07"));
    assert_eq!(table.at_or_before(day("2022-06-05")), day("2022-06-01"));
}
