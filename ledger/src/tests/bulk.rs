//! Import chunks: known events are left out, chunks are recognised, live callers are not held up by ids.

use std::io;

use domain::envelope::{Category, Confidentiality, ImportRef, NewEvent, SealedFields};
use domain::ids::{CommandId, ImportId, Position, Revision, StreamId};
use uuid::Uuid;

use crate::test_support::{append_to, fresh_ledger, some_command, some_event, some_stream};
use crate::{
    AppendError, Clash, Command, EVENTS_PER_CHUNK, Expected, Fed, FedEvent, FeedFault, Identifier,
    MAX_EVENTS_PER_CHUNK, Part, StreamAppend,
};

fn chunk(streams: u32, events: u32) -> Command {
    let append = |_| {
        StreamAppend::new(
            some_stream(),
            Category::Child,
            Expected::Any,
            (0..events).map(some_event).collect(),
        )
    };
    Command { command_id: some_command(), appends: (0..streams).map(append).collect() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_again_adds_nothing_and_a_partial_overlap_adds_the_rest() {
    let (_database, ledger) = fresh_ledger().await;
    let first = chunk(50, 4);
    let report = ledger.append_bulk(first.clone()).await.unwrap();
    assert_eq!((report.recorded.event_count, report.known, report.recorded.already), (200, 0, false));
    let same = ledger.append_bulk(first.clone()).await.unwrap();
    assert_eq!((same.recorded.already, same.known, same.recorded.first_position), (true, 200, Position(2)));
    let renamed = Command { command_id: some_command(), ..first.clone() };
    let report = ledger.append_bulk(renamed).await.unwrap();
    assert_eq!((report.recorded.event_count, report.known), (0, 200));
    let mut grown = Command { command_id: some_command(), ..first.clone() };
    for append in &mut grown.appends {
        append.events.push(some_event(9));
    }
    let report = ledger.append_bulk(grown).await.unwrap();
    assert_eq!((report.recorded.event_count, report.known), (50, 200));
    assert!(report.recorded.streams.iter().all(|stream| (stream.first.0, stream.last.0) == (5, 5)));
    assert_eq!(ledger.head().await.unwrap().position, Position(251));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_id_with_other_content_refuses_the_chunk() {
    let (_database, ledger) = fresh_ledger().await;
    let first = chunk(3, 2);
    ledger.append_bulk(first.clone()).await.unwrap();
    let mut other = Command { command_id: some_command(), ..first };
    other.appends[1].events[1].facts = "{\"details\":{\"number\":77}}".to_owned();
    let changed = other.appends[1].events[1].event_id;
    let refused = ledger.append_bulk(other).await;
    assert!(
        matches!(refused, Err(AppendError::EventIdReused { event_id }) if event_id == changed),
        "{refused:?}"
    );
    let too_many = ledger.append_bulk(chunk(1, u32::try_from(MAX_EVENTS_PER_CHUNK).unwrap() + 1)).await;
    assert!(matches!(too_many, Err(AppendError::TooManyEvents { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_that_contradicts_the_ledger_is_found_at_once() {
    let (_database, ledger) = fresh_ledger().await;
    let fed: Vec<FedEvent> = groups(4).into_iter().flatten().collect();
    ledger.append_all([Ok::<_, io::Error>(fed.clone())].into_iter(), chunk_id(1), |_| {}).await.unwrap();
    assert_eq!(ledger.clashes(&fed).await.unwrap(), [], "the same again is known");
    let mut changed = fed;
    changed[1].event.facts = "{\"details\":{\"number\":77}}".to_owned();
    changed[4].stream = some_stream();
    changed[6].category = Category::Worker;
    changed[7].event = some_event(99);
    let found = ledger.clashes(&changed).await.unwrap();
    let other_category = Clash::OtherCategory { actual: Category::Child };
    let other = |differs| Clash::OtherEvent { differs };
    assert_eq!(found, [(1, other(Part::Facts)), (4, other(Part::Stream)), (6, other_category)]);
}

/// An event in which every part says something.
fn full_event() -> FedEvent {
    let mut event = some_event(1);
    event.sealed = SealedFields::none().with("name", "Invented Child");
    event.context.team = Some("north".to_owned());
    event.context.correlation = Some(Uuid::from_u128(7));
    event.context.confidentiality = Some(Confidentiality::Restricted);
    event.context.source_recorded_at = Some("2024-03-04".parse().unwrap());
    event.context.import = Some(ImportRef {
        import: ImportId(Uuid::from_u128(8)),
        as_at: "2024-03-31".parse().unwrap(),
        sheet: "1".to_owned(),
        row: 3,
    });
    FedEvent { stream: some_stream(), category: Category::Child, event, identifiers: Vec::new() }
}

type Change = fn(&mut NewEvent);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_id_with_a_difference_in_any_part_is_refused_and_the_part_named() {
    let (_database, ledger) = fresh_ledger().await;
    let (whole, bare) = (full_event(), FedEvent { event: some_event(2), ..full_event() });
    let all = vec![whole.clone(), bare.clone()];
    ledger.append_all([Ok::<_, io::Error>(all.clone())].into_iter(), chunk_id(1), |_| {}).await.unwrap();
    assert_eq!(ledger.clashes(&all).await.unwrap(), [], "the same again is known, also what is sealed");
    let again = ledger.append_all([Ok::<_, io::Error>(all)].into_iter(), chunk_id(2), |_| {}).await;
    assert_eq!(again.unwrap().known, 2);
    let changes: [(&FedEvent, Part, Change); 15] = [
        (&whole, Part::Kind, |event| event.kind = "referral_received".into()),
        (&whole, Part::Kind, |event| event.schema_version = 2),
        (&whole, Part::Occurred, |event| event.occurred = "2024-03-05".parse().unwrap()),
        (&whole, Part::Facts, |event| event.facts = "{\"details\":{\"number\":77}}".to_owned()),
        (&whole, Part::Sealed, |event| event.sealed = SealedFields::none().with("name", "Somebody Else")),
        (&whole, Part::Sealed, |event| event.sealed = SealedFields::none()),
        (&bare, Part::Sealed, |event| event.sealed = SealedFields::none().with("name", "Invented Child")),
        (&whole, Part::RecordedBy, |event| event.context.recorded_by = Uuid::from_u128(9)),
        (&whole, Part::Role, |event| event.context.role = "team_manager".into()),
        (&whole, Part::Team, |event| event.context.team = None),
        (&whole, Part::SourceRecordedAt, |event| event.context.source_recorded_at = None),
        (&whole, Part::Import, |event| event.context.import.as_mut().unwrap().row = 4),
        (&bare, Part::Causation, |event| event.context.causation = Some(event.event_id)),
        (&whole, Part::Causation, |event| event.context.correlation = None),
        (&whole, Part::Confidentiality, |event| event.context.confidentiality = None),
    ];
    for ((from, differs, change), chunk) in changes.into_iter().zip(10..) {
        let mut changed = from.clone();
        change(&mut changed.event);
        let found = ledger.clashes(std::slice::from_ref(&changed)).await.unwrap();
        assert_eq!(found, [(0, Clash::OtherEvent { differs })]);
        let id = changed.event.event_id;
        let fed = [Ok::<_, io::Error>(vec![changed])];
        let refused = ledger.append_all(fed.into_iter(), chunk_id(chunk), |_| {}).await;
        let is_refused = matches!(
            &refused,
            Err(FeedFault::Append { source: AppendError::EventIdReused { event_id } }) if *event_id == id
        );
        assert!(is_refused, "{differs}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chunks_and_live_commands_interleave_into_one_dense_log() {
    let (_database, ledger) = fresh_ledger().await;
    let bulk = {
        let ledger = ledger.clone();
        tokio::spawn(async move {
            for _ in 0..5 {
                ledger.append_bulk(chunk(100, 3)).await.unwrap();
            }
        })
    };
    for n in 0..50 {
        ledger.append(append_to(some_stream(), Expected::NoStream, vec![some_event(n)])).await.unwrap();
    }
    bulk.await.unwrap();
    let events = ledger.read_positions(Position(1), 5_000).await.unwrap();
    assert_eq!(events.len(), 1 + 50 + 5 * 300);
    assert!(events.iter().zip(1..).all(|(event, position)| event.position == Position(position)));
}

/// Groups of three events, each about one of seven invented children in turn.
fn groups(count: u32) -> Vec<Vec<FedEvent>> {
    let children: Vec<StreamId> = (0..7).map(|_| some_stream()).collect();
    let group = |number: u32| {
        let stream = children[usize::try_from(number).unwrap() % children.len()];
        let event = |part| FedEvent {
            stream,
            category: Category::Child,
            event: some_event(number * 3 + part),
            identifiers: vec![Identifier::new("upn", format!("{stream}"))],
        };
        (0..3).map(event).collect()
    };
    (0..count).map(group).collect()
}

fn chunk_id(seed: u128) -> impl Fn(u64) -> CommandId + Send + 'static {
    move |number| CommandId(Uuid::from_u128((seed << 64) | (u128::from(number) + 1)))
}

/// Longer than two chunks, so that it goes by COPY, and over borders of kept subtrees.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_is_recorded_in_its_order_and_again_adds_only_what_is_new() {
    let (_database, ledger) = fresh_ledger().await;
    let mut source = groups(800);
    let ok = |groups: Vec<Vec<FedEvent>>| groups.into_iter().map(Ok::<_, io::Error>);
    let mut told = Vec::new();
    let fed = ledger.append_all(ok(source.clone()), chunk_id(1), |fed| told.push(fed)).await.unwrap();
    assert_eq!(fed, Fed { new: 2_400, known: 0 });
    assert_eq!((told.len(), told.last()), (2_400_usize.div_ceil(EVENTS_PER_CHUNK), Some(&fed)));
    let same = ledger.append_all(ok(source.clone()), chunk_id(1), |_| {}).await.unwrap();
    assert_eq!(same, Fed { new: 0, known: 2_400 });
    source.extend(groups(100));
    let grown = ledger.append_all(ok(source.clone()), chunk_id(2), |_| {}).await.unwrap();
    assert_eq!(grown, Fed { new: 300, known: 2_400 });
    for stream in source.iter().take(7).map(|group| group[0].stream) {
        let read = ledger.read_stream(stream, Revision(1)).await.unwrap();
        let fed = source.iter().flatten().filter(|event| event.stream == stream);
        assert!(read.iter().map(|event| event.event_id).eq(fed.map(|event| event.event.event_id)));
        assert_eq!(ledger.find_by_identifier("upn", &stream.to_string()).await.unwrap(), [stream]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_breaks_off_keeps_the_chunks_before_and_goes_on_later() {
    let (_database, ledger) = fresh_ledger().await;
    let source = groups(500);
    let cut: Vec<_> =
        source.iter().take(450).cloned().map(Ok).chain([Err(io::Error::other("cut"))]).collect();
    let broken = ledger.append_all(cut.into_iter(), chunk_id(1), |_| {}).await;
    assert!(matches!(broken, Err(FeedFault::Source { .. })), "{broken:?}");
    let held = ledger.head().await.unwrap().position.0 - 1;
    assert_eq!(held, u64::try_from(EVENTS_PER_CHUNK / 3 * 3).unwrap(), "whole groups, one chunk");
    let fed =
        ledger.append_all(source.into_iter().map(Ok::<_, io::Error>), chunk_id(1), |_| {}).await.unwrap();
    assert_eq!(fed, Fed { new: 1_500 - held, known: held });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_no_chunk_holds_stops_the_import() {
    let (_database, ledger) = fresh_ledger().await;
    let large: Vec<FedEvent> = groups(1_000).into_iter().flatten().collect();
    let refused = ledger.append_all([Ok::<_, io::Error>(large)].into_iter(), chunk_id(1), |_| {}).await;
    let too_many = |source: &AppendError| matches!(source, AppendError::TooManyEvents { events: 3_000, .. });
    assert!(matches!(&refused, Err(FeedFault::Append { source }) if too_many(source)), "{refused:?}");
    assert_eq!(ledger.head().await.unwrap().position, Position(1));
}
