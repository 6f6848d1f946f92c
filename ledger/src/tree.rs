//! The tree hash of RFC 6962 section 2.1 over a small list that fits in memory.
//!
//! It serves the field commitments of a sealed box, and is the slow and plain form that the log's own tree
//! (`proof`), which grows without holding its leaves, is tested against.

use crate::hash::{Hash, sha256};

/// Hash of a leaf's data.
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0], data])
}

/// Hash of an inner node.
pub(crate) fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// Root of the tree without leaves.
pub(crate) fn of_nothing() -> Hash {
    sha256(&[])
}

/// The largest power of two below `n`, for `n` of 2 or more: where the tree splits.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

/// Root over leaf hashes; over none it is the hash of nothing.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => of_nothing(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// Inclusion proof for the leaf at `index`, deepest first; `None` where there is no such leaf.
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    descend(leaves, index, &mut path);
    Some(path)
}

fn descend(leaves: &[Hash], index: usize, path: &mut Vec<Hash>) {
    if leaves.len() < 2 {
        return;
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    if index < at {
        descend(left, index, path);
        path.push(root(right));
    } else {
        descend(right, index - at, path);
        path.push(root(left));
    }
}

/// The root that a leaf and its inclusion proof lead to; `None` where the proof has the wrong length.
pub fn root_from_inclusion(leaf: Hash, index: usize, size: usize, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    if size == 1 {
        return path.is_empty().then_some(leaf);
    }
    let (last, rest) = path.split_last()?;
    let at = split(size);
    if index < at {
        Some(node(&root_from_inclusion(leaf, index, at, rest)?, last))
    } else {
        Some(node(last, &root_from_inclusion(leaf, index - at, size - at, rest)?))
    }
}
