//! Work towards adoption between the decision and the order.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// The search for adopters started.
    FamilyFindingStarted {}

    /// The profile of a child who waits for adopters was updated.
    ProfileUpdated {}

    /// A child who waits for adopters attended an activity or exchange day.
    ActivityDayAttended {}

    /// An adoption or fostering panel gave its recommendation.
    AdoptionPanelHeld seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default)]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// What was asked of it.
        question: Option<Code> as adoption_question,
    }

    /// A placement for adoption broke down.
    AdoptionDisrupted {
        /// Reason code.
        reason: Option<Code> as placement_end,
    }

    /// Adopters and agency signed the adopters' charter.
    AdopterCharterSigned {}

    /// The adoption work passed to a regional adoption agency.
    RegionalAgencyTransferred {
        /// Code of the agency.
        agency: Code,
    }
}
