//! What nobody may do: change, delete, empty, read without a subject, or record with a clock that is ahead.

use chrono::{TimeDelta, Utc};
use tokio_postgres::{Client, Config, NoTls};

use crate::test_support::{SetClock, TestDatabase, append_to, fresh_ledger, some_event, some_stream};
use crate::{AppendError, Expected, Ledger, OpenFault, Options};

async fn connect(config: Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    drop(tokio::spawn(connection));
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_changes_deletes_or_empties_the_log() {
    let (database, ledger) = fresh_ledger().await;
    let admin = database.admin().await;
    let before: String = admin.query_one(WHOLE_LOG, &[]).await.unwrap().get(0);
    for setting in ["origin", "replica", "local"] {
        admin.batch_execute(&format!("SET session_replication_role = {setting}")).await.unwrap();
        for (table, column) in [
            ("events", "recorded_at"),
            ("heads", "recorded_at"),
            ("commands", "event_count"),
            ("subtrees", "hash"),
            ("checkpoints", "note"),
            ("cosignatures", "line"),
            ("disposed_leaves", "leaf"),
            ("kinds", "first_position"),
        ] {
            for statement in [
                format!("UPDATE caseledger.{table} SET {column} = {column}"),
                format!("UPDATE caseledger.{table} SET {column} = {column} WHERE false"),
                format!("DELETE FROM caseledger.{table}"),
                format!("DELETE FROM caseledger.{table} WHERE false"),
                format!("TRUNCATE caseledger.{table} CASCADE"),
            ] {
                let error = admin.batch_execute(&statement).await.unwrap_err();
                assert_eq!(error.code().unwrap().code(), "55000", "{statement} under {setting}: {error}");
            }
        }
    }
    let after: String = admin.query_one(WHOLE_LOG, &[]).await.unwrap().get(0);
    assert_eq!(before, after);
    drop(ledger);
}

const WHOLE_LOG: &str = "SELECT (SELECT string_agg(e::text, ';' ORDER BY position) FROM caseledger.events e) || \
    (SELECT string_agg(h::text, ';' ORDER BY base_size) FROM caseledger.heads h) || \
    (SELECT string_agg(c::text, ';' ORDER BY command_id) FROM caseledger.commands c)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_have_no_right_that_they_do_not_need() {
    let (database, _ledger) = fresh_ledger().await;
    let cases = [
        ("caseledger_appender", "UPDATE caseledger.events SET facts = NULL", "42501"),
        ("caseledger_appender", "DELETE FROM caseledger.events", "42501"),
        ("caseledger_appender", "TRUNCATE caseledger.heads", "42501"),
        ("caseledger_appender", "DELETE FROM caseledger.identifier_index", "42501"),
        ("caseledger_appender", "UPDATE caseledger.kinds SET first_position = 1", "42501"),
        ("caseledger_appender", "SELECT caseledger.refill_kinds()", "42501"),
        ("caseledger_appender", "SELECT caseledger.forget_identifiers('{}', '{}')", "42501"),
        ("caseledger_appender", "ALTER TABLE caseledger.events DISABLE TRIGGER refuse_change", "42501"),
        ("caseledger_appender", "SET session_replication_role = replica", "42501"),
        ("caseledger_appender", "SET ROLE caseledger_owner", "42501"),
        (
            "caseledger_projector",
            "INSERT INTO caseledger.heads VALUES (9, 10, now(), 1, gen_random_uuid())",
            "42501",
        ),
        ("caseledger_projector", "SELECT * FROM caseledger.identifier_index", "42501"),
        ("caseledger_reader", "SELECT * FROM caseledger.commands", "42501"),
        ("caseledger_reader", "SELECT * FROM caseledger.identifier_index", "42501"),
        ("caseledger_reader", "DELETE FROM caseledger.events", "42501"),
    ];
    for (role, statement, code) in cases {
        let client = connect(database.role(role)).await;
        let error = client.batch_execute(statement).await.expect_err(statement);
        assert_eq!(error.code().unwrap().code(), code, "{role}: {statement}: {error}");
    }
    for role in ["caseledger_owner", "caseledger_disposer"] {
        assert!(database.role(role).connect(NoTls).await.is_err(), "{role} must not log in");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_names_no_subject_sees_no_event() {
    let (database, _ledger) = fresh_ledger().await;
    let reader = connect(database.role("caseledger_reader")).await;
    let seen = async || -> i64 {
        reader.query_one("SELECT count(*) FROM caseledger.events", &[]).await.unwrap().get(0)
    };
    assert_eq!(seen().await, 0);
    reader.batch_execute("SET caseledger.subject = ''").await.unwrap();
    assert_eq!(seen().await, 0);
    reader.batch_execute("SET caseledger.subject = 'an-inspector'").await.unwrap();
    assert_eq!(seen().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::disallowed_methods,
    reason = "the database's clock is the real one, so the forged one is set beside it"
)]
async fn a_clock_that_is_ahead_or_behind_is_refused_and_nothing_is_back_dated() {
    let database = TestDatabase::installed().await;
    let now = Utc::now();
    let clock = SetClock::at(now);
    let ledger = database.create_ledger(Options { clock: clock.clock(), ..Options::default() }).await;
    let append =
        async || ledger.append(append_to(some_stream(), Expected::NoStream, vec![some_event(1)])).await;
    clock.set(now + TimeDelta::seconds(60));
    match append().await {
        Err(AppendError::ClockAhead { ahead_ms }) => {
            assert!((50_000..=60_000).contains(&ahead_ms), "{ahead_ms}")
        }
        other => panic!("{other:?}"),
    }
    clock.set(now + TimeDelta::seconds(1));
    let first = append().await.unwrap();
    // As long as the newest event's time is the database's, that is taken.
    clock.set(now - TimeDelta::days(400));
    let second = append().await.unwrap();
    assert_eq!(second.recorded_at, first.recorded_at, "never before the head");
    assert_eq!(second.first_position.0, 3);
    tokio::time::sleep(std::time::Duration::from_secs(7)).await;
    for behind in [TimeDelta::minutes(30), TimeDelta::days(400)] {
        clock.set(Utc::now() - behind);
        match append().await {
            Err(AppendError::ClockBehind { behind_ms }) => {
                assert!(
                    (behind.num_milliseconds()..=behind.num_milliseconds() + 60_000).contains(&behind_ms)
                );
            }
            other => panic!("{other:?}"),
        }
    }
    clock.set(Utc::now() - TimeDelta::seconds(2));
    let third = append().await.unwrap();
    assert_eq!(third.first_position.0, 4);
    assert!(third.recorded_at > first.recorded_at + TimeDelta::seconds(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_or_there_already_is_told_apart() {
    let bare = TestDatabase::empty().await;
    crate::install(&bare.superuser()).await.unwrap();
    crate::install(&bare.superuser()).await.expect("a second time changes nothing");
    let open = async || Ledger::open(&bare.appender(), bare.new_keys(), Options::default()).await;
    assert!(matches!(open().await, Err(OpenFault::NoLedger)));
    let ledger = bare.create_ledger(Options::default()).await;
    let opening = crate::Opening {
        authority: ledger.genesis().authority.clone(),
        origin: "a.example/b".to_owned(),
        log_key: None,
    };
    let again = Ledger::create(&bare.appender(), bare.new_keys(), opening.clone(), Options::default()).await;
    assert!(
        matches!(again, Err(OpenFault::AlreadyThere { ledger: there }) if there == ledger.id()),
        "{again:?}"
    );
    let bad = crate::Opening { origin: "with space".to_owned(), ..opening };
    let bad = Ledger::create(&bare.appender(), bare.new_keys(), bad, Options::default()).await;
    assert!(matches!(bad, Err(OpenFault::BadOrigin { .. })));
    let empty = TestDatabase::empty().await;
    let none = Ledger::open(&empty.superuser(), empty.new_keys(), Options::default()).await;
    assert!(matches!(none, Err(OpenFault::NotInstalled)), "{none:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_is_refused_with_a_typed_error_and_writes_nothing() {
    let (_database, ledger) = fresh_ledger().await;
    let stream = some_stream();
    let with_facts = |facts: &str| {
        let mut event = some_event(0);
        event.facts = facts.to_owned();
        append_to(stream, Expected::Any, vec![event])
    };
    for facts in [
        "{\"a\": 1}",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":2}",
        "1e400",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":1.5}",
        "",
        "{",
    ] {
        let refused = ledger.append(with_facts(facts)).await;
        assert!(matches!(refused, Err(AppendError::NotCanonical { .. })), "{facts}: {refused:?}");
    }
    let empty = ledger.append(append_to(stream, Expected::Any, vec![])).await;
    assert!(matches!(empty, Err(AppendError::Empty { .. })));
    let many = ledger.append(append_to(stream, Expected::Any, (0..10_000).map(some_event).collect())).await;
    assert!(matches!(many, Err(AppendError::TooManyEvents { events: 10_000, .. })));
    let large = ledger.append(with_facts(&format!("\"{}\"", "x".repeat(300_000)))).await;
    assert!(matches!(large, Err(AppendError::EventTooLarge { .. })));
    let mut twice = append_to(stream, Expected::Any, vec![some_event(1), some_event(2)]);
    twice.appends[0].events[1].event_id = twice.appends[0].events[0].event_id;
    assert!(matches!(ledger.append(twice).await, Err(AppendError::EventIdReused { .. })));
    ledger.append(append_to(stream, Expected::NoStream, vec![some_event(1)])).await.unwrap();
    let mut elsewhere = append_to(stream, Expected::Any, vec![some_event(2)]);
    elsewhere.appends[0].category = domain::envelope::Category::Household;
    assert!(matches!(ledger.append(elsewhere).await, Err(AppendError::OtherCategory { .. })));
    let mut nul = append_to(stream, Expected::Any, vec![some_event(3)]);
    nul.appends[0].events[0].context.team = Some("a\0b".to_owned());
    assert!(matches!(ledger.append(nul).await, Err(AppendError::NotCanonical { .. })));
    assert_eq!(ledger.head().await.unwrap().position.0, 2);
}
