//! Kinds whose days the national returns and Annex A ask every authority for.
//!
//! An authority that must return the day of an act records the act: where it is missing, it was not done or not
//! entered, and a clock may say so. Of any other kind, nobody can say that it is recorded until one is seen.
//!
//! What this does not say: which columns a file holds (the importers do) or what a given ledger records
//! ([`crate::journey::RecordedKinds`]).

use super::Kind;

impl Kind {
    /// Kinds of which a return asks for the day of each, or of the latest: Annex A (2023), the children in need
    /// census, the looked-after return (SSDA903) and the adoption return. What they ask as yes or no, such as a
    /// child seen during an assessment, is not here; nor is what they only take where there is one, such as the day of
    /// an assessment's internal review.
    pub const RETURNED: &'static [Self] = &[
        // Annex A, lists 1 to 5; census: referral, assessment, section 47, conference.
        Self::ContactReceived,
        Self::EarlyHelpAssessmentStarted,
        Self::EarlyHelpAssessmentCompleted,
        Self::ReferralReceived,
        Self::CaseClosed,
        Self::AssessmentStarted,
        Self::AssessmentAuthorised,
        Self::StrategyDiscussionHeld,
        Self::Section47EnquiryStarted,
        Self::InitialConferenceHeld,
        // Annex A, lists 6 and 7; census: plans and reviews.
        Self::ChildInNeedCaseOpened,
        Self::ChildInNeedCaseClosed,
        Self::ChildInNeedPlanStarted,
        Self::ChildInNeedPlanEnded,
        Self::ChildInNeedVisitMade,
        Self::ChildProtectionPlanStarted,
        Self::ChildProtectionPlanEnded,
        Self::ChildProtectionVisitMade,
        Self::ReviewConferenceHeld,
        // The census's module of pre-proceedings.
        Self::PreProceedingsStarted,
        Self::LetterBeforeProceedingsSent,
        Self::PreProceedingsMeetingHeld,
        Self::PreProceedingsConcluded,
        Self::LetterOfIssueSent,
        Self::ApplicationIssued,
        // Annex A, lists 8 and 9; SSDA903: episodes, reviews, missing, health.
        Self::BecameLookedAfter,
        Self::CeasedToBeLookedAfter,
        Self::LegalStatusChanged,
        Self::PlacementStarted,
        Self::PlacementEnded,
        Self::LookedAfterReviewHeld,
        Self::LookedAfterVisitMade,
        Self::ReviewingOfficerContactMade,
        Self::HealthAssessmentCompleted,
        Self::DentalCheckDone,
        Self::MissingReported,
        Self::FoundOrReturned,
        // Annex A, lists 10 and 11; the adoption return.
        Self::AdoptionDecisionMade,
        Self::AdoptionDecisionReversed,
        Self::PlacementOrderMade,
        Self::MatchApproved,
        Self::FosterToAdoptPlaced,
        Self::PlacedForAdoption,
        Self::AdoptionOrderMade,
        Self::AdopterRegistered,
        Self::AdopterStepReached,
        Self::AdopterLeft,
    ];
}
