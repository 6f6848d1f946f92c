//! Acts that name a process of which nothing is recorded. Every child is invented.

use domain::clocks::{Question, State};
use domain::events::EntityRole::{self, PeriodOfCare, Placement, Plan};
use domain::observations::observe;
use domain::rules::RuleBook;

use crate::support::{Story, Told, day, story};

type Of<'a> = &'a [(EntityRole, u128)];

/// The clocks of a rule: of which process, from which day, and their states.
fn told(story: &Story, rule: &str) -> Vec<(u128, String, State)> {
    let clocks = story.clocks(rule, &Question::as_at(day("2026-12-01")));
    clocks.iter().map(|it| (it.entity.0.as_u128(), it.start.occurred.to_string(), it.state)).collect()
}

fn observed(story: &Story) -> Vec<&'static str> {
    let found = observe(&story.journey(), day("2026-12-01"), RuleBook::built_in().endings());
    let names = found.iter().map(|it| it.code.name());
    names.filter(|name| name.starts_with("process_not_on")).collect()
}

fn says(process: u128, start: &str, state: State) -> (u128, String, State) {
    (process, start.to_owned(), state)
}

#[test]
fn what_names_a_process_that_is_not_on_record_is_of_the_only_one_that_runs() {
    let plan: Told<'_> = ("2026-01-05", "child_protection_plan_started", "{}", &[(Plan, 1)]);
    let placed: &[Told<'_>] = &[
        ("2026-01-05", "became_looked_after", "{}", &[(PeriodOfCare, 1)]),
        ("2026-01-05", "placement_started", "{}", &[(Placement, 1), (PeriodOfCare, 1)]),
    ];
    let acts: &[(&str, &[Told<'_>], &str, Of<'_>)] = &[
        ("CP-12", &[plan], "child_protection_visit_made", &[(Plan, 9)]),
        ("CP-10", &[plan], "review_conference_held", &[(Plan, 9)]),
        ("LAC-05", placed, "looked_after_visit_made", &[(Placement, 9)]),
        ("LAC-02", placed, "looked_after_review_held", &[(PeriodOfCare, 9)]),
    ];
    for (rule, began, kind, of) in acts {
        let story = story(began).acts(&[("2026-01-09", kind, "{}", of)]);
        let found = told(&story, rule);
        let link = says(1, "2026-01-09", State::Overdue);
        let begins = says(1, "2026-01-05", State::Met);
        let wanted = if *rule == "CP-12" { vec![begins, link] } else { vec![link] };
        assert_eq!(found, wanted, "{rule}");
        assert_eq!(observed(&story), ["process_not_on_record"], "{rule}");
    }
}

#[test]
fn what_names_a_process_that_is_not_on_record_stays_where_none_runs() {
    let review: Told<'_> = ("2026-01-09", "review_conference_held", "{}", &[(Plan, 9)]);
    let alone = story(&[review]);
    assert_eq!(told(&alone, "CP-10"), [says(9, "2026-01-09", State::Overdue)]);
    assert_eq!(observed(&alone), Vec::<&str>::new());
    // One of which the end is on record had begun before.
    let ended: Told<'_> = ("2026-02-09", "child_protection_plan_ended", "{}", &[(Plan, 9)]);
    let next: Told<'_> = ("2026-02-16", "child_protection_plan_started", "{}", &[(Plan, 1)]);
    let two = story(&[review, ended, next]);
    assert_eq!(told(&two, "CP-10"), [says(9, "2026-01-09", State::NotApplicable)]);
}

#[test]
fn where_several_run_it_may_be_of_each() {
    let placed = |on, number| (on, "placement_started", "{}", number);
    let first: Of<'_> = &[(Placement, 1), (PeriodOfCare, 1)];
    let other: Of<'_> = &[(Placement, 2), (PeriodOfCare, 1)];
    let visit: Told<'_> = ("2026-01-07", "looked_after_visit_made", "{}", &[(Placement, 9)]);
    let story = story(&[placed("2026-01-05", first), placed("2026-01-05", other), visit]);
    assert_eq!(told(&story, "LAC-05").len(), 2, "one for each placement, as of a visit that names none");
    assert!(told(&story, "LAC-05").iter().all(|it| it.0 != 9));
}

/// Before, between and after the plans, placements and periods of care that are on record, such an act is of none of them and
/// begins nothing of its own.
#[test]
fn what_names_a_process_that_is_not_on_record_begins_none_beside_those_that_are() {
    let plan: &[Told<'_>] = &[
        ("2026-03-02", "child_protection_plan_started", "{}", &[(Plan, 1)]),
        ("2026-03-30", "child_protection_plan_ended", "{}", &[(Plan, 1)]),
    ];
    let care: &[Told<'_>] = &[
        ("2026-03-02", "became_looked_after", "{}", &[(PeriodOfCare, 1)]),
        ("2026-03-02", "placement_started", "{}", &[(Placement, 1), (PeriodOfCare, 1)]),
        ("2026-03-30", "placement_ended", "{}", &[(Placement, 1)]),
        ("2026-03-30", "ceased_to_be_looked_after", "{}", &[(PeriodOfCare, 1)]),
    ];
    let acts: &[(&str, &[Told<'_>], &str, Of<'_>)] = &[
        ("CP-12", plan, "child_protection_visit_made", &[(Plan, 9)]),
        ("CP-10", plan, "review_conference_held", &[(Plan, 9)]),
        ("LAC-05", care, "looked_after_visit_made", &[(Placement, 9)]),
        ("LAC-03", care, "looked_after_review_held", &[(PeriodOfCare, 9)]),
    ];
    for (rule, held, kind, of) in acts {
        for on in ["2026-01-12", "2026-02-27", "2026-04-02"] {
            let story = story(held).acts(&[(on, kind, "{}", of)]);
            let found = told(&story, rule);
            assert!(found.iter().all(|it| it.0 != 9 && it.2 != State::Overdue), "{rule} {on}: {found:?}");
            assert_eq!(observed(&story), ["process_not_on_record"], "{rule} {on}");
        }
    }
}

/// The day of an act that was too late in any case, or has not come yet.
#[test]
fn what_was_not_done_in_time_is_overdue_where_it_may_not_be_done_yet() {
    let care: Told<'_> = ("2026-01-05", "became_looked_after", "{}", &[(PeriodOfCare, 1)]);
    let review: Told<'_> = ("2026-02-10/2026-04-20", "looked_after_review_held", "{}", &[(PeriodOfCare, 1)]);
    let story = story(&[care, review]);
    let asked = |on| story.clocks("LAC-01", &Question::as_at(day(on)));
    let states = |on| asked(on).iter().map(|it| it.state).collect::<Vec<_>>();
    assert_eq!(states("2026-03-01"), [State::Overdue]);
    assert_eq!(states("2026-04-20"), [State::Late]);
}
