//! Whom a rule means, and what shows that an act was done although it is not recorded itself. Every child is invented.

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, born, day, in_care, one};

const CARE: &[(Role, u128)] = &[(Role::PeriodOfCare, 1)];

#[test]
fn a_pathway_plan_shows_that_the_needs_were_assessed_by_then() {
    // Sixteen on 5 May 2023, in care for long: the assessment is due by 5 August.
    let child = in_care(born("2007-05-05"), "2021-01-04");
    let planned =
        |story: Story, on: &str| story.told(on, "pathway_plan_made", "{}", &[(Role::PathwayPlan, 2)]);
    let state = |story: &Story| one(story.states("LC-01", "2023-12-29"));
    assert_eq!(state(&child), State::Overdue);
    assert_eq!(state(&planned(child.clone(), "2023-03-01")), State::Met, "before the birthday");
    assert_eq!(state(&planned(child.clone(), "2023-08-05")), State::Met);
    let unsettled = State::CannotTell(Why::DatesNotSettled);
    assert_eq!(state(&planned(child.clone(), "2023-08-06")), unsettled);
    let assessed = |on: &str| child.clone().told(on, "pathway_assessment_completed", "{}", &[]);
    assert_eq!(
        state(&planned(assessed("2023-08-06"), "2023-09-01")),
        State::Late,
        "the assessment's own day"
    );
    assert_eq!(state(&planned(assessed("2023-08-06"), "2023-03-01")), State::Late);
}

#[test]
fn the_completion_of_a_review_in_parts_shows_that_it_was_held_by_then() {
    // The 20th working day after Monday 8 January 2024 is 5 February.
    let review = [(Role::PeriodOfCare, 1), (Role::Review, 2)];
    let child = in_care(Story::complete(), "2024-01-08").told(
        "2024-01-29",
        "review_part_held",
        r#"{"part":1}"#,
        &review,
    );
    let completed = |on: &str| child.clone().told(on, "review_completed", r#"{"parts":2}"#, &review);
    let state = |story: &Story| one(story.states("LAC-01", "2024-03-01"));
    assert_eq!(state(&child), State::Overdue, "one part is not the review");
    assert_eq!(state(&completed("2024-02-05")), State::Met);
    assert_eq!(state(&completed("2024-02-06")), State::CannotTell(Why::DatesNotSettled));
    let held = completed("2024-02-06").told("2024-02-06", "looked_after_review_held", "{}", &review);
    assert_eq!(state(&held), State::Late);
}

#[test]
fn the_authoritys_own_plan_answers_a_transfer() {
    let notified =
        |story: Story| story.told("2024-01-08", "transfer_in_notified", r#"{"on_plan":true}"#, &[]);
    let plan =
        |story: Story, on: &str| story.told(on, "child_protection_plan_started", "{}", &[(Role::Plan, 2)]);
    let ended =
        |story: Story, on: &str| story.told(on, "child_protection_plan_ended", "{}", &[(Role::Plan, 2)]);
    let state = |story: &Story| one(story.states("CP-04t", "2024-06-28"));
    // The 15th working day is 29 January.
    assert_eq!(state(&notified(Story::complete())), State::Overdue);
    assert_eq!(state(&plan(notified(Story::complete()), "2024-01-29")), State::Met);
    assert_eq!(state(&plan(notified(Story::complete()), "2024-01-30")), State::Late);
    let before = plan(Story::complete(), "2024-01-03");
    assert_eq!(state(&notified(before.clone())), State::NotApplicable, "on a plan here already");
    assert_eq!(state(&notified(ended(before, "2024-01-05"))), State::Overdue);
}

#[test]
fn a_visit_in_detention_is_asked_of_a_child_who_left_care_because_of_it() {
    let detained = |story: Story| {
        story.told(
            "2024-01-08",
            "police_detention_started",
            r#"{"place":"young_offender_institution"}"#,
            &[(Role::Detention, 5)],
        )
    };
    let ceased = |story: Story, on: &str, reason: &str| {
        story.told(on, "ceased_to_be_looked_after", &format!(r#"{{"reason":"{reason}"}}"#), CARE)
    };
    let states = |story: &Story| story.states("CU-02", "2024-06-28");
    let child = || in_care(Story::complete(), "2022-01-10");
    assert_eq!(states(&ceased(detained(child()), "2024-01-08", "E9")), [State::Overdue]);
    assert!(states(&detained(child())).is_empty(), "in care still");
    assert!(states(&detained(ceased(child(), "2022-06-01", "E4A"))).is_empty(), "home years before");
    let later = in_care(detained(Story::complete()), "2024-02-05");
    assert!(states(&ceased(later, "2024-04-02", "E4A")).is_empty(), "first in care afterwards");
}

#[test]
fn a_series_of_short_breaks_is_no_return_to_care_and_no_review_to_prepare() {
    let period = |story: Story, number: u128, from: &str, to: &str, status: &str| {
        let care = [(Role::PeriodOfCare, number)];
        let entry = format!(r#"{{"legal_status":"{status}"}}"#);
        let story = story.told(from, "became_looked_after", &entry, &care);
        story.told(to, "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &care)
    };
    let flagged = |first: &str, second: &str| {
        let story = period(Story::complete(), 1, "2023-01-09", "2023-03-10", first);
        let story = period(story, 2, "2023-06-05", "2023-09-08", second);
        let answers = story.answers(&Question::as_at(day("2023-12-29")));
        answers.look_backs.iter().filter(|it| it.rule.id.as_str() == "EX-01" && it.answer.counts()).count()
    };
    assert_eq!(flagged("V2", "V2"), 1);
    assert_eq!((flagged("V3", "V2"), flagged("V2", "V4")), (0, 0));
    let reviews = |status: &str| {
        let entry = format!(r#"{{"legal_status":"{status}"}}"#);
        let story = Story::complete().told("2023-01-09", "became_looked_after", &entry, CARE);
        let reviewed = |story: Story, on: &str, number: u128| {
            story.told(on, "looked_after_review_held", "{}", &[CARE[0], (Role::Review, number)])
        };
        let story = reviewed(reviewed(story, "2023-02-03", 2), "2023-05-02", 3);
        story.figures("LAC-17", "2023-12-29").base
    };
    assert_eq!((reviews("V2"), reviews("V3")), (1, 0));
    // A child of a special guardian who comes for short breaks has not come back into care.
    let guardian = |status: &str| {
        let story = Story::complete().told("2023-01-09", "sgo_made", "{}", &[]);
        period(story, 2, "2023-06-05", "2023-09-08", status).figures("EX-03", "2025-01-31").counted
    };
    assert_eq!((guardian("V2"), guardian("V3")), (1, 0));
}

/// A rule, what starts it, and what shows that it was done by then: kind, details and process of each.
type Shown<'a> = (&'a str, (&'a str, &'a str), (&'a str, &'a str), (Role, u128));

const SHOWN: &[Shown<'_>] = &[
    (
        "CP-17d",
        ("conference_requested", "{}"),
        ("initial_conference_held", r#"{"kind":"initial"}"#),
        (Role::Conference, 5),
    ),
    (
        "CP-17d",
        ("conference_requested", "{}"),
        ("conference_scheduled", r#"{"planned_on":"2024-03-20"}"#),
        (Role::Conference, 5),
    ),
    ("CP-17", ("conference_requested", "{}"), ("review_conference_held", "{}"), (Role::Conference, 5)),
    (
        "PLO-02",
        ("pre_proceedings_started", "{}"),
        ("pre_proceedings_meeting_held", r#"{"initial":true}"#),
        (Role::PreProceedings, 5),
    ),
    (
        "PLO-03",
        ("letter_before_proceedings_sent", "{}"),
        ("pre_proceedings_meeting_held", r#"{"initial":false}"#),
        (Role::PreProceedings, 5),
    ),
    (
        "CT-02",
        ("application_issued", r#"{"orders":["care"]}"#),
        ("hearing_held", r#"{"kind":"issues_resolution"}"#),
        (Role::Application, 5),
    ),
    ("PM-07", ("adoption_decision_made", "{}"), ("placed_for_adoption", "{}"), (Role::AdoptionCase, 5)),
    (
        "PM-06",
        ("adoption_panel_held", r#"{"question":"match"}"#),
        ("placed_for_adoption", "{}"),
        (Role::AdoptionCase, 5),
    ),
    ("CU-01", ("police_detention_started", "{}"), ("detention_visit_made", "{}"), (Role::Detention, 5)),
];

#[test]
fn nothing_is_overdue_that_a_later_act_shows_was_done() {
    for (rule, (start, of), (kind, details), process) in SHOWN {
        let begun = Story::complete().told("2023-03-06", start, of, &[*process]);
        let open = begun.states(rule, "2024-03-29");
        assert_eq!(open, [State::Overdue], "{rule} waits");
        let shown = begun.told("2024-03-20", kind, details, &[*process]);
        let states = shown.states(rule, "2024-03-29");
        assert_eq!(states.len(), 1, "{rule}");
        assert!(
            matches!(states[0], State::CannotTell(_)),
            "{rule}: done by then, on a day that is not known: {states:?}"
        );
    }
}
