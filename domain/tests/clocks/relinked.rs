//! Acts that name a process which was withdrawn and entered again under another id. Every child is invented.

use domain::clocks::{State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, one};

const CARE: (Role, u128) = (Role::PeriodOfCare, 1);
const AGAIN: (Role, u128) = (Role::PeriodOfCare, 2);

/// The first event of the story is the coverage, the second the beginning that is withdrawn.
fn withdrawn(story: Story, number: usize) -> Story {
    let target = format!("00000000-0000-0000-0000-{number:012x}");
    let details = format!(r#"{{"target":"{target}","reason":"typing_error","inferred":false}}"#);
    story.told("2024-12-01", "event_withdrawn", &details, &[])
}

/// A child in care from 8 January 2024, under the process that is named.
fn in_care_as(care: (Role, u128)) -> Story {
    let story = Story::complete().told("2024-01-08", "became_looked_after", "{}", &[care]);
    let story = story.told(
        "2024-01-08",
        "placement_started",
        r#"{"short_break":false}"#,
        &[care, (Role::Placement, 3)],
    );
    let story = story.told("2024-02-01", "looked_after_review_held", "{}", &[care, (Role::Review, 20)]);
    let story = story.told("2024-04-30", "looked_after_review_held", "{}", &[care, (Role::Review, 21)]);
    story.told("2024-01-11", "looked_after_visit_made", r#"{"seen":true}"#, &[care])
}

fn entered_again(story: Story, on: &str) -> Story {
    withdrawn(story.told(on, "became_looked_after", "{}", &[AGAIN]), 2)
}

fn care_rules(story: &Story, as_at: &str) -> Vec<String> {
    let lines = story.sayings(as_at).into_iter();
    lines
        .filter(|line| line.starts_with("LAC-") || line.starts_with("HL-") || line.starts_with("PM-"))
        .collect()
}

#[test]
fn what_names_a_process_that_was_entered_again_is_of_the_new_one() {
    let again = entered_again(in_care_as(CARE), "2024-01-08");
    let at_once = in_care_as(AGAIN);
    for as_at in ["2024-01-31", "2024-06-28", "2024-12-31"] {
        assert_eq!(care_rules(&again, as_at), care_rules(&at_once, as_at), "{as_at}");
    }
    assert_eq!(one(again.states("LAC-01", "2024-06-28")), State::Met);
    // The end that names the old entry is the end of the new one.
    let ended = |story: Story, care| story.told("2024-05-07", "ceased_to_be_looked_after", "{}", &[care]);
    let (again, at_once) = (ended(again, CARE), ended(at_once, AGAIN));
    assert_eq!(care_rules(&again, "2024-12-31"), care_rules(&at_once, "2024-12-31"));
}

#[test]
fn what_several_processes_can_hold_is_guessed_of_none() {
    let story = Story::complete().told("2024-01-08", "placement_started", "{}", &[(Role::Placement, 5)]);
    let planned = story.told("2024-01-16", "placement_plan_made", "{}", &[(Role::Placement, 5)]);
    let other = |story: Story, number| {
        story.told("2024-01-09", "placement_started", "{}", &[(Role::Placement, number)])
    };
    let one_of = withdrawn(other(planned.clone(), 6), 2);
    assert_eq!(one(one_of.states("LAC-07", "2024-03-31")), State::Met);
    let of_two = withdrawn(other(other(planned, 6), 7), 2);
    assert_eq!(of_two.states("LAC-07", "2024-03-31"), [State::CannotTell(Why::UnlinkedEvent); 2]);
}

#[test]
fn what_was_done_after_the_new_entry_ended_is_not_of_it() {
    let story = in_care_as(CARE).told("2024-01-08", "became_looked_after", "{}", &[AGAIN]);
    let story = story.told("2024-01-19", "ceased_to_be_looked_after", "{}", &[AGAIN]);
    assert!(withdrawn(story, 2).states("LAC-02", "2024-12-31").is_empty(), "no review of that period");
}

#[test]
fn a_conference_that_was_entered_again_on_its_day_keeps_its_reports() {
    let (old, new) = ((Role::Conference, 8), (Role::Conference, 9));
    let story =
        Story::complete().told("2024-03-04", "initial_conference_held", "{\"kind\":\"initial\"}", &[old]);
    let story = story.told("2024-02-28", "agency_report_received", r#"{"agency":"health"}"#, &[old]);
    let again = story.told("2024-03-04", "initial_conference_held", "{\"kind\":\"initial\"}", &[new]);
    let again = withdrawn(again, 2);
    let at_once =
        Story::complete().told("2024-03-04", "initial_conference_held", "{\"kind\":\"initial\"}", &[new]);
    let at_once = at_once.told("2024-02-28", "agency_report_received", r#"{"agency":"health"}"#, &[new]);
    assert_eq!(again.states("CP-16", "2024-03-31"), at_once.states("CP-16", "2024-03-31"));
}

/// Answers but for those about the record itself.
fn said(story: &Story, as_at: &str) -> Vec<String> {
    story.sayings(as_at).into_iter().filter(|line| !line.starts_with("RC-")).collect()
}

#[test]
fn a_review_that_was_entered_again_under_another_day_keeps_its_completion() {
    const CHILD: [(Role, u128); 1] = [CARE];
    let care = || Story::complete().told("2024-01-08", "became_looked_after", "{}", &CHILD);
    let review = |story: Story, on: &str, number: u128| {
        story.told(on, "looked_after_review_held", "{}", &[CARE, (Role::Review, number)])
    };
    let completed = |story: Story, on: &str, number: u128| {
        story.told(on, "review_completed", "{}", &[(Role::Review, number)])
    };
    for (wrong, right) in
        [("2024-02-01", "2024-02-01"), ("2024-02-01", "2024-02-05"), ("2024-02-08", "2024-02-05")]
    {
        for on in ["2024-02-05", "2024-02-09"] {
            let again = withdrawn(review(completed(review(care(), wrong, 20), on, 20), right, 21), 3);
            let at_once = completed(review(care(), right, 21), on, 21);
            // The review after it is another one, although it was entered later, too.
            for (again, at_once) in [
                (again.clone(), at_once.clone()),
                (review(again, "2024-04-30", 22), review(at_once, "2024-04-30", 22)),
            ] {
                for as_at in ["2024-03-05", "2024-06-28", "2024-12-31"] {
                    assert_eq!(said(&again, as_at), said(&at_once, as_at), "{wrong} {right} {on} {as_at}");
                }
            }
        }
    }
    // Where it was not entered again, its completion shows that it was held.
    let gone = withdrawn(completed(review(care(), "2024-02-01", 20), "2024-02-05", 20), 3);
    assert_eq!(one(gone.states("LAC-01", "2024-03-05")), State::Met);
}

#[test]
fn what_was_entered_again_on_its_day_is_meant_also_where_another_of_its_role_runs() {
    let referral = |story: Story, on: &str, number: u128| {
        story.told(on, "referral_received", "{}", &[(Role::Referral, number)])
    };
    let assessed = |story: Story, number: u128| {
        let of = [(Role::Assessment, 8), (Role::Referral, number)];
        story.told("2024-01-09", "assessment_started", r#"{"kind":"initial"}"#, &of)
    };
    let closed = |story: Story, number: u128| {
        story.told("2024-02-09", "case_closed", r#"{"reason":"RC1"}"#, &[(Role::Referral, number)])
    };
    let older = |story: Story| referral(story, "2023-06-05", 5);
    let story = closed(assessed(referral(Story::complete(), "2024-01-08", 6), 6), 6);
    let again = withdrawn(older(referral(story, "2024-01-08", 7)), 2);
    let at_once = older(closed(assessed(referral(Story::complete(), "2024-01-08", 7), 7), 7));
    for as_at in ["2024-01-31", "2024-06-28"] {
        assert_eq!(said(&again, as_at), said(&at_once, as_at), "{as_at}");
    }
}

#[test]
fn an_adoption_decision_that_was_entered_again_for_another_case_keeps_the_acts_of_the_old_one() {
    const OLD: (Role, u128) = (Role::AdoptionCase, 4);
    const NEW: (Role, u128) = (Role::AdoptionCase, 5);
    let decided =
        |story: Story, on: &str, case| story.told(on, "adoption_decision_made", "{}", &[CARE, case]);
    let begun = |case| {
        let care = r#"{"legal_status":"C2"}"#;
        let story = Story::complete();
        decided(story, "2024-06-03", case).told("2024-01-10", "became_looked_after", care, &[CARE])
    };
    let matched = |story: Story, case: (Role, u128)| {
        let story = story.told("2024-07-01", "placement_order_made", "{}", &[case]);
        story.told("2024-09-02", "match_approved", "{}", &[case])
    };
    let at_once = |on: &str| {
        let care = r#"{"legal_status":"C2"}"#;
        let story = Story::complete().told("2024-01-10", "became_looked_after", care, &[CARE]);
        matched(decided(story, on, NEW), NEW)
    };
    // On its day, or on another one before what followed from it.
    for on in ["2024-06-03", "2024-06-10"] {
        let again = withdrawn(matched(decided(begun(OLD), on, NEW), OLD), 2);
        for as_at in ["2024-06-28", "2024-12-31", "2025-06-30"] {
            assert_eq!(said(&again, as_at), said(&at_once(on), as_at), "{on} {as_at}");
        }
        assert_eq!(one(again.states("PM-07", "2025-06-30")), State::Met);
    }
    // Any act that alone was entered again changes the number of all of them, also of those before it.
    let found = |story: Story, case| story.told("2024-05-06", "family_finding_started", "{}", &[case]);
    let acts = |case| found(matched(decided(Story::complete(), "2024-06-03", case), case), case);
    let again = [
        decided(acts(OLD), "2024-06-03", NEW),
        acts(OLD).told("2024-07-01", "placement_order_made", "{}", &[NEW]),
        acts(OLD).told("2024-09-02", "match_approved", "{}", &[NEW]),
    ];
    for (again, target) in again.into_iter().zip(2..) {
        assert_eq!(said(&withdrawn(again, target), "2024-12-31"), said(&acts(NEW), "2024-12-31"), "{target}");
    }
    // A second decision is of a second case, where the first one stands.
    let twice = decided(decided(Story::complete(), "2023-06-05", OLD), "2024-06-03", OLD);
    let second = withdrawn(decided(matched(twice, OLD), "2024-06-03", NEW), 3);
    assert_eq!(second.states("PM-07", "2025-06-30"), [State::Late, State::Overdue]);
    // A decision after the order is of another case, and the old one goes on by its other acts.
    let later = withdrawn(matched(decided(begun(OLD), "2024-08-05", NEW), OLD), 2);
    assert_eq!(later.states("PM-07", "2025-06-30"), [State::Overdue]);
}
