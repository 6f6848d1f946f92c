//! Missing episodes and return home interviews.

use crate::events::{Code, facts};

facts! {
    /// The child was reported missing or away without authorisation.
    MissingReported seals(police_reference) {
        /// Missing or away from placement without authorisation (SSDA903).
        kind: Option<Code> as missing_kind,
        /// From where.
        from: Option<Code> as missing_from,
    }

    /// The child was found or came back.
    FoundOrReturned {
        /// With whom the child was.
        with_whom: Option<Code> as found_with,
        /// Whether harm came to the child, where it is stated.
        harm: Option<bool>,
    }

    /// A return home interview was offered.
    RhiOffered {}

    /// The child accepted a return home interview.
    RhiAccepted {}

    /// The child refused a return home interview.
    RhiRefused {
        /// Who was to speak with the child instead.
        fallback: Option<Code> as rhi_fallback,
    }

    /// A return home interview was held.
    RhiHeld seals(account) {
        /// Whether the interviewer was independent.
        independent: Option<bool>,
    }

    /// A plan to prevent further episodes was made.
    MissingPreventionPlanMade {}
}
