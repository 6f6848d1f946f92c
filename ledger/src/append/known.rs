//! Which of the waiting commands, or which of their events, stand in the ledger already.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use domain::ids::{CommandId, EventId, LedgerId};
use uuid::Uuid;

use super::prepare::{Prepared, PreparedAppend, PreparedEvent};
use super::store::{KnownCommand, KnownEvent, Store, Trouble};
use super::{AppendError, Recorded};
use crate::batch_mac::BatchKey;
use crate::keys::KeyStore;
use crate::same_event::{Given, Part, Sealed, difference};

/// What is known about one waiting command.
#[derive(Debug)]
pub(crate) enum Finding {
    /// Nothing of it stands in the ledger.
    New,
    /// All of it does, as this command.
    Recorded(KnownCommand),
    /// An id of it stands for something else.
    Reused(AppendError),
}

/// Commands and events that were found under the ids of a batch.
#[derive(Debug, Default)]
pub(crate) struct Known {
    commands: HashMap<CommandId, KnownCommand>,
    events: HashMap<EventId, KnownEvent>,
}

impl Known {
    /// Looks up every id of the given commands.
    pub(crate) async fn find(store: &Store, prepared: &[&Prepared]) -> Result<Self, Trouble> {
        let command_ids: Vec<Uuid> = prepared.iter().map(|one| one.command_id.0).collect();
        let event_ids: Vec<Uuid> =
            prepared.iter().flat_map(|one| one.events().map(|event| event.event_id.0)).collect();
        let (commands, events) =
            tokio::try_join!(store.known_commands(&command_ids), store.known_events(&event_ids))?;
        Ok(Self {
            commands: commands.into_iter().map(|known| (known.command_id, known)).collect(),
            events: events.into_iter().map(|known| (known.event_id, known)).collect(),
        })
    }

    /// Whether anything was found.
    pub(crate) fn is_some(&self) -> bool {
        !self.commands.is_empty() || !self.events.is_empty()
    }

    /// Decides about one command. A bulk chunk loses the events that are there already.
    pub(crate) fn settle(&self, prepared: &mut Prepared, own: &OwnKeys) -> Finding {
        if let Some(known) = self.commands.get(&prepared.command_id) {
            return same_request(known, prepared).unwrap_or(Finding::Reused(AppendError::CommandIdReused {
                command_id: prepared.command_id,
            }));
        }
        let found: Vec<&KnownEvent> =
            prepared.events().filter_map(|event| self.events.get(&event.event_id)).collect();
        match found.first() {
            None => Finding::New,
            Some(_) if prepared.skip_known => self.leave_out(prepared, own),
            Some(first) => self.under_another_command(first, prepared),
        }
    }

    /// The same request under a new command id gets the first answer; a partial overlap is another request.
    fn under_another_command(&self, first: &KnownEvent, prepared: &Prepared) -> Finding {
        let all_there = prepared.events().all(|event| {
            let known = self.events.get(&event.event_id);
            known.is_some_and(|known| known.command.command_id == first.command.command_id)
        });
        let same = if all_there { same_request(&first.command, prepared) } else { None };
        same.unwrap_or(Finding::Reused(AppendError::EventIdReused { event_id: first.event_id }))
    }

    fn leave_out(&self, prepared: &mut Prepared, own: &OwnKeys) -> Finding {
        let other = |append: &PreparedAppend, event: &PreparedEvent| {
            let known = self.events.get(&event.event_id);
            known.is_some_and(|known| own.difference(known, append, event).is_some())
        };
        for append in &prepared.appends {
            if let Some(event) = append.events.iter().find(|event| other(append, event)) {
                return Finding::Reused(AppendError::EventIdReused { event_id: event.event_id });
            }
        }
        for append in &mut prepared.appends {
            append.events.retain(|event| !self.events.contains_key(&event.event_id));
        }
        prepared.appends.retain(|append| !append.events.is_empty());
        Finding::New
    }
}

fn same_request(known: &KnownCommand, prepared: &Prepared) -> Option<Finding> {
    (known.request_hash == prepared.request_hash).then_some(Finding::Recorded(*known))
}

/// The ledger and its keys, to compare what is sealed.
#[derive(Clone, Debug)]
pub(crate) struct OwnKeys {
    pub(crate) ledger: LedgerId,
    pub(crate) keys: Arc<dyn KeyStore>,
    /// The key for MACs of batches, once the ledger has one.
    pub(crate) batches: Arc<OnceLock<BatchKey>>,
}

impl OwnKeys {
    /// Where an event of a bulk chunk differs from the recorded one.
    fn difference(&self, known: &KnownEvent, append: &PreparedAppend, event: &PreparedEvent) -> Option<Part> {
        let Some(held) = &known.event else { return Some(Part::Unreadable) };
        let given = Given {
            stream: append.stream,
            kind: &event.kind,
            schema_version: event.schema_version,
            occurred: &event.occurred,
            facts: &event.facts,
            sealed: Sealed::Container(event.sealed.as_deref()),
            context: &event.context,
        };
        // Whoever prepared the event had its key a moment ago.
        difference(self.ledger, held, &given, |id| self.keys.find(id).ok().flatten())
    }
}

/// The answer of the first time.
pub(crate) async fn first_answer(store: &Store, known: &KnownCommand) -> Result<Recorded, Trouble> {
    store.recorded(known).await
}
