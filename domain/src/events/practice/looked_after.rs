//! Looked-after children: periods of care, legal status, placements, reviews and visits.

use chrono::NaiveDate;

use crate::events::{Code, DecimalText, facts};

facts! {
    /// The child became looked after.
    #[derive(Default)]
    BecameLookedAfter {
        /// Category of need code.
        category_of_need: Option<Code> as category_of_need,
        /// Legal status code at the start, where it is stated.
        legal_status: Option<Code> as legal_status,
        /// Reason for the new episode of SSDA903, `S` where the period starts.
        reason: Option<Code> as episode_reason,
    }

    /// The legal status changed.
    LegalStatusChanged {
        /// Legal status code of SSDA903.
        status: Code as legal_status,
    }

    /// A placement started. Sealed: `postcode`, `urn`, `location`.
    #[derive(Default)]
    PlacementStarted seals(postcode, urn, location) {
        /// Placement type code of SSDA903.
        placement_type: Option<Code> as placement_type,
        /// Provider code of SSDA903.
        provider: Option<Code> as placement_provider,
        /// Whether it is one of a series of short breaks.
        short_break: Option<bool>,
        /// Miles from home, as precisely as they were told.
        distance_miles: Option<DecimalText>,
        /// Whether it is meant to last to the eighteenth birthday.
        intended_until_eighteen: Option<bool>,
        /// Whether the child was matched with the carers for good.
        matched: Option<bool>,
    }

    /// A placement ended.
    #[derive(Default)]
    PlacementEnded {
        /// Reason code.
        reason: Option<Code> as placement_end,
        /// Whether it broke down.
        disrupted: Option<bool>,
    }

    /// The permanence plan, as it stands from now on.
    PermanencePlanRecorded {
        /// Plan code.
        plan: Code as permanence_plan,
    }

    /// A looked-after review was held.
    #[derive(Default)]
    LookedAfterReviewHeld {
        /// How the child took part, code of SSDA903 (`PN0` to `PN7`).
        participation: Option<Code> as participation,
        /// Last day in time as the service states it.
        stated_due: Option<NaiveDate>,
        /// How many parts it had, where it was held in parts.
        parts: Option<u32>,
    }

    /// A social worker visited the looked-after child.
    #[derive(Default)]
    LookedAfterVisitMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
        /// Whether the child was seen, where it is stated.
        seen: Option<bool>,
        /// Whether the bedroom was seen, where it is stated.
        bedroom_seen: Option<bool>,
    }

    /// The independent reviewing officer visited or contacted the child.
    #[derive(Default)]
    ReviewingOfficerContactMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
    }

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
        reason: Option<Code> as cease_reason,
    }
}
