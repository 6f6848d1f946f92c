//! The day a workbook describes, told from its own ages.
//!
//! An age with a fraction is the number of days since birth divided by 365.25, so
//! each such row names one day. The day on which most rows agree is taken when
//! more than half of all such rows agree and no other day has as many. Whole ages
//! name a year at most and do not vote, but are counted among those that agree; where only they exist, the day must be given.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate};

use super::sheet::birth_and_age;
use crate::errors::ReadError;
use crate::extract::{AsAt, SourceRow};

/// How far from a whole number of days an age may fall and still name a day.
const DAY_TOLERANCE: f64 = 0.02;

/// Infers the day from rows with an age and a date of birth.
///
/// # Errors
/// [`ReadError::AsAtNeeded`] when no day has more than half of the votes.
pub(super) fn infer<'a>(rows: impl Iterator<Item = &'a SourceRow>) -> Result<AsAt, ReadError> {
    let stated: Vec<(NaiveDate, &str)> = rows.filter_map(birth_and_age).collect();
    let mut votes: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    let mut voters = 0;
    for &(born, age) in &stated {
        if let Some(day) = day_of(born, age) {
            voters += 1;
            *votes.entry(day).or_default() += 1;
        }
    }
    match votes.iter().max_by_key(|(_, count)| **count) {
        Some((&day, &votes)) if votes * 2 > voters => {
            let agree = stated.iter().filter(|(born, age)| agrees(*born, age, day)).count();
            Ok(AsAt::Inferred { day, agree, rows: stated.len() })
        }
        Some((_, agree)) => Err(needed(format!(
            "the ages of {voters} rows name {} different days, and none has more than half ({agree} at most)",
            votes.len()
        ))),
        None => Err(needed(format!("none of {} rows carries an age with a fraction", stated.len()))),
    }
}

/// Whether a child born on `born` has the stated age on `day`: to the day for an age
/// with a fraction, in completed years for a whole one.
pub(crate) fn agrees(born: NaiveDate, age: &str, day: NaiveDate) -> bool {
    match age.parse::<u32>() {
        Ok(years) => day.years_since(born) == Some(years),
        Err(_) => day_of(born, age) == Some(day),
    }
}

/// The day on which a child born on `born` is `age` years of 365.25 days old.
fn day_of(born: NaiveDate, age: &str) -> Option<NaiveDate> {
    let years: f64 = age.parse().ok()?;
    if years.fract() == 0.0 || !(-2.0..150.0).contains(&years) {
        return None;
    }
    let days = years * 365.25;
    let whole = days.round();
    if (days - whole).abs() > DAY_TOLERANCE {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above to 150 years of days")]
    let whole = whole as i64;
    born.checked_add_signed(Duration::days(whole))
}

fn needed(reason: String) -> ReadError {
    ReadError::AsAtNeeded { reason }
}
