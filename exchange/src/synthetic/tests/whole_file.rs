//! The file as a file: the same again, in order, marked as invented, and read back to the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use domain::events::Kind;
use domain::journey::{Basis, Journey, KnownAt};

use super::super::{NOTE, Options, SynthesisError, synthesise};
use super::corpus::{day, ordinary, protection};
use crate::jsonl::{Header, Outgoing, Reader, Writer};

fn options(children: u32, seed: u64) -> Options {
    Options { children, years: 6, seed, until: day("2025-03-31") }
}

fn text_of(options: &Options) -> Vec<u8> {
    let mut text = Vec::new();
    synthesise(options, &mut text).unwrap();
    text
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    assert_eq!(text_of(&options(120, 3)), text_of(&options(120, 3)));
    assert_ne!(text_of(&options(120, 3)), text_of(&options(120, 4)));
}

#[test]
fn every_reader_is_told_that_everybody_is_invented() {
    let text = text_of(&options(40, 1));
    let reader = Reader::open(Cursor::new(&text)).unwrap();
    let expected =
        Header { authority: "INV".into(), invented: true, note: NOTE.into(), as_at: Some(day("2025-03-31")) };
    assert_eq!(reader.header(), &expected);
    for line in reader.map(Result::unwrap) {
        for (field, value) in &line.event.sealed.0 {
            let plainly_invented = match field.as_str() {
                "name" => value.starts_with("Worker ") && value.ends_with(" (invented)"),
                "la_child_id" | "court_reference" => value.starts_with("INV-"),
                // No pupil number has a check letter I.
                "upn" | "value" => value.starts_with('I'),
                other => panic!("unexpected sealed field {other}"),
            };
            assert!(plainly_invented, "{field}");
        }
    }
}

#[test]
fn counts_are_those_of_the_lines() {
    let corpus = ordinary();
    let kinds = |kind: Kind| corpus.lines.iter().filter(|line| line.event.kind == kind.name()).count();
    let children = kinds(Kind::ChildRegistered) + kinds(Kind::UnbornChildRegistered);
    assert_eq!(children, usize::try_from(corpus.options.children).unwrap());
    assert_eq!(corpus.summary.children, u64::from(corpus.options.children));
    assert_eq!(corpus.summary.events, u64::try_from(corpus.lines.len()).unwrap());
    assert_eq!(corpus.summary.workers, u64::try_from(kinds(Kind::WorkerRegistered)).unwrap());
    let commands: BTreeSet<_> = corpus.lines.iter().map(|line| line.command_id).collect();
    assert_eq!(corpus.summary.commands, u64::try_from(commands.len()).unwrap());
}

#[test]
fn lines_stand_in_the_order_of_their_entry_and_commands_together() {
    let mut last_id = None;
    let mut ended = BTreeSet::new();
    let mut current = None;
    for line in &ordinary().lines {
        // The first 48 bits of a version 7 id are the milliseconds of the entry.
        let millis = line.event.event_id.0.as_u128() >> 80;
        assert!(last_id.is_none_or(|last| last <= millis), "line {}", line.line);
        last_id = Some(millis);
        if current != Some(line.command_id) {
            assert!(ended.insert(line.command_id), "line {} goes on with an ended command", line.line);
            current = Some(line.command_id);
        }
    }
    let ids: BTreeSet<_> = ordinary().lines.iter().map(|line| line.event.event_id).collect();
    assert_eq!(ids.len(), ordinary().lines.len());
}

#[test]
fn facts_are_written_as_the_domain_writes_them_and_the_file_reads_back_to_its_bytes() {
    for corpus in [ordinary(), protection()] {
        let header = Reader::open(Cursor::new(&corpus.text)).unwrap().header().clone();
        let mut writer = Writer::try_new(Vec::new(), &header).unwrap();
        for line in &corpus.lines {
            assert_eq!(line.read.facts().unwrap(), line.event.facts, "line {}", line.line);
            writer
                .event(&Outgoing::of_new(line.stream, line.category, line.command_id, &line.event))
                .unwrap();
        }
        assert!(writer.finish().unwrap() == corpus.text.as_bytes(), "the file reads back to other bytes");
    }
}

#[test]
fn what_was_known_grows_and_changes_over_time() {
    let corpus = ordinary();
    let known = |text: &str| KnownAt::end_of(Basis::Source, day(text));
    let mut totals = BTreeMap::new();
    let mut changed = 0;
    for events in corpus.recorded.values() {
        let mut last = None;
        for moment in ["2021-03-31", "2022-03-31", "2023-03-31", "2024-03-31", "2025-03-31"] {
            let journey = Journey::known(events, known(moment));
            assert_eq!(journey.anomalies, []);
            *totals.entry(moment).or_insert(0) += journey.events.len();
            changed += usize::from(last.replace(journey.events.len()).is_some_and(|last| last > 0));
        }
    }
    let totals: Vec<usize> = totals.into_values().collect();
    assert!(totals.is_sorted() && totals[0] * 2 < totals[4], "{totals:?}");
    assert!(changed > 0);
}

#[test]
fn late_entries_corrections_withdrawals_and_reinstatements_are_there_in_small_numbers() {
    let corpus = ordinary();
    let total = corpus.lines.len();
    let count = |kind: Kind| corpus.lines.iter().filter(|line| line.event.kind == kind.name()).count();
    let late = corpus.lines.iter().filter(|line| {
        let entered = line.event.context.source_recorded_at.unwrap().known_by().date_naive();
        line.read.occurred.latest_day().is_some_and(|told| (entered - told).num_days() > 14)
    });
    let cases = [
        ("entered more than two weeks late", late.count(), 200..1500),
        ("corrected", count(Kind::EventCorrected), 10..150),
        ("withdrawn", count(Kind::EventWithdrawn), 5..100),
        ("reinstated", count(Kind::EventReinstated), 1..30),
    ];
    for (what, found, per_ten_thousand) in cases {
        let share = found * 10_000 / total;
        assert!(per_ten_thousand.contains(&share), "{what}: {found} of {total}");
    }
}

#[test]
fn options_that_cannot_be_met_say_what_can() {
    let refused = |options: Options| synthesise(&options, &mut Vec::new()).unwrap_err();
    assert!(matches!(refused(options(0, 1)), SynthesisError::NoChildren));
    assert!(matches!(refused(Options { years: 0, ..options(1, 1) }), SynthesisError::Years { years: 0 }));
    let until = day("1066-10-14");
    assert!(matches!(refused(Options { until, ..options(1, 1) }), SynthesisError::Until { .. }));
    assert_eq!(synthesise(&options(1, 1), &mut Vec::new()).unwrap().children, 1);
}
