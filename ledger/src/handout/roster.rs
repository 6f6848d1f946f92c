//! The roster: the end of every stream at a position, under one root. `docs/ledger-format.md` section 9.

use chrono::{DateTime, Utc};
use domain::envelope::EventContext;
use domain::events::custody::RosterRecorded;
use domain::ids::{Position, StreamId};
use thiserror::Error;
use uuid::Uuid;

use crate::append::{Recorded, signed};
use crate::hash::Hash;
use crate::ledger::Ledger;
use crate::notes::to_base64;
use crate::officers::{CarryOutFault, CustodyFault};
use crate::read::ReadFault;
use crate::tree;

/// Why no roster could be recorded.
#[derive(Debug, Error)]
pub enum RosterFault {
    /// The ledger cannot be read.
    #[error("reading the ends of the streams")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// The system stream cannot be folded.
    #[error("recording a roster")]
    Custody {
        /// Why.
        #[from]
        source: CustodyFault,
    },
    /// It could not be recorded.
    #[error("recording a roster")]
    Record {
        /// Why.
        #[from]
        source: CarryOutFault,
    },
}

/// The end of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// The stream.
    pub stream: StreamId,
    /// Its last revision.
    pub revision: u32,
    /// The leaf hash of the event with that revision.
    pub leaf_hash: Hash,
}

impl RosterEntry {
    fn leaf(&self) -> Hash {
        let revision = self.revision.to_be_bytes();
        tree::leaf_hash(
            &[b"CL1ROSTR".as_slice(), self.stream.0.as_bytes(), &revision, &self.leaf_hash].concat(),
        )
    }
}

/// The ends of all streams at a position.
#[derive(Clone, Debug)]
pub struct Roster {
    up_to: Position,
    entries: Vec<RosterEntry>,
    leaves: Vec<Hash>,
}

impl Roster {
    fn new(up_to: Position, entries: Vec<RosterEntry>) -> Self {
        let leaves = entries.iter().map(RosterEntry::leaf).collect();
        Self { up_to, entries, leaves }
    }

    /// The position up to which it is complete, inclusive.
    pub fn up_to(&self) -> Position {
        self.up_to
    }

    /// The ends, ascending by stream.
    pub fn entries(&self) -> &[RosterEntry] {
        &self.entries
    }

    /// The root over the ends.
    pub fn root(&self) -> Hash {
        tree::root(&self.leaves)
    }

    /// A stream's end, its index and the proof that leads to the root; `None` for a stream that had no event.
    pub fn proof(&self, stream: StreamId) -> Option<(RosterEntry, usize, Vec<Hash>)> {
        let index = self.entries.binary_search_by_key(&stream, |entry| entry.stream).ok()?;
        Some((*self.entries.get(index)?, index, tree::inclusion(&self.leaves, index)?))
    }
}

impl Ledger {
    /// The roster at a position, which is at most the head's. Reads the end of every stream.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn roster(&self, up_to: Position) -> Result<Roster, ReadFault> {
        let client = self.reader().connection().await?;
        let sql = "SELECT DISTINCT ON (stream) stream, revision, leaf_hash FROM caseledger.events \
                   WHERE position <= $1 ORDER BY stream, revision DESC";
        let rows = client.query(sql, &[&signed(up_to.0)]).await?;
        let entry = |row: &tokio_postgres::Row| RosterEntry {
            stream: StreamId(row.get::<_, Uuid>(0)),
            revision: u32::try_from(row.get::<_, i32>(1)).unwrap_or(0),
            leaf_hash: row.get::<_, &[u8]>(2).try_into().unwrap_or([0; 32]),
        };
        Ok(Roster::new(up_to, rows.iter().map(entry).collect()))
    }

    /// Records the roster of this moment as an event of the system stream.
    ///
    /// # Errors
    /// [`RosterFault`].
    pub async fn record_roster(&self, now: DateTime<Utc>) -> Result<(Roster, Recorded), RosterFault> {
        let custody = self.custody().await?;
        let roster = self.roster(self.head().await?.position).await?;
        let body = RosterRecorded {
            up_to: roster.up_to.0,
            streams: u64::try_from(roster.entries.len()).unwrap_or(u64::MAX),
            root: to_base64(&roster.root()),
        };
        let by = EventContext::new(self.id().0, "ledger");
        let recorded = self.record_custody(&custody, vec![body.into()], &by, now).await?;
        Ok((roster, recorded))
    }
}
