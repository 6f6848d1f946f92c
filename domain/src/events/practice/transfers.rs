//! Moves between authorities: taken over or not, and plans of other authorities that are listed here for a time.

use crate::events::{Code, facts};
use crate::ids::EventId;

facts! {
    /// The case of a child who moved here was taken over.
    TransferAccepted {
        /// The event that notified it.
        notified_by: Option<EventId>,
        /// The other authority.
        from_authority: Option<Code>,
    }

    /// The case of a child who moved here was not taken over.
    TransferDeclined {
        /// The event that notified it.
        notified_by: Option<EventId>,
        /// The other authority.
        from_authority: Option<Code>,
        /// Why.
        reason: Option<Code> as transfer_decline_reason,
    }

    /// A child on a plan of another authority is here for a time and is listed; the plan is not ours and counts as
    /// none of ours.
    TemporaryPlanListed {
        /// The authority whose plan it is.
        from_authority: Option<Code>,
        /// Category of abuse of that plan.
        category: Option<Code> as category_of_abuse,
    }

    /// The child on a plan of another authority is listed here no longer.
    TemporaryPlanRemoved {
        /// Why.
        reason: Option<Code> as temporary_plan_end,
    }
}
