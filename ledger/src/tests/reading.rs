//! Reading by position, by range of streams, as it was at a moment, and as it comes.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use domain::envelope::NewEvent;
use domain::ids::{Position, Revision, StreamId};
use futures::TryStreamExt;
use uuid::Uuid;

use crate::test_support::{append_to, fresh_ledger, some_event, some_stream};
use crate::{Expected, StreamRange};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_by_position_join_without_gap_or_overlap() {
    let (_database, ledger) = fresh_ledger().await;
    for _ in 0..5 {
        ledger
            .append(append_to(some_stream(), Expected::NoStream, (0..7).map(some_event).collect()))
            .await
            .unwrap();
    }
    for page in [1, 2, 35, 36, 37, 1_000] {
        let mut read = Vec::new();
        loop {
            let events = ledger.read_positions(Position(read.len() as u64 + 1), page).await.unwrap();
            if events.is_empty() {
                break;
            }
            read.extend(events.into_iter().map(|event| event.position.0));
        }
        assert_eq!(read, (1..=36).collect::<Vec<_>>(), "pages of {page}");
    }
}

#[test]
fn ranges_split_all_streams_without_gap_or_overlap() {
    for parts in [1, 2, 3, 7, 16, 1_000] {
        let ranges = StreamRange::split(parts);
        assert_eq!(ranges.len(), parts as usize);
        assert_eq!((ranges[0].first, ranges.last().unwrap().last), (0, u64::MAX));
        assert!(ranges.windows(2).all(|pair| pair[0].last + 1 == pair[1].first), "{parts}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_of_streams_give_each_event_once_in_stream_order_up_to_a_position() {
    let (_database, ledger) = fresh_ledger().await;
    let mut streams: Vec<StreamId> = (0..20).map(|_| some_stream()).collect();
    streams.extend([StreamId(Uuid::nil()), StreamId(Uuid::max())]);
    for round in 0..3 {
        for stream in &streams {
            ledger.append(append_to(*stream, Expected::Any, vec![some_event(round)])).await.unwrap();
        }
    }
    let up_to = ledger.head().await.unwrap().position;
    ledger.append(append_to(streams[0], Expected::Any, vec![some_event(9)])).await.unwrap();
    for page in [1, 2, 3, 67, 1_000] {
        for parts in [1, 3] {
            let mut read = Vec::new();
            for range in StreamRange::split(parts) {
                let pages: Vec<_> = ledger.read_stream_range(range, up_to, page).try_collect().await.unwrap();
                read.extend(
                    pages.into_iter().flatten().map(|event| (event.stream, event.revision.0, event.position)),
                );
            }
            assert_eq!(read.len(), 67, "pages of {page} in {parts} parts");
            assert!(read.is_sorted());
            assert!(read.iter().all(|(_, _, position)| *position <= up_to));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_at_a_moment_includes_that_moment() {
    let (_database, ledger) = fresh_ledger().await;
    let mut recorded = vec![(Position(1), ledger.genesis().opened_at)];
    for n in 0..20 {
        let one = ledger
            .append(append_to(some_stream(), Expected::Any, (0..=n % 3).map(some_event).collect()))
            .await
            .unwrap();
        recorded.push((one.last_position(), one.recorded_at));
    }
    let microsecond = TimeDelta::microseconds(1);
    for (_, at) in &recorded {
        for moment in [*at - microsecond, *at, *at + microsecond] {
            let expected = recorded.iter().rev().find(|(_, at)| *at <= moment).copied();
            let found = ledger.head_at(moment).await.unwrap().map(|head| (head.position, head.recorded_at));
            assert_eq!(found, expected, "at {moment}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_wakes_for_another_handles_batch_and_gives_up_in_time() {
    let (database, ledger) = fresh_ledger().await;
    let other = database.open_ledger().await;
    let waiting = tokio::spawn(async move { other.wait_for(Position(2), Duration::from_secs(20)).await });
    ledger.append(append_to(some_stream(), Expected::NoStream, vec![some_event(1)])).await.unwrap();
    assert!(waiting.await.unwrap());
    assert!(!ledger.wait_for(Position(3), Duration::from_millis(1)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_of_each_kind_is_where_the_log_says() {
    let (database, ledger) = fresh_ledger().await;
    // Another handle does not know what this one has recorded.
    let other = database.open_ledger().await;
    let of_kind =
        |number: u32| NewEvent { kind: format!("kind_{}", number % 7).into(), ..some_event(number) };
    let stream = some_stream();
    for (round, handle) in [&ledger, &other, &ledger, &other].into_iter().enumerate() {
        let round = u32::try_from(round).unwrap();
        let own = append_to(some_stream(), Expected::NoStream, vec![of_kind(2 * round)]);
        handle.append(own).await.unwrap();
        let several = (0..300).map(|n| of_kind(n % (2 * round + 2))).collect();
        handle.append_bulk(append_to(some_stream(), Expected::Any, several)).await.unwrap();
        // A refused command leaves no trace.
        let refused = append_to(stream, Expected::Exactly(Revision(9)), vec![of_kind(6)]);
        assert!(handle.append(refused).await.is_err());
    }
    let mut held = ledger.first_of_each_kind().await.unwrap();
    held.sort();
    let mut read: BTreeMap<String, Position> = BTreeMap::new();
    for event in ledger.read_positions(Position(1), 5_000).await.unwrap() {
        read.entry(event.kind.to_string()).or_insert(event.position);
    }
    assert!(read.len() > 7, "{read:?}");
    assert_eq!(held, read.into_iter().collect::<Vec<_>>());

    // A ledger of an older program is filled when it is brought up to this one. Migrations run as the owner, who sees no event.
    let admin = database.admin().await;
    let (kinds, lookups) =
        (include_str!("../../migrations/V6__kinds.sql"), include_str!("../../migrations/V8__lookups.sql"));
    let sql = format!(
        "DROP TABLE caseledger.kinds; DROP FUNCTION caseledger.refill_kinds, caseledger.forget_identifiers, \
         caseledger.refuse_change_of_lookup; SET ROLE caseledger_owner; {kinds} {lookups} RESET ROLE"
    );
    admin.batch_execute(&sql).await.unwrap();
    let filled = async || {
        let mut kinds = ledger.first_of_each_kind().await.unwrap();
        kinds.sort();
        kinds
    };
    assert_eq!(filled().await, held);

    // Whatever was changed in it is put right, once.
    let sql = "ALTER TABLE caseledger.kinds DISABLE TRIGGER ALL; DELETE FROM caseledger.kinds WHERE kind = 'kind_1'; \
               UPDATE caseledger.kinds SET first_position = 999 WHERE kind = 'kind_2'; \
               INSERT INTO caseledger.kinds VALUES ('kind_99', 3); ALTER TABLE caseledger.kinds ENABLE ALWAYS TRIGGER refuse_change";
    admin.batch_execute(sql).await.unwrap();
    assert_eq!(crate::refill_kinds(&database.superuser()).await.unwrap(), 3);
    assert_eq!((filled().await, crate::refill_kinds(&database.superuser()).await.unwrap()), (held, 0));
}
