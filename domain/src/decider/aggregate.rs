//! The child's stream as an `esrs` aggregate, so that its manager can drive the decider.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Command, Refusal, decide};
use crate::envelope::{Category, EventContext, SealedFields};
use crate::events::{CaseEvent, RecordedEvent};
use crate::ids::{CommandId, EventId, Position, Revision, StreamId};

/// One child's stream. The state is its history, because a correction may touch any event of it.
#[derive(Clone, Copy, Debug)]
pub struct Child;

/// A command with the instant at which it is decided; time is passed in.
#[derive(Clone, Debug)]
pub struct TimedCommand {
    /// What is asked.
    pub command: Command,
    /// Ids for the events that it may make, so that deciding again gives the same events.
    pub event_id: EventId,
    /// What is sealed beside the facts.
    pub sealed: SealedFields,
    /// When it is decided.
    pub now: DateTime<Utc>,
}

/// An event with its id, as the aggregate hands it to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildEvent {
    /// The event's id.
    pub event_id: EventId,
    /// What happened.
    pub event: CaseEvent,
    /// What is sealed beside the facts; empty when the event is read back.
    pub sealed: SealedFields,
    /// When it was recorded; for a new event, when it was decided.
    pub recorded_at: DateTime<Utc>,
}

/// Everything recorded on one stream, in revision order.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<RecordedEvent>);

impl History {
    /// The recorded events.
    pub fn events(&self) -> &[RecordedEvent] {
        &self.0
    }

    fn push(&mut self, child_event: ChildEvent) {
        let revision = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
        self.0.push(RecordedEvent {
            position: Position(u64::from(revision)),
            stream: StreamId(Uuid::nil()),
            category: Category::Child,
            revision: Revision(revision),
            event_id: child_event.event_id,
            command_id: CommandId(Uuid::nil()),
            recorded_at: child_event.recorded_at,
            context: EventContext::new(Uuid::nil(), "aggregate"),
            event: child_event.event,
        });
    }
}

impl esrs::Aggregate for Child {
    const NAME: &'static str = "child";
    type State = History;
    type Command = TimedCommand;
    type Event = ChildEvent;
    type Error = Refusal;

    fn handle_command(state: &History, timed: TimedCommand) -> Result<Vec<ChildEvent>, Refusal> {
        let events = decide(state.events(), &timed.command, timed.now)?;
        // One command makes one event; its id comes with the command so that a retry is recognised.
        Ok(events
            .into_iter()
            .map(|event| ChildEvent {
                event_id: timed.event_id,
                event,
                sealed: timed.sealed.clone(),
                recorded_at: timed.now,
            })
            .collect())
    }

    fn apply_event(mut state: History, event: ChildEvent) -> History {
        state.push(event);
        state
    }
}
