//! Creating a ledger and opening it: genesis, keys, connections, the appender and who listens for news.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use domain::ids::LedgerId;
use domain::time::Occurred;
use thiserror::Error;
use tokio::sync::{OnceCell, watch};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

use super::{Inner, Ledger, Options};
use crate::aggregate_store::StreamLocks;
use crate::append::{self, AppendError, Appender, Outbox, OwnKeys, Preparer, Salts, StartFault};
use crate::batch_mac::BatchKey;
use crate::damage::{self, HeadWithoutEvents};
use crate::genesis::{self, Genesis, GenesisFault, Opening};
use crate::hash::MacParts;
use crate::identifiers::Tokens;
use crate::keyed_ids::LedgerIds;
use crate::keys::{FenceFault, KeyFault, KeyId, KeyPurpose, KeyStore, SecretKey};
use crate::ledger_time::SharedTime;
use crate::proof;
use crate::proof::nodes::{KeptNodes, NodesFault};
use crate::read::{ReadFault, Reader};
use crate::rows::{JsonText, MalformedRow};
use crate::subscribe::{self, News};

/// How long a new connection to the database may take, at least.
const CONNECTING: Duration = Duration::from_secs(10);

/// Connections for listening, notifying, projecting and what else keeps the ledger going.
const UPKEEP_CONNECTIONS: usize = 4;

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
    /// The newest head claims events that are not there.
    #[error("opening the ledger")]
    HeadWithoutEvents {
        /// What it claims.
        #[from]
        source: HeadWithoutEvents,
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
        let time = SharedTime::new(options.clock.clone());
        let reader = Reader::new(pool(database, &options), Arc::clone(&time));
        if let Some(genesis) = read_genesis(&*reader.connection().await?).await? {
            return Err(OpenFault::AlreadyThere { ledger: genesis.ledger });
        }
        let [ledger, stream, event, command] = [(); 4].map(|()| random_uuid());
        let ledger = LedgerId(ledger?);
        make_own_keys(ledger, Arc::clone(&keys)).await?;
        let store = Arc::clone(&keys);
        let store = on_blocking_thread(move || store.state(ledger)).await?;
        let ids = [stream?, event?, command?];
        let command =
            genesis::command(ledger, &opening, store.fingerprints.first(), options.clock.now(), ids);
        let preparer = preparer(ledger, Arc::clone(&keys), reader.clone()).await?;
        let first = preparer.prepare(command, false).await?;
        let batches = BatchKey::new(ledger, own_key(ledger, KeyPurpose::Batches, Arc::clone(&keys)).await?);
        match append::write_first(database, &options.clock, &batches, first).await {
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
        let key_store_note = self.inner.key_store_note.clone();
        let options = Options { clock: self.inner.clock.clone(), key_store_note, ..Options::default() };
        let keys = Arc::clone(&self.inner.preparer.keys);
        Self::open_in(Some(epoch), &self.inner.database, keys, options).await
    }

    async fn open_in(
        epoch: Option<u32>,
        database: &Config,
        keys: Arc<dyn KeyStore>,
        options: Options,
    ) -> Result<Self, OpenFault> {
        let time = SharedTime::new(options.clock.clone());
        let reader = Reader::new(pool(database, &options), Arc::clone(&time));
        let genesis = read_genesis(&*reader.connection().await?).await?.ok_or(OpenFault::NoLedger)?;
        if let Some(fault) = damage::head_without_events(&*reader.connection().await?).await? {
            return Err(fault.into());
        }
        proof::fill::fill(&*reader.connection().await?).await?;
        // Whoever appends, and whoever keeps the ledger going, does not wait for those who read. Connections are made when
        // they are first needed.
        let few =
            |connections| self::pool(database, &Options { read_connections: connections, ..options.clone() });
        let preparer =
            preparer(genesis.ledger, Arc::clone(&keys), Reader::new(few(2), Arc::clone(&time))).await?;
        let upkeep_pool = few(UPKEEP_CONNECTIONS);
        let upkeep = Reader::new(upkeep_pool.clone(), Arc::clone(&time));
        let ids = LedgerIds::new(own_key(genesis.ledger, KeyPurpose::Ids, Arc::clone(&keys)).await?);
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
        let batches = Arc::clone(&preparer.batches);
        let own = OwnKeys { ledger: genesis.ledger, keys, batches };
        Appender::start(database.clone(), writer, epoch, own, time, inbox, own_head).await?;
        let helpers = [
            tokio::spawn(subscribe::notify_others(upkeep_pool, own_changes, news.clone())),
            tokio::spawn(subscribe::listen(database.clone(), upkeep.clone(), news.clone())),
        ];
        let (patience, locks, signed) = (options.patience, StreamLocks::default(), OnceLock::new());
        let database = database.clone();
        let inner = Inner {
            genesis,
            upkeep,
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
            admitted: OnceCell::new(),
            key_store_note: options.key_store_note,
            noted_packs: AtomicU64::new(0),
            nodes: KeptNodes::default(),
            helpers,
        };
        let opened = Self { inner: Arc::new(inner), reader };
        opened.reader.look_at_time().await?;
        let custody = opened.custody().await.map_err(FenceFault::from)?;
        opened.remember_note(&custody);
        let returned = opened.find_destroyed_keys(&custody).await?;
        let _ = opened.inner.returned.set(returned);
        Ok(opened)
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

/// Makes the keys of a new ledger's own; nothing makes them later.
async fn make_own_keys(ledger: LedgerId, keys: Arc<dyn KeyStore>) -> Result<(), KeyFault> {
    let purposes = KeyPurpose::OWN.into_iter().chain([KeyPurpose::Batches]);
    let ids: Vec<KeyId> = purposes.map(|purpose| KeyId::new(ledger, purpose)).collect();
    on_blocking_thread(move || ids.iter().try_for_each(|id| keys.obtain(&[*id]).map(drop))).await
}

async fn own_key(
    ledger: LedgerId,
    purpose: KeyPurpose,
    keys: Arc<dyn KeyStore>,
) -> Result<SecretKey, KeyFault> {
    let place = keys.place();
    let found = find_own_key(ledger, purpose, keys).await?;
    found.ok_or(KeyFault::OfAnother { place, ledger })
}

async fn find_own_key(
    ledger: LedgerId,
    purpose: KeyPurpose,
    keys: Arc<dyn KeyStore>,
) -> Result<Option<SecretKey>, KeyFault> {
    let id = KeyId::new(ledger, purpose);
    on_blocking_thread(move || keys.find(id)).await
}

async fn preparer(ledger: LedgerId, keys: Arc<dyn KeyStore>, reader: Reader) -> Result<Preparer, KeyFault> {
    let tokens = Tokens::new(own_key(ledger, KeyPurpose::Identifiers, Arc::clone(&keys)).await?);
    let requests = own_key(ledger, KeyPurpose::Requests, Arc::clone(&keys)).await?;
    let requests = Arc::new(MacParts::new(requests.bytes()));
    let (salts, lost_up_to, batches) = (Arc::new(Salts::default()), Arc::default(), Arc::default());
    if let Some(key) = find_own_key(ledger, KeyPurpose::Batches, Arc::clone(&keys)).await? {
        let _ = OnceLock::set(&batches, BatchKey::new(ledger, key));
    }
    let macs_from = Arc::new(AtomicU64::new(u64::MAX));
    Ok(Preparer { ledger, keys, tokens, requests, salts, reader, lost_up_to, batches, macs_from })
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
