//! A series of short breaks is no care, until another legal status makes care of it. Every child is invented.

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, day, one};

const CARE: (Role, u128) = (Role::PeriodOfCare, 1);
const SERVICE: (Role, u128) = (Role::EdgeOfCareService, 2);

fn entered(story: Story, on: &str, status: &str) -> Story {
    story.told(on, "became_looked_after", &format!(r#"{{"legal_status":"{status}"}}"#), &[CARE])
}

fn changed(story: Story, on: &str, status: &str) -> Story {
    story.told(on, "legal_status_changed", &format!(r#"{{"status":"{status}"}}"#), &[CARE])
}

/// Care that began as short breaks on 5 June 2023, by its legal status or by its first placement.
fn series(story: Story) -> [Story; 2] {
    let marked = story.clone().told("2023-06-05", "became_looked_after", "{}", &[CARE]);
    let placement = [CARE, (Role::Placement, 3)];
    let marked = marked.told("2023-06-05", "placement_started", r#"{"short_break":true}"#, &placement);
    [entered(story, "2023-06-05", "V3"), marked]
}

fn shares(story: &Story, rule: &str, as_at: &str) -> (u64, u64) {
    let figures = story.figures(rule, as_at);
    (figures.counted, figures.base)
}

#[test]
fn a_guardianship_breaks_down_when_short_breaks_become_care() {
    let ordered = || Story::complete().told("2023-01-09", "sgo_made", "{}", &[]);
    for child in series(ordered()) {
        let broken = |story: &Story| shares(story, "EX-03", "2025-01-31");
        assert_eq!(broken(&child), (0, 1), "short breaks only");
        assert_eq!(broken(&changed(child.clone(), "2024-03-04", "C2")), (1, 1));
        assert_eq!(broken(&changed(child.clone(), "2025-01-10", "C2")), (0, 1), "after the 24 months");
        assert_eq!(broken(&changed(child, "2024-03-04", "V4")), (0, 1), "short breaks still");
    }
    assert_eq!(shares(&entered(ordered(), "2023-06-05", "V2"), "EX-03", "2025-01-31"), (1, 1));
}

#[test]
fn a_child_in_short_breaks_is_with_the_family_after_a_conference() {
    let conference = [(Role::FamilyGroupConference, 4)];
    let held = |story: Story, on: &str| story.told(on, "fgc_held", "{}", &conference);
    let stayed = |story: &Story| shares(story, "FG-02", "2025-06-30");
    for child in series(Story::complete()) {
        assert_eq!(stayed(&held(child.clone(), "2023-05-01")), (1, 1), "short breaks afterwards");
        assert_eq!(stayed(&held(child.clone(), "2023-09-04")), (1, 1), "during short breaks");
        let child = changed(child, "2023-11-06", "C2");
        assert_eq!(stayed(&held(child.clone(), "2023-05-01")), (0, 1));
        assert_eq!(stayed(&held(child.clone(), "2023-09-04")), (0, 1));
        assert_eq!(stayed(&held(child, "2024-01-08")), (0, 0), "in care already");
    }
}

#[test]
fn the_referral_of_the_day_on_which_a_service_started_is_no_referral_after_it() {
    let started = |story: Story| {
        let service = r#"{"service":"community_adolescent_team"}"#;
        story.told("2024-01-08", "edge_of_care_started", service, &[SERVICE])
    };
    let referred = |on: &str| {
        let story = started(Story::complete()).told(on, "referral_received", "{}", &[(Role::Referral, 5)]);
        ["EC-02", "EC-02s"].map(|rule| shares(&story, rule, "2024-12-31"))
    };
    assert_eq!(referred("2024-01-08"), [(1, 1); 2]);
    assert_eq!(referred("2024-01-09"), [(0, 1); 2]);
    assert_eq!((referred("2024-07-08"), referred("2024-07-09")), ([(0, 1); 2], [(1, 1); 2]));
    // Short breaks take nobody out of the cohort; care does.
    let in_series = started(entered(Story::complete(), "2023-06-05", "V3"));
    assert_eq!(shares(&in_series, "EC-02", "2024-12-31"), (1, 1));
    assert_eq!(shares(&changed(in_series, "2024-03-04", "C2"), "EC-02", "2024-12-31"), (0, 0));
}

#[test]
fn clocks_and_figures_agree_on_when_short_breaks_became_care() {
    for child in series(Story::complete()) {
        let rate = |story: &Story| story.figures("RT-01c", "2024-03-31").counted;
        assert_eq!((one(child.states("LAC-01", "2024-03-31")), rate(&child)), (State::NotApplicable, 0));
        for status in ["C2", "V2", "L1"] {
            let child = changed(child.clone(), "2023-11-06", status);
            let state = one(child.states("LAC-01", "2024-03-31"));
            assert_eq!((state, rate(&child)), (State::CannotTell(Why::StartNotKnown), 1), "{status}");
        }
    }
}

#[test]
fn leaving_care_that_began_as_short_breaks_is_a_return_home_once_it_was_care() {
    let back = |story: Story| {
        let story = story.told("2023-12-04", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[CARE]);
        let again = [(Role::PeriodOfCare, 9)];
        let story = story.told("2024-02-05", "became_looked_after", r#"{"legal_status":"V2"}"#, &again);
        let answers = story.answers(&Question::as_at(day("2024-06-28")));
        let mut of_rule = answers.look_backs.iter().filter(|it| it.rule.id.as_str() == "EX-01");
        of_rule.any(|it| it.answer.counts())
    };
    for child in series(Story::complete()) {
        assert!(!back(child.clone()));
        assert!(back(changed(child, "2023-11-06", "C2")));
    }
}
