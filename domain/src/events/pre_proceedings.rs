//! Pre-proceedings (public law outline) and family group decision-making, as the CIN census of 2026 asks.

use super::{Code, facts};

facts! {
    /// It was decided to enter pre-proceedings.
    PreProceedingsStarted {}

    /// The letter before proceedings was sent.
    LetterBeforeProceedingsSent {}

    /// A pre-proceedings meeting was held.
    PreProceedingsMeetingHeld {
        /// Whether it was the initial one.
        initial: bool,
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
    PreProceedingsConcluded {
        /// Outcome code of the CIN census.
        outcome: Option<Code>,
    }

    /// The letter of issue (`LetterInitCPDate` of the CIN census 2026) was sent. The element's meaning is not verified.
    LetterOfIssueSent {}
}
