//! Counts and rates of a few invented children over a period, added up by hand.

#![expect(clippy::unwrap_used, reason = "invented journeys are written by hand")]

use chrono::NaiveDate;
use domain::clocks::{ClockEngine, Question};
use domain::envelope::{Category, EventContext};
use domain::events::child_protection::{ChildProtectionPlanEnded, ChildProtectionPlanStarted};
use domain::events::looked_after::BecameLookedAfter;
use domain::events::published::PopulationSet;
use domain::events::{Body, CaseEvent, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use projections::indicators::{Indicators, Period};
use projections::populations::{Population, Populations};
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An invented event of one process, recorded on the day on which this was written.
fn recorded(number: u32, category: Category, occurred: &str, body: impl Into<Body>) -> RecordedEvent {
    let body = body.into();
    let role = body.kind().own_role();
    let mut event = CaseEvent::new(occurred.parse().unwrap(), body);
    if let Some(role) = role {
        event = event.of(role, EntityId(Uuid::from_u128(1)));
    }
    RecordedEvent {
        position: Position(number.into()),
        stream: StreamId(Uuid::from_u128(9)),
        category,
        revision: Revision(number),
        event_id: EventId(Uuid::from_u128(number.into())),
        command_id: CommandId(Uuid::from_u128(number.into())),
        recorded_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event,
    }
}

fn plan_from_to(from: &str, to: Option<&str>) -> Vec<RecordedEvent> {
    let start = ChildProtectionPlanStarted { category: None, stated_previous_plans: None };
    let mut events = vec![recorded(1, Category::Child, from, start)];
    events.extend(to.map(|to| recorded(2, Category::Child, to, ChildProtectionPlanEnded { reason: None })));
    events
}

fn entry_into_care(occurred: &str) -> Vec<RecordedEvent> {
    vec![recorded(1, Category::Child, occurred, BecameLookedAfter::default())]
}

/// The indicators of the year to 31 March 2024, in two parts that are merged.
fn of_the_year(children: &[Vec<RecordedEvent>]) -> Indicators {
    let period = Period { from: day("2023-04-01"), to: day("2024-03-31") };
    let engine = ClockEngine::new(RuleBook::built_in());
    let (mut whole, mut other) = (Indicators::default(), Indicators::default());
    for (number, events) in (0_u128..).zip(children) {
        let journey = Journey::known(events, KnownAt::NOW);
        let answers = engine.run(&journey, &Question::as_at(period.to));
        let part = if number % 2 == 0 { &mut whole } else { &mut other };
        part.count(StreamId(Uuid::from_u128(number)), &answers, period);
    }
    whole.merge(other);
    whole
}

#[test]
fn children_on_plans_are_those_whose_plan_is_open_on_the_last_day() {
    let indicators = of_the_year(&[
        plan_from_to("2022-05-02", None),
        plan_from_to("2023-05-02", Some("2024-03-30")),
        plan_from_to("2024-03-31", None),
        plan_from_to("2024-04-01", None),
    ]);
    let plans = &indicators.by_rule["RT-01"];
    assert_eq!((plans.figures.counted, plans.children.len()), (2, 2));
    // 2 of 100,000 children are 0.2 for each 10,000.
    assert_eq!(plans.figures.rate(100_000), Some(2));
}

#[test]
fn entries_are_counted_in_the_period_and_listed_by_month() {
    let days = ["2023-03-31", "2023-04-01", "2023-04-30", "2024-03-31", "2024-04-01"];
    let indicators = of_the_year(&days.map(entry_into_care));
    let entries = &indicators.by_rule["RT-02"].figures;
    let by_month: Vec<(&str, u64)> =
        entries.groups.iter().map(|(name, counted)| (name.as_str(), *counted)).collect();
    assert_eq!((entries.counted, by_month), (3, vec![("2023-04", 2), ("2024-03", 1)]));
}

#[test]
fn an_entry_of_which_only_the_year_is_known_belongs_to_no_period_for_certain() {
    let indicators = of_the_year(&[entry_into_care("2023-01-01/2023-12-31")]);
    let entries = &indicators.by_rule["RT-02"].figures;
    assert_eq!((entries.counted, entries.cannot_tell), (0, 1));
}

#[test]
fn a_rate_is_divided_by_the_newest_estimate_of_its_own_year_or_before() {
    let set = |number, area: &str, year, ages_to, children| {
        let estimate = PopulationSet {
            area: area.parse().unwrap(),
            year,
            ages_from: 0,
            ages_to,
            children,
            source: None,
        };
        recorded(number, Category::Authority, "2024-01-15", estimate)
    };
    let journey = Journey::known(
        &[
            set(1, "INV", 2016, 17, 76_000),
            set(2, "INV", 2018, 17, 78_000),
            set(3, "INV", 2017, 24, 99_000),
            set(4, "ELSEWHERE", 2017, 17, 5_000),
        ],
        KnownAt::NOW,
    );
    let mut populations = Populations::default();
    populations.take(&journey);
    let of = |asked| populations.under_18("INV", day(asked)).map(|it: Population| (it.year, it.children));
    assert_eq!(of("2017-03-31"), Some((2016, 76_000)));
    assert_eq!(of("2018-03-31"), Some((2018, 78_000)));
    assert_eq!(of("2015-12-31"), None);
}
