//! The events of a journey by kind, and the life of the child, looked up while clocks are judged.
//!
//! Invariant: each list stands in practice order.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};

use crate::events::{Body, EntityRole, Kind, Stage};
use crate::ids::{EntityId, EventId};
use crate::journey::KnownEvent;
use crate::processes::Processes;
use crate::rules::{AfterCare, Birthday, EventMatch, Field, ShortBreaks, Standing};
use crate::time::nth_birthday;

use super::case::Stop;
use super::ends::Ends;

/// Every event that has happened, as rules read it, as a whole and by kind.
#[derive(Debug)]
pub(super) struct Index<'j> {
    /// Every event as it was recorded, for what asks about the record itself.
    pub(super) recorded: Vec<&'j KnownEvent>,
    pub(super) events: Vec<&'j KnownEvent>,
    /// Places in `events`: all of one kind, then all of the next.
    places: Vec<usize>,
    /// Where in `places` each kind ends, and the next one begins.
    kind_ends: Vec<usize>,
    /// Of `events`, what states again how a process stands that began before.
    restated: &'j BTreeSet<EventId>,
    born: Option<NaiveDate>,
    /// The first opening of each process; found when the first rule asks how one began.
    openings: OnceCell<BTreeMap<(EntityRole, EntityId), &'j KnownEvent>>,
    /// Whether anything tells of a series of short breaks; found when the first figure asks.
    short_breaks: OnceCell<bool>,
    /// What marks the beginning of a series of short breaks, in practice order; found when the first rule asks.
    series: OnceCell<Vec<&'j KnownEvent>>,
    /// Periods of care that something other than their own end ended, with the first day after.
    care_ended: Vec<(EntityId, NaiveDate)>,
}

/// A period of being looked after, with its end where it has one.
#[derive(Debug, Clone, Copy)]
struct Care<'j> {
    began: &'j KnownEvent,
    from: NaiveDate,
    /// First day on which the child is no longer looked after.
    until: Option<NaiveDate>,
}

impl<'j> Index<'j> {
    pub(super) fn new(
        recorded: Vec<&'j KnownEvent>,
        events: Vec<&'j KnownEvent>,
        restated: &'j BTreeSet<EventId>,
        processes: &Processes<'j>,
    ) -> Self {
        let (places, kind_ends) = places_by_kind(&events);
        let mut index = Self {
            recorded,
            events,
            places,
            kind_ends,
            restated,
            born: None,
            openings: OnceCell::new(),
            short_breaks: OnceCell::new(),
            series: OnceCell::new(),
            care_ended: care_ended(processes),
        };
        index.born = index.last_birth();
        index
    }

    /// Places of the events of one kind, in practice order.
    pub(super) fn places_of(&self, kind: Kind) -> &[usize] {
        let end_of = |kind: usize| self.kind_ends.get(kind).copied().unwrap_or_default();
        let begin = (kind as usize).checked_sub(1).map_or(0, end_of);
        self.places.get(begin..end_of(kind as usize)).unwrap_or_default()
    }

    /// How many events of one kind there are.
    pub(super) fn number_of(&self, kind: Kind) -> usize {
        self.places_of(kind).len()
    }

    /// The events of one kind, in practice order.
    pub(super) fn of_kind(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &'j KnownEvent> + '_ {
        self.places_of(kind).iter().filter_map(|place| self.events.get(*place).copied())
    }

    fn all_of_kind(&self, kind: Kind) -> Vec<&'j KnownEvent> {
        let mut all = Vec::with_capacity(self.places_of(kind).len());
        all.extend(self.of_kind(kind));
        all
    }

    /// Whether an event states again how a process stands that began before.
    pub(super) fn is_restated(&self, event: &KnownEvent) -> bool {
        !self.restated.is_empty() && self.restated.contains(&event.event_id)
    }

    /// What states again how a process stands that began before, in practice order.
    pub(super) fn all_restated(&self) -> impl Iterator<Item = &'j KnownEvent> + '_ {
        let looked_through = if self.restated.is_empty() { 0 } else { self.events.len() };
        self.events.iter().copied().take(looked_through).filter(|event| self.is_restated(event))
    }

    /// The event with which a period of care began.
    pub(super) fn care_began(&self, period: EntityId) -> Option<&'j KnownEvent> {
        let mut began = self.of_kind(Kind::BecameLookedAfter);
        began.find(|event| event.entities.get(EntityRole::PeriodOfCare) == Some(period))
    }

    /// The day of birth as last told; `None` where two that were told on one day contradict each other.
    fn last_birth(&self) -> Option<NaiveDate> {
        let told =
            [Kind::ChildRegistered, Kind::BirthRecorded].into_iter().flat_map(|kind| self.of_kind(kind));
        let told: Vec<&KnownEvent> = told.filter(|event| birth(event).is_some()).collect();
        let mut last = possibly_last(&told, |_| true).filter_map(birth);
        let born = last.next()?;
        last.all(|other| other == born).then_some(born)
    }

    /// Whether a match names an event, which is of its kind.
    fn names(&self, one: &EventMatch, event: &KnownEvent) -> bool {
        one.holds(&event.body) && self.fits(one, event)
    }

    /// Places of the events that one of several matches names, in practice order.
    pub(super) fn places(&self, matches: &[EventMatch]) -> Vec<usize> {
        let mut all: Vec<usize> = Vec::new();
        for one in matches {
            let named = |place: &&usize| self.event_at(**place).is_some_and(|event| self.names(one, event));
            all.extend(self.places_of(one.kind).iter().filter(named));
        }
        in_order(all, matches)
    }

    /// The event at a place in practice order.
    pub(super) fn event_at(&self, place: usize) -> Option<&'j KnownEvent> {
        self.events.get(place).copied()
    }

    /// Whether one of the matches names an event.
    pub(super) fn is_named(&self, matches: &[EventMatch], event: &KnownEvent) -> bool {
        matches.iter().any(|one| one.kind == event.kind() && self.names(one, event))
    }

    /// Whether an event fits a match beside its facts: it names no process that it must not name, changes what it must
    /// change, and goes before what it must go before.
    pub(super) fn fits(&self, one: &EventMatch, event: &KnownEvent) -> bool {
        one.without.is_none_or(|role| event.entities.get(role).is_none())
            && self.changes(one, event)
            && self.goes_before(one, event)
            && self.began_so(one, event)
            && self.is_about_care(one, event)
    }

    /// Whether the event's own process began as a match asks; one of which the beginning is not known may have.
    fn began_so(&self, one: &EventMatch, event: &KnownEvent) -> bool {
        let Some(process) = event.own_entity().filter(|_| !one.opened.is_empty()) else { return true };
        let Some(role) = event.kind().own_role() else { return true };
        let began = self.openings.get_or_init(|| openings(&self.events)).get(&(role, process));
        began.is_none_or(|began| one.opened.iter().all(|it| it.holds(&began.body)))
    }

    fn goes_before(&self, one: &EventMatch, event: &KnownEvent) -> bool {
        let of_another =
            |other: &KnownEvent| !self.is_restated(other) || other.own_entity() != event.own_entity();
        let next = || self.of_kind(one.kind).find(|other| event.is_surely_before(other) && of_another(other));
        one.next.is_empty() || next().is_some_and(|next| one.next.iter().all(|it| it.holds(&next.body)))
    }

    fn changes(&self, one: &EventMatch, event: &KnownEvent) -> bool {
        let Some(field) = &one.changed else { return true };
        let before = self.of_kind(one.kind).take_while(|other| other.event_id != event.event_id).last();
        let stated =
            |event: &KnownEvent| Some(Field::of(&event.body, field)).filter(|it| *it != Field::Absent);
        before.and_then(stated).zip(stated(event)).is_some_and(|(before, now)| before != now)
    }

    /// The events that one of the matches names, in practice order.
    pub(super) fn matching(&self, matches: &[EventMatch]) -> Vec<&'j KnownEvent> {
        match matches {
            [one] => {
                let mut found = self.all_of_kind(one.kind);
                found.retain(|event| self.names(one, event));
                found
            }
            several => self.at(self.places(several)),
        }
    }

    fn at(&self, places: Vec<usize>) -> Vec<&'j KnownEvent> {
        places.into_iter().filter_map(|place| self.event_at(place)).collect()
    }

    /// The events that one of the matches names, or may name for all that they state, in practice order.
    pub(super) fn possibly_matching(&self, matches: &[EventMatch]) -> Vec<Stop<'j>> {
        let asked = |event: &'j KnownEvent| {
            let mut named = matches.iter().filter(|one| one.kind == event.kind() && self.fits(one, event));
            let sure = named.clone().any(|one| one.holds(&event.body));
            (sure || named.any(|one| one.may_hold(&event.body))).then_some(Stop::new(event, sure))
        };
        self.of_kinds(matches).into_iter().filter_map(asked).collect()
    }

    /// Every event of the kinds that the matches name, whatever its facts.
    pub(super) fn of_kinds(&self, matches: &[EventMatch]) -> Vec<&'j KnownEvent> {
        if let [one] = matches {
            return self.all_of_kind(one.kind);
        }
        let places = matches.iter().flat_map(|one| self.places_of(one.kind)).copied().collect();
        self.at(in_order(places, matches))
    }

    /// Whether there is any event of the kinds named.
    pub(super) fn has_any(&self, matches: &[EventMatch]) -> bool {
        matches.iter().any(|one| !self.places_of(one.kind).is_empty())
    }

    /// What marks the beginning of a series of short breaks, in practice order.
    pub(super) fn series_begun(&self) -> &[&'j KnownEvent] {
        self.series.get_or_init(|| {
            let mut begun = self.matching(&ShortBreaks::definition().beginnings);
            begun.retain(|event| !self.is_respite_in_care(event));
            begun
        })
    }

    /// Whether anything that has happened tells of a series of short breaks.
    pub(super) fn tells_of_short_breaks(&self) -> bool {
        *self.short_breaks.get_or_init(|| {
            let definition = ShortBreaks::definition();
            let statuses = self.of_kinds(&definition.status.0);
            statuses.iter().any(|event| definition.status.holds(&event.body))
                || !self.matching(std::slice::from_ref(&definition.placement)).is_empty()
        })
    }

    /// The child's day of birth, as last known.
    pub(super) fn born(&self) -> Option<NaiveDate> {
        self.born
    }

    /// The child's age in completed years on a day; `None` where the birth is not known or lies later.
    pub(super) fn age_on(&self, day: NaiveDate) -> Option<u32> {
        self.born.and_then(|born| age(born, day))
    }

    /// The child's latest birthday on or before a day.
    pub(super) fn birthday_by(&self, day: NaiveDate) -> Option<NaiveDate> {
        nth_birthday(self.born?, self.age_on(day)?)
    }

    /// Whether things stand so on a day; `None` where the dates or their order do not settle it.
    pub(super) fn stands(&self, standing: &Standing, day: NaiveDate) -> Option<bool> {
        if !self.has_any(&standing.0) {
            return Some(false);
        }
        let mut told = self.of_kinds(&standing.0);
        told.retain(|event| Ends::of(event).earliest.is_none_or(|earliest| earliest <= day));
        let surely = |event: &KnownEvent| Ends::of(event).latest.is_some_and(|latest| latest <= day);
        let certain = told.iter().any(|event| surely(event));
        let mut last = possibly_last(&told, surely).map(|event| standing.holds(&event.body));
        let stands = last.next().unwrap_or(false);
        let settled = last.all(|other| other == stands) && (certain || !stands);
        settled.then_some(stands)
    }

    /// The first day from the birthday on on which the child is looked after and has been long enough, with the event that
    /// began that period of care. `series` are periods that began as a series of short breaks, which count from the change
    /// on that made care of them; those without one do not count.
    pub(super) fn start_of(
        &self,
        birthday: Birthday,
        series: &[(EntityId, Option<&'j KnownEvent>)],
        as_at: NaiveDate,
    ) -> Option<(NaiveDate, &'j KnownEvent)> {
        let born = self.born?;
        let earliest = nth_birthday(born, birthday.age)?;
        let counted_from =
            birthday.after_care.map_or(Some(earliest), |after| nth_birthday(born, after.since_age))?;
        let mut days_before = 0;
        for care in self.care(series) {
            let until = care.until.unwrap_or(NaiveDate::MAX);
            let from = care.from.max(counted_from);
            let long_enough = match birthday.after_care {
                None => Some(care.from),
                Some(AfterCare { weeks, .. }) => {
                    let missing = i64::from(weeks) * 7 - days_before;
                    from.checked_add_days(Days::new(u64::try_from(missing.max(0)).ok()?))
                }
            };
            let start = long_enough?.max(earliest).max(care.from);
            if start < until && start <= as_at {
                return Some((start, care.began));
            }
            if until > from {
                days_before += until.signed_duration_since(from).num_days();
            }
        }
        None
    }

    fn care(&self, series: &[(EntityId, Option<&'j KnownEvent>)]) -> Vec<Care<'j>> {
        let of = |kind: Kind| self.of_kind(kind);
        let care = |began: &'j KnownEvent| {
            let period = began.entities.get(EntityRole::PeriodOfCare)?;
            let mut ends = of(Kind::CeasedToBeLookedAfter);
            let end = ends.find(|end| end.entities.get(EntityRole::PeriodOfCare) == Some(period));
            let ended = self.care_ended.iter().find(|(of, _)| *of == period).map(|(_, day)| *day);
            let until = end.and_then(|end| end.occurred.day()).into_iter().chain(ended).min();
            let of_series = series.iter().find(|(of, _)| *of == period);
            let began = of_series.map_or(Some(began), |(_, change)| *change)?;
            began.occurred.day().map(|from| Care { began, from, until })
        };
        of(Kind::BecameLookedAfter).filter_map(care).collect()
    }
}

fn openings<'j>(events: &[&'j KnownEvent]) -> BTreeMap<(EntityRole, EntityId), &'j KnownEvent> {
    let mut first = BTreeMap::new();
    for event in events.iter().filter(|event| event.kind().stage() == Stage::Opens) {
        if let Some(process) = event.kind().own_role().zip(event.own_entity()) {
            first.entry(process).or_insert(*event);
        }
    }
    first
}

/// The places of events, all of one kind, then all of the next, and where each kind ends.
fn places_by_kind(events: &[&KnownEvent]) -> (Vec<usize>, Vec<usize>) {
    let mut kind_ends = vec![0_usize; Kind::ALL.len()];
    for event in events {
        if let Some(number) = kind_ends.get_mut(event.kind() as usize) {
            *number += 1;
        }
    }
    let mut end = 0;
    for number in &mut kind_ends {
        end += *number;
        *number = end;
    }
    // Filled from the back, so that each kind stays in practice order.
    let mut next = kind_ends.clone();
    let mut places = vec![0_usize; events.len()];
    for (place, event) in events.iter().enumerate().rev() {
        let Some(next) = next.get_mut(event.kind() as usize) else { continue };
        *next -= 1;
        if let Some(held) = places.get_mut(*next) {
            *held = place;
        }
    }
    (places, kind_ends)
}

/// The places of several matches, those of each in practice order, in one such order and each once.
fn in_order(mut places: Vec<usize>, matches: &[EventMatch]) -> Vec<usize> {
    if matches.len() > 1 {
        // A stable sort merges what is in order already.
        places.sort();
        places.dedup();
    }
    places
}

fn care_ended(processes: &Processes<'_>) -> Vec<(EntityId, NaiveDate)> {
    let periods = processes.in_role(EntityRole::PeriodOfCare);
    let by_table = periods.filter_map(|process| {
        let end = process.end().filter(|end| end.line.is_some())?;
        Some((process.entity, end.event.occurred.latest_day()?))
    });
    by_table.collect()
}

/// Completed years on a day.
pub(super) fn age(born: NaiveDate, day: NaiveDate) -> Option<u32> {
    let years = u32::try_from(day.year() - born.year()).ok()?;
    let birthday = nth_birthday(born, years)?;
    if birthday <= day { Some(years) } else { years.checked_sub(1) }
}

/// Those of some events that may have been the last of them. Only what is `sure` to belong to them
/// can be the later one.
pub(super) fn possibly_last<'a, 'j>(
    events: &'a [&'j KnownEvent],
    sure: impl Fn(&KnownEvent) -> bool + 'a,
) -> impl Iterator<Item = &'j KnownEvent> + 'a {
    let is_overtaken = move |event: &KnownEvent| {
        events.iter().rev().any(|later| sure(later) && event.is_surely_before(later))
    };
    events.iter().copied().filter(move |event| !is_overtaken(event))
}

fn birth(event: &KnownEvent) -> Option<NaiveDate> {
    if let Body::ChildRegistered(registered) = &event.body {
        registered.date_of_birth
    } else if matches!(event.body, Body::BirthRecorded(_)) {
        Ends::of(event).certain()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(age(day("2015-06-15"), day("2020-06-14")), Some(4));
        assert_eq!(age(day("2015-06-15"), day("2020-06-15")), Some(5));
        assert_eq!(age(day("2016-02-29"), day("2021-02-28")), Some(4));
        assert_eq!(age(day("2016-02-29"), day("2021-03-01")), Some(5));
        assert_eq!(age(day("2015-06-15"), day("2015-06-14")), None);
    }
}
