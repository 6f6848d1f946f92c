//! Proceedings: an own issue date for each child, consolidation, transfer, extensions that name whom they bind, and
//! every way in which an application ends.

use std::collections::BTreeSet;

use domain::clocks::{ClockEngine, Question, State};
use domain::envelope::Category;
use domain::events::court::{
    ApplicationDismissed, ApplicationIssued, ApplicationWithdrawn, FinalOrderMade, NoOrderMade, OrderApplied,
    ProceedingsOpened, TimetableExtended,
};
use domain::events::court_sets::{ChildJoinedProceedings, ProceedingsConsolidated, ProceedingsTransferred};
use domain::events::{Body, EntityRole as Role, Kind};
use domain::ids::{EntityId, StreamId};
use domain::journey::{Basis, Group, Groups, KnownAt};
use domain::rules::RuleBook;
use uuid::Uuid;

use super::teller::{Teller, day, event};

const OF_APPLICATION: [(Role, u128); 2] = [(Role::Application, 1), (Role::Proceedings, 7)];

fn issued() -> Body {
    ApplicationIssued { orders: BTreeSet::from([OrderApplied::Care]), ..Default::default() }.into()
}

fn extended(new_end: &str) -> Body {
    TimetableExtended {
        new_end: day(new_end),
        reason: "expert_evidence".parse().ok(),
        weeks: Some(8),
        children: BTreeSet::new(),
    }
    .into()
}

fn clock(child: &Teller, on: &str) -> (State, Option<String>) {
    let clock = child.clocks(on, "CT-01").remove(0);
    (clock.state, clock.due_on.map(|due| due.to_string()))
}

#[test]
fn each_child_has_an_own_issue_date_and_only_the_extensions_that_bind_it() {
    // Both in one set; the younger child joined three weeks later. 26 weeks begin with the day of issue.
    let mut elder = Teller::with_whole_history();
    elder.tell("2024-01-08", "2024-01-08", issued(), &OF_APPLICATION);
    let mut younger = Teller::with_whole_history();
    let joined = ChildJoinedProceedings { child: None, issued_on: Some(day("2024-01-29")) };
    younger.tell("2024-01-29", "2024-01-29", joined, &[(Role::Proceedings, 7)]);
    let issue = younger.tell("2024-01-29", "2024-01-29", issued(), &OF_APPLICATION);
    // The extension binds the elder child alone and was told late.
    elder.tell("2024-07-15", "2024-07-01", extended("2024-08-31"), &OF_APPLICATION);
    younger.correct("2024-07-22", issue, event("2024-01-26", issued(), &OF_APPLICATION));
    assert_eq!(clock(&elder, "2024-07-08"), (State::Overdue, Some("2024-07-07".into())), "before");
    assert_eq!(
        clock(&elder, "2024-07-15"),
        (State::Running, Some("2024-08-31".into())),
        "after the late entry"
    );
    assert_eq!(clock(&younger, "2024-07-15").1.as_deref(), Some("2024-07-28"), "issue and 181 days");
    assert_eq!(clock(&younger, "2024-07-22").1.as_deref(), Some("2024-07-25"), "after the correction");
}

#[test]
fn consolidation_and_transfer_change_no_issue_date() {
    let mut set = Teller::of(Category::Proceedings, 7);
    let of_set = [(Role::Proceedings, 7)];
    set.tell("2024-01-08", "2024-01-08", ProceedingsOpened {}, &of_set);
    let joined = ChildJoinedProceedings { child: Some(StreamId(Uuid::from_u128(99))), issued_on: None };
    set.tell("2024-01-08", "2024-01-08", joined, &of_set);
    let moved = |level: &str| ProceedingsTransferred { to_court: level.parse().ok(), reason: None };
    let transfer = set.tell("2024-03-18", "2024-02-12", moved("circuit_judge"), &of_set);
    let into = ProceedingsConsolidated { into: EntityId(Uuid::from_u128(8)) };
    set.tell("2024-03-18", "2024-03-04", into, &of_set);
    set.correct("2024-04-08", transfer, event("2024-02-19", moved("high_court"), &of_set));
    let kinds = |known: &str| set.known(known).events.iter().map(|event| event.kind()).collect::<Vec<_>>();
    use Kind::{ChildJoinedProceedings as Joined, ProceedingsConsolidated as Consolidated};
    use Kind::{ProceedingsOpened as Opened, ProceedingsTransferred as Transferred};
    assert_eq!(kinds("2024-03-01"), [Opened, Joined], "before");
    assert_eq!(kinds("2024-03-18"), [Opened, Joined, Transferred, Consolidated], "after the late entries");
    assert_eq!(set.days("2024-04-08", Transferred), ["2024-02-19"], "after the correction");
    assert_eq!(set.observed("2024-04-08"), Vec::<&str>::new());

    let mut child = Teller::with_whole_history();
    child.tell("2024-01-08", "2024-01-08", issued(), &OF_APPLICATION);
    child.tell(
        "2024-03-18",
        "2024-03-04",
        ProceedingsConsolidated { into: EntityId(Uuid::from_u128(8)) },
        &of_set,
    );
    assert_eq!(clock(&child, "2024-03-18").1.as_deref(), Some("2024-07-07"));
}

#[test]
fn every_end_of_an_application_stops_its_clock_and_a_correction_moves_it() {
    let order = FinalOrderMade { order: "care_order".parse().unwrap(), care_plan: None };
    let ends: [Body; 4] =
        [order.into(), ApplicationWithdrawn {}.into(), ApplicationDismissed {}.into(), NoOrderMade {}.into()];
    for end in ends {
        let kind = end.kind().name();
        let mut child = Teller::with_whole_history();
        child.tell("2024-01-08", "2024-01-08", issued(), &OF_APPLICATION);
        let ended = child.tell("2024-07-22", "2024-07-08", end.clone(), &OF_APPLICATION);
        child.correct("2024-07-29", ended, event("2024-07-05", end, &OF_APPLICATION));
        assert_eq!(clock(&child, "2024-07-08").0, State::Overdue, "{kind}: before");
        assert_eq!(clock(&child, "2024-07-22").0, State::Late, "{kind}: after the late entry");
        assert_eq!(clock(&child, "2024-07-29").0, State::Met, "{kind}: after the correction");
    }
}

fn joined(issued_on: Option<&str>) -> ChildJoinedProceedings {
    ChildJoinedProceedings { child: None, issued_on: issued_on.map(day) }
}

/// CT-01 of a child as known and asked on a day: each clock with its state, its last day and the day of its start.
fn ct_01(child: &Teller, on: &str) -> Vec<(State, Option<String>, String)> {
    let told = |clock: domain::clocks::Clock<'_>| {
        (clock.state, clock.due_on.map(|due| due.to_string()), clock.start.occurred.to_string())
    };
    child.clocks(on, "CT-01").into_iter().map(told).collect()
}

#[test]
fn the_own_issue_date_of_a_child_who_joined_starts_the_26_weeks_where_no_other_event_tells_it() {
    let mut child = Teller::with_whole_history();
    let join = child.tell("2024-02-05", "2024-02-05", joined(Some("2024-01-29")), &[(Role::Proceedings, 7)]);
    let running = (State::Running, Some("2024-07-28".into()), "2024-01-29".into());
    assert_eq!(ct_01(&child, "2024-02-05"), [running], "issue and 181 days");
    for (rule, due) in [("CT-02", "2024-02-21"), ("CT-04", "2024-06-16")] {
        let clocks = child.clocks("2024-02-05", rule);
        let due_on: Vec<_> = clocks.iter().filter_map(|clock| clock.due_on).collect();
        assert_eq!(due_on, [day(due)], "{rule}");
    }
    assert_eq!(child.observed("2024-02-05"), Vec::<&str>::new());
    // A hearing and an order that name the child's application are of it.
    let order = FinalOrderMade { order: "care_order".parse().unwrap(), care_plan: None };
    child.tell("2024-07-29", "2024-07-28", order, &OF_APPLICATION);
    let met = (State::Met, Some("2024-07-28".into()), "2024-01-29".into());
    assert_eq!(ct_01(&child, "2024-07-29"), [met]);
    assert_eq!(child.observed("2024-07-29"), Vec::<&str>::new());
    child.withdraw("2024-08-05", join);
    assert_eq!(ct_01(&child, "2024-08-05"), [], "what was withdrawn tells nothing");
}

#[test]
fn of_a_child_who_joined_without_an_issue_date_the_26_weeks_cannot_be_told() {
    let mut child = Teller::with_whole_history();
    child.tell("2024-01-01", "2015-01-01", super::teller::registered("2015-01-01", ""), &[]);
    child.tell("2024-02-05", "2024-02-05", joined(None), &[(Role::Proceedings, 7)]);
    let states = |on: &str| ct_01(&child, on).into_iter().map(|(state, ..)| state).collect::<Vec<_>>();
    assert!(matches!(states("2024-02-06")[..], [State::CannotTell(_)]), "{:?}", states("2024-02-06"));
    assert_eq!(states("2025-02-06"), [State::Overdue], "it was issued by the day of joining");
    child.tell("2024-02-12", "2024-01-29", issued(), &OF_APPLICATION);
    let running = (State::Running, Some("2024-07-28".into()), "2024-01-29".into());
    assert_eq!(ct_01(&child, "2024-02-12"), [running], "one application, told by its own event");
}

#[test]
fn a_joining_adds_no_second_application_to_one_that_is_told() {
    for (what, issue_date, application) in [
        ("the same day, no set named", Some("2024-01-29"), vec![(Role::Application, 1)]),
        ("another day: the application's own event counts", Some("2024-02-05"), OF_APPLICATION.to_vec()),
        (
            "no issue date, and another set before consolidation",
            None,
            vec![(Role::Application, 1), (Role::Proceedings, 8)],
        ),
    ] {
        let mut child = Teller::with_whole_history();
        child.tell("2024-02-05", "2024-01-29", issued(), &application);
        child.tell("2024-02-05", "2024-02-05", joined(issue_date), &[(Role::Proceedings, 7)]);
        let running = (State::Running, Some("2024-07-28".into()), "2024-01-29".into());
        assert_eq!(ct_01(&child, "2024-02-06"), [running], "{what}");
    }
    let mut child = Teller::with_whole_history();
    let placement =
        ApplicationIssued { orders: BTreeSet::from([OrderApplied::Placement]), ..Default::default() };
    child.tell("2024-02-05", "2024-01-29", joined(Some("2024-01-29")), &[(Role::Proceedings, 7)]);
    child.tell("2024-04-08", "2024-04-08", placement, &[(Role::Application, 2), (Role::Proceedings, 7)]);
    let running = (State::Running, Some("2024-07-28".into()), "2024-01-29".into());
    assert_eq!(ct_01(&child, "2024-04-08"), [running], "a placement application is another one");
}

/// The set's own stream says who joined when. Each child counts from the own date, also where the set's application reaches
/// every child.
#[test]
fn a_set_gives_each_child_the_own_issue_date() {
    let mut set = Teller::of(Category::Proceedings, 7);
    let of_set = [(Role::Proceedings, 7)];
    let (elder, younger) = (99, 98);
    for (child, issued_on) in [(elder, "2024-01-08"), (younger, "2024-01-29")] {
        let child = Some(StreamId(Uuid::from_u128(child)));
        let joined = ChildJoinedProceedings { child, issued_on: Some(day(issued_on)) };
        set.tell("2024-02-05", "2024-01-08", joined, &of_set);
    }
    let without = set.recorded.len();
    set.tell("2024-02-05", "2024-01-08", issued(), &[(Role::Application, 1), of_set[0]]);
    for (what, recorded) in
        [("joinings alone", &set.recorded[..without]), ("with the set's", &set.recorded[..])]
    {
        for (child, start) in [(elder, "2024-01-08"), (younger, "2024-01-29")] {
            let now = KnownAt::end_of(Basis::Ledger, day("2024-02-06"));
            let groups = Groups::new(Group::known(recorded, now).into_iter().collect());
            let mut own = Teller::of(Category::Child, child);
            own.tell("2024-01-01", "2015-01-01", super::teller::registered("2015-01-01", ""), &[]);
            let journey = groups.complete(StreamId(Uuid::from_u128(child)), own.known("2024-02-06"));
            let answers =
                ClockEngine::new(RuleBook::built_in()).run(&journey, &Question::as_at(day("2024-02-06")));
            let starts = answers.clocks.iter().filter(|clock| clock.rule.id.as_str() == "CT-01");
            let starts: Vec<String> = starts.map(|clock| clock.start.occurred.to_string()).collect();
            assert_eq!(starts, [start], "{what}, {child}");
        }
    }
}
