//! After a break: the database is older than what was signed, or another one. Two officers may let the log go on under a
//! new name; what was signed before, and what is lost, then stand in the log for ever.

use std::path::Path;

use domain::envelope::EventContext;
use domain::events::custody::EpochOpened;
use domain::ids::Position;
use thiserror::Error;
use tokio::task::spawn_blocking;

use super::checkpoint::{Checkpoint, CheckpointFault};
use super::tiles::{TileFault, TileFolder, published};
use super::{LogName, ProofFault};
use crate::append::{AppendError, Recorded};
use crate::hash::Hash;
use crate::ledger::{Ledger, OpenFault};
use crate::officers::{Action, CarryOutFault, Custody, CustodyFault, RequestFault};
use crate::read::ReadFault;

/// Leaf hashes that are compared at once.
const PAGE: u64 = 10_000;

/// What was signed and what was found instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The last head that was signed.
    pub signed: Checkpoint,
    /// The whole note that it stands in.
    pub note: String,
    /// Size of the log as it was found.
    pub found: u64,
    /// First position that was signed for and is not there, or is another event now.
    pub lost_from: Position,
}

/// Why no epoch is opened.
#[derive(Debug, Error)]
pub enum EpochFault {
    /// The log is the one that was signed: there is nothing to go on from.
    #[error("the log is the one that was signed; no new epoch is needed")]
    Unbroken,
    /// Nothing was ever signed here.
    #[error("there is no signed head in {folder} to compare the log with")]
    NothingSigned {
        /// The proof folder.
        folder: String,
    },
    /// The proof folder cannot be read.
    #[error("comparing the log with what was signed")]
    Folder {
        /// Why.
        #[from]
        source: TileFault,
    },
    /// The last checkpoint cannot be read.
    #[error("the last signed head")]
    Checkpoint {
        /// Why.
        #[from]
        source: CheckpointFault,
    },
    /// The last checkpoint is not signed by a key of the log.
    #[error("the last signed head is not signed by a key of this log")]
    Unsigned,
    /// The log cannot be read.
    #[error("comparing the log with what was signed")]
    Proof {
        /// Why.
        #[from]
        source: ProofFault,
    },
    /// The officers' request asks for something else than the break that was found.
    #[error("the request is about another break; prepare a new one with `caseledger epoch prepare`")]
    OtherBreak,
    /// It is not carried out.
    #[error(transparent)]
    Refused(#[from] CarryOutFault),
    /// The system stream.
    #[error(transparent)]
    Custody(#[from] CustodyFault),
    /// The ledger cannot be opened in the new epoch.
    #[error("opening the ledger in the new epoch")]
    Open {
        /// Why.
        #[from]
        source: Box<OpenFault>,
    },
}

impl Ledger {
    /// Compares the log with what the proof folder says was signed.
    ///
    /// # Errors
    /// [`EpochFault`]; [`EpochFault::Unbroken`] where the log only goes on from what was signed.
    pub async fn find_break(&self, folder: &Path) -> Result<Break, EpochFault> {
        let note = published(folder)?
            .ok_or_else(|| EpochFault::NothingSigned { folder: folder.display().to_string() })?;
        let (signed, parsed) = Checkpoint::of_note(&note)?;
        let name = self.log_name().await?;
        if !name.keys.iter().any(|key| parsed.is_signed_by(key) == Some(true)) {
            return Err(EpochFault::Unsigned);
        }
        let found = self.head().await.map_err(ProofFault::from)?.position.0;
        if found >= signed.tree_size && self.root_at(signed.tree_size).await? == signed.root {
            return Err(EpochFault::Unbroken);
        }
        let lost_from = Position(self.agrees_up_to(folder, signed.tree_size.min(found)).await? + 1);
        Ok(Break { signed, note, found, lost_from })
    }

    /// The last position up to which the log has the leaf hashes of the tiles.
    async fn agrees_up_to(&self, folder: &Path, limit: u64) -> Result<u64, EpochFault> {
        let mut from = 0;
        while from < limit {
            let to = limit.min(from + PAGE);
            let folder = folder.to_owned();
            let tiles = spawn_blocking(move || TileFolder::leaves(&folder, from, to)).await;
            let tiles: Vec<Hash> =
                tiles.unwrap_or_else(|stopped| std::panic::resume_unwind(stopped.into_panic()))?;
            let log = self.leaf_hashes(from, to).await?;
            let same = tiles.iter().zip(&log).take_while(|(tile, row)| tile == row).count();
            let same = from + u64::try_from(same).unwrap_or(u64::MAX);
            if same < to {
                return Ok(same);
            }
            from = to;
        }
        Ok(limit)
    }

    async fn leaf_hashes(&self, from: u64, to: u64) -> Result<Vec<Hash>, ProofFault> {
        let client = self.reader().connection().await?;
        let sql = "SELECT leaf_hash FROM caseledger.events WHERE position > $1 AND position <= $2 ORDER BY position";
        let parameters = [from, to].map(crate::append::signed);
        let rows = client.query(sql, &[&parameters[0], &parameters[1]]).await.map_err(ReadFault::from)?;
        let hash = |row: &tokio_postgres::Row| {
            Ok::<Hash, ReadFault>(row.try_get::<_, &[u8]>(0)?.try_into().unwrap_or_default())
        };
        Ok(rows.iter().map(hash).collect::<Result<_, _>>()?)
    }

    /// What two officers have to sign to let the log go on after this break.
    pub fn epoch_action(found: &Break, reason: domain::events::Code) -> Action {
        Action::OpenEpoch {
            origin: found.signed.origin.clone(),
            size: found.signed.tree_size,
            root: found.signed.root,
            head_size: found.found,
            reason,
        }
    }

    /// Opens a new epoch: its first event holds the last signed head, what is lost, and the officers' request. The
    /// proof folder of the former epoch is to be put aside afterwards, and a key of the new name registered.
    ///
    /// # Errors
    /// [`EpochFault`]; nothing is recorded then.
    pub async fn open_epoch(&self, folder: &Path, request: &str) -> Result<(Self, Recorded), EpochFault> {
        let found = self.find_break(folder).await?;
        let custody = self.custody().await?;
        let signed = custody.check_new(request).map_err(CarryOutFault::from)?;
        let Action::OpenEpoch { reason, .. } = &signed.request.action else {
            let other =
                RequestFault::OtherAction { expected: "open-epoch", found: signed.request.action.name() };
            return Err(CarryOutFault::from(other).into());
        };
        if signed.request.action != Self::epoch_action(&found, reason.clone()) {
            return Err(EpochFault::OtherBreak);
        }
        let opened = opened(&self.log_name().await?, found, signed.text);
        let next = self.reopened_in(opened.epoch).await.map_err(Box::new)?;
        self.check_store_before_epoch().await?;
        let recorded = next.record_epoch(&custody, opened).await?;
        Ok((next, recorded))
    }

    async fn record_epoch(&self, custody: &Custody, opened: EpochOpened) -> Result<Recorded, CarryOutFault> {
        let by = EventContext::new(self.id().0, "ledger");
        // The first event of the epoch: nothing may come before it, not even a note about the key store.
        let command = self.custody_command(custody, vec![opened.into()], &by, self.now())?;
        Ok(self.append_admitted(command).await?)
    }

    /// What follows the epoch's first event needs the key store; nothing is begun where it is not in order.
    async fn check_store_before_epoch(&self) -> Result<(), CarryOutFault> {
        let problems = self.key_store_problems().await.map_err(|fault| AppendError::from(Box::new(fault)))?;
        match problems.into_iter().next() {
            Some(problem) => Err(AppendError::from(Box::new(problem.into())).into()),
            None => Ok(()),
        }
    }
}

fn opened(name: &LogName, found: Break, request: String) -> EpochOpened {
    let epoch = name.epoch + 1;
    let (first, _) = name.origin.rsplit_once("/e").filter(|_| name.epoch > 1).unwrap_or((&name.origin, ""));
    let lost = found.lost_from.0 <= found.signed.tree_size;
    EpochOpened {
        epoch,
        origin: format!("{first}/e{epoch}"),
        previous_origin: name.origin.clone(),
        last_checkpoint: found.note,
        size_found: found.found,
        lost_from: lost.then_some(found.lost_from.0),
        lost_to: lost.then_some(found.signed.tree_size),
        request,
    }
}
