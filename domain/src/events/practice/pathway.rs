//! Pathway planning and support of care leavers.

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// The needs of an eligible young person were assessed.
    PathwayAssessmentCompleted {}

    /// A pathway plan was made.
    PathwayPlanMade {}

    /// A pathway plan was reviewed.
    PathwayPlanReviewed {
        /// Day of the next meeting, where one is planned.
        next_on: Option<NaiveDate>,
    }

    /// A personal adviser was given to the young person.
    PersonalAdviserAllocated {
        /// The adviser's stream.
        adviser: Option<StreamId>,
    }

    /// The personal adviser was in contact with the young person.
    PaContactMade {
        /// How.
        channel: Option<Code> as channel,
        /// Whether it follows a move.
        after_move: Option<bool>,
    }

    /// It was agreed that the young person stays with former foster carers.
    StayingPutAgreed {
        /// Last day, where one is set.
        until: Option<NaiveDate>,
    }

    /// The young person joined a programme that prepares for independence.
    PreIndependenceProgrammeJoined {
        /// Code of the programme.
        programme: Option<Code>,
    }

    /// Support as a care leaver ended.
    CareLeaverClosed {
        /// Why.
        reason: Option<Code> as care_leaver_end,
    }
}
