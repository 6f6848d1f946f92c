//! The end of each stream so far: revisions follow each other, and a roster is a tree over these ends.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::hash::Hash;
use crate::lanes::{self, Messages};
use crate::row::Id;
use crate::tree::Range;

/// Where a stream has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamEnd {
    pub(crate) revision: i32,
    pub(crate) leaf_hash: Hash,
}

/// The ends of all streams.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams {
    ends: HashMap<Id, StreamEnd, BuildHasherDefault<IdHasher>>,
}

impl Streams {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Moves a stream's end to the given event; gives the revision that it should have had where it is another one.
    pub(crate) fn extend(&mut self, stream: Id, end: StreamEnd) -> Option<i32> {
        let before = self.ends.insert(stream, end).map_or(0, |before| before.revision);
        let expected = before.saturating_add(1);
        (end.revision != expected).then_some(expected)
    }

    /// Takes an end from a kept state.
    pub(crate) fn restore(&mut self, stream: Id, end: StreamEnd) {
        self.ends.insert(stream, end);
    }

    /// All ends, ascending by stream.
    pub(crate) fn sorted(&self) -> Vec<(Id, StreamEnd)> {
        let mut ends: Vec<(Id, StreamEnd)> = self.ends.iter().map(|(stream, end)| (*stream, *end)).collect();
        ends.sort_unstable_by_key(|(stream, _)| *stream);
        ends
    }

    /// The roster's root over these ends, `docs/ledger-format.md` section 9.
    pub(crate) fn roster_root(&self) -> Hash {
        let mut leaves = Messages::default();
        for (stream, end) in self.sorted() {
            leaves.push(|out| {
                out.push(0);
                out.extend_from_slice(&roster_leaf(&stream, &end));
            });
        }
        let mut range = Range::default();
        let mut level = leaves.hashes();
        // Complete parts by lanes; the ragged right edge one by one.
        let whole = level.len();
        let mut levels = Vec::new();
        while level.len() > 1 {
            let above = lanes::parents(&level);
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        push_levels(&mut range, &levels, whole, |_, _, _| {});
        range.root()
    }
}

/// The leaf data of one stream in a roster: 60 bytes.
pub(crate) fn roster_leaf(stream: &Id, end: &StreamEnd) -> Vec<u8> {
    [b"CL1ROSTR".as_slice(), stream, &end.revision.to_be_bytes(), &end.leaf_hash].concat()
}

/// Adds `count` leaves to a range by their largest complete subtrees. `levels` are the complete levels over these leaves,
/// and the range's size is a multiple of the largest subtree among them.
pub(crate) fn push_levels(
    range: &mut Range,
    levels: &[Vec<Hash>],
    count: usize,
    mut completed: impl FnMut(u32, u64, &Hash),
) {
    for (height, hash) in pieces(levels, count) {
        range.push(height, hash, &mut completed);
    }
}

/// The largest complete subtrees of the first `count` leaves, left to right, with their heights.
pub(crate) fn pieces(levels: &[Vec<Hash>], count: usize) -> impl Iterator<Item = (u32, Hash)> {
    let mut offset = 0_usize;
    (0..usize::BITS).rev().filter(move |height| count >> height & 1 == 1).filter_map(move |height| {
        let index = offset >> height;
        offset += 1 << height;
        let level = levels.get(usize::try_from(height).ok()?)?;
        Some((height, *level.get(index)?))
    })
}

/// Stream ids are random; eight of their bytes, stirred, are hash enough for a table that nobody outside can slow down
/// by more than a verification that takes longer.
#[derive(Debug, Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            self.0 = (self.0.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}
