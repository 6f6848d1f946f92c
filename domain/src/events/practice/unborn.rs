//! Unborn children: the expected date changes, the pregnancy ends. Births stand in [`super::identity`]; one
//! record may lead to several births, each with a stream of its own.

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// The expected date of birth is another from now on. Earlier ones stay.
    ExpectedBirthDateChanged {
        /// The new expected date.
        expected_date_of_birth: NaiveDate,
        /// Why.
        reason: Option<Code> as expected_date_reason,
    }

    /// The pregnancy ended without a live birth. Nothing about the child happens after it.
    PregnancyEnded {
        /// How, where it may be recorded.
        outcome: Option<Code> as pregnancy_outcome,
    }
}
