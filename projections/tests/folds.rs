//! Small invented journeys and what the folds make of them.

#![expect(clippy::unwrap_used, reason = "invented journeys are written by hand")]

use chrono::{DateTime, NaiveDate, Utc};
use domain::envelope::{Category, EventContext, ImportRef};
use domain::events::child_protection::{ChildProtectionPlanEnded, ChildProtectionPlanStarted, CoreGroupHeld};
use domain::events::early_help::EarlyHelpAssessmentStarted;
use domain::events::front_door::{CaseClosed, ReferralReceived};
use domain::events::missing::{FoundOrReturned, MissingReported};
use domain::events::{Body, CaseEvent, Entities, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, ImportId, Position, Revision, StreamId};
use domain::journey::Lateness;
use domain::journey::{Journey, KnownAt};
use domain::rules::{Endings, RuleBook};
use projections::episodes::episodes;
use projections::lateness::late_records;
use projections::status::{Running, Status};
use projections::summary::summarise;
use projections::wording;
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An invented event that was recorded at noon of a day.
fn recorded(number: u32, occurred: &str, recorded_on: &str, body: impl Into<Body>) -> RecordedEvent {
    let body = body.into();
    let role = body.kind().own_role();
    let mut event = CaseEvent::new(occurred.parse().unwrap(), body);
    if let Some(role) = role {
        event = event.of(role, EntityId(Uuid::from_u128(1)));
    }
    let mut context = EventContext::new(Uuid::from_u128(5), "social_worker");
    context.team = Some("Invented Team".to_owned());
    RecordedEvent {
        position: Position(number.into()),
        stream: StreamId(Uuid::from_u128(9)),
        category: Category::Child,
        revision: Revision(number),
        event_id: EventId(Uuid::from_u128(number.into())),
        command_id: CommandId(Uuid::from_u128(number.into())),
        recorded_at: format!("{recorded_on}T12:00:00Z").parse::<DateTime<Utc>>().unwrap(),
        context,
        event,
    }
}

fn plan_started() -> ChildProtectionPlanStarted {
    ChildProtectionPlanStarted { category: None, stated_previous_plans: None }
}

fn endings() -> &'static Endings {
    RuleBook::built_in().endings()
}

fn journey(events: &[RecordedEvent]) -> Journey {
    Journey::known(events, KnownAt::NOW)
}

#[test]
fn a_process_runs_from_its_opening_to_the_day_before_its_end() {
    let events = [
        recorded(1, "2024-03-04", "2024-03-04", plan_started()),
        recorded(2, "2024-09-02", "2024-09-02", ChildProtectionPlanEnded { reason: None }),
    ];
    let found = episodes(&journey(&events), endings(), day("2025-01-01"));
    let [plan] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((plan.role, plan.is_open()), (EntityRole::Plan, false));
    for (asked, runs) in
        [("2024-03-03", false), ("2024-03-04", true), ("2024-09-01", true), ("2024-09-02", false)]
    {
        assert_eq!(plan.ran_on(day(asked)), runs, "{asked}");
    }
}

#[test]
fn a_summary_says_what_runs_on_the_day_and_not_on_another() {
    let events = [
        recorded(
            1,
            "2024-03-01",
            "2024-03-01",
            ReferralReceived { source: None, primary_need: None, ..Default::default() },
        ),
        recorded(2, "2024-03-04", "2024-03-04", plan_started()),
        recorded(3, "2024-06-03", "2024-06-03", CaseClosed { reason: None }),
    ];
    let on = |asked| summarise(&journey(&events), endings(), day(asked)).status.words();
    assert_eq!(on("2024-03-02"), ["open referral"]);
    assert_eq!(on("2024-05-01"), ["child protection plan", "open referral"]);
    assert_eq!(on("2024-07-01"), ["child protection plan"]);
    assert_eq!(
        summarise(&journey(&events), endings(), day("2024-07-01")).team.as_deref(),
        Some("Invented Team")
    );
}

#[test]
fn early_help_is_something_that_runs() {
    let started = [recorded(1, "2024-03-04", "2024-03-04", EarlyHelpAssessmentStarted::default())];
    let on = |asked| summarise(&journey(&started), endings(), day(asked)).status.words();
    assert!(on("2024-03-03").is_empty());
    assert_eq!(on("2024-03-04"), ["early help"]);
}

/// An event of a missing episode; one without a number names none.
fn of_episode(number: u32, on: &str, body: impl Into<Body>, episode: Option<u128>) -> RecordedEvent {
    let mut event = recorded(number, on, "2025-01-01", body);
    let named = episode.map(|episode| EntityId(Uuid::from_u128(episode)));
    event.event.entities = Entities::none();
    named.into_iter().for_each(|named| event.event.entities.insert(EntityRole::MissingEpisode, named));
    event
}

#[test]
fn a_status_says_that_it_cannot_tell_where_readings_differ() {
    let reported = |number, on: &str, episode| {
        of_episode(number, on, MissingReported { kind: None, from: None }, episode)
    };
    let back = |number, on: &str, episode| {
        of_episode(number, on, FoundOrReturned { with_whom: None, harm: None }, episode)
    };
    let on = |events: &[RecordedEvent], asked: &str| {
        summarise(&journey(events), endings(), day(asked)).status.words()
    };
    // A return between two days.
    let span = [reported(1, "2024-03-04", Some(2)), back(2, "2024-03-06/2024-03-12", Some(2))];
    assert_eq!(on(&span, "2024-03-05"), ["missing"]);
    assert_eq!(on(&span, "2024-03-06"), ["missing: cannot tell"]);
    assert!(on(&span, "2024-03-12").is_empty());
    let begun = [reported(1, "2024-03-04/2024-03-08", Some(2))];
    assert_eq!(on(&begun, "2024-03-05"), ["missing: cannot tell"]);
    assert_eq!(on(&begun, "2024-03-08"), ["missing"]);
    // One return from one of two episodes leaves the other; from two reports of one day that may be of one, it may not.
    let two = |one, other| {
        [reported(1, "2024-03-04", one), reported(2, "2024-03-04", other), back(3, "2024-03-06", None)]
    };
    assert_eq!(on(&two(Some(2), Some(3)), "2024-03-07"), ["missing"]);
    assert_eq!(on(&two(None, None), "2024-03-07"), ["missing: cannot tell"]);
    assert_eq!(on(&two(None, None), "2024-03-05"), ["missing"]);
    let both = [&two(None, None)[..], &[back(4, "2024-03-08", None)]].concat();
    assert!(on(&both, "2024-03-08").is_empty(), "as many returns as reports");
}

#[test]
fn every_status_is_read_from_its_words() {
    for running in Running::ALL {
        let told = Status::default().with(running);
        let untold = Status::default().with_untold(running);
        for status in [told, untold] {
            assert_eq!(Status::read(status.words().into_iter()), status);
            assert!(status.may_have(running) && !status.is_nothing());
        }
        assert!(told.has(running) && !untold.has(running) && untold.is_untold(running));
        assert!(untold.words().iter().all(|words| words.starts_with(running.words())));
    }
}

#[test]
fn lateness_counts_from_the_day_it_happened_to_the_day_it_was_entered() {
    let same_day = recorded(1, "2024-03-01", "2024-03-01", CoreGroupHeld::default());
    let late = recorded(2, "2024-03-01", "2024-03-17", CoreGroupHeld::default());
    let mut told = recorded(3, "2024-03-01", "2025-01-10", CoreGroupHeld::default());
    told.context.source_recorded_at = "2024-03-09".parse().ok();
    let mut extract = recorded(4, "2024-03-01", "2025-01-10", CoreGroupHeld::default());
    let sheet = "list_7".to_owned();
    extract.context.import =
        Some(ImportRef { import: ImportId(Uuid::from_u128(1)), as_at: day("2024-12-31"), sheet, row: 1 });
    let all = journey(&[same_day, late, told, extract]);
    let days: Vec<Option<i64>> =
        all.events.iter().map(|event| Lateness::of(event).map(|late| late.days)).collect();
    // An extract's day is an upper bound of when the source knew, and no entry time.
    assert_eq!(days, [Some(0), Some(16), Some(8), None]);
    let listed: Vec<i64> = late_records(&all).iter().map(|late| late.days).collect();
    assert_eq!(listed, [16]);
}

#[test]
fn words_never_make_a_date_a_midnight() {
    let told = |text: &str| wording::when(text.parse().unwrap());
    assert_eq!(told("2022-09-19"), "19 September 2022");
    assert_eq!(told("2022-09-19T14:30+01:00"), "19 September 2022, 14:30");
    assert_eq!(told("2022-01-01/2022-03-31~"), "between 1 January 2022 and 31 March 2022 (estimated)");
    assert_eq!(told("../2022-03-31"), "on or before 31 March 2022");
    assert_eq!(told("unknown"), "date not known");
}

#[test]
fn every_kind_has_a_title_of_its_own() {
    let titles: std::collections::BTreeSet<&str> =
        Kind::ALL.iter().map(|kind| wording::title(*kind)).collect();
    assert_eq!(titles.len(), Kind::ALL.len());
}
