//! The one who signs heads: at least every half second while anything is new, in one process of a ledger at a time.
//!
//! It extends the tree of its own folder by leaf hashes from the database, makes the folder durable, compares the
//! root with the one of the head row, signs, records the note and publishes it. It never goes back: a database that
//! ends before the last signed head, or has another beginning, stops it for good, and the ledger with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, Config, NoTls};

use super::batches::Authenticity;
use super::checkpoint::{Checkpoint, CheckpointFault};
use super::log_name::LogName;
use super::nodes::{NodeStatements, NodesFault, range_at};
use super::signed_before::{Missing, compare, epoch_of, newest_head};
use super::tiles::{TileFault, TileFolder, published};
use crate::append::signed;
use crate::hash::Hash;
use crate::notes::{Note, NoteFault, Sign, SignFault, sign_text};
use crate::officers::CustodyFault;

/// Advisory key of the lease: who holds it on a live connection is the signer.
const LEASE_KEY: i64 = 0x6361_7365_6c65_6403;
/// Time between two checkpoints while events keep coming.
const PACE: Duration = Duration::from_millis(500);
/// How often somebody without the lease tries to get it, and how long a fault is slept over.
const RETRY: Duration = Duration::from_secs(1);
/// Leaf hashes that are read at once.
const PAGE: u64 = 20_000;

/// What it takes to sign.
#[derive(Clone, Debug)]
pub struct ProofOptions {
    /// Folder for tiles and the newest checkpoint; outside the database, with a backup of its own.
    pub folder: PathBuf,
    /// Whose signature it is: a key in this process, or a device or service.
    pub signer: Arc<dyn Sign>,
    /// Whether a folder that is missing, of a log that was signed before, is written anew from the database.
    pub rebuild: bool,
}

/// How far the log is signed, as one process sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// Size of the newest checkpoint that this process signed or found; 0 where there is none.
    pub tree_size: u64,
    /// Whether this process is the signer.
    pub lease: bool,
    /// Why nothing is signed any more.
    pub stopped: Option<String>,
}

/// Why a head is not signed.
#[derive(Debug, Error)]
pub enum SignerFault {
    /// The database is away or refuses.
    #[error("signing the log: the database")]
    Database {
        /// What it says.
        #[from]
        source: tokio_postgres::Error,
    },
    /// The system stream, which says who may sign.
    #[error("signing the log")]
    Custody {
        /// Why.
        #[from]
        source: Box<CustodyFault>,
    },
    /// The tree cannot be read from the database.
    #[error("signing the log: its tree")]
    Nodes {
        /// Why.
        #[from]
        source: NodesFault,
    },
    /// The folder of the proof.
    #[error("signing the log")]
    Folder {
        /// Why.
        #[from]
        source: TileFault,
    },
    /// The signer does not sign.
    #[error("signing the log")]
    Sign {
        /// Why.
        #[from]
        source: SignFault,
    },
    /// A checkpoint that is there cannot be read.
    #[error("the last checkpoint, {}, cannot be read", place)]
    Checkpoint {
        /// Where it stands.
        place: String,
        /// Why.
        source: CheckpointFault,
    },
    /// A checkpoint that is there is not signed by a key of the log.
    #[error("the last checkpoint, {place}, is not signed by a key of this log")]
    Unsigned {
        /// Where it stands.
        place: String,
    },
    /// The log was signed before, and the folder that remembers it is not there.
    #[error(
        "the log was signed up to {signed}, and {} with its signed heads is missing. Put the folder back from its backup; \
         where there is none, `caseledger checkpoint --rebuild-proof` writes it anew from the database", folder.display()
    )]
    ProofMissing {
        /// The folder.
        folder: PathBuf,
        /// Size of the newest head that the database says was signed.
        signed: u64,
    },
    /// The log was signed further than it reaches now.
    #[error(
        "the log was signed up to {signed} and the database ends at {found}: it is an older copy. Nothing is \
         appended or signed. Restore a newer copy, or open a new epoch with `caseledger epoch open`"
    )]
    Rewound {
        /// Size that was signed.
        signed: u64,
        /// Size of the log now.
        found: u64,
    },
    /// The log has another beginning than the one that was signed.
    #[error(
        "the log of size {size} is not the one that was signed: the database was changed or replaced. Nothing is \
         appended or signed. `caseledger verify` names the place; then restore, or open a new epoch"
    )]
    Inconsistent {
        /// The size at which the roots differ.
        size: u64,
    },
    /// The newest head says another epoch than the log.
    #[error(
        "the newest head says epoch {found}, and the log is in epoch {expected}: the head was changed in the database"
    )]
    OtherEpoch {
        /// What the head says.
        found: i32,
        /// What the system stream says.
        expected: i32,
    },
    /// Somebody wrote a batch who has the database and not the ledger's keys.
    #[error(
        "what stands at positions {} to {size} was not written by this ledger's programs, or was changed since: the MAC of \
         its batch is not there or does not fit. Nothing is appended or signed. `caseledger verify` shows the place; find out who \
         wrote there, and restore a copy from before", base + 1
    )]
    Forged {
        /// Size of the log before it.
        base: u64,
        /// Size of the log after it.
        size: u64,
    },
    /// The key for MACs of batches is not in the key store.
    #[error("the key for MACs of batches is not in the key store, which may be that of another ledger")]
    NoBatchKey,
    /// The signer's key is not one of this log's.
    #[error("the key {key} is not registered in the log; register it with `caseledger log-key register`")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// The checkpoint's text cannot be a note.
    #[error("the checkpoint cannot be written as a note")]
    Note {
        /// Why.
        #[from]
        source: NoteFault,
    },
    /// The signing task has ended.
    #[error("the signing task has ended")]
    Ended,
}

impl SignerFault {
    /// Whether the log is not the one that was signed, or not signed by its key, so that nothing may be appended or
    /// signed until somebody steps in.
    pub fn is_about_the_log(&self) -> bool {
        match self {
            Self::Rewound { .. }
            | Self::Inconsistent { .. }
            | Self::UnknownKey { .. }
            | Self::ProofMissing { .. }
            | Self::Forged { .. }
            | Self::OtherEpoch { .. }
            | Self::NoBatchKey
            | Self::Unsigned { .. }
            | Self::Checkpoint { .. } => true,
            Self::Custody { source } => matches!(**source, CustodyFault::Changed { .. }),
            Self::Database { .. }
            | Self::Nodes { .. }
            | Self::Folder { .. }
            | Self::Sign { .. }
            | Self::Note { .. }
            | Self::Ended => false,
        }
    }
}

/// The signing task of this process.
#[derive(Debug)]
pub struct Signing {
    task: JoinHandle<()>,
    status: watch::Receiver<Signed>,
    finish: Option<oneshot::Sender<()>>,
}

impl Drop for Signing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Signing {
    /// How far the log is signed.
    pub fn status(&self) -> watch::Receiver<Signed> {
        self.status.clone()
    }

    /// Waits until a checkpoint of this process covers a size; false where it takes longer than `longest`.
    pub async fn covers(&self, tree_size: u64, longest: Duration) -> bool {
        let mut status = self.status.clone();
        let covered = status.wait_for(|signed| signed.tree_size >= tree_size || signed.stopped.is_some());
        timeout(longest, covered)
            .await
            .is_ok_and(|found| found.is_ok_and(|signed| signed.tree_size >= tree_size))
    }

    /// Signs what is new, where this process is the signer, and ends.
    pub async fn finish(mut self) {
        if let Some(finish) = self.finish.take() {
            let _ = finish.send(());
            let _ = (&mut self.task).await;
        }
    }
}

/// Checks the log against what was signed before, and starts to sign.
pub(crate) async fn start(
    database: Config,
    name: LogName,
    options: ProofOptions,
    (authentic, head): (Authenticity, watch::Receiver<u64>),
) -> Result<Signing, SignerFault> {
    let key = options.signer.verifier();
    if !name.keys.contains(key) {
        return Err(SignerFault::UnknownKey { key: key.to_string() });
    }
    let mut signer = Signer { database, name, options, authentic, tiles: None };
    let (client, _) = signer.connect().await?;
    let size = signer.check(&client).await?;
    drop(client);
    let (report, status) = watch::channel(Signed { tree_size: size, ..Signed::default() });
    let (finish, finished) = oneshot::channel();
    let task = tokio::spawn(async move { signer.run(head, report, finished).await });
    Ok(Signing { task, status, finish: Some(finish) })
}

struct Signer {
    database: Config,
    name: LogName,
    options: ProofOptions,
    authentic: Authenticity,
    /// The folder, while this process holds the lease.
    tiles: Option<TileFolder>,
}

impl Signer {
    async fn connect(&self) -> Result<(Client, JoinHandle<()>), SignerFault> {
        let (client, connection) = self.database.connect(NoTls).await?;
        let driver = tokio::spawn(async move {
            // The client sees the same error at its next statement.
            let _ = connection.await;
        });
        client.batch_execute("SET synchronous_commit = on").await?;
        Ok((client, driver))
    }

    async fn run(
        mut self,
        mut head: watch::Receiver<u64>,
        report: watch::Sender<Signed>,
        mut finished: oneshot::Receiver<()>,
    ) {
        loop {
            match self.hold_the_lease(&mut head, &report, &mut finished).await {
                Ok(()) => return,
                Err(fault) if fault.is_about_the_log() => {
                    tracing::error!(%fault, "the log is not signed any more");
                    report.send_modify(|signed| signed.stopped = Some(fault.to_string()));
                    return;
                }
                Err(fault) => tracing::warn!(%fault, "the log is not signed now; trying again"),
            }
            self.tiles = None;
            report.send_modify(|signed| signed.lease = false);
            tokio::select! {
                () = sleep(RETRY) => {}
                _ = &mut finished => return,
            }
        }
    }

    /// Signs until told to finish. The lease is a lock of the session in which checkpoints are recorded: a signer
    /// that lost it cannot record, and so does not publish.
    async fn hold_the_lease(
        &mut self,
        head: &mut watch::Receiver<u64>,
        report: &watch::Sender<Signed>,
        finished: &mut oneshot::Receiver<()>,
    ) -> Result<(), SignerFault> {
        let (client, _driver) = self.connect().await?;
        loop {
            let row = client.query_one("SELECT pg_try_advisory_lock($1)", &[&LEASE_KEY]).await?;
            if row.try_get(0)? {
                break;
            }
            tokio::select! {
                () = sleep(RETRY) => {}
                _ = &mut *finished => return Ok(()),
            }
        }
        let size = self.check(&client).await?;
        report.send_modify(|signed| (signed.lease, signed.tree_size) = (true, size));
        loop {
            let signed = self.sign_what_is_new(&client).await?;
            report.send_modify(|report| report.tree_size = signed.max(report.tree_size));
            // Also looks when nothing is new: a lease that was lost, or a log that was rewound, shows then.
            let growth = async {
                sleep(PACE).await;
                let _ = timeout(RETRY, head.wait_for(|size| *size > signed)).await;
            };
            tokio::select! {
                () = growth => {}
                _ = &mut *finished => return self.sign_before_the_end(&client).await,
            }
        }
    }

    /// There is no trying again at the end, and `finished` has been heard: only what is about the log goes up.
    async fn sign_before_the_end(&mut self, client: &Client) -> Result<(), SignerFault> {
        match self.sign_what_is_new(client).await {
            Err(fault) if fault.is_about_the_log() => Err(fault),
            Err(fault) => {
                tracing::warn!(%fault, "the newest events are not signed before the end");
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    /// Opens the folder at the last signed head, and holds the database against it.
    async fn check(&mut self, client: &Client) -> Result<u64, SignerFault> {
        let missing = if self.options.rebuild { Missing::Rebuilt } else { Missing::Refused };
        let before = compare(client, &self.name, &self.options.folder, missing).await?;
        let own_size = before.in_folder.as_ref().map_or(0, |head| head.tree_size);
        let folder = self.options.folder.clone();
        let tiles = spawn_blocking(move || TileFolder::open(&folder, own_size)).await;
        let tiles = tiles.map_err(|_| SignerFault::Ended)??;
        if before.in_folder.as_ref().is_some_and(|head| head.root != tiles.tree_root()) {
            return Err(TileFault::Damaged { path: self.options.folder.join("tile") }.into());
        }
        self.tiles = Some(tiles);
        let newest = newest_head(client).await?.map_or(0, |(size, _)| size);
        self.authentic.check(client, (before.tree_size(), newest)).await?;
        Ok(before.tree_size())
    }

    /// Signs the newest head where it is beyond the last signed one, and returns the size that is signed.
    async fn sign_what_is_new(&mut self, client: &Client) -> Result<u64, SignerFault> {
        let Some((size, root)) = newest_head(client).await? else { return Ok(0) };
        let mut tiles = self.tiles.take().ok_or(SignerFault::Ended)?;
        if size < tiles.size() {
            return Err(SignerFault::Rewound { signed: tiles.size(), found: size });
        }
        if size == tiles.size() && published(&self.options.folder)?.is_some() {
            self.tiles = Some(tiles);
            return Ok(size);
        }
        self.authentic.check(client, (tiles.size(), size)).await?;
        while tiles.size() < size {
            let leaves = leaf_hashes(client, tiles.size(), size.min(tiles.size() + PAGE)).await?;
            tiles = blocking(tiles, move |tiles| tiles.push(&leaves)).await?;
        }
        tiles = blocking(tiles, TileFolder::flush).await?;
        let root = match root {
            Some(root) => root,
            // A head from before roots were kept.
            None => range_at(client, &NodeStatements::prepare(client).await?, size).await?.root(),
        };
        if root != tiles.tree_root() {
            return Err(SignerFault::Inconsistent { size });
        }
        let note = self.signed_note(size, root).await?;
        let sql = "INSERT INTO caseledger.checkpoints (epoch, tree_size, note) VALUES ($1, $2, $3) \
                   ON CONFLICT DO NOTHING";
        client.execute(sql, &[&epoch_of(&self.name), &signed(size), &note]).await?;
        tiles = blocking(tiles, move |tiles| tiles.publish(&note)).await?;
        self.tiles = Some(tiles);
        Ok(size)
    }

    async fn signed_note(&self, tree_size: u64, root: Hash) -> Result<String, SignerFault> {
        let text = Checkpoint { origin: self.name.origin.clone(), tree_size, root }.text();
        let mut note = Note::try_new(text.clone())?;
        let signer = Arc::clone(&self.options.signer);
        let line = spawn_blocking(move || sign_text(signer.as_ref(), &text)).await;
        note.add(line.map_err(|_| SignerFault::Ended)??)?;
        Ok(note.to_string())
    }
}

/// Runs file work off the async threads.
async fn blocking(
    mut tiles: TileFolder,
    work: impl FnOnce(&mut TileFolder) -> Result<(), TileFault> + Send + 'static,
) -> Result<TileFolder, SignerFault> {
    let done = spawn_blocking(move || work(&mut tiles).map(|()| tiles)).await;
    Ok(done.map_err(|_| SignerFault::Ended)??)
}

async fn leaf_hashes(client: &Client, from: u64, to: u64) -> Result<Vec<Hash>, SignerFault> {
    let sql =
        "SELECT leaf_hash FROM caseledger.events WHERE position > $1 AND position <= $2 ORDER BY position";
    let rows = client.query(sql, &[&signed(from), &signed(to)]).await?;
    let hash = |(row, index): (&tokio_postgres::Row, u64)| -> Result<Hash, SignerFault> {
        let missing = NodesFault::Missing { height: 0, index };
        row.try_get::<_, &[u8]>(0)?.try_into().map_err(|_| missing.into())
    };
    let hashes: Vec<Hash> = rows.iter().zip(from..).map(hash).collect::<Result<_, _>>()?;
    let missing = NodesFault::Missing { height: 0, index: from + hashes.len() as u64 };
    if hashes.len() as u64 == to - from { Ok(hashes) } else { Err(missing.into()) }
}
