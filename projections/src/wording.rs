//! How an event reads: a short title, and its details as label and value.
//!
//! The same words stand on pages, in tables and in answers of the interface.

use domain::events::{CaseEvent, EntityRole, Kind};
use domain::time::{Occurred, When};
use serde_json::Value;

/// A short title, in the past tense.
pub const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::LedgerOpened => "Ledger opened",
        Kind::LogKeyRegistered => "Key of the log registered",
        Kind::OfficerKeyRegistered => "Key of an officer registered",
        Kind::OfficerKeyRevoked => "Key of an officer revoked",
        Kind::LegalHoldPlaced => "Legal hold placed",
        Kind::LegalHoldLifted => "Legal hold lifted",
        Kind::DisposalAuthorised => "Disposal authorised",
        Kind::RecordDisposed => "Record disposed of",
        Kind::KeyDestroyed => "Key destroyed",
        Kind::EpochOpened => "Epoch opened",
        Kind::RosterRecorded => "Roster of streams recorded",
        Kind::EventCorrected => "Event corrected",
        Kind::EventWithdrawn => "Event withdrawn",
        Kind::EventReinstated => "Event reinstated",
        Kind::SourceClaimDisputed => "Row of a source disputed",
        Kind::HistoryCoverageStated => "Coverage of the history stated",
        Kind::ObservationNoted => "Observation noted",
        Kind::ExtractDeclared => "Extract declared",
        Kind::DelayReasonRecorded => "Delay reason recorded",
        Kind::WorkerRegistered => "Worker registered",
        Kind::WorkerAllocated => "Worker allocated",
        Kind::WorkerDeallocated => "Worker deallocated",
        Kind::ChildRegistered => "Child registered",
        Kind::UnbornChildRegistered => "Unborn child registered",
        Kind::BirthRecorded => "Birth recorded",
        Kind::ChildDied => "Child died",
        Kind::IdentifierLinked => "Identifier linked",
        Kind::DisabilityRecorded => "Disability recorded",
        Kind::AsylumStatusRecorded => "Unaccompanied asylum-seeking status recorded",
        Kind::TransferInNotified => "Transfer in notified",
        Kind::TransferredOut => "Transferred out",
        Kind::EarlyHelpAssessmentStarted => "Early help assessment started",
        Kind::EarlyHelpAssessmentCompleted => "Early help assessment completed",
        Kind::ContactReceived => "Contact received",
        Kind::ReferralReceived => "Referral received",
        Kind::ReferralDecisionMade => "Decision on referral",
        Kind::CaseClosed => "Case closed",
        Kind::AssessmentStarted => "Assessment started",
        Kind::AssessmentCheckpointHeld => "Assessment checkpoint held",
        Kind::ChildSeen => "Child seen",
        Kind::AssessmentAuthorised => "Assessment authorised",
        Kind::ChildInNeedCaseOpened => "Child in need case opened",
        Kind::ChildInNeedCaseClosed => "Child in need case closed",
        Kind::ChildInNeedPlanStarted => "Child in need plan started",
        Kind::ChildInNeedPlanEnded => "Child in need plan ended",
        Kind::ChildInNeedVisitMade => "Child in need visit made",
        Kind::StrategyDiscussionHeld => "Strategy discussion held",
        Kind::Section47EnquiryStarted => "Section 47 enquiry started",
        Kind::Section47EnquiryCompleted => "Section 47 enquiry completed",
        Kind::ConferenceNotRequired => "Conference not required",
        Kind::InitialConferenceHeld => "Initial child protection conference held",
        Kind::ReviewConferenceHeld => "Review child protection conference held",
        Kind::ChildProtectionPlanStarted => "Child protection plan started",
        Kind::PlanCategoryRecorded => "Category of abuse recorded",
        Kind::ChildProtectionPlanEnded => "Child protection plan ended",
        Kind::CoreGroupHeld => "Core group held",
        Kind::ChildProtectionVisitMade => "Child protection visit made",
        Kind::PreProceedingsStarted => "Pre proceedings started",
        Kind::LetterBeforeProceedingsSent => "Letter before proceedings sent",
        Kind::PreProceedingsMeetingHeld => "Pre proceedings meeting held",
        Kind::FamilyGroupMeetingOffered => "Family group decision-making meeting offered",
        Kind::FamilyGroupMeetingHeld => "Family group decision-making meeting held",
        Kind::PreProceedingsConcluded => "Pre proceedings concluded",
        Kind::LetterOfIssueSent => "Letter of issue sent",
        Kind::ProceedingsOpened => "Proceedings opened",
        Kind::ApplicationIssued => "Application issued",
        Kind::HearingHeld => "Hearing held",
        Kind::InterimOrderMade => "Interim order made",
        Kind::TimetableExtended => "Timetable extended",
        Kind::FinalOrderMade => "Final order made",
        Kind::ApplicationWithdrawn => "Application withdrawn",
        Kind::ApplicationDismissed => "Application dismissed",
        Kind::NoOrderMade => "No order made",
        Kind::BecameLookedAfter => "Became looked after",
        Kind::LegalStatusChanged => "Legal status changed",
        Kind::PlacementStarted => "Placement started",
        Kind::PlacementEnded => "Placement ended",
        Kind::PermanencePlanRecorded => "Permanence plan recorded",
        Kind::LookedAfterReviewHeld => "Looked-after review held",
        Kind::LookedAfterVisitMade => "Looked-after visit made",
        Kind::ReviewingOfficerContactMade => "Independent reviewing officer visit or contact",
        Kind::ReturnInterviewRecorded => "Return interview recorded",
        Kind::CeasedToBeLookedAfter => "Ceased to be looked after",
        Kind::HealthAssessmentCompleted => "Health assessment completed",
        Kind::DentalCheckDone => "Dental check done",
        Kind::CareLeaverEligibilityRecorded => "Care leaver eligibility recorded",
        Kind::CareLeaverContactRecorded => "Care leaver contact recorded",
        Kind::CareLeaverAccommodationRecorded => "Care leaver accommodation recorded",
        Kind::CareLeaverActivityRecorded => "Care leaver activity recorded",
        Kind::AdoptionDecisionMade => "Decision that the child should be placed for adoption",
        Kind::PlacementOrderMade => "Placement order made",
        Kind::MatchApproved => "Match approved",
        Kind::FosterToAdoptPlaced => "Placed with carers who may adopt",
        Kind::PlacedForAdoption => "Placed for adoption",
        Kind::AdoptionOrderMade => "Adoption order made",
        Kind::AdoptionDecisionReversed => "Decision that the child should no longer be placed for adoption",
        Kind::AdopterRegistered => "Adopter registered",
        Kind::AdopterStepReached => "Adopter reached a step",
        Kind::AdopterLeft => "Adopter left the process",
    }
}

/// The lane of the journey in which an event is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Early help.
    EarlyHelp,
    /// Contacts, referrals and decisions.
    FrontDoor,
    /// Assessment.
    Assessment,
    /// Child in need.
    ChildInNeed,
    /// Child protection.
    ChildProtection,
    /// Pre-proceedings and court.
    Court,
    /// Looked after, placements, reviews and visits.
    LookedAfter,
    /// Health.
    Health,
    /// Adoption.
    Adoption,
    /// Care leavers.
    CareLeavers,
    /// Identity, workers and the record about the record.
    Record,
}

impl Lane {
    /// Every lane, from top to bottom.
    pub const ALL: [Self; 11] = [
        Self::EarlyHelp,
        Self::FrontDoor,
        Self::Assessment,
        Self::ChildInNeed,
        Self::ChildProtection,
        Self::Court,
        Self::LookedAfter,
        Self::Health,
        Self::Adoption,
        Self::CareLeavers,
        Self::Record,
    ];

    /// The lane's name for the reader.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EarlyHelp => "Early help",
            Self::FrontDoor => "Front door",
            Self::Assessment => "Assessment",
            Self::ChildInNeed => "Child in need",
            Self::ChildProtection => "Child protection",
            Self::Court => "Court",
            Self::LookedAfter => "Looked after",
            Self::Health => "Health",
            Self::Adoption => "Adoption",
            Self::CareLeavers => "Care leavers",
            Self::Record => "Record",
        }
    }
}

/// The lane in which events of this kind are drawn.
pub const fn lane(kind: Kind) -> Lane {
    match kind {
        Kind::EarlyHelpAssessmentStarted | Kind::EarlyHelpAssessmentCompleted => Lane::EarlyHelp,
        Kind::ContactReceived | Kind::ReferralReceived | Kind::ReferralDecisionMade | Kind::CaseClosed => {
            Lane::FrontDoor
        }
        Kind::AssessmentStarted
        | Kind::AssessmentCheckpointHeld
        | Kind::ChildSeen
        | Kind::AssessmentAuthorised => Lane::Assessment,
        Kind::ChildInNeedCaseOpened
        | Kind::ChildInNeedCaseClosed
        | Kind::ChildInNeedPlanStarted
        | Kind::ChildInNeedPlanEnded
        | Kind::ChildInNeedVisitMade => Lane::ChildInNeed,
        Kind::StrategyDiscussionHeld
        | Kind::Section47EnquiryStarted
        | Kind::Section47EnquiryCompleted
        | Kind::ConferenceNotRequired
        | Kind::InitialConferenceHeld
        | Kind::ReviewConferenceHeld
        | Kind::ChildProtectionPlanStarted
        | Kind::PlanCategoryRecorded
        | Kind::ChildProtectionPlanEnded
        | Kind::CoreGroupHeld
        | Kind::ChildProtectionVisitMade => Lane::ChildProtection,
        Kind::PreProceedingsStarted
        | Kind::LetterBeforeProceedingsSent
        | Kind::PreProceedingsMeetingHeld
        | Kind::FamilyGroupMeetingOffered
        | Kind::FamilyGroupMeetingHeld
        | Kind::PreProceedingsConcluded
        | Kind::LetterOfIssueSent
        | Kind::ProceedingsOpened
        | Kind::ApplicationIssued
        | Kind::HearingHeld
        | Kind::InterimOrderMade
        | Kind::TimetableExtended
        | Kind::FinalOrderMade
        | Kind::ApplicationWithdrawn
        | Kind::ApplicationDismissed
        | Kind::NoOrderMade => Lane::Court,
        Kind::BecameLookedAfter
        | Kind::LegalStatusChanged
        | Kind::PlacementStarted
        | Kind::PlacementEnded
        | Kind::PermanencePlanRecorded
        | Kind::LookedAfterReviewHeld
        | Kind::LookedAfterVisitMade
        | Kind::ReviewingOfficerContactMade
        | Kind::ReturnInterviewRecorded
        | Kind::CeasedToBeLookedAfter => Lane::LookedAfter,
        Kind::HealthAssessmentCompleted | Kind::DentalCheckDone => Lane::Health,
        Kind::AdoptionDecisionMade
        | Kind::PlacementOrderMade
        | Kind::MatchApproved
        | Kind::FosterToAdoptPlaced
        | Kind::PlacedForAdoption
        | Kind::AdoptionOrderMade
        | Kind::AdoptionDecisionReversed
        | Kind::AdopterRegistered
        | Kind::AdopterStepReached
        | Kind::AdopterLeft => Lane::Adoption,
        Kind::CareLeaverEligibilityRecorded
        | Kind::CareLeaverContactRecorded
        | Kind::CareLeaverAccommodationRecorded
        | Kind::CareLeaverActivityRecorded => Lane::CareLeavers,
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
        | Kind::TransferredOut => Lane::Record,
    }
}

/// What a process is called.
pub const fn role_name(role: EntityRole) -> &'static str {
    match role {
        EntityRole::Adopter => "adopter",
        EntityRole::AdoptionCase => "adoption",
        EntityRole::Application => "court application",
        EntityRole::Assessment => "assessment",
        EntityRole::ChildInNeedCase => "child in need case",
        EntityRole::ChildInNeedPlan => "child in need plan",
        EntityRole::Conference => "conference",
        EntityRole::Contact => "contact",
        EntityRole::EarlyHelpAssessment => "early help assessment",
        EntityRole::Enquiry => "section 47 enquiry",
        EntityRole::Hearing => "hearing",
        EntityRole::PeriodOfCare => "period of care",
        EntityRole::Placement => "placement",
        EntityRole::Plan => "child protection plan",
        EntityRole::PreProceedings => "pre-proceedings",
        EntityRole::Proceedings => "set of proceedings",
        EntityRole::Referral => "referral",
        EntityRole::Review => "looked-after review",
        EntityRole::StrategyDiscussion => "strategy discussion",
    }
}

/// The details of an event for the reader, in alphabetical order of their labels; entity ids are left out.
pub fn details(event: &CaseEvent) -> Vec<(String, String)> {
    // Facts that were read can be written again.
    let Ok(facts) = event.facts() else { return Vec::new() };
    let Ok(Value::Object(facts)) = serde_json::from_str::<Value>(&facts) else { return Vec::new() };
    let Some(Value::Object(details)) = facts.get("details") else { return Vec::new() };
    details.iter().filter_map(|(label, value)| Some((label.replace('_', " "), plain(value)?))).collect()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.replace('_', " ")),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(plain).collect();
            (!items.is_empty()).then(|| items.join(", "))
        }
    }
}

/// A practice time for the reader, as precise as it is known: `19 September 2022`, `19 September 2022, 14:30`,
/// `between 1 and 19 September 2022`. A date never becomes midnight.
pub fn when(occurred: Occurred) -> String {
    let text = match occurred.when {
        When::At(instant, _) => {
            instant.with_timezone(&chrono_tz::Europe::London).format("%-d %B %Y, %H:%M").to_string()
        }
        When::On(day) => long_date(day),
        When::Within(Some(from), Some(to)) => format!("between {} and {}", long_date(from), long_date(to)),
        When::Within(Some(from), None) => format!("on or after {}", long_date(from)),
        When::Within(None, Some(to)) => format!("on or before {}", long_date(to)),
        When::Within(None, None) | When::Unknown => "date not known".to_owned(),
    };
    if occurred.estimated { format!("{text} (estimated)") } else { text }
}

/// A day for the reader: `19 September 2022`.
pub fn long_date(day: chrono::NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
