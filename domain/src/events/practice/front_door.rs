//! Front door: contacts, referrals, decisions on them, and the end of a case.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, codes, facts};

facts! {
    /// Somebody contacted the service about the child.
    #[derive(Default)]
    ContactReceived {
        /// Source code of the national returns.
        source: Option<Code> as referral_source,
        /// How the contact came.
        channel: Option<Code> as channel,
        /// What it is about.
        concern: Option<Code> as concern,
    }

    /// A referral was received.
    #[derive(Default)]
    ReferralReceived {
        /// Source code of the national returns.
        source: Option<Code> as referral_source,
        /// Primary need code of the national returns.
        primary_need: Option<Code> as category_of_need,
        /// Whether a case was reopened, where the source states it.
        reopened: Option<bool>,
    }

    /// A manager decided on a contact or a referral.
    ReferralDecisionMade {
        /// What was decided.
        outcome: ReferralOutcome,
    }

    /// The case that a referral opened was closed.
    CaseClosed {
        /// Reason code of the national returns.
        reason: Option<Code> as closure_reason,
    }

    /// A contact was screened by the single point of access, pre-MASH or another triage.
    ContactScreened {
        /// Who screened.
        service: Option<Code> as triage_service,
        /// Graded level of need or urgency.
        level: Option<Code> as need_level,
        /// Where it went.
        outcome: Option<Code> as triage_outcome,
    }

    /// Agencies of the multi-agency safeguarding hub (MASH) shared what they know.
    MashEnquiryHeld seals(shared_information) {
        /// Agencies that took part.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        agencies: BTreeSet<Code> as agency,
        /// Graded level.
        level: Option<Code> as need_level,
        /// Whether the threshold of social care was found to be met.
        threshold_met: Option<bool>,
    }

    /// The referrer was told what was decided.
    ReferrerInformed seals(letter_reference) {
        /// How.
        channel: Option<Code> as channel,
    }

    /// The multi-agency risk assessment conference (MARAC, domestic abuse) heard the case.
    MaracHeard seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// The multi-agency public protection arrangements (MAPPA) heard the case.
    MappaHeard seals(actions) {
        /// What was decided.
        decision: Option<Code> as panel_decision,
        /// Agencies that attended.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
        /// Level of management.
        level: Option<Code> as mappa_level,
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
