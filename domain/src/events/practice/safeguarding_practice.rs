//! Signs of safety, and disagreements between professionals.

use crate::events::{Code, facts};

facts! {
    /// A scale of the signs of safety was scored.
    SignsOfSafetyScored {
        /// From 0 (unsafe) to 10 (safe).
        score: u32,
        /// Who scored.
        by: Option<Code> as scorer,
    }

    /// A professional disagreement was raised under the procedure of the safeguarding board or partnership.
    EscalationRaised {
        /// Which agency raised it.
        agency: Option<Code> as agency,
        /// With which agency.
        against: Option<Code> as agency,
        /// At which level.
        level: Option<Code> as escalation_level,
    }

    /// A professional disagreement was resolved.
    EscalationResolved {
        /// At which level.
        level: Option<Code> as escalation_level,
        /// How.
        outcome: Option<Code> as escalation_outcome,
    }
}
