//! Which processes last, and which are single acts.

use crate::events::EntityRole;

/// Whether a process of this role lasts, rather than being a single act.
pub fn lasts(role: EntityRole) -> bool {
    match role {
        EntityRole::Action
        | EntityRole::Adopter
        | EntityRole::AdoptionCase
        | EntityRole::Alert
        | EntityRole::Application
        | EntityRole::Assessment
        | EntityRole::CarePlan
        | EntityRole::Challenge
        | EntityRole::ChildAssessmentOrder
        | EntityRole::ChildInNeedCase
        | EntityRole::ChildInNeedPlan
        | EntityRole::DeprivationOfLibertyOrder
        | EntityRole::Detention
        | EntityRole::Direction
        | EntityRole::EarlyHelpAssessment
        | EntityRole::EarlyHelpCase
        | EntityRole::EdgeOfCareService
        | EntityRole::EducationHealthCare
        | EntityRole::EmergencyOrder
        | EntityRole::Enquiry
        | EntityRole::Escalation
        | EntityRole::FamilyGroupConference
        | EntityRole::FamilyProgramme
        | EntityRole::HomelessReferral
        | EntityRole::ImprovementAction
        | EntityRole::Incident
        | EntityRole::MissingEpisode
        | EntityRole::PathwayPlan
        | EntityRole::PeriodOfCare
        | EntityRole::Placement
        | EntityRole::Plan
        | EntityRole::PoliceProtection
        | EntityRole::PreProceedings
        | EntityRole::PrivateFostering
        | EntityRole::Proceedings
        | EntityRole::Referral
        | EntityRole::TemporaryPlan => true,
        EntityRole::Conference
        | EntityRole::Contact
        | EntityRole::Hearing
        | EntityRole::Review
        | EntityRole::StrategyDiscussion => false,
    }
}

/// Whether acts are done within a process of this role, and so not after it.
pub(crate) fn holds_acts(role: EntityRole) -> bool {
    use EntityRole::{PeriodOfCare, Placement, Plan, PrivateFostering};
    [PeriodOfCare, Placement, Plan, PrivateFostering].contains(&role)
}
