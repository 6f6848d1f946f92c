//! Histories with a gap, in which an act was in time whatever is missing. Every child is invented.

use domain::clocks::{Question, State};
use domain::events::EntityRole::{self, PeriodOfCare, Placement, Plan, PreProceedings, Referral};
use domain::events::record_keeping::CoverageExtent;

use crate::support::{Story, day, one};

const CARE: &[(EntityRole, u128)] = &[(PeriodOfCare, 1)];
const PLANS: &[(EntityRole, u128)] = &[(Plan, 1)];
const PLACED: &[(EntityRole, u128)] = &[(Placement, 1), (PeriodOfCare, 1)];

type Began<'a> = (&'a str, &'a [(EntityRole, u128)]);

/// A process of which a file holds the latest act of a kind only.
fn latest(began: Began<'_>, kind: &str, on: &str) -> Story {
    let story = Story::new().told("2026-01-05", began.0, "{}", began.1);
    story.covered(&[kind], CoverageExtent::LatestOnly, "", "2026-11-30").told(on, kind, "{}", began.1)
}

#[test]
fn the_latest_act_is_in_time_whichever_came_before_it() {
    let first: &[(&str, Began<'_>, &str)] = &[
        ("LAC-01", ("became_looked_after", CARE), "looked_after_review_held"),
        ("LAC-04", ("placement_started", PLACED), "looked_after_visit_made"),
        ("CP-09", ("child_protection_plan_started", PLANS), "review_conference_held"),
        ("CP-08", ("child_protection_plan_started", PLANS), "core_group_held"),
    ];
    for (rule, began, kind) in first {
        let in_time = latest(*began, kind, "2026-01-09");
        assert_eq!(one(in_time.states(rule, "2026-12-01")), State::Met, "{rule}");
        // An earlier one may have been in time.
        let later = latest(*began, kind, "2026-06-09");
        assert_eq!(one(later.states(rule, "2026-12-01")), State::HistoryIncomplete, "{rule}");
        let clock = &in_time.clocks(rule, &Question::as_at(day("2026-12-01")))[0];
        assert!(clock.marks.in_gap && clock.used.is_none(), "{rule}: no figure has it");
    }
}

#[test]
fn a_second_review_is_the_second_only_where_none_is_missing_before() {
    let review = |on, story: Story| story.told(on, "looked_after_review_held", "{}", CARE);
    let two = |until: &str| {
        let story = Story::new().told("2026-01-05", "became_looked_after", "{}", CARE);
        let kind = &["looked_after_review_held"];
        let story = story.covered(kind, CoverageExtent::Complete, "2026-01-01", until);
        review("2026-03-20", review("2026-01-20", story))
    };
    assert_eq!(one(two("2026-01-31").states("LAC-02", "2026-04-01")), State::Met);
    assert_eq!(one(two("2026-01-10").states("LAC-02", "2026-04-01")), State::HistoryIncomplete);
}

/// Care of which a file holds the latest review alone, and nothing between that and its own day.
fn latest_review(on: &str) -> Story {
    let care = Story::new().told("2024-01-05", "became_looked_after", "{}", CARE);
    let kind = &["looked_after_review_held"];
    let held = care.told(on, "looked_after_review_held", "{}", CARE);
    held.covered(kind, CoverageExtent::Complete, on, "2026-11-30")
}

#[test]
fn the_next_review_is_overdue_where_it_is_whether_the_latest_was_the_first_or_a_later_one() {
    let due = |on: &str| -> Vec<_> {
        let clocks = latest_review("2026-05-20").clocks("LAC-03", &Question::as_at(day(on)));
        clocks.iter().map(|clock| (clock.state, clock.due_on, clock.due_latest)).collect()
    };
    // Of a first review the next was due on 20 August, of a later one it is on 20 November.
    assert_eq!(due("2026-11-20"), []);
    assert_eq!(due("2026-11-21"), [(State::Overdue, None, Some(day("2026-11-20")))]);
    let second = latest_review("2026-05-20").states("LAC-02", "2026-11-21");
    assert_eq!(one(second), State::HistoryIncomplete, "one row says it");
    // After the day of the file a review may have been held.
    assert_eq!(latest_review("2026-06-20").states("LAC-03", "2026-12-24"), []);
    let left = latest_review("2026-05-01").told("2026-11-28", "ceased_to_be_looked_after", "{}", CARE);
    assert_eq!(left.states("LAC-03", "2026-11-29"), [State::Late]);
    let left_in_time =
        latest_review("2026-05-01").told("2026-10-28", "ceased_to_be_looked_after", "{}", CARE);
    assert_eq!(left_in_time.states("LAC-03", "2026-11-29"), []);
}

#[test]
fn what_one_file_could_not_say_of_an_end_is_not_hidden_where_another_file_tells_it() {
    let referral = [(Referral, 1)];
    let state = |closed: &[&str], others: u128| {
        let stops = &["pre_proceedings_concluded", "application_issued"];
        let story = Story::new().covered(stops, CoverageExtent::Complete, "2023-01-01", "2024-12-31");
        let story = story.covered(&["case_closed"], CoverageExtent::None, "2023-11-09", "2024-06-28");
        let story = story.told("2023-11-09", "referral_received", "{}", &referral);
        let within = [(PreProceedings, 2), (Referral, 1)];
        let story = story.told("2023-11-27", "pre_proceedings_started", "{}", &within);
        let story = (5..5 + others).fold(story, |story, other| {
            story.told("2023-11-13", "referral_received", "{}", &[(Referral, other)])
        });
        let close = |story: Story, on: &&str| story.told(on, "case_closed", r#"{"reason":"RC1"}"#, &referral);
        one(closed.iter().fold(story, close).states("PLO-01", "2024-06-28"))
    };
    assert_eq!(state(&[], 0), State::HistoryIncomplete, "the case may have been closed");
    assert_eq!(state(&["2024-03-06"], 1), State::HistoryIncomplete, "the other one may have been");
    assert_eq!(state(&["2024-03-06"], 0), State::Overdue, "not concluded by the twelve weeks");
}
