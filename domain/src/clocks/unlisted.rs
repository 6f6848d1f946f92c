//! Open clocks that stand in no row of a list of what is due, and why: every clock that is asked of a child is in the list, or
//! in a number with its reason.
//!
//! What it does not do: it makes no list. Callers hand in the day up to which theirs looks.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{State, Why};

/// Why an open clock has no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unlisted {
    /// How it stands cannot be told.
    CannotTell(Why),
    /// The history has a gap where the answer would lie.
    HistoryIncomplete,
    /// Nothing sets a last day yet, or which of several counts is not settled.
    NoLastDay,
}

impl Unlisted {
    /// Why an open clock has no row in a list of what is due by a day; `None` where it has one, or is surely due later.
    #[must_use]
    pub fn of(state: State, due_latest: Option<NaiveDate>, by: NaiveDate) -> Option<Self> {
        let may_be_due = due_latest.is_none_or(|latest| latest <= by);
        match state {
            State::CannotTell(why) => Some(Self::CannotTell(why)),
            State::HistoryIncomplete => Some(Self::HistoryIncomplete),
            State::Running | State::DueSoon | State::Overdue => {
                due_latest.is_none().then_some(Self::NoLastDay)
            }
            State::Met | State::Late | State::TooEarly | State::NotApplicable => None,
        }
        .filter(|_| may_be_due)
    }

    /// Whether nothing of the kind that would stop it is recorded by this authority: it is left out on purpose.
    #[must_use]
    pub fn is_left_out(self) -> bool {
        self == Self::CannotTell(Why::NotRecordedHere)
    }

    /// The reason as a fragment of a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::CannotTell(why) => why.sentence(),
            Self::HistoryIncomplete => "the history has a gap where the answer would lie",
            Self::NoLastDay => "nothing settles a last day yet",
        }
    }
}

/// How many clocks have no row, for each reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnlistedClocks(BTreeMap<Unlisted, usize>);

impl UnlistedClocks {
    /// Counts one more.
    pub fn add(&mut self, reason: Unlisted) {
        *self.0.entry(reason).or_default() += 1;
    }

    /// Adds those of other children.
    pub fn merge(&mut self, other: Self) {
        for (reason, clocks) in other.0 {
            *self.0.entry(reason).or_default() += clocks;
        }
    }

    /// Those of which nothing of the kind that would stop them is recorded by this authority.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.0.iter().filter(|(reason, _)| reason.is_left_out()).map(|(_, clocks)| clocks).sum()
    }

    /// All others, with their reasons.
    pub fn untold(&self) -> impl Iterator<Item = (Unlisted, usize)> + '_ {
        self.0.iter().filter(|(reason, _)| !reason.is_left_out()).map(|(reason, clocks)| (*reason, *clocks))
    }
}
