//! Which kinds of event an authority records at all.
//!
//! A clock waits for an act. Where no such act was ever recorded by this authority, its absence says nothing about a
//! child: perhaps every worker is allocated on the day and nobody writes it down. So a kind is *recorded here* where
//! the returns ask every authority for its days, where at least one such event stands in the ledger (as known), or
//! where the authority's own rule file declares it.
//!
//! What this does not say: whether the history of one child is whole ([`super::Coverage`] does).
//!
//! Invariant: adding kinds never takes one away.

use crate::events::Kind;

const WORDS: usize = 8;
const _: () = assert!(Kind::ALL.len() <= WORDS * 64);

/// A set of kinds, small enough to be copied with every question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordedKinds([u64; WORDS]);

impl RecordedKinds {
    /// Every kind: for questions that are not about one authority's ledger.
    pub const EVERY: Self = Self([u64::MAX; WORDS]);

    /// What any authority records: the kinds of which a national return asks for the days.
    #[must_use]
    pub fn of_any_authority() -> Self {
        Kind::RETURNED.iter().copied().collect()
    }

    /// Whether events of this kind are recorded here.
    #[must_use]
    pub fn contains(&self, kind: Kind) -> bool {
        self.0.get(kind as usize / 64).is_some_and(|word| word & bit(kind) != 0)
    }

    /// Adds a kind.
    pub fn insert(&mut self, kind: Kind) {
        if let Some(word) = self.0.get_mut(kind as usize / 64) {
            *word |= bit(kind);
        }
    }

    /// Both sets together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut both = self;
        both.0.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
        both
    }
}

fn bit(kind: Kind) -> u64 {
    1 << (kind as usize % 64)
}

impl FromIterator<Kind> for RecordedKinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        let mut recorded = Self([0; WORDS]);
        kinds.into_iter().for_each(|kind| recorded.insert(kind));
        recorded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_holds_what_was_put_in_and_nothing_else() {
        for kind in Kind::ALL {
            let one: RecordedKinds = [*kind].into_iter().collect();
            let held: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| one.contains(*kind)).collect();
            assert_eq!(held, [*kind]);
            assert!(RecordedKinds::EVERY.contains(*kind));
            let both = RecordedKinds::of_any_authority().and(one);
            assert!(both.contains(*kind));
            assert_eq!(both.contains(Kind::WorkerAllocated), *kind == Kind::WorkerAllocated);
        }
    }
}
