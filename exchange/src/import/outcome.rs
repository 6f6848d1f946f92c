//! What became of each row.

use crate::extract::{Note, Place};

/// What became of one row or element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome {
    /// Where it stands.
    pub place: Place,
    /// Code of its list.
    pub list: String,
    /// The result.
    pub result: RowResult,
    /// Cells that could not be read; with [`RowResult::Refused`] one of them is the reason.
    pub refused: Vec<RefusedCell>,
    /// Remarks, without values.
    pub notes: Vec<Note>,
}

/// The result of one row. The row counts once, under the first of these that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowResult {
    /// It names no child or cannot be read: nothing of it is recorded.
    Refused,
    /// It waits for an answer in the decision file: nothing of it is recorded.
    Undecided,
    /// Something in it contradicts what is held: recorded as a claim in dispute.
    Disputed,
    /// It gave new events, corrections or withdrawals.
    New,
    /// All that it says is held already.
    Known,
}

/// A cell that cannot be read. The value is for the analyst's report, not for a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCell {
    /// Where it stands.
    pub place: Place,
    /// Header or element name.
    pub column: String,
    /// The text as it stands.
    pub value: String,
    /// Why it cannot be read.
    pub reason: String,
}

/// Rows by result. The sum is the number of rows read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows that gave new events.
    pub new: u64,
    /// Rows that are held already.
    pub known: u64,
    /// Rows in dispute.
    pub disputed: u64,
    /// Rows that wait for an answer.
    pub undecided: u64,
    /// Rows refused.
    pub refused: u64,
}

impl Counts {
    /// Adds the result of one row.
    pub fn add(&mut self, result: RowResult) {
        match result {
            RowResult::Refused => self.refused += 1,
            RowResult::Undecided => self.undecided += 1,
            RowResult::Disputed => self.disputed += 1,
            RowResult::New => self.new += 1,
            RowResult::Known => self.known += 1,
        }
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.new + self.known + self.disputed + self.undecided + self.refused
    }
}
