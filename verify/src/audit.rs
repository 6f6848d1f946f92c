//! What goes across the edges of sections: times, revisions, commands, heads, the tree and what was disposed of.
//!
//! Sections come in order, each once. The tree is built from the stored leaf hashes, because a disposed row has nothing else;
//! that each stored hash is the right one was seen when its section was read.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::CommandRuns;
use crate::finding::{Findings, Kind};
use crate::hash::Hash;
use crate::heads::{Head, Heads};
use crate::row::Id;
use crate::section::{Section, Seen, SystemEvent};
use crate::streams::{self, StreamEnd, Streams};
use crate::tree::Range;

/// What to look out for on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Sizes whose root is asked for.
    pub(crate) roots: BTreeSet<u64>,
    /// Positions whose leaf hash is asked for.
    pub(crate) leaves: BTreeSet<u64>,
    /// Sizes whose roster is asked for.
    pub(crate) rosters: BTreeSet<u64>,
    /// Stored hashes of complete subtrees, by height and index.
    pub(crate) subtrees: BTreeMap<(u32, u64), Hash>,
    /// The same as the tiles above the lowest level have them.
    pub(crate) in_tiles: BTreeMap<(u32, u64), Hash>,
}

/// What was seen on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sighted {
    pub(crate) roots: BTreeMap<u64, Hash>,
    pub(crate) leaves: BTreeMap<u64, Hash>,
    /// Number of streams and root of the roster at a size.
    pub(crate) rosters: BTreeMap<u64, (u64, Hash)>,
    /// Stored subtrees that were compared.
    pub(crate) subtrees: u64,
}

/// Revisions of a stream that were passed over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) stream: Id,
    /// The event after them.
    pub(crate) position: u64,
    /// How many revisions of the stream were passed over so far.
    pub(crate) skipped: u64,
}

/// The check of one log, as far as it has got.
#[derive(Debug)]
pub(crate) struct Audit {
    pub(crate) findings: Findings,
    pub(crate) tree: Range,
    pub(crate) streams: Streams,
    pub(crate) commands: CommandRuns,
    pub(crate) heads: Option<Heads>,
    pub(crate) wanted: Wanted,
    pub(crate) sighted: Sighted,
    pub(crate) system: Vec<SystemEvent>,
    /// The first position of each kind of event.
    pub(crate) kinds: BTreeMap<Vec<u8>, u64>,
    /// Disposed rows that nobody has been found to have signed for yet; a file does not say their stream.
    pub(crate) disposed_unsettled: Vec<(u64, Option<Id>)>,
    /// Disposed rows.
    pub(crate) disposed: Vec<u64>,
    /// Revisions that were passed over in a file, in which a disposed event says neither stream nor revision.
    pub(crate) gaps: Vec<Gap>,
    pub(crate) events: u64,
    /// Rows beyond those, at positions that have one already.
    pub(crate) repeated: u64,
    pub(crate) last_recorded_at: i64,
    /// Whether rows may come without stream and revision.
    pub(crate) unplaced: bool,
    /// The first position that is not there: no root from there on means anything.
    pub(crate) broken_at: Option<u64>,
}

impl Audit {
    /// A check from the first position on.
    pub(crate) fn new(examples: usize, wanted: Wanted) -> Self {
        Self {
            findings: Findings::new(examples),
            tree: Range::default(),
            streams: Streams::default(),
            commands: CommandRuns::default(),
            heads: None,
            wanted,
            sighted: Sighted::default(),
            system: Vec::new(),
            kinds: BTreeMap::new(),
            disposed_unsettled: Vec::new(),
            disposed: Vec::new(),
            gaps: Vec::new(),
            events: 0,
            repeated: 0,
            last_recorded_at: i64::MIN,
            unplaced: false,
            broken_at: None,
        }
    }

    /// Takes the next section; `levels` are those over its leaf hashes.
    pub(crate) fn absorb(&mut self, mut section: Section, levels: &[Vec<Hash>], heads: Vec<Head>) {
        section.rows.iter().for_each(|row| self.row(row));
        self.repeated += section.repeated;
        self.system.append(&mut section.system);
        for (kind, first) in section.kinds.drain() {
            self.kinds.entry(kind).or_insert(first);
        }
        let ended = self.take_heads(heads, section.last);
        if self.broken_at.is_none() && !section.is_whole() {
            self.broken_at = Some(first_hole(&section));
        }
        let sizes: Vec<u64> = ended.iter().map(|head| u64::try_from(head.tree_size).unwrap_or(0)).collect();
        let roots =
            if self.broken_at.is_none() { self.grow(&section, levels, &sizes) } else { BTreeMap::new() };
        self.compare_heads(&section, &ended, &roots);
        self.findings.merge(section.findings);
    }

    /// Takes the next positions, at which no event is stored.
    pub(crate) fn pass_over(&mut self, first: u64, last: u64) {
        self.broken_at.get_or_insert(first);
        self.findings.between(Kind::Missing, first, last, last - first + 1, "no row is there");
    }

    fn row(&mut self, row: &Seen) {
        let position = row.position;
        self.events += 1;
        let recorded_at = row.recorded_at.unwrap_or(self.last_recorded_at);
        if recorded_at < self.last_recorded_at {
            let detail = "it was recorded before the event that stands before it";
            let stream = row.place.map(|(stream, _, _)| stream);
            self.findings.at(Kind::Order, position, stream.as_ref(), detail);
        }
        self.last_recorded_at = self.last_recorded_at.max(recorded_at);
        if row.disposed {
            self.disposed_unsettled.push((position, row.place.map(|(stream, _, _)| stream)));
        }
        if let Some((stream, revision, command)) = row.place {
            self.extend(row, stream, revision);
            self.commands.event(command, position);
        }
        if self.wanted.leaves.contains(&position) {
            self.sighted.leaves.insert(position, row.leaf_hash);
        }
        if self.wanted.rosters.contains(&position) {
            let streams = u64::try_from(self.streams.len()).unwrap_or(u64::MAX);
            self.sighted.rosters.insert(position, (streams, self.streams.roster_root()));
        }
    }

    fn extend(&mut self, row: &Seen, stream: Id, revision: i32) {
        let (position, end) = (row.position, StreamEnd { revision, leaf_hash: row.leaf_hash });
        let Some(expected) = self.streams.extend(stream, end) else { return };
        match u64::try_from(i64::from(revision) - i64::from(expected)) {
            Ok(skipped) if self.unplaced => {
                let before =
                    self.gaps.iter().rev().find(|gap| gap.stream == stream).map_or(0, |gap| gap.skipped);
                self.gaps.push(Gap { stream, position, skipped: before + skipped });
            }
            _ => {
                let detail = format!("revision {revision} where {expected} comes next");
                self.findings.at(Kind::Order, position, Some(&stream), detail);
            }
        }
    }

    fn take_heads(&mut self, heads: Vec<Head>, last: u64) -> Vec<Head> {
        let Some(chain) = &mut self.heads else { return Vec::new() };
        heads.into_iter().for_each(|head| chain.head(head, &mut self.findings));
        chain.ended_by(last)
    }

    /// Grows the tree by a whole section; gives the roots at the sizes within it that are asked for.
    fn grow(&mut self, section: &Section, levels: &[Vec<Hash>], heads: &[u64]) -> BTreeMap<u64, Hash> {
        let before = section.first - 1;
        let asked = self.wanted.roots.range(section.first..=section.last).copied();
        let sizes: BTreeSet<u64> = asked.chain(heads.iter().copied()).collect();
        let aligned = levels.len() <= usize::try_from(before.trailing_zeros()).unwrap_or(0) + 1;
        let roots = if aligned {
            self.grow_by_levels(section, levels, &sizes)
        } else {
            self.grow_by_leaves(section, &sizes)
        };
        for size in self.wanted.roots.range(section.first..=section.last) {
            self.sighted.roots.extend(roots.get(size).map(|root| (*size, *root)));
        }
        roots
    }

    fn grow_by_levels(
        &mut self,
        section: &Section,
        levels: &[Vec<Hash>],
        sizes: &BTreeSet<u64>,
    ) -> BTreeMap<u64, Hash> {
        let before = section.first - 1;
        let count = |size: u64| usize::try_from(size - before).unwrap_or(0);
        let within = sizes.iter().filter(|size| **size < section.last);
        let peaks: Vec<Vec<Hash>> = within
            .clone()
            .map(|size| {
                let local = streams::pieces(levels, count(*size)).map(|(_, hash)| hash);
                self.tree.peaks().iter().copied().chain(local).collect()
            })
            .collect();
        let mut roots: BTreeMap<u64, Hash> = within.copied().zip(crate::tree::roots(peaks)).collect();
        self.compare_low_subtrees(section, levels);
        let mut high = Vec::new();
        streams::push_levels(&mut self.tree, levels, count(section.last), |height, index, hash| {
            high.push((height, index, *hash));
        });
        high.into_iter()
            .filter(|(height, _, _)| *height > LOW)
            .for_each(|(height, index, hash)| self.compare_subtree(height, index, &hash));
        roots.insert(section.last, self.tree.root());
        roots
    }

    fn grow_by_leaves(&mut self, section: &Section, sizes: &BTreeSet<u64>) -> BTreeMap<u64, Hash> {
        let mut roots = BTreeMap::new();
        for row in &section.rows {
            let mut completed = Vec::new();
            self.tree.push(0, row.leaf_hash, |height, index, hash| completed.push((height, index, *hash)));
            for (height, index, hash) in completed {
                self.compare_subtree(height, index, &hash);
            }
            if sizes.contains(&row.position) {
                roots.insert(row.position, self.tree.root());
            }
        }
        roots
    }

    /// Stored subtrees of the lowest height lie within sections.
    fn compare_low_subtrees(&mut self, section: &Section, levels: &[Vec<Hash>]) {
        let first = (section.first - 1) >> LOW;
        let low = levels.get(usize::try_from(LOW).unwrap_or(0)).map_or(&[][..], Vec::as_slice);
        for (index, hash) in (first..).zip(low) {
            self.compare_subtree(LOW, index, hash);
        }
    }

    fn compare_subtree(&mut self, height: u32, index: u64, hash: &Hash) {
        let (first, last) = ((index << height) + 1, (index + 1) << height);
        if let Some(stored) = self.wanted.subtrees.get(&(height, index)) {
            self.sighted.subtrees += 1;
            if stored != hash {
                let detail = "the rows do not lead to the stored subtree";
                self.findings.beside(Kind::RowChanged, first, last, detail);
            }
        }
        if self.wanted.in_tiles.get(&(height, index)).is_some_and(|in_tile| in_tile != hash) {
            let detail = format!("the rows do not lead to the hash in a tile of level {}", height / 8);
            self.findings.beside(Kind::ForkOrRollback, first, last, detail);
        }
    }

    fn compare_heads(&mut self, section: &Section, ended: &[Head], roots: &BTreeMap<u64, Hash>) {
        let Some(chain) = &mut self.heads else { return };
        for head in ended {
            let size = u64::try_from(head.tree_size).unwrap_or(0);
            let index = section.rows.partition_point(|row| row.position < size);
            let last = section.rows.get(index).filter(|row| row.position == size);
            let (recorded_at, root) = (last.and_then(|row| row.recorded_at), roots.get(&size).copied());
            chain.compare(head, recorded_at, root, &mut self.findings);
        }
    }
}

/// The lowest height of stored subtrees.
const LOW: u32 = 8;

fn first_hole(section: &Section) -> u64 {
    let mut positions = section.rows.iter().map(|row| row.position);
    (section.first..=section.last)
        .find(|position| positions.next() != Some(*position))
        .unwrap_or(section.first)
}
