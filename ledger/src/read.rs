//! Reading the log: by stream, by position, by range of streams.
//!
//! Every read is one short statement: a dense, immutable log needs no long snapshot, and a page that starts
//! where the last one ended misses nothing.

use std::error::Error;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use deadpool_postgres::{Object, Pool, PoolError};
use domain::envelope::StoredEvent;
use domain::ids::{Position, Revision, StreamId};
use futures::{Stream, TryStreamExt, stream};
use thiserror::Error;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::append::signed;
use crate::ledger_time::{self, SharedTime};
use crate::rows::{COLUMNS, MalformedRow, event};

/// Why something could not be read.
#[derive(Debug, Error)]
pub enum ReadFault {
    /// The database is away, or all connections are in use for too long.
    #[error("no connection to read the ledger with")]
    NoConnection {
        /// Why.
        #[from]
        source: PoolError,
    },
    /// The database refused, or the connection broke.
    #[error("reading the ledger")]
    Database {
        /// What it says.
        #[from]
        source: tokio_postgres::Error,
    },
    /// What officers said of the ledger's time was changed in the database.
    #[error(
        "somebody changed the ledger's record of its own time in the database: the row at position {position}, or what stood \
         beside it, is not what was recorded. No time can be given; run `caseledger verify`, and restore a copy from before"
    )]
    TimeInDoubt {
        /// Where.
        position: Position,
    },
    /// A row cannot be read as an event.
    #[error("malformed history")]
    Malformed {
        /// Which, and why.
        #[from]
        source: MalformedRow,
    },
}

impl ReadFault {
    /// Whether the database is away, restarts, ended the connection, or has too many of them.
    fn may_pass(&self) -> bool {
        match self {
            Self::NoConnection { .. } => true,
            Self::Database { source } => {
                source.is_closed()
                    || source
                        .code()
                        .is_none_or(|code| PASSING.iter().any(|class| code.code().starts_with(class)))
            }
            Self::TimeInDoubt { .. } | Self::Malformed { .. } => false,
        }
    }
}

/// Whether a fault goes back to a read that may get an answer a little later, with nothing put right in between.
pub fn may_pass(fault: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(fault);
    while let Some(found) = cause {
        if let Some(read) = found.downcast_ref::<ReadFault>() {
            return read.may_pass();
        }
        cause = found.source();
    }
    false
}

/// Classes of SQLSTATE: connection exception, insufficient resources, operator intervention (PostgreSQL 15, appendix A).
const PASSING: [&str; 3] = ["08", "53", "57"];

/// The newest end of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Position of the last event.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The epoch in which it was recorded, from 1.
    pub epoch: u32,
}

/// Streams whose first eight bytes, as a big-endian number, lie between two ends, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamRange {
    /// Lower end.
    pub first: u64,
    /// Upper end.
    pub last: u64,
}

impl StreamRange {
    /// All streams.
    pub const ALL: Self = Self { first: 0, last: u64::MAX };

    /// All streams in so many ranges of equal width, in order; at least one.
    pub fn split(parts: u32) -> Vec<Self> {
        let parts = u128::from(parts.max(1));
        let end = |part: u128| u64::try_from((part << 64) / parts).unwrap_or(u64::MAX);
        let range = |part| Self {
            first: end(part),
            last: if part + 1 == parts { u64::MAX } else { end(part + 1) - 1 },
        };
        (0..parts).map(range).collect()
    }

    pub(crate) fn first_stream(self) -> Uuid {
        Uuid::from_u64_pair(self.first, 0)
    }

    pub(crate) fn last_stream(self) -> Uuid {
        Uuid::from_u64_pair(self.last, u64::MAX)
    }
}

/// Connections for reading.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pool: Pool,
    time: Arc<SharedTime>,
}

impl Reader {
    pub(crate) fn new(pool: Pool, time: Arc<SharedTime>) -> Self {
        Self { pool, time }
    }

    /// What this process knows of the ledger's time.
    pub(crate) fn time(&self) -> &Arc<SharedTime> {
        &self.time
    }

    pub(crate) async fn connection(&self) -> Result<Object, ReadFault> {
        Ok(self.pool.get().await?)
    }

    pub(crate) async fn events(
        &self,
        condition: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<StoredEvent>, ReadFault> {
        let client = self.connection().await?;
        let statement = client
            .prepare_cached(&format!("SELECT {COLUMNS} FROM caseledger.events WHERE {condition}"))
            .await?;
        let rows = client.query_raw(&statement, parameters.iter().copied()).await?;
        let rows = rows.map_err(ReadFault::from).and_then(|row| async move { Ok(event(&row)?) });
        let events = rows.try_collect().await?;
        drop(client);
        self.told(events).await
    }

    /// Events with the time when each was recorded in place of the time in its row, where a clock had leapt.
    pub(crate) async fn told(&self, mut events: Vec<StoredEvent>) -> Result<Vec<StoredEvent>, ReadFault> {
        let newest = events.iter().max_by_key(|event| event.position).map(|it| (it.position, it.recorded_at));
        if let Some((position, stamp)) = newest {
            self.ask_again_if_ahead(position, stamp).await?;
        }
        let time = self.time.known();
        if !time.leaps().is_empty() {
            events.iter_mut().for_each(|event| time.tell(event));
        }
        Ok(events)
    }

    /// Where a row has a time that has not come, officers may have spoken of it meanwhile, through another process.
    async fn ask_again_if_ahead(&self, position: Position, stamp: DateTime<Utc>) -> Result<(), ReadFault> {
        if self.time.is_ahead(self.time.known().moment_of(position, stamp)) {
            self.look_at_time().await?;
        }
        Ok(())
    }

    /// Reads what officers have said of the ledger's time.
    pub(crate) async fn look_at_time(&self) -> Result<(), ReadFault> {
        let time = ledger_time::read(&*self.connection().await?).await?;
        self.time.set(time);
        Ok(())
    }

    /// One of these streams that has something sealed after a position.
    pub(crate) async fn any_with_sealed(
        &self,
        streams: &[StreamId],
        after: Position,
    ) -> Result<Option<StreamId>, ReadFault> {
        let streams: Vec<Uuid> = streams.iter().map(|stream| stream.0).collect();
        let client = self.connection().await?;
        let sql = "SELECT s.stream FROM unnest($1::uuid[]) AS s (stream) CROSS JOIN LATERAL \
                   (SELECT FROM caseledger.events e WHERE e.stream = s.stream AND e.sealed IS NOT NULL \
                   AND e.position > $2 LIMIT 1) e LIMIT 1";
        let row = client.query_opt(&client.prepare_cached(sql).await?, &[&streams, &signed(after.0)]).await?;
        Ok(row.map(|row| row.try_get(0).map(StreamId)).transpose()?)
    }

    pub(crate) async fn head(&self) -> Result<Option<Head>, ReadFault> {
        let client = self.connection().await?;
        let sql =
            "SELECT tree_size, recorded_at, epoch FROM caseledger.heads ORDER BY base_size DESC LIMIT 1";
        let statement = client.prepare_cached(sql).await?;
        let row = client.query_opt(&statement, &[]).await?;
        drop(client);
        self.told_head(row.as_ref().map(head).transpose()?).await
    }

    async fn told_head(&self, head: Option<Head>) -> Result<Option<Head>, ReadFault> {
        let Some(head) = head else { return Ok(None) };
        self.ask_again_if_ahead(head.position, head.recorded_at).await?;
        let recorded_at = self.time.known().moment_of(head.position, head.recorded_at);
        Ok(Some(Head { recorded_at, ..head }))
    }

    /// The database's clock.
    pub(crate) async fn database_clock(&self) -> Result<DateTime<Utc>, ReadFault> {
        let row = self.connection().await?.query_one("SELECT clock_timestamp()", &[]).await?;
        Ok(row.try_get(0)?)
    }

    /// The time in a row, which is not when it was recorded where a clock had leapt.
    pub(crate) async fn stamp(&self, position: Position) -> Result<DateTime<Utc>, ReadFault> {
        let sql = "SELECT recorded_at FROM caseledger.events WHERE position = $1";
        let row = self.connection().await?.query_one(sql, &[&signed(position.0)]).await?;
        Ok(row.try_get(0)?)
    }

    /// The epoch of the newest head.
    pub(crate) async fn epoch(&self) -> Result<Option<u32>, ReadFault> {
        let client = self.connection().await?;
        let sql = "SELECT epoch FROM caseledger.heads ORDER BY base_size DESC LIMIT 1";
        let row = client.query_opt(sql, &[]).await?;
        row.map(|row| Ok(row.try_get::<_, i32>(0)?.unsigned_abs())).transpose()
    }

    /// The head of the last batch that was recorded at or before a moment.
    pub(crate) async fn head_at(&self, known_at: DateTime<Utc>) -> Result<Option<Head>, ReadFault> {
        let head = self.raw_head_at(self.time.known().stamp_at(known_at)).await?;
        self.told_head(head).await
    }

    /// The head of the last batch with a time in its rows at or before another; with that time.
    pub(crate) async fn raw_head_at(&self, stamp: DateTime<Utc>) -> Result<Option<Head>, ReadFault> {
        let client = self.connection().await?;
        let sql = "SELECT log_size, head_recorded_at, (SELECT epoch FROM caseledger.heads WHERE base_size < log_size \
                   ORDER BY base_size DESC LIMIT 1) FROM caseledger.head_at($1)";
        let statement = client.prepare_cached(sql).await?;
        let row = client.query_opt(&statement, &[&stamp]).await?;
        row.as_ref().map(head).transpose()
    }

    pub(crate) async fn first_of_each_kind(&self) -> Result<Vec<(String, Position)>, ReadFault> {
        let client = self.connection().await?;
        let statement = client.prepare_cached("SELECT kind, first_position FROM caseledger.kinds").await?;
        let rows = client.query(&statement, &[]).await?;
        let first = |row: &Row| Ok((row.try_get(0)?, Position(row.try_get::<_, i64>(1)?.unsigned_abs())));
        rows.iter().map(first).collect()
    }

    pub(crate) async fn stream(
        &self,
        stream: StreamId,
        from: Revision,
    ) -> Result<Vec<StoredEvent>, ReadFault> {
        let from = i64::from(from.0);
        self.events("stream = $1 AND revision::bigint >= $2 ORDER BY revision", &[&stream.0, &from]).await
    }

    pub(crate) async fn positions(&self, from: Position, limit: u32) -> Result<Vec<StoredEvent>, ReadFault> {
        let (from, limit) = (signed(from.0), i64::from(limit));
        self.events("position >= $1 AND position < $1 + $2 ORDER BY position", &[&from, &limit]).await
    }

    /// Pages of a range of streams, ordered by stream and revision, up to a position.
    pub(crate) fn range(
        self,
        range: StreamRange,
        up_to: Position,
        page: u32,
    ) -> impl Stream<Item = Result<Vec<StoredEvent>, ReadFault>> + Send {
        let start = Some((range.first_stream(), 0_i32));
        stream::try_unfold((self, start), move |(reader, after)| async move {
            let Some((stream, revision)) = after else { return Ok(None) };
            let last = range.last_stream();
            let (up_to, limit) = (signed(up_to.0), i64::from(page.max(1)));
            let condition = "(stream, revision) > ($1, $2) AND stream <= $3 AND position <= $4 \
                             ORDER BY stream, revision LIMIT $5";
            let events = reader.events(condition, &[&stream, &revision, &last, &up_to, &limit]).await?;
            let full = i64::try_from(events.len()).is_ok_and(|count| count == limit);
            let next = events
                .last()
                .filter(|_| full)
                .map(|event| (event.stream.0, i32::try_from(event.revision.0).unwrap_or(i32::MAX)));
            if events.is_empty() { Ok(None) } else { Ok(Some((events, (reader, next)))) }
        })
    }
}

fn head(row: &Row) -> Result<Head, ReadFault> {
    let (size, epoch): (i64, i32) = (row.try_get(0)?, row.try_get(2)?);
    let position = Position(size.unsigned_abs());
    Ok(Head { position, recorded_at: row.try_get(1)?, epoch: epoch.unsigned_abs() })
}
