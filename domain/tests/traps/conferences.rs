//! A conference on its way: requested, decided, scheduled, postponed, not quorate, adjourned, not required, held.
//!
//! Only the day on which it was held stops its clock (CP-04: 15 working days after the initiating discussion).

use domain::clocks::State;
use domain::events::child_protection::{
    ConferenceNotRequired, InitialConferenceHeld, InitialConferenceKind, Section47EnquiryStarted,
    StrategyDiscussionHeld,
};
use domain::events::conferences::{
    ConferenceAdjourned, ConferenceDecisionMade, ConferencePostponed, ConferenceRequested,
    ConferenceScheduled,
};
use domain::events::{Body, EntityRole as Role};

use super::teller::{Teller, day, event};

const OF_ENQUIRY: [(Role, u128); 1] = [(Role::Enquiry, 1)];
const OF_BOTH: [(Role, u128); 2] = [(Role::Enquiry, 1), (Role::Conference, 2)];

/// A discussion on Monday 8 January 2024: the last day in time is Monday 29 January.
fn enquiry() -> Teller {
    let mut child = Teller::with_whole_history();
    let discussion = StrategyDiscussionHeld { initiated_enquiry: true, ..Default::default() };
    let both = [(Role::Enquiry, 1), (Role::StrategyDiscussion, 9)];
    child.tell("2024-01-08", "2024-01-08", discussion, &both);
    let started = Section47EnquiryStarted { stated_conference_target: None };
    child.tell("2024-01-08", "2024-01-08", started, &both);
    child
}

fn held() -> Body {
    InitialConferenceHeld { kind: InitialConferenceKind::Initial, quorate: Some(true), ..Default::default() }
        .into()
}

fn state(child: &Teller, on: &str) -> State {
    let clocks = child.clocks(on, "CP-04");
    let [clock] = clocks.as_slice() else { panic!("one clock was expected: {clocks:?}") };
    clock.state
}

#[test]
fn only_a_conference_that_was_held_stops_the_clock() {
    let mut child = enquiry();
    let requested = ConferenceRequested { kind: "initial".parse().ok(), requested_from: None };
    child.tell("2024-01-15", "2024-01-15", requested, &OF_BOTH);
    let decided =
        ConferenceDecisionMade { to_be_held: true, chair_consulted: Some(true), threshold_met: Some(true) };
    child.tell("2024-01-15", "2024-01-15", decided, &OF_BOTH);
    let scheduled = ConferenceScheduled { planned_on: day("2024-01-26"), target_on: Some(day("2024-01-29")) };
    child.tell("2024-01-16", "2024-01-16", scheduled, &OF_BOTH);
    let postponed = ConferencePostponed {
        planned_on: Some(day("2024-01-26")),
        new_planned_on: Some(day("2024-01-29")),
        reason: "chair_unavailable".parse().ok(),
    };
    child.tell("2024-01-25", "2024-01-25", postponed, &OF_BOTH);
    let adjourned = ConferenceAdjourned {
        quorate: Some(false),
        resumes_on: Some(day("2024-02-01")),
        reason: "not_quorate".parse().ok(),
    };
    child.tell("2024-01-29", "2024-01-29", adjourned, &OF_BOTH);
    let conference = child.tell("2024-02-12", "2024-02-01", held(), &OF_BOTH);
    child.correct("2024-02-19", conference, event("2024-01-29", held(), &OF_BOTH));
    assert_eq!(state(&child, "2024-01-29"), State::DueSoon, "not quorate: it was not held");
    assert_eq!(state(&child, "2024-01-30"), State::Overdue, "before");
    assert_eq!(state(&child, "2024-02-12"), State::Late, "after the late entry");
    assert_eq!(state(&child, "2024-02-19"), State::Met, "after the correction");
    assert_eq!(child.observed("2024-02-19"), Vec::<&str>::new());
}

#[test]
fn a_conference_that_is_not_required_leaves_no_clock_to_run() {
    let mut child = enquiry();
    let not_required = child.tell("2024-02-05", "2024-01-18", ConferenceNotRequired {}, &OF_ENQUIRY);
    child.withdraw("2024-02-12", not_required);
    assert_eq!(state(&child, "2024-01-30"), State::Overdue, "before");
    assert_eq!(state(&child, "2024-02-05"), State::NotApplicable, "after the late entry");
    assert_eq!(state(&child, "2024-02-12"), State::Overdue, "after it was withdrawn");
    // The decision against a conference says the same.
    let decided =
        ConferenceDecisionMade { to_be_held: false, chair_consulted: None, threshold_met: Some(false) };
    child.tell("2024-02-19", "2024-01-17", decided, &OF_BOTH);
    assert_eq!(state(&child, "2024-02-19"), State::NotApplicable, "after the decision was told");
}
