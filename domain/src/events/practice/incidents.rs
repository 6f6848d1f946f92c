//! Serious incidents and rapid reviews.

use crate::events::{Code, facts};

facts! {
    /// The authority learned of a serious incident.
    SeriousIncidentKnown seals(text) {
        /// Which.
        kind: Option<Code> as incident_kind,
    }

    /// A serious incident was notified to the national panel.
    SeriousIncidentNotified {}

    /// The rapid review of a serious incident was done.
    RapidReviewDone {
        /// What is to follow.
        outcome: Option<Code> as rapid_review_outcome,
    }
}
