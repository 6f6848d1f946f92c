//! What figures and lists must know of a clock beside its state. Every child is invented.

use crate::support::{Story, day};
use domain::clocks::{Question, State};
use domain::events::EntityRole as Role;

const ENQUIRY: &[(Role, u128)] = &[(Role::Enquiry, 1)];
const PLAN: &[(Role, u128)] = &[(Role::Plan, 1)];

/// The rules whose clocks stand in lists of what is due or overdue.
fn listed(story: &Story, as_at: &str) -> Vec<String> {
    let clocks = story.answers(&Question::as_at(day(as_at))).clocks.into_iter();
    let listed = clocks.filter(|clock| clock.is_listed() && clock.is_open());
    listed.map(|clock| clock.rule.id.to_string()).collect()
}

#[test]
fn a_query_of_a_return_stands_in_no_list_beside_the_clock_that_it_repeats() {
    let enquiry = Story::complete().told("2023-03-27", "section47_enquiry_started", "{}", ENQUIRY);
    let rules = listed(&enquiry, "2023-06-01");
    assert!(rules.contains(&"CP-04".to_owned()) && !rules.contains(&"CP-05".to_owned()), "{rules:?}");
    let roles = [(Role::Referral, 1), (Role::Assessment, 1)];
    let assessed = Story::complete()
        .told("2023-01-09", "referral_received", "{}", &[(Role::Referral, 1)])
        .told("2023-01-10", "assessment_started", r#"{"kind":"single"}"#, &roles);
    let rules = listed(&assessed, "2023-06-01");
    assert!(rules.contains(&"AS-03".to_owned()), "{rules:?}");
    assert!(!rules.contains(&"AS-03a".to_owned()) && !rules.contains(&"AS-07".to_owned()), "{rules:?}");
    // A second assessment has no clock from the referral: its own stands in the lists, the query of it does not.
    let second = assessed.told("2023-02-10", "assessment_authorised", r#"{"factors":[]}"#, &roles).told(
        "2024-01-10",
        "assessment_started",
        r#"{"kind":"single"}"#,
        &[(Role::Referral, 1), (Role::Assessment, 2)],
    );
    let rules = listed(&second, "2024-06-03");
    assert!(rules.contains(&"AS-03a".to_owned()) && !rules.contains(&"AS-07".to_owned()), "{rules:?}");
}

#[test]
fn a_visit_without_the_child_is_no_visit_and_one_that_does_not_say_so_is_shown_apart() {
    let visited =
        |details: &str| {
            let story = Story::complete()
                .told("2023-01-02", "child_protection_plan_started", "{}", PLAN)
                .told("2023-01-10", "child_protection_visit_made", details, &[]);
            let clock = story.clocks("CP-12", &Question::as_at(day("2023-01-31"))).remove(0);
            (clock.state, clock.marks.not_stated)
        };
    assert_eq!(visited(r#"{"seen":true}"#), (State::Met, false));
    assert_eq!(visited("{}"), (State::Met, true));
    assert_eq!(visited(r#"{"seen":false}"#), (State::Overdue, false));
    // The next visit is due from the last one at which the child was seen.
    let chained = Story::complete()
        .told("2023-01-02", "child_protection_plan_started", "{}", PLAN)
        .told("2023-01-10", "child_protection_visit_made", r#"{"seen":true}"#, &[])
        .told("2023-01-20", "child_protection_visit_made", r#"{"seen":false}"#, &[]);
    let due = chained.clocks("CP-12", &Question::as_at(day("2023-01-31"))).pop().unwrap();
    assert_eq!(due.due_on, Some(day("2023-01-24")));
    let placed = |seen: &str| {
        let story = Story::complete()
            .told("2023-01-09", "placement_started", r#"{"short_break":false}"#, &[(Role::Placement, 1)])
            .told("2023-01-12", "looked_after_visit_made", seen, &[]);
        story.states("LAC-04", "2023-02-28")
    };
    assert_eq!((placed(r#"{"seen":false}"#), placed("{}")), (vec![State::Overdue], vec![State::Met]));
}

#[test]
fn what_ends_within_an_extension_only_is_told_apart_from_what_ends_within_the_26_weeks() {
    let court = [(Role::Application, 1)];
    let disposed = |on: &str| {
        let story = Story::complete()
            .told("2023-01-02", "application_issued", r#"{"orders":["care"]}"#, &court)
            .told("2023-06-20", "timetable_extended", r#"{"new_end":"2023-08-27"}"#, &court)
            .told(on, "final_order_made", r#"{"order":"care_order"}"#, &court);
        let clock = story.clocks("CT-01", &Question::as_at(day("2023-12-31"))).remove(0);
        (clock.state, clock.is_met_as_extended())
    };
    assert_eq!(disposed("2023-07-02"), (State::Met, false));
    assert_eq!(disposed("2023-07-03"), (State::Met, true));
    // Day 236.
    assert_eq!(disposed("2023-08-25"), (State::Met, true));
    assert_eq!(disposed("2023-08-28"), (State::Late, false));
}

#[test]
fn a_contact_that_became_a_referral_has_one_clock_in_hours() {
    let roles = [(Role::Contact, 1), (Role::Referral, 1)];
    let story = Story::complete()
        .told("2023-03-06T10:00+00:00", "contact_received", "{}", &[(Role::Contact, 1)])
        .told("2023-03-06T15:00+00:00", "referral_received", "{}", &roles)
        .told("2023-03-06T15:00+00:00", "referral_decision_made", r#"{"outcome":"progressed"}"#, &roles);
    assert_eq!(story.states("FD-01h", "2023-03-31"), [State::Met]);
}

#[test]
fn accommodation_is_a_move_where_it_changed() {
    let lives = |story: Story, on: &str, code: &str| {
        story.told(on, "care_leaver_accommodation_recorded", &format!(r#"{{"accommodation":"{code}"}}"#), &[])
    };
    let story = lives(lives(Story::complete(), "2023-01-09", "B"), "2023-03-06", "B");
    assert_eq!(story.states("LC-03m", "2023-06-30"), []);
    let moved = lives(story, "2023-05-08", "C");
    assert_eq!(moved.states("LC-03m", "2023-06-30").len(), 1);
}
