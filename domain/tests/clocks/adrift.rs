//! Acts that begin a duty and name no process, where several or none are on record: the duty stands all the same. Every child is
//! invented.

use domain::clocks::{State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, born, one};

const BACK: &str = "2024-01-09T10:00:00+00:00";

/// Two reports of one day that nothing tells apart.
fn reported_twice() -> Story {
    let story = Story::complete().told("2024-01-08", "missing_reported", "{}", &[]);
    story.told("2024-01-08", "missing_reported", "{}", &[])
}

fn told(story: Story, on: &str, kind: &str) -> Story {
    story.told(on, kind, "{}", &[])
}

#[test]
fn a_return_has_its_interview_whichever_report_it_is_of() {
    for story in [Story::complete(), reported_twice()] {
        let back = told(story, BACK, "found_or_returned");
        assert_eq!(one(back.states("MS-01", "2024-01-13")), State::Overdue);
        let held = |on: &str| told(back.clone(), on, "rhi_held");
        assert_eq!(one(held("2024-01-12T09:00:00+00:00").states("MS-01", "2024-02-01")), State::Met);
        assert_eq!(one(held("2024-01-12T11:00:00+00:00").states("MS-01", "2024-02-01")), State::Late);
        let refused = told(back.clone(), "2024-01-10", "rhi_refused");
        assert_eq!(one(refused.states("MS-01", "2024-02-01")), State::NotApplicable);
        let died = |on: &str| told(back.clone(), on, "child_died");
        assert_eq!(one(died("2024-01-10").states("MS-01", "2024-02-01")), State::NotApplicable);
        assert_eq!(one(died("2024-01-20").states("MS-01", "2024-02-01")), State::Late);
    }
}

#[test]
fn an_interview_after_two_returns_is_of_neither_for_certain() {
    let back = told(told(reported_twice(), BACK, "found_or_returned"), "2024-01-10", "found_or_returned");
    assert_eq!(back.states("MS-01", "2024-02-01"), [State::Overdue; 2]);
    let after_both = told(back.clone(), "2024-01-11T10:00:00+00:00", "rhi_held");
    let states = after_both.states("MS-01", "2024-02-01");
    assert!(states.iter().all(|state| matches!(state, State::CannotTell(_))), "{states:?}");
    let after_one = told(back, "2024-01-09T18:00:00+00:00", "rhi_held");
    assert_eq!(after_one.states("MS-01", "2024-02-01"), [State::Met, State::Overdue]);
}

#[test]
fn an_interview_that_names_nothing_is_of_the_episode_of_which_only_the_return_is_told() {
    let episode = [(Role::MissingEpisode, 5)];
    let back = Story::complete().told(BACK, "found_or_returned", "{}", &episode);
    let held = told(back, "2024-01-10T10:00:00+00:00", "rhi_held");
    assert_eq!(one(held.states("MS-01", "2024-02-01")), State::Met);
}

#[test]
fn acts_of_an_adoption_that_name_no_case_are_of_one_case() {
    let acts = [
        ("2023-03-06", "adoption_decision_made"),
        ("2023-06-05", "placement_order_made"),
        ("2023-08-07", "match_approved"),
    ];
    let story = |of: &[(Role, u128)], acts: &[(&str, &str)]| {
        acts.iter().fold(born("2021-01-04"), |story, (on, kind)| story.told(on, kind, "{}", of))
    };
    let case = [(Role::AdoptionCase, 4)];
    for rule in ["PM-04", "PM-07", "PM-13"] {
        for number in 1..=acts.len() {
            for as_at in ["2023-07-03", "2024-03-31"] {
                let states = |of: &[_]| story(of, &acts[..number]).states(rule, as_at);
                assert_eq!(states(&[]), states(&case), "{rule} {number} {as_at}");
            }
        }
    }
    let decided = story(&[], &acts[..1]);
    assert_eq!(one(decided.states("PM-07", "2024-03-31")), State::Overdue);
    // A later act that names its case says which one it was.
    let named = decided.told("2023-08-07", "match_approved", "{}", &case);
    assert_eq!(one(named.states("PM-07", "2024-03-31")), State::Met);
    // After a reversal the next decision begins another case.
    let reversed = story(&[], &[acts[0], ("2023-04-03", "adoption_decision_reversed")]);
    let again = told(reversed, "2023-09-04", "adoption_decision_made");
    assert_eq!(again.states("PM-07", "2024-03-31"), [State::NotApplicable, State::Overdue]);
}

#[test]
fn a_second_decision_on_one_of_two_referrals_may_carry_on_the_first() {
    let referral = |story: Story, number| {
        story.told("2024-01-08", "referral_received", "{}", &[(Role::Referral, number)])
    };
    let two = || referral(referral(Story::complete(), 1), 2);
    let progressed = r#"{"outcome":"progressed"}"#;
    let decided = two().told("2024-01-09", "referral_decision_made", progressed, &[]);
    assert_eq!(one(decided.states("FD-02", "2024-03-01")), State::Overdue);
    let again = decided.told("2024-01-10", "referral_decision_made", progressed, &[]);
    assert_eq!(again.states("FD-02", "2024-03-01"), [State::Overdue, State::CannotTell(Why::UnlinkedEvent)]);
    // The decision on a contact that became no referral is of none.
    let of_contact = two().told("2024-01-09", "referral_decision_made", progressed, &[(Role::Contact, 3)]);
    assert!(of_contact.states("FD-02", "2024-03-01").is_empty());
}

const FIRST: (Role, u128) = (Role::Conference, 11);
const SECOND: (Role, u128) = (Role::Conference, 12);

/// Two conferences of one enquiry, held on these days, and a request by this name on 8 January 2024.
fn requested(held: [&str; 2], of: &[(Role, u128)]) -> Story {
    let enquiry = (Role::Enquiry, 1);
    let story = Story::complete().told("2024-01-04", "section47_enquiry_started", "{}", &[enquiry]);
    let story = story.told("2024-01-08", "conference_requested", "{}", of);
    [FIRST, SECOND].into_iter().zip(held).fold(story, |story, (conference, on)| {
        story.told(on, "initial_conference_held", r#"{"kind":"initial"}"#, &[conference, enquiry])
    })
}

#[test]
fn a_request_for_one_of_several_conferences_has_its_clocks_whichever_it_is_for() {
    let days = ["2024-01-24", "2024-01-30"];
    for as_at in ["2024-01-09", "2024-01-19", "2024-06-28"] {
        for rule in ["CP-16", "CP-17", "CP-17d"] {
            let of = |of: &[(Role, u128)]| requested(days, of).states(rule, as_at);
            assert_eq!((of(&[FIRST]).len(), of(&[]).len()), (1, 1), "{rule} {as_at}");
            if of(&[FIRST]) == of(&[SECOND]) {
                assert_eq!(of(&[]), of(&[FIRST]), "{rule} {as_at}");
            }
        }
    }
    // No report came before either conference.
    assert_eq!(one(requested(days, &[]).states("CP-16", "2024-06-28")), State::Late);
    let report = |story: Story, of: &[(Role, u128)]| {
        story.told("2024-01-15", "agency_report_received", r#"{"agency":"health"}"#, of)
    };
    let told = |of: &[(Role, u128)]| report(requested(days, &[]), of).states("CP-16", "2024-06-28");
    assert_eq!(
        one(told(&[FIRST])),
        State::CannotTell(Why::UnlinkedEvent),
        "for the first, or none for the second"
    );
    // A second request may repeat the first.
    let again = requested(days, &[]).told("2024-01-09", "conference_requested", "{}", &[]);
    assert_eq!(again.states("CP-16", "2024-06-28"), [State::Late, State::CannotTell(Why::UnlinkedEvent)]);
    // Nobody decided, and no conference is on record at all.
    let alone = Story::complete().told("2024-01-08", "conference_requested", "{}", &[]);
    assert_eq!(one(alone.states("CP-17", "2024-06-28")), State::Overdue);
}
