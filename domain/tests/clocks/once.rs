//! What counts once, and what ends it: one delay of two clocks, a set in its first period, an answer turned by an entry or by
//! another date, children for whom nothing runs any more. Every child is invented.

use domain::clocks::State;
use domain::events::record_keeping::{CorrectionReason, EventCorrected};
use domain::events::{Body, CaseEvent, EntityRole as Role, RecordedEvent};
use domain::time::Occurred;

use crate::support::{Story, day, process};

const REFERRAL: &[(Role, u128)] = &[(Role::Referral, 1)];
const ASSESSMENT: &[(Role, u128)] = &[(Role::Referral, 1), (Role::Assessment, 2)];
const ENQUIRY: &[(Role, u128)] = &[(Role::Enquiry, 1)];

/// A referral of 9 January 2023 and its assessment; both authorised on 3 April, late for either clock.
fn assessed() -> Story {
    Story::complete()
        .told("2023-01-09", "referral_received", "{}", REFERRAL)
        .told("2023-01-10", "assessment_started", r#"{"kind":"single"}"#, ASSESSMENT)
        .told("2023-04-03", "assessment_authorised", "{}", ASSESSMENT)
}

fn reason(story: Story, rule: &str, of: u128) -> Story {
    let details = format!(r#"{{"rule":"{rule}","entity":"{}","reason":"family_request"}}"#, process(of));
    story.told("2023-04-04", "delay_reason_recorded", &details, &[])
}

fn with_reason(story: &Story) -> (u64, u64) {
    let figures = story.figures("CP-18", "2023-12-31");
    (figures.counted, figures.base)
}

#[test]
fn one_delay_of_an_assessment_counts_once_and_a_reason_for_either_clock_explains_it() {
    let story = assessed();
    assert_eq!(story.states("AS-03", "2023-12-31"), [State::Late]);
    assert_eq!(story.states("AS-03a", "2023-12-31"), [State::Late]);
    assert_eq!(with_reason(&story), (0, 1));
    assert_eq!(with_reason(&reason(story.clone(), "AS-03", 1)), (1, 1));
    assert_eq!(with_reason(&reason(story, "AS-03a", 2)), (1, 1));
}

#[test]
fn an_assessment_that_alone_is_late_is_not_lost_with_the_clock_of_its_referral() {
    let story = Story::complete()
        .told("2023-01-10", "assessment_started", r#"{"kind":"single"}"#, &[(Role::Assessment, 2)])
        .told("2023-04-03", "assessment_authorised", "{}", &[(Role::Assessment, 2)]);
    assert_eq!(with_reason(&story), (0, 1));
}

/// An enquiry whose conference is due on 19 April 2023.
fn enquiry() -> Story {
    Story::complete().told("2023-03-27", "section47_enquiry_started", "{}", ENQUIRY)
}

fn held(story: Story, recorded_on: &str, on: &str) -> Story {
    let facts = r#"{"details":{"kind":"initial"}}"#;
    let event = CaseEvent::read(day_of(on), "initial_conference_held", 1, facts).expect("valid facts");
    story.recorded_on(recorded_on, on, event.body, ENQUIRY)
}

fn day_of(text: &str) -> Occurred {
    text.parse().expect("tests write valid days")
}

/// Corrects the last event of the story to another day.
fn moved(story: Story, recorded_on: &str, to: &str) -> Story {
    let RecordedEvent { event_id, event, .. } = story.recorded.last().expect("an event").clone();
    let correction = EventCorrected {
        target: event_id,
        replacement: Box::new(CaseEvent { occurred: day_of(to), ..event }),
        changed: ["occurred".to_owned()].into(),
        reason: CorrectionReason::TypingError,
        authorised_by: None,
        inferred: false,
    };
    story.recorded_on(recorded_on, recorded_on, Body::EventCorrected(correction), &[])
}

fn turned(story: &Story) -> Vec<String> {
    let of_enquiry = |member: &domain::clocks::Tallied<'_>| member.entity == Some(process(1));
    let members = story.tallied("RC-02", "2023-12-31").into_iter().filter(of_enquiry);
    members.map(|member| member.group.map(|group| group.to_string()).unwrap_or_default()).collect()
}

#[test]
fn an_answer_turned_by_a_late_entry_stands_apart_from_one_turned_by_another_date() {
    assert_eq!(turned(&held(enquiry(), "2023-04-29", "2023-04-18")), ["entered_late"]);
    let late = held(enquiry(), "2023-04-24", "2023-04-24");
    assert_eq!(late.states("CP-04", "2023-12-31"), [State::Late]);
    assert_eq!(turned(&moved(late, "2023-05-02", "2023-04-18")), ["date_changed"]);
}

#[test]
fn an_entry_within_the_recording_standard_and_a_correction_of_other_words_turn_nothing() {
    assert_eq!(turned(&held(enquiry(), "2023-04-28", "2023-04-18")), [""; 0], "10 days");
    let in_time = held(enquiry(), "2023-04-18", "2023-04-18");
    assert_eq!(turned(&moved(in_time, "2023-05-02", "2023-04-17")), [""; 0], "in time before and after");
}

/// The days on which a child of a referral, a plan and a visit is among those last seen, and whose workers are counted.
fn counted(story: &Story, rule: &str, on: &str) -> u64 {
    story.figures(rule, on).base
}

fn visited() -> Story {
    let plan = &[(Role::Plan, 3), (Role::Referral, 1)];
    Story::complete()
        .told("2023-01-09", "referral_received", "{}", REFERRAL)
        .told("2023-02-01", "child_protection_plan_started", "{}", plan)
        .told("2023-03-01", "child_protection_visit_made", r#"{"seen":true}"#, plan)
        .told("2023-01-10", "worker_allocated", r#"{"role":"social_worker"}"#, &[])
        .told("2023-03-10", "worker_allocated", r#"{"role":"social_worker"}"#, &[])
}

#[test]
fn a_visit_that_does_not_say_that_the_child_was_seen_is_told_apart() {
    let plan = &[(Role::Plan, 3)];
    let story = visited().told("2023-05-02", "child_protection_visit_made", "{}", plan);
    let days = |rule: &str| story.tallied(rule, "2023-06-01")[0].value;
    // Seen on 1 March; visited on 2 May, and nobody said whether the child was seen.
    assert_eq!((days("LAC-18"), days("LAC-18m")), (Some(92), Some(30)));
    let unseen = story.clone().told("2023-05-09", "child_protection_visit_made", r#"{"seen":false}"#, plan);
    let days = |rule: &str| unseen.tallied(rule, "2023-06-01")[0].value;
    assert_eq!((days("LAC-18"), days("LAC-18m")), (Some(92), Some(30)));
}

#[test]
fn days_since_the_child_was_seen_count_while_something_runs_by_the_table_of_endings() {
    for rule in ["LAC-18", "AL-03"] {
        let open = visited();
        assert_eq!(counted(&open, rule, "2023-06-01"), 1, "{rule}");
        let closed = open.clone().told("2023-05-01", "case_closed", "{}", REFERRAL);
        assert_eq!(counted(&closed, rule, "2023-06-01"), 1, "{rule}: the plan runs on");
        let ended = closed.told("2023-05-10", "child_protection_plan_ended", "{}", &[(Role::Plan, 3)]);
        assert_eq!(counted(&ended, rule, "2023-06-01"), 0, "{rule}");
        let moved = open.clone().told("2023-05-01", "transferred_out", "{}", &[]);
        assert_eq!(
            counted(&moved, rule, "2023-05-15"),
            1,
            "{rule}: ours until the other authority's conference"
        );
        assert_eq!(counted(&moved, rule, "2023-06-01"), 0, "{rule}");
        let died = open.told("2023-05-01", "child_died", "{}", &[]);
        assert_eq!(counted(&died, rule, "2023-06-01"), 0, "{rule}");
    }
}

#[test]
fn a_family_is_not_supported_any_more_once_its_early_help_is_over_by_the_table_of_endings() {
    let case = &[(Role::EarlyHelpCase, 4)];
    let help = Story::complete().told("2023-01-09", "early_help_requested", "{}", case).told(
        "2023-01-10",
        "lead_professional_assigned",
        r#"{"agency":"school"}"#,
        &[],
    );
    assert_eq!(counted(&help, "EH-03", "2023-06-01"), 1);
    let died = help.told("2023-05-01", "child_died", "{}", &[]);
    assert_eq!(counted(&died, "EH-03", "2023-06-01"), 0);
}

#[test]
fn a_set_of_proceedings_counts_in_the_period_of_its_first_issue() {
    let issued = |story: Story, on: &str, child: u128| {
        let roles = &[(Role::Application, child), (Role::Proceedings, 9)];
        story.told(on, "application_issued", r#"{"orders":["care"]}"#, roles)
    };
    let story = issued(issued(Story::complete(), "2023-03-20", 1), "2023-04-10", 2);
    let days: Vec<_> = story.tallied("CT-09t", "2023-12-31").into_iter().map(|set| set.day).collect();
    assert_eq!(days, [Some(day("2023-03-20"))]);
    assert_eq!(story.tallied("CT-09i", "2023-12-31").len(), 2, "and each child's application in its own");
}

#[test]
fn a_week_of_contacts_has_one_clock_in_hours_for_each_and_one_for_a_referral_without_any() {
    let story = (1..=12_u128).fold(Story::complete(), |story, number| {
        let contact = &[(Role::Contact, number)];
        let story = story.told("2023-03-06T10:00+00:00", "contact_received", "{}", contact);
        if number > 4 {
            return story.told(
                "2023-03-06T16:00+00:00",
                "contact_screened",
                r#"{"outcome":"no_further_action"}"#,
                contact,
            );
        }
        let both = &[(Role::Contact, number), (Role::Referral, 100 + number)];
        let story = story.told("2023-03-06T15:00+00:00", "referral_received", "{}", both);
        story.told("2023-03-06T15:00+00:00", "referral_decision_made", r#"{"outcome":"progressed"}"#, both)
    });
    let direct = story.told("2023-03-07T10:00+00:00", "referral_received", "{}", &[(Role::Referral, 200)]);
    assert_eq!(direct.states("FD-01h", "2023-03-12").len(), 13);
}

#[test]
fn a_contact_and_its_referral_are_two_decisions_of_which_one_delay_makes_one_late() {
    let both = &[(Role::Contact, 1), (Role::Referral, 2)];
    let decided = |received: &str, on: &str| {
        let story = Story::complete()
            .told("2023-03-06", "contact_received", "{}", &[(Role::Contact, 1)])
            .told(received, "referral_received", "{}", both)
            .told(on, "referral_decision_made", r#"{"outcome":"progressed"}"#, both);
        story.states("FD-01", "2023-12-31")
    };
    assert_eq!(decided("2023-03-06", "2023-03-06"), [State::Met, State::Met]);
    assert_eq!(decided("2023-03-10", "2023-03-10"), [State::Late, State::Met]);
    assert_eq!(decided("2023-03-06", "2023-03-10"), [State::Met, State::Late]);
}
