//! Endings that no event states: birthdays, and what takes effect some time after its event.

use chrono::NaiveDate;

use crate::calendar::{Calendar, Limit, StartDay};
use crate::events::{Body, Kind};
use crate::journey::{Journey, KnownEvent, MembersEnded};
use crate::rules::{Cause, Ending, Endings, Field};
use crate::time::{Occurred, nth_birthday};

/// An ending that follows from an event, dated to the day on which it takes effect.
#[derive(Debug, Clone)]
pub struct DerivedEvent {
    /// The event from which it follows, dated to the ending.
    pub(super) event: KnownEvent,
    /// Place of its line in the table.
    pub(super) line: usize,
    /// Place of the event from which it follows; `None` for a birthday.
    pub(super) from: Option<usize>,
}

/// What follows from events in practice order, as far as it has happened by `as_at`.
#[must_use]
pub fn derived(events: &[&KnownEvent], endings: &Endings, as_at: NaiveDate) -> Vec<DerivedEvent> {
    let born = birth(events);
    let mut all = Vec::new();
    for (line, ending) in endings.lines().iter().enumerate() {
        match (&ending.cause, ending.after) {
            (Cause::Birthday(age), _) => {
                let event = born.and_then(|(event, born)| birthday(event, born, *age, ending, as_at));
                all.extend(event.map(|event| DerivedEvent { event, line, from: None }));
            }
            (Cause::Events(_), Some(after)) => {
                let caused = events.iter().enumerate().filter(|(_, event)| ending.is_caused_by(event));
                let later = caused.filter_map(|(from, event)| {
                    let event = delayed(event, after, as_at)?;
                    Some(DerivedEvent { event, line, from: Some(from) })
                });
                all.extend(later);
            }
            (Cause::Events(_), None) => {
                let Some(field) = &ending.on_day else { continue };
                let caused = events.iter().enumerate().filter(|(_, event)| ending.is_caused_by(event));
                let stated = caused.filter_map(|(from, event)| {
                    let day = Field::of(&event.body, field).day().filter(|day| *day <= as_at)?;
                    let event = KnownEvent { occurred: Occurred::on(day), ..(*event).clone() };
                    Some(DerivedEvent { event, line, from: Some(from) })
                });
                all.extend(stated);
            }
        }
    }
    all
}

/// The same for a journey, of which `events` are those that count: where every member of a family or a set has ended, the
/// last one's ending is the group's.
#[must_use]
pub fn derived_of(
    journey: &Journey,
    events: &[&KnownEvent],
    endings: &Endings,
    as_at: NaiveDate,
) -> Vec<DerivedEvent> {
    let mut all = derived(events, endings, as_at);
    let Some(MembersEnded { event, line }) = &journey.members_ended else { return all };
    let line = endings.lines().iter().position(|held| held.id == *line);
    if let Some(line) = line.filter(|_| event.occurred.earliest_day().is_none_or(|day| day <= as_at)) {
        all.push(DerivedEvent { event: event.clone(), line, from: None });
    }
    all
}

impl Ending {
    /// Whether an event makes it happen.
    pub(super) fn is_caused_by(&self, event: &KnownEvent) -> bool {
        let Cause::Events(events) = &self.cause else { return false };
        let day = event.occurred.latest_day().or(event.occurred.earliest_day());
        events.iter().any(|one| one.matches(&event.body)) && day.is_none_or(|day| self.in_force.contains(day))
    }
}

fn birthday(
    event: &KnownEvent,
    born: NaiveDate,
    age: u32,
    ending: &Ending,
    as_at: NaiveDate,
) -> Option<KnownEvent> {
    let day = nth_birthday(born, age).filter(|day| *day <= as_at && ending.in_force.contains(*day))?;
    Some(KnownEvent { occurred: Occurred::on(day), ..event.clone() })
}

fn delayed(event: &KnownEvent, after: Limit, as_at: NaiveDate) -> Option<KnownEvent> {
    let calendar = Calendar::built_in().latest();
    let later = |day: Option<NaiveDate>| {
        day.and_then(|day| after.last_day_in_time(day, StartDay::IsDayZero, calendar).ok())
    };
    let (from, to) = (later(event.occurred.earliest_day()), later(event.occurred.latest_day()));
    let occurred = match (from, to) {
        (Some(from), Some(to)) if from == to => Occurred::on(from),
        (from, to) => Occurred::within(from, to),
    };
    let event = KnownEvent { occurred, ..event.clone() };
    from.is_none_or(|from| from <= as_at).then_some(event)
}

/// The record of the birth that was told last, with its day; `None` where two that were told on one day contradict each
/// other.
fn birth<'j>(events: &[&'j KnownEvent]) -> Option<(&'j KnownEvent, NaiveDate)> {
    let told = |event: &&'j KnownEvent| {
        let day = if let Body::ChildRegistered(registered) = &event.body {
            registered.date_of_birth
        } else {
            event.occurred.day().filter(|_| event.kind() == Kind::BirthRecorded)
        };
        day.map(|day| (*event, day))
    };
    let mut last_first = events.iter().rev().filter_map(told);
    let (last, born) = last_first.next()?;
    let contradicted = last_first.any(|(event, day)| day != born && event.is_level_with(last));
    (!contradicted).then_some((last, born))
}
