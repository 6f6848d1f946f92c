//! Rows of `heads`: each builds on the size that the one before made, and says when and with which root.

use crate::finding::{Findings, Kind};
use crate::hash::Hash;

/// One row of `heads`.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) base_size: i64,
    pub(crate) tree_size: i64,
    pub(crate) recorded_at: i64,
    pub(crate) epoch: i32,
    pub(crate) root: Option<Hash>,
}

/// Positions one after the other whose heads all say one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EpochRun {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) epoch: i32,
}

/// The chain of heads so far.
#[derive(Debug)]
pub(crate) struct Heads {
    size: u64,
    /// Heads whose last event has not been read yet.
    waiting: Vec<Head>,
    /// One wrong root makes every later one wrong; only the first says where.
    root_in_doubt: bool,
    epochs: Vec<EpochRun>,
}

impl Heads {
    /// Goes on from a size that is known to be a head's.
    pub(crate) fn after(size: u64) -> Self {
        Self { size, waiting: Vec::new(), root_in_doubt: false, epochs: Vec::new() }
    }

    /// Takes the next head by base size.
    pub(crate) fn head(&mut self, head: Head, findings: &mut Findings) {
        let (base, tree) = (count(head.base_size), count(head.tree_size));
        if base > self.size {
            let detail = "no head covers these positions";
            findings.beside(Kind::Missing, self.size + 1, base, detail);
        }
        if base < self.size || tree <= base {
            let detail = format!(
                "a head from size {} to {} does not follow size {}",
                head.base_size, head.tree_size, self.size
            );
            findings.beside(Kind::Extra, base + 1, tree.max(base + 1), detail);
        }
        self.size = self.size.max(tree);
        self.in_epoch(base + 1, tree, head.epoch);
        self.waiting.push(head);
    }

    fn in_epoch(&mut self, first: u64, last: u64, epoch: i32) {
        match self.epochs.last_mut() {
            Some(run) if run.epoch == epoch => run.last = run.last.max(last),
            _ => self.epochs.push(EpochRun { first, last, epoch }),
        }
    }

    /// The heads that end at or before a position, which is the last that was read.
    pub(crate) fn ended_by(&mut self, position: u64) -> Vec<Head> {
        let (ended, waiting) = self.waiting.drain(..).partition(|head| count(head.tree_size) <= position);
        self.waiting = waiting;
        ended
    }

    /// Compares a head with what was read: the time of its last event, and the root if the tree is whole.
    pub(crate) fn compare(
        &mut self,
        head: &Head,
        recorded_at: Option<i64>,
        root: Option<Hash>,
        findings: &mut Findings,
    ) {
        let (first, last) = (count(head.base_size) + 1, count(head.tree_size));
        if recorded_at.is_some_and(|time| time != head.recorded_at) {
            findings.beside(Kind::RowChanged, first, last, "the head has another time than its last event");
        }
        let differs = head.root.zip(root).is_some_and(|(said, found)| said != found);
        if differs && !self.root_in_doubt {
            self.root_in_doubt = true;
            findings.beside(Kind::RowChanged, first, last, "the rows do not lead to the head's root");
        }
    }

    /// Ends the chain at the size that is checked; a chain that ends before leaves events without a head. Gives the
    /// epochs that the heads say.
    pub(crate) fn finish(self, size: u64, findings: &mut Findings) -> Vec<EpochRun> {
        if self.size < size {
            findings.beside(Kind::Missing, self.size + 1, size, "no head covers these positions");
        }
        self.epochs
    }
}

/// A size; what is below zero counts as none.
fn count(size: i64) -> u64 {
    u64::try_from(size).unwrap_or(0)
}
