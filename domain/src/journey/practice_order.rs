//! Practice order: the order in which things happened, as far as it is known.
//!
//! Civil day, then the time where both have one, then a documented rank of kinds (a contact before a referral,
//! an end before a start), then the ledger position. Late entries stand where they happened. An event without
//! a day stands at the latest day on which it can have happened, after what is dated to that day; one without
//! any end stands last. Where order matters to a clock and is not known, the clock says so.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::KnownEvent;
use crate::events::Kind;
use crate::ids::Position;

/// Sorts events into practice order. The order is total: the same events stand in the same order however they
/// were handed in.
pub(super) fn sort(events: &mut [KnownEvent]) {
    events.sort_by_key(|event| (day_key(event), rank(event.kind()), event.position));
    for day in events.chunk_by_mut(|a, b| day_key(a) == day_key(b)) {
        sort_day(day);
    }
}

/// Day, and whether the day is only the latest possible one.
fn day_key(event: &KnownEvent) -> (NaiveDate, bool) {
    match event.occurred.day() {
        Some(day) => (day, false),
        None => (event.occurred.latest_day().unwrap_or(NaiveDate::MAX), true),
    }
}

/// Orders one day: events with a time by their time, the others among them by rank.
///
/// Comparing times where two events have one and ranks elsewhere would run in circles (a discussion at 16:00, an
/// enquiry at 09:00, a conference without a time). So an event with a time is lifted to the highest rank that stands
/// before it in time, and an event without one goes before those of its rank.
fn sort_day(day: &mut [KnownEvent]) {
    let mut timed: Vec<(DateTime<Utc>, u8, Position)> = day
        .iter()
        .filter_map(|event| Some((event.occurred.instant()?, rank(event.kind()), event.position)))
        .collect();
    if timed.is_empty() {
        return;
    }
    timed.sort();
    let mut lifted = BTreeMap::new();
    let mut highest = 0;
    for (_, rank, position) in timed {
        highest = rank.max(highest);
        lifted.insert(position, highest);
    }
    day.sort_by_cached_key(|event| {
        let own = rank(event.kind());
        let lifted = lifted.get(&event.position).copied().unwrap_or(own);
        (lifted, event.occurred.instant(), own, event.position)
    });
}

/// Rank of a kind among events of one day: the usual order of practice, ends before starts of the next thing.
pub fn rank(kind: Kind) -> u8 {
    match kind {
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
        | Kind::ExtractDeclared
        | Kind::HistoryCoverageStated
        | Kind::WorkerRegistered => 0,
        Kind::ChildRegistered
        | Kind::UnbornChildRegistered
        | Kind::BirthRecorded
        | Kind::IdentifierLinked => 1,
        Kind::DisabilityRecorded | Kind::AsylumStatusRecorded => 2,
        Kind::TransferInNotified => 3,
        Kind::EarlyHelpAssessmentStarted => 4,
        Kind::EarlyHelpAssessmentCompleted => 5,
        Kind::ContactReceived => 6,
        Kind::ReferralReceived => 7,
        Kind::ReferralDecisionMade => 8,
        Kind::WorkerDeallocated => 9,
        Kind::WorkerAllocated => 10,
        Kind::AssessmentStarted => 12,
        Kind::ChildSeen => 13,
        Kind::AssessmentCheckpointHeld => 14,
        Kind::AssessmentAuthorised => 15,
        Kind::StrategyDiscussionHeld => 16,
        Kind::Section47EnquiryStarted => 17,
        Kind::Section47EnquiryCompleted => 18,
        Kind::ConferenceNotRequired => 19,
        Kind::InitialConferenceHeld => 20,
        Kind::ReviewConferenceHeld => 21,
        Kind::ChildInNeedPlanEnded => 22,
        Kind::ChildProtectionPlanEnded => 23,
        Kind::ChildInNeedCaseOpened => 24,
        Kind::ChildInNeedPlanStarted => 25,
        Kind::ChildProtectionPlanStarted => 26,
        Kind::PlanCategoryRecorded => 27,
        Kind::CoreGroupHeld => 28,
        Kind::ChildInNeedVisitMade | Kind::ChildProtectionVisitMade => 29,
        Kind::PreProceedingsStarted => 30,
        Kind::LetterBeforeProceedingsSent => 31,
        Kind::FamilyGroupMeetingOffered => 32,
        Kind::FamilyGroupMeetingHeld => 33,
        Kind::PreProceedingsMeetingHeld => 34,
        Kind::PreProceedingsConcluded => 35,
        Kind::LetterOfIssueSent => 36,
        Kind::ProceedingsOpened => 37,
        Kind::ApplicationIssued => 38,
        Kind::HearingHeld => 39,
        Kind::InterimOrderMade => 40,
        Kind::TimetableExtended => 41,
        Kind::FinalOrderMade
        | Kind::ApplicationWithdrawn
        | Kind::ApplicationDismissed
        | Kind::NoOrderMade => 42,
        Kind::PlacementEnded => 43,
        Kind::CeasedToBeLookedAfter => 44,
        Kind::BecameLookedAfter => 45,
        Kind::LegalStatusChanged => 46,
        Kind::PlacementStarted => 47,
        Kind::LookedAfterVisitMade | Kind::ReviewingOfficerContactMade => 48,
        Kind::HealthAssessmentCompleted | Kind::DentalCheckDone => 49,
        Kind::LookedAfterReviewHeld => 50,
        Kind::PermanencePlanRecorded => 51,
        Kind::ReturnInterviewRecorded => 52,
        Kind::AdoptionDecisionMade => 53,
        Kind::PlacementOrderMade => 54,
        Kind::MatchApproved => 55,
        Kind::FosterToAdoptPlaced => 56,
        Kind::PlacedForAdoption => 57,
        Kind::AdoptionOrderMade => 58,
        Kind::AdoptionDecisionReversed => 59,
        Kind::AdopterRegistered => 60,
        Kind::AdopterStepReached => 61,
        Kind::AdopterLeft => 62,
        Kind::CareLeaverEligibilityRecorded
        | Kind::CareLeaverContactRecorded
        | Kind::CareLeaverAccommodationRecorded
        | Kind::CareLeaverActivityRecorded => 63,
        Kind::CaseClosed => 64,
        Kind::ChildInNeedCaseClosed => 65,
        Kind::TransferredOut => 66,
        Kind::ChildDied => 67,
        Kind::DelayReasonRecorded | Kind::ObservationNoted | Kind::SourceClaimDisputed => 70,
        Kind::EventCorrected | Kind::EventWithdrawn | Kind::EventReinstated => 71,
    }
}
