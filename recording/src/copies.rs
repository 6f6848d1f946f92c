//! Copies of an act: what one request recorded of it in several streams, and the amendments of these.

use std::collections::BTreeSet;

use domain::envelope::StoredEvent;
use domain::events::Body;
use domain::ids::{CommandId, EventId, StreamId};
use uuid::Uuid;

use crate::decided::Touched;
use crate::fault::RecordFault;
use crate::recorder::{Deciding, read};

impl Deciding<'_> {
    /// The event and its copies, the event first: what the same commands recorded of the same act in other streams. Of an
    /// amendment those that amended the copies.
    pub(crate) async fn copies(
        &mut self,
        at: usize,
        event: EventId,
    ) -> Result<Vec<(StreamId, EventId)>, RecordFault> {
        let decided = self.touched.iter().flat_map(Touched::events).find(|held| held.event_id == event);
        if let Some(held) = decided.filter(|held| held.command_id == CommandId(Uuid::nil())) {
            return Ok(vec![(held.stream, event)]);
        }
        let mut back = vec![self.held(at, event).await?];
        while let Some((amendment, target)) = back.last().and_then(|last| Some((last, target_of(last)?))) {
            let position = amendment.position;
            let target = self.held(at, target).await?;
            // What an amendment names was recorded before it; only a forged one goes in a circle.
            if target.position >= position {
                return Err(RecordFault::NoEvent { act: at, event });
            }
            back.push(target);
        }
        let mut copies = Vec::new();
        while let Some(meant) = back.pop() {
            copies = self.copies_of(meant, &copies).await?;
        }
        for (stream, _) in &copies {
            self.load(*stream).await?;
        }
        Ok(copies)
    }

    async fn held(&self, at: usize, event: EventId) -> Result<StoredEvent, RecordFault> {
        let found = self.recorder.ledger.read_events(&[event]).await?.into_iter().next();
        found.ok_or(RecordFault::NoEvent { act: at, event })
    }

    /// An event and its copies; `targets` are what it and they amend, where it is an amendment.
    async fn copies_of(
        &self,
        meant: StoredEvent,
        targets: &[(StreamId, EventId)],
    ) -> Result<Vec<(StreamId, EventId)>, RecordFault> {
        let mut copies = vec![(meant.stream, meant.event_id)];
        // A chunk of an import holds rows that have nothing to do with each other.
        if meant.context.import.is_some() || meant.command_id.is_chunk() {
            return Ok(copies);
        }
        let together = self.recorder.ledger.read_command(meant.command_id).await?;
        if targets.is_empty() {
            copies.extend(others(meant, together)?);
            return Ok(copies);
        }
        let amends_a_copy = |other: &StoredEvent| {
            target_of(other).is_some_and(|target| targets.contains(&(other.stream, target)))
        };
        let others =
            together.into_iter().filter(|other| other.kind == meant.kind && other.stream != meant.stream);
        copies.extend(others.filter(amends_a_copy).map(|other| (other.stream, other.event_id)));
        Ok(copies)
    }
}

/// What an amendment amends; `None` for any other event.
fn target_of(stored: &StoredEvent) -> Option<EventId> {
    let body = read(stored.clone()).ok()?.event.body;
    if let Body::EventCorrected(it) = body {
        Some(it.target)
    } else if let Body::EventWithdrawn(it) = body {
        Some(it.target)
    } else if let Body::EventReinstated(it) = body {
        Some(it.target)
    } else {
        None
    }
}

/// The copies of an event among those of its command, one a stream: of the same kind, of the same process where it has one, else
/// with the same facts.
fn others(meant: StoredEvent, together: Vec<StoredEvent>) -> Result<Vec<(StreamId, EventId)>, RecordFault> {
    if meant.facts.is_none() {
        return Ok(Vec::new());
    }
    let (stream, kind) = (meant.stream, meant.kind.clone());
    let meant = read(meant)?.event;
    let mut streams = BTreeSet::from([stream]);
    let mut copies = Vec::new();
    for other in together.into_iter().filter(|other| other.kind == kind && other.facts.is_some()) {
        let (stream, event_id) = (other.stream, other.event_id);
        let event = read(other)?.event;
        let same = match meant.own_entity() {
            Some(process) => event.own_entity() == Some(process),
            None => event == meant,
        };
        if same && streams.insert(stream) {
            copies.push((stream, event_id));
        }
    }
    Ok(copies)
}
