//! Looked-after reviews, each read once by every rule: in parts, completed, entered twice; and periods of care that never
//! began. Every child is invented.

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, day, in_care, one, process};

const CARE: (Role, u128) = (Role::PeriodOfCare, 1);

fn held(story: Story, on: &str, review: u128) -> Story {
    story.told(on, "looked_after_review_held", "{}", &[CARE, (Role::Review, review)])
}

fn part(story: Story, on: &str, number: u32, review: u128) -> Story {
    let details = format!(r#"{{"part":{number}}}"#);
    story.told(on, "review_part_held", &details, &[CARE, (Role::Review, review)])
}

fn completed(story: Story, on: &str, review: u128) -> Story {
    story.told(on, "review_completed", "{}", &[CARE, (Role::Review, review)])
}

/// In care from Monday 8 January 2024: the first review is due by 5 February.
fn child() -> Story {
    in_care(Story::complete(), "2024-01-08")
}

/// Last day and state of each clock of a rule.
fn said(story: &Story, rule: &str, as_at: &str) -> Vec<(String, State)> {
    let clocks = story.clocks(rule, &Question::as_at(day(as_at)));
    clocks.iter().map(|it| (it.due_on.map_or(String::new(), |due| due.to_string()), it.state)).collect()
}

#[test]
fn a_review_of_which_only_the_completion_is_recorded_is_a_review_for_every_rule() {
    let first = held(child(), "2024-02-05", 20);
    assert_eq!(said(&first, "LAC-02", "2024-05-07"), [("2024-05-05".to_owned(), State::Overdue)]);
    let second = completed(first.clone(), "2024-05-03", 21);
    assert_eq!(said(&second, "LAC-02", "2024-05-07"), [("2024-05-05".to_owned(), State::Met)]);
    let late = completed(first, "2024-05-07", 21);
    let unsettled = State::CannotTell(Why::DatesNotSettled);
    assert_eq!(said(&late, "LAC-02", "2024-05-07"), [("2024-05-05".to_owned(), unsettled)], "by then");
    // The next one counts from a day that is not known; a review within six months of the earliest is in time.
    let states = |story: &Story| story.states("LAC-03", "2024-12-31")[0];
    assert_eq!(states(&held(second.clone(), "2024-08-06", 22)), State::Met);
    assert_eq!(
        states(&held(second.clone(), "2024-11-04", 22)),
        State::Late,
        "more than six months in any case"
    );
    assert_eq!(states(&second), State::Overdue);
    assert_eq!(second.figures("LAC-17", "2024-12-31").base, 1);
}

#[test]
fn a_later_review_leaves_the_completion_of_the_first_as_it_is() {
    let story = held(completed(child(), "2024-02-05", 20), "2024-05-03", 21);
    assert_eq!(one(story.states("LAC-01", "2024-06-28")), State::Met);
    let agreed = story.clone().told("2024-05-07", "permanence_plan_agreed", "{}", &[CARE]);
    // The second review set the day.
    assert_eq!(said(&agreed, "PM-01", "2024-06-28"), [("2024-05-03".to_owned(), State::Late)]);
    let appointed = story.told("2024-02-06", "iro_appointed", "{}", &[CARE]);
    assert_eq!(one(appointed.states("LAC-13r", "2024-06-28")), State::Late, "after the first review");
}

#[test]
fn a_review_lies_between_its_first_part_and_its_completion() {
    let story = part(child(), "2024-02-02", 1, 20);
    assert!(story.states("LAC-02", "2024-03-01").is_empty(), "a part alone is no review");
    let story = completed(part(story, "2024-02-09", 2, 20), "2024-02-09", 20);
    let clock = story.clocks("LAC-02", &Question::as_at(day("2024-05-10"))).remove(0);
    assert_eq!(
        (clock.start.occurred.to_string().as_str(), clock.state),
        ("2024-02-02/2024-02-09", State::Overdue)
    );
    assert_eq!(one(story.states("LAC-02", "2024-05-07")), State::CannotTell(Why::DatesNotSettled));
}

#[test]
fn two_entries_of_one_review_are_one_review_on_the_first_of_their_days() {
    let story = held(held(child(), "2024-02-05", 20), "2024-02-12", 20);
    assert_eq!(one(story.states("LAC-01", "2024-06-28")), State::Met);
    assert_eq!(said(&story, "LAC-02", "2024-04-02"), [("2024-05-05".to_owned(), State::Running)]);
    assert!(story.states("LAC-03", "2024-04-02").is_empty());
    let agreed = story.clone().told("2024-04-02", "permanence_plan_agreed", "{}", &[CARE]);
    assert_eq!(one(agreed.states("PM-01", "2024-05-01")), State::Met, "the second review has not come");
    assert_eq!(story.figures("LAC-17", "2024-04-02").base, 0);
    let placed = story.told(
        "2024-03-04",
        "placement_started",
        r#"{"placement_type":"A4","short_break":false}"#,
        &[CARE, (Role::Placement, 9)],
    );
    let reviewed = held(held(placed, "2024-03-20", 21), "2024-03-27", 21);
    assert_eq!(said(&reviewed, "PM-15", "2024-04-02"), [("2024-06-20".to_owned(), State::Running)]);
    assert!(reviewed.states("PM-16", "2024-04-02").is_empty());
}

/// An entry of a review that does not say of which.
fn unnamed(story: Story, on: &str, kind: &str) -> Story {
    story.told(on, kind, "{}", &[CARE])
}

#[test]
fn a_completion_that_names_no_review_is_one_where_no_other_entry_can_be_its_own() {
    let story = unnamed(child(), "2024-02-02", "review_completed");
    assert_eq!(one(story.states("LAC-01", "2024-06-28")), State::Met);
    assert_eq!(one(story.states("LAC-02", "2024-06-28")), State::Overdue);
    // Another completion is of another review, and the same one told twice is not.
    assert_eq!(
        one(unnamed(story.clone(), "2024-04-05", "review_completed").states("LAC-02", "2024-06-28")),
        State::Met
    );
    let twice = unnamed(story, "2024-02-02", "review_completed");
    assert_eq!(one(twice.states("LAC-02", "2024-06-28")), State::Overdue);
    // After a review, of which nothing else says that it was completed, it is of that one.
    for first in [held(child(), "2024-02-05", 20), unnamed(child(), "2024-02-05", "looked_after_review_held")]
    {
        let story = unnamed(first, "2024-02-12", "review_completed");
        assert_eq!(one(story.states("LAC-01", "2024-06-28")), State::Met);
        assert_eq!(said(&story, "LAC-02", "2024-06-28"), [("2024-05-05".to_owned(), State::Overdue)]);
        assert!(story.states("LAC-03", "2024-06-28").is_empty());
    }
    let known = completed(held(child(), "2024-02-05", 20), "2024-02-12", 20);
    let second = unnamed(known, "2024-05-03", "review_completed");
    assert_eq!(said(&second, "LAC-02", "2024-06-28"), [("2024-05-05".to_owned(), State::Met)]);
    // A part that names its review: the review is complete, and began with it.
    let parts = unnamed(part(child(), "2024-02-02", 1, 20), "2024-02-09", "review_completed");
    let clock = parts.clocks("LAC-02", &Question::as_at(day("2024-05-10"))).remove(0);
    assert_eq!(clock.start.occurred.to_string(), "2024-02-02/2024-02-09");
}

#[test]
fn one_day_has_one_review_whether_or_not_both_entries_name_it() {
    let loose = |story: Story, on: &str| unnamed(story, on, "looked_after_review_held");
    let first = completed(held(child(), "2024-02-05", 20), "2024-02-09", 20);
    for story in [
        loose(first.clone(), "2024-02-05"),
        loose(first.clone(), "2024-02-09"),
        held(loose(child(), "2024-02-05"), "2024-02-05", 20),
    ] {
        assert_eq!(said(&story, "LAC-02", "2024-06-28"), [("2024-05-05".to_owned(), State::Overdue)]);
        assert!(story.states("LAC-03", "2024-06-28").is_empty());
    }
    let next = loose(first, "2024-05-03");
    assert_eq!(said(&next, "LAC-02", "2024-06-28"), [("2024-05-05".to_owned(), State::Met)]);
}

#[test]
fn one_identifier_in_two_periods_of_care_is_a_review_of_each() {
    const AGAIN: (Role, u128) = (Role::PeriodOfCare, 2);
    let first = held(child(), "2024-02-05", 20);
    let ended = first.told("2024-02-12", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[CARE]);
    let again = ended.told("2024-03-04", "became_looked_after", "{}", &[AGAIN]);
    let of = |story: &Story, number| {
        let clocks = story.clocks("LAC-01", &Question::as_at(day("2024-06-28")));
        clocks.iter().find(|clock| clock.entity == process(number)).expect("a clock of the period").state
    };
    assert_eq!((of(&again, 1), of(&again, 2)), (State::Met, State::Overdue));
    let reviewed = |kind| again.clone().told("2024-03-20", kind, "{}", &[AGAIN, (Role::Review, 20)]);
    for story in [reviewed("looked_after_review_held"), reviewed("review_completed")] {
        assert_eq!((of(&story, 1), of(&story, 2)), (State::Met, State::Met));
    }
}

#[test]
fn every_review_of_the_year_was_in_time_where_one_is_known_by_its_completion() {
    let share = |story: &Story| {
        let figures = story.figures("LAC-03c", "2024-06-28");
        (figures.counted, figures.base, figures.cannot_tell)
    };
    let first = held(child(), "2024-02-05", 20);
    assert_eq!(share(&first), (0, 1, 0));
    assert_eq!(share(&completed(first.clone(), "2024-05-03", 21)), (1, 1, 0));
    assert_eq!(share(&completed(first, "2024-05-09", 21)), (0, 0, 1));
}

/// Withdraws the event with this number in the story.
fn withdrawn(story: Story, number: usize) -> Story {
    let target = format!("00000000-0000-0000-0000-{number:012x}");
    let details = format!(r#"{{"target":"{target}","reason":"typing_error","inferred":false}}"#);
    story.told("2024-12-01", "event_withdrawn", &details, &[])
}

#[test]
fn nothing_is_asked_of_a_period_of_care_of_which_the_beginning_was_withdrawn() {
    let story = held(held(child(), "2024-02-05", 20), "2024-05-03", 21);
    let story = story.told(
        "2024-01-08",
        "placement_started",
        r#"{"short_break":false}"#,
        &[CARE, (Role::Placement, 9)],
    );
    let visited = story.told("2024-01-12", "looked_after_visit_made", r#"{"seen":true}"#, &[CARE]);
    let rules = ["LAC-01", "LAC-02", "LAC-03", "LAC-04", "LAC-05", "LAC-14", "PM-01"];
    let asked = |story: &Story| -> Vec<&str> {
        rules.into_iter().filter(|rule| !story.states(rule, "2024-12-31").is_empty()).collect()
    };
    assert_eq!(asked(&visited), rules);
    let never = withdrawn(visited.clone(), 2);
    assert_eq!(asked(&never), Vec::<&str>::new());
    assert_eq!(never.figures("LAC-17", "2024-12-31").base, 1, "the reviews were held all the same");
    // Entered again under another number: what names the old one is of that.
    let again = never.told("2024-01-08", "became_looked_after", "{}", &[(Role::PeriodOfCare, 2)]);
    assert_eq!(asked(&again), rules);
}

#[test]
fn a_first_review_that_was_withdrawn_leaves_the_second_as_the_first() {
    let story = held(held(child(), "2024-02-05", 20), "2024-05-03", 21);
    let story = withdrawn(story, 3);
    assert_eq!(one(story.states("LAC-01", "2024-12-31")), State::Late);
    assert_eq!(said(&story, "LAC-02", "2024-12-31"), [("2024-08-03".to_owned(), State::Overdue)]);
    assert!(story.states("LAC-03", "2024-12-31").is_empty());
}

#[test]
fn a_review_after_care_ended_has_no_decisions_to_circulate() {
    let left = held(child(), "2024-02-05", 20).told(
        "2024-06-03",
        "ceased_to_be_looked_after",
        r#"{"reason":"E4A"}"#,
        &[CARE],
    );
    for rule in ["LAC-14", "LAC-14r"] {
        assert_eq!(held(left.clone(), "2024-06-03", 21).states(rule, "2024-12-02"), [State::Overdue; 2]);
        for of in [&[CARE, (Role::Review, 21)][..], &[(Role::Review, 21)], &[CARE], &[]] {
            let after = left.clone().told("2024-06-04", "looked_after_review_held", "{}", of);
            assert_eq!(
                after.states(rule, "2024-12-02"),
                [State::Overdue],
                "{rule} {of:?}: of the first alone"
            );
        }
        // That the child was looked after at all is not on record.
        let unknown = Story::complete().told("2024-06-04", "looked_after_review_held", "{}", &[]);
        assert_eq!(one(unknown.states(rule, "2024-12-02")), State::Overdue);
    }
}

#[test]
fn a_review_without_a_number_has_the_clocks_of_its_decisions() {
    let review =
        |story: Story, on: &str, of: &[(Role, u128)]| story.told(on, "looked_after_review_held", "{}", of);
    let circulated = |story: Story, on: &str| story.told(on, "review_decisions_circulated", "{}", &[]);
    for of in [&[CARE][..], &[]] {
        let held = review(child(), "2024-02-05", of);
        assert_eq!(one(held.states("LAC-14", "2024-06-28")), State::Overdue);
        assert_eq!(one(held.states("LAC-01", "2024-06-28")), State::Met);
        assert_eq!(one(circulated(held.clone(), "2024-02-12").states("LAC-14", "2024-06-28")), State::Met);
        assert_eq!(one(circulated(held.clone(), "2024-02-13").states("LAC-14", "2024-06-28")), State::Late);
        // What is told twice of one day is one review, and so are its decisions.
        let named = held.told("2024-02-05", "looked_after_review_held", "{}", &[CARE, (Role::Review, 20)]);
        assert_eq!(one(named.states("LAC-14", "2024-06-28")), State::Overdue);
        assert_eq!(one(circulated(named, "2024-02-12").states("LAC-14", "2024-06-28")), State::Met);
        let again = review(review(child(), "2024-02-05", of), "2024-05-03", of);
        let told = circulated(circulated(again, "2024-02-12"), "2024-05-10");
        assert_eq!(told.states("LAC-14", "2024-06-28"), [State::Met; 2], "each once");
        assert_eq!(told.states("LAC-02", "2024-06-28"), [State::Met]);
    }
}
