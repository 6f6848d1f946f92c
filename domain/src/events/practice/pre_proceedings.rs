//! Pre-proceedings (public law outline) and family group decision-making, as the CIN census of 2026 asks.

use crate::events::{Code, codes, facts};

facts! {
    /// It was decided to enter pre-proceedings.
    PreProceedingsStarted {}

    /// The letter before proceedings was sent.
    LetterBeforeProceedingsSent {}

    /// A pre-proceedings meeting was held.
    #[derive(Default)]
    PreProceedingsMeetingHeld {
        /// Whether it was the initial one.
        initial: bool,
        /// Which meeting, from 1.
        number: Option<u32>,
        /// Whether the parents had a lawyer.
        parents_represented: Option<bool>,
    }

    /// A family group decision-making meeting was offered (or, stated so, was not).
    FamilyGroupMeetingOffered {
        /// Whether it was offered.
        offered: bool,
    }

    /// A family group decision-making meeting was held (or, stated so, was not).
    FamilyGroupMeetingHeld {
        /// Whether it was held.
        held: bool,
    }

    /// It was decided to step down or to issue.
    #[derive(Default)]
    PreProceedingsConcluded {
        /// Outcome code of the CIN census.
        outcome: Option<Code> as pre_proceedings_outcome,
        /// Whether it was stepped down or is to be issued, where it is stated.
        decision: Option<StepDecision>,
    }

    /// The letter of issue (`LetterInitCPDate` of the CIN census 2026) was sent. The element's meaning is not verified.
    LetterOfIssueSent {}
}

codes! {
    /// How pre-proceedings end.
    StepDecision {
        /// Stepped down: no proceedings.
        SteppedDown,
        /// Proceedings are to be issued.
        IssueDecided,
    }
}
