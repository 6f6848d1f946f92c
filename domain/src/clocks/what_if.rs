//! What other rules would answer of the same journey: clock by clock, where and why.
//!
//! What it does not do: it does not say which answer is right, and it changes nothing.
//!
//! Invariant: two answers of one book differ in nothing.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

use crate::calendar::Limit;
use crate::ids::{EntityId, EventId};

use super::{Answers, Clock, State};

/// A clock that two books answer differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Id of the rule.
    pub rule: String,
    /// The process.
    pub entity: EntityId,
    /// Number of the occurrence, 0 for a clock that is not chained.
    pub occurrence: usize,
    /// The event that starts the clock.
    pub started_by: EventId,
    /// The day of the start, where it is known.
    pub started_on: Option<NaiveDate>,
    /// What the one book answers; `None` where it has no such clock.
    pub before: Option<Side>,
    /// What the other answers; at least one of the two stands.
    pub after: Option<Side>,
}

/// One book's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Name of the version.
    pub version: String,
    /// Its limit.
    pub limit: Limit,
    /// Last day in time, extensions included.
    pub due_on: Option<NaiveDate>,
    /// How the clock stands.
    pub state: State,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {} ({})", self.state.name(), self.version, self.limit)?;
        match (self.due_on, self.state) {
            (_, State::CannotTell(why)) => write!(f, ": {}", why.sentence()),
            (Some(due), _) => write!(f, ", due {due}"),
            (None, _) => Ok(()),
        }
    }
}

impl Difference {
    /// Whether the state differs, and not the last day alone.
    #[must_use]
    pub fn changes_state(&self) -> bool {
        self.before.as_ref().map(|side| side.state) != self.after.as_ref().map(|side| side.state)
    }

    /// Why, in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let side = |side: &Option<Side>| side.as_ref().map_or("no clock".to_owned(), Side::to_string);
        format!("{}; with the other rules {}", side(&self.before), side(&self.after))
    }
}

type Key<'a> = (&'a str, EntityId, usize, EventId);

/// What two books answer differently of one journey, in order of rules.
#[must_use]
pub fn differences(before: &Answers<'_>, after: &Answers<'_>) -> Vec<Difference> {
    let mut sides: BTreeMap<Key<'_>, (Option<&Clock<'_>>, Option<&Clock<'_>>)> = BTreeMap::new();
    for clock in &before.clocks {
        sides.entry(key(clock)).or_default().0 = Some(clock);
    }
    for clock in &after.clocks {
        sides.entry(key(clock)).or_default().1 = Some(clock);
    }
    sides.into_values().filter_map(|(before, after)| difference(before, after)).collect()
}

fn key<'a>(clock: &'a Clock<'_>) -> Key<'a> {
    (clock.rule.id.as_str(), clock.entity, clock.occurrence, clock.start.event_id)
}

fn difference(before: Option<&Clock<'_>>, after: Option<&Clock<'_>>) -> Option<Difference> {
    let clock = before.or(after)?;
    let (one, other) = (before.map(side), after.map(side));
    let same = one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| {
        (one.state, one.due_on, one.limit) == (other.state, other.due_on, other.limit)
    });
    (!same).then(|| Difference {
        rule: clock.rule.id.to_string(),
        entity: clock.entity,
        occurrence: clock.occurrence,
        started_by: clock.start.event_id,
        started_on: clock.counts_from.or(clock.start.occurred.day()),
        before: one,
        after: other,
    })
}

fn side(clock: &Clock<'_>) -> Side {
    Side {
        version: clock.version.name.to_string(),
        limit: clock.limit,
        due_on: clock.due_on,
        state: clock.state,
    }
}
