//! History that older versions of the program wrote reads, and says what it said: nothing is lost and nothing is added.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test, and says where")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use domain::canonical;
use domain::events::{CaseEvent, Kind, MalformedEvent, UPCASTS};
use serde_json::Value;

/// One event as an older program wrote it.
struct Old {
    place: String,
    kind: String,
    version: u16,
    facts: String,
    reads: String,
}

fn old_events() -> Vec<Old> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/events"));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files.iter().flat_map(lines).collect()
}

fn lines(file: &PathBuf) -> Vec<Old> {
    let text = std::fs::read_to_string(file).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let old = |(number, line): (usize, &str)| {
        let line: Value = serde_json::from_str(line).unwrap();
        let written = |key: &str| line.get(key).map(|facts| canonical::write(facts).unwrap());
        let facts = written("facts").unwrap();
        Old {
            place: format!("{name}, line {}", number + 1),
            kind: line.get("kind").and_then(Value::as_str).unwrap().to_owned(),
            version: u16::try_from(line.get("schema").and_then(Value::as_u64).unwrap()).unwrap(),
            reads: written("reads").unwrap_or_else(|| facts.clone()),
            facts,
        }
    };
    text.lines().enumerate().map(old).collect()
}

fn read(kind: &str, version: u16, facts: &str) -> Result<CaseEvent, MalformedEvent> {
    CaseEvent::read("2024-03-11".parse().unwrap(), kind, version, facts)
}

#[test]
fn every_event_that_an_older_program_wrote_reads_as_the_same() {
    let old = old_events();
    for event in &old {
        let read = read(&event.kind, event.version, &event.facts)
            .unwrap_or_else(|error| panic!("{}: {error}", event.place));
        assert_eq!(read.facts().unwrap(), event.reads, "{}", event.place);
    }
    let kinds: BTreeSet<&str> = old.iter().map(|event| event.kind.as_str()).collect();
    assert!(old.len() >= 187 && kinds.len() >= 88, "{} events of {} kinds", old.len(), kinds.len());
}

#[test]
fn every_older_shape_has_an_event_that_reads_differently_now() {
    let old = old_events();
    for upcast in UPCASTS {
        let shows = |event: &Old| {
            event.kind == upcast.kind.name() && event.version == upcast.from && event.facts != event.reads
        };
        assert!(old.iter().any(shows), "{} version {}", upcast.kind.name(), upcast.from);
        assert!(!upcast.doc.is_empty());
    }
}

#[test]
fn a_newer_version_is_refused_with_its_kind_and_version() {
    for kind in Kind::ALL {
        let version = kind.schema_version() + 1;
        let refused = read(kind.name(), version, r#"{"details":{}}"#).unwrap_err();
        let newest = kind.schema_version();
        assert_eq!(refused, MalformedEvent::UnknownVersion { kind: kind.name(), version, newest });
        let said = refused.to_string();
        assert!(said.contains(kind.name()) && said.contains(&format!("version {version}")), "{said}");
    }
}

#[test]
fn facts_that_do_not_have_the_shape_of_their_version_are_refused_with_it() {
    let newest_shape_as_first = r#"{"details":{"distance_miles":"20","short_break":false}}"#;
    for (facts, said) in [
        (newest_shape_as_first, "not a whole number"),
        (r#"{"details":{"distance_miles":-1,"short_break":false}}"#, "not a whole number"),
        (r#"{"details":7}"#, "no details"),
        (r#"{"details":{"short_break":false,"colour":"red"}}"#, "colour"),
        ("[", "expected a map"),
    ] {
        let refused = read("placement_started", 1, facts).unwrap_err();
        assert!(matches!(refused, MalformedEvent::Facts { kind: "placement_started", version: 1, .. }));
        assert!(refused.to_string().contains(said), "{refused}");
    }
    assert!(
        read("placement_started", 2, r#"{"details":{"distance_miles":20,"short_break":false}}"#).is_err()
    );
}
