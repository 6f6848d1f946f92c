//! The system stream: genesis, keys, officers, holds, disposals, epochs and rosters, in the order of their recording.
//!
//! It is the one place where this room looks into facts, because these are about the ledger itself.

use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::{Body, CaseEvent, MalformedEvent};
use domain::ids::{CommandId, EventId, Position, Revision, StreamId};
use domain::time::{Occurred, london_day};
use thiserror::Error;

use crate::append::{AppendError, Command, Expected, Recorded, StreamAppend};
use crate::ledger::{Ledger, random_uuid};
use crate::read::ReadFault;

/// One event of the system stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustodyEvent {
    /// Where it stands in the log.
    pub position: Position,
    /// Its id.
    pub event_id: EventId,
    /// What it says.
    pub body: Body,
}

/// Why the system stream cannot be read or written.
#[derive(Debug, Error)]
pub enum CustodyFault {
    /// The database cannot be read from.
    #[error("reading the system stream")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// An event of the system stream has another shape than this program knows.
    #[error("the system stream at position {position}")]
    Malformed {
        /// Where.
        position: Position,
        /// Why.
        source: MalformedEvent,
    },
    /// It could not be recorded.
    #[error("recording in the system stream")]
    Append {
        /// Why.
        #[from]
        source: AppendError,
    },
}

impl Ledger {
    /// The system stream from the genesis on. Its facts are never disposed of.
    ///
    /// # Errors
    /// [`CustodyFault`].
    pub async fn custody(&self) -> Result<Vec<CustodyEvent>, CustodyFault> {
        let Some(stream) = self.system_stream().await? else { return Ok(Vec::new()) };
        let events = self.read_stream(stream, Revision(1)).await?;
        let read = |event: domain::envelope::StoredEvent| {
            let position = event.position;
            let facts = event.facts.as_deref().unwrap_or_default();
            let read = CaseEvent::read(event.occurred, &event.kind, event.schema_version, facts);
            let body = read.map_err(|source| CustodyFault::Malformed { position, source })?.body;
            Ok(CustodyEvent { position, event_id: event.event_id, body })
        };
        events.into_iter().map(read).collect()
    }

    /// Records something about the ledger itself. The caller has checked that it may be recorded, on the system
    /// stream as it stood at `expected`.
    ///
    /// # Errors
    /// [`CustodyFault`]; a conflict where somebody else recorded something there meanwhile.
    #[expect(clippy::missing_panics_doc, reason = "facts of these kinds have no form that is not canonical")]
    pub async fn record_custody(
        &self,
        expected: Revision,
        bodies: Vec<Body>,
    ) -> Result<Recorded, CustodyFault> {
        let stream = self.system_stream().await?.unwrap_or(StreamId(self.id().0));
        let now = self.now();
        let event = |body: Body| {
            let case = CaseEvent::new(Occurred::on(london_day(now)), body);
            let id = EventId(random_uuid().map_err(|_| AppendError::NoRandomness)?);
            let context = EventContext::new(self.id().0, "ledger");
            Ok(case
                .to_new(id, SealedFields::none(), context)
                .expect("what is recorded about the ledger has canonical facts"))
        };
        let events = bodies.into_iter().map(event).collect::<Result<_, AppendError>>()?;
        let append = StreamAppend::new(stream, Category::System, Expected::Exactly(expected), events);
        let command_id = CommandId(random_uuid().map_err(|_| AppendError::NoRandomness)?);
        Ok(self.append(Command { command_id, appends: vec![append] }).await?)
    }

    async fn system_stream(&self) -> Result<Option<StreamId>, ReadFault> {
        let first = self.read_positions(Position(1), 1).await?;
        Ok(first.first().map(|event| event.stream))
    }
}
