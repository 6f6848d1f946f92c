//! What a kind of event does to its process, and which kinds may come after a child's death.

use crate::events::{Group, Kind, Stage};

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
                | Kind::RecordsMerged
                | Kind::RecordsSplit
        )
}
