//! Homeless young people of 16 and 17.

use crate::events::{Code, facts};

facts! {
    /// A homeless young person of 16 or 17 came to notice.
    HomelessReferralReceived {
        /// Through whom.
        source: Option<Code> as agency,
    }

    /// A homeless young person decided not to become looked after.
    DecisionNotToBeLookedAfter {
        /// Whether advice on the choice was given.
        advised: Option<bool>,
    }

    /// The decision not to become looked after was reviewed.
    DecisionReviewed {
        /// Whether it stands.
        stands: Option<bool>,
    }
}
