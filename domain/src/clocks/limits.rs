//! The limits that may stand for a run where a condition that chooses among them is not settled.
//!
//! Every limit that may be the one is asked, and a clock says what all of them say: a visit within the shortest was in time
//! whichever it was. Where they differ, it says why that is not settled.

use crate::calendar::Limit;

use super::Why;

/// The limits that may stand under one version; none where the version has no limit for such a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Limits {
    /// From either end of the start; mostly one.
    surely: [Option<Limit>; 2],
    /// Where a condition is not settled, those that may stand instead.
    perhaps: Vec<Limit>,
    /// Why it is not.
    pub(super) unsettled: Option<Why>,
}

impl Limits {
    /// The only one.
    pub(super) fn only(limit: Option<Limit>) -> Self {
        Self { surely: [limit, None], ..Self::default() }
    }

    /// One that may stand, beside those that come after it.
    pub(super) fn may_be(&mut self, limit: Limit, why: Why) {
        self.perhaps.push(limit);
        self.unsettled = self.unsettled.or(Some(why));
    }

    /// That which stands where none of those before does.
    ///
    /// # Errors
    /// Where there is none then, so that in one reading there is no clock at all.
    pub(super) fn or_else(self, limit: Option<Limit>) -> Result<Self, Why> {
        match (limit, self.unsettled) {
            (None, Some(why)) => Err(why),
            (limit, _) => Ok(Self { surely: [limit, None], ..self }),
        }
    }

    /// These, or those from the other end of the start.
    pub(super) fn or_from(mut self, other: Self) -> Self {
        let ([first, _], [second, _]) = (self.surely, other.surely);
        self.surely = [first, second.filter(|_| second != first)];
        self.perhaps.extend(other.perhaps);
        self.unsettled = self.unsettled.or(other.unsettled);
        self
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = Limit> + '_ {
        let twice = |at: usize, limit: &Limit| {
            self.perhaps.iter().take(at).chain(self.surely.iter().flatten()).any(|one| one == limit)
        };
        let perhaps = self.perhaps.iter().enumerate().filter(move |(at, limit)| !twice(*at, limit));
        self.surely.iter().flatten().copied().chain(perhaps.map(|(_, limit)| *limit))
    }
}
