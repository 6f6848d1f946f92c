//! What is answered when something is recorded.

use domain::events::{EntityRole, Kind};
use domain::ids::{EntityId, EventId, Position, Revision, StreamId};
use domain::observations::Observation;
use ledger::Recorded;

/// One event of a request, recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedAct {
    /// The event.
    pub event: EventId,
    /// What happened.
    pub kind: Kind,
    /// The process that it is about itself, such as the enquiry that it starts.
    pub process: Option<(EntityRole, EntityId)>,
    /// Whose record it stands in.
    pub stream: StreamId,
    /// Its place there.
    pub revision: Revision,
    /// Its place in the ledger; `None` where nothing was recorded, because only a check was asked for.
    pub position: Option<Position>,
    /// What is odd with it that was not before.
    pub observed: Vec<Observation>,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The events, in the order of their positions: one for each act, and more where copies were amended as well.
    pub events: Vec<RecordedAct>,
    /// The proof that they are durable; `None` where only a check was asked for.
    pub recorded: Option<Recorded>,
}
