//! Import chunks: known events are left out, chunks are recognised, live callers are not held up by ids.

use domain::envelope::Category;
use domain::ids::Position;

use crate::test_support::{append_to, fresh_ledger, some_command, some_event, some_stream};
use crate::{AppendError, Command, Expected, MAX_EVENTS_PER_CHUNK, StreamAppend};

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
