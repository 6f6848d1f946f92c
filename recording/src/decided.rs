//! The streams that a request touches, and what was decided for each of them so far.

use chrono::{DateTime, Utc};
use domain::decider::{Command, History, Refusal, Subject, SubjectEvent, TimedCommand};
use domain::envelope::{Category, EventContext, NewEvent, SealedFields, StoredEvent};
use domain::events::RecordedEvent;
use domain::ids::{EventId, StreamId};
use esrs::Aggregate as _;
use ledger::{AppendError, Expected, StreamAppend};

use crate::identifiers::said;

/// One stream.
pub(crate) struct Touched {
    pub(crate) stream: StreamId,
    pub(crate) category: Category,
    history: History,
    /// How many events are held; the rest of the history was decided just now.
    held: usize,
    decided: Vec<SubjectEvent>,
}

/// All that goes with an event and is not decided.
pub(crate) struct Given<'r> {
    pub(crate) event_id: EventId,
    pub(crate) sealed: &'r SealedFields,
    pub(crate) context: &'r EventContext,
    pub(crate) now: DateTime<Utc>,
}

impl Touched {
    pub(crate) fn new(stream: StreamId, category: Category, held: Vec<RecordedEvent>) -> Self {
        Self { stream, category, held: held.len(), history: held.into_iter().collect(), decided: Vec::new() }
    }

    /// What is held, and what was decided.
    pub(crate) fn events(&self) -> &[RecordedEvent] {
        self.history.events()
    }

    /// Decides on one command over everything before it.
    pub(crate) fn decide(&mut self, command: Command, given: &Given<'_>) -> Result<(), Refusal> {
        let timed = TimedCommand {
            stream: self.stream,
            category: self.category,
            command,
            event_id: given.event_id,
            sealed: given.sealed.clone(),
            context: given.context.clone(),
            now: given.now,
        };
        for event in Subject::handle_command(&self.history, timed)? {
            self.history = Subject::apply_event(std::mem::take(&mut self.history), event.clone());
            self.decided.push(event);
        }
        Ok(())
    }

    pub(crate) fn decided(&self) -> &[SubjectEvent] {
        &self.decided
    }

    /// What is to be appended: exactly behind what was decided over.
    pub(crate) fn append(&self) -> Result<StreamAppend, AppendError> {
        let new = |event: &SubjectEvent| -> Result<NewEvent, AppendError> {
            let RecordedEvent { event_id, context, event: happened, .. } = &event.recorded;
            let new = happened.to_new(*event_id, event.sealed.clone(), context.clone());
            new.map_err(|source| AppendError::NotCanonical { event_id: *event_id, source })
        };
        let events = self.decided.iter().map(new).collect::<Result<Vec<_>, _>>()?;
        let mut append = StreamAppend::new(self.stream, self.category, Expected::behind(self.held), events);
        append.identifiers =
            self.decided.iter().flat_map(|event| said(&event.recorded.event, &event.sealed)).collect();
        Ok(append)
    }
}

/// Whether some facts of a stream were disposed of.
pub(crate) fn is_disposed(events: &[StoredEvent]) -> bool {
    events.iter().any(|event| event.facts.is_none())
}
