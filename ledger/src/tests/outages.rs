//! The connection goes while callers wait: whatever was sent is recorded once or not at all, and all callers get an answer.

use domain::ids::Position;

use crate::Expected;
use crate::test_support::{append_to, fresh_ledger, some_event, some_stream};

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
