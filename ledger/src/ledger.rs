//! The handle through which everybody else uses the log.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use domain::envelope::{SealedFields, StoredEvent};
use domain::ids::{CommandId, LedgerId, Position, Revision, StreamId};
use domain::time::Occurred;
use futures::{Stream, StreamExt};
use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

use crate::aggregate_store::StreamLocks;
use crate::append::{
    self, AppendError, Appender, BulkReport, Command, Fed, FedEvent, FeedFault, MAX_EVENTS_PER_COMMAND,
    Outbox, Preparer, Recorded, Salts, StartFault,
};
use crate::clock::Clock;
use crate::genesis::{self, Genesis, GenesisFault, Opening};
use crate::hash::MacParts;
use crate::identifiers::{Identifier, Tokens};
use crate::keyed_ids::LedgerIds;
use crate::keys::{FenceFault, KeyFault, KeyId, KeyPurpose, KeyStore, ReturnedKey, SecretKey};
use crate::proof::nodes::{KeptNodes, NodesFault};
use crate::proof::{self, Signed};
use crate::read::{Head, ReadFault, Reader, StreamRange};
use crate::rows::{JsonText, MalformedRow};
use crate::sealing::{self, Opened, Place, SealFault};
use crate::subscribe::{self, News};

/// How long a new connection to the database may take, at least.
const CONNECTING: Duration = Duration::from_secs(10);

/// How a process uses a ledger.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the time comes from.
    pub clock: Clock,
    /// Live commands that may wait at once; more are refused as overload after [`Self::patience`].
    pub room: usize,
    /// How long a caller waits for room, or for a connection to read with.
    pub patience: Duration,
    /// Connections for reading.
    pub read_connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { clock: Clock::system(), room: 4_096, patience: Duration::from_secs(5), read_connections: 8 }
    }
}

/// Why a ledger cannot be opened.
#[derive(Debug, Error)]
pub enum OpenFault {
    /// The database is away or refuses.
    #[error("connecting to the ledger's database")]
    Database {
        /// What it says.
        #[from]
        source: tokio_postgres::Error,
    },
    /// What appends cannot be started.
    #[error("starting to append")]
    Appender {
        /// Why.
        #[from]
        source: StartFault,
    },
    /// The database cannot be read from.
    #[error("reading the ledger's first event")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// The tables are not there.
    #[error("the database has no ledger tables; install them first")]
    NotInstalled,
    /// The tables are there and hold no ledger.
    #[error("the database holds no ledger yet; create one")]
    NoLedger,
    /// There is a ledger already.
    #[error("the database holds ledger {ledger} already")]
    AlreadyThere {
        /// The ledger that is there.
        ledger: LedgerId,
    },
    /// The log's tree cannot be brought up to the events.
    #[error("the log's tree")]
    Tree {
        /// Why.
        #[from]
        source: NodesFault,
    },
    /// The first event is not one to go on from.
    #[error("the ledger's first event")]
    Genesis {
        /// Why.
        #[from]
        source: GenesisFault,
    },
    /// The ledger's own keys cannot be had.
    #[error("the ledger's own keys")]
    Key {
        /// Why.
        #[from]
        source: KeyFault,
    },
    /// What the ledger says was destroyed cannot be checked against the key store.
    #[error("checking that destroyed keys are gone")]
    Fence {
        /// Why.
        #[from]
        source: FenceFault,
    },
    /// The first event could not be recorded.
    #[error("recording the first event")]
    Append {
        /// Why.
        #[from]
        source: AppendError,
    },
    /// The origin cannot stand in a checkpoint.
    #[error("the log origin {origin:?} needs 1 to 255 visible ASCII characters without '+'")]
    BadOrigin {
        /// As given.
        origin: String,
    },
}

/// Why sealed fields cannot be read.
#[derive(Debug, Error)]
pub enum UnsealFault {
    /// The key is gone or cannot be reached.
    #[error("key for event at position {position}")]
    Key {
        /// Where.
        position: Position,
        /// Why.
        source: KeyFault,
    },
    /// The container does not open.
    #[error("sealed fields at position {position}")]
    Seal {
        /// Where.
        position: Position,
        /// Why.
        source: SealFault,
    },
}

/// One ledger, open in this process. Cheap to clone; all clones share one appender.
#[derive(Clone, Debug)]
pub struct Ledger {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    genesis: Genesis,
    reader: Reader,
    preparer: Preparer,
    outbox: Outbox,
    ids: LedgerIds,
    news: News,
    seen: watch::Receiver<u64>,
    patience: Duration,
    locks: StreamLocks,
    database: Config,
    clock: Clock,
    /// How far the log is signed, once this process takes part in signing.
    signed: OnceLock<watch::Receiver<Signed>>,
    returned: OnceLock<Vec<ReturnedKey>>,
    nodes: KeptNodes,
    helpers: [JoinHandle<()>; 2],
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.helpers.iter().for_each(JoinHandle::abort);
    }
}

impl Ledger {
    /// Opens the first ledger of a database in which the tables are installed.
    ///
    /// # Errors
    /// [`OpenFault`]; [`OpenFault::AlreadyThere`] where the database holds a ledger.
    pub async fn create(
        database: &Config,
        keys: Arc<dyn KeyStore>,
        opening: Opening,
        options: Options,
    ) -> Result<Self, OpenFault> {
        if !genesis::is_origin(&opening.origin) {
            return Err(OpenFault::BadOrigin { origin: opening.origin });
        }
        let reader = Reader::new(pool(database, &options));
        if let Some(genesis) = read_genesis(&*reader.connection().await?).await? {
            return Err(OpenFault::AlreadyThere { ledger: genesis.ledger });
        }
        let [ledger, stream, event, command] = [(); 4].map(|()| random_uuid());
        let ledger = LedgerId(ledger?);
        let command = genesis::command(ledger, &opening, options.clock.now(), [stream?, event?, command?]);
        let preparer = preparer(ledger, Arc::clone(&keys)).await?;
        let first = preparer.prepare(command, false).await?;
        match append::write_first(database, &options.clock, first).await {
            // Another process was first.
            Err(AppendError::CommandIdReused { .. }) => {
                let genesis = read_genesis(&*reader.connection().await?).await?.ok_or(OpenFault::NoLedger)?;
                Err(OpenFault::AlreadyThere { ledger: genesis.ledger })
            }
            Err(fault) => Err(fault.into()),
            Ok(()) => Self::open(database, keys, options).await,
        }
    }

    /// Opens the ledger that a database holds.
    ///
    /// # Errors
    /// [`OpenFault`]; a ledger that needs a newer program is refused.
    pub async fn open(
        database: &Config,
        keys: Arc<dyn KeyStore>,
        options: Options,
    ) -> Result<Self, OpenFault> {
        Self::open_in(None, database, keys, options).await
    }

    /// The same ledger in the next epoch: what is appended through it opens that epoch.
    pub(crate) async fn reopened_in(&self, epoch: u32) -> Result<Self, OpenFault> {
        let options = Options { clock: self.inner.clock.clone(), ..Options::default() };
        let keys = Arc::clone(&self.inner.preparer.keys);
        Self::open_in(Some(epoch), &self.inner.database, keys, options).await
    }

    async fn open_in(
        epoch: Option<u32>,
        database: &Config,
        keys: Arc<dyn KeyStore>,
        options: Options,
    ) -> Result<Self, OpenFault> {
        let pool = pool(database, &options);
        let reader = Reader::new(pool.clone());
        let genesis = read_genesis(&*reader.connection().await?).await?.ok_or(OpenFault::NoLedger)?;
        proof::fill::fill(&*reader.connection().await?).await?;
        let preparer = preparer(genesis.ledger, Arc::clone(&keys)).await?;
        let ids = LedgerIds::new(own_key(genesis.ledger, KeyPurpose::Ids, keys).await?);
        let (outbox, inbox) = Outbox::pair(options.room);
        let (own_head, own_changes) = watch::channel(0);
        let news = News::new();
        let seen = news.seen();
        let writer = random_uuid()?;
        let epoch = match epoch {
            Some(epoch) => epoch,
            None => reader.epoch().await?.unwrap_or(genesis.epoch),
        };
        let epoch = i32::try_from(epoch).unwrap_or(i32::MAX);
        let clock = options.clock.clone();
        Appender::start(database.clone(), writer, epoch, options.clock, inbox, own_head).await?;
        let helpers = [
            tokio::spawn(subscribe::notify_others(pool, own_changes, news.clone())),
            tokio::spawn(subscribe::listen(database.clone(), reader.clone(), news.clone())),
        ];
        let (patience, locks, signed) = (options.patience, StreamLocks::default(), OnceLock::new());
        let database = database.clone();
        let inner = Inner {
            genesis,
            reader,
            preparer,
            outbox,
            ids,
            news,
            seen,
            patience,
            locks,
            database,
            clock,
            signed,
            returned: OnceLock::new(),
            nodes: KeptNodes::default(),
            helpers,
        };
        let opened = Self { inner: Arc::new(inner) };
        let returned = opened.enforce_destroyed_keys().await?;
        let _ = opened.inner.returned.set(returned);
        Ok(opened)
    }

    /// Destroyed keys that the key store still held when the ledger was opened, and that are destroyed again: it was
    /// restored from an older copy, or a destruction had been interrupted.
    pub fn returned_keys(&self) -> &[ReturnedKey] {
        self.inner.returned.get().map_or(&[], Vec::as_slice)
    }

    /// What the first event says.
    pub fn genesis(&self) -> &Genesis {
        &self.inner.genesis
    }

    /// The ledger's id.
    pub fn id(&self) -> LedgerId {
        self.inner.genesis.ledger
    }

    /// Ids for imports, under this ledger's key.
    pub fn ids(&self) -> &LedgerIds {
        &self.inner.ids
    }

    /// Records a command: all its events, durably, or nothing.
    ///
    /// # Errors
    /// [`AppendError`]; only [`AppendError::Unavailable`] leaves open whether it was recorded, and asking again
    /// with the same command id tells.
    pub async fn append(&self, command: Command) -> Result<Recorded, AppendError> {
        let command_id = command.command_id;
        let events: usize = command.appends.iter().map(|append| append.events.len()).sum();
        if events > MAX_EVENTS_PER_COMMAND {
            return Err(AppendError::TooManyEvents { command_id, events });
        }
        self.check_signing()?;
        let draft = self.inner.preparer.prepare(command, false).await?;
        let (reply, answer) = oneshot::channel();
        self.inner.outbox.send(draft, reply, self.inner.patience).await?;
        answer.await.map_err(|_| AppendError::Closed)?
    }

    /// Records one chunk of an import, of at most [`append::MAX_EVENTS_PER_CHUNK`] events. Events that are known
    /// are left out, a chunk whose command id is known is not looked at again, and live commands go first.
    /// Two chunks under way at once keep database and hashing busy; more gain nothing.
    ///
    /// # Errors
    /// [`AppendError`], as for [`Self::append`].
    pub async fn append_bulk(&self, chunk: Command) -> Result<BulkReport, AppendError> {
        self.check_signing()?;
        append::append_chunk(&self.inner.preparer, &self.inner.outbox, chunk).await
    }

    /// Records an import of any length, in chunks with the ids that `chunk_id` gives them by their number. The events
    /// are read and prepared on a thread of their own, each group of the source whole within one chunk; events that
    /// are known are left out, and live commands go first. `tell` hears after each chunk how far it is.
    ///
    /// # Errors
    /// [`FeedFault`]; what was recorded before stays, and the same import goes on from there.
    pub async fn append_all<E: std::error::Error + Send + 'static>(
        &self,
        groups: impl Iterator<Item = Result<Vec<FedEvent>, E>> + Send + 'static,
        chunk_id: impl Fn(u64) -> CommandId + Send + 'static,
        tell: impl FnMut(Fed),
    ) -> Result<Fed, FeedFault<E>> {
        self.check_signing()?;
        append::feed(&self.inner.preparer, &self.inner.outbox, groups, chunk_id, tell).await
    }

    /// Nothing is appended to a log that is not the one that was signed.
    fn check_signing(&self) -> Result<(), AppendError> {
        let stopped = self.inner.signed.get().and_then(|signed| signed.borrow().stopped.clone());
        stopped.map_or(Ok(()), |reason| Err(AppendError::Halted { reason }))
    }

    /// Tells the ledger where to hear how far it is signed; the first one stays.
    pub(crate) fn heed(&self, signed: watch::Receiver<Signed>) {
        let _ = self.inner.signed.set(signed);
    }

    /// How far the log is signed, as far as this process takes part in signing.
    pub fn signed(&self) -> Option<Signed> {
        self.inner.signed.get().map(|signed| signed.borrow().clone())
    }

    /// What is remembered of the log's tree.
    pub(crate) fn kept_nodes(&self) -> &KeptNodes {
        &self.inner.nodes
    }

    /// The ledger's database, as the role that appends.
    pub(crate) fn database(&self) -> &Config {
        &self.inner.database
    }

    /// Size of the log as this process has seen it.
    pub(crate) fn seen(&self) -> watch::Receiver<u64> {
        self.inner.seen.clone()
    }

    /// What this process hears of the log's end.
    pub(crate) fn news(&self) -> &News {
        &self.inner.news
    }

    /// What the ledger's clock says.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    /// The newest end of the log.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn head(&self) -> Result<Head, ReadFault> {
        let genesis = &self.inner.genesis;
        let opened = Head { position: Position(1), recorded_at: genesis.opened_at, epoch: genesis.epoch };
        Ok(self.inner.reader.head().await?.unwrap_or(opened))
    }

    /// The end of the log as it stood at a moment, events of that very microsecond included; `None` before the
    /// ledger's first event.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn head_at(&self, known_at: DateTime<Utc>) -> Result<Option<Head>, ReadFault> {
        self.inner.reader.head_at(known_at).await
    }

    /// Where the first event of each kind stands, in no order; a kind without an event is not there.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn first_of_each_kind(&self) -> Result<Vec<(String, Position)>, ReadFault> {
        self.inner.reader.first_of_each_kind().await
    }

    /// The events of a stream from a revision on, in order; empty for a stream that has none.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_stream(&self, stream: StreamId, from: Revision) -> Result<Vec<StoredEvent>, ReadFault> {
        self.inner.reader.stream(stream, from).await
    }

    /// Up to `limit` events from a position on, in order and without a gap; empty past the end.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn read_positions(&self, from: Position, limit: u32) -> Result<Vec<StoredEvent>, ReadFault> {
        self.inner.reader.positions(from, limit).await
    }

    /// Pages of up to `page` events of a range of streams, ordered by stream and revision, none after `up_to`.
    /// Each page is a short read of its own; several ranges may be read at once.
    pub fn read_stream_range(
        &self,
        range: StreamRange,
        up_to: Position,
        page: u32,
    ) -> impl Stream<Item = Result<Vec<StoredEvent>, ReadFault>> + Send + Unpin + use<> {
        self.inner.reader.clone().range(range, up_to, page).boxed()
    }

    /// Waits until the log reaches a position; false where it took longer than `longest`.
    pub async fn wait_for(&self, position: Position, longest: Duration) -> bool {
        subscribe::wait_at_most(&mut self.inner.seen.clone(), position, longest).await
    }

    /// Opens what an event sealed for the subject of its stream; `None` where it sealed nothing.
    ///
    /// # Errors
    /// [`UnsealFault`]; a destroyed key is told apart from a damaged container.
    pub async fn unseal(&self, event: &StoredEvent) -> Result<Option<SealedFields>, UnsealFault> {
        Ok(self.open_sealed(event).await?.map(Opened::into_fields))
    }

    /// The same, with what it takes to disclose and prove one field alone.
    ///
    /// # Errors
    /// [`UnsealFault`].
    pub async fn open_sealed(&self, event: &StoredEvent) -> Result<Option<Opened>, UnsealFault> {
        let Some(container) = &event.sealed else { return Ok(None) };
        let position = event.position;
        let id = KeyId::new(self.id(), KeyPurpose::Subject(event.stream));
        let key = self.subject_key(id).await.map_err(|source| UnsealFault::Key { position, source })?;
        let place = Place {
            ledger: self.id(),
            stream: event.stream,
            event_id: event.event_id,
            kind: &event.kind,
            schema_version: event.schema_version,
        };
        let missing = SealFault::NoBox { event_id: event.event_id, key: id };
        let opened = match key {
            Some(key) => sealing::open(&place, container, id, &key),
            None => Err(missing),
        };
        opened.map(Some).map_err(|source| UnsealFault::Seal { position, source })
    }

    async fn subject_key(&self, id: KeyId) -> Result<Option<SecretKey>, KeyFault> {
        let keys = Arc::clone(&self.inner.preparer.keys);
        match keys.cached(id) {
            Some(key) => Ok(Some(key)),
            None => on_blocking_thread(move || keys.find(id)).await,
        }
    }

    /// Connections for reading.
    pub(crate) fn reader(&self) -> &Reader {
        &self.inner.reader
    }

    /// The key store.
    pub(crate) fn keys(&self) -> Arc<dyn KeyStore> {
        Arc::clone(&self.inner.preparer.keys)
    }

    /// Locks of this process, for callers that want to load, decide and append without a conflict among themselves.
    pub(crate) fn locks(&self) -> &StreamLocks {
        &self.inner.locks
    }

    /// The streams that an identifier leads to, ascending; empty where it is not known.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn find_by_identifier(&self, kind: &str, value: &str) -> Result<Vec<StreamId>, ReadFault> {
        let token = self.inner.preparer.tokens.token(kind, value);
        let client = self.inner.reader.connection().await?;
        let sql = "SELECT stream FROM caseledger.identifier_index WHERE token = $1 ORDER BY stream";
        let statement = client.prepare_cached(sql).await?;
        let rows = client.query(&statement, &[&token.as_slice()]).await?;
        rows.iter().map(|row| Ok(StreamId(row.try_get(0)?))).collect()
    }

    /// Takes every identifier of a stream out of the index (its subject is to be forgotten).
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn forget_identifiers(&self, stream: StreamId) -> Result<u64, ReadFault> {
        let client = self.inner.reader.connection().await?;
        let sql = "DELETE FROM caseledger.identifier_index WHERE stream = $1";
        Ok(client.execute(sql, &[&stream.0]).await?)
    }

    /// Adds identifiers to the index, for instance when it is rebuilt from events; known ones are no error.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn index_identifiers(&self, identifiers: &[(StreamId, Identifier)]) -> Result<u64, ReadFault> {
        let rows: Vec<_> =
            identifiers.iter().map(|(stream, one)| self.inner.preparer.tokens.row(*stream, one)).collect();
        let tokens: Vec<&[u8]> = rows.iter().map(|row| row.token.as_slice()).collect();
        let streams: Vec<Uuid> = rows.iter().map(|row| row.stream.0).collect();
        let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
        let client = self.inner.reader.connection().await?;
        let sql = "INSERT INTO caseledger.identifier_index (token, stream, kind) \
                   SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::text[]) ON CONFLICT DO NOTHING";
        Ok(client.execute(sql, &[&tokens, &streams, &kinds]).await?)
    }
}

/// Every read follows an index in its order. The planner, which knows nothing of a table that has just been
/// filled, is kept from sorting instead, and from compiling a statement that takes a millisecond.
const READ_SETTINGS: &str = "-c jit=off -c enable_sort=off -c plan_cache_mode=force_custom_plan";

fn pool(database: &Config, options: &Options) -> Pool {
    let mut database = database.clone();
    let given = database.get_options().unwrap_or_default();
    database.options(format!("{given} {READ_SETTINGS}"));
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Pool::builder(Manager::from_config(database, NoTls, manager))
        .max_size(options.read_connections.max(2))
        .wait_timeout(Some(options.patience))
        .create_timeout(Some(options.patience.max(CONNECTING)))
        .runtime(Runtime::Tokio1)
        .build()
        .expect("the runtime that keeps the time limits is named")
}

pub(crate) fn random_uuid() -> Result<Uuid, KeyFault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| KeyFault::NoRandomness)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

pub(crate) async fn on_blocking_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|stopped| std::panic::resume_unwind(stopped.into_panic()))
}

async fn own_key(
    ledger: LedgerId,
    purpose: KeyPurpose,
    keys: Arc<dyn KeyStore>,
) -> Result<SecretKey, KeyFault> {
    let id = KeyId::new(ledger, purpose);
    let mut obtained = on_blocking_thread(move || keys.obtain(&[id])).await?;
    obtained.pop().ok_or(KeyFault::Destroyed { id })
}

async fn preparer(ledger: LedgerId, keys: Arc<dyn KeyStore>) -> Result<Preparer, KeyFault> {
    let tokens = Tokens::new(own_key(ledger, KeyPurpose::Identifiers, Arc::clone(&keys)).await?);
    let requests = own_key(ledger, KeyPurpose::Requests, Arc::clone(&keys)).await?;
    let requests = Arc::new(MacParts::new(requests.bytes()));
    Ok(Preparer { ledger, keys, tokens, requests, salts: Arc::new(Salts::default()) })
}

pub(crate) async fn read_genesis(client: &Client) -> Result<Option<Genesis>, OpenFault> {
    let sql =
        "SELECT kind, schema_version, occurred, facts, recorded_at FROM caseledger.events WHERE position = 1";
    let row = match client.query_opt(sql, &[]).await {
        Ok(row) => row,
        Err(error) => return Err(not_installed(error)),
    };
    let Some(row) = row else { return Ok(None) };
    let malformed = |column| ReadFault::from(MalformedRow { position: 1, column, source: None });
    let facts: JsonText<'_> = row.try_get(3)?;
    let occurred: Occurred = row.try_get::<_, &str>(2)?.parse().map_err(|_| malformed("occurred"))?;
    let version = u16::try_from(row.try_get::<_, i16>(1)?).map_err(|_| malformed("schema_version"))?;
    Ok(Some(Genesis::read(row.try_get(0)?, version, occurred, facts.0, row.try_get(4)?)?))
}

fn not_installed(error: tokio_postgres::Error) -> OpenFault {
    match error.code() {
        Some(code) if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::INVALID_SCHEMA_NAME => {
            OpenFault::NotInstalled
        }
        Some(_) | None => error.into(),
    }
}
