//! Visits to looked-after children: how often, by the placement, the order and the review (regulation 28 of the Care Planning
//! Regulations 2010). Every child is invented; days are counted by hand from the regulation.

use domain::clocks::{Question, State};
use domain::events::EntityRole as Role;
use domain::observations::{ObservationCode, observe};
use domain::rules::RuleBook;

use crate::support::{Story, day};

const CARE: (Role, u128) = (Role::PeriodOfCare, 1);

fn care(story: Story, from: &str, status: &str, number: u128) -> Story {
    let details = format!(r#"{{"legal_status":"{status}"}}"#);
    story.told(from, "became_looked_after", &details, &[(Role::PeriodOfCare, number)])
}

fn placed(story: Story, on: &str, kind: &str, number: u128) -> Story {
    let details = format!(r#"{{"placement_type":"{kind}","short_break":false}}"#);
    story.told(on, "placement_started", &details, &[CARE, (Role::Placement, number)])
}

fn visited(story: Story, on: &str) -> Story {
    story.told(on, "looked_after_visit_made", r#"{"seen":true}"#, &[CARE])
}

fn reviewed(story: Story, on: &str, period: u128) -> Story {
    story.told(
        on,
        "looked_after_review_held",
        "{}",
        &[(Role::PeriodOfCare, period), (Role::Review, 30 + period)],
    )
}

fn order(story: Story, on: &str, status: &str) -> Story {
    story.told(on, "legal_status_changed", &format!(r#"{{"status":"{status}"}}"#), &[CARE])
}

/// Last day and state of the last clock of a rule.
fn last(story: &Story, rule: &str, as_at: &str) -> (String, State) {
    let clock = story.clocks(rule, &Question::as_at(day(as_at))).pop().expect("a clock");
    (clock.due_on.map_or(String::new(), |due| due.to_string()), clock.state)
}

/// With a parent under an interim care order from Monday 8 January 2024.
fn at_home() -> Story {
    placed(care(Story::complete(), "2024-01-08", "C1", 1), "2024-01-08", "P1", 10)
}

#[test]
fn a_review_of_an_earlier_period_of_care_does_not_end_the_weekly_visits() {
    let before = care(Story::complete(), "2022-01-10", "V2", 2);
    let before = reviewed(before, "2022-02-07", 2);
    let before = before.told("2022-06-01", "ceased_to_be_looked_after", "{}", &[(Role::PeriodOfCare, 2)]);
    let again = placed(care(before, "2024-01-08", "C1", 1), "2024-01-08", "P1", 10);
    let again = visited(again, "2024-01-12");
    assert_eq!(last(&again, "LAC-05", "2024-01-26"), ("2024-01-19".to_owned(), State::Overdue));
    // One of this period does, also where it lies before the placement with the parent.
    let own = reviewed(again, "2024-01-18", 1);
    assert_eq!(last(&own, "LAC-05", "2024-01-26").0, "2024-02-09");
    let moved = placed(
        reviewed(care(Story::complete(), "2024-01-08", "C1", 1), "2024-02-01", 1),
        "2024-03-04",
        "P1",
        10,
    );
    assert_eq!(last(&visited(moved, "2024-03-05"), "LAC-05", "2024-03-20").0, "2024-04-02");
}

#[test]
fn when_an_interim_order_turns_full_a_visit_is_due_within_a_week_of_it_and_then_every_six_weeks() {
    // Weekly: the visit of 12 January would be followed by one by the 19th.
    let weekly = visited(at_home(), "2024-01-12");
    let full = order(weekly.clone(), "2024-01-17", "C2");
    assert_eq!(last(&full, "LAC-05", "2024-01-24"), ("2024-01-24".to_owned(), State::DueSoon));
    assert_eq!(last(&full, "LAC-05", "2024-01-25").1, State::Overdue);
    assert_eq!(last(&visited(full, "2024-01-24"), "LAC-05", "2024-01-25").0, "2024-03-06", "six weeks");
    // Every four weeks after the first review: the week after the order comes first.
    let reviewed = visited(reviewed(at_home(), "2024-01-10", 1), "2024-01-12");
    assert_eq!(last(&reviewed, "LAC-05", "2024-01-31").0, "2024-02-09");
    assert_eq!(last(&order(reviewed, "2024-01-17", "C2"), "LAC-05", "2024-01-31").0, "2024-01-24");
    // What was overdue before the order stays so.
    assert_eq!(last(&order(weekly.clone(), "2024-01-22", "C2"), "LAC-05", "2024-01-25").0, "2024-01-19");
    // A visit on the day of the order is one within the week.
    let same_day = visited(order(weekly, "2024-01-17", "C2"), "2024-01-17");
    assert_eq!(last(&same_day, "LAC-05", "2024-01-25").0, "2024-02-28");
    // With foster carers an order changes nothing.
    let fostered =
        visited(placed(care(Story::complete(), "2024-01-08", "C1", 1), "2024-01-08", "U6", 10), "2024-01-12");
    assert_eq!(last(&order(fostered, "2024-01-17", "C2"), "LAC-05", "2024-01-25").0, "2024-02-23");
}

#[test]
fn after_the_first_year_with_a_parent_the_order_decides_and_not_how_long_the_placement_is_to_last() {
    let placed = |status: &str| {
        let details = r#"{"placement_type":"P1","short_break":false,"intended_until_eighteen":true}"#;
        let story = care(Story::complete(), "2022-01-10", status, 1);
        let story = story.told("2022-01-10", "placement_started", details, &[CARE, (Role::Placement, 10)]);
        visited(reviewed(story, "2022-02-07", 1), "2024-01-12")
    };
    assert_eq!(last(&placed("C2"), "LAC-06", "2024-01-25").0, "2024-02-23");
    assert_eq!(last(&placed("C1"), "LAC-06", "2024-01-25").0, "2024-02-09");
    assert_eq!(last(&order(placed("C1"), "2024-01-31", "C2"), "LAC-06", "2024-02-01").0, "2024-02-07");
}

#[test]
fn a_foster_placement_without_an_end_is_over_when_a_placement_for_adoption_begins() {
    let story = placed(care(Story::complete(), "2022-01-10", "C2", 1), "2022-01-10", "U6", 10);
    let story = visited(visited(story, "2023-12-20"), "2024-01-24");
    assert_eq!(last(&story, "LAC-06", "2024-06-28"), ("2024-03-06".to_owned(), State::Overdue));
    for kind in ["A5", "A6"] {
        let adopters = visited(placed(story.clone(), "2024-02-05", kind, 11), "2024-02-09");
        assert_eq!(last(&adopters, "LAC-06", "2024-06-28").1, State::NotApplicable, "{kind}");
        assert_eq!(last(&adopters, "PM-18", "2024-06-28").1, State::Overdue);
        // A breach before it stays one.
        let late = placed(story.clone(), "2024-03-11", kind, 11);
        assert_eq!(last(&late, "LAC-06", "2024-06-28").1, State::Late);
    }
    // A stay in hospital asks for no visits of its own beside those to the adopters.
    let hospital = placed(placed(story, "2024-02-05", "A6", 11), "2024-02-12", "T1", 12);
    assert!(
        hospital
            .clocks("LAC-04", &Question::as_at(day("2024-06-28")))
            .iter()
            .skip(1)
            .all(|it| it.state == State::NotApplicable)
    );
    assert_eq!(last(&hospital, "PM-17", "2024-06-28").1, State::Overdue);
}

#[test]
fn a_placement_that_was_left_open_or_overlaps_when_one_for_adoption_begins_is_observed() {
    let story = placed(care(Story::complete(), "2022-01-10", "C2", 1), "2022-01-10", "U6", 10);
    let story = placed(story, "2024-02-05", "A6", 11);
    let ended = |story: Story, on: &str, number: u128| {
        story.told(on, "placement_ended", "{}", &[CARE, (Role::Placement, number)])
    };
    let observed = |story: &Story| -> Vec<ObservationCode> {
        let found = observe(&story.journey(), day("2024-06-28"), RuleBook::built_in().endings());
        found.into_iter().map(|it| it.code).collect()
    };
    assert_eq!(observed(&story), [ObservationCode::LeftOpen]);
    assert_eq!(observed(&ended(story.clone(), "2024-02-05", 10)), []);
    let overlapping = ended(story.clone(), "2024-02-09", 10);
    assert_eq!(observed(&overlapping), [ObservationCode::OverlappingPlacements]);
    let moved = placed(ended(story, "2024-02-05", 10), "2024-03-04", "U6", 12);
    assert_eq!(observed(&moved), [ObservationCode::LeftOpen], "no end of the placement for adoption");
}

#[test]
fn a_stay_in_hospital_or_on_holiday_is_no_placement_to_visit_or_plan_for() {
    let fostered = placed(care(Story::complete(), "2024-01-08", "C2", 1), "2024-01-08", "U6", 3);
    let states = |kind: &str, rule: &str| {
        let stays = placed(fostered.clone(), "2024-03-04", kind, 4);
        stays.states(rule, "2024-03-31").pop()
    };
    for rule in ["LAC-04", "LAC-07"] {
        let asked = ["T1", "T2", "T0", "T3", "T4"].map(|kind| states(kind, rule));
        let (not, open) = (Some(State::NotApplicable), Some(State::Overdue));
        assert_eq!(asked, [not, not, open, open, open], "{rule}");
    }
    // The visits of the foster placement go on.
    let visit =
        |story: Story, on: &str| story.told(on, "looked_after_visit_made", r#"{"seen":true}"#, &[CARE]);
    let stays = placed(visit(fostered, "2024-02-26"), "2024-03-04", "T1", 4);
    let asked = visit(stays, "2024-03-18").states("LAC-05", "2024-05-31");
    assert_eq!(asked, [State::Met, State::Overdue, State::NotApplicable], "two of the foster placement");
}

#[test]
fn a_visit_within_every_interval_that_may_count_is_in_time_whichever_does() {
    // With a parent under an interim order, the first review between 1 and 20 February: weekly or every four weeks.
    let story = placed(care(Story::complete(), "2024-01-08", "C1", 1), "2024-01-08", "P1", 3);
    let story = story.told("2024-02-01/2024-02-20", "looked_after_review_held", "{}", &[CARE]);
    let visit =
        |story: Story, on: &str| story.told(on, "looked_after_visit_made", r#"{"seen":true}"#, &[CARE]);
    let visited = |days: &[&str]| days.iter().fold(story.clone(), |story, on| visit(story, on));
    let weekly = visited(&["2024-01-30", "2024-02-06", "2024-02-13", "2024-02-20"]);
    assert_eq!(weekly.states("LAC-05", "2024-02-21"), [State::Met, State::Met, State::Met, State::Running]);
    let later = visited(&["2024-01-30", "2024-02-26"]);
    assert!(
        matches!(later.states("LAC-05", "2024-02-26")[0], State::CannotTell(_)),
        "late for one, in time for another"
    );
    let too_late = visited(&["2024-01-30", "2024-02-28"]);
    assert_eq!(too_late.states("LAC-05", "2024-02-28")[0], State::Late, "after four weeks as well");
}

#[test]
fn a_health_assessment_in_time_for_every_age_is_in_time_where_the_age_is_not_known() {
    let child = care(Story::complete(), "2024-01-08", "V2", 1);
    let assessed = |story: Story, on: &str| story.told(on, "health_assessment_completed", "{}", &[CARE]);
    let next =
        |on: &str| assessed(assessed(child.clone(), "2024-01-22"), on).states("HL-02", "2025-03-03")[0];
    assert_eq!(next("2024-07-22"), State::Met, "within six months");
    assert!(matches!(next("2024-07-23"), State::CannotTell(_)), "in time only from five on");
    assert_eq!(next("2025-01-23"), State::Late, "after twelve months");
}

/// A placement of Monday 8 January 2024 that goes on beside another one from 5 February, and visits that name one of them.
#[test]
fn a_visit_in_one_placement_is_none_in_another() {
    let visit = |story: Story, on: &str, placement: u128| {
        story.told(on, "looked_after_visit_made", r#"{"seen":true}"#, &[CARE, (Role::Placement, placement)])
    };
    let first = placed(care(Story::complete(), "2024-01-08", "C2", 1), "2024-01-08", "U6", 10);
    let first = visit(first, "2024-01-10", 10);
    let of = |story: &Story, rule: &str, placement: u128| {
        let clocks = story.clocks(rule, &Question::as_at(day("2024-02-20")));
        let own = |clock: &&domain::clocks::Clock<'_>| clock.entity == crate::support::process(placement);
        clocks.iter().filter(own).map(|clock| clock.state).collect::<Vec<_>>()
    };
    let beside = |kind| placed(first.clone(), "2024-02-05", kind, 11);
    let there = visit(beside("U4"), "2024-02-07", 10);
    assert_eq!(of(&there, "LAC-04", 11), [State::Overdue], "the visit was made in the first placement");
    assert_eq!(of(&there, "LAC-05", 10), [State::Met, State::Running]);
    let here = visit(beside("U4"), "2024-02-07", 11);
    assert_eq!(of(&here, "LAC-04", 11), [State::Met]);
    assert_eq!(of(&here, "LAC-05", 10), [State::DueSoon], "nobody visited there again");
    assert_eq!(of(&visited(beside("U4"), "2024-02-07"), "LAC-04", 11), [State::Met], "it names none");
    // On the day of a move the visit before it was made in the placement that ended.
    let ended =
        |story: Story| story.told("2024-02-05", "placement_ended", "{}", &[CARE, (Role::Placement, 10)]);
    assert_eq!(of(&visit(ended(beside("U4")), "2024-02-05", 10), "LAC-04", 11), [State::Overdue]);
    // After the end nobody lives there: the name is a slip, and the child was seen.
    assert_eq!(of(&visit(ended(beside("U4")), "2024-02-07", 10), "LAC-04", 11), [State::Met]);
    // Visits in hospital are those of the placement beside it.
    assert_eq!(of(&visit(beside("T1"), "2024-02-07", 11), "LAC-05", 10), [State::Met, State::Running]);
}
