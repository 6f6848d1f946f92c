//! Private fostering.

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A private fostering arrangement started.
    PrivateFosteringArrangementStarted {
        /// Day on which the authority was told.
        notified_on: Option<NaiveDate>,
        /// What the carer is to the child.
        carer: Option<Code> as carer_relation,
    }

    /// A privately fostered child was visited.
    PrivateFosteringVisitMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
    }

    /// A private fostering arrangement ended.
    PrivateFosteringArrangementEnded {
        /// Why.
        reason: Option<Code> as private_fostering_end,
    }
}
