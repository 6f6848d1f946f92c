//! Files to check, made once and read back through the reader into journeys.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::OnceLock;

use chrono::NaiveDate;
use domain::events::{Body, EntityRole, Kind, RecordedEvent};
use domain::ids::{EntityId, Position, Revision, StreamId};
use domain::journey::{Basis, Journey, KnownAt, KnownEvent};

use super::super::rates::{Mix, Route};
use super::super::{Options, Summary, with_mix};
use crate::jsonl::{EventLine, Reader};

/// A file, its lines and the journeys they make.
pub(super) struct Corpus {
    pub(super) options: Options,
    pub(super) summary: Summary,
    pub(super) text: String,
    pub(super) lines: Vec<EventLine>,
    pub(super) recorded: BTreeMap<StreamId, Vec<RecordedEvent>>,
    /// As known at the end, on the source's word.
    pub(super) journeys: BTreeMap<StreamId, Journey>,
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Corpus {
    pub(super) fn of(children: u32, years: u32, until: &str, mix: Mix) -> Self {
        Self::only(children, years, until, mix, |_| true)
    }

    /// Only lines whose text is wanted are read back; the rest would only take time.
    pub(super) fn only(
        children: u32,
        years: u32,
        until: &str,
        mix: Mix,
        wanted: impl Fn(&str) -> bool,
    ) -> Self {
        let options = Options { children, years, seed: 7, until: day(until) };
        let mut bytes = Vec::new();
        let summary = with_mix(&options, mix, &mut bytes).unwrap();
        let mut text = String::from_utf8(bytes).unwrap();
        let mut first = true;
        text = text.split_inclusive('\n').filter(|line| std::mem::take(&mut first) || wanted(line)).collect();
        let lines: Vec<EventLine> =
            Reader::open(Cursor::new(text.as_bytes())).unwrap().map(Result::unwrap).collect();
        let recorded = by_stream(&lines);
        let known = KnownAt { basis: Basis::Source, until: None };
        let journeys =
            recorded.iter().map(|(stream, events)| (*stream, Journey::known(events, known))).collect();
        Self { options, summary, text, lines, recorded, journeys }
    }

    /// Every known event of a kind, journey by journey.
    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&Journey, &KnownEvent)> {
        self.journeys.values().flat_map(move |journey| {
            journey.events.iter().filter(move |event| event.kind() == kind).map(move |event| (journey, event))
        })
    }
}

fn by_stream(lines: &[EventLine]) -> BTreeMap<StreamId, Vec<RecordedEvent>> {
    let mut streams: BTreeMap<StreamId, Vec<RecordedEvent>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let held = streams.entry(line.stream).or_default();
        held.push(RecordedEvent {
            position: Position(u64::try_from(index).unwrap() + 1),
            stream: line.stream,
            category: line.category,
            revision: Revision(u32::try_from(held.len()).unwrap() + 1),
            event_id: line.event.event_id,
            command_id: line.command_id,
            recorded_at: line.event.context.source_recorded_at.unwrap().known_by(),
            context: line.event.context.clone(),
            event: line.read.clone(),
        });
    }
    streams
}

/// An ordinary authority over six years.
pub(super) fn ordinary() -> &'static Corpus {
    static HELD: OnceLock<Corpus> = OnceLock::new();
    HELD.get_or_init(|| Corpus::of(2500, 6, "2025-03-31", Mix::default()))
}

/// Many conferences and plans, nothing else changed.
pub(super) fn protection() -> &'static Corpus {
    static HELD: OnceLock<Corpus> = OnceLock::new();
    HELD.get_or_init(|| Corpus::of(1500, 6, "2025-03-31", mostly(Route::Protection)))
}

/// A mix in which half of all referrals take one route.
pub(super) fn mostly(route: Route) -> Mix {
    let mut mix = Mix::default();
    for (held, weight) in &mut mix.routes {
        if *held == route {
            *weight = 10_000;
        }
    }
    mix
}

/// The day of an event that has one.
pub(super) fn day_of(event: &KnownEvent) -> NaiveDate {
    event.occurred.day().unwrap_or_else(|| panic!("{:?} has no day", event.kind()))
}

pub(super) fn entity(event: &KnownEvent, role: EntityRole) -> Option<EntityId> {
    event.entities.get(role)
}

/// The first event of a kind that names an entity in a role.
pub(super) fn first_of(journey: &Journey, kind: Kind, role: EntityRole, id: EntityId) -> Option<&KnownEvent> {
    journey.events.iter().find(|event| event.kind() == kind && event.entities.get(role) == Some(id))
}

/// The day of birth, as far as it is known.
pub(super) fn birth(journey: &Journey) -> Option<NaiveDate> {
    journey.events.iter().find_map(|event| {
        if let Body::ChildRegistered(registered) = &event.body {
            return registered.date_of_birth;
        }
        (event.kind() == Kind::BirthRecorded).then(|| event.occurred.day()).flatten()
    })
}
