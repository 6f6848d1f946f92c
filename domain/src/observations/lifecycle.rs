//! What a kind of event does to its process, and which kinds may come before a child's birth and after its death.

use crate::events::{EntityRole, Group, Kind, Stage};

/// What an event of this kind does to its own process; stated in the table of kinds.
pub const fn stage(kind: Kind) -> Stage {
    kind.stage()
}

/// Whether an act within a process is what its end asks for, so that it comes after it as a rule.
pub(super) fn may_follow_end(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::LetterOfIssueSent
            | Kind::FamilyGroupMeetingHeld
            | Kind::ConferenceNotRequired
            | Kind::ReferrerInformed
    )
}

/// Whether an act is ordinary before the birth: what is done about an unborn child and with its family. No court is asked,
/// no order made and nobody placed before it.
pub(crate) fn may_precede_birth(kind: Kind) -> bool {
    use EntityRole::{
        Action, Assessment, Challenge, ChildInNeedCase, ChildInNeedPlan, Conference, Contact,
        EarlyHelpAssessment, EarlyHelpCase, EdgeOfCareService, Enquiry, Escalation, FamilyGroupConference,
        FamilyProgramme, Incident, Plan, PreProceedings, Referral, StrategyDiscussion, TemporaryPlan,
    };
    let of_family = |role| {
        matches!(
            role,
            Action
                | Assessment
                | Challenge
                | ChildInNeedCase
                | ChildInNeedPlan
                | Conference
                | Contact
                | EarlyHelpAssessment
                | EarlyHelpCase
                | EdgeOfCareService
                | Enquiry
                | Escalation
                | FamilyGroupConference
                | FamilyProgramme
                | Incident
                | Plan
                | PreProceedings
                | Referral
                | StrategyDiscussion
                | TemporaryPlan
        )
    };
    let about_the_service = matches!(kind.group(), Group::RecordKeeping | Group::Governance);
    about_the_service || kind.own_role().is_some_and(of_family) || is_about_a_pregnancy(kind)
}

/// Such acts without a process of their own.
fn is_about_a_pregnancy(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::WorkerAllocated
            | Kind::WorkerDeallocated
            | Kind::CaseTransferred
            | Kind::TransferInNotified
            | Kind::TransferAccepted
            | Kind::TransferDeclined
            | Kind::TransferredOut
            | Kind::ExpectedBirthDateChanged
            | Kind::PregnancyEnded
            | Kind::AntenatalRiskFlagged
            | Kind::EarlyAdoptionNotificationSent
            | Kind::TeamAroundTheChildHeld
            | Kind::LeadProfessionalAssigned
            | Kind::SteppedUp
            | Kind::SteppedDown
            | Kind::MaracHeard
            | Kind::MappaHeard
            | Kind::ChildInNeedVisitMade
            | Kind::ChildProtectionVisitMade
            | Kind::CoreGroupHeld
            | Kind::SignsOfSafetyScored
            | Kind::DutyVisitMade
            | Kind::LegalGatewayHeld
            | Kind::DipMeetingHeld
    )
}

/// Whether an act can still be recorded as done after the child's death: endings, and the record about the record.
pub(super) fn may_follow_death(kind: Kind) -> bool {
    let about_the_service = matches!(kind.group(), Group::RecordKeeping | Group::Governance);
    about_the_service
        || stage(kind) == Stage::Ends
        || matches!(
            kind,
            Kind::WorkerDeallocated
                | Kind::ChildDied
                | Kind::ConferenceNotRequired
                | Kind::ConferenceCancelled
                | Kind::LookedAfterReviewCancelled
                | Kind::HearingVacated
                // Duties about past acts (`domain/rules/endings.toml`): told, circulated or handed over all the same.
                | Kind::HealthSummaryProvided
                | Kind::ReferrerInformed
                | Kind::ReviewDecisionsCirculated
                | Kind::ReviewRecordCirculated
                | Kind::RecordsMerged
                | Kind::RecordsSplit
        )
}
