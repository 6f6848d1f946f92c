//! Chunks of an import: many events in one command, events that are known left out, live callers first.

use tokio::sync::oneshot;

use super::appender::Waiting;
use super::draft::Draft;
use super::prepare::Prepared;
use super::{AppendError, Command, Outbox, Preparer, Recorded};

/// Most events in one chunk: small enough that the head is held for less than 50 ms.
pub const MAX_EVENTS_PER_CHUNK: usize = 2_000;

/// What became of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkReport {
    /// Where the new events stand; its count is 0 where every event was known.
    pub recorded: Recorded,
    /// Events that were recorded before and left out.
    pub known: usize,
}

/// Prepares a chunk on a blocking thread and hands it to the appender.
pub(crate) async fn append_chunk(
    preparer: &Preparer,
    outbox: &Outbox,
    command: Command,
) -> Result<BulkReport, AppendError> {
    let command_id = command.command_id;
    let events: usize = command.appends.iter().map(|append| append.events.len()).sum();
    if events > MAX_EVENTS_PER_CHUNK {
        return Err(AppendError::TooManyEvents { command_id, events });
    }
    let preparer = preparer.clone();
    let runtime = tokio::runtime::Handle::current();
    let prepared = tokio::task::spawn_blocking(move || {
        runtime.block_on(preparer.prepare(command, true)).map(Draft::finish)
    });
    let prepared = prepared.await.map_err(|_| AppendError::Closed)??;
    append_prepared(outbox, prepared, events).await
}

/// Hands a prepared chunk of so many events to the appender.
pub(super) async fn append_prepared(
    outbox: &Outbox,
    prepared: Prepared,
    events: usize,
) -> Result<BulkReport, AppendError> {
    let (reply, answer) = oneshot::channel();
    let waiting = Waiting { prepared, reply, looked_up: false };
    outbox.bulk.send(waiting).await.map_err(|_| AppendError::Closed)?;
    let recorded = answer.await.map_err(|_| AppendError::Closed)??;
    let new = if recorded.already { 0 } else { usize::try_from(recorded.event_count).unwrap_or(events) };
    Ok(BulkReport { recorded, known: events - new.min(events) })
}
