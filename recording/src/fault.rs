//! Why nothing was recorded.

use domain::decider::Refusal;
use domain::envelope::Category;
use domain::events::MalformedEvent;
use domain::ids::{CommandId, EventId, Position, StreamId};
use ledger::{AppendError, ReadFault};
use thiserror::Error;

/// Why a request was not recorded. Only where the ledger was away does that stay open ([`AppendError::Unavailable`]).
#[derive(Debug, Error)]
pub enum RecordFault {
    /// An act cannot be true, or cannot be recorded so.
    #[error("{refusal}{}", contradicted(refusal))]
    Refused {
        /// Which act of the request, from 0.
        act: usize,
        /// Why.
        refusal: Refusal,
    },
    /// There is no record to add to.
    #[error("stream {stream} holds nothing; to begin a record, say so")]
    NoStream {
        /// Which act, from 0.
        act: usize,
        /// The stream.
        stream: StreamId,
    },
    /// A record was to begin where one is.
    #[error("{by} leads to a record already, stream {stream}; record it there")]
    Held {
        /// Which act, from 0.
        act: usize,
        /// What leads there.
        by: &'static str,
        /// The record.
        stream: StreamId,
    },
    /// A record does not begin with this.
    #[error("the record of a {category} begins with its registration; `caseledger kinds` lists the kinds")]
    NotABeginning {
        /// Which act, from 0.
        act: usize,
        /// What the record would be about.
        category: Category,
    },
    /// The event to amend is not in this ledger.
    #[error(
        "event {event} is not in this ledger; `caseledger replay` prints the events of a record with their ids"
    )]
    NoEvent {
        /// Which act, from 0.
        act: usize,
        /// The event.
        event: EventId,
    },
    /// The facts of a correction are none of their kind.
    #[error("these are no facts of its kind; `caseledger kinds KIND` shows them")]
    NotFacts {
        /// Which act, from 0.
        act: usize,
        /// Why.
        source: MalformedEvent,
    },
    /// The record, or a part of it, was disposed of: nothing can be decided over it.
    #[error("stream {stream} was disposed of, nothing can be added to it")]
    Disposed {
        /// The stream.
        stream: StreamId,
    },
    /// The command id stands for another request.
    #[error("command id {command_id} was used for another request; give this one an id of its own")]
    CommandIdReused {
        /// The command.
        command_id: CommandId,
    },
    /// Others recorded on the same streams again and again.
    #[error("others record on the same streams without a pause; ask again with command id {command_id}")]
    Contended {
        /// The command.
        command_id: CommandId,
    },
    /// The request holds no act.
    #[error("nothing is asked to be recorded")]
    Empty,
    /// A held event cannot be read.
    #[error("the event at position {position} cannot be read")]
    Malformed {
        /// Where.
        position: Position,
        /// Why.
        source: MalformedEvent,
    },
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFault),
    /// The ledger did not take it.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl RecordFault {
    /// The act of the request that it is about, from 0; `None` where it is about no single one.
    pub fn act(&self) -> Option<usize> {
        match self {
            Self::Refused { act, .. }
            | Self::NoStream { act, .. }
            | Self::Held { act, .. }
            | Self::NoEvent { act, .. }
            | Self::NotABeginning { act, .. }
            | Self::NotFacts { act, .. } => Some(*act),
            Self::Disposed { .. }
            | Self::CommandIdReused { .. }
            | Self::Contended { .. }
            | Self::Empty
            | Self::Malformed { .. }
            | Self::Read(_)
            | Self::Append(_) => None,
        }
    }

    /// Whether what is held could not be read, so that nothing can be said about the request.
    pub(crate) fn is_of_the_machine(&self) -> bool {
        matches!(self, Self::Read(_) | Self::Malformed { .. })
    }
}

/// The events that a refusal names, for the end of a sentence.
fn contradicted(refusal: &Refusal) -> String {
    let Refusal::Impossible { events, .. } = refusal else { return String::new() };
    let named: Vec<String> = events.iter().map(ToString::to_string).collect();
    if named.is_empty() { String::new() } else { format!(" (it contradicts event {})", named.join(", ")) }
}
