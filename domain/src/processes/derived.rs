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

/// What follows from events in practice order, as far as it has happened by `as_at`: by line, and of each line in the order of
/// the events.
#[must_use]
pub fn derived(events: &[&KnownEvent], endings: &Endings, as_at: NaiveDate) -> Vec<DerivedEvent> {
    let mut all = birthdays(events, endings, as_at);
    for (from, event) in events.iter().copied().enumerate() {
        for (line, ending) in endings.placed_of_kind(event.kind()) {
            let on_its_day = ending.after.is_none() && ending.on_day.is_none();
            if on_its_day || !ending.is_caused_by(event) {
                continue;
            }
            let occurred = match ending.after {
                Some(after) => delayed(event, after, as_at),
                None => stated(event, ending, as_at),
            };
            let event = occurred.map(|occurred| KnownEvent { occurred, ..event.clone() });
            all.extend(event.map(|event| DerivedEvent { event, line, from: Some(from) }));
        }
    }
    all.sort_by_key(|one| one.line);
    all
}

/// The birthdays that end something.
fn birthdays(events: &[&KnownEvent], endings: &Endings, as_at: NaiveDate) -> Vec<DerivedEvent> {
    let Some((event, born)) = birth(events) else { return Vec::new() };
    let of_line = |(line, ending): (usize, &Ending)| {
        let Cause::Birthday(age) = &ending.cause else { return None };
        let event = birthday(event, born, *age, ending, as_at)?;
        Some(DerivedEvent { event, line, from: None })
    };
    endings.lines().iter().enumerate().filter_map(of_line).collect()
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

/// The day that an event states for the ending; `None` where it states none by `as_at`.
fn stated(event: &KnownEvent, ending: &Ending, as_at: NaiveDate) -> Option<Occurred> {
    let field = ending.on_day.as_ref()?;
    Field::of(&event.body, field).day().filter(|day| *day <= as_at).map(Occurred::on)
}

fn delayed(event: &KnownEvent, after: Limit, as_at: NaiveDate) -> Option<Occurred> {
    let calendar = Calendar::built_in().latest();
    let later = |day: Option<NaiveDate>| {
        day.and_then(|day| after.last_day_in_time(day, StartDay::IsDayZero, calendar).ok())
    };
    let (from, to) = (later(event.occurred.earliest_day()), later(event.occurred.latest_day()));
    from.is_none_or(|from| from <= as_at).then(|| match (from, to) {
        (Some(from), Some(to)) if from == to => Occurred::on(from),
        (from, to) => Occurred::within(from, to),
    })
}

/// The record of the birth that was told last, with its day; `None` where two that were told on one day contradict each
/// other.
pub(super) fn birth<'j>(events: &[&'j KnownEvent]) -> Option<(&'j KnownEvent, NaiveDate)> {
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
