//! Acts of an uncertain day, read without the days on which they cannot have been done.
//!
//! A referral "by 3 March" is not of any year: nothing is done about a child before the pregnancy, and a child is not looked
//! after, placed or brought to court before the birth. What names a process was not done before that began: neither in it,
//! nor in what it grew out of (a conference of an enquiry, not before the referral of that enquiry). So a rule of an
//! earlier year is not asked, and a visit that names its plan lies in it.
//!
//! The other way round, a process had begun by the first act that names it and comes after a beginning: care "between 1 and 31
//! May" of which a review was held on the 10th did not begin on the 11th.
//!
//! What it does not do: it changes no journey, and tells no day. An act that surely lies before all of this contradicts the
//! record, and stays as it is. What need not name a process, such as a visit, is cut by one only where it does name it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::events::{Body, EntityRole, Group, Kind, Stage};
use crate::ids::{EntityId, EventId};
use crate::journey::{KnownEvent, Reread, sort};
use crate::observations::{is_about_the_record, may_precede_birth};
use crate::time::{DAYS_BEFORE_BIRTH, Occurred};

/// How far it is asked what a process grew out of.
const GENERATIONS: usize = 4;

/// How the uncertain acts of a journey are read.
#[derive(Debug, Default)]
pub(super) struct Bounded {
    read: Reread,
    /// What cannot have happened by the day asked about.
    later: BTreeSet<EventId>,
}

/// What tells how early something can have been done.
struct Bounds<'a> {
    /// The first opening of each process.
    openings: BTreeMap<(EntityRole, EntityId), &'a KnownEvent>,
    born: Option<NaiveDate>,
    conceived: Option<NaiveDate>,
}

impl Bounded {
    /// Finds them among events as they are stated (`all`). `named` are the same, with the names of what they can only be of.
    pub(super) fn of(all: &[&KnownEvent], named: &[&KnownEvent], as_at: NaiveDate) -> Self {
        let mut bounded = Self::default();
        let is_uncertain = |event: &KnownEvent| event.occurred.day().is_none();
        if !all.iter().any(|event| is_uncertain(event)) {
            return bounded;
        }
        let bounds = Bounds::of(all);
        for (stated, named) in all.iter().zip(named).filter(|(event, _)| is_uncertain(event)) {
            let names = if stated.kind().own_role().is_some() { named } else { stated };
            let (first, last) = (stated.occurred.earliest_day(), stated.occurred.latest_day());
            let from = bounds.earliest(names, GENERATIONS);
            let from = from.filter(|from| first < Some(*from) && last.is_none_or(|last| last >= *from));
            if from.is_some_and(|from| from > as_at) {
                bounded.later.insert(stated.event_id);
                continue;
            }
            let from = from.or(first);
            // A beginning of which nothing is known stays unknown.
            let until = from.or(last).and_then(|_| begun_by(stated, from, all));
            let until = until.filter(|until| last.is_none_or(|last| *until < last));
            if from == first && until.is_none() {
                continue;
            }
            let occurred = match (from, until.or(last)) {
                (Some(from), Some(until)) if from == until => Occurred::on(from),
                (from, until) => Occurred::within(from, until),
            };
            bounded.read.insert(KnownEvent { occurred, ..(*named).clone() });
        }
        bounded
    }

    /// Whether every act is read as it stands.
    pub(super) fn is_empty(&self) -> bool {
        self.read.is_empty() && self.later.is_empty()
    }

    /// The events, in practice order.
    pub(super) fn read<'j>(&'j self, mut events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        if self.is_empty() {
            return events;
        }
        events.retain(|event| !self.later.contains(&event.event_id));
        let mut events = self.read.read(events);
        sort(&mut events);
        events
    }
}

impl<'a> Bounds<'a> {
    fn of(events: &[&'a KnownEvent]) -> Self {
        let mut openings: BTreeMap<(EntityRole, EntityId), &KnownEvent> = BTreeMap::new();
        for event in events.iter().copied().filter(|event| event.kind().stage() == Stage::Opens) {
            let Some(process) = event.kind().own_role().zip(event.own_entity()) else { continue };
            let held = openings.entry(process).or_insert(event);
            if event.occurred.earliest_day() < held.occurred.earliest_day() {
                *held = event;
            }
        }
        // Where two days of birth are told, the earlier one excludes less.
        let born = events.iter().filter_map(|event| birth(event)).min();
        let expected = || events.iter().filter_map(|event| expected_birth(event)).min();
        let conceived =
            born.or_else(expected).and_then(|day| day.checked_sub_days(Days::new(DAYS_BEFORE_BIRTH)));
        Self { openings, born, conceived }
    }

    /// The first day on which an act can have been done; `None` where nothing tells one.
    fn earliest(&self, act: &KnownEvent, generations: usize) -> Option<NaiveDate> {
        let own = act.kind().own_role().filter(|_| act.kind().stage() == Stage::Opens);
        let named = act.entities.iter().filter(|(role, _)| Some(*role) != own);
        let begun = named.filter_map(|process| self.begun(process, act.kind(), generations));
        begun.chain(self.by_birth(act.kind())).max()
    }

    fn by_birth(&self, kind: Kind) -> Option<NaiveDate> {
        if is_about_the_record(kind) || kind.group() == Group::RecordKeeping {
            None
        } else if may_precede_birth(kind) {
            self.conceived
        } else {
            self.born
        }
    }

    /// The first day of a process, or of what it grew out of, as far as acts of a kind come after its beginning.
    fn begun(&self, process: (EntityRole, EntityId), act: Kind, generations: usize) -> Option<NaiveDate> {
        let generations = generations.checked_sub(1)?;
        let opened = *self.openings.get(&process)?;
        let own = || opened.occurred.earliest_day().or_else(|| self.earliest(opened, generations));
        let own = if follows(act, process.0, opened.kind()) { own() } else { None };
        let others = opened.entities.iter().filter(|other| *other != process);
        others.filter_map(|other| self.begun(other, act, generations)).chain(own).max()
    }
}

/// The last day on which a process can have begun that is not surely older: the first of the last days of the acts that name
/// it and come after its beginning.
fn begun_by(opened: &KnownEvent, from: Option<NaiveDate>, all: &[&KnownEvent]) -> Option<NaiveDate> {
    let own = opened.kind().own_role().filter(|_| opened.kind().stage() == Stage::Opens);
    let (role, entity) = own.zip(opened.own_entity())?;
    let of_it = |act: &&&KnownEvent| {
        act.entities.get(role) == Some(entity) && follows(act.kind(), role, opened.kind())
    };
    let last_days = all.iter().filter(of_it).filter_map(|act| act.occurred.latest_day());
    last_days.filter(|day| from.is_none_or(|from| *day >= from)).min()
}

/// Whether acts of a kind that name a process come after its beginning. A strategy discussion goes before the enquiry, and a
/// request before what it asks for; a review conference is of the plan that it reviews, and goes before the next.
pub(super) fn follows(act: Kind, role: EntityRole, opening: Kind) -> bool {
    let is_within = act.own_role() == Some(role) && matches!(act.stage(), Stage::Continues | Stage::Ends);
    let reviews = act == Kind::ReviewConferenceHeld && role == EntityRole::Plan;
    is_within || reviews || act.rank() > opening.rank()
}

fn birth(event: &KnownEvent) -> Option<NaiveDate> {
    if let Body::ChildRegistered(registered) = &event.body {
        registered.date_of_birth
    } else {
        event.occurred.earliest_day().filter(|_| event.kind() == Kind::BirthRecorded)
    }
}

fn expected_birth(event: &KnownEvent) -> Option<NaiveDate> {
    if let Body::ChildRegistered(registered) = &event.body {
        registered.expected_date_of_birth
    } else if let Body::UnbornChildRegistered(unborn) = &event.body {
        unborn.expected_date_of_birth
    } else if let Body::ExpectedBirthDateChanged(changed) = &event.body {
        Some(changed.expected_date_of_birth)
    } else {
        None
    }
}
