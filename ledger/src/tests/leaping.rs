//! A database whose clock was ahead: nothing is recorded until two officers say when the newest event was, and then all times
//! that are told are those at which things were recorded.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{Position, Revision, StreamId};

use super::disposal::{officers, with_officers};
use crate::officers::{Action, CarryOutFault, RequestFault, sign_request};
use crate::test_support::{TestDatabase, append_to, lead_database_clock, some_event, some_stream};
use crate::{AppendError, Clock, Expected, Leap, LeapFault, Ledger, OpenFault, Options, ReadFault};

const AHEAD: TimeDelta = TimeDelta::days(400);

#[expect(clippy::disallowed_methods, reason = "the time of the database is the real one here")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

async fn open_ahead(database: &TestDatabase) -> Ledger {
    let clock = Clock::new(|| now() + AHEAD);
    database.open_ledger_with(Options { clock, ..Options::default() }).await
}

async fn append(ledger: &Ledger, number: u32) -> Result<StreamId, AppendError> {
    let stream = some_stream();
    let recorded = ledger.append(append_to(stream, Expected::NoStream, vec![some_event(number)])).await?;
    assert!((recorded.recorded_at - ledger.now()).abs() < TimeDelta::seconds(5), "{recorded:?}");
    Ok(stream)
}

async fn told(ledger: &Ledger, stream: StreamId) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
    let event = ledger.read_stream(stream, Revision(1)).await.unwrap().remove(0);
    (event.recorded_at, event.context.stamped_at)
}

async fn signed(ledger: &Ledger, action: Action) -> String {
    let (request, _) = ledger.prepare_request(action).await.unwrap();
    let [one, two] = officers();
    let text = sign_request(&request.to_string(), None, &one).unwrap();
    sign_request(&text, None, &two).unwrap()
}

/// A ledger with an event before, and one while the clocks were ahead, which are right again.
async fn leapt() -> (TestDatabase, Ledger, [StreamId; 2]) {
    let (database, ledger) = with_officers().await;
    let before = append(&ledger, 1).await.unwrap();
    lead_database_clock(&database.admin().await, AHEAD).await;
    let ahead = open_ahead(&database).await;
    let during = append(&ahead, 2).await.unwrap();
    lead_database_clock(&database.admin().await, TimeDelta::zero()).await;
    (database, ledger, [before, during])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_leap_events_are_recorded_again_and_every_time_is_the_true_one() {
    let (database, other, [before, during]) = leapt().await;
    let ledger = database.open_ledger().await;
    for ledger in [&ledger, &other] {
        let refused = append(ledger, 3).await;
        assert!(matches!(refused, Err(AppendError::ClockAhead { .. })), "{refused:?}");
    }
    assert!(told(&ledger, during).await.0 > now() + TimeDelta::days(399));

    let found = ledger.find_leap(None).await.unwrap();
    assert!(found.stamp > now() + TimeDelta::days(399) && found.moment <= now());
    let request = signed(&ledger, Ledger::leap_action(found)).await;
    let (leap, recorded) = ledger.set_time(&request).await.unwrap();
    assert_eq!((leap, recorded.first_position.0), (found, found.last.0 + 1));
    assert!(recorded.recorded_at - now() < TimeDelta::seconds(5));

    // The process that recorded it, one that was open meanwhile, and one that opens later.
    let after = append(&ledger, 3).await.unwrap();
    let by_other = append(&other, 4).await.unwrap();
    let third = database.open_ledger().await;
    let by_third = append(&third, 5).await.unwrap();
    for ledger in [&ledger, &other, &third] {
        assert_eq!(told(ledger, before).await.1, None, "a row from before says the time itself");
        assert_eq!(told(ledger, during).await, (leap.moment, Some(leap.stamp)));
        for stream in [after, by_other, by_third] {
            let (recorded, stamped) = told(ledger, stream).await;
            assert!(recorded <= now() && recorded > leap.moment, "{recorded}");
            assert!(stamped.is_some_and(|stamped| stamped >= leap.stamp), "rows never go back");
        }
        assert!(ledger.head().await.unwrap().recorded_at <= now());
        let before_it = ledger.head_at(leap.moment - TimeDelta::microseconds(1)).await.unwrap().unwrap();
        assert_eq!(
            before_it.position.0,
            leap.last.0 - 1,
            "what was recorded ahead is known from the told moment"
        );
        assert_eq!(ledger.head_at(leap.moment).await.unwrap().unwrap().position, leap.last);
    }
    let positions = third.positions_in(leap).await.unwrap();
    assert_eq!(positions, leap.last.0..=leap.last.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_is_set_right_only_where_it_is_ahead_and_for_the_row_that_was_signed_for() {
    let (database, ledger, _) = leapt().await;
    let outside = ledger.find_leap(Some(now() + TimeDelta::minutes(1))).await;
    assert!(matches!(outside, Err(LeapFault::Outside { .. })), "{outside:?}");
    let outside = ledger.find_leap(Some(now() - TimeDelta::days(1))).await;
    assert!(matches!(outside, Err(LeapFault::Outside { .. })), "{outside:?}");
    let ahead = open_ahead(&database).await;
    let apart = ahead.find_leap(None).await;
    assert!(matches!(apart, Err(LeapFault::Apart { .. })), "{apart:?}");

    let found = ledger.find_leap(None).await.unwrap();
    let other = Leap { last: Position(found.last.0 - 1), ..found };
    let request = signed(&ledger, Ledger::leap_action(other)).await;
    let refused = ledger.set_time(&request).await;
    assert!(matches!(refused, Err(LeapFault::OtherLeap)), "{refused:?}");
    assert!(append(&ledger, 3).await.is_err(), "nothing was set");

    let (alone, _) = ledger.prepare_request(Ledger::leap_action(found)).await.unwrap();
    let [one, _] = officers();
    let alone = sign_request(&alone.to_string(), None, &one).unwrap();
    let refused = ledger.set_time(&alone).await;
    let is_too_few = |fault: &LeapFault| {
        matches!(fault, LeapFault::Refused(CarryOutFault::Request(RequestFault::TooFew { .. })))
    };
    assert!(refused.as_ref().is_err_and(is_too_few), "{refused:?}");

    let request = signed(&ledger, Ledger::leap_action(found)).await;
    ledger.set_time(&request).await.unwrap();
    append(&ledger, 3).await.unwrap();
    let again = ledger.find_leap(None).await;
    assert!(matches!(again, Err(LeapFault::NotAhead { .. })), "{again:?}");
    assert!(ledger.set_time(&request).await.is_err(), "a request is carried out once");
}

/// Whoever changes what officers said of the time in the database gets no answers that go by another time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_word_about_the_time_moves_no_answer() {
    let (database, ledger, [_, during]) = leapt().await;
    let found = ledger.find_leap(None).await.unwrap();
    let request = signed(&ledger, Ledger::leap_action(found)).await;
    ledger.set_time(&request).await.unwrap();
    let held = told(&ledger, during).await;
    let admin = database.admin().await;
    let sql = "ALTER TABLE caseledger.events DISABLE TRIGGER ALL; CREATE TABLE kept AS TABLE caseledger.events; \
               ALTER TABLE caseledger.kinds DISABLE TRIGGER ALL; CREATE TABLE kept_kinds AS TABLE caseledger.kinds";
    admin.batch_execute(sql).await.unwrap();
    let of = "WHERE kind = 'ledger_time_set'";
    let later = "replace(facts::text, '\"true_time\":\"20', '\"true_time\":\"19')::json";
    let changes = [
        format!("UPDATE caseledger.events SET facts = {later} {of}"),
        format!("UPDATE caseledger.events SET kind = 'roster_recorded' {of}"),
        format!(
            "DELETE FROM caseledger.kinds {of}; UPDATE caseledger.events SET kind = 'roster_recorded' {of}"
        ),
        format!("UPDATE caseledger.events SET stream = gen_random_uuid() {of}"),
        "UPDATE caseledger.events SET facts = replace(facts::text, 'caldicott', 'xaldicott')::json \
         WHERE kind = 'officer_key_registered'"
            .to_owned(),
    ];
    for change in changes {
        admin.batch_execute(&change).await.unwrap();
        let opened = Ledger::open(&database.appender(), database.keys(), Options::default()).await.map(drop);
        let in_doubt = opened.as_ref().is_err_and(|fault| {
            matches!(fault, OpenFault::Read { source: ReadFault::TimeInDoubt { .. } })
                && crate::is_damage(fault)
        });
        assert!(in_doubt, "{change}: {opened:?}");
        // A process that was open before goes on with what it knows.
        let _ = ledger.custody().await;
        assert_eq!(told(&ledger, during).await, held, "{change}");
        let back = "DELETE FROM caseledger.events; INSERT INTO caseledger.events TABLE kept; \
                    DELETE FROM caseledger.kinds; INSERT INTO caseledger.kinds TABLE kept_kinds";
        admin.batch_execute(back).await.unwrap();
    }
    assert_eq!(told(&database.open_ledger().await, during).await, held);
}
