//! Chains in which the order of two acts is not settled: what follows the last of them is due in every reading. Every child is
//! invented.

use domain::clocks::{Clock, Question, State};
use domain::events::EntityRole::{self, PeriodOfCare, Placement, Plan};

use crate::support::{Story, Told, day, in_care, story};

const PLANS: &[(EntityRole, u128)] = &[(Plan, 1)];
const CARE: &[(EntityRole, u128)] = &[(PeriodOfCare, 1)];
const PLACED: &[(EntityRole, u128)] = &[(Placement, 1), (PeriodOfCare, 1)];

fn clocks(story: &Story, rule: &str) -> Vec<Clock<'static>> {
    story.clocks(rule, &Question::as_at(day("2026-12-01")))
}

/// What a clock says: between which days it started, by when its stop was due at the latest, and its state.
fn told(story: &Story, rule: &str) -> Vec<(String, Option<String>, State)> {
    let told = |clock: &Clock<'_>| {
        let due = clock.due_latest.map(|day| day.to_string());
        (clock.start.occurred.to_string(), due, clock.state)
    };
    clocks(story, rule).iter().map(told).collect()
}

fn says(start: &str, due: &str, state: State) -> (String, Option<String>, State) {
    (start.to_owned(), Some(due.to_owned()), state)
}

#[test]
fn what_follows_the_last_of_two_reviews_is_overdue_whichever_was_the_last() {
    let conferences = |uncertain| {
        story(&[
            ("2025-12-01", "child_protection_plan_started", "{}", PLANS),
            ("2026-02-10", "review_conference_held", "{}", PLANS),
            (uncertain, "review_conference_held", "{}", PLANS),
        ])
    };
    assert_eq!(
        told(&conferences("2026-01-05/2026-03-20"), "CP-10"),
        [
            says("2026-01-05/2026-02-10", "2026-08-10", State::Met),
            says("2026-02-10/2026-03-20", "2026-09-20", State::Overdue),
        ]
    );
    let open = told(&conferences("2026-01-05/2026-07-20"), "CP-10");
    assert_eq!(open[1].2, State::CannotTell(domain::clocks::Why::DatesNotSettled), "due by 20 January");
}

#[test]
fn which_of_the_first_reviews_of_care_was_the_second_does_not_matter() {
    let care = in_care(Story::complete(), "2025-12-15");
    let care = care.acts(&[
        ("2026-02-10", "looked_after_review_held", "{}", CARE),
        ("2026-01-05/2026-03-20", "looked_after_review_held", "{}", CARE),
    ]);
    assert_eq!(told(&care, "LAC-03"), [says("2026-02-10/2026-03-20", "2026-09-20", State::Overdue)]);
    let second = &clocks(&care, "LAC-02")[0];
    assert_eq!(second.state, State::Met);
    assert_eq!(second.start.occurred.to_string(), "2026-01-05/2026-02-10");
    let ended = second.ended().expect("an end").to_string();
    assert_eq!(ended, "2026-02-10/2026-03-20", "it did not end on its own first day");
    assert_ne!(second.stop.expect("a stop").event_id, second.start.event_id);
}

#[test]
fn visits_of_which_either_may_be_the_last_leave_the_next_one_overdue() {
    let visits: fn(Story, &str, &[(EntityRole, u128)]) -> Story = |story, kind, of| {
        let visits: &[Told<'_>] =
            &[("2026-02-10", kind, "{}", of), ("2026-02-03/2026-02-13", kind, "{}", of)];
        story.acts(visits)
    };
    let plan = story(&[("2026-02-02", "child_protection_plan_started", "{}", PLANS)]);
    let plan = visits(plan, "child_protection_visit_made", PLANS);
    let states: Vec<State> = clocks(&plan, "CP-12").iter().map(|clock| clock.state).collect();
    assert_eq!(states, [State::Met, State::Met, State::Overdue]);
    let placed = in_care(Story::complete(), "2026-02-02");
    let placed = visits(
        placed.told("2026-02-02", "placement_started", "{}", PLACED),
        "looked_after_visit_made",
        PLACED,
    );
    let states: Vec<State> = clocks(&placed, "LAC-05").iter().map(|clock| clock.state).collect();
    assert_eq!(states, [State::Met, State::Overdue]);
}
