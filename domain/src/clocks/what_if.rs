//! What other rules would answer of the same journey: clock by clock, flag by flag, member by member, where and why.
//!
//! What it does not do: it does not say which answer is right, and it changes nothing.
//!
//! Invariant: two answers of one book differ in nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;

use crate::calendar::Limit;
use crate::ids::{EntityId, EventId};
use crate::rules::RuleVersion;

use super::{Answers, Clock, Looked, LookedBack, State, Tallied, Tick, Why};

/// Something that two books answer differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Id of the rule.
    pub rule: String,
    /// The process; `None` for a flag or a tally of the child as a whole.
    pub entity: Option<EntityId>,
    /// Number of the occurrence, 0 for what is not chained.
    pub occurrence: usize,
    /// The event that starts the clock, or that is asked about.
    pub event: EventId,
    /// The day from which it counts, where it is known.
    pub on: Option<NaiveDate>,
    /// What the one book answers; `None` where it does not ask.
    pub before: Option<Side>,
    /// What the other answers; at least one of the two stands.
    pub after: Option<Side>,
}

/// One book's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Name of the version.
    pub version: String,
    /// Its limit; bands and tallies have none.
    pub limit: Option<Limit>,
    /// Last day in time of a clock, extensions included.
    pub due_on: Option<NaiveDate>,
    /// The answer: the name of a clock's state, or what a flag, a band or a tally says.
    pub answer: String,
    /// Why it cannot be told.
    pub cannot_tell: Option<Why>,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Some(limit) => write!(f, "{limit} ({})", self.version),
            None => f.write_str(&self.version),
        }
    }
}

impl Difference {
    /// Whether the answer differs, and not the limit or the last day alone.
    #[must_use]
    pub fn changes_answer(&self) -> bool {
        self.before.as_ref().map(|side| &side.answer) != self.after.as_ref().map(|side| &side.answer)
    }

    /// Why they differ, as a fragment of a sentence.
    #[must_use]
    pub fn why(&self) -> String {
        let cause = match (&self.before, &self.after) {
            (None, Some(after)) => format!("asked now by {after}, and not before"),
            (Some(before), None) => format!("asked before by {before}, and not now"),
            (Some(before), Some(after)) => cause(before, after),
            (None, None) => String::new(),
        };
        match self.after.as_ref().and_then(|side| side.cannot_tell) {
            Some(why) => format!("{cause}; {}", why.sentence()),
            None => cause,
        }
    }
}

fn cause(before: &Side, after: &Side) -> String {
    let left_out = |side: &Side| side.cannot_tell == Some(Why::NotRecordedHere);
    if (before.limit, &before.version) != (after.limit, &after.version) {
        format!("{after} instead of {before}")
    } else if left_out(before) && !left_out(after) {
        "the file says that it is recorded here".to_owned()
    } else {
        format!("{after} starts, stops or counts otherwise")
    }
}

type Key<'a> = (&'a str, Option<EntityId>, usize, EventId);

/// What one book says of something, and from which day it counts.
struct Told {
    on: Option<NaiveDate>,
    side: Side,
}

/// What two books answer differently of one journey, in order of rules.
#[must_use]
pub fn differences(before: &Answers<'_>, after: &Answers<'_>) -> Vec<Difference> {
    let (mut before, mut after) = (told(before), told(after));
    let keys: BTreeSet<Key<'_>> = before.keys().chain(after.keys()).copied().collect();
    let pairs = keys.into_iter().map(|key| (key, before.remove(&key), after.remove(&key)));
    pairs.filter_map(|(key, before, after)| difference(key, before, after)).collect()
}

fn difference(key: Key<'_>, before: Option<Told>, after: Option<Told>) -> Option<Difference> {
    let said = |told: &Told| (told.side.answer.clone(), told.side.due_on, told.side.limit);
    if before.as_ref().map(said) == after.as_ref().map(said) {
        return None;
    }
    let (rule, entity, occurrence, event) = key;
    let on = after.as_ref().or(before.as_ref()).and_then(|told| told.on);
    let (before, after) = (before.map(|told| told.side), after.map(|told| told.side));
    Some(Difference { rule: rule.to_owned(), entity, occurrence, event, on, before, after })
}

/// Every answer of a journey by what it is about.
fn told<'a>(answers: &'a Answers<'_>) -> BTreeMap<Key<'a>, Told> {
    let mut told = BTreeMap::new();
    for clock in &answers.clocks {
        let key = (clock.rule.id.as_str(), Some(clock.entity), clock.occurrence, clock.start.event_id);
        let on = clock.counts_from.or(clock.start.occurred.day());
        told.insert(key, Told { on, side: of_clock(clock) });
    }
    for look in &answers.look_backs {
        let key = (look.rule.id.as_str(), look.entity, 0, look.event.event_id);
        told.insert(key, Told { on: look.event.occurred.day(), side: of_look_back(look) });
    }
    for member in &answers.tallies {
        let key = (member.rule.id.as_str(), member.entity, 0, member.member.event_id);
        told.insert(key, Told { on: member.member.occurred.day(), side: of_member(member) });
    }
    told
}

fn of_clock(clock: &Clock<'_>) -> Side {
    let cannot_tell = if let State::CannotTell(why) = clock.state { Some(why) } else { None };
    let answer = clock.state.name().to_owned();
    let version = clock.version.name.to_string();
    Side { version, limit: Some(clock.limit), due_on: clock.due_on, answer, cannot_tell }
}

fn of_look_back(look: &LookedBack<'_>) -> Side {
    let cannot_tell = if let Looked::CannotTell(why) = look.answer { Some(why) } else { None };
    let answer = match look.answer {
        Looked::Earlier(Some(band)) => band.label.clone(),
        Looked::Earlier(None)
        | Looked::EarlierStatedOnly
        | Looked::NoEarlier
        | Looked::CannotTell(_)
        | Looked::HistoryIncomplete => look.answer.name().to_owned(),
    };
    side(look.version, answer, cannot_tell)
}

fn of_member(member: &Tallied<'_>) -> Side {
    let cannot_tell = if let Tick::CannotTell(why) = member.tick { Some(why) } else { None };
    let counted = member.tick.name();
    let answer = match member.value {
        Some(value) if member.tick == Tick::Counted => format!("{counted}: {value}"),
        Some(_) | None => counted.to_owned(),
    };
    side(member.version, answer, cannot_tell)
}

fn side(version: &RuleVersion, answer: String, cannot_tell: Option<Why>) -> Side {
    Side { version: version.name.to_string(), limit: version.limit, due_on: None, answer, cannot_tell }
}
