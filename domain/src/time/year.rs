//! The year that ends with a day.

use chrono::{Months, NaiveDate};

/// The first day of the year that ends with `last`, both included: the first day whose corresponding day a year on lies after
/// `last`. The year to 31 March begins on 1 April; the years to 28 February and to 29 February both begin on 1 March, so that
/// no day of one year belongs to the year before as well.
///
/// ```
/// use domain::time::first_of_year_to;
/// let day = |text: &str| text.parse().expect("a date");
/// assert_eq!(first_of_year_to(day("2025-02-28")), Some(day("2024-03-01")));
/// assert_eq!(first_of_year_to(day("2024-02-29")), Some(day("2023-03-01")));
/// ```
#[must_use]
pub fn first_of_year_to(last: NaiveDate) -> Option<NaiveDate> {
    let first = last.checked_sub_months(Months::new(12))?.succ_opt()?;
    // Of the year to 28 February after a leap day, that day was the last of the year before.
    let is_of_year_before = first.checked_add_months(Months::new(12))? <= last;
    if is_of_year_before { first.succ_opt() } else { Some(first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_to_the_end_of_february_begin_on_the_first_of_march() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let years = [
            ("2024-03-31", "2023-04-01"),
            ("2025-02-28", "2024-03-01"),
            ("2024-02-29", "2023-03-01"),
            ("2024-02-28", "2023-03-01"),
            ("2025-02-27", "2024-02-28"),
            ("2025-03-01", "2024-03-02"),
        ];
        for (last, first) in years {
            assert_eq!(first_of_year_to(day(last)), Some(day(first)), "{last}");
        }
    }

    #[test]
    fn years_to_the_last_days_of_a_month_leave_no_day_out_and_count_none_twice() {
        for year in 2001..2045 {
            for month in 1..=12 {
                let next = |year: i32, month: u32| NaiveDate::from_ymd_opt(year, month, 1).unwrap();
                let end = |year: i32| next(year, month).pred_opt().unwrap();
                assert_eq!(first_of_year_to(end(year)), Some(next(year - 1, month)), "{}", end(year));
            }
        }
    }
}
