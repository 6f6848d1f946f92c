//! Looked-after children: periods of care, legal status, placements, reviews and visits.

use super::{Code, facts};

facts! {
    /// The child became looked after.
    BecameLookedAfter {
        /// Category of need code.
        category_of_need: Option<Code>,
        /// Legal status code at the start, where it is stated.
        legal_status: Option<Code>,
    }

    /// The legal status changed.
    LegalStatusChanged {
        /// Legal status code of SSDA903.
        status: Code,
    }

    /// A placement started. Sealed: `postcode`, `urn`, `location`.
    PlacementStarted {
        /// Placement type code of SSDA903.
        placement_type: Option<Code>,
        /// Provider code of SSDA903.
        provider: Option<Code>,
        /// Whether it is one of a series of short breaks.
        short_break: bool,
    }

    /// A placement ended.
    PlacementEnded {
        /// Reason code.
        reason: Option<Code>,
    }

    /// The permanence plan, as it stands from now on.
    PermanencePlanRecorded {
        /// Plan code.
        plan: Code,
    }

    /// A looked-after review was held.
    LookedAfterReviewHeld {
        /// How the child took part, code of SSDA903 (`PN0` to `PN7`).
        participation: Option<Code>,
    }

    /// A social worker visited the looked-after child.
    LookedAfterVisitMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
    }

    /// The independent reviewing officer visited or contacted the child.
    ReviewingOfficerContactMade {}

    /// Whether a return interview was offered and accepted after the last missing episode, as a source states it.
    ReturnInterviewRecorded {
        /// Offered.
        offered: Option<bool>,
        /// Accepted.
        accepted: Option<bool>,
    }

    /// The child ceased to be looked after.
    CeasedToBeLookedAfter {
        /// Reason code of SSDA903.
        reason: Option<Code>,
    }
}
