//! What the members of a tally add up to: base, what counts, values and headings.
//!
//! It chooses no period and no population: callers hand in what belongs to theirs.

use std::collections::BTreeMap;

use super::{Tallied, Tick};

/// What the members of one rule add up to. Mergeable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Members that can be told: the base.
    pub base: u64,
    /// Of those, what counts.
    pub counted: u64,
    /// Members that the dates do not settle.
    pub cannot_tell: u64,
    /// Members whose history has a gap.
    pub history_incomplete: u64,
    /// Values of the members that count: value to number of members.
    pub values: BTreeMap<i64, u64>,
    /// What counts, by heading.
    pub groups: BTreeMap<String, u64>,
    /// The base of each heading.
    pub bases: BTreeMap<String, u64>,
}

impl Figures {
    /// Adds a member.
    pub fn add(&mut self, member: &Tallied<'_>) {
        let told = matches!(member.tick, Tick::Counted | Tick::NotCounted);
        if let Some(group) = member.group.as_ref().filter(|_| told) {
            add_one(&mut self.bases, &group.text());
        }
        match member.tick {
            Tick::CannotTell(_) => self.cannot_tell += 1,
            Tick::HistoryIncomplete => self.history_incomplete += 1,
            Tick::NotCounted => self.base += 1,
            Tick::Counted => {
                self.base += 1;
                self.counted += 1;
                if let Some(value) = member.value {
                    *self.values.entry(value).or_default() += 1;
                }
                if let Some(group) = &member.group {
                    add_one(&mut self.groups, &group.text());
                }
            }
        }
    }

    /// Of the base, the share that counts, in hundredths of a per cent, rounded half up; `None` where the base is empty.
    #[must_use]
    pub fn share(&self) -> Option<u64> {
        (self.base > 0).then(|| (self.counted * 20_000 + self.base) / (self.base * 2))
    }

    /// How many count for each 10,000 of a population, in tenths, rounded half up; `None` where there is no population.
    #[must_use]
    pub fn rate(&self, population: u64) -> Option<u64> {
        (population > 0).then(|| (self.counted * 200_000 + population) / (population * 2))
    }

    /// Adds another part of the same rule and period.
    pub fn merge(&mut self, other: Self) {
        self.base += other.base;
        self.counted += other.counted;
        self.cannot_tell += other.cannot_tell;
        self.history_incomplete += other.history_incomplete;
        for (value, number) in other.values {
            *self.values.entry(value).or_default() += number;
        }
        for (group, number) in other.groups {
            *self.groups.entry(group).or_default() += number;
        }
        for (group, number) in other.bases {
            *self.bases.entry(group).or_default() += number;
        }
    }
}

/// Counts one more under a heading, which mostly is there.
fn add_one(numbers: &mut BTreeMap<String, u64>, heading: &str) {
    match numbers.get_mut(heading) {
        Some(number) => *number += 1,
        None => drop(numbers.insert(heading.to_owned(), 1)),
    }
}
