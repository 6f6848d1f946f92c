//! Sets of proceedings: children who join, consolidation, transfer to another court. Each child keeps the own
//! issue date.

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::{EntityId, StreamId};

facts! {
    /// A child joined a set of proceedings, with an own application and an own issue date.
    ChildJoinedProceedings seals(court_reference) {
        /// The child's stream, in the stream of the set.
        child: Option<StreamId>,
        /// Issue date of this child's application.
        issued_on: Option<NaiveDate>,
    }

    /// A set of proceedings went into another; each child keeps the own issue date.
    ProceedingsConsolidated seals(court_reference) {
        /// The set that goes on.
        into: EntityId,
    }

    /// A set of proceedings moved to another court.
    ProceedingsTransferred seals(court) {
        /// Which level of court.
        to_court: Option<Code> as court_level,
        /// Why.
        reason: Option<Code> as court_transfer,
    }
}
