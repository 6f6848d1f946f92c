//! The oracle's own tree of RFC 6962, written without a look at the ledger's: a stack of complete subtrees, and the
//! check of an inclusion proof as RFC 9162 section 2.1.3.2 words it.

use ledger::Hash;
use sha2::{Digest as _, Sha256};

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Leaf hashes in order, and the root at every size.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    complete: Vec<(u32, Hash)>,
    roots: Vec<Hash>,
}

impl Tree {
    pub(super) fn push(&mut self, leaf: Hash) {
        let (mut height, mut hash) = (0, leaf);
        while let Some((_, left)) = self.complete.pop_if(|(top, _)| *top == height) {
            hash = node(&left, &hash);
            height += 1;
        }
        self.complete.push((height, hash));
        let mut right_to_left = self.complete.iter().rev().map(|(_, hash)| *hash);
        if let Some(last) = right_to_left.next() {
            self.roots.push(right_to_left.fold(last, |right, left| node(&left, &right)));
        }
    }

    /// Number of leaves.
    pub(super) fn size(&self) -> u64 {
        self.roots.len() as u64
    }

    /// The root over the first `size` leaves; `None` where there are fewer, or none.
    pub(super) fn root_at(&self, size: u64) -> Option<Hash> {
        let last = usize::try_from(size).ok()?.checked_sub(1)?;
        self.roots.get(last).copied()
    }
}

/// Whether the path leads from a leaf to the root.
pub(super) fn includes(leaf: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node_index, mut last_index, mut hash) = (index, size - 1, leaf);
    for step in path {
        if last_index == 0 {
            return false;
        }
        if node_index & 1 == 1 || node_index == last_index {
            hash = node(step, &hash);
            while node_index & 1 == 0 && node_index != 0 {
                node_index >>= 1;
                last_index >>= 1;
            }
        } else {
            hash = node(&hash, step);
        }
        node_index >>= 1;
        last_index >>= 1;
    }
    last_index == 0 && hash == root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_and_proofs_agree_with_the_plain_form() {
        let leaves: Vec<Hash> = (0..70_u8).map(|n| ledger::tree::leaf_hash(&[n])).collect();
        let mut tree = Tree::default();
        for (size, leaf) in (1_u64..).zip(&leaves) {
            tree.push(*leaf);
            let beginning = &leaves[..usize::try_from(size).unwrap()];
            let root = ledger::tree::root(beginning);
            assert_eq!(tree.root_at(size), Some(root));
            for (index, leaf) in (0_u64..).zip(beginning) {
                let path = ledger::tree::inclusion(beginning, usize::try_from(index).unwrap()).unwrap();
                assert!(includes(*leaf, index, size, &path, root));
                assert!(!includes([0; 32], index, size, &path, root));
                assert!(!includes(*leaf, index + 1, size, &path, root), "{index} of {size}");
            }
        }
        assert_eq!((tree.size(), tree.root_at(0), tree.root_at(71)), (70, None, None));
    }
}
