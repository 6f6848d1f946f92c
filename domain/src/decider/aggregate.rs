//! A stream of any category as an `esrs` aggregate: the decider over real events.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Command, Refusal, decide};
use crate::envelope::{Category, EventContext, SealedFields};
use crate::events::RecordedEvent;
use crate::ids::{CommandId, EventId, Position, Revision, StreamId};
use crate::observations::Observation;

/// The subject of one stream: a child, a household, a worker and so on. The state is its history, because a correction may
/// touch any event of it.
#[derive(Clone, Copy, Debug)]
pub struct Subject;

/// A command with all that deciding on it takes; time is passed in.
#[derive(Clone, Debug)]
pub struct TimedCommand {
    /// The stream that it is about.
    pub stream: StreamId,
    /// What the stream is about.
    pub category: Category,
    /// What is asked.
    pub command: Command,
    /// Id for the event that it makes.
    pub event_id: EventId,
    /// What is sealed beside the facts.
    pub sealed: SealedFields,
    /// Who records it.
    pub context: EventContext,
    /// When it is decided.
    pub now: DateTime<Utc>,
}

/// An event of the stream, held or decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectEvent {
    /// The event. One that was only decided has the revision that it would have, and a position behind all that is held.
    pub recorded: RecordedEvent,
    /// What is sealed beside the facts; empty when the event is read back.
    pub sealed: SealedFields,
    /// What is irregular with it that was not before; empty when the event is read back.
    pub observed: Vec<Observation>,
}

impl SubjectEvent {
    /// An event that was read back.
    pub fn held(recorded: RecordedEvent) -> Self {
        Self { recorded, sealed: SealedFields::none(), observed: Vec::new() }
    }
}

/// Everything recorded on one stream, in revision order.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<RecordedEvent>);

impl History {
    /// The recorded events.
    pub fn events(&self) -> &[RecordedEvent] {
        &self.0
    }

    fn next_revision(&self) -> Revision {
        Revision(u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX))
    }

    fn next_position(&self) -> Position {
        Position(self.0.last().map_or(1, |last| last.position.0.saturating_add(1)))
    }
}

impl FromIterator<RecordedEvent> for History {
    fn from_iter<I: IntoIterator<Item = RecordedEvent>>(recorded: I) -> Self {
        Self(recorded.into_iter().collect())
    }
}

impl esrs::Aggregate for Subject {
    const NAME: &'static str = "subject";
    type State = History;
    type Command = TimedCommand;
    type Event = SubjectEvent;
    type Error = Refusal;

    /// One command makes one event.
    fn handle_command(state: &History, timed: TimedCommand) -> Result<Vec<SubjectEvent>, Refusal> {
        let decision = decide(timed.category, state.events(), &timed.command, timed.now)?;
        let recorded = RecordedEvent {
            position: state.next_position(),
            stream: timed.stream,
            category: timed.category,
            revision: state.next_revision(),
            event_id: timed.event_id,
            command_id: CommandId(Uuid::nil()),
            recorded_at: timed.now,
            context: timed.context,
            event: decision.event,
        };
        Ok(vec![SubjectEvent { recorded, sealed: timed.sealed, observed: decision.observed }])
    }

    fn apply_event(mut state: History, event: SubjectEvent) -> History {
        state.0.push(event.recorded);
        state
    }
}
