//! What callers are told about a batch.

use chrono::{DateTime, Utc};
use domain::ids::Position;

use super::appender::Waiting;
use super::plan::Verdict;
use super::tip::Tip;
use super::{AppendError, Recorded};
use crate::hash::Hash;
use crate::proof::range::CompactRange;

/// An answer; `None` where the command has to wait for another one.
pub(super) type Answer = Option<Result<Recorded, AppendError>>;

/// What is the same for all commands of a batch that was written.
pub(super) struct Written {
    /// Size of the log before.
    pub(super) base: u64,
    /// When: the moment, not the time in the rows.
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) epoch: u32,
    /// The tree after the batch, and its root.
    pub(super) tree: CompactRange,
    pub(super) root: Hash,
    /// Leaf hashes of the events, in position order.
    pub(super) leaf_hashes: Vec<Hash>,
}

impl Written {
    pub(super) fn answers(&self, verdicts: Vec<Verdict>) -> Vec<Answer> {
        verdicts.into_iter().map(|verdict| self.answer(verdict)).collect()
    }

    fn answer(&self, verdict: Verdict) -> Answer {
        let Verdict::Write { first_position, event_count, streams } = verdict else {
            return refusal(verdict);
        };
        Some(Ok(Recorded {
            first_position,
            event_count,
            recorded_at: self.recorded_at,
            streams,
            already: false,
            leaf_hashes: self.leaf_hashes(first_position.0 - self.base - 1, event_count),
            epoch: self.epoch,
            tree_size: self.tree.size(),
            root: Some(self.root),
        }))
    }

    /// The leaf hashes of so many events from an offset on, for a receipt.
    fn leaf_hashes(&self, offset: u64, count: u32) -> Vec<Hash> {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.leaf_hashes.iter().skip(offset).take(count).copied().collect()
    }
}

/// The answer to a command that is not in the batch.
pub(super) fn refusal(verdict: Verdict) -> Answer {
    match verdict {
        Verdict::Refuse(error) => Some(Err(error)),
        Verdict::Later => None,
        Verdict::Write { .. } => unreachable!("what is planned to be written is written or fails"),
    }
}

/// Gives the answers that are decided; what has to wait stays, to be looked up anew.
pub(super) fn give(waiting: &mut Vec<Waiting>, answers: Vec<Answer>) {
    let decided: Vec<(Waiting, Answer)> = waiting.drain(..).zip(answers).collect();
    for (mut one, answer) in decided {
        match answer {
            Some(answer) => one.answer(answer),
            None => {
                one.looked_up = false;
                waiting.push(one);
            }
        }
    }
}

/// Tells all the same.
pub(super) fn give_all(waiting: &mut Vec<Waiting>, error: impl Fn(&Waiting) -> AppendError) {
    for one in waiting.drain(..) {
        let error = error(&one);
        one.answer(Err(error));
    }
}

/// The answer to a bulk chunk of which everything was recorded before.
pub(super) fn nothing_new(tip: &Tip, epoch: u32) -> Recorded {
    Recorded {
        first_position: Position(tip.size() + 1),
        event_count: 0,
        recorded_at: tip.recorded_at,
        streams: Vec::new(),
        already: true,
        leaf_hashes: Vec::new(),
        epoch,
        tree_size: tip.size(),
        root: Some(tip.tree.root()),
    }
}
