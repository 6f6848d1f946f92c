//! What was known, found by going through all that was ever said, for each fact from the beginning.

use domain::journey::Basis;

use crate::world::{Entry, Fact, Moment, Say};

/// A fact as it was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The entry that first said it.
    pub(crate) entry: usize,
    /// As last corrected.
    pub(crate) fact: Fact,
    /// The entries that amended it, in the order in which they became known.
    pub(crate) amended_by: Vec<usize>,
    pub(crate) withdrawn: bool,
}

/// From when an entry is known on a basis.
pub(crate) fn known_since(entry: &Entry, basis: Basis) -> Moment {
    let by_extract = entry.extract.map(|day| 2 * day + 1);
    match basis {
        Basis::Ledger => entry.recorded,
        Basis::Source => entry.source.or(by_extract).unwrap_or(entry.recorded),
        Basis::Extract => by_extract.unwrap_or(entry.recorded),
    }
}

/// Everything known by a moment, in the order of the entries that first said it.
pub(crate) fn known(entries: &[Entry], basis: Basis, until: Moment) -> Vec<Known> {
    let is_known = |entry: usize| known_since(&entries[entry], basis) <= until;
    let mut all = Vec::new();
    for (entry, said) in entries.iter().enumerate() {
        if let Say::Happened(fact) = &said.say
            && is_known(entry)
        {
            all.push(one(entries, basis, entry, *fact, &is_known));
        }
    }
    all
}

fn one(entries: &[Entry], basis: Basis, entry: usize, fact: Fact, is_known: &dyn Fn(usize) -> bool) -> Known {
    let about = |other: &usize| {
        is_known(*other) && target(entries, *other).is_some_and(|it| root(entries, it) == entry)
    };
    let mut amending: Vec<usize> = (0..entries.len()).filter(about).collect();
    amending.sort_by_key(|other| (known_since(&entries[*other], basis), *other));
    let mut known = Known { entry, fact, amended_by: Vec::new(), withdrawn: false };
    for other in amending {
        match &entries[other].say {
            Say::Corrected(_, new) if new.what == known.fact.what => known.fact = *new,
            Say::Withdrawn(_) => known.withdrawn = true,
            Say::Reinstated(_) => known.withdrawn = false,
            // Another kind of event cannot be what this one should have been.
            Say::Corrected(..) | Say::Happened(_) | Say::Disputed(_) | Say::Whole => continue,
        }
        known.amended_by.push(other);
    }
    known
}

fn target(entries: &[Entry], entry: usize) -> Option<usize> {
    match entries[entry].say {
        Say::Corrected(target, _) | Say::Withdrawn(target) | Say::Reinstated(target) => Some(target),
        Say::Happened(_) | Say::Disputed(_) | Say::Whole => None,
    }
}

/// A correction of a correction is about what the first one was about.
fn root(entries: &[Entry], entry: usize) -> usize {
    match entries[entry].say {
        Say::Corrected(target, _) => root(entries, target),
        Say::Happened(_) | Say::Withdrawn(_) | Say::Reinstated(_) | Say::Disputed(_) | Say::Whole => entry,
    }
}
