//! What clocks and bands say of a period, each against a count by hand. Every child is invented.

#![expect(clippy::unwrap_used, reason = "invented journeys are written by hand")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use domain::clocks::{ClockEngine, Question};
use domain::envelope::{Category, EventContext};
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::events::{CaseEvent, EntityRole as Role, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use projections::indicators::{Indicator, Indicators, Period};
use uuid::Uuid;

static ENGINE: LazyLock<ClockEngine<'static>> = LazyLock::new(|| ClockEngine::new(RuleBook::built_in()));

/// When, what, its details, and its processes.
type Told = (&'static str, &'static str, &'static str, &'static [(Role, u128)]);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The events of one child whose whole history is held.
fn child(told: &[Told]) -> Vec<RecordedEvent> {
    let statement = HistoryCoverageStated {
        kinds: BTreeSet::new(),
        extent: CoverageExtent::Complete,
        from: None,
        to: None,
        import: None,
    };
    let stated = CaseEvent::new("1990-01-01".parse().unwrap(), statement);
    let events = told.iter().map(|(on, kind, details, processes)| {
        let version = Kind::from_name(kind).unwrap().schema_version();
        let facts = format!("{{\"details\":{details}}}");
        let mut event = CaseEvent::read(on.parse().unwrap(), kind, version, &facts).unwrap();
        for (role, number) in *processes {
            event = event.of(*role, EntityId(Uuid::from_u128(*number)));
        }
        event
    });
    let recorded = |(number, event): (u32, CaseEvent)| RecordedEvent {
        position: Position(number.into()),
        stream: StreamId(Uuid::from_u128(9)),
        category: Category::Child,
        revision: Revision(number),
        event_id: EventId(Uuid::from_u128(number.into())),
        command_id: CommandId(Uuid::from_u128(number.into())),
        recorded_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event,
    };
    (1..).zip(std::iter::once(stated).chain(events)).map(recorded).collect()
}

fn indicator(children: &[&[Told]], rule: &str, from: &str, to: &str) -> Indicator {
    let period = Period { from: day(from), to: day(to) };
    let mut indicators = Indicators::default();
    for (number, told) in (0_u128..).zip(children) {
        let journey = Journey::known(&child(told), KnownAt::NOW);
        let answers = ENGINE.run(&journey, &Question::as_at(period.to));
        indicators.count(StreamId(Uuid::from_u128(number)), &answers, period);
    }
    indicators.by_rule.remove(rule).unwrap_or_default()
}

const COURT: &[(Role, u128)] = &[(Role::Application, 1)];
const CASE: &[(Role, u128)] = &[(Role::AdoptionCase, 1)];
const CARE: &[(Role, u128)] = &[(Role::PeriodOfCare, 1)];

#[test]
fn an_application_disposed_of_within_an_extension_is_not_within_26_weeks() {
    let issued: Told = ("2018-01-08", "application_issued", r#"{"orders":["care"]}"#, COURT);
    let extended: Told = ("2018-06-25", "timetable_extended", r#"{"new_end":"2018-09-02"}"#, COURT);
    let order = r#"{"order":"care_order"}"#;
    // Issued on 8 January 2018: the 26 weeks end on 8 July, day 182; 31 August is day 236.
    let in_time: &[Told] = &[issued, ("2018-07-06", "final_order_made", order, COURT)];
    let as_extended: &[Told] = &[issued, extended, ("2018-08-31", "final_order_made", order, COURT)];
    let found = indicator(&[in_time, as_extended], "CT-01", "2018-04-01", "2019-03-31");
    assert_eq!((found.met, found.extended, found.late, found.closed()), (1, 1, 0, 2));
    assert_eq!(found.share_in_time(), Some(500));
}

const ENQUIRY: &[(Role, u128)] = &[(Role::Enquiry, 1)];

#[test]
fn a_conference_that_was_never_held_stands_beside_the_share_of_those_held_and_not_in_it() {
    let started: Told = ("2023-03-27", "section47_enquiry_started", "{}", ENQUIRY);
    let held = r#"{"kind":"initial"}"#;
    // Due on 19 April. The third child died on 2 May without a conference, the fourth on the 18th before one was due.
    let in_time: &[Told] = &[started, ("2023-04-19", "initial_conference_held", held, ENQUIRY)];
    let late: &[Told] = &[started, ("2023-04-20", "initial_conference_held", held, ENQUIRY)];
    let never: &[Told] = &[started, ("2023-05-02", "child_died", "{}", &[])];
    let before: &[Told] = &[started, ("2023-04-18", "child_died", "{}", &[])];
    let found = indicator(&[in_time, late, never, before], "CP-04", "2023-04-01", "2023-06-30");
    assert_eq!((found.met, found.late, found.never_done, found.not_applicable), (1, 1, 1, 1));
    assert_eq!((found.closed(), found.share_in_time()), (2, Some(500)));
}

#[test]
fn the_scorecard_mean_is_of_children_adopted_and_the_local_form_of_children_placed() {
    let entered: Told = ("2020-01-06", "became_looked_after", "{}", CARE);
    // 420 and 450 days; the third child has been placed and is not adopted yet.
    let first: &[Told] = &[
        entered,
        ("2021-03-01", "placed_for_adoption", "{}", CASE),
        ("2022-05-16", "adoption_order_made", "{}", CASE),
    ];
    let second: &[Told] = &[
        entered,
        ("2021-03-31", "placed_for_adoption", "{}", CASE),
        ("2022-03-01", "adoption_order_made", "{}", CASE),
    ];
    let waiting: &[Told] = &[entered, ("2021-05-10", "placed_for_adoption", "{}", CASE)];
    let all = [first, second, waiting];
    let national = |from: &str, to: &str| {
        let found = indicator(&all, "PM-03", from, to);
        (found.lengths.values().sum::<u64>(), found.mean_tenths())
    };
    assert_eq!(national("2019-04-01", "2022-03-31"), (1, Some(4500)));
    assert_eq!(national("2020-04-01", "2023-03-31"), (2, Some(4350)));
    // Placed between 1 April 2020 and 31 March 2021: 420 and 450; in the year after: 490.
    assert_eq!(indicator(&all, "PM-03p", "2020-04-01", "2021-03-31").mean_tenths(), Some(4350));
    assert_eq!(indicator(&all, "PM-03p", "2021-04-01", "2022-03-31").mean_tenths(), Some(4900));
}

#[test]
fn a_match_before_the_order_counts_as_no_days_in_mean_and_median() {
    let matched: &[Told] =
        &[("2022-01-31", "placement_order_made", "{}", CASE), ("2022-01-11", "match_approved", "{}", CASE)];
    let later: &[Told] =
        &[("2022-01-31", "placement_order_made", "{}", CASE), ("2022-06-01", "match_approved", "{}", CASE)];
    let found = indicator(&[matched, later], "PM-04", "2022-01-01", "2022-12-31");
    // 0 and 121 days.
    assert_eq!((found.mean_tenths(), found.median()), (Some(605), Some(0)));
}

#[test]
fn bands_and_shares_of_earlier_ones_stand_with_their_base() {
    let closed = |again: &'static str| -> Vec<Told> {
        vec![
            ("2021-10-04", "referral_received", "{}", &[(Role::Referral, 1)]),
            ("2022-01-10", "case_closed", "{}", &[(Role::Referral, 1)]),
            (again, "referral_received", "{}", &[(Role::Referral, 2)]),
        ]
    };
    let (soon, later, late) = (closed("2022-03-01"), closed("2022-06-01"), closed("2022-09-01"));
    let never: &[Told] = &[("2022-04-04", "referral_received", "{}", &[(Role::Referral, 1)])];
    let found = indicator(&[&soon, &later, &late, never], "EX-02", "2022-02-01", "2022-12-31");
    assert_eq!((found.earlier, found.asked, found.share_earlier()), (2, 4, Some(500)));
    let bands: Vec<(&str, u64)> = found.bands.iter().map(|(band, number)| (band.as_str(), *number)).collect();
    assert_eq!(bands, [("3 to 6 months", 1), ("6 months or more", 1), ("within 3 months", 1)]);
    assert_eq!(found.children.len(), 2);
}

#[test]
fn a_referral_of_which_only_the_year_is_known_is_not_dropped() {
    let told: &[Told] = &[("2022-01-01/2022-12-31", "referral_received", "{}", &[(Role::Referral, 1)])];
    let found = indicator(&[told], "FD-03", "2022-04-01", "2023-03-31");
    assert_eq!((found.asked, found.cannot_tell), (0, 1));
}

#[test]
fn visits_that_do_not_say_whether_the_child_was_seen_are_shown_apart() {
    let plan: &[(Role, u128)] = &[(Role::Plan, 1)];
    let visited = |details: &'static str| -> Vec<Told> {
        vec![
            ("2023-01-02", "child_protection_plan_started", "{}", plan),
            ("2023-01-10", "child_protection_visit_made", details, &[]),
            ("2023-01-20", "child_protection_plan_ended", "{}", plan),
        ]
    };
    let (seen, unstated) = (visited(r#"{"seen":true}"#), visited("{}"));
    let found = indicator(&[&seen, &unstated], "CP-12", "2023-01-01", "2023-01-31");
    assert_eq!((found.met, found.not_stated, found.late), (2, 1, 0));
}
