//! What the pages and the schema ask of the record. `replay` answers; tests answer from memory.
//!
//! Whoever answers decides nothing about wording or access. Invariant: every answer is a fold of known events,
//! so two questions with one knowledge never contradict each other.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::clocks::{Clock, State};
use domain::ids::{EntityId, EventId, LedgerId, Position, Revision, StreamId};
use domain::rules::{Rule, RuleBook};
use projections::indicators::{Indicators, Period};
use projections::summary::ChildSummary;
use replay::{Asked, ChildReplay, Knowledge};
use thiserror::Error;

/// A future answer.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, ReadingFault>> + Send + 'a>>;

/// Why a question got no answer.
#[derive(Debug, Error)]
pub enum ReadingFault {
    /// The database is away or has too much to do: the same question may get an answer a little later.
    #[error("the record cannot be read just now")]
    Away {
        /// What failed.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The record could not be read.
    #[error("read the record")]
    Fault {
        /// What failed.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A stored event cannot be read.
    #[error("malformed history at position {position} of stream {stream}")]
    MalformedHistory {
        /// The stream.
        stream: StreamId,
        /// The position of the event.
        position: Position,
        /// What the reader says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Answers questions about the record.
pub trait Reading: Send + Sync + 'static {
    /// The rules by which it answers.
    fn book(&self) -> &'static RuleBook {
        RuleBook::built_in()
    }

    /// The ledger and its head.
    fn ledger(&self) -> Answer<'_, LedgerState>;

    /// How far the log is signed and witnessed now.
    fn covered(&self, now: DateTime<Utc>) -> Answer<'_, Covered>;

    /// Resolves a question's knowledge to a place in the ledger.
    fn resolve(&self, asked: Asked) -> Answer<'_, Knowledge>;

    /// The children whom the authority calls so (its own id, another identifier, or the stream's id), ascending.
    fn find<'a>(&'a self, reference: &'a str) -> Answer<'a, Vec<StreamId>>;

    /// One child as known; `None` where no child has this stream.
    fn child(&self, stream: StreamId, knowledge: Knowledge) -> Answer<'_, Option<ChildReplay>>;

    /// What the authority calls a child, where the key to it is held.
    fn reference(&self, stream: StreamId) -> Answer<'_, Option<String>>;

    /// How one event stands in the ledger.
    fn provenance(&self, stream: StreamId, event: EventId) -> Answer<'_, Option<Provenance>>;

    /// One line about every child that is known, ascending by stream.
    fn population(&self, knowledge: Knowledge) -> Answer<'_, Arc<Vec<ChildLine>>>;

    /// What the clocks of all children say of a period, as at its last day.
    fn indicators(&self, knowledge: Knowledge, period: Period) -> Answer<'_, Indicators>;
}

/// The ledger and its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerState {
    /// Its id.
    pub id: LedgerId,
    /// Its present epoch, from 1.
    pub epoch: u32,
    /// Code of the authority.
    pub authority: String,
    /// When its first event was recorded.
    pub began: DateTime<Utc>,
    /// Position of the last event.
    pub head: Position,
    /// When that was recorded.
    pub head_recorded_at: DateTime<Utc>,
}

/// How much of the log outsiders can hold it to. A size covers positions 1 to that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Size of the newest signed head; `None` where nothing is signed.
    pub signed: Option<u64>,
    /// Size of the newest signed head that enough witnesses countersigned, 0 where there is none; `None` where the
    /// server was given no policy that says who is enough.
    pub witnessed: Option<u64>,
}

/// How one event stands in the ledger, for a citation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Its place in its stream.
    pub revision: Revision,
    /// Version of its facts' shape.
    pub schema_version: u16,
    /// Its leaf hash in hexadecimal, where it is held at hand.
    pub leaf_hash: Option<String>,
}

/// One line about a child, with its clocks.
#[derive(Clone, Debug)]
pub struct ChildLine {
    /// The child's stream.
    pub stream: StreamId,
    /// What runs and what stands out.
    pub summary: ChildSummary,
    /// The clocks, without their evidence.
    pub clocks: Vec<ClockLine>,
}

/// One clock in a list.
#[derive(Clone, Debug)]
pub struct ClockLine {
    /// The rule.
    pub rule: &'static Rule,
    /// Name of its version.
    pub version: Arc<str>,
    /// The process whose clock it is.
    pub entity: EntityId,
    /// Number of the occurrence of a chained clock, from 1; 0 otherwise.
    pub occurrence: usize,
    /// The day of the start, where it is known.
    pub started_on: Option<NaiveDate>,
    /// The last day in time, inclusive.
    pub due_on: Option<NaiveDate>,
    /// The latest day that it can be, where that is not certain.
    pub due_latest: Option<NaiveDate>,
    /// The day of the stop or close.
    pub ended_on: Option<NaiveDate>,
    /// Whether its process still waits for the stop.
    pub is_open: bool,
    /// How it stands.
    pub state: State,
    /// What was used, in the unit of the limit's measure.
    pub used: Option<i64>,
}

impl ClockLine {
    /// The line of a clock.
    pub fn of(clock: &Clock<'static>) -> Self {
        Self {
            rule: clock.rule,
            version: clock.version.name.clone(),
            entity: clock.entity,
            occurrence: clock.occurrence,
            started_on: clock.start.occurred.day(),
            due_on: clock.due_on,
            due_latest: clock.due_latest,
            ended_on: clock.ended().and_then(|ended| ended.day()),
            is_open: clock.is_open(),
            state: clock.state,
            used: clock.used.map(|used| used.amount),
        }
    }
}
