//! How many events a second one core takes through corrections, practice order and all clocks, over a million events in
//! journeys of 100; and how long reading the whole rule book takes. Prints two lines; the bars are 500,000 events/s and
//! 100 ms.
//!
//! The children are invented. One event in ten is entered weeks late, one in twenty is corrected.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use domain::clocks::{ClockEngine, Question};
use domain::envelope::{Category, EventContext};
use domain::events::record_keeping::{
    CorrectionReason, CoverageExtent, EventCorrected, HistoryCoverageStated,
};
use domain::events::{Body, CaseEvent, EntityRole as Role, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use domain::time::Occurred;
use uuid::Uuid;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EVENTS: usize = 1_000_000;
/// Journeys that are made once and folded again and again.
const DIFFERENT: u64 = 50;

#[expect(clippy::print_stdout, reason = "the measurement is the output")]
fn main() {
    let begun = Instant::now();
    let rules = RuleBook::built_in().rules().count();
    println!("{rules} rules read and checked in {:?} (schemas of the kinds included)", begun.elapsed());
    let journeys: Vec<Vec<RecordedEvent>> = (0..DIFFERENT).map(journey).collect();
    let engine = ClockEngine::new(RuleBook::built_in());
    let question = Question::as_at(NaiveDate::from_ymd_opt(2024, 6, 1).expect("a date"));
    let (mut events, mut clocks) = (0, 0);
    let (mut known, mut judged) = (Duration::ZERO, Duration::ZERO);
    for recorded in journeys.iter().cycle() {
        if events >= EVENTS {
            break;
        }
        let begun = Instant::now();
        let journey = Journey::known(black_box(recorded), KnownAt::NOW);
        known += begun.elapsed();
        let begun = Instant::now();
        clocks += black_box(engine.run(&journey, &question)).clocks.len();
        judged += begun.elapsed();
        events += recorded.len();
    }
    let rate =
        |took: Duration| u128::try_from(events).unwrap_or_default() * 1_000_000 / took.as_micros().max(1);
    println!(
        "{events} events, {clocks} clocks: {} events/s (known {} events/s, clocks {} events/s)",
        rate(known + judged),
        rate(known),
        rate(judged)
    );
}

/// A hundred recorded events: a year of referral, assessment, enquiry, plan, care, visits and reviews.
fn journey(number: u64) -> Vec<RecordedEvent> {
    let first = NaiveDate::from_ymd_opt(2019, 1, 7).expect("a date") + Days::new(number * 13);
    let complete = HistoryCoverageStated {
        kinds: std::collections::BTreeSet::new(),
        extent: CoverageExtent::Complete,
        from: None,
        to: None,
        import: None,
    };
    let mut recorded = vec![event(number, 0, first, 0, CaseEvent::new(Occurred::on(first), complete))];
    for (offset, kind, details, role) in steps() {
        let at = u64::try_from(recorded.len()).expect("few events");
        let on = first + Days::new(offset);
        let facts = format!("{{\"details\":{details}}}");
        let version = Kind::from_name(kind).expect("a kind").schema_version();
        let mut told = CaseEvent::read(Occurred::on(on), kind, version, &facts).expect("valid facts");
        if let Some(role) = role {
            told = told.of(role, process(number, role));
        }
        recorded.push(event(number, at, on, if at % 10 == 3 { 21 } else { 0 }, told.clone()));
        if at % 20 == 7 {
            let at = at + 1;
            let replacement = Box::new(CaseEvent { occurred: Occurred::on(on + Days::new(1)), ..told });
            let correction = EventCorrected {
                target: id(number, at - 1),
                replacement,
                changed: std::iter::once("occurred".to_owned()).collect(),
                reason: CorrectionReason::LateInformation,
                authorised_by: None,
                inferred: false,
            };
            let correction = CaseEvent::new(Occurred::on(on), Body::from(correction));
            recorded.push(event(number, at, on, 30, correction));
        }
    }
    recorded
}

fn steps() -> Vec<(u64, &'static str, &'static str, Option<Role>)> {
    let mut steps = vec![
        (0, "child_registered", r#"{"date_of_birth":"2012-03-04","disabilities":[]}"#, None),
        (0, "contact_received", "{}", Some(Role::Contact)),
        (0, "referral_received", "{}", Some(Role::Referral)),
        (1, "referral_decision_made", r#"{"outcome":"progressed"}"#, Some(Role::Referral)),
        (2, "assessment_started", r#"{"kind":"single"}"#, Some(Role::Assessment)),
        (3, "worker_allocated", "{}", None),
        (3, "strategy_discussion_held", r#"{"initiated_enquiry":true}"#, Some(Role::Enquiry)),
        (3, "section47_enquiry_started", "{}", Some(Role::Enquiry)),
        (20, "initial_conference_held", r#"{"kind":"initial"}"#, Some(Role::Enquiry)),
        (20, "child_protection_plan_started", "{}", Some(Role::Plan)),
        (50, "assessment_authorised", r#"{"factors":[]}"#, Some(Role::Assessment)),
        (60, "became_looked_after", r#"{"legal_status":"C1"}"#, Some(Role::PeriodOfCare)),
        (60, "placement_started", r#"{"short_break":false,"placement_type":"U6"}"#, Some(Role::Placement)),
        (70, "application_issued", r#"{"orders":["care"]}"#, Some(Role::Application)),
        (80, "health_assessment_completed", "{}", None),
        (85, "pep_completed", "{}", None),
        (250, "final_order_made", r#"{"order":"care_order"}"#, Some(Role::Application)),
        (300, "child_protection_plan_ended", "{}", Some(Role::Plan)),
    ];
    for week in 0..24_u64 {
        steps.push((62 + 10 * week, "looked_after_visit_made", "{}", None));
        steps.push((24 + 10 * week, "child_protection_visit_made", "{}", None));
        steps.push((26 + 11 * week, "core_group_held", "{}", Some(Role::Plan)));
    }
    for review in 0..3_u64 {
        steps.push((80 + 85 * review, "looked_after_review_held", "{}", Some(Role::PeriodOfCare)));
        steps.push((100 + 90 * review, "review_conference_held", "{}", Some(Role::Plan)));
    }
    steps
}

fn process(number: u64, role: Role) -> EntityId {
    let role = Role::ALL.iter().position(|held| *held == role).unwrap_or_default();
    EntityId(Uuid::from_u64_pair(number, u64::try_from(role).unwrap_or_default() + 1))
}

fn id(number: u64, at: u64) -> EventId {
    EventId(Uuid::from_u64_pair(number + 1, at + 1))
}

fn event(number: u64, at: u64, on: NaiveDate, late_days: u64, event: CaseEvent) -> RecordedEvent {
    let recorded_at: DateTime<Utc> = (on + Days::new(late_days)).and_time(NaiveTime::MIN).and_utc();
    RecordedEvent {
        position: Position(number * 1_000 + at + 1),
        stream: StreamId(Uuid::from_u64_pair(9, number)),
        category: Category::Child,
        revision: Revision(u32::try_from(at + 1).expect("few events")),
        event_id: id(number, at),
        command_id: CommandId(Uuid::from_u64_pair(number + 1, at + 1)),
        recorded_at,
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event,
    }
}
