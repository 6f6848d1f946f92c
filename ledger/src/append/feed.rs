//! Imports of any length: events are read, checked, sealed and hashed on a thread of their own, some chunks ahead of
//! the one that is being written.
//!
//! It knows no file format. Invariant: a chunk is handed over only when the one before is durable, so that the
//! order within a stream is that of the source also where an import stops half-way.

use std::collections::HashMap;

use domain::envelope::{Category, NewEvent};
use domain::ids::{CommandId, StreamId};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::bulk::append_prepared;
use super::draft::Draft;
use super::prepare::Prepared;
use super::{AppendError, Command, Expected, MAX_EVENTS_PER_CHUNK, Outbox, Preparer, StreamAppend};
use crate::identifiers::Identifier;

/// Events of one chunk of an import, as far as groups allow: the head is held for some 20 ms.
pub const EVENTS_PER_CHUNK: usize = 1_000;

/// Prepared chunks that may wait for the one that is being written.
const CHUNKS_AHEAD: usize = 2;

/// One event of an import.
#[derive(Clone, Debug)]
pub struct FedEvent {
    /// The stream; the event goes behind whatever it holds.
    pub stream: StreamId,
    /// What the stream is about.
    pub category: Category,
    /// The event.
    pub event: NewEvent,
    /// Identifiers of the stream's subject that should lead to it from now on.
    pub identifiers: Vec<Identifier>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fed {
    /// Events that are recorded now and were not before.
    pub new: u64,
    /// Events that had been recorded before.
    pub known: u64,
}

impl Fed {
    /// Events that were read and stand in the ledger.
    pub fn events(self) -> u64 {
        self.new + self.known
    }
}

/// Why an import stopped. What was recorded before stays, and the same import goes on from there.
#[derive(Debug, Error)]
pub enum FeedFault<E: std::error::Error + 'static> {
    /// The source cannot be read on.
    #[error("reading the events")]
    Source {
        /// Why.
        source: E,
    },
    /// A chunk was not recorded.
    #[error("recording a chunk of events")]
    Append {
        /// Why.
        #[from]
        source: AppendError,
    },
}

/// Chunks on their way from the thread that prepares them.
type Chunks<E> = mpsc::Sender<Result<(Prepared, usize), FeedFault<E>>>;

/// An import under way: all groups of a source, each group whole within one chunk.
pub(crate) struct Feeding<'a, E: std::error::Error + 'static> {
    outbox: &'a Outbox,
    chunks: mpsc::Receiver<Result<(Prepared, usize), FeedFault<E>>>,
    thread: JoinHandle<()>,
    fed: Fed,
}

impl<'a, E: std::error::Error + Send + 'static> Feeding<'a, E> {
    /// Begins to prepare; nothing is recorded before [`Self::next`].
    pub(crate) fn start(
        preparer: &Preparer,
        outbox: &'a Outbox,
        groups: impl Iterator<Item = Result<Vec<FedEvent>, E>> + Send + 'static,
        chunk_id: impl Fn(u64) -> CommandId + Send + 'static,
    ) -> Self {
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        let preparing =
            Preparing { preparer: preparer.clone(), runtime: tokio::runtime::Handle::current(), sender };
        let thread = tokio::task::spawn_blocking(move || preparing.all(groups, chunk_id));
        Self { outbox, chunks, thread, fed: Fed::default() }
    }

    /// Records the next chunk, and says how far the import is then; `None` behind the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Fed>, FeedFault<E>> {
        let Some(chunk) = self.chunks.recv().await else {
            return match (&mut self.thread).await {
                Ok(()) => Ok(None),
                Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
            };
        };
        let (prepared, events) = chunk?;
        let report = append_prepared(self.outbox, prepared, events).await?;
        let known = count(report.known);
        self.fed = Fed { new: self.fed.new + count(events) - known, known: self.fed.known + known };
        Ok(Some(self.fed))
    }
}

struct Preparing<E: std::error::Error + 'static> {
    preparer: Preparer,
    runtime: tokio::runtime::Handle,
    sender: Chunks<E>,
}

impl<E: std::error::Error + Send + 'static> Preparing<E> {
    /// Prepares chunk after chunk until the source ends or fails, or nobody wants them any more.
    fn all(
        &self,
        groups: impl Iterator<Item = Result<Vec<FedEvent>, E>>,
        chunk_id: impl Fn(u64) -> CommandId,
    ) {
        let (mut chunk, mut ids) = (Vec::with_capacity(EVENTS_PER_CHUNK), (0..).map(chunk_id));
        let mut next_id = || ids.next().expect("far fewer than 2^64 chunks");
        for group in groups {
            let group = match group {
                Ok(group) => group,
                Err(source) => return self.send(Err(FeedFault::Source { source })),
            };
            if !chunk.is_empty() && chunk.len() + group.len() > EVENTS_PER_CHUNK {
                self.prepare(next_id(), std::mem::take(&mut chunk));
            }
            if self.sender.is_closed() {
                return;
            }
            chunk.extend(group);
        }
        if !chunk.is_empty() {
            self.prepare(next_id(), chunk);
        }
    }

    fn prepare(&self, command_id: CommandId, chunk: Vec<FedEvent>) {
        let events = chunk.len();
        if events > MAX_EVENTS_PER_CHUNK {
            return self.send(Err(AppendError::TooManyEvents { command_id, events }.into()));
        }
        let command = Command { command_id, appends: by_stream(chunk) };
        let prepared = self.runtime.block_on(self.preparer.prepare(command, true)).map(Draft::finish);
        self.send(prepared.map(|prepared| (prepared, events)).map_err(FeedFault::from));
    }

    fn send(&self, chunk: Result<(Prepared, usize), FeedFault<E>>) {
        // Nobody listens any more after a chunk was refused; the next look at the channel ends the thread.
        let _ = self.sender.blocking_send(chunk);
    }
}

/// One append for each stream, in the order in which the streams come; the order within a stream stays.
fn by_stream(events: Vec<FedEvent>) -> Vec<StreamAppend> {
    let mut appends: Vec<StreamAppend> = Vec::new();
    let mut place: HashMap<StreamId, usize> = HashMap::new();
    for FedEvent { stream, category, event, identifiers } in events {
        let at = *place.entry(stream).or_insert_with(|| {
            appends.push(StreamAppend::new(stream, category, Expected::Any, Vec::new()));
            appends.len() - 1
        });
        let Some(append) = appends.get_mut(at) else { continue };
        append.identifiers.extend(identifiers);
        append.events.push(event);
    }
    appends
}

fn count(events: usize) -> u64 {
    u64::try_from(events).unwrap_or(u64::MAX)
}
