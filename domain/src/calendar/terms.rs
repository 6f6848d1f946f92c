//! School terms, by the usual dates that the school census uses for its own: no list of a school's or an authority's dates
//! is held.
//!
//! The autumn term runs from 1 September to 31 December, the spring term from 1 January to Easter Sunday, the summer term
//! from the day after to 31 August, holidays included. A rule that counts in terms is therefore a matter of the right
//! term, not of the day on which a school breaks up; the dates are convention and not law.
//!
//! Invariant: every day lies in exactly one term.

use chrono::{Datelike, Days, NaiveDate};

/// First and last day, both inclusive, of the term in which `day` lies; `None` only at the ends of the range of dates.
#[must_use]
pub fn term_of(day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let on = |month, date| NaiveDate::from_ymd_opt(day.year(), month, date);
    let easter = easter_sunday(day.year())?;
    if day >= on(9, 1)? {
        Some((on(9, 1)?, on(12, 31)?))
    } else if day <= easter {
        Some((on(1, 1)?, easter))
    } else {
        Some((easter.succ_opt()?, on(8, 31)?))
    }
}

/// The last day of the `terms`-th term after the one in which `start` lies; `0` is the end of its own term.
#[must_use]
pub fn last_day_of_term_after(start: NaiveDate, terms: u32) -> Option<NaiveDate> {
    let mut last = term_of(start)?.1;
    for _ in 0..terms {
        last = term_of(last.succ_opt()?)?.1;
    }
    Some(last)
}

/// Easter Sunday of the Gregorian calendar (the anonymous computus).
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, in_century) = (year.div_euclid(100), year.rem_euclid(100));
    let correction = (19 * golden + century
        - century.div_euclid(4)
        - (century - (century + 8).div_euclid(25) + 1).div_euclid(3)
        + 15)
        .rem_euclid(30);
    let weekday = (32 + 2 * century.rem_euclid(4) + 2 * in_century.div_euclid(4)
        - correction
        - in_century.rem_euclid(4))
    .rem_euclid(7);
    let late = (golden + 11 * correction + 22 * weekday).div_euclid(451);
    let from_march = correction + weekday - 7 * late + 21;
    NaiveDate::from_ymd_opt(year, 3, 1)?.checked_add_days(Days::new(u64::try_from(from_march).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_sunday_is_the_day_before_each_held_easter_monday() {
        let calendar = crate::calendar::Calendar::built_in().latest();
        let mondays: Vec<NaiveDate> = calendar
            .bank_holidays()
            .filter(|(_, title)| *title == "Easter Monday")
            .map(|(date, _)| date)
            .collect();
        assert!(mondays.len() >= 40);
        for monday in mondays {
            assert_eq!(easter_sunday(monday.year()).and_then(|day| day.succ_opt()), Some(monday));
        }
    }

    #[test]
    fn every_day_lies_in_one_term_and_terms_follow_each_other() {
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        for day in first.iter_days().take(1_500) {
            let (start, end) = term_of(day).unwrap();
            assert!(start <= day && day <= end, "{day}");
            assert_eq!(term_of(end.succ_opt().unwrap()).unwrap().0, end.succ_opt().unwrap());
        }
        let pep = NaiveDate::from_ymd_opt(2023, 10, 5).unwrap();
        assert_eq!(last_day_of_term_after(pep, 1), NaiveDate::from_ymd_opt(2024, 3, 31));
    }
}
