//! Which subtrees a proof is made of, and the proof once their hashes are known. RFC 6962 sections 2.1.1 and 2.1.2.
//!
//! Pure. A path is a list of ranges of leaves; a range that is cut off by the tree's right edge is folded from
//! the complete subtrees that it is made of.

use std::collections::BTreeMap;

use super::range::Subtree;
use crate::hash::Hash;
use crate::tree::node;

/// Leaves `start` to `end`, the end not included, as one node of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: u64,
    end: u64,
}

/// Hashes of complete subtrees, as far as they were fetched.
pub(crate) type Known = BTreeMap<Subtree, Hash>;

impl Span {
    /// The complete subtrees that it is made of, from left to right. A node of a tree begins at a multiple of
    /// the largest of them.
    pub(crate) fn subtrees(self) -> Vec<Subtree> {
        let mut found = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let height = (self.end - start).ilog2();
            found.push(Subtree { height, index: start >> height });
            start += 1 << height;
        }
        found
    }

    /// Its hash; `None` where a subtree is not known.
    pub(crate) fn hash(self, known: &Known) -> Option<Hash> {
        let mut hashes = self.subtrees().into_iter().rev().map(|subtree| known.get(&subtree).copied());
        let last = hashes.next()??;
        hashes.try_fold(last, |right, left| Some(node(&left?, &right)))
    }
}

/// The whole tree of a size.
pub(crate) fn whole(size: u64) -> Span {
    Span { start: 0, end: size }
}

/// The inclusion proof for the leaf at `index` in the tree of `size`, deepest first.
pub(crate) fn inclusion(index: u64, size: u64) -> Vec<Span> {
    let mut path = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(Span { start: middle, end });
            end = middle;
        } else {
            path.push(Span { start, end: middle });
            start = middle;
        }
    }
    path.reverse();
    path
}

/// The consistency proof from the tree of size `old` to that of size `new`, in the RFC's order; empty where
/// either is empty or both are the same.
pub(crate) fn consistency(old: u64, new: u64) -> Vec<Span> {
    if old == 0 || old >= new {
        return Vec::new();
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, new);
    // Whether the old tree is a node of its own here, whose hash the verifier has.
    let mut known = true;
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(Span { start: middle, end });
            end = middle;
        } else {
            path.push(Span { start, end: middle });
            start = middle;
            known = false;
        }
    }
    if !known {
        path.push(Span { start, end });
    }
    path.reverse();
    path
}

/// Where a tree of two or more leaves splits: the largest power of two below its size.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|index| tree::leaf_hash(&index.to_be_bytes())).collect()
    }

    fn everything(leaves: &[Hash]) -> Known {
        let mut known = Known::new();
        let count = leaves.len() as u64;
        for height in 0..=count.ilog2() {
            for index in 0..count >> height {
                let subtree = Subtree { height, index };
                let start = usize::try_from(subtree.index << subtree.height).unwrap();
                known.insert(subtree, tree::root(&leaves[start..start + (1 << height)]));
            }
        }
        known
    }

    fn hashes(path: &[Span], known: &Known) -> Vec<Hash> {
        path.iter().map(|span| span.hash(known).expect("every subtree is known")).collect()
    }

    #[test]
    fn every_inclusion_proof_up_to_size_70_is_that_of_the_definition() {
        let all = leaves(70);
        let known = everything(&all);
        for size in 1..=70_usize {
            for index in 0..size {
                let path = inclusion(index as u64, size as u64);
                assert_eq!(
                    Some(hashes(&path, &known)),
                    tree::inclusion(&all[..size], index),
                    "{index}/{size}"
                );
            }
        }
    }

    /// RFC 6962 section 2.1.2 word for word, over hashes that are all at hand.
    fn subproof(old: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
        if old == leaves.len() {
            return if known { vec![] } else { vec![tree::root(leaves)] };
        }
        let middle = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(middle);
        if old <= middle {
            [subproof(old, left, known), vec![tree::root(right)]].concat()
        } else {
            [subproof(old - middle, right, false), vec![tree::root(left)]].concat()
        }
    }

    #[test]
    fn every_consistency_proof_up_to_size_70_is_that_of_the_definition() {
        let all = leaves(70);
        let known = everything(&all);
        for new in 1..=70_usize {
            for old in 1..=new {
                let path = consistency(old as u64, new as u64);
                let path = hashes(&path, &known);
                assert_eq!(path, subproof(old, &all[..new], true), "{old} to {new}");
                let roots = [old, new].map(|size| tree::root(&all[..size]));
                let holds = |path: &[Hash], [from, to]: [Hash; 2]| {
                    tree::is_consistent(old as u64, new as u64, from, to, path)
                };
                assert!(holds(&path, roots), "{old} to {new}");
                assert!(!holds(&path, [roots[0], [0; 32]]), "{old} to {new}: another new root");
                assert!(!holds(&path, [[0; 32], roots[1]]), "{old} to {new}: another old root");
                assert!(
                    !holds(&[path.clone(), vec![[0; 32]]].concat(), roots),
                    "{old} to {new}: one hash more"
                );
                for changed in 0..path.len() {
                    let mut path = path.clone();
                    path[changed][0] ^= 1;
                    assert!(!holds(&path, roots), "{old} to {new}: hash {changed} changed");
                }
                if let Some((_, shorter)) = path.split_last() {
                    assert!(!holds(shorter, roots), "{old} to {new}: one hash less");
                }
            }
        }
    }

    #[test]
    fn the_whole_tree_is_its_root() {
        let all = leaves(100);
        let known = everything(&all);
        for size in 1..=100_usize {
            assert_eq!(whole(size as u64).hash(&known), Some(tree::root(&all[..size])));
        }
    }
}
