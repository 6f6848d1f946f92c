//! What a backup of the log's database rests on: one pinned state, and a check of what was put back.
//!
//! Copying rows is left to PostgreSQL's own programs, keys and files to the caller. Invariant: everything that a
//! [`Pinned`] says was read in the very snapshot that it names, so that a dump of that snapshot holds exactly it.

use chrono::{DateTime, Utc};
use domain::ids::{LedgerId, StreamId};
use thiserror::Error;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, NoTls};

use crate::damage::{HeadWithoutEvents, head_without_events};
use crate::genesis::Genesis;
use crate::hash::Hash;
use crate::install::{INSTALL_LOCK, newest_migration};
use crate::keys::{KeyFault, KeyId, KeyPurpose, KeyStore};
use crate::ledger::{Ledger, OpenFault, on_blocking_thread, read_genesis};
use crate::officers::CustodyFault;
use crate::read::ReadFault;

/// Why a database cannot be backed up or restored.
#[derive(Debug, Error)]
pub enum BackupFault {
    /// The database refuses or is away.
    #[error("the ledger's database")]
    Database {
        /// What it says.
        #[from]
        source: tokio_postgres::Error,
    },
    /// The first event cannot be read.
    #[error("the ledger's first event")]
    Genesis {
        /// Why.
        source: Box<OpenFault>,
    },
    /// The newest head claims events that are not there: a copy of it would be a copy of the damage.
    #[error("the ledger's newest state")]
    HeadWithoutEvents {
        /// What it claims.
        #[from]
        source: HeadWithoutEvents,
    },
    /// The newest head has no root.
    #[error("the head at {tree_size} has no root; open the ledger with this program once, then back it up")]
    NoRoot {
        /// Its size.
        tree_size: u64,
    },
    /// The database to restore into holds something.
    #[error("the database holds tables of a ledger already; restore into an empty one")]
    NotEmpty,
    /// The backup's tables were made by a newer program.
    #[error("the backup's tables are of version {found}, and this program knows versions up to {known}")]
    Newer {
        /// Version of the backup's tables.
        found: i32,
        /// The newest version of this program.
        known: i32,
    },
    /// A guard of the log is not there, or can be switched off by a session.
    #[error("the trigger {guard} does not stand guard over the restored log")]
    Unguarded {
        /// Table and trigger.
        guard: String,
    },
}

/// A state of the log that stays readable under the name of its snapshot for as long as this lives.
#[derive(Debug)]
pub struct Pinned {
    /// Name of the snapshot, for `pg_dump --snapshot`.
    pub snapshot: String,
    /// What the ledger's first event says.
    pub genesis: Genesis,
    /// Number of events.
    pub tree_size: u64,
    /// Root over them.
    pub root: Hash,
    /// When the last one was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Epoch of the last one.
    pub epoch: u32,
    /// The newest signed head in it, with the witnesses' lines.
    pub checkpoint: Option<String>,
    /// Version of the tables.
    pub migration: i32,
    /// Table and name of each trigger that fires whatever a session has set, ascending.
    pub guards: Vec<String>,
    /// What the server says its version is.
    pub server: String,
    _client: Client,
    driver: JoinHandle<()>,
}

impl Drop for Pinned {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

const HEAD: &str =
    "SELECT tree_size, root, recorded_at, epoch FROM caseledger.heads ORDER BY base_size DESC LIMIT 1";
const STATE: &str = "SELECT pg_export_snapshot(), current_setting('server_version'), \
                     (SELECT max(version) FROM caseledger.schema_history)";
const CHECKPOINT: &str = "SELECT c.note || coalesce((SELECT string_agg(w.line || E'\\n', '' ORDER BY w.line) \
                          FROM caseledger.cosignatures w WHERE (w.epoch, w.tree_size) = (c.epoch, c.tree_size)), '') \
                          FROM caseledger.checkpoints c ORDER BY c.epoch DESC, c.tree_size DESC LIMIT 1";
const GUARDS: &str = "SELECT c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
                      WHERE c.relnamespace = 'caseledger'::regnamespace AND NOT t.tgisinternal AND t.tgenabled = 'A' \
                      ORDER BY 1";

/// Pins the newest state of a ledger's log. The snapshot lasts as long as the result, so it is dropped when the dump
/// is done.
///
/// # Errors
/// [`BackupFault`].
pub async fn pin(superuser: &Config) -> Result<Pinned, BackupFault> {
    let (client, driver) = connect(superuser).await?;
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let genesis = read_genesis(&client).await.and_then(|found| found.ok_or(OpenFault::NoLedger));
    let genesis = genesis.map_err(|fault| BackupFault::Genesis { source: Box::new(fault) })?;
    let state = client.query_one(STATE, &[]).await?;
    if let Some(fault) = head_without_events(&client).await? {
        return Err(fault.into());
    }
    let head = client.query_one(HEAD, &[]).await?;
    let tree_size = head.try_get::<_, i64>(0)?.unsigned_abs();
    let root: Option<&[u8]> = head.try_get(1)?;
    let root = root.and_then(|root| root.try_into().ok()).ok_or(BackupFault::NoRoot { tree_size })?;
    let checkpoint = client.query_opt(CHECKPOINT, &[]).await?;
    Ok(Pinned {
        snapshot: state.try_get(0)?,
        genesis,
        tree_size,
        root,
        recorded_at: head.try_get(2)?,
        epoch: head.try_get::<_, i32>(3)?.unsigned_abs(),
        checkpoint: checkpoint.map(|row| row.try_get(0)).transpose()?,
        migration: state.try_get(2)?,
        guards: guards(&client).await?,
        server: state.try_get(1)?,
        _client: client,
        driver,
    })
}

/// Makes the ledger's roles in a database that is to be restored into.
///
/// # Errors
/// [`BackupFault::NotEmpty`] where tables of a ledger are there, [`BackupFault::Newer`] where the backup's tables
/// are not known to this program.
pub async fn prepare_restore(superuser: &Config, migration: i32) -> Result<(), BackupFault> {
    let known = newest_migration();
    if migration > known {
        return Err(BackupFault::Newer { found: migration, known });
    }
    let (client, driver) = connect(superuser).await?;
    client.execute("SELECT pg_advisory_lock($1)", &[&INSTALL_LOCK]).await?;
    let there = client.query_one("SELECT to_regnamespace('caseledger') IS NOT NULL", &[]).await?;
    if there.try_get(0)? {
        return Err(BackupFault::NotEmpty);
    }
    client.batch_execute(include_str!("../sql/roles.sql")).await?;
    drop(client);
    driver.abort();
    Ok(())
}

/// Checks that the triggers which guarded the log when it was backed up guard the restored one.
///
/// # Errors
/// [`BackupFault::Unguarded`] with the first that does not.
pub async fn check_guards(superuser: &Config, expected: &[String]) -> Result<(), BackupFault> {
    let (client, driver) = connect(superuser).await?;
    let found = guards(&client).await;
    drop(client);
    driver.abort();
    let found = found?;
    match expected.iter().find(|guard| !found.contains(guard)) {
        Some(guard) => Err(BackupFault::Unguarded { guard: guard.clone() }),
        None => Ok(()),
    }
}

async fn guards(client: &Client) -> Result<Vec<String>, tokio_postgres::Error> {
    client.query(GUARDS, &[]).await?.iter().map(|row| row.try_get(0)).collect()
}

async fn connect(config: &Config) -> Result<(Client, JoinHandle<()>), tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    let driver = tokio::spawn(async move {
        // The client sees the same error at its next statement.
        let _ = connection.await;
    });
    Ok((client, driver))
}

/// Why it cannot be told whether the keys are there.
#[derive(Debug, Error)]
pub enum KeyCheckFault {
    /// The log cannot be read.
    #[error("looking for streams with sealed events")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// The system stream cannot be folded.
    #[error(transparent)]
    Custody(#[from] CustodyFault),
    /// The key store cannot be used.
    #[error("looking for their keys")]
    Key {
        /// Why.
        #[from]
        source: KeyFault,
    },
}

/// Whether a key store holds the keys of a ledger's own (not of its subjects), without making any.
///
/// # Errors
/// [`KeyFault`].
pub fn holds_own_keys(keys: &dyn KeyStore, ledger: LedgerId) -> Result<bool, KeyFault> {
    for purpose in KeyPurpose::OWN {
        if keys.find(KeyId::new(ledger, purpose))?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Ledger {
    /// Streams with sealed events whose key is not in the key store, ascending. A destroyed key is not missing, nor is
    /// one that somebody gave up when they adopted the store.
    ///
    /// # Errors
    /// [`KeyCheckFault`].
    pub async fn streams_lacking_keys(&self) -> Result<Vec<StreamId>, KeyCheckFault> {
        let custody = self.custody().await?;
        let given_up = crate::append::signed(custody.key_store().lost_up_to.0);
        let client = self.reader().connection().await?;
        let sql = "SELECT DISTINCT stream FROM caseledger.events WHERE sealed IS NOT NULL AND position > $1 ORDER BY stream";
        let rows = client.query(sql, &[&given_up]).await.map_err(ReadFault::from)?;
        drop(client);
        let streams: Result<Vec<_>, _> = rows.iter().map(|row| row.try_get(0).map(StreamId)).collect();
        let (streams, keys, ledger) = (streams.map_err(ReadFault::from)?, self.keys(), self.id());
        let work = move || {
            let mut lacking = Vec::new();
            for stream in streams {
                match keys.find(KeyId::new(ledger, KeyPurpose::Subject(stream))) {
                    Ok(Some(_)) | Err(KeyFault::Destroyed { .. }) => {}
                    Ok(None) => lacking.push(stream),
                    Err(fault) => return Err(fault),
                }
            }
            Ok(lacking)
        };
        Ok(on_blocking_thread(work).await?)
    }
}
