//! As many ends without a number as processes: each ended with one of them, and a clock says what all of them say.

use domain::clocks::{State, Why};
use domain::events::EntityRole as Role;

use crate::support::Story;

/// Two processes, and their ends, which name neither.
fn two(role: Role, began: &str, ended: (&str, &str), on: &[&str]) -> Story {
    let begun = |story: Story, number| story.told("2024-01-08", began, "{}", &[(role, number)]);
    let story = begun(begun(Story::complete(), 1), 2);
    on.iter().fold(story, |story, on| story.told(on, ended.0, ended.1, &[]))
}

fn states(role: Role, began: &str, ended: (&str, &str), on: &[&str], rule: &str) -> Vec<State> {
    two(role, began, ended, on).states(rule, "2024-12-02")
}

#[test]
fn clocks_of_two_processes_with_two_ends_say_what_both_ends_say() {
    let plo = |on: &[&str], rule: &str| {
        let concluded = ("pre_proceedings_concluded", "{}");
        states(Role::PreProceedings, "pre_proceedings_started", concluded, on, rule)
    };
    assert_eq!(plo(&["2024-03-01", "2024-03-05"], "PLO-01"), [State::Met; 2]);
    assert_eq!(plo(&["2024-08-01", "2024-09-05"], "PLO-01"), [State::Late; 2]);
    assert!(plo(&["2024-03-01", "2024-09-05"], "PLO-01").iter().all(|it| matches!(it, State::CannotTell(_))));
    assert!(plo(&["2024-03-01"], "PLO-01").iter().all(|it| matches!(it, State::CannotTell(_))));
    // No letter was sent before either end.
    assert_eq!(plo(&["2024-03-01", "2024-09-05"], "PLO-02"), [State::Late; 2]);
    let enquiry = |on: &[&str], rule: &str| {
        let completed = ("section47_enquiry_completed", r#"{"conference_required":false}"#);
        states(Role::Enquiry, "section47_enquiry_started", completed, on, rule)
    };
    assert_eq!(enquiry(&["2024-01-12", "2024-01-16"], "CP-03"), [State::Met; 2]);
    assert_eq!(enquiry(&["2024-02-12", "2024-02-16"], "CP-03"), [State::Late; 2]);
    assert_eq!(enquiry(&["2024-02-12", "2024-02-16"], "CP-04"), [State::NotApplicable; 2]);
    assert_eq!(enquiry(&["2024-01-12"], "CP-03"), [State::CannotTell(Why::UnlinkedEvent); 2]);
    assert_eq!(enquiry(&["2024-02-12"], "CP-03"), [State::Overdue; 2], "too late for either");
}

#[test]
fn what_only_one_of_two_ends_says_is_said_of_neither_process() {
    let story = two(
        Role::Enquiry,
        "section47_enquiry_started",
        ("section47_enquiry_completed", "{}"),
        &["2024-01-12"],
    );
    let one_excused =
        story.told("2024-01-16", "section47_enquiry_completed", r#"{"conference_required":false}"#, &[]);
    let states = one_excused.states("CP-04", "2024-12-02");
    assert!(states.iter().all(|state| matches!(state, State::CannotTell(_))), "{states:?}");
}
