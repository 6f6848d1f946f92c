//! The tree hash of RFC 6962 section 2.1 over a small list that fits in memory.
//!
//! It serves the field commitments of a sealed box, and is the slow and plain form that the log's own tree
//! (`proof`), which grows without holding its leaves, is tested against.

use crate::hash::{Hash, sha256};

/// Hash of a leaf's data.
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&leaf_message(data))
}

/// What is hashed for [`leaf_hash`].
pub(crate) fn leaf_message(data: &[u8]) -> [&[u8]; 2] {
    [&[0], data]
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

/// Whether a consistency proof leads from the old root to the new one: RFC 9162 section 2.1.4.2, which checks the
/// proofs of RFC 6962 section 2.1.2.
pub fn is_consistent(old: u64, new: u64, old_root: Hash, new_root: Hash, path: &[Hash]) -> bool {
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return path.is_empty();
    }
    let Some(last) = new.checked_sub(1).filter(|_| old < new) else { return false };
    // Where the old tree is a subtree of the new one, its root is the first hash, and is left out.
    let (first, rest) = match path.split_first() {
        _ if old.is_power_of_two() => (old_root, path),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    let shift = (old - 1).trailing_ones();
    let (mut at, mut end) = ((old - 1) >> shift, last >> shift);
    let (mut from, mut to) = (first, first);
    for hash in rest {
        if end == 0 {
            return false;
        }
        if at & 1 == 1 || at == end {
            from = node(hash, &from);
            to = node(hash, &to);
            while at & 1 == 0 && at != 0 {
                (at, end) = (at >> 1, end >> 1);
            }
        } else {
            to = node(&to, hash);
        }
        (at, end) = (at >> 1, end >> 1);
    }
    end == 0 && from == old_root && to == new_root
}
