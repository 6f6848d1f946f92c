//! The appender's own connection: the statement that appends, what it looks up, and its turn.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::envelope::{Category, StoredEvent};
use domain::ids::{CommandId, EventId, StreamId};
use futures::SinkExt as _;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row, Statement};
use uuid::Uuid;

use super::batch::{Batch, signed};
use super::tip::StreamEnd;
use crate::hash::Hash;
use crate::ledger_time::{self, LedgerTime};
use crate::proof::nodes::{NodeStatements, NodesFault, range_at};
use crate::proof::range::CompactRange;
use crate::read::ReadFault;
use crate::rows::{self, COLUMNS};

/// Advisory key of the turn that a process takes after it lost a head.
const TURN_KEY: i64 = 0x6361_7365_6c65_6402;

/// From so many events on, COPY costs less than arrays.
const WORTH_COPY: usize = 256;
/// About how many bytes of COPY are sent at once.
const PIECE: usize = 1 << 16;
/// How long the database may take to answer; then the connection is given up, because the other end of it may be
/// gone without a word. What was asked may have been done all the same.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

const HEAD: &str = "SELECT tree_size, recorded_at FROM caseledger.heads ORDER BY base_size DESC LIMIT 1";
const ENDS_SINCE: &str = "SELECT stream, max(revision), min(category) FROM caseledger.events \
                          WHERE position > $1 AND position <= $2 GROUP BY stream";
const ENDS_OF: &str = "SELECT s.stream, e.revision, e.category FROM unnest($1::uuid[]) AS s (stream) \
                       LEFT JOIN LATERAL (SELECT revision, category FROM caseledger.events e \
                       WHERE e.stream = s.stream ORDER BY revision DESC LIMIT 1) e ON true";
const KNOWN_COMMANDS: &str = "SELECT command_id, request_hash, first_position, event_count \
                              FROM caseledger.commands WHERE command_id = ANY($1)";
const LEAF_HASHES: &str =
    "SELECT leaf_hash FROM caseledger.events WHERE position > $1 AND position <= $2 ORDER BY position";
const COVERED_BY: &str = "SELECT tree_size, root, epoch FROM caseledger.heads WHERE base_size < $1 \
                          ORDER BY base_size DESC LIMIT 1";
const RECORDED: &str = "SELECT stream, min(revision), max(revision), min(recorded_at) FROM caseledger.events \
                        WHERE position BETWEEN $1 AND $2 GROUP BY stream ORDER BY stream";

/// How far the time of a batch may be from the database's, in either direction; the statements say the same.
pub(super) const CLOCK_TOLERANCE_MS: i64 = 5_000;
const BEHIND_MS: i64 = -CLOCK_TOLERANCE_MS;

/// Why a statement did not do its work.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Another process took the head first, or has its turn.
    Lost,
    /// The time is ahead of the database's, by so many milliseconds.
    ClockAhead(i64),
    /// The time is more than the tolerance behind the database's, which is this.
    ClockBehind(DateTime<Utc>),
    /// Some id or revision is there already; nothing was written.
    Duplicate(tokio_postgres::Error),
    /// The connection is gone; what was sent may or may not have been done.
    Away,
    /// The database refuses; nothing was written.
    Refused(tokio_postgres::Error),
    /// The log is older than this process knows it to be, or another one.
    Rewound { known: u64, found: u64 },
    /// The log's tree cannot be read.
    Damaged(NodesFault),
}

impl From<NodesFault> for Trouble {
    fn from(fault: NodesFault) -> Self {
        match fault {
            NodesFault::Database { source } => source.into(),
            missing @ NodesFault::Missing { .. } => Self::Damaged(missing),
        }
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            Some(code) if *code == SqlState::UNIQUE_VIOLATION => Self::Duplicate(error),
            Some(code) if away(code) || ends_the_session(&error) => Self::Away,
            Some(_) => Self::Refused(error),
            None if error.is_closed() || lost_connection(&error) => Self::Away,
            None => Self::Refused(error),
        }
    }
}

/// Whether the server gave up with the statement: then it may have been committed, which shows after its recovery.
fn ends_the_session(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(tokio_postgres::error::DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

/// Whether the connection is of no use any more: cut, or out of step with the server.
fn lost_connection(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
        || error.to_string() == "unexpected message from server"
}

/// Connection exceptions, and shutdown or crash of the server. A full disk is not among them, as
/// long as the server goes on: the caller is told.
fn away(code: &SqlState) -> bool {
    ["08", "57P"].iter().any(|class| code.code().starts_with(class))
}

/// Since when an answer is waited for; `None` while nothing is asked.
type WaitsSince = Arc<Mutex<Option<Instant>>>;

/// Comes back once an answer is overdue.
async fn waited_too_long(since: &WaitsSince) {
    let overdue = || {
        let since = since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() >= LONGEST_ANSWER)
    };
    while !overdue() {
        sleep(Duration::from_secs(1)).await;
    }
}

/// A command that stands in the ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownCommand {
    pub(crate) command_id: CommandId,
    pub(crate) request_hash: Hash,
    pub(crate) first_position: i64,
    pub(crate) event_count: i32,
}

/// An event that stands in the ledger.
#[derive(Clone, Debug)]
pub(crate) struct KnownEvent {
    pub(crate) event_id: EventId,
    /// What it says; `None` where that cannot be read.
    pub(crate) event: Option<StoredEvent>,
    pub(crate) command: KnownCommand,
}

/// What the appender says again and again.
#[derive(Debug)]
struct Statements {
    append: Statement,
    append_one: Statement,
    append_head: Statement,
    append_events: Statement,
    begin: Statement,
    commit: Statement,
    head: Statement,
    ends_of: Statement,
    known_commands: Statement,
    known_events: Statement,
}

impl Statements {
    async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        let (append, append_one, append_head, append_events) = tokio::try_join!(
            client.prepare(include_str!("../../sql/append.sql")),
            client.prepare(include_str!("../../sql/append_one.sql")),
            client.prepare(include_str!("../../sql/append_head.sql")),
            client.prepare(include_str!("../../sql/append_events.sql")),
        )?;
        let (begin, commit, head) =
            tokio::try_join!(client.prepare("BEGIN"), client.prepare("COMMIT"), client.prepare(HEAD))?;
        // The columns of an event, then those of its command.
        let known_events = format!(
            "SELECT {COLUMNS}, request_hash, first_position, event_count FROM caseledger.events \
             JOIN caseledger.commands USING (command_id) WHERE event_id = ANY($1)"
        );
        let (ends_of, known_commands, known_events) = tokio::try_join!(
            client.prepare(ENDS_OF),
            client.prepare(KNOWN_COMMANDS),
            client.prepare(&known_events)
        )?;
        Ok(Self {
            append,
            append_one,
            append_head,
            append_events,
            begin,
            commit,
            head,
            ends_of,
            known_commands,
            known_events,
        })
    }
}

/// The appender's connection.
#[derive(Debug)]
pub(crate) struct Store {
    client: Client,
    driver: JoinHandle<()>,
    waits_since: WaitsSince,
    statements: Statements,
    nodes: NodeStatements,
    writer: Uuid,
    epoch: i32,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Store {
    pub(crate) async fn connect(
        config: &Config,
        writer: Uuid,
        epoch: i32,
    ) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = config.connect(NoTls).await?;
        let waits_since = WaitsSince::default();
        let waits = Arc::clone(&waits_since);
        let driver = tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::warn!(%error, "the appender's connection ended");
                },
                // Callers that wait for an answer get the error "connection closed".
                () = waited_too_long(&waits) => tracing::warn!("the database does not answer; connecting anew"),
            }
        });
        // A lost answer must never mean a lost write: the flush is waited for whatever the server's default.
        client.batch_execute("SET synchronous_commit = on; SET jit = off").await?;
        let (statements, nodes) =
            tokio::try_join!(Statements::prepare(&client), NodeStatements::prepare(&client))?;
        Ok(Self { client, driver, waits_since, statements, nodes, writer, epoch })
    }

    /// From now on an answer is waited for, but not longer than [`LONGEST_ANSWER`].
    pub(crate) fn waits_from_now(&self) {
        *self.waits_since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Nothing was asked that is not answered.
    pub(crate) fn waits_for_nothing(&self) {
        *self.waits_since.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Size and time of the newest head; `None` for an empty log.
    pub(crate) async fn head(&self) -> Result<Option<(u64, DateTime<Utc>)>, Trouble> {
        let row = self.client.query_opt(&self.statements.head, &[]).await?;
        row.map(|row| Ok((unsigned(row.try_get(0)?), row.try_get(1)?))).transpose()
    }

    /// Ends of the streams that were touched after one size and up to another.
    pub(crate) async fn ends_since(&self, from: u64, to: u64) -> Result<Vec<(StreamId, StreamEnd)>, Trouble> {
        let rows = self.client.query(ENDS_SINCE, &[&signed(from), &signed(to)]).await?;
        rows.iter().map(stream_end).collect()
    }

    /// Leaf hashes after one size and up to another, in order.
    pub(crate) async fn leaf_hashes(&self, from: u64, to: u64) -> Result<Vec<Hash>, Trouble> {
        let rows = self.client.query(LEAF_HASHES, &[&signed(from), &signed(to)]).await?;
        rows.iter()
            .zip(from..)
            .map(|(row, index)| {
                let missing = NodesFault::Missing { height: 0, index };
                row.try_get::<_, &[u8]>(0)?.try_into().map_err(|_| Trouble::Damaged(missing))
            })
            .collect()
    }

    /// The tree over the first events of the log.
    pub(crate) async fn tree_at(&self, size: u64) -> Result<CompactRange, Trouble> {
        Ok(range_at(&self.client, &self.nodes, size).await?)
    }

    /// Ends of the given streams; one without events has revision 0.
    pub(crate) async fn ends_of(&self, streams: &[Uuid]) -> Result<Vec<(StreamId, StreamEnd)>, Trouble> {
        let rows = self.client.query(&self.statements.ends_of, &[&streams]).await?;
        rows.iter().map(stream_end).collect()
    }

    /// Appends a batch on its base. Everything that was checked under that size holds if this succeeds.
    pub(crate) async fn append(&self, batch: &Batch<'_>, pass_over_turn: bool) -> Result<(), Trouble> {
        if batch.has_extras() || batch.events() >= WORTH_COPY {
            let done = self.copy(batch, pass_over_turn).await;
            return match done {
                Ok(()) | Err(Trouble::Away) => done,
                Err(trouble) => {
                    // If this does not arrive, the end of the connection does the same.
                    let _ = self.client.batch_execute("ROLLBACK").await;
                    Err(trouble)
                }
            };
        }
        let columns = batch.columns();
        if (batch.commands(), batch.events()) == (1, 1) {
            let more = [batch.first_command(), columns.first()].concat();
            self.take_head(&self.statements.append_one, batch, pass_over_turn, &more).await
        } else {
            let more = [batch.command_arrays().to_vec(), columns.arrays()].concat();
            self.take_head(&self.statements.append, batch, pass_over_turn, &more).await
        }
    }

    /// The same in a transaction of several statements, sent without waiting for each other's answers as far as
    /// possible. What fails before the last one fails all after it.
    async fn copy(&self, batch: &Batch<'_>, pass_over_turn: bool) -> Result<(), Trouble> {
        let Statements { begin, append_head, append_events, commit, .. } = &self.statements;
        let extras = batch.extras();
        let more = [batch.command_arrays().as_slice(), &extras.arrays()].concat();
        let (begun, head) = tokio::join!(
            self.client.execute(begin, &[]),
            self.take_head(append_head, batch, pass_over_turn, &more),
        );
        begun?;
        head?;
        // Only now: a COPY that cannot start leaves the client with one answer of the server too many.
        let begun = self.client.copy_in::<_, Bytes>(append_events).await;
        if begun.is_err() {
            self.end().await;
        }
        let mut sink = std::pin::pin!(begun?);
        for piece in batch.copy_pieces(PIECE) {
            sink.feed(piece.freeze()).await?;
        }
        let (copied, committed) = tokio::join!(sink.as_mut().finish(), self.client.execute(commit, &[]));
        // A transaction that failed is rolled back by the same word, without an error.
        copied?;
        committed?;
        Ok(())
    }

    /// Ends the connection, whose answers can no longer be told apart: whatever is asked next finds it closed.
    async fn end(&self) {
        self.driver.abort();
        while !self.client.is_closed() {
            tokio::task::yield_now().await;
        }
    }

    /// Runs a statement that takes the head first.
    async fn take_head(
        &self,
        statement: &Statement,
        batch: &Batch<'_>,
        pass_over_turn: bool,
        more: &[&(dyn ToSql + Sync)],
    ) -> Result<(), Trouble> {
        let (base, size) = (signed(batch.base), signed(batch.tree.size()));
        let (recorded_at, root) = (batch.recorded_at, batch.root.as_slice());
        let head: [&(dyn ToSql + Sync); 8] =
            [&base, &size, &recorded_at, &self.epoch, &self.writer, &pass_over_turn, &TURN_KEY, &root];
        let mac = batch.mac.as_ref().map(Hash::as_slice);
        let row = self.client.query_one(statement, &[&head, more, &[&mac, &batch.moment]].concat()).await?;
        let (won, clock): (bool, DateTime<Utc>) = (row.try_get(0)?, row.try_get(1)?);
        let ahead = batch.moment.signed_duration_since(clock).num_milliseconds();
        match (won, ahead) {
            (true, _) => Ok(()),
            (false, CLOCK_TOLERANCE_MS..) => Err(Trouble::ClockAhead(ahead)),
            (false, ..=BEHIND_MS) => Err(Trouble::ClockBehind(clock)),
            (false, _) => Err(Trouble::Lost),
        }
    }

    /// Waits, a quarter of a second at most, until no other process has its turn, and takes it.
    /// False where another process kept it for longer; then the order of turns is passed over.
    pub(crate) async fn take_turn(&self) -> Result<bool, Trouble> {
        let take = format!("SET LOCAL lock_timeout = '250ms'; SELECT pg_advisory_lock({TURN_KEY})");
        match self.client.batch_execute(&format!("BEGIN; {take}; COMMIT")).await {
            Ok(()) => Ok(true),
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                self.client.batch_execute("ROLLBACK").await?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn give_turn_back(&self) -> Result<(), Trouble> {
        self.client.query_one("SELECT pg_advisory_unlock($1)", &[&TURN_KEY]).await?;
        Ok(())
    }

    pub(crate) async fn known_commands(&self, ids: &[Uuid]) -> Result<Vec<KnownCommand>, Trouble> {
        let rows = self.client.query(&self.statements.known_commands, &[&ids]).await?;
        rows.iter().map(|row| known_command(row, [0, 1, 2, 3])).collect()
    }

    pub(crate) async fn known_events(&self, ids: &[Uuid]) -> Result<Vec<KnownEvent>, Trouble> {
        let rows = self.client.query(&self.statements.known_events, &[&ids]).await?;
        rows.iter().map(known_event).collect()
    }

    /// The leaps of the ledger's time that two officers have spoken of; `None` where they cannot be read.
    pub(crate) async fn time(&self) -> Result<Option<LedgerTime>, Trouble> {
        match ledger_time::read(&self.client).await {
            Ok(time) => Ok(Some(time)),
            Err(ReadFault::Database { source }) => Err(source.into()),
            Err(ReadFault::NoConnection { .. }) => Err(Trouble::Away),
            Err(ReadFault::Malformed { .. } | ReadFault::TimeInDoubt { .. }) => Ok(None),
        }
    }

    /// What was recorded at these positions.
    pub(crate) async fn recorded(&self, command: &KnownCommand) -> Result<super::Recorded, Trouble> {
        let last = command.first_position + i64::from(command.event_count) - 1;
        let rows = self.client.query(RECORDED, &[&command.first_position, &last]).await?;
        let mut recorded_at = DateTime::<Utc>::UNIX_EPOCH;
        let mut streams = Vec::with_capacity(rows.len());
        for row in &rows {
            let (first, last): (i32, i32) = (row.try_get(1)?, row.try_get(2)?);
            recorded_at = row.try_get(3)?;
            streams.push(super::StreamRevisions {
                stream: StreamId(row.try_get(0)?),
                first: domain::ids::Revision(first.unsigned_abs()),
                last: domain::ids::Revision(last.unsigned_abs()),
            });
        }
        let first = unsigned(command.first_position);
        let count = command.event_count.unsigned_abs();
        let leaf_hashes = self.leaf_hashes(first - 1, first - 1 + u64::from(count)).await?;
        let head = self.client.query_one(COVERED_BY, &[&command.first_position]).await?;
        let root: Option<&[u8]> = head.try_get(1)?;
        Ok(super::Recorded {
            first_position: domain::ids::Position(first),
            event_count: count,
            recorded_at,
            streams,
            already: true,
            leaf_hashes,
            epoch: head.try_get::<_, i32>(2)?.unsigned_abs(),
            tree_size: unsigned(head.try_get(0)?),
            root: root.and_then(|root| root.try_into().ok()),
        })
    }
}

fn unsigned(position: i64) -> u64 {
    position.unsigned_abs()
}

fn stream_end(row: &Row) -> Result<(StreamId, StreamEnd), Trouble> {
    let stream = StreamId(row.try_get(0)?);
    let (revision, category): (Option<i32>, Option<i16>) = (row.try_get(1)?, row.try_get(2)?);
    let end = revision.map_or(StreamEnd::EMPTY, |revision| StreamEnd {
        revision: revision.unsigned_abs(),
        category: category.and_then(Category::from_code),
    });
    Ok((stream, end))
}

fn known_command(row: &Row, [id, hash, first, count]: [usize; 4]) -> Result<KnownCommand, Trouble> {
    let request_hash: &[u8] = row.try_get(hash)?;
    Ok(KnownCommand {
        command_id: CommandId(row.try_get(id)?),
        // The table holds 32 bytes or nothing; other bytes would only look like another request.
        request_hash: request_hash.try_into().unwrap_or_default(),
        first_position: row.try_get(first)?,
        event_count: row.try_get(count)?,
    })
}

fn known_event(row: &Row) -> Result<KnownEvent, Trouble> {
    // Eighth and ninth of the event's columns; those of its command follow behind.
    let [event_id, command_id] = [8, 9];
    let behind = row.len().saturating_sub(3);
    Ok(KnownEvent {
        event_id: EventId(row.try_get(event_id)?),
        event: rows::event(row).ok(),
        command: known_command(row, [command_id, behind, behind + 1, behind + 2])?,
    })
}
