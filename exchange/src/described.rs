//! Whether a file can describe the day that its header, its ages or the caller names.
//!
//! That day says which of two files speaks last. One in the future would silence every true file until it comes, and one
//! that source systems write where they have no date would make each row later than its file.

use chrono::NaiveDate;

use crate::errors::ReadError;
use crate::extract::AsAt;
use crate::placeholders;

/// Why no file of today describes a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDescribed {
    /// It has not come yet.
    #[error("{day} lies in the future, today is {today}")]
    Future {
        /// The day.
        day: NaiveDate,
        /// The day of the import.
        today: NaiveDate,
    },
    /// It is a placeholder, or long before any record of a child of today.
    #[error("{day} is no day of a file of today")]
    NoDay {
        /// The day.
        day: NaiveDate,
    },
}

/// Checks a day that a file is said to describe; without `today` it may lie in the future.
///
/// # Errors
/// [`NotDescribed`] where no file can describe it.
pub fn check_described(day: NaiveDate, today: Option<NaiveDate>) -> Result<(), NotDescribed> {
    if placeholders::is_day(day) || placeholders::is_count(day) {
        return Err(NotDescribed::NoDay { day });
    }
    match today {
        Some(today) if day > today => Err(NotDescribed::Future { day, today }),
        Some(_) | None => Ok(()),
    }
}

impl AsAt {
    /// The same, where a file can describe the day.
    pub(crate) fn checked(self, today: Option<NaiveDate>) -> Result<Self, ReadError> {
        let from = match self {
            AsAt::Given { .. } => "--as-at",
            AsAt::Stated { .. } => "the header's reference date",
            AsAt::Inferred { .. } => "the day that the ages name",
        };
        match check_described(self.day(), today) {
            Ok(()) => Ok(self),
            Err(reason) => Err(ReadError::NotDescribed { from, reason }),
        }
    }
}
