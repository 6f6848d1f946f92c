//! What counts once, and what ends it: one delay of two clocks, a set in its first period, an answer turned by an entry or by
//! another date, children for whom nothing runs any more. Every child is invented.

use domain::clocks::State;
use domain::events::EntityRole as Role;

use crate::support::{Story, day, process};

const REFERRAL: &[(Role, u128)] = &[(Role::Referral, 1)];
const ASSESSMENT: &[(Role, u128)] = &[(Role::Referral, 1), (Role::Assessment, 2)];

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
