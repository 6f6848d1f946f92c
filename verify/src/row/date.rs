//! Civil dates from a count of days, in the proleptic Gregorian calendar.

use super::push_decimal;

/// Days from 0000-03-01 to 1970-01-01. Years are counted from March, so that the leap day comes last.
const TO_UNIX_EPOCH: i64 = 719_468;

/// Days in 400 years.
const DAYS_PER_ERA: i64 = 146_097;

/// Writes a day, counted from 1970-01-01, as `YYYY-MM-DD`.
pub(crate) fn push_date(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil(days);
    for (value, width) in [(year, 4), (month, 2), (day, 2)] {
        if width < 4 {
            out.push(b'-');
        }
        let mut text = Vec::with_capacity(4);
        push_decimal(&mut text, value);
        (text.len()..width).for_each(|_| out.push(b'0'));
        out.extend_from_slice(&text);
    }
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(TO_UNIX_EPOCH);
    let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_civil_dates() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (19_265, "2022-09-30"),
            (-719_162, "0001-01-01"),
        ] {
            let mut out = Vec::new();
            push_date(&mut out, days);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn a_walk_through_four_centuries_never_slips() {
        let (mut year, mut month, mut day) = (1_900, 1, 1);
        for days in -25_567..121_000 {
            assert_eq!(civil(days), (year, month, day));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let last = match month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (year, month, day) = match (month, day == last) {
                (12, true) => (year + 1, 1, 1),
                (_, true) => (year, month + 1, 1),
                (_, false) => (year, month, day + 1),
            };
        }
    }
}
