//! The tree of RFC 6962 section 2.1 as it grows: only the roots of its complete subtrees are held.
//!
//! Pure. Invariant: `peaks` holds one hash for each bit that is set in `size`, the largest subtree first.

use crate::hash::Hash;
use crate::tree::{node, of_nothing};

/// Levels of the tree that are kept: every eighth, as tiles have them.
pub const TILE_HEIGHT: u32 = 8;

/// A complete subtree of `2^height` leaves that begins at leaf `index · 2^height`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    /// Height above the leaves; 0 is a leaf itself.
    pub height: u32,
    /// Place among the subtrees of this height, from 0.
    pub index: u64,
}

/// The tree over the first `size` leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    peaks: Vec<Hash>,
}

impl CompactRange {
    /// The tree over no leaf.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The tree whose complete subtrees, largest first, have these roots; `None` where their number is wrong.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == peaks_of(size).len()).then_some(Self { size, peaks })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf and reports every kept subtree that it completes, the lowest first.
    #[expect(clippy::missing_panics_doc, reason = "the invariant gives a peak for each bit")]
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(Subtree, Hash)) {
        let mut hash = leaf;
        let mut height = 0;
        while self.size >> height & 1 == 1 {
            let left = self.peaks.pop().expect("a peak for each bit of the size");
            hash = node(&left, &hash);
            height += 1;
            if height % TILE_HEIGHT == 0 {
                completed(Subtree { height, index: self.size >> height }, hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.peaks.iter().rev().copied().reduce(|right, left| node(&left, &right)).unwrap_or_else(of_nothing)
    }
}

/// The complete subtrees that a tree of this size is made of, largest first.
pub fn peaks_of(size: u64) -> Vec<Subtree> {
    let mut start = 0;
    let bits = (0..u64::BITS).rev().filter(|&height| size >> height & 1 == 1);
    bits.map(|height| {
        let peak = Subtree { height, index: start >> height };
        start += 1 << height;
        peak
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    fn leaf(index: u64) -> Hash {
        tree::leaf_hash(&index.to_be_bytes())
    }

    #[test]
    fn the_root_of_every_size_is_that_of_the_definition() {
        let leaves: Vec<Hash> = (0..600).map(leaf).collect();
        let mut range = CompactRange::empty();
        for (size, next) in leaves.iter().enumerate() {
            assert_eq!(range.root(), tree::root(&leaves[..size]), "size {size}");
            range.push(*next, |_, _| {});
        }
    }

    #[test]
    fn a_kept_subtree_is_reported_once_when_its_last_leaf_comes() {
        let leaves: Vec<Hash> = (0..66_000).map(leaf).collect();
        let mut range = CompactRange::empty();
        let mut kept = Vec::new();
        for next in &leaves {
            range.push(*next, |subtree, hash| kept.push((subtree, hash)));
        }
        let of_height = |height| kept.iter().filter(move |(subtree, _)| subtree.height == height);
        assert_eq!((of_height(8).count(), of_height(16).count(), kept.len()), (257, 1, 258));
        for (subtree, hash) in of_height(8) {
            let start = usize::try_from(subtree.index << subtree.height).unwrap();
            assert_eq!(*hash, tree::root(&leaves[start..start + 256]), "{subtree:?}");
        }
        assert_eq!(of_height(16).next().unwrap().1, tree::root(&leaves[..65_536]));
    }

    #[test]
    fn peaks_rebuild_the_range() {
        let mut range = CompactRange::empty();
        for index in 0..77 {
            range.push(leaf(index), |_, _| {});
        }
        let heights: Vec<u32> = peaks_of(77).iter().map(|peak| peak.height).collect();
        assert_eq!(heights, [6, 3, 2, 0]);
        assert_eq!(CompactRange::from_peaks(77, range.peaks.clone()), Some(range.clone()));
        assert_eq!(CompactRange::from_peaks(79, range.peaks), None);
    }
}
