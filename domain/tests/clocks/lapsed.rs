//! What was to be done before a conference cannot be done after it: late where it was not, and no longer open. Every child is
//! invented.

use domain::clocks::{Clock, Question, State};
use domain::events::EntityRole as Role;

use crate::support::{Told, day, story};

const ENQUIRY: (Role, u128) = (Role::Enquiry, 5);
const CONFERENCE: (Role, u128) = (Role::Conference, 7);
const INITIAL: &str = r#"{"kind":"initial"}"#;
const ENQUIRED: Told<'_> = ("2024-06-03", "section47_enquiry_started", "{}", &[ENQUIRY]);
const REQUESTED: Told<'_> = ("2024-06-04", "conference_requested", "{}", &[CONFERENCE]);
/// A Thursday: reports were due on Tuesday the 18th.
const HELD: Told<'_> = ("2024-06-20", "initial_conference_held", INITIAL, &[CONFERENCE]);

fn clocks(told: &[Told<'_>], rule: &str, as_at: &str) -> Vec<Clock<'static>> {
    story(told).clocks(rule, &Question::as_at(day(as_at)))
}

fn state(told: &[Told<'_>], rule: &str, as_at: &str) -> State {
    let clocks = clocks(told, rule, as_at);
    let [clock] = clocks.as_slice() else { panic!("one was expected: {clocks:?}") };
    clock.state
}

#[test]
fn an_advocate_who_was_not_offered_before_the_conference_is_late_once_it_was_held() {
    let told = [ENQUIRED, REQUESTED, HELD];
    assert_eq!(state(&told, "CP-15", "2024-06-20"), State::DueSoon, "the day itself");
    assert_eq!(state(&told, "CP-15", "2024-06-21"), State::Late);
    let clock = clocks(&told, "CP-15", "2024-09-30").pop().expect("a clock");
    assert!(!clock.is_open());
    assert_eq!(clock.closed_by.and_then(|held| held.occurred.day()), Some(day("2024-06-20")));
    let offered = |on| (on, "advocacy_offered", "{}", &[][..]);
    let with = |on| state(&[ENQUIRED, REQUESTED, HELD, offered(on)], "CP-15", "2024-09-30");
    assert_eq!((with("2024-06-20"), with("2024-06-21")), (State::Met, State::Late));
    // Before the enquiry: in the three months up to the conference, not years ago.
    assert_eq!((with("2024-05-31"), with("2024-03-21")), (State::Met, State::Met));
    assert_eq!((with("2024-03-20"), with("2021-06-01")), (State::Late, State::Late));
}

#[test]
fn a_conference_on_a_transfer_sets_no_last_day_for_an_advocate_or_reports() {
    let transfer: Told<'_> =
        ("2024-06-07", "initial_conference_held", r#"{"kind":"transfer_in"}"#, &[(Role::Conference, 8)]);
    let offered: Told<'_> = ("2024-06-12", "advocacy_offered", "{}", &[]);
    assert_eq!(state(&[ENQUIRED, REQUESTED, transfer, offered, HELD], "CP-15", "2024-09-30"), State::Met);
    assert!(clocks(&[ENQUIRED, transfer], "CP-15", "2024-09-30").is_empty());
}

#[test]
fn reports_are_late_after_the_conference_and_not_asked_for_where_none_is_required() {
    let told = [ENQUIRED, REQUESTED, HELD];
    assert_eq!(state(&told, "CP-16", "2024-06-19"), State::DueSoon, "by CP-04");
    assert_eq!(state(&told, "CP-16", "2024-06-20"), State::Overdue, "on the day of the conference");
    assert_eq!(state(&told, "CP-16", "2024-06-21"), State::Late);
    let report: Told<'_> = ("2024-06-18", "agency_report_received", r#"{"agency":"school"}"#, &[CONFERENCE]);
    assert_eq!(state(&[ENQUIRED, REQUESTED, report, HELD], "CP-16", "2024-09-30"), State::Met);
    // Without a conference the last day of CP-04 counts, until it is settled that there will be none.
    assert_eq!(state(&[ENQUIRED, REQUESTED], "CP-16", "2024-09-30"), State::Overdue);
    let none: [Told<'_>; 4] = [
        ("2024-06-10", "conference_not_required", "{}", &[ENQUIRY]),
        ("2024-06-10", "conference_decision_made", r#"{"to_be_held":false}"#, &[CONFERENCE]),
        ("2024-06-10", "section47_enquiry_completed", r#"{"conference_required":false}"#, &[ENQUIRY]),
        ("2024-06-10", "section47_enquiry_completed", r#"{"outcome":"no_further_action"}"#, &[ENQUIRY]),
    ];
    for ending in none {
        assert_eq!(
            state(&[ENQUIRED, REQUESTED, ending], "CP-16", "2024-09-30"),
            State::NotApplicable,
            "{ending:?}"
        );
        assert_eq!(
            state(&[ENQUIRED, REQUESTED, ending, HELD], "CP-16", "2024-09-30"),
            State::Late,
            "held after all"
        );
    }
    // A decision against a conference of which no enquiry is recorded, and one that was changed.
    assert_eq!(state(&[REQUESTED, none[1]], "CP-16", "2024-09-30"), State::NotApplicable);
    let for_it: Told<'_> =
        ("2024-06-12", "conference_decision_made", r#"{"to_be_held":true}"#, &[CONFERENCE]);
    assert_eq!(state(&[ENQUIRED, REQUESTED, none[1], for_it], "CP-16", "2024-09-30"), State::Overdue);
}

#[test]
fn an_enquiry_that_its_conference_does_not_name_is_asked_about_all_the_same() {
    let completed: Told<'_> = ("2024-06-11", "section47_enquiry_completed", "{}", &[ENQUIRY]);
    let unrequested = [ENQUIRED, completed, HELD];
    assert_eq!(state(&unrequested, "CP-15", "2024-09-30"), State::Late);
}
