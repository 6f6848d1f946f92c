//! Improvement actions of the authority.

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// An improvement action with a last day was agreed.
    ImprovementActionAgreed seals(text) {
        /// Code of the action.
        action: Code,
        /// Last day; it may lie in the future.
        due_on: Option<NaiveDate>,
        /// The worker who owns it.
        owner: Option<StreamId>,
        /// Role that owns it.
        owner_role: Option<Code>,
        /// Code of the plan, inspection or review that asks for it.
        source: Option<Code>,
    }

    /// Progress of an improvement action was reported.
    ImprovementActionProgressed seals(text) {
        /// Rating.
        rating: Option<Code> as progress_rating,
        /// New last day; the earlier one stays.
        new_due_on: Option<NaiveDate>,
    }

    /// An improvement action was closed.
    ImprovementActionClosed {
        /// With what result.
        outcome: Option<Code> as action_outcome,
    }
}
