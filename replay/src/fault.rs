//! What can go wrong in a replay.

use domain::events::MalformedEvent;
use domain::ids::{Position, StreamId};
use ledger::{ReadFault, UnsealFault};
use thiserror::Error;

/// Why a question could not be answered.
#[derive(Debug, Error)]
pub enum ReplayFault {
    /// The ledger could not be read.
    #[error("read the ledger")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// An event cannot be understood by this program.
    #[error("understand the event at position {position} of stream {stream}")]
    Malformed {
        /// Where.
        position: Position,
        /// In which stream.
        stream: StreamId,
        /// Why.
        source: MalformedEvent,
    },
    /// Who may do what in this ledger cannot be told.
    #[error("read the system stream")]
    Custody {
        /// Why.
        #[from]
        source: ledger::officers::CustodyFault,
    },
    /// Sealed fields could not be opened.
    #[error("open sealed fields")]
    Unseal {
        /// Why.
        #[from]
        source: UnsealFault,
    },
    /// The look-up table of identifiers leads to a record that does not have the identifier.
    #[error(
        "the look-up table of identifiers leads to stream {stream}, and no event there says this id: the table was changed. \
         `caseledger doctor` says how far, `caseledger reindex` fills it again from the events"
    )]
    WrongLookUp {
        /// The stream.
        stream: StreamId,
    },
    /// A part of the work was given up.
    #[error("fold a part of the ledger: the work was given up")]
    GivenUp,
}
