//! Histories with a gap, in which an act was in time whatever is missing. Every child is invented.

use domain::clocks::{Question, State};
use domain::events::EntityRole::{self, PeriodOfCare, Placement, Plan};
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
