//! What a source says of the interview after the last missing episode. Every child is invented.

use domain::clocks::State;
use domain::events::EntityRole as Role;

use crate::support::{Story, one};

fn missing(story: Story, from: &str, to: &str, number: u128) -> Story {
    let of = [(Role::MissingEpisode, number)];
    story.told(from, "missing_reported", "{}", &of).told(to, "found_or_returned", "{}", &of)
}

fn once() -> Story {
    missing(Story::complete(), "2024-01-08", "2024-01-09T10:00:00+00:00", 1)
}

fn stated(story: Story, details: &str) -> Story {
    story.told("2024-02-20", "return_interview_recorded", details, &[])
}

#[test]
fn an_interview_that_was_offered_and_not_accepted_was_refused() {
    let state = |details: &str| one(stated(once(), details).states("MS-01", "2024-12-02"));
    assert_eq!(state(r#"{"offered":true,"accepted":false}"#), State::NotApplicable);
    assert_eq!(state(r#"{"accepted":false}"#), State::NotApplicable);
    // What was not offered was not refused, and what was accepted has to be held.
    for details in [r#"{"offered":false,"accepted":false}"#, r#"{"offered":true,"accepted":true}"#, "{}"] {
        assert_eq!(state(details), State::Overdue, "{details}");
    }
    let held = once().told("2024-01-10T10:00:00+00:00", "rhi_held", "{}", &[(Role::MissingEpisode, 1)]);
    let held = stated(held, r#"{"offered":true,"accepted":false}"#);
    assert_eq!(one(held.states("MS-01", "2024-12-02")), State::Met);
}

#[test]
fn it_is_of_the_last_episode_alone() {
    let twice = missing(once(), "2024-02-08", "2024-02-09T10:00:00+00:00", 2);
    let refused = stated(twice, r#"{"offered":true,"accepted":false}"#);
    assert_eq!(refused.states("MS-01", "2024-12-02"), [State::Overdue, State::NotApplicable]);
    let later = missing(refused, "2024-03-08", "2024-03-09T10:00:00+00:00", 3);
    assert_eq!(later.states("MS-01", "2024-12-02"), [State::Overdue, State::NotApplicable, State::Overdue]);
}

#[test]
fn it_counts_among_the_offers_and_the_acceptances() {
    let counted = |details: &str, rule: &str| stated(once(), details).figures(rule, "2024-12-02").counted;
    let both = |details: &str| (counted(details, "MS-01o"), counted(details, "MS-01a"));
    assert_eq!(both(r#"{"offered":true,"accepted":true}"#), (1, 1));
    assert_eq!(both(r#"{"offered":true,"accepted":false}"#), (1, 0));
    assert_eq!(both(r#"{"offered":false}"#), (0, 0));
}
