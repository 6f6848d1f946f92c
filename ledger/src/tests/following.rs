//! Subscriptions: nothing lost and nothing twice, filters against a slow one, cut connections, and a database that
//! is put back under its consumers.

use std::time::Duration;

use domain::envelope::StoredEvent;
use domain::ids::{LedgerId, Position, Revision, StreamId};
use uuid::Uuid;

use crate::test_support::{TestDatabase, append_to, fresh_ledger, some_event, some_stream};
use crate::{
    Batch, Cursor, CursorFault, EventFilter, Expected, Ledger, StreamRange, SubscribeFault, Subscription,
};

const LONG: Duration = Duration::from_secs(30);

async fn next(subscription: &mut Subscription, limit: u32) -> Result<Batch, SubscribeFault> {
    tokio::time::timeout(LONG, subscription.next_batch(limit)).await.expect("a batch or a fault in time")
}

fn positions(events: &[StoredEvent]) -> Vec<u64> {
    events.iter().map(|event| event.position.0).collect()
}

async fn append(ledger: &Ledger, stream: StreamId, kind: &'static str, events: u32) {
    let mut events: Vec<_> = (0..events).map(some_event).collect();
    events.iter_mut().for_each(|event| event.kind = kind.into());
    ledger.append(append_to(stream, Expected::Any, events)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_consumer_gets_every_event_once_while_two_processes_write() {
    let (database, ledger) = fresh_ledger().await;
    let other = database.open_ledger().await;
    let write = |ledger: Ledger| async move {
        for n in 0..150 {
            append(&ledger, some_stream(), "contact_received", 1 + n % 2).await;
        }
    };
    let before = [tokio::spawn(write(ledger.clone())), tokio::spawn(write(other.clone()))];
    let follow = |ledger: Ledger, limit: u32| async move {
        let mut cursor = Cursor::beginning(ledger.id());
        let mut read = Vec::new();
        while read.len() < 901 {
            // As after a restart: from the text of the last cursor.
            cursor = cursor.to_string().parse().unwrap();
            let mut subscription = ledger.subscribe(cursor, EventFilter::ALL).await.unwrap();
            for _ in 0..20 {
                if read.len() < 901 {
                    let batch = next(&mut subscription, limit).await.unwrap();
                    read.extend(positions(&batch.events));
                    assert_eq!(batch.cursor.position().0, read.len() as u64);
                    cursor = batch.cursor;
                }
            }
        }
        assert!(read.into_iter().eq(1..=901));
    };
    let readers: Vec<_> =
        [1, 7, 500].map(|limit| tokio::spawn(follow(database_handle(&ledger, &other, limit), limit))).into();
    for writer in before {
        writer.await.unwrap();
    }
    append(&ledger, some_stream(), "contact_received", 450).await;
    for reader in readers {
        reader.await.unwrap();
    }
}

/// One reader beside one writer, the others beside the other.
fn database_handle(one: &Ledger, other: &Ledger, limit: u32) -> Ledger {
    if limit == 1 { one.clone() } else { other.clone() }
}

/// The whole log read without a filter, then filtered by hand.
async fn slowly(ledger: &Ledger, wanted: impl Fn(&StoredEvent) -> bool) -> Vec<u64> {
    let events = ledger.read_positions(Position(1), 100_000).await.unwrap();
    events.iter().filter(|event| wanted(event)).map(|event| event.position.0).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_give_what_a_slow_filter_over_everything_gives() {
    let (_database, ledger) = fresh_ledger().await;
    // From the first to the last possible stream, evenly.
    let streams: Vec<StreamId> = (0..14).map(|n| StreamId(Uuid::from_u128(u128::MAX / 13 * n))).collect();
    let kinds = ["contact_received", "referral_received", "case_closed"];
    for (n, events) in (0..200_usize).zip([1, 2, 3].into_iter().cycle()) {
        append(&ledger, streams[n * 5 % streams.len()], kinds[n % 5 % 3], events).await;
    }
    let half = StreamRange::split(2)[1];
    let in_half = |event: &StoredEvent| (half.first..=half.last).contains(&event.stream.0.as_u64_pair().0);
    let all = EventFilter::ALL;
    let of = |kind: &'static str| move |event: &StoredEvent| event.kind == kind;
    let cases: [(&str, EventFilter, Vec<u64>); 5] = [
        ("all", all.clone(), slowly(&ledger, |_| true).await),
        ("a kind", all.clone().of_kinds(["case_closed"]), slowly(&ledger, of("case_closed")).await),
        (
            "two kinds",
            all.clone().of_kinds(["case_closed", "ledger_opened"]),
            slowly(&ledger, |event| event.kind == "case_closed" || event.kind == "ledger_opened").await,
        ),
        ("a range", all.clone().in_range(half), slowly(&ledger, in_half).await),
        (
            "both",
            all.of_kinds(["contact_received"]).in_range(half),
            slowly(&ledger, |event| event.kind == "contact_received" && in_half(event)).await,
        ),
    ];
    for (case, filter, expected) in cases {
        assert!(expected.len() > 3, "{case} finds something");
        for limit in [1, 3, 1_000] {
            let start = Cursor::beginning(ledger.id());
            let mut subscription = ledger.subscribe(start, filter.clone()).await.unwrap();
            let mut read = Vec::new();
            while read.len() < expected.len() {
                let batch = next(&mut subscription, limit).await.unwrap();
                assert!(batch.events.len() <= limit as usize);
                assert!(batch.events.last().is_none_or(|last| last.position <= batch.cursor.position()));
                read.extend(positions(&batch.events));
            }
            assert_eq!(read, expected, "{case}, {limit} at a time");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_moves_on_over_events_that_do_not_match_and_then_live_ones_come() {
    let (_database, ledger) = fresh_ledger().await;
    for _ in 0..25 {
        append(&ledger, some_stream(), "contact_received", 1_000).await;
    }
    let wanted = EventFilter::ALL.of_kinds(["case_closed"]);
    let mut subscription = ledger.subscribe(Cursor::beginning(ledger.id()), wanted).await.unwrap();
    let batch = next(&mut subscription, 100).await.unwrap();
    assert!(batch.events.is_empty());
    assert_eq!(batch.cursor.position(), Position(20_000));
    let waiting = tokio::spawn(async move { next(&mut subscription, 100).await.unwrap() });
    append(&ledger, some_stream(), "case_closed", 2).await;
    let batch = waiting.await.unwrap();
    assert_eq!(batch.events.first().unwrap().position, Position(25_002));
    ledger.check_cursor(&batch.cursor).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_consumer_holds_nothing_in_the_database() {
    let (database, ledger) = fresh_ledger().await;
    append(&ledger, some_stream(), "contact_received", 50).await;
    let mut subscription = ledger.subscribe(Cursor::beginning(ledger.id()), EventFilter::ALL).await.unwrap();
    next(&mut subscription, 10).await.unwrap();
    let admin = database.admin().await;
    let held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                AND (state LIKE 'idle in transaction%' OR (backend_xmin IS NOT NULL AND state <> 'active'))";
    assert_eq!(admin.query_one(held, &[]).await.unwrap().get::<_, i64>(0), 0);
    append(&ledger, some_stream(), "contact_received", 300).await;
    let mut read = 10;
    while read < 351 {
        let batch = next(&mut subscription, 100).await.unwrap();
        assert_eq!(batch.events.first().unwrap().position.0, read + 1);
        read = batch.cursor.position().0;
    }
}

const CUT_OTHERS: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                          WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_delay_a_consumer_and_lose_nothing() {
    let (database, ledger) = fresh_ledger().await;
    let reading = database.open_ledger().await;
    let mut subscription =
        reading.subscribe(Cursor::beginning(reading.id()), EventFilter::ALL).await.unwrap();
    let admin = database.admin().await;
    let mut read = Vec::new();
    for round in 0..10_u32 {
        append(&ledger, some_stream(), "contact_received", 7).await;
        if round % 2 == 0 {
            admin.query_one(CUT_OTHERS, &[]).await.unwrap();
        }
        while read.len() < 1 + 7 * (round as usize + 1) {
            match next(&mut subscription, 5).await {
                Ok(batch) => read.extend(positions(&batch.events)),
                Err(SubscribeFault::Read { .. }) => {}
                Err(fault) => panic!("{fault}"),
            }
        }
    }
    assert!(read.into_iter().eq(1..=71));
}

fn cursor_fault<T: std::fmt::Debug>(outcome: Result<T, SubscribeFault>) -> CursorFault {
    match outcome {
        Err(SubscribeFault::Cursor { source }) => source,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_of_another_ledger_or_beyond_the_end_is_refused() {
    let (_database, ledger) = fresh_ledger().await;
    let (_other_database, other) = fresh_ledger().await;
    let fault = cursor_fault(ledger.subscribe(Cursor::beginning(other.id()), EventFilter::ALL).await);
    assert_eq!(fault, CursorFault::OtherLedger { asked: other.id(), ledger: ledger.id() });
    let fault = cursor_fault(ledger.check_cursor(&other.cursor_at(Position(1)).await.unwrap()).await);
    assert!(matches!(fault, CursorFault::OtherLedger { .. }));
    let fault = cursor_fault(ledger.cursor_at(Position(2)).await);
    assert_eq!(fault, CursorFault::BeyondHead { asked: Position(2), head: Position(1) });
    let known = ledger.cursor_at(Position(1)).await.unwrap();
    let strange = |ledger: LedgerId, epoch, leaf| Cursor::from_parts(ledger, epoch, Position(1), leaf);
    for (epoch, leaf) in [(1, [0; 32]), (2, known.leaf_hash().unwrap())] {
        let fault = cursor_fault(ledger.check_cursor(&strange(ledger.id(), epoch, leaf)).await);
        assert_eq!(fault, CursorFault::OtherHistory { asked: Position(1) });
    }
    ledger.check_cursor(&known).await.unwrap();
}

/// A database with 41 events, a copy of it as it was at 21, and the cursor of a consumer that had read 31.
async fn restored() -> (TestDatabase, TestDatabase, Cursor) {
    let (database, ledger) = fresh_ledger().await;
    append(&ledger, some_stream(), "contact_received", 20).await;
    drop(ledger);
    let older = database.copied_when_idle().await;
    let ledger = database.open_ledger().await;
    append(&ledger, some_stream(), "contact_received", 20).await;
    let cursor = ledger.cursor_at(Position(31)).await.unwrap();
    (database, older, cursor)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_database_is_noticed_also_after_it_has_grown_past_the_cursor() {
    let (_database, older, cursor) = restored().await;
    let ledger = older.open_ledger().await;
    let fault = cursor_fault(ledger.subscribe(cursor, EventFilter::ALL).await);
    assert_eq!(fault, CursorFault::BeyondHead { asked: Position(31), head: Position(21) });
    append(&ledger, some_stream(), "contact_received", 30).await;
    let fault = cursor_fault(ledger.subscribe(cursor, EventFilter::ALL).await);
    assert_eq!(fault, CursorFault::OtherHistory { asked: Position(31) });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_consumers_notice_that_an_older_database_is_put_back_under_them() {
    let (database, older, behind) = restored().await;
    let ledger = database.open_ledger().await;
    let never = EventFilter::ALL.of_kinds(["case_closed"]);
    let at_the_end = ledger.cursor_at(Position(41)).await.unwrap();
    let mut waiting = ledger.subscribe(at_the_end, EventFilter::ALL).await.unwrap();
    let mut filtered = ledger.subscribe(at_the_end, never).await.unwrap();
    let mut slow = ledger.subscribe(behind, EventFilter::ALL).await.unwrap();
    let running = tokio::spawn(async move { [fault_of(&mut waiting).await, fault_of(&mut filtered).await] });
    older.put_in_place_of(&database).await;
    let expected = |asked| CursorFault::BeyondHead { asked: Position(asked), head: Position(21) };
    assert_eq!(running.await.unwrap(), [expected(41), expected(41)]);
    assert_eq!(fault_of(&mut slow).await, expected(31));
    let early = ledger.cursor_at(Position(21)).await.unwrap();
    ledger.subscribe(early, EventFilter::ALL).await.expect("what both have may be gone on from");
}

/// Asks on, over cut connections, until the cursor turns out not to fit.
async fn fault_of(subscription: &mut Subscription) -> CursorFault {
    loop {
        match next(subscription, 10).await {
            Err(SubscribeFault::Cursor { source }) => return source,
            Err(SubscribeFault::Read { .. }) => tokio::task::yield_now().await,
            Ok(batch) => panic!("{batch:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_epoch_says_from_where_to_read_again() {
    let (_database, older, lost) = restored().await;
    let ledger = older.open_ledger().await;
    let kept = ledger.cursor_at(Position(21)).await.unwrap();
    append(&ledger, some_stream(), "contact_received", 15).await;
    // As after `epoch open`: what was recorded since the copy belongs to a later epoch.
    let admin = older.admin().await;
    let next_epoch = "ALTER TABLE caseledger.heads DISABLE TRIGGER ALL; \
                      UPDATE caseledger.heads SET epoch = 2 WHERE base_size >= 21";
    admin.batch_execute(next_epoch).await.unwrap();
    let fault = cursor_fault(ledger.subscribe(lost, EventFilter::ALL).await);
    let expected = CursorFault::OtherEpoch { asked: Position(31), epoch: 1, goes_on_from: Position(22) };
    assert_eq!(fault, expected);
    let mut going_on = ledger.subscribe(kept, EventFilter::ALL).await.unwrap();
    let batch = next(&mut going_on, 100).await.unwrap();
    assert_eq!((batch.events.len(), batch.cursor.epoch()), (15, 2));
    let stream = batch.events.first().unwrap().stream;
    assert_eq!(ledger.read_stream(stream, Revision(1)).await.unwrap().len(), 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_of_a_size_that_is_not_there_keeps_nobody_awake() {
    let (database, ledger) = fresh_ledger().await;
    let admin = database.admin().await;
    let seen = ledger.seen();
    for forged in
        [u64::MAX.to_string(), "9223372036854775808".to_owned(), "17".to_owned(), "not a number".to_owned()]
    {
        admin.execute("SELECT pg_notify('caseledger', $1)", &[&forged]).await.unwrap();
    }
    // What is recorded elsewhere is still heard of.
    let other = database.open_ledger().await;
    let recorded =
        other.append(append_to(some_stream(), Expected::NoStream, vec![some_event(1)])).await.unwrap();
    ledger.wait_for(recorded.first_position, Duration::from_secs(10)).await;
    assert_eq!(*seen.borrow(), recorded.first_position.0, "the size that there is");
}
