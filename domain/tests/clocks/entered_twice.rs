//! What was entered twice counts once where nothing tells the entries apart. Every child is invented.

use domain::clocks::State;
use domain::events::EntityRole as Role;

use crate::support::{Story, in_care};

const CARE: (Role, u128) = (Role::PeriodOfCare, 1);
const PLAN: (Role, u128) = (Role::Plan, 3);

type Entry<'a> = (&'a str, &'a str, &'a str, &'a [(Role, u128)]);

fn with(story: Story, entries: &[Entry<'_>]) -> Story {
    entries.iter().fold(story, |story, (on, kind, details, names)| story.told(on, kind, details, names))
}

fn observed(story: &Story) -> usize {
    let endings = domain::rules::RuleBook::built_in().endings();
    let found = domain::observations::observe(&story.journey(), crate::support::day("2024-12-31"), endings);
    found.iter().filter(|it| it.code.name() == "entered_twice").count()
}

#[test]
fn a_review_under_two_numbers_or_with_and_without_one_is_one() {
    const REVIEW: &str = "looked_after_review_held";
    let first: &[(Role, u128)] = &[CARE, (Role::Review, 20)];
    let again: &[(Role, u128)] = &[CARE, (Role::Review, 21)];
    let child = || in_care(Story::complete(), "2024-01-08");
    let told = |entries: &[Entry<'_>]| with(child(), entries);
    let one_of = |names: &[(Role, u128)]| told(&[("2024-02-05", REVIEW, "{}", names)]);
    let alone = one_of(first);
    for (what, story) in [
        ("two numbers", told(&[("2024-02-05", REVIEW, "{}", first), ("2024-02-05", REVIEW, "{}", again)])),
        ("one number", told(&[("2024-02-05", REVIEW, "{}", first), ("2024-02-05", REVIEW, "{}", &[CARE])])),
        ("no number", told(&[("2024-02-05", REVIEW, "{}", &[CARE]), ("2024-02-05", REVIEW, "{}", &[])])),
        (
            "one says more",
            told(&[
                ("2024-02-05", REVIEW, "{}", first),
                ("2024-02-05", REVIEW, r#"{"participation":"PN1"}"#, again),
            ]),
        ),
    ] {
        assert_eq!(observed(&story), 1, "{what}");
        for rule in ["LAC-01", "LAC-02", "LAC-03"] {
            assert_eq!(story.states(rule, "2024-06-28"), alone.states(rule, "2024-06-28"), "{what}, {rule}");
        }
        assert_eq!(story.states("LAC-14", "2024-06-28").len(), 1, "{what}");
    }
    // What names the second entry is of the one: its completion, and the review after it.
    let completed = with(
        told(&[("2024-02-05", REVIEW, "{}", first), ("2024-02-05", REVIEW, "{}", again)]),
        &[("2024-02-09", "review_completed", "{}", again), ("2024-05-03", REVIEW, "{}", &[CARE])],
    );
    assert_eq!(completed.states("LAC-02", "2024-06-28"), [State::Met]);
    for (what, other) in [
        ("other facts", ("2024-02-05", REVIEW, r#"{"participation":"PN2"}"#, again)),
        ("another period of care", ("2024-02-05", REVIEW, "{}", &[(Role::PeriodOfCare, 2)][..])),
        ("another day", ("2024-02-06", REVIEW, "{}", again)),
    ] {
        let story = told(&[("2024-02-05", REVIEW, r#"{"participation":"PN1"}"#, first), other]);
        assert_eq!(observed(&story), 0, "{what}");
    }
}

#[test]
fn a_conference_and_a_core_group_entered_twice_begin_no_second_clock() {
    let conference = r#"{"kind":"initial"}"#;
    let story = with(
        Story::complete(),
        &[
            ("2024-01-08", "initial_conference_held", conference, &[(Role::Conference, 2)]),
            ("2024-01-08", "initial_conference_held", conference, &[(Role::Conference, 4)]),
            ("2024-01-08", "child_protection_plan_started", "{}", &[PLAN, (Role::Conference, 4)]),
            ("2024-01-15", "core_group_held", "{}", &[PLAN]),
            ("2024-01-15", "core_group_held", "{}", &[]),
            ("2024-04-05", "review_conference_held", "{}", &[PLAN, (Role::Conference, 5)]),
            ("2024-04-05", "review_conference_held", "{}", &[PLAN, (Role::Conference, 6)]),
        ],
    );
    assert_eq!(observed(&story), 3);
    assert_eq!(story.states("CP-08", "2024-06-28"), [State::Met]);
    assert_eq!(story.states("CP-09", "2024-06-28"), [State::Met]);
    assert_eq!(story.states("CP-10", "2024-06-28"), [State::Running], "one review, one next one");
    assert_eq!(story.figures("CP-06", "2024-06-28").base, 1);
}

/// Two visits of one day can be real. Only one time of day makes them one.
#[test]
fn visits_of_one_day_are_one_where_both_state_the_same_time() {
    const VISIT: &str = "child_protection_visit_made";
    let visited = |entries: &[Entry<'_>]| {
        let plan: Entry<'_> = ("2024-01-08", "child_protection_plan_started", "{}", &[PLAN]);
        let story = with(with(Story::complete(), &[plan]), entries);
        (observed(&story), story.states("CP-12", "2024-01-16").len())
    };
    let seen = r#"{"seen":true}"#;
    let at = |hour: u32| format!("2024-01-15T{hour:02}:00+00:00");
    let (morning, noon) = (at(9), at(12));
    assert_eq!(visited(&[(&morning, VISIT, seen, &[PLAN]), (&morning, VISIT, seen, &[])]), (1, 2));
    assert_eq!(visited(&[(&morning, VISIT, seen, &[PLAN]), (&noon, VISIT, seen, &[PLAN])]), (0, 3));
    assert_eq!(
        visited(&[("2024-01-15", VISIT, seen, &[PLAN]), ("2024-01-15", VISIT, seen, &[PLAN])]),
        (1, 2),
        "from one to the other no clock runs"
    );
    let unseen = r#"{"seen":false}"#;
    assert_eq!(
        visited(&[("2024-01-15", VISIT, seen, &[PLAN]), ("2024-01-15", VISIT, unseen, &[PLAN])]),
        (0, 2),
        "not seen is no visit"
    );
}
