//! Recording events: commands, their answers, and the way to the appender.
//!
//! A command is atomic over all streams that it names, and the same command id always gets the same answer.
//! Concurrent commands share one statement and one flush; no command can make another fail.

mod answers;
mod appender;
mod batch;
mod bulk;
mod draft;
mod feed;
mod gather;
mod known;
mod plan;
mod prepare;
mod store;
mod tip;

pub(crate) use appender::Appender;
pub use appender::StartFault;
pub(crate) use batch::signed;
pub(crate) use bulk::append_chunk;
pub use bulk::{BulkReport, MAX_EVENTS_PER_CHUNK};
pub(crate) use feed::Feeding;
pub use feed::{EVENTS_PER_CHUNK, Fed, FedEvent, FeedFault};
pub(crate) use gather::Outbox;
pub(crate) use known::OwnKeys;
pub(crate) use prepare::{Preparer, Salts};

use chrono::{DateTime, Utc};
use domain::canonical::NotCanonical;
use domain::envelope::{Category, NewEvent};
use domain::ids::{CommandId, EventId, Position, Revision, StreamId};
use thiserror::Error;

use crate::batch_mac::BatchKey;
use crate::hash::Hash;
use crate::identifiers::Identifier;
use crate::keys::KeyFault;
use crate::ledger::KeyStoreFault;
use crate::proof::nodes::NodesFault;
use crate::read::ReadFault;
use crate::sealing::SealFault;

/// Records a ledger's first event; refused where the log is not empty.
pub(crate) async fn write_first(
    database: &tokio_postgres::Config,
    clock: &crate::clock::Clock,
    batches: &BatchKey,
    first: draft::Draft,
) -> Result<(), AppendError> {
    appender::write_first(database, clock, batches, first.finish()).await
}

/// Most events in one command of a live caller; longer ones go through `append_bulk`.
pub const MAX_EVENTS_PER_COMMAND: usize = 1_000;

/// Most bytes of facts and sealed fields of one event.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;

/// What the caller believes about a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: append behind whatever is there.
    Any,
    /// That the stream has no event.
    NoStream,
    /// That this is the stream's last revision.
    Exactly(Revision),
}

impl Expected {
    /// That the stream has so many events and no more.
    pub fn behind(events: usize) -> Self {
        match u32::try_from(events) {
            Ok(0) => Self::NoStream,
            Ok(revision) => Self::Exactly(Revision(revision)),
            // No stream can have so many.
            Err(_) => Self::Exactly(Revision(u32::MAX)),
        }
    }
}

/// Events for one stream.
#[derive(Clone, Debug)]
pub struct StreamAppend {
    /// The stream.
    pub stream: StreamId,
    /// What it is about; a stream keeps its category for ever.
    pub category: Category,
    /// What the caller believes about it.
    pub expected: Expected,
    /// The events, in order; at least one.
    pub events: Vec<NewEvent>,
    /// Identifiers of the stream's subject that should lead to it from now on; may be empty.
    pub identifiers: Vec<Identifier>,
}

impl StreamAppend {
    /// Events for a stream, with no identifiers.
    pub fn new(stream: StreamId, category: Category, expected: Expected, events: Vec<NewEvent>) -> Self {
        Self { stream, category, expected, events, identifiers: Vec::new() }
    }
}

/// A request to record something, all of it or nothing.
#[derive(Clone, Debug)]
pub struct Command {
    /// Its id; asking again with the same id and content gives the first answer.
    pub command_id: CommandId,
    /// What to append; may name several streams.
    pub appends: Vec<StreamAppend>,
}

/// The revisions that a command has in one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamRevisions {
    /// The stream.
    pub stream: StreamId,
    /// Its first revision in the command.
    pub first: Revision,
    /// Its last revision in the command.
    pub last: Revision,
}

/// Proof for the caller that a command is recorded and durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Position of the command's first event; the others follow without a gap.
    pub first_position: Position,
    /// How many events.
    pub event_count: u32,
    /// When the ledger recorded them.
    pub recorded_at: DateTime<Utc>,
    /// Revisions for each stream, ordered by stream id.
    pub streams: Vec<StreamRevisions>,
    /// Whether this command had been recorded before, so that nothing was written now.
    pub already: bool,
    /// Leaf hashes of the events, in position order.
    pub leaf_hashes: Vec<Hash>,
    /// The epoch in which they were recorded.
    pub epoch: u32,
    /// Size of the log after the batch that the command was written in.
    pub tree_size: u64,
    /// Root of the tree of that size; absent for batches of a program that kept no tree yet.
    pub root: Option<Hash>,
}

impl Recorded {
    /// Position of the command's last event.
    pub fn last_position(&self) -> Position {
        Position(self.first_position.0 + u64::from(self.event_count) - 1)
    }
}

/// Why a command was not recorded. Only [`Self::Unavailable`] leaves that open.
#[derive(Debug, Error)]
pub enum AppendError {
    /// The stream is not where the caller believed; reload and decide again.
    #[error("stream {stream}: expected {expected:?}, its last revision is {actual}")]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What the caller believed.
        expected: Expected,
        /// The last revision; 0 where the stream has no event.
        actual: u32,
    },
    /// The stream is about something else.
    #[error("stream {stream} is about a {actual}, not a {given}")]
    OtherCategory {
        /// The stream.
        stream: StreamId,
        /// What the caller said.
        given: Category,
        /// What it is about.
        actual: Category,
    },
    /// The command id stands for another request.
    #[error("command id {command_id} was used for another request")]
    CommandIdReused {
        /// The command.
        command_id: CommandId,
    },
    /// The event id stands for another event.
    #[error("event id {event_id} was used for another event")]
    EventIdReused {
        /// The event.
        event_id: EventId,
    },
    /// The command has no event.
    #[error("command {command_id} has no event")]
    Empty {
        /// The command.
        command_id: CommandId,
    },
    /// The command has too many events for a live caller.
    #[error("command {command_id} has {events} events, at most {MAX_EVENTS_PER_COMMAND} are taken; use bulk")]
    TooManyEvents {
        /// The command.
        command_id: CommandId,
        /// How many it has.
        events: usize,
    },
    /// One event is too large.
    #[error("event {event_id} has {bytes} bytes, at most {MAX_EVENT_BYTES} are taken")]
    EventTooLarge {
        /// The event.
        event_id: EventId,
        /// Bytes of facts and sealed fields.
        bytes: usize,
    },
    /// A number of the envelope does not fit its column.
    #[error("event {event_id}: schema version is above 32767, or row above 2147483647")]
    OutOfRange {
        /// The event.
        event_id: EventId,
    },
    /// Facts or envelope are not in canonical form.
    #[error("event {event_id} is not canonical: {source}")]
    NotCanonical {
        /// The event.
        event_id: EventId,
        /// What differs, and where.
        source: NotCanonical,
    },
    /// The sealed fields cannot be sealed.
    #[error("event {event_id} cannot be sealed")]
    Seal {
        /// The event.
        event_id: EventId,
        /// Why.
        source: SealFault,
    },
    /// A key is gone or cannot be reached; nothing is stored in clear instead.
    #[error("key for command {command_id}")]
    Key {
        /// The command.
        command_id: CommandId,
        /// Why.
        source: KeyFault,
    },
    /// The key store is not the ledger's, or not whole. Nothing is written with it.
    #[error(transparent)]
    KeyStore {
        /// What is wrong, and what to do.
        #[from]
        source: Box<KeyStoreFault>,
    },
    /// Whether a key may be made cannot be looked up.
    #[error("looking up whether something is sealed already, for command {command_id}")]
    Read {
        /// The command.
        command_id: CommandId,
        /// Why.
        source: ReadFault,
    },
    /// This process's clock, or the newest event's time, is ahead of the database's by more than five seconds.
    #[error(
        "the clock of this machine, or the time of the newest event, is {ahead_ms} ms ahead of the database's; at most \
         5000 ms are taken. `caseledger clock show` says which, and what to do"
    )]
    ClockAhead {
        /// How far ahead, in milliseconds.
        ahead_ms: i64,
    },
    /// This process's clock is behind the database's by more than five seconds: what is recorded would be dated before it was
    /// known.
    #[error(
        "the clock of this machine is {behind_ms} ms behind the database's; at most 5000 ms are taken. Set the wrong one of \
         the two right"
    )]
    ClockBehind {
        /// How far behind, in milliseconds.
        behind_ms: i64,
    },
    /// Too many commands are waiting.
    #[error("the ledger is overloaded; try again later")]
    Overloaded,
    /// The database is away. The command may or may not be recorded: ask again with the same command id.
    #[error("the database is away; ask again with the same command id {command_id}")]
    Unavailable {
        /// The command.
        command_id: CommandId,
    },
    /// The database refused this command.
    #[error("the database refused command {command_id}")]
    Database {
        /// The command.
        command_id: CommandId,
        /// What it says.
        source: tokio_postgres::Error,
    },
    /// The database holds less than, or something else than, what this process recorded: it was restored from an
    /// older copy, or replaced. Nothing is appended to it.
    #[error(
        "the database is behind: {known} events were recorded, it holds {found} or others; nothing is appended. \
         Restore a newer copy, or open a new epoch with `caseledger epoch open`"
    )]
    Rewound {
        /// Size of the log as this process knew it.
        known: u64,
        /// Size that the database has.
        found: u64,
    },
    /// What was signed of this log does not fit to what the database holds; nothing is appended to it.
    #[error("nothing is appended: {reason}")]
    Halted {
        /// What the signer found.
        reason: String,
    },
    /// The log's tree cannot be read; nothing is appended to a damaged log.
    #[error("the log is damaged")]
    Damaged {
        /// What is missing.
        source: std::sync::Arc<NodesFault>,
    },
    /// The database holds a head behind the log's end, and no event that it stands for.
    #[error(
        "nothing can be recorded: behind position {size} the database holds a head without events, which this program did not \
         write; run `caseledger verify`"
    )]
    HeadWithoutEvents {
        /// The end of the log.
        size: u64,
    },
    /// The ledger is being closed.
    #[error("the ledger is closed")]
    Closed,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}
