//! What somebody asks to be recorded.

use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::CaseEvent;
use domain::events::record_keeping::CorrectionReason;
use domain::ids::{CommandId, EventId, StreamId};
use domain::time::Occurred;

/// Acts that are recorded together or not at all.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id: asking again with the same id and the same acts gives the first answer.
    pub command_id: CommandId,
    /// What is recorded, in order; an act may build on one before it.
    pub acts: Vec<Act>,
    /// Who records it.
    pub context: EventContext,
}

/// One thing to record.
#[derive(Clone, Debug)]
pub enum Act {
    /// What happened.
    Record {
        /// About whom.
        to: To,
        /// The event. Where it begins a process without naming one, the process gets an id.
        event: Box<CaseEvent>,
        /// What is sealed beside its facts.
        sealed: SealedFields,
    },
    /// That an event was wrong, and what should have stood in its place; in every copy of it.
    Correct {
        /// The event.
        event: EventId,
        /// What is said otherwise.
        change: Change,
        /// Why.
        reason: CorrectionReason,
        /// Who authorised it.
        authorised_by: Option<StreamId>,
    },
    /// That an event never happened, or that a correction was wrong; in every copy of it.
    Withdraw {
        /// The event, or the amendment.
        event: EventId,
        /// Why.
        reason: CorrectionReason,
        /// Who authorised it.
        authorised_by: Option<StreamId>,
    },
    /// That what was withdrawn stands again; in every copy of it.
    Reinstate {
        /// The event, or the amendment.
        event: EventId,
        /// Why.
        reason: CorrectionReason,
        /// Who authorised it.
        authorised_by: Option<StreamId>,
    },
}

/// Whose record an act belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// A subject that has a record.
    Held(StreamId),
    /// A subject whose record begins with this act.
    New {
        /// The stream that it gets; `None` for one that is made from the command's id.
        stream: Option<StreamId>,
        /// What it is about.
        category: Category,
    },
}

/// What a correction says otherwise. What is absent stays as it is held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// When it happened.
    pub occurred: Option<Occurred>,
    /// Its facts as they are stored: `details`, `entities` and `authors`; each of the three that is named is replaced whole.
    pub facts: serde_json::Map<String, serde_json::Value>,
}
