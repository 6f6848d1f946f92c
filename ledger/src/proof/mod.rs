//! The tree over the log, what is proved by it, and who signs it. `docs/ledger-format.md` sections 8 and 9.
//!
//! Invariant: a root is only ever computed from leaf hashes in position order, and the signer never signs one
//! that is inconsistent with one that it signed before.

mod batches;
mod checkpoint;
pub(crate) mod entries;
mod epoch;
pub(crate) mod fill;
mod log_name;
pub(crate) mod nodes;
mod path;
pub mod range;
mod signed_before;
mod signer;
mod tiles;

use domain::envelope::EventContext;
use domain::events::custody::LogKeyRegistered;
use domain::ids::{LedgerId, Position};
use thiserror::Error;

use crate::append::Recorded;
use crate::hash::Hash;
use crate::ledger::Ledger;
use crate::notes::{Sign, SignFault};
use crate::officers::{CarryOutFault, CustodyFault};
use crate::read::ReadFault;
use nodes::{NodeStatements, NodesFault, fetch};
use path::Span;
use range::Subtree;

pub(crate) use batches::Authenticity;
pub use checkpoint::{Checkpoint, CheckpointFault};
pub use entries::{LeafBytes, TilePath};
pub use epoch::{Break, EpochFault};
pub use log_name::LogName;
pub use signer::{ProofOptions, Signed, SignerFault, Signing};
pub use tiles::{TILE_WIDTH, TileFault, tile_path};

/// Proof that a leaf stands in the tree of a size: the other hashes on the way to the root, deepest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Index of the leaf: the position less one.
    pub index: u64,
    /// Size of the tree.
    pub tree_size: u64,
    /// The hashes.
    pub path: Vec<Hash>,
}

/// Proof that the tree of one size is the beginning of the tree of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// The smaller size.
    pub from: u64,
    /// The larger size.
    pub to: u64,
    /// The hashes, in the order of RFC 6962 section 2.1.2; empty where the sizes are the same.
    pub path: Vec<Hash>,
}

/// What a caller keeps of an event: with it a later change of the log can be shown, also before it is signed.
/// The next checkpoint covers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The ledger.
    pub ledger: LedgerId,
    /// The epoch in which the event was recorded.
    pub epoch: u32,
    /// Where it stands.
    pub position: Position,
    /// Its leaf hash.
    pub leaf_hash: Hash,
    /// Size of the log after the batch that it was written in.
    pub tree_size: u64,
    /// Root of the tree of that size; absent for batches of a program that kept no tree yet.
    pub root: Option<Hash>,
}

/// Why something cannot be proved.
#[derive(Debug, Error)]
pub enum ProofFault {
    /// The database cannot be read from.
    #[error("reading the log's tree")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// A hash of the tree cannot be had.
    #[error("the log's tree")]
    Nodes {
        /// Why.
        #[from]
        source: NodesFault,
    },
    /// There is no tree of this size, or no such leaf in it.
    #[error("no proof for {asked} in a tree of size {tree_size}: the log has {head} events")]
    OutOfRange {
        /// The position, or the smaller size.
        asked: u64,
        /// The size that was asked for.
        tree_size: u64,
        /// Size of the log.
        head: u64,
    },
}

/// Why a key of the log is not registered.
#[derive(Debug, Error)]
pub enum RegisterFault {
    /// The system stream.
    #[error("registering a key of the log")]
    Custody {
        /// Why.
        #[from]
        source: CustodyFault,
    },
    /// It could not be recorded.
    #[error("registering a key of the log")]
    Record {
        /// Why.
        #[from]
        source: CarryOutFault,
    },
    /// A signer does not sign.
    #[error("registering a key of the log")]
    Sign {
        /// Why.
        #[from]
        source: SignFault,
    },
    /// The key that signs now has to sign the registration of the one that follows it.
    #[error("the registration has to be signed by the present key of the log, which is {present}")]
    NotThePresentKey {
        /// The present key, or `none`.
        present: String,
    },
}

impl Ledger {
    /// Takes part in signing: one process of a ledger signs, the others wait to take over. From here on nothing is
    /// appended through this handle once the log turns out not to be the one that was signed.
    ///
    /// # Errors
    /// [`SignerFault`]; an older or another database than was signed is found here, before anything is appended.
    pub async fn start_signing(&self, options: ProofOptions) -> Result<Signing, SignerFault> {
        self.checked_custody().await.map_err(Box::new)?;
        let name = self.log_name().await.map_err(Box::new)?;
        let signing =
            signer::start(self.database().clone(), name, options, (self.authenticity(), self.seen())).await?;
        self.heed(signing.status());
        Ok(signing)
    }

    /// Registers the key that signs from now on: the first one, or one that follows the present one, which then has
    /// to sign as well.
    ///
    /// # Errors
    /// [`RegisterFault`].
    pub async fn register_log_key(
        &self,
        new: &dyn Sign,
        previous: Option<&dyn Sign>,
    ) -> Result<Recorded, RegisterFault> {
        let custody = self.custody().await?;
        let present = self.log_name().await?.keys.pop();
        if present.as_ref() != previous.map(Sign::verifier) {
            let present = present.map_or_else(|| "none".to_owned(), |key| key.to_string());
            return Err(RegisterFault::NotThePresentKey { present });
        }
        let text = log_name::registration_text(self.id(), present.as_ref(), new.verifier());
        let registered = LogKeyRegistered {
            key: new.verifier().to_string(),
            previous: present.map(|key| key.to_string()),
            signature_previous: previous.map(|key| log_name::signature(key, &text)).transpose()?,
            signature_new: log_name::signature(new, &text)?,
        };
        let by = EventContext::new(self.id().0, "ledger");
        Ok(self.record_custody(&custody, vec![registered.into()], &by, self.now()).await?)
    }

    /// The newest signed head, as the whole note with the witnesses' lines; `None` before the first.
    ///
    /// # Errors
    /// [`ProofFault`].
    pub async fn checkpoint(&self) -> Result<Option<String>, ProofFault> {
        let client = self.reader().connection().await.map_err(ProofFault::from)?;
        let sql = "SELECT c.note || coalesce((SELECT string_agg(w.line || E'\\n', '' ORDER BY w.line) \
                   FROM caseledger.cosignatures w WHERE (w.epoch, w.tree_size) = (c.epoch, c.tree_size)), '') \
                   FROM caseledger.checkpoints c ORDER BY c.epoch DESC, c.tree_size DESC LIMIT 1";
        let row = client.query_opt(sql, &[]).await.map_err(ReadFault::from)?;
        Ok(row.map(|row| row.try_get(0)).transpose().map_err(ReadFault::from)?)
    }

    /// One receipt for each event of a command, in position order.
    pub fn receipts(&self, recorded: &Recorded) -> Vec<Receipt> {
        let receipt = |(position, &leaf_hash)| Receipt {
            ledger: self.id(),
            epoch: recorded.epoch,
            position: Position(position),
            leaf_hash,
            tree_size: recorded.tree_size,
            root: recorded.root,
        };
        (recorded.first_position.0..).zip(&recorded.leaf_hashes).map(receipt).collect()
    }

    /// The root of the tree over positions 1 to `size`; `size` may be 0.
    ///
    /// # Errors
    /// [`ProofFault`]; [`ProofFault::OutOfRange`] beyond the end of the log.
    pub async fn root_at(&self, size: u64) -> Result<Hash, ProofFault> {
        self.check_size(size, size).await?;
        if size == 0 {
            return Ok(crate::tree::of_nothing());
        }
        let root = self.hashes(&[path::whole(size)]).await?;
        Ok(root.first().copied().unwrap_or_else(crate::tree::of_nothing))
    }

    /// Proof that a position stands in the tree of a size.
    ///
    /// # Errors
    /// [`ProofFault`]; [`ProofFault::OutOfRange`] where the position is 0 or above the size, or the size beyond
    /// the end of the log.
    pub async fn inclusion(&self, position: Position, tree_size: u64) -> Result<InclusionProof, ProofFault> {
        self.check_size(position.0, tree_size).await?;
        let Some(index) = position.0.checked_sub(1) else {
            return Err(ProofFault::OutOfRange { asked: 0, tree_size, head: tree_size });
        };
        let path = self.hashes(&path::inclusion(index, tree_size)).await?;
        Ok(InclusionProof { index, tree_size, path })
    }

    /// Proof that the log of size `from` is the beginning of the log of size `to`.
    ///
    /// # Errors
    /// [`ProofFault`]; [`ProofFault::OutOfRange`] where `from` is above `to`, or `to` beyond the end of the log.
    pub async fn consistency(&self, from: u64, to: u64) -> Result<ConsistencyProof, ProofFault> {
        self.check_size(from, to).await?;
        let path = self.hashes(&path::consistency(from, to)).await?;
        Ok(ConsistencyProof { from, to, path })
    }

    async fn check_size(&self, asked: u64, tree_size: u64) -> Result<(), ProofFault> {
        let head = self.head().await?.position.0;
        if asked > tree_size || tree_size > head {
            return Err(ProofFault::OutOfRange { asked, tree_size, head });
        }
        Ok(())
    }

    async fn hashes(&self, spans: &[Span]) -> Result<Vec<Hash>, ProofFault> {
        let wanted: Vec<Subtree> = spans.iter().flat_map(|span| span.subtrees()).collect();
        let (mut known, others) = self.kept_nodes().split(&wanted);
        if !others.is_empty() {
            let client = self.reader().connection().await?;
            let statements = NodeStatements::cached(&client).await.map_err(NodesFault::from)?;
            let mut fetched = fetch(&client, &statements, &others).await?;
            self.kept_nodes().keep(&fetched);
            known.append(&mut fetched);
        }
        Ok(spans.iter().map(|span| span.hash(&known).expect("every subtree was fetched")).collect())
    }
}
