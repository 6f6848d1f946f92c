//! More than can be taken at once, and two who open the same ledger: typed answers, nothing half done.

use std::time::Duration;

use domain::events::Code;
use domain::ids::{Position, Revision};
use tokio::task::JoinSet;

use crate::test_support::{TestDatabase, append_to, some_event, some_stream};
use crate::{AppendError, Expected, Ledger, OpenFault, Opening, Options};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finds_no_room_is_told_and_not_written_and_the_rest_waits_for_the_database() {
    let database = TestDatabase::installed().await;
    let options = Options { room: 2, patience: Duration::from_millis(10), ..Options::default() };
    let ledger = database.create_ledger(options).await;
    ledger.admit_writing().await.unwrap();
    let admin = database.admin().await;
    admin.batch_execute("BEGIN; LOCK TABLE caseledger.heads IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut asked = JoinSet::new();
    for number in 0..50 {
        let (ledger, stream) = (ledger.clone(), some_stream());
        let command = append_to(stream, Expected::NoStream, vec![some_event(number)]);
        asked.spawn(async move { (stream, ledger.append(command).await) });
    }
    // While the database waits for the lock, nobody can be told anything else.
    let (refused, answer) = asked.join_next().await.unwrap().unwrap();
    assert!(matches!(answer, Err(AppendError::Overloaded)), "{answer:?}");
    admin.batch_execute("COMMIT").await.unwrap();
    let (mut overloaded, mut recorded) = (vec![refused], 0);
    while let Some(answer) = asked.join_next().await {
        match answer.unwrap() {
            (stream, Err(AppendError::Overloaded)) => overloaded.push(stream),
            (_, answer) => recorded += u64::from(answer.unwrap().event_count),
        }
    }
    assert!(recorded > 0);
    assert_eq!(ledger.head().await.unwrap().position, Position(1 + recorded));
    for stream in overloaded {
        assert!(ledger.read_stream(stream, Revision(1)).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_who_open_the_first_ledger_one_does_and_the_others_are_told_which() {
    let database = TestDatabase::installed().await;
    let create = || {
        let (config, keys) = (database.appender(), database.new_keys());
        let opening = Opening {
            authority: Code::try_new("E09000001").unwrap(),
            origin: "caseledger.example/E09000001/events".to_owned(),
            log_key: None,
        };
        tokio::spawn(async move { Ledger::create(&config, keys, opening, Options::default()).await })
    };
    let asked: Vec<_> = (0..4).map(|_| create()).collect();
    let (mut opened, mut told) = (Vec::new(), Vec::new());
    for answer in asked {
        match answer.await.unwrap() {
            Ok(ledger) => opened.push(ledger.id()),
            Err(OpenFault::AlreadyThere { ledger }) => told.push(ledger),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((opened.len(), told), (1, vec![opened[0]; 3]));
}
