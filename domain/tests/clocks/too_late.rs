//! What comes after the last day wipes out no breach: an end or an act that names no process, whosever it is. Every child is
//! invented.

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, Told, day, story};

/// How a process begins, how it ends, and the rule that asks for something within a week or two of its beginning.
const ENDED: &[(&str, &str, Role, &str, &str, &str)] = &[
    (
        "placement_started",
        r#"{"placement_type":"U4","short_break":false}"#,
        Role::Placement,
        "placement_ended",
        "{}",
        "LAC-04",
    ),
    ("pre_proceedings_started", "{}", Role::PreProceedings, "pre_proceedings_concluded", "{}", "PLO-02"),
    (
        "became_looked_after",
        "{}",
        Role::PeriodOfCare,
        "ceased_to_be_looked_after",
        r#"{"reason":"E4A"}"#,
        "LAC-01",
    ),
    ("child_protection_plan_started", "{}", Role::Plan, "child_protection_plan_ended", "{}", "CP-08"),
    (
        "private_fostering_arrangement_started",
        "{}",
        Role::PrivateFostering,
        "private_fostering_arrangement_ended",
        "{}",
        "PF-01",
    ),
];

fn two((began, details, role): (&str, &str, Role)) -> Story {
    let begun = |story: Story, on, number| story.told(on, began, details, &[(role, number)]);
    begun(begun(Story::complete(), "2024-01-08", 1), "2024-01-09", 2)
}

#[test]
fn an_end_of_one_of_two_after_the_last_day_leaves_both_overdue() {
    for (began, details, role, ended, reason, rule) in ENDED {
        let states = |ends: &[&str]| {
            let story = two((began, details, *role));
            ends.iter().fold(story, |story, on| story.told(on, ended, reason, &[])).states(rule, "2024-12-02")
        };
        assert_eq!(states(&[]), [State::Overdue; 2], "{rule}");
        assert_eq!(states(&["2024-06-03"]), [State::Overdue; 2], "{rule}");
        assert_eq!(states(&["2024-06-03/2024-07-01"]), [State::Overdue; 2], "{rule}");
        let early = states(&["2024-01-10"]);
        assert!(early.iter().all(|it| matches!(it, State::CannotTell(_))), "{rule}: {early:?}");
        assert_eq!(states(&["2024-06-03", "2024-06-04"]), [State::Late; 2], "{rule}: both have ended");
    }
}

/// A stay in hospital ends no placement for adoption, so that the end may be of either.
#[test]
fn an_end_of_a_placement_for_adoption_or_of_a_stay_in_hospital_leaves_the_visit_overdue() {
    let placed = |story: Story, on, kind: &str, number| {
        let details = format!(r#"{{"placement_type":"{kind}","short_break":false}}"#);
        story.told(on, "placement_started", &details, &[(Role::Placement, number)])
    };
    let two = placed(placed(Story::complete(), "2024-01-08", "A6", 1), "2024-02-05", "T1", 2);
    let ended = two.told("2024-03-04", "placement_ended", "{}", &[]);
    assert_eq!(ended.states("PM-17", "2024-12-02"), [State::Overdue]);
}

#[test]
fn an_end_on_an_uncertain_day_after_the_last_one_leaves_a_breach() {
    let (began, details, role, ended, reason, rule) = ENDED[0];
    let placed = Story::complete().told("2024-01-08", began, details, &[(role, 1)]);
    let ended = placed.told("2024-06-03/2024-08-05", ended, reason, &[(role, 1)]);
    assert_eq!(ended.states(rule, "2024-07-01"), [State::Overdue], "it may have ended by then");
    assert_eq!(ended.states(rule, "2024-08-05"), [State::Late]);
    let open = ended.clocks(rule, &Question::as_at(day("2024-07-01")));
    assert!(open.iter().all(|clock| clock.closed_by.is_none() && clock.is_open()));
}

const UNLINKED: State = State::CannotTell(Why::UnlinkedEvent);

#[test]
fn an_interview_after_several_returns_was_too_late_for_those_of_long_ago() {
    let episode = |number| [(Role::MissingEpisode, number)];
    let (first, second) = (episode(1), episode(2));
    let returned: [Told<'_>; 4] = [
        ("2024-01-08", "missing_reported", "{}", &first),
        ("2024-01-09T10:00+00:00", "found_or_returned", "{}", &first),
        ("2024-03-01", "missing_reported", "{}", &second),
        ("2024-03-02T10:00+00:00", "found_or_returned", "{}", &second),
    ];
    let states = |on: &str| story(&returned).told(on, "rhi_held", "{}", &[]).states("MS-01", "2024-12-02");
    assert_eq!(states("2024-01-10T10:00+00:00"), [State::Met, State::Overdue], "of the only return by then");
    assert_eq!(states("2024-03-03T10:00+00:00"), [State::Overdue, UNLINKED], "in time for the second only");
    assert_eq!(states("2024-03-20T10:00+00:00"), [State::Overdue; 2]);
}

#[test]
fn a_screening_of_either_of_two_contacts_that_came_too_late_for_both_is_a_breach_of_both() {
    let received = |number: u128| -> [(Role, u128); 1] { [(Role::Contact, number)] };
    let (first, second) = (received(1), received(2));
    let contacts: [Told<'_>; 2] =
        [("2025-01-06", "contact_received", "{}", &first), ("2025-01-06", "contact_received", "{}", &second)];
    let states = |on: &[&str]| {
        let screened = |story: Story, on: &&str| {
            story.told(on, "contact_screened", r#"{"outcome":"no_further_action"}"#, &[])
        };
        on.iter().fold(story(&contacts), screened).states("FD-01", "2025-06-30")
    };
    assert_eq!(states(&["2025-01-07"]), [UNLINKED; 2]);
    assert_eq!(states(&["2025-01-10"]), [State::Overdue; 2]);
    assert_eq!(states(&["2025-01-10", "2025-01-13"]), [State::Late; 2], "one was of each");
}

#[test]
fn what_is_done_once_is_of_the_only_process_that_waits_for_it() {
    let received = |number: u128| -> [(Role, u128); 1] { [(Role::Contact, number)] };
    let (first, second) = (received(1), received(2));
    let contacts: [Told<'_>; 2] =
        [("2025-01-06", "contact_received", "{}", &first), ("2025-03-03", "contact_received", "{}", &second)];
    let screened = |story: Story, on: &str, of: &[(Role, u128)]| {
        story.told(on, "contact_screened", r#"{"outcome":"no_further_action"}"#, of)
    };
    for of in [&first[..], &[]] {
        let one = screened(story(&contacts), "2025-01-07", of);
        assert_eq!(one.states("FD-01", "2025-06-30"), [State::Met, State::Overdue]);
        assert_eq!(screened(one.clone(), "2025-03-04", &[]).states("FD-01", "2025-06-30"), [State::Met; 2]);
        let late = screened(one, "2025-03-05", &[]);
        assert_eq!(late.states("FD-01", "2025-06-30"), [State::Met, State::Late]);
    }
}
