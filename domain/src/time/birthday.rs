//! On which day an age is reached.

use chrono::{Datelike, Months, NaiveDate};

/// The day on which an age in completed years is reached; whoever was born on 29 February reaches it on 1 March of other
/// years (common law, unverified for this use).
#[must_use]
pub fn nth_birthday(born: NaiveDate, years: u32) -> Option<NaiveDate> {
    let date = born.checked_add_months(Months::new(years.checked_mul(12)?))?;
    if date.day() == born.day() { Some(date) } else { date.succ_opt() }
}
