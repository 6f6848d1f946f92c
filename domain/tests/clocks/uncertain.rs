//! What the slow clocks of `tests/bitemporal` found, each as a case of its own. Every child is invented.

use crate::support::{Story, day};
use domain::clocks::{Question, State, Why};
use domain::events::EntityRole::{self, Application, Enquiry, PeriodOfCare};

const DISCUSSION: &str = r#"{"initiated_enquiry":true}"#;
const CONFERENCE: &str = r#"{"kind":"initial"}"#;
const ENQUIRY: &[(EntityRole, u128)] = &[(Enquiry, 1)];

fn enquiry(discussed: &str, conferences: &[&str]) -> Story {
    let story = Story::complete().told(discussed, "strategy_discussion_held", DISCUSSION, ENQUIRY);
    conferences
        .iter()
        .fold(story, |story, held| story.told(held, "initial_conference_held", CONFERENCE, ENQUIRY))
}

#[test]
fn a_stop_that_may_lie_before_the_start_does_not_settle_that_a_later_one_was_late() {
    // The discussion fell between 5 and 23 January; a conference on the 22nd may have come before it.
    let open = enquiry("2022-01-05/2022-01-23", &["2022-01-22", "2022-02-25"]);
    assert_eq!(open.states("CP-04", "2022-03-31"), [State::CannotTell(Why::DatesNotSettled)]);
    // One alone is taken to be the answer to it, and is in time from either end.
    let alone = enquiry("2022-01-05/2022-01-23", &["2022-01-22"]);
    assert_eq!(alone.states("CP-04", "2022-03-31"), [State::Met]);
    let settled = enquiry("2022-01-05/2022-01-21", &["2022-01-22", "2022-02-25"]);
    assert_eq!(settled.states("CP-04", "2022-03-31"), [State::Met]);
}

#[test]
fn what_may_come_only_after_the_day_asked_about_does_not_end_a_clock_on_it() {
    let story = enquiry("2022-01-10", &["2022-01-20/2022-01-26"]);
    assert_eq!(story.states("CP-04", "2022-01-19"), [State::Running]);
    assert_eq!(story.states("CP-04", "2022-01-20"), [State::CannotTell(Why::DatesNotSettled)]);
    assert_eq!(story.states("CP-04", "2022-01-26"), [State::Met]);
    let story =
        enquiry("2022-01-10", &[]).told("2022-01-20/2022-01-26", "conference_not_required", "{}", ENQUIRY);
    assert_eq!(story.states("CP-04", "2022-01-25"), [State::CannotTell(Why::DatesNotSettled)]);
    assert_eq!(story.states("CP-04", "2022-01-26"), [State::NotApplicable]);
}

#[test]
fn a_period_that_ended_before_the_run_began_has_ended_again_or_not_at_all() {
    let period = &[(PeriodOfCare, 1)];
    let story = Story::complete().told("2022-01-03", "ceased_to_be_looked_after", "{}", period).told(
        "2022-01-10",
        "became_looked_after",
        "{}",
        period,
    );
    assert_eq!(story.states("LAC-01", "2022-01-31"), [State::DueSoon]);
    let ended = story.told("2022-01-20", "ceased_to_be_looked_after", "{}", period);
    assert_eq!(ended.states("LAC-01", "2022-01-31"), [State::NotApplicable]);
}

#[test]
fn an_extension_of_something_else_moves_no_last_day() {
    let application = &[(Application, 1)];
    let issued =
        || Story::complete().told("2022-10-29", "application_issued", r#"{"orders":["care"]}"#, application);
    let due = |story: Story| story.clocks("CT-01", &Question::as_at(day("2023-01-09")))[0].due_on;
    // The 26 weeks begin with 29 October: the last day in time is 28 April.
    assert_eq!(due(issued()), Some(day("2023-04-28")));
    let extended = |granted: &str, end: &str| {
        let details = format!("{{\"new_end\":\"{end}\"}}");
        due(issued().told(granted, "timetable_extended", &details, application))
    };
    assert_eq!(extended("2022-01-10", "2023-06-23"), Some(day("2023-04-28")), "granted before the issue");
    assert_eq!(extended("2022-12-05", "2022-10-28"), Some(day("2023-04-28")), "to a day before the issue");
    assert_eq!(extended("2022-12-05", "2023-06-23"), Some(day("2023-06-23")));
    assert_eq!(extended("2022-12-05/2022-12-09", "2023-06-23"), Some(day("2023-06-23")));
    assert_eq!(extended("2023-01-02/2023-01-20", "2023-06-23"), None, "perhaps not granted yet");
}
