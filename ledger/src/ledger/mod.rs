//! The handle through which everybody else uses the log.

mod appending;
mod groups;
mod key_store;
mod leap;
mod lookups;
mod opening;
mod reading;
mod unsealing;

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::ids::LedgerId;
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;
use tokio_postgres::Config;

pub use self::key_store::{Admitted, Adoption, KeyStoreFault, StoreProblem};
pub use self::leap::LeapFault;
pub use self::lookups::{IndexDifference, IndexRows, refill_kinds};
pub use self::opening::OpenFault;
pub(crate) use self::opening::{on_blocking_thread, random_uuid, read_genesis};
pub use self::unsealing::UnsealFault;
use crate::aggregate_store::StreamLocks;
use crate::append::{Outbox, Preparer};
use crate::clock::Clock;
use crate::genesis::Genesis;
use crate::keyed_ids::LedgerIds;
use crate::keys::{KeyStore, ReturnedKey};
use crate::proof::Signed;
use crate::proof::nodes::KeptNodes;
use crate::read::Reader;
use crate::subscribe::News;

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
    /// Where the key store is noted beside the database; `None` where it is noted in the ledger only.
    pub key_store_note: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            room: 4_096,
            patience: Duration::from_secs(5),
            read_connections: 8,
            key_store_note: None,
        }
    }
}

/// One ledger, open in this process. Cheap to clone; all clones share one appender.
#[derive(Clone, Debug)]
pub struct Ledger {
    inner: Arc<Inner>,
    /// Connections that this handle reads with.
    reader: Reader,
}

#[derive(Debug)]
struct Inner {
    genesis: Genesis,
    /// Connections for what keeps the ledger going.
    upkeep: Reader,
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
    /// Done before the first event of this process is written.
    admitted: OnceCell<Admitted>,
    key_store_note: Option<PathBuf>,
    /// How many packs were noted, as this process knows.
    noted_packs: AtomicU64,
    nodes: KeptNodes,
    helpers: [JoinHandle<()>; 2],
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.helpers.iter().for_each(JoinHandle::abort);
    }
}

impl Ledger {
    /// Destroyed keys that the key store still held when the ledger was opened: it was restored from an older copy, or a
    /// destruction had been interrupted. They are not used, and are destroyed again before anything is written.
    pub fn returned_keys(&self) -> &[ReturnedKey] {
        self.inner.returned.get().map_or(&[], Vec::as_slice)
    }

    /// The same ledger, for what keeps it going: it reads with connections of its own, and so does not wait for those who
    /// ask questions, however many there are.
    #[must_use]
    pub fn for_upkeep(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), reader: self.inner.upkeep.clone() }
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

    /// Connections for reading.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The key store.
    pub(crate) fn keys(&self) -> Arc<dyn KeyStore> {
        Arc::clone(&self.inner.preparer.keys)
    }

    /// Locks of this process, for callers that want to load, decide and append without a conflict among themselves.
    pub(crate) fn locks(&self) -> &StreamLocks {
        &self.inner.locks
    }
}
