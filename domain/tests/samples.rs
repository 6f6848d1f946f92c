//! `domain/samples`: one invented event of every kind, read for ever; each is decided, replayed, corrected and found.

#![expect(clippy::unwrap_used, reason = "a sample that cannot be read fails the test, and says where")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use domain::canonical;
use domain::decider::{Command, Refusal, decide};
use domain::envelope::{Category, EventContext};
use domain::events::record_keeping::CorrectionReason;
use domain::events::{CaseEvent, Kind, RecordedEvent, Stage};
use domain::ids::{CommandId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt, KnownEvent};
use serde_json::Value;
use uuid::Uuid;

const NOW: &str = "2024-07-01T09:00:00Z";

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/samples"))
}

fn held_files() -> Vec<(String, String)> {
    let mut held: Vec<(String, String)> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    held.sort();
    held
}

/// The event of a held line.
fn read(line: &Value) -> CaseEvent {
    let text = |key: &str| line[key].as_str().unwrap();
    let version = u16::try_from(line["schema"].as_u64().unwrap()).unwrap();
    CaseEvent::read(text("occurred").parse().unwrap(), text("kind"), version, &line["facts"].to_string())
        .unwrap()
}

#[test]
fn every_held_sample_is_read_and_written_back_byte_by_byte() {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(folder()).unwrap();
        for kind in Kind::ALL {
            let path = folder().join(format!("{}.{}.json", kind.name(), kind.schema_version()));
            // What is held is never written anew: it is a shape that was once recorded.
            if !path.exists() {
                std::fs::write(path, kind.sample_line() + "\n").unwrap();
            }
        }
    }
    let mut newest = BTreeSet::new();
    for (name, text) in held_files() {
        let mut line = canonical::read(text.strip_suffix('\n').unwrap()).unwrap();
        let event = read(&line);
        let kind = event.body.kind();
        let version = line["schema"].as_u64().unwrap();
        assert_eq!(name, format!("{}.{version}.json", kind.name()));
        if version == u64::from(kind.schema_version()) {
            newest.insert(kind.name());
            line["facts"] = serde_json::from_str(&event.facts().unwrap()).unwrap();
            assert_eq!(canonical::write(&line).unwrap() + "\n", text, "{name}");
        }
    }
    let all: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(newest, all, "write the missing samples with UPDATE=1 cargo test");
}

#[test]
fn a_sample_fills_in_every_field_and_holds_nothing_irregular() {
    for kind in Kind::ALL {
        let line: Value = serde_json::from_str(&kind.sample_line()).unwrap();
        let details = line["facts"]["details"].as_object().unwrap();
        let fields = kind.fields();
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(details.keys().map(String::as_str).collect::<Vec<_>>(), names, "{}", kind.name());
        let sealed = line.get("sealed").and_then(Value::as_object).map_or(0, serde_json::Map::len);
        assert_eq!(sealed, kind.sealed_fields().len(), "{}", kind.name());
    }
}

/// Everything recorded in one invented stream.
struct Stream {
    category: Category,
    events: Vec<RecordedEvent>,
}

impl Stream {
    fn new(category: Category) -> Self {
        Self { category, events: Vec::new() }
    }

    fn command(&mut self, command: &Command) -> Result<EventId, Refusal> {
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let event = decide(self.category, &self.events, command, now)?.event;
        let number = u32::try_from(self.events.len() + 1).unwrap();
        let event_id = EventId(Uuid::from_u128(u128::from(number)));
        // What is recorded went through its stored form.
        let kind = event.body.kind();
        let facts = event.facts().unwrap();
        let event = CaseEvent::read(event.occurred, kind.name(), kind.schema_version(), &facts).unwrap();
        self.events.push(RecordedEvent {
            position: Position(u64::from(number)),
            stream: StreamId(Uuid::from_u128(99)),
            category: self.category,
            revision: Revision(number),
            event_id,
            command_id: CommandId(Uuid::from_u128(u128::from(number))),
            recorded_at: now,
            context: EventContext::new(Uuid::from_u128(5), "social_worker"),
            event,
        });
        Ok(event_id)
    }

    fn record(&mut self, event: CaseEvent) -> Result<EventId, Refusal> {
        self.command(&Command::Record { event: Box::new(event) })
    }

    fn journey(&self) -> Journey {
        let journey = Journey::known(&self.events, KnownAt::NOW);
        assert_eq!(journey.anomalies, []);
        journey
    }
}

fn on(kind: Kind, day: &str) -> CaseEvent {
    CaseEvent { occurred: day.parse().unwrap(), ..kind.sample() }
}

/// The event that begins the process of `kind`, where it has to have begun.
fn opening(kind: Kind, category: Category) -> Option<CaseEvent> {
    let needed = matches!(kind.stage(), Stage::Continues | Stage::Ends) && !kind.may_stand_alone();
    let role = kind.own_role().filter(|_| needed)?;
    let opens = |other: &&Kind| {
        other.own_role() == Some(role) && other.stage() == Stage::Opens && other.stands_in(category)
    };
    let opening =
        Kind::ALL.iter().find(opens).unwrap_or_else(|| panic!("{role} is never opened in {category}"));
    Some(on(*opening, "2024-03-04"))
}

/// Kinds that are not listed among the events of a journey: amendments, and the record about the record.
fn is_listed(kind: Kind) -> bool {
    !kind.is_amendment() && !matches!(kind, Kind::SourceClaimDisputed | Kind::HistoryCoverageStated)
}

#[test]
fn every_kind_is_decided_replayed_corrected_withdrawn_and_found_in_every_stream_in_which_it_stands() {
    let mut tried = 0;
    for kind in Kind::ALL.iter().copied().filter(|kind| is_listed(*kind)) {
        for category in kind.categories().iter().copied().filter(|category| *category != Category::System) {
            goes_through_its_life(kind, category);
            tried += 1;
        }
    }
    assert!(tried > 350, "{tried}");
}

fn goes_through_its_life(kind: Kind, category: Category) {
    let name = kind.name();
    let mut stream = Stream::new(category);
    if let Some(opening) = opening(kind, category) {
        stream.record(opening).unwrap_or_else(|refusal| panic!("{name} in {category}: opening: {refusal}"));
    }
    let sample = kind.sample();
    let id =
        stream.record(sample.clone()).unwrap_or_else(|refusal| panic!("{name} in {category}: {refusal}"));
    let found = |journey: &Journey| journey.event(id).map(KnownEvent::to_case_event);
    assert_eq!(found(&stream.journey()).as_ref(), Some(&sample), "{name} replays as it was recorded");

    let replacement = on(kind, "2024-03-08");
    let (reason, authorised_by) = (CorrectionReason::TypingError, None);
    let correction =
        Command::Correct { target: id, replacement: Box::new(replacement.clone()), reason, authorised_by };
    stream
        .command(&correction)
        .unwrap_or_else(|refusal| panic!("{name} in {category}: correction: {refusal}"));
    let journey = stream.journey();
    assert_eq!(found(&journey), Some(replacement), "{name} in {category}");
    assert!(journey.event(id).is_some_and(KnownEvent::is_corrected));

    stream.command(&Command::Withdraw { target: id, reason, authorised_by }).unwrap();
    assert_eq!(found(&stream.journey()), None, "{name} in {category}");
    stream.command(&Command::Reinstate { target: id, reason, authorised_by }).unwrap();
    assert!(found(&stream.journey()).is_some(), "{name} in {category}");
}

#[test]
fn no_kind_is_decided_in_a_stream_in_which_it_does_not_stand() {
    for kind in Kind::ALL.iter().copied() {
        for category in Category::ALL.into_iter().filter(|category| !kind.stands_in(*category)) {
            let refused = Stream::new(category).record(kind.sample());
            let (name, expected) = (kind.name(), kind.category());
            assert_eq!(refused, Err(Refusal::WrongCategory { kind: name, expected }), "{name} in {category}");
        }
    }
}

#[test]
fn a_process_that_has_to_begin_is_refused_without_its_beginning_and_without_its_name() {
    let mut refused = 0;
    for kind in Kind::ALL.iter().copied().filter(|kind| is_listed(*kind)) {
        let category = kind.category();
        if opening(kind, category).is_some() && category != Category::System {
            assert!(matches!(Stream::new(category).record(kind.sample()), Err(Refusal::Impossible { .. })));
            refused += 1;
        }
        if kind.own_role().is_some() && kind != Kind::ReferralDecisionMade {
            let nameless = CaseEvent { entities: domain::events::Entities::none(), ..kind.sample() };
            let answer = Stream::new(category).record(nameless);
            assert!(matches!(answer, Err(Refusal::Impossible { .. })), "{}", kind.name());
        }
    }
    assert!(refused > 40, "{refused}");
}
