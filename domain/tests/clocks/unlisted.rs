//! Every clock that is asked of a child stands in a list of what is due, or in a number with its reason. Every child is
//! invented.

use domain::clocks::{Question, State, Unlisted};
use domain::envelope::Category;
use domain::events::{EntityRole as Role, Kind};

use crate::support::{Story, day};

/// Why each open clock of a story has no row in the list up to the end of 2030; `None` where it has one.
fn unlisted(story: &Story, as_at: &str) -> Vec<(String, Option<Unlisted>)> {
    let clocks = story.answers(&Question::as_at(day(as_at))).clocks;
    let open = clocks.iter().filter(|clock| clock.is_open() && clock.state != State::NotApplicable);
    open.map(|it| (it.rule.id.to_string(), Unlisted::of(it.state, it.due_latest, day("2030-12-31"))))
        .collect()
}

#[test]
fn a_clock_with_an_unknown_start_is_counted_with_its_reason() {
    let plan = [(Role::PrivateFostering, 2)];
    let unknown = Story::complete().told("unknown", "private_fostering_arrangement_started", "{}", &plan);
    let said = unlisted(&unknown, "2024-06-28");
    assert!(!said.is_empty() && said.iter().all(|(_, why)| why.is_some()), "{said:?}");
    let known =
        Story::complete().told("2024-06-27", "section47_enquiry_started", "{}", &[(Role::Enquiry, 3)]);
    let said = unlisted(&known, "2024-06-28");
    assert!(said.iter().any(|(rule, why)| rule == "CP-04" && why.is_none()), "in the list: {said:?}");
}

#[test]
fn whatever_starts_a_clock_on_an_unknown_day_leaves_none_out_of_list_and_number() {
    let mut started = 0;
    for kind in Kind::ALL.iter().filter(|kind| kind.categories().contains(&Category::Child)) {
        let story = Story::complete().event("unknown", kind.sample());
        for clock in story.answers(&Question::as_at(day("2024-06-28"))).clocks {
            let waits = clock.is_open() && clock.state != State::NotApplicable;
            let has_row = clock.due_latest.is_some()
                && matches!(clock.state, State::Running | State::DueSoon | State::Overdue);
            let why = Unlisted::of(clock.state, clock.due_latest, day("2030-12-31"));
            assert!(!waits || has_row != why.is_some(), "{} {:?}", clock.rule.id, clock.state);
            started += usize::from(waits);
        }
    }
    assert!(started > 20, "{started} clocks began");
}
