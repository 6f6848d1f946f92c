//! Households with dated membership, in streams of their own.

use crate::events::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// A household is known.
    HouseholdFormed seals(address, postcode) {
        /// What kind of household.
        kind: Option<Code> as household_kind,
    }

    /// Somebody belongs to the household from this day on.
    HouseholdMemberJoined seals(adult) {
        /// The stream of the child; absent for an adult, who is sealed.
        child: Option<StreamId>,
        /// What they are to the household.
        relation: Option<Code> as relation,
    }

    /// Somebody no longer belongs to the household.
    HouseholdMemberLeft seals(adult) {
        /// The stream of the child; absent for an adult.
        child: Option<StreamId>,
        /// Why.
        reason: Option<Code> as household_leave_reason,
    }
}
