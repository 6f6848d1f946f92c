//! What somebody asks to be recorded.

use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::CaseEvent;
use domain::ids::{CommandId, StreamId};
use exchange::actions::Amendment;

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
    /// That what was recorded is wrong; in every copy of it.
    Amend(Amendment),
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
