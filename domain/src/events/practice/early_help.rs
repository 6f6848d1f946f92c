//! Early help: the common assessment (CAF) and what replaced it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// An early help assessment started. Sealed: `organisation`.
    #[derive(Default)]
    EarlyHelpAssessmentStarted seals(organisation) {
        /// Form in use, for instance `CAF` or `EHA`.
        form: Option<Code> as early_help_form,
        /// Agency of the lead professional.
        lead_professional: Option<Code> as lead_professional_agency,
        /// Whether the family consents, where it is stated.
        consent: Option<bool>,
    }

    /// An early help assessment was completed. Sealed: `organisation`.
    #[derive(Default)]
    EarlyHelpAssessmentCompleted seals(organisation) {
        /// Whether neglect was found.
        neglect: Option<bool>,
        /// Codes of the needs that were found.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        needs: BTreeSet<Code>,
    }

    /// Early help was asked for.
    EarlyHelpRequested seals(organisation) {
        /// Who asked, by source code of the national returns.
        source: Option<Code> as referral_source,
        /// Whether the family consents, where it is stated.
        consent: Option<bool>,
    }

    /// Early help ended.
    EarlyHelpClosed {
        /// Why.
        reason: Option<Code> as early_help_end,
        /// Whether things got better.
        outcome: Option<Code> as outcome_direction,
    }

    /// The team around the child, family or school met.
    TeamAroundTheChildHeld seals(actions) {
        /// Which team.
        form: Option<Code> as team_around_form,
        /// Agencies that attended.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        attendees: BTreeSet<Code> as agency,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// A lead professional was named.
    LeadProfessionalAssigned seals(lead_professional) {
        /// Agency of the lead professional.
        agency: Option<Code> as lead_professional_agency,
    }

    /// The family moved up to a service of higher need.
    SteppedUp {
        /// From which.
        from_service: Option<Code> as service_tier,
        /// To which.
        to_service: Option<Code> as service_tier,
        /// Why.
        reason: Option<Code> as step_reason,
    }

    /// The family moved down to a service of lower need.
    SteppedDown {
        /// From which.
        from_service: Option<Code> as service_tier,
        /// To which.
        to_service: Option<Code> as service_tier,
        /// Why.
        reason: Option<Code> as step_reason,
    }

    /// A family was given to a zone or to an alliance of services.
    FamilyPartnershipZoneAllocated {
        /// Code of the zone.
        zone: Option<Code>,
        /// What the alliance decided.
        decision: Option<Code> as panel_decision,
    }
}
