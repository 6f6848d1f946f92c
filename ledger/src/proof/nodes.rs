//! Fetches the hashes of subtrees from the database: leaf hashes from the events, every eighth level from `subtrees`.
//!
//! A subtree of another height is folded from the level below it, so one fetch reads at most 256 hashes for each
//! kept level and each place in the tree.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use futures::future::try_join;
use thiserror::Error;
use tokio_postgres::{Client, Statement};

use super::path::Known;
use super::range::{CompactRange, Subtree, TILE_HEIGHT, peaks_of};
use crate::append::signed;
use crate::hash::Hash;
use crate::tree;

const LEAVES: &str = "SELECT 0::smallint, e.position - 1, e.leaf_hash \
                      FROM unnest($1::int8[], $2::int8[]) AS span (first, beyond) \
                      JOIN caseledger.events e ON e.position > span.first AND e.position <= span.beyond";
const SUBTREES: &str = "SELECT s.height, s.index, s.hash \
                        FROM unnest($1::int2[], $2::int8[], $3::int8[]) AS span (height, first, beyond) \
                        JOIN caseledger.subtrees s \
                        ON s.height = span.height AND s.index >= span.first AND s.index < span.beyond";

/// Why a hash of the tree cannot be had.
#[derive(Debug, Error)]
pub enum NodesFault {
    /// The database is away or refuses.
    #[error("reading the tree of the log")]
    Database {
        /// What it says.
        #[from]
        source: tokio_postgres::Error,
    },
    /// A hash is not there, or is no hash: the log is damaged. `caseledger verify` says where.
    #[error("the tree lacks the subtree of height {height} at {index}; run `caseledger verify`")]
    Missing {
        /// Its height.
        height: u32,
        /// Its place among those of this height.
        index: u64,
    },
}

/// The two statements, prepared for one connection.
#[derive(Clone, Debug)]
pub(crate) struct NodeStatements {
    leaves: Statement,
    subtrees: Statement,
}

impl NodeStatements {
    pub(crate) async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        let (leaves, subtrees) = try_join(client.prepare(LEAVES), client.prepare(SUBTREES)).await?;
        Ok(Self { leaves, subtrees })
    }

    /// The same on a pooled connection, which remembers its statements.
    pub(crate) async fn cached(client: &deadpool_postgres::Object) -> Result<Self, tokio_postgres::Error> {
        let (leaves, subtrees) =
            try_join(client.prepare_cached(LEAVES), client.prepare_cached(SUBTREES)).await?;
        Ok(Self { leaves, subtrees })
    }
}

/// The hashes of the wanted subtrees, and of those between them and what was read.
///
/// # Errors
/// [`NodesFault`].
pub(crate) async fn fetch(
    client: &Client,
    statements: &NodeStatements,
    wanted: &[Subtree],
) -> Result<Known, NodesFault> {
    let mut leaves = (Vec::new(), Vec::new());
    let mut kept = (Vec::new(), Vec::new(), Vec::new());
    for span in wanted.iter().map(|&subtree| Level::below(subtree)) {
        if span.height == 0 {
            leaves.0.push(signed(span.first));
            leaves.1.push(signed(span.beyond()));
        } else {
            kept.0.push(i16::try_from(span.height).expect("a height is below 64"));
            kept.1.push(signed(span.first));
            kept.2.push(signed(span.beyond()));
        }
    }
    let from_leaves = async {
        if leaves.0.is_empty() {
            return Ok(Vec::new());
        }
        client.query(&statements.leaves, &[&leaves.0, &leaves.1]).await
    };
    let from_kept = async {
        if kept.0.is_empty() {
            return Ok(Vec::new());
        }
        client.query(&statements.subtrees, &[&kept.0, &kept.1, &kept.2]).await
    };
    let (leaf_rows, kept_rows) = try_join(from_leaves, from_kept).await?;
    let mut found = BTreeMap::new();
    for row in leaf_rows.iter().chain(&kept_rows) {
        let (height, index): (i16, i64) = (row.try_get(0)?, row.try_get(1)?);
        let hash: Option<Hash> = row.try_get::<_, &[u8]>(2)?.try_into().ok();
        if let Some(hash) = hash {
            found.insert((u32::from(height.unsigned_abs()), index.unsigned_abs()), hash);
        }
    }
    let mut known = Known::new();
    for &subtree in wanted {
        Level::below(subtree).fold(&found, &mut known)?;
    }
    Ok(known)
}

/// What was fetched once of the complete subtrees of [`TILE_HEIGHT`] and more: they never change, and a proof shares
/// most of them with the proof before it. Of ten million events they take some 5 MB.
#[derive(Debug, Default)]
pub(crate) struct KeptNodes(Mutex<HashMap<Subtree, Hash>>);

impl KeptNodes {
    const MOST: usize = 1 << 18;

    /// The wanted subtrees of which nothing is to be fetched, and the others.
    pub(crate) fn split(&self, wanted: &[Subtree]) -> (Known, Vec<Subtree>) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut known, mut others) = (Known::new(), Vec::new());
        for &subtree in wanted {
            match kept.get(&subtree) {
                Some(&hash) => drop(known.insert(subtree, hash)),
                None => others.push(subtree),
            }
        }
        (known, others)
    }

    pub(crate) fn keep(&self, known: &Known) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() > Self::MOST {
            kept.clear();
        }
        kept.extend(known.iter().filter(|(subtree, _)| subtree.height >= TILE_HEIGHT));
    }
}

/// The tree over the first `size` leaves.
///
/// # Errors
/// [`NodesFault`].
pub(crate) async fn range_at(
    client: &Client,
    statements: &NodeStatements,
    size: u64,
) -> Result<CompactRange, NodesFault> {
    let wanted = peaks_of(size);
    let known = fetch(client, statements, &wanted).await?;
    let peaks = wanted.iter().filter_map(|peak| known.get(peak).copied()).collect();
    Ok(CompactRange::from_peaks(size, peaks).expect("a hash was fetched for every peak"))
}

/// The kept hashes that a subtree is folded from.
struct Level {
    height: u32,
    first: u64,
    count: u64,
}

impl Level {
    fn below(subtree: Subtree) -> Self {
        let above = subtree.height % TILE_HEIGHT;
        Self { height: subtree.height - above, first: subtree.index << above, count: 1 << above }
    }

    fn beyond(&self) -> u64 {
        self.first + self.count
    }

    /// Adds the hashes of all subtrees from this level up to the one over all of it.
    fn fold(&self, found: &BTreeMap<(u32, u64), Hash>, known: &mut Known) -> Result<(), NodesFault> {
        let hash = |index| {
            let missing = NodesFault::Missing { height: self.height, index };
            found.get(&(self.height, index)).copied().ok_or(missing)
        };
        let mut level: Vec<Hash> = (self.first..self.beyond()).map(hash).collect::<Result<_, _>>()?;
        let (mut height, mut first) = (self.height, self.first);
        loop {
            known.extend((first..).zip(&level).map(|(index, &hash)| (Subtree { height, index }, hash)));
            let (pairs, _) = level.as_chunks();
            if pairs.is_empty() {
                return Ok(());
            }
            level = pairs.iter().map(|[left, right]| tree::node(left, right)).collect();
            (height, first) = (height + 1, first >> 1);
        }
    }
}
