//! The tree of RFC 6962, `docs/ledger-format.md` section 8: a range that grows, and other people's proof checks.
//!
//! Proofs are checked by the `tlog_tiles` crate. The growing range is ours, because it takes leaf hashes (a disposed
//! event has nothing else) and must keep nothing but one hash a level.

use tlog_tiles::tlog;

use crate::hash::{Hash, sha256};

/// Hash of a leaf's data.
pub(crate) fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0], data])
}

/// Hash of a node over its two children.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// Whether a leaf hash stands at an index (from 0) of the tree of this size and root.
pub(crate) fn includes(root: &Hash, size: u64, index: u64, leaf: &Hash, proof: &[Hash]) -> bool {
    // The crate counts in signed numbers within; a tree of this size cannot be.
    if size > u64::MAX >> 1 || index >= size {
        return false;
    }
    let proof = proof.iter().map(|hash| tlog::Hash(*hash)).collect();
    tlog::check_record(&proof, size, tlog::Hash(*root), index, tlog::Hash(*leaf)).is_ok()
}

/// The left parts of a tree that grows: one hash for each one-bit of its size, the largest subtree first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    size: u64,
    peaks: Vec<Hash>,
}

impl Range {
    /// The range of a size that was kept; `None` where size and number of hashes do not fit.
    pub(crate) fn kept(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let fits = u32::try_from(peaks.len()).ok() == Some(size.count_ones());
        fits.then_some(Self { size, peaks })
    }

    /// How many leaves it covers.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// One hash for each one-bit of the size, the largest subtree first.
    pub(crate) fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds the root of a complete subtree of `2^height` leaves; each subtree that this completes is told, with its height
    /// and index. The size so far must be a multiple of `2^height`.
    pub(crate) fn push(&mut self, height: u32, hash: Hash, mut completed: impl FnMut(u32, u64, &Hash)) {
        debug_assert!(
            self.size.trailing_zeros() >= height || self.size == 0,
            "a subtree starts at a multiple of its size"
        );
        let (mut height, mut hash) = (height, hash);
        completed(height, self.size >> height, &hash);
        let added = 1 << height;
        while self.size >> height & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            height += 1;
            completed(height, self.size >> height, &hash);
        }
        self.peaks.push(hash);
        self.size += added;
    }

    /// The root at this size.
    pub(crate) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return sha256(&[]) };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The roots over several lists of peaks, the largest subtree first; each step of all lists is hashed together.
pub(crate) fn roots(mut peaks: Vec<Vec<Hash>>) -> Vec<Hash> {
    let mut rights: Vec<Hash> =
        peaks.iter_mut().map(|peaks| peaks.pop().unwrap_or_else(|| sha256(&[]))).collect();
    loop {
        let (mut children, mut indices) = (Vec::new(), Vec::new());
        for (index, (peaks, right)) in peaks.iter_mut().zip(&rights).enumerate() {
            if let Some(left) = peaks.pop() {
                children.extend([left, *right]);
                indices.push(index);
            }
        }
        if indices.is_empty() {
            return rights;
        }
        for (index, hash) in indices.into_iter().zip(crate::lanes::parents(&children)) {
            rights.get_mut(index).into_iter().for_each(|right| *right = hash);
        }
    }
}
