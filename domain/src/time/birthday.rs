//! On which day an age is reached, and how long before birth a record can be about a child.

use chrono::{Datelike, Months, NaiveDate};

/// Days before birth from which a record can be about the unborn child (CIN census rule 8606).
pub(crate) const DAYS_BEFORE_BIRTH: u64 = 280;

/// The day on which an age in completed years is reached; whoever was born on 29 February reaches it on 1 March of other
/// years (common law, unverified for this use).
#[must_use]
pub fn nth_birthday(born: NaiveDate, years: u32) -> Option<NaiveDate> {
    let date = born.checked_add_months(Months::new(years.checked_mul(12)?))?;
    if date.day() == born.day() { Some(date) } else { date.succ_opt() }
}
