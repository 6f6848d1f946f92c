//! Front door: contacts, referrals, decisions on them, and the end of a case.

use super::{Code, codes, facts};

facts! {
    /// Somebody contacted the service about the child.
    ContactReceived {
        /// Source code of the national returns.
        source: Option<Code>,
    }

    /// A referral was received.
    ReferralReceived {
        /// Source code of the national returns.
        source: Option<Code>,
        /// Primary need code of the national returns.
        primary_need: Option<Code>,
    }

    /// A manager decided on a contact or a referral.
    ReferralDecisionMade {
        /// What was decided.
        outcome: ReferralOutcome,
    }

    /// The case that a referral opened was closed.
    CaseClosed {
        /// Reason code of the national returns.
        reason: Option<Code>,
    }
}

codes! {
    /// What was decided on a referral.
    ReferralOutcome {
        /// It goes on to an assessment or another service of social care.
        Progressed,
        /// No further action.
        NoFurtherAction,
    }
}
