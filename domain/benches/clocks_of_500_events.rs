//! How long all clocks of one journey of 500 events take. Prints one line; the bar is 1 ms (median).
//!
//! The child is invented and busier than any real one: referrals, enquiries, plans with reviews and core groups, periods of
//! care with reviews, and proceedings, spread over nine years.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, NaiveDate};
use domain::clocks::{ClockEngine, Question};
use domain::envelope::{Category, EventContext};
use domain::events::assessment::{AssessmentAuthorised, AssessmentKind, AssessmentStarted};
use domain::events::child_protection::{
    ChildProtectionPlanEnded, ChildProtectionPlanStarted, CoreGroupHeld, InitialConferenceHeld,
    InitialConferenceKind, ReviewConferenceHeld, Section47EnquiryStarted, StrategyDiscussionHeld,
};
use domain::events::court::{ApplicationIssued, NoOrderMade, OrderApplied};
use domain::events::front_door::{ReferralDecisionMade, ReferralOutcome, ReferralReceived};
use domain::events::looked_after::{BecameLookedAfter, LookedAfterReviewHeld};
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::events::{Body, CaseEvent, EntityRole as Role, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use domain::time::Occurred;
use uuid::Uuid;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 1_000;

#[expect(clippy::print_stdout, reason = "the measurement is the output")]
fn main() {
    let recorded = journey_of_500_events();
    let journey = Journey::known(&recorded, KnownAt::NOW);
    let engine = ClockEngine::new(RuleBook::built_in());
    let as_at = NaiveDate::from_ymd_opt(2024, 6, 1).expect("a date");
    let question = Question::as_at(as_at);
    let clocks = engine.run(&journey, &question).clocks.len();
    let (median, fastest) = measured(|| engine.run(black_box(&journey), &question));
    let (alone, fastest_alone) = measured(|| engine.run(black_box(&journey), &question.without_members()));
    let (events, rules) = (journey.events.len(), RuleBook::built_in().rules().count());
    println!(
        "{events} events, {rules} rules, {clocks} clocks: median {median:?}, fastest {fastest:?} a journey; \
         clocks alone: median {alone:?}, fastest {fastest_alone:?}"
    );
}

/// The median and the shortest time.
fn measured<T>(fold: impl Fn() -> T) -> (Duration, Duration) {
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            black_box(fold());
            begun.elapsed()
        })
        .collect();
    rounds.sort();
    let median = rounds.get(rounds.len() / 2).copied().unwrap_or_default();
    (median, rounds.first().copied().unwrap_or_default())
}

/// Ten stretches of fifty events.
fn journey_of_500_events() -> Vec<RecordedEvent> {
    let first = NaiveDate::from_ymd_opt(2015, 1, 5).expect("a date");
    let complete = HistoryCoverageStated {
        kinds: Default::default(),
        extent: CoverageExtent::Complete,
        from: None,
        to: None,
        import: None,
    };
    let mut recorded = vec![event(0, first, complete.into(), &[])];
    for stretch in 0..10_u64 {
        let start = first + Days::new(stretch * 330);
        for (offset, body, roles) in stretch_of_50_events() {
            let number = u64::try_from(recorded.len()).expect("few events");
            let roles: Vec<(Role, u64)> = roles.iter().map(|role| (*role, stretch)).collect();
            recorded.push(event(number, start + Days::new(offset), body, &roles));
        }
    }
    recorded
}

fn stretch_of_50_events() -> Vec<(u64, Body, Vec<Role>)> {
    let referral = ReferralReceived { source: None, primary_need: None, ..Default::default() };
    let decision = ReferralDecisionMade { outcome: ReferralOutcome::Progressed };
    let authorised = AssessmentAuthorised { factors: Default::default(), support_needed: None };
    let conference = InitialConferenceHeld {
        kind: InitialConferenceKind::Initial,
        led_to_plan: Some(true),
        ..Default::default()
    };
    let plan = ChildProtectionPlanStarted { category: None, stated_previous_plans: None };
    let application = ApplicationIssued { orders: [OrderApplied::Care].into(), ..Default::default() };
    let mut all: Vec<(u64, Body, Vec<Role>)> = vec![
        (0, referral.into(), vec![Role::Referral]),
        (1, decision.into(), vec![Role::Referral]),
        (
            2,
            AssessmentStarted { kind: AssessmentKind::Single }.into(),
            vec![Role::Assessment, Role::Referral],
        ),
        (
            3,
            StrategyDiscussionHeld { initiated_enquiry: true, ..Default::default() }.into(),
            vec![Role::Enquiry],
        ),
        (3, Section47EnquiryStarted { stated_conference_target: None }.into(), vec![Role::Enquiry]),
        (20, conference.into(), vec![Role::Enquiry, Role::Conference]),
        (20, plan.into(), vec![Role::Plan, Role::Conference]),
        (50, authorised.into(), vec![Role::Assessment, Role::Referral]),
        (
            60,
            BecameLookedAfter { category_of_need: None, legal_status: None, ..Default::default() }.into(),
            vec![Role::PeriodOfCare],
        ),
        (70, application.into(), vec![Role::Application]),
        (300, ChildProtectionPlanEnded { reason: None }.into(), vec![Role::Plan]),
        (310, NoOrderMade {}.into(), vec![Role::Application]),
    ];
    for meeting in 0..14_u64 {
        all.push((30 + 18 * meeting, CoreGroupHeld::default().into(), vec![Role::Plan]));
        all.push((
            80 + 15 * meeting,
            LookedAfterReviewHeld { participation: None, ..Default::default() }.into(),
            vec![Role::PeriodOfCare],
        ));
    }
    for review in 0..10_u64 {
        all.push((100 + 20 * review, ReviewConferenceHeld::default().into(), vec![Role::Plan]));
    }
    all
}

fn event(number: u64, on: NaiveDate, body: Body, roles: &[(Role, u64)]) -> RecordedEvent {
    let id = Uuid::from_u128(u128::from(number) + 1);
    let mut event = CaseEvent::new(Occurred::on(on), body);
    for (role, process) in roles {
        let role_number = Role::ALL.iter().position(|held| held == role).unwrap_or_default();
        event = event.of(
            *role,
            EntityId(Uuid::from_u64_pair(u64::try_from(role_number).unwrap_or_default(), *process)),
        );
    }
    RecordedEvent {
        position: Position(number + 1),
        stream: StreamId(Uuid::from_u128(1)),
        category: Category::Child,
        revision: Revision(u32::try_from(number + 1).expect("few events")),
        event_id: EventId(id),
        command_id: CommandId(id),
        recorded_at: DateTime::from_timestamp(1_700_000_000, 0).expect("a valid instant"),
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event,
    }
}
