//! Which kinds open a process, which end it, and which only belong to it.

use crate::events::Kind;

/// What an event does to the process that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The process begins (or, for a single act such as a conference, is this event).
    Opens,
    /// Something happens within it.
    Continues,
    /// The process ends.
    Ends,
    /// The event is about no process of its own.
    Apart,
}

/// What an event of this kind does to its own process.
pub fn stage(kind: Kind) -> Stage {
    match kind {
        Kind::ContactReceived
        | Kind::ReferralReceived
        | Kind::EarlyHelpAssessmentStarted
        | Kind::AssessmentStarted
        | Kind::ChildInNeedCaseOpened
        | Kind::ChildInNeedPlanStarted
        | Kind::StrategyDiscussionHeld
        | Kind::Section47EnquiryStarted
        | Kind::InitialConferenceHeld
        | Kind::ReviewConferenceHeld
        | Kind::ChildProtectionPlanStarted
        | Kind::PreProceedingsStarted
        | Kind::ProceedingsOpened
        | Kind::ApplicationIssued
        | Kind::HearingHeld
        | Kind::BecameLookedAfter
        | Kind::PlacementStarted
        | Kind::LookedAfterReviewHeld
        | Kind::AdopterRegistered => Stage::Opens,
        Kind::ReferralDecisionMade
        | Kind::AssessmentCheckpointHeld
        | Kind::ConferenceNotRequired
        | Kind::PlanCategoryRecorded
        | Kind::LetterBeforeProceedingsSent
        | Kind::PreProceedingsMeetingHeld
        | Kind::FamilyGroupMeetingOffered
        | Kind::FamilyGroupMeetingHeld
        | Kind::LetterOfIssueSent
        | Kind::InterimOrderMade
        | Kind::TimetableExtended
        | Kind::LegalStatusChanged
        | Kind::PermanencePlanRecorded
        | Kind::AdoptionDecisionMade
        | Kind::PlacementOrderMade
        | Kind::MatchApproved
        | Kind::FosterToAdoptPlaced
        | Kind::PlacedForAdoption
        | Kind::AdopterStepReached => Stage::Continues,
        Kind::CaseClosed
        | Kind::EarlyHelpAssessmentCompleted
        | Kind::AssessmentAuthorised
        | Kind::ChildInNeedCaseClosed
        | Kind::ChildInNeedPlanEnded
        | Kind::Section47EnquiryCompleted
        | Kind::ChildProtectionPlanEnded
        | Kind::PreProceedingsConcluded
        | Kind::FinalOrderMade
        | Kind::ApplicationWithdrawn
        | Kind::ApplicationDismissed
        | Kind::NoOrderMade
        | Kind::PlacementEnded
        | Kind::CeasedToBeLookedAfter
        | Kind::AdoptionOrderMade
        | Kind::AdoptionDecisionReversed
        | Kind::AdopterLeft => Stage::Ends,
        Kind::LedgerOpened
        | Kind::LogKeyRegistered
        | Kind::OfficerKeyRegistered
        | Kind::OfficerKeyRevoked
        | Kind::LegalHoldPlaced
        | Kind::LegalHoldLifted
        | Kind::DisposalAuthorised
        | Kind::RecordDisposed
        | Kind::KeyDestroyed
        | Kind::EpochOpened
        | Kind::RosterRecorded
        | Kind::EventCorrected
        | Kind::EventWithdrawn
        | Kind::EventReinstated
        | Kind::SourceClaimDisputed
        | Kind::HistoryCoverageStated
        | Kind::ObservationNoted
        | Kind::ExtractDeclared
        | Kind::DelayReasonRecorded
        | Kind::WorkerRegistered
        | Kind::WorkerAllocated
        | Kind::WorkerDeallocated
        | Kind::ChildRegistered
        | Kind::UnbornChildRegistered
        | Kind::BirthRecorded
        | Kind::ChildDied
        | Kind::IdentifierLinked
        | Kind::DisabilityRecorded
        | Kind::AsylumStatusRecorded
        | Kind::TransferInNotified
        | Kind::TransferredOut
        | Kind::ChildSeen
        | Kind::ChildInNeedVisitMade
        | Kind::CoreGroupHeld
        | Kind::ChildProtectionVisitMade
        | Kind::LookedAfterVisitMade
        | Kind::ReviewingOfficerContactMade
        | Kind::ReturnInterviewRecorded
        | Kind::HealthAssessmentCompleted
        | Kind::DentalCheckDone
        | Kind::CareLeaverEligibilityRecorded
        | Kind::CareLeaverContactRecorded
        | Kind::CareLeaverAccommodationRecorded
        | Kind::CareLeaverActivityRecorded => Stage::Apart,
    }
}

/// Whether a source may tell of this kind without ever telling how its process began.
pub(super) fn may_stand_alone(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::AdoptionDecisionMade
            | Kind::PlacementOrderMade
            | Kind::MatchApproved
            | Kind::FosterToAdoptPlaced
            | Kind::PlacedForAdoption
            | Kind::AdoptionOrderMade
            | Kind::AdoptionDecisionReversed
            | Kind::LetterBeforeProceedingsSent
            | Kind::PreProceedingsMeetingHeld
            | Kind::FamilyGroupMeetingOffered
            | Kind::FamilyGroupMeetingHeld
            | Kind::PreProceedingsConcluded
            | Kind::LetterOfIssueSent
    )
}

/// Whether an act can still be recorded as done after the child's death: endings, and the record about the record.
pub(super) fn may_follow_death(kind: Kind) -> bool {
    stage(kind) == Stage::Ends
        || matches!(
            kind,
            Kind::WorkerDeallocated
                | Kind::ChildDied
                | Kind::DelayReasonRecorded
                | Kind::ObservationNoted
                | Kind::ConferenceNotRequired
        )
}
