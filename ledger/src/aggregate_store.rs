//! The log as an `esrs` event store, so that its `AggregateManager` can drive an aggregate over it.
//!
//! `esrs` gives the programming model and not the storage: order, idempotency, proof and sealing are the
//! ledger's. What its trait cannot carry (who records, which command) stands in the view that
//! [`Ledger::with_context`] makes. Readers subscribe to the log; nothing is published on a bus.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;
use domain::canonical::NotCanonical;
use domain::decider::{Subject, SubjectEvent};
use domain::envelope::{Category, EventContext, NewEvent, StoredEvent};
use domain::events::{MalformedEvent, RecordedEvent};
use domain::ids::{CommandId, Revision, StreamId};
use esrs::store::{EventStore, EventStoreLockGuard, StoreEvent, UnlockOnDrop};
use esrs::types::SequenceNumber;
use esrs::{Aggregate, AggregateState};
use thiserror::Error;
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use crate::append::{AppendError, Command, Expected, StreamAppend};
use crate::ledger::Ledger;
use crate::read::ReadFault;

/// An aggregate whose events the ledger can hold.
pub trait StoredAggregate: Aggregate {
    /// Why a stored event cannot be read.
    type Malformed: Error + Send + Sync + 'static;

    /// What the stream of an event is about.
    fn category(event: &Self::Event) -> Category;

    /// The event as the ledger takes it.
    ///
    /// # Errors
    /// [`NotCanonical`] where its facts have no canonical form.
    fn to_new(event: &Self::Event, context: EventContext) -> Result<NewEvent, NotCanonical>;

    /// The event back from the ledger.
    ///
    /// # Errors
    /// Where the stored event is not one of this aggregate's.
    fn from_stored(event: StoredEvent) -> Result<Self::Event, Self::Malformed>;
}

impl StoredAggregate for Subject {
    type Malformed = MalformedEvent;

    fn category(event: &SubjectEvent) -> Category {
        event.recorded.category
    }

    fn to_new(event: &SubjectEvent, context: EventContext) -> Result<NewEvent, NotCanonical> {
        event.recorded.event.to_new(event.recorded.event_id, event.sealed.clone(), context)
    }

    fn from_stored(event: StoredEvent) -> Result<SubjectEvent, MalformedEvent> {
        RecordedEvent::try_from(event).map(SubjectEvent::held)
    }
}

/// Why the store did not do what an aggregate's manager asked.
#[derive(Debug, Error)]
pub enum StoreFault {
    /// Not recorded; a conflict is among these.
    #[error("appending to stream {stream}")]
    Append {
        /// The stream.
        stream: StreamId,
        /// Why.
        source: AppendError,
    },
    /// Not read.
    #[error("reading stream {stream}")]
    Read {
        /// The stream.
        stream: StreamId,
        /// Why.
        source: ReadFault,
    },
    /// A stored event cannot be read as one of the aggregate's.
    #[error("revision {revision} of stream {stream} is malformed")]
    Malformed {
        /// The stream.
        stream: StreamId,
        /// Which event.
        revision: Revision,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An event's facts have no canonical form.
    #[error("an event for stream {stream} is not canonical")]
    NotCanonical {
        /// The stream.
        stream: StreamId,
        /// Why.
        source: NotCanonical,
    },
    /// The ledger deletes nothing.
    #[error("stream {stream} cannot be deleted: withdraw what is wrong, dispose of what must go")]
    DeleteRefused {
        /// The stream.
        stream: StreamId,
    },
}

/// The ledger as seen by one recorder, for one kind of aggregate.
pub struct AggregateStore<A> {
    ledger: Ledger,
    context: EventContext,
    aggregate: PhantomData<fn() -> A>,
}

impl<A> fmt::Debug for AggregateStore<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AggregateStore").field("context", &self.context).finish()
    }
}

impl Ledger {
    /// The ledger as an event store in which everything is recorded under `context`.
    pub fn with_context<A: StoredAggregate>(&self, context: EventContext) -> AggregateStore<A> {
        AggregateStore { ledger: self.clone(), context, aggregate: PhantomData }
    }
}

#[async_trait]
impl<A> EventStore for AggregateStore<A>
where
    A: StoredAggregate,
    A::Event: Send + Sync,
    A::State: Send,
{
    type Aggregate = A;
    type Error = StoreFault;

    /// Keeps other callers of this process away from the stream. Other processes are kept away by the revision alone.
    async fn lock(&self, aggregate_id: Uuid) -> Result<EventStoreLockGuard, StoreFault> {
        Ok(EventStoreLockGuard::new(self.ledger.locks().lock(aggregate_id).await))
    }

    async fn by_aggregate_id(&self, aggregate_id: Uuid) -> Result<Vec<StoreEvent<A::Event>>, StoreFault> {
        let stream = StreamId(aggregate_id);
        let events = self.ledger.read_stream(stream, Revision(1)).await;
        let events = events.map_err(|source| StoreFault::Read { stream, source })?;
        events.into_iter().map(store_event::<A>).collect()
    }

    async fn persist(
        &self,
        aggregate_state: &mut AggregateState<A::State>,
        events: Vec<A::Event>,
    ) -> Result<Vec<StoreEvent<A::Event>>, StoreFault> {
        let Some(category) = events.first().map(A::category) else { return Ok(Vec::new()) };
        let stream = StreamId(*aggregate_state.id());
        let expected = match u32::try_from(*aggregate_state.sequence_number()) {
            Ok(0) | Err(_) => Expected::NoStream,
            Ok(revision) => Expected::Exactly(Revision(revision)),
        };
        let new_events: Result<Vec<NewEvent>, NotCanonical> =
            events.iter().map(|event| A::to_new(event, self.context.clone())).collect();
        let new_events = new_events.map_err(|source| StoreFault::NotCanonical { stream, source })?;
        let ids: Vec<Uuid> = new_events.iter().map(|event| event.event_id.0).collect();
        let append = StreamAppend::new(stream, category, expected, new_events);
        let command_id = CommandId(first_id(&ids));
        let recorded = self.ledger.append(Command { command_id, appends: vec![append] }).await;
        let recorded = recorded.map_err(|source| StoreFault::Append { stream, source })?;
        let stored = |(payload, id)| StoreEvent {
            id,
            aggregate_id: stream.0,
            payload,
            occurred_on: recorded.recorded_at,
            sequence_number: aggregate_state.next_sequence_number(),
            version: None,
        };
        Ok(events.into_iter().zip(ids).map(stored).collect())
    }

    async fn publish(&self, _: &[StoreEvent<A::Event>]) {}

    async fn delete(&self, aggregate_id: Uuid) -> Result<(), StoreFault> {
        Err(StoreFault::DeleteRefused { stream: StreamId(aggregate_id) })
    }
}

/// A command that was not named is named after its first event, so that deciding again with the same event
/// ids is the same command.
fn first_id(ids: &[Uuid]) -> Uuid {
    ids.first().copied().unwrap_or_default()
}

fn store_event<A: StoredAggregate>(event: StoredEvent) -> Result<StoreEvent<A::Event>, StoreFault> {
    let (id, stream, revision) = (event.event_id.0, event.stream, event.revision);
    let (occurred_on, version) = (event.recorded_at, Some(i32::from(event.schema_version)));
    let malformed = |source| StoreFault::Malformed { stream, revision, source: Box::new(source) };
    Ok(StoreEvent {
        id,
        aggregate_id: stream.0,
        payload: A::from_stored(event).map_err(malformed)?,
        occurred_on,
        sequence_number: SequenceNumber::try_from(revision.0).unwrap_or(SequenceNumber::MAX),
        version,
    })
}

type StreamLock = Arc<tokio::sync::Mutex<()>>;

/// One lock a stream, for as long as somebody holds or awaits it.
#[derive(Debug, Default)]
pub(crate) struct StreamLocks(Mutex<HashMap<Uuid, Weak<tokio::sync::Mutex<()>>>>);

/// Held by one caller of this process.
struct Held {
    _guard: OwnedMutexGuard<()>,
}

impl UnlockOnDrop for Held {}

impl StreamLocks {
    async fn lock(&self, stream: Uuid) -> Held {
        let lock = self.of(stream);
        Held { _guard: lock.lock_owned().await }
    }

    fn of(&self, stream: Uuid) -> StreamLock {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = locks.get(&stream).and_then(Weak::upgrade) {
            return lock;
        }
        locks.retain(|_, lock| lock.strong_count() > 0);
        let lock = StreamLock::default();
        locks.insert(stream, Arc::downgrade(&lock));
        lock
    }
}
