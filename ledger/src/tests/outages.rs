//! The connection goes while callers wait: whatever was sent is recorded once or not at all, and all callers get an answer.

use std::time::Duration;

use domain::ids::{Position, Revision};
use tokio_postgres::error::SqlState;

use crate::test_support::{TestDatabase, append_to, fresh_ledger, some_event, some_stream};
use crate::{AppendError, Expected, Options, ReadFault};

const CUT_ALL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE datname = current_database() AND usename = 'caseledger_appender'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_lose_nothing_and_write_nothing_twice() {
    let (database, ledger) = fresh_ledger().await;
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let ledger = ledger.clone();
            let database = database.superuser();
            tokio::spawn(async move {
                let (admin, connection) = database.connect(tokio_postgres::NoTls).await.unwrap();
                drop(tokio::spawn(connection));
                let mut acknowledged = Vec::new();
                for n in 0..60 {
                    let event = some_event(n);
                    let id = event.event_id;
                    let recorded = ledger
                        .append(append_to(some_stream(), Expected::NoStream, vec![event]))
                        .await
                        .unwrap();
                    acknowledged.push((id, recorded.first_position));
                    // While this caller cuts, the other seven wait for statements that are under way.
                    if n % 20 == 2 * caller {
                        admin.query(CUT_ALL, &[]).await.unwrap();
                    }
                }
                acknowledged
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for caller in callers {
        acknowledged.extend(caller.await.unwrap());
    }
    let reader = database.open_ledger().await;
    let stored = reader.read_positions(Position(1), 5_000).await.unwrap();
    let mut stored: Vec<_> =
        stored.into_iter().skip(1).map(|event| (event.event_id, event.position)).collect();
    assert!(stored.iter().zip(2..).all(|((_, position), dense)| *position == Position(dense)));
    stored.sort_unstable();
    acknowledged.sort_unstable();
    assert_eq!(stored, acknowledged);
}

/// What a superuser does who puts an older state back under a running program.
const REWIND: &str = "ALTER TABLE caseledger.heads DISABLE TRIGGER ALL; ALTER TABLE caseledger.events DISABLE TRIGGER ALL; \
                      DELETE FROM caseledger.heads WHERE base_size >= 1; DELETE FROM caseledger.events WHERE position > 1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_rewound_gets_no_event_from_who_knew_it_longer_until_it_is_back() {
    let (database, ledger) = fresh_ledger().await;
    let append =
        async || ledger.append(append_to(some_stream(), Expected::NoStream, vec![some_event(1)])).await;
    for _ in 0..3 {
        append().await.unwrap();
    }
    let admin = database.admin().await;
    let keep = "CREATE TABLE kept_events AS TABLE caseledger.events; CREATE TABLE kept_heads AS TABLE caseledger.heads";
    admin.batch_execute(keep).await.unwrap();
    admin.batch_execute(REWIND).await.unwrap();
    admin.query(CUT_ALL, &[]).await.unwrap();
    for _ in 0..3 {
        let refused = append().await;
        assert!(matches!(refused, Err(AppendError::Rewound { known: 4, found: 1 })), "{refused:?}");
    }
    let held: i64 = admin.query_one("SELECT count(*) FROM caseledger.events", &[]).await.unwrap().get(0);
    assert_eq!(held, 1, "nothing was written behind the gap");
    let back = "INSERT INTO caseledger.events SELECT * FROM kept_events WHERE position > 1; \
                INSERT INTO caseledger.heads SELECT * FROM kept_heads WHERE base_size >= 1";
    admin.batch_execute(back).await.unwrap();
    assert_eq!(append().await.unwrap().first_position, Position(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_recorded_while_it_is_looked_for_is_no_conflict() {
    let (database, ledger) = fresh_ledger().await;
    let (other, third) = (database.open_ledger().await, database.open_ledger().await);
    let admin = database.admin().await;
    for _ in 0..20 {
        let stream = some_stream();
        for writer in [&ledger, &other, &third] {
            writer.append(append_to(stream, Expected::Any, vec![some_event(0)])).await.unwrap();
        }
        // The first two know the stream shorter than it is, so that they look the command up before they send it.
        let command = append_to(stream, Expected::Exactly(Revision(3)), vec![some_event(1)]);
        // Both send while the lock lets them read and not write; one of them then loses the head to the other.
        admin.batch_execute("BEGIN; LOCK TABLE caseledger.commands IN SHARE MODE").await.unwrap();
        let both = [ledger.clone(), other.clone()].map(|ledger| {
            let command = command.clone();
            tokio::spawn(async move { ledger.append(command).await })
        });
        wait_for_two_waiting(&admin).await;
        admin.batch_execute("COMMIT").await.unwrap();
        let mut positions = Vec::new();
        for one in both {
            positions.push(one.await.unwrap().unwrap().first_position);
        }
        assert_eq!(positions[0], positions[1]);
    }
}

async fn wait_for_two_waiting(admin: &tokio_postgres::Client) {
    let sql =
        "SELECT count(*) FROM pg_locks WHERE relation = 'caseledger.commands'::regclass AND NOT granted";
    while admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_no_connection_to_read_with_is_told_in_time() {
    let database = TestDatabase::installed().await;
    let options = Options { read_connections: 2, patience: Duration::from_millis(50), ..Options::default() };
    let ledger = database.create_ledger(options).await;
    let admin = database.admin().await;
    admin.batch_execute("BEGIN; LOCK TABLE caseledger.checkpoints IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let stuck = [(); 2].map(|()| {
        let ledger = ledger.clone();
        tokio::spawn(async move { ledger.checkpoint().await })
    });
    let sql =
        "SELECT count(*) FROM pg_locks WHERE relation = 'caseledger.checkpoints'::regclass AND NOT granted";
    while admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) < 2 {
        tokio::task::yield_now().await;
    }
    let refused = ledger.head().await;
    assert!(matches!(refused, Err(ReadFault::NoConnection { .. })), "{refused:?}");
    admin.batch_execute("COMMIT").await.unwrap();
    for one in stuck {
        assert_eq!(one.await.unwrap().unwrap(), None);
    }
    ledger.head().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_command_that_is_there_already_does_not_mix_up_later_answers() {
    let (database, ledger) = fresh_ledger().await;
    let other = database.open_ledger().await;
    for round in 0..5 {
        let large = append_to(some_stream(), Expected::Any, (0..300).map(some_event).collect());
        let first = ledger.append(large.clone()).await.unwrap();
        // The other process is at the head, and does not know the command: PostgreSQL refuses it.
        other.append(append_to(some_stream(), Expected::NoStream, vec![some_event(round)])).await.unwrap();
        let again = other.append(large).await.unwrap();
        assert!(again.already);
        assert_eq!((again.first_position, &again.leaf_hashes), (first.first_position, &first.leaf_hashes));
        for _ in 0..5 {
            let event = some_event(round);
            let id = event.event_id;
            let recorded =
                other.append(append_to(some_stream(), Expected::NoStream, vec![event])).await.unwrap();
            let stored = ledger.read_positions(recorded.first_position, 1).await.unwrap();
            assert_eq!(stored.first().map(|event| event.event_id), Some(id));
        }
    }
}

/// The right to insert events goes while the right to insert heads stays: COPY is refused after the head was taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_cannot_begin_is_told_and_does_not_mix_up_later_answers() {
    let (database, ledger) = fresh_ledger().await;
    let admin = database.admin().await;
    let stream = some_stream();
    let small = |number| append_to(stream, Expected::Any, vec![some_event(number)]);
    let mut last = ledger.append(small(0)).await.unwrap().first_position;
    for round in 1..4 {
        admin.batch_execute("REVOKE INSERT ON caseledger.events FROM caseledger_appender").await.unwrap();
        let large = append_to(some_stream(), Expected::NoStream, (0..300).map(some_event).collect());
        for command in [&large, &small(round), &large] {
            let refused = ledger.append(command.clone()).await;
            let Err(AppendError::Database { command_id, source }) = refused else { panic!("{refused:?}") };
            assert_eq!(
                (command_id, source.code()),
                (command.command_id, Some(&SqlState::INSUFFICIENT_PRIVILEGE))
            );
        }
        admin.batch_execute("GRANT INSERT ON caseledger.events TO caseledger_appender").await.unwrap();
        // A first answer that says "already" would be that of a statement whose own answer was lost.
        for (command, events) in [(small(round), 1), (large.clone(), 300)] {
            let recorded = ledger.append(command).await.unwrap();
            assert_eq!((recorded.already, recorded.first_position), (false, Position(last.0 + 1)));
            last = Position(last.0 + events);
        }
        assert!(ledger.append(large).await.unwrap().already);
    }
}
