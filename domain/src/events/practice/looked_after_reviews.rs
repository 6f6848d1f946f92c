//! Reviews in parts, cancelled or adjourned, their decisions and actions. That one is held stands in
//! [`super::looked_after`].

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// A review will not take place.
    LookedAfterReviewCancelled {
        /// The day that falls away.
        planned_on: Option<NaiveDate>,
        /// Why.
        reason: Option<Code> as review_delay,
    }

    /// A review was broken off; it goes on as another part.
    LookedAfterReviewAdjourned {
        /// Day on which it goes on.
        resumes_on: Option<NaiveDate>,
        /// Why.
        reason: Option<Code> as review_delay,
    }

    /// A part of a review in parts was held. Which part stops a clock is a property of the rule.
    ReviewPartHeld {
        /// Which part, from 1.
        part: u32,
        /// How the child took part.
        participation: Option<Code> as participation,
    }

    /// A review in parts is complete.
    ReviewCompleted {
        /// How many parts it had.
        parts: Option<u32>,
    }

    /// A review decided something; the words are sealed.
    ReviewDecisionRecorded seals(text) {
        /// What kind of decision.
        decision: Option<Code> as review_decision,
    }

    /// The decisions of a review were sent out.
    ReviewDecisionsCirculated {}

    /// The record of a review was sent out.
    ReviewRecordCirculated {}

    /// A review, conference or meeting agreed an action with a last day.
    ActionDue seals(text) {
        /// Last day; it may lie in the future.
        due_on: Option<NaiveDate>,
        /// The worker who owns it.
        owner: Option<StreamId>,
        /// The agency that owns it.
        owner_agency: Option<Code> as agency,
    }

    /// An agreed action was done.
    ActionDone {
        /// With what result.
        outcome: Option<Code> as action_outcome,
    }
}
