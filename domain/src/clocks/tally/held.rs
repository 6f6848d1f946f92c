//! Who holds a case, and how many processes there were in a year.

use chrono::NaiveDate;

use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::rules::{Each, Field, Held, Open};

use super::counts::is_one_of;
use super::open::{IsOpen, before, corresponding_before, has_surely_happened, may_have_happened};
use super::{Teller, Tick};
use crate::clocks::Why;
use crate::clocks::ends::Ends;
use crate::clocks::index::possibly_last;

/// Whether something has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    No,
    Maybe,
    Surely,
}

/// How many there are for certain, and how many there may be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Number {
    pub(super) least: usize,
    pub(super) most: usize,
}

impl<'b, 'j> Teller<'_, 'b, 'j> {
    /// What is open in each slot: the newest start in it, unless its own end has come. An end in one slot says nothing of
    /// another, and a late end of what was replaced says nothing of what replaced it.
    pub(super) fn held_in_each(&self, open: &Open, each: &Each, day: NaiveDate) -> Vec<IsOpen<'j>> {
        let happened = |events: Vec<&'j KnownEvent>| -> Vec<&'j KnownEvent> {
            events.into_iter().filter(|event| may_have_happened(event, day)).collect()
        };
        let starts = happened(self.index.matching(&open.start));
        let ends = happened(self.index.matching(&open.end));
        let (unnamed, named): (Vec<_>, Vec<_>) =
            ends.iter().copied().partition(|end| named_by(each, end).is_none());
        let mut slots: Vec<Option<String>> = Vec::new();
        for slot in starts.iter().map(|start| slot(each, start)) {
            if !slots.contains(&slot) {
                slots.push(slot);
            }
        }
        let of_slot = |wanted: &Option<String>| -> Vec<&'j KnownEvent> {
            starts.iter().copied().filter(|start| slot(each, start) == *wanted).collect()
        };
        let is_ended = |start: &KnownEvent| {
            let own = named.iter().filter(|end| named_by(each, end) == named_by(each, start));
            own.map(|end| ended(each, &starts, start, end, day)).max().unwrap_or(Ended::No)
        };
        let mut found: Vec<IsOpen<'j>> =
            slots.iter().filter_map(|slot| newest(&of_slot(slot), is_ended, day)).collect();
        // An end that names nobody ends what alone is open; of several it may have ended any.
        let alone = found.len() == 1;
        for end in unnamed {
            found.retain_mut(|is_open| match ended(each, &starts, is_open.event, end, day) {
                Ended::No => true,
                Ended::Surely if alone => false,
                Ended::Surely | Ended::Maybe => {
                    is_open.sure = false;
                    true
                }
            });
        }
        found.sort_by_key(|is_open| starts.iter().position(|start| start.event_id == is_open.event.event_id));
        found
    }

    /// Whether there were so many processes within the time.
    pub(super) fn held(&self, held: &Held) -> Option<Tick> {
        let first = before(self.question.as_at, held.within)?;
        let number = self.number_held(held)?;
        Some(if number.least >= held.at_least {
            Tick::Counted
        } else if number.most >= held.at_least {
            Tick::CannotTell(Why::DatesNotSettled)
        } else {
            self.absent(&held.open.start, first, self.question.as_at)
        })
    }

    /// How many processes were open at some time within so long before the day asked about.
    pub(super) fn number_held(&self, held: &Held) -> Option<Number> {
        let role = held.open.per?;
        let first = before(self.question.as_at, held.within)?;
        let ends = self.index.matching(&held.open.end);
        let mut seen: Vec<EntityId> = Vec::new();
        let mut number = Number::default();
        for start in self.index.matching(&held.open.start) {
            let Some(entity) = start.entities.get(role).filter(|entity| !seen.contains(entity)) else {
                continue;
            };
            seen.push(entity);
            let end = ends.iter().copied().find(|end| end.entities.get(role) == Some(entity));
            let (least, most) = self.counts_as_held(held, start, end, first);
            let process = self.processes.get(role, entity).filter(|_| end.is_none());
            let may_have_ended = process.is_some_and(|process| {
                process.may_be_over(self.question.as_at) && !process.is_over(self.question.as_at)
            });
            let least = least && !may_have_ended;
            number.least += usize::from(least);
            number.most += usize::from(most);
        }
        Some(number)
    }

    /// Whether a process counts for certain, and whether it may.
    fn counts_as_held(
        &self,
        held: &Held,
        start: &KnownEvent,
        end: Option<&KnownEvent>,
        first: NaiveDate,
    ) -> (bool, bool) {
        let as_at = self.question.as_at;
        let (from, to) = (Ends::of(start), end.map(Ends::of));
        // A process counts to the day before its end.
        let over = |day: Option<NaiveDate>| day.is_some_and(|day| day <= first);
        let surely_over = to.is_some_and(|to| over(to.latest));
        let maybe_over = to.is_some_and(|to| to.earliest.is_none() || over(to.earliest));
        let mut least = from.latest.is_some_and(|day| day <= as_at) && !maybe_over;
        let mut most = !surely_over;
        for short in &held.short {
            let fits = is_one_of(&short.start, start);
            let until = to.unwrap_or(Ends::exact(as_at));
            let bound = |day: Option<NaiveDate>| day.and_then(|day| corresponding_before(day, short.at_most));
            // It began so late that it was short.
            let surely_short =
                bound(until.latest).zip(from.earliest).is_some_and(|(bound, from)| bound <= from);
            let maybe_short =
                bound(until.earliest).zip(from.latest).is_none_or(|(bound, from)| bound <= from);
            least &= fits == Tick::NotCounted || !maybe_short;
            most &= fits != Tick::Counted || !surely_short;
        }
        (least, most)
    }
}

/// The newest start of a slot, with those that may be it.
fn newest<'j>(
    starts: &[&'j KnownEvent],
    is_ended: impl Fn(&KnownEvent) -> Ended,
    day: NaiveDate,
) -> Option<IsOpen<'j>> {
    let last: Vec<&'j KnownEvent> = possibly_last(starts, |start| has_surely_happened(start, day)).collect();
    let ended: Vec<Ended> = last.iter().map(|start| is_ended(start)).collect();
    let still = last.iter().zip(&ended).filter(|(_, ended)| **ended != Ended::Surely);
    let mut still: Vec<&'j KnownEvent> = still.map(|(start, _)| *start).collect();
    let event = still.pop()?;
    let sure = ended.iter().all(|ended| *ended == Ended::No)
        && last.iter().any(|start| has_surely_happened(start, day));
    Some(IsOpen { event, restated: None, rivals: still, sure })
}

/// Whether an end that names the same ends a start. Of one day the end stands first, as the end of an earlier one; where
/// there is no earlier one, it ends what began that day.
fn ended(each: &Each, starts: &[&KnownEvent], start: &KnownEvent, end: &KnownEvent, day: NaiveDate) -> Ended {
    let earlier = starts.iter().any(|other| {
        other.event_id != start.event_id
            && named_by(each, other) == named_by(each, start)
            && other.is_surely_before(end)
    });
    let timed = start.occurred.instant().zip(end.occurred.instant()).is_some();
    let of_one_day = !timed && start.occurred.day().is_some() && start.occurred.day() == end.occurred.day();
    if start.is_surely_before(end) || (of_one_day && !earlier) {
        if has_surely_happened(end, day) { Ended::Surely } else { Ended::Maybe }
    } else if end.is_surely_before(start) {
        Ended::No
    } else {
        Ended::Maybe
    }
}

fn slot(each: &Each, start: &KnownEvent) -> Option<String> {
    let stated = Field::of(&start.body, &each.field).text().map(str::to_owned);
    stated.or_else(|| each.unstated.as_deref().map(str::to_owned))
}

fn named_by(each: &Each, event: &KnownEvent) -> Option<String> {
    Field::of(&event.body, &each.ended_by_same).text().map(str::to_owned)
}
