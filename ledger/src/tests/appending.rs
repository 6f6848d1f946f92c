//! Expectations, conflicts, several streams, and asking again.

use domain::envelope::Category;
use domain::ids::{Position, Revision};

use crate::test_support::{append_to, fresh_ledger, some_command, some_event, some_stream};
use crate::{AppendError, Command, Expected, StreamAppend};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_ledger_holds_its_genesis_and_takes_events() {
    let (_database, ledger) = fresh_ledger().await;
    assert_eq!(ledger.head().await.unwrap().position, Position(1));
    let stream = some_stream();
    let recorded = ledger
        .append(append_to(stream, Expected::NoStream, vec![some_event(1), some_event(2)]))
        .await
        .unwrap();
    assert_eq!((recorded.first_position, recorded.event_count, recorded.already), (Position(2), 2, false));
    let read = ledger.read_stream(stream, Revision(1)).await.unwrap();
    assert_eq!(read.iter().map(|event| event.revision.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(read[1].facts.as_deref(), Some("{\"details\":{\"number\":2}}"));
    let whole = ledger.read_positions(Position(1), 10).await.unwrap();
    assert_eq!(whole.iter().map(|event| event.position.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(whole[0].kind, "ledger_opened");
    assert_eq!(whole[0].category, Category::System);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expectations() {
    let (_database, ledger) = fresh_ledger().await;
    let stream = some_stream();
    let append = async |expected| ledger.append(append_to(stream, expected, vec![some_event(0)])).await;
    let cases = [
        (Expected::Exactly(Revision(1)), None),
        (Expected::NoStream, Some(1)),
        (Expected::NoStream, None),
        (Expected::Exactly(Revision(1)), Some(2)),
        (Expected::Exactly(Revision(1)), None),
        (Expected::Exactly(Revision(3)), None),
        (Expected::Any, Some(3)),
    ];
    for (expected, revision) in cases {
        match (append(expected).await, revision) {
            (Ok(recorded), Some(revision)) => assert_eq!(recorded.streams[0].last, Revision(revision)),
            (Err(AppendError::Conflict { .. }), None) => {}
            (other, _) => panic!("{expected:?}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_streams_are_written_together_or_not_at_all() {
    let (_database, ledger) = fresh_ledger().await;
    let (first, second) = (some_stream(), some_stream());
    let both = |expected| Command {
        command_id: some_command(),
        appends: vec![
            StreamAppend::new(first, Category::Child, Expected::Any, vec![some_event(1)]),
            StreamAppend::new(second, Category::Proceedings, expected, vec![some_event(2)]),
        ],
    };
    ledger.append(both(Expected::NoStream)).await.unwrap();
    let refused = ledger.append(both(Expected::NoStream)).await;
    assert!(
        matches!(refused, Err(AppendError::Conflict { stream, actual: 1, .. }) if stream == second),
        "{refused:?}"
    );
    assert_eq!(ledger.read_stream(first, Revision(1)).await.unwrap().len(), 1);
    assert_eq!(ledger.head().await.unwrap().position, Position(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_again_gets_the_first_answer() {
    let (database, ledger) = fresh_ledger().await;
    let stream = some_stream();
    let command = append_to(stream, Expected::NoStream, vec![some_event(1)]);
    let first = ledger.append(command.clone()).await.unwrap();
    let again = ledger.append(command.clone()).await.unwrap();
    assert!(again.already);
    assert_eq!((again.first_position, &again.streams), (first.first_position, &first.streams));
    assert_eq!(again.recorded_at, first.recorded_at);
    let elsewhere = database.open_ledger().await.append(command.clone()).await.unwrap();
    assert_eq!(elsewhere, again);
    let mut new_ids = command.clone();
    new_ids.command_id = some_command();
    assert_eq!(ledger.append(new_ids).await.unwrap(), again, "the same events under a new command id");
    assert_eq!(ledger.head().await.unwrap().position, Position(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_for_something_else_is_refused() {
    let (_database, ledger) = fresh_ledger().await;
    let command = append_to(some_stream(), Expected::NoStream, vec![some_event(1)]);
    ledger.append(command.clone()).await.unwrap();
    let mut other = append_to(some_stream(), Expected::Any, vec![some_event(2)]);
    other.command_id = command.command_id;
    assert!(matches!(ledger.append(other).await, Err(AppendError::CommandIdReused { .. })));
    let mut other = append_to(some_stream(), Expected::Any, vec![some_event(3), some_event(2)]);
    other.appends[0].events[1].event_id = command.appends[0].events[0].event_id;
    assert!(matches!(ledger.append(other).await, Err(AppendError::EventIdReused { .. })));
    assert_eq!(ledger.head().await.unwrap().position, Position(2));
}
