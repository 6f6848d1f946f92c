//! Child in need: cases as Annex A lists them, plans and visits.

use super::{Code, facts};

facts! {
    /// A case of a child in need was opened.
    ChildInNeedCaseOpened {
        /// Primary need code of the national returns.
        primary_need: Option<Code>,
        /// Status code as the source lists it, for instance `child_in_need_plan`.
        status: Option<Code>,
    }

    /// A case of a child in need was closed.
    ChildInNeedCaseClosed {
        /// Reason code of the national returns.
        reason: Option<Code>,
    }

    /// A child-in-need plan started.
    ChildInNeedPlanStarted {}

    /// A child-in-need plan ended.
    ChildInNeedPlanEnded {}

    /// The child was visited under a child-in-need plan.
    ChildInNeedVisitMade {
        /// Seen alone, where it is stated.
        alone: Option<bool>,
    }
}
