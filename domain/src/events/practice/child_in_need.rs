//! Child in need: cases as Annex A lists them, plans and visits.

use chrono::NaiveDate;

use crate::events::{Code, facts};

facts! {
    /// A case of a child in need was opened.
    ChildInNeedCaseOpened {
        /// Primary need code of the national returns.
        primary_need: Option<Code> as category_of_need,
        /// Status code as the source lists it, for instance `child_in_need_plan`.
        status: Option<Code> as case_status,
    }

    /// A case of a child in need was closed.
    ChildInNeedCaseClosed {
        /// Reason code of the national returns.
        reason: Option<Code> as closure_reason,
    }

    /// A child-in-need plan started.
    ChildInNeedPlanStarted {}

    /// A child-in-need plan ended.
    ChildInNeedPlanEnded {}

    /// The child was visited under a child-in-need plan.
    #[derive(Default)]
    ChildInNeedVisitMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
        /// Whether the child was seen, where it is stated.
        seen: Option<bool>,
        /// Whether the bedroom was seen, where it is stated.
        bedroom_seen: Option<bool>,
    }

    /// A child-in-need plan was reviewed.
    ChildInNeedPlanReviewed {
        /// What was decided.
        decision: Option<Code> as plan_review_decision,
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }
}
