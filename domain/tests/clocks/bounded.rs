//! Acts of an uncertain day that cannot have been done on some of these days. Every child is invented.

use domain::clocks::{Clock, Question, State, Why};
use domain::events::EntityRole::{
    self, Application, Assessment, Conference, Enquiry, PeriodOfCare, Placement, Plan, Referral,
};

use crate::support::{Story, Told, born, day, one, story};

const REFERRED: &[(EntityRole, u128)] = &[(Referral, 1)];
const PLANS: &[(EntityRole, u128)] = &[(Plan, 1)];
const CARE: &[(EntityRole, u128)] = &[(PeriodOfCare, 1)];
const ENQUIRY: &[(EntityRole, u128)] = &[(Enquiry, 1)];
const NO_LOWER_END: &str = "../2026-03-20";

fn overdue(story: &Story, rule: &str) -> State {
    one(story.states(rule, "2026-12-01"))
}

#[test]
fn nothing_is_done_about_a_child_before_the_birth_or_the_pregnancy() {
    let starts: &[(&str, Told<'_>)] = &[
        ("LAC-01", (NO_LOWER_END, "became_looked_after", "{}", CARE)),
        ("CT-01", (NO_LOWER_END, "application_issued", r#"{"orders":["care"]}"#, &[(Application, 1)])),
        ("AS-03", (NO_LOWER_END, "referral_received", "{}", REFERRED)),
        ("AS-03a", (NO_LOWER_END, "assessment_started", r#"{"kind":"single"}"#, &[(Assessment, 1)])),
        ("CP-04", (NO_LOWER_END, "strategy_discussion_held", r#"{"initiated_enquiry":true}"#, ENQUIRY)),
        ("CP-08", (NO_LOWER_END, "child_protection_plan_started", "{}", PLANS)),
        ("CP-09", (NO_LOWER_END, "child_protection_plan_started", "{}", PLANS)),
        ("CP-10", (NO_LOWER_END, "review_conference_held", "{}", PLANS)),
    ];
    for (rule, start) in starts {
        assert_eq!(overdue(&born("2015-06-01").acts(&[*start]), rule), State::Overdue, "{rule}");
        let unborn = r#"{"expected_date_of_birth":"2026-06-01"}"#;
        let unborn = Story::complete().told("2026-01-02", "unborn_child_registered", unborn, &[]);
        if !["LAC-01", "CT-01"].contains(rule) {
            assert_eq!(overdue(&unborn.acts(&[*start]), rule), State::Overdue, "{rule} of an unborn child");
        }
        let unknown = overdue(&story(&[*start]), rule);
        assert_eq!(unknown, State::CannotTell(Why::VersionNotSettled), "{rule}: of any year");
    }
}

#[test]
fn a_plan_may_begin_before_the_birth_and_no_care() {
    let story = |kind: &str, of| {
        let act = ("2025-12-01/2026-03-20", kind, "{}", of);
        let story = born("2026-02-16").acts(&[act]);
        let started = |clock: &Clock<'_>| clock.start.occurred.to_string();
        let clocks = story.answers(&Question::as_at(day("2026-12-01"))).clocks;
        clocks.iter().map(started).next().expect("a clock")
    };
    assert_eq!(story("child_protection_plan_started", PLANS), "2025-12-01/2026-03-20");
    assert_eq!(story("became_looked_after", CARE), "2026-02-16/2026-03-20");
}

#[test]
fn what_names_a_process_was_not_done_before_it_began() {
    let review = (NO_LOWER_END, "review_conference_held", "{}", PLANS);
    let plan = ("2025-12-01", "child_protection_plan_started", "{}", PLANS);
    assert_eq!(overdue(&story(&[plan, review]), "CP-10"), State::Overdue);
    let care = ("2025-12-01", "became_looked_after", "{}", CARE);
    let review = (NO_LOWER_END, "looked_after_review_held", "{}", CARE);
    assert_eq!(overdue(&story(&[care, review]), "LAC-02"), State::Overdue);
    // The discussion goes before its enquiry, and not before the referral of that.
    let discussed = (NO_LOWER_END, "strategy_discussion_held", r#"{"initiated_enquiry":true}"#, ENQUIRY);
    let referred = ("2026-01-02", "referral_received", "{}", REFERRED);
    let enquiry: Told<'_> = ("2026-03-02", "section47_enquiry_started", "{}", &[(Enquiry, 1), (Referral, 1)]);
    let story = story(&[referred, discussed, enquiry]);
    let clocks = story.clocks("CP-04", &Question::as_at(day("2026-12-01")));
    assert_eq!(clocks[0].start.occurred.to_string(), "2026-01-02/2026-03-20");
    assert_eq!(clocks[0].state, State::Overdue);
}

#[test]
fn the_clocks_of_one_plan_that_began_by_a_day_agree() {
    let story = born("2015-06-01").acts(&[
        (
            "../2026-03-20",
            "initial_conference_held",
            r#"{"kind":"initial","led_to_plan":true}"#,
            &[(Conference, 1)],
        ),
        ("../2026-03-20", "child_protection_plan_started", "{}", &[(Plan, 1), (Conference, 1)]),
    ]);
    for rule in ["CP-08", "CP-09", "CP-12"] {
        assert_eq!(overdue(&story, rule), State::Overdue, "{rule}");
    }
}

#[test]
fn a_visit_that_names_its_plan_lies_in_it() {
    let plan = ("2026-02-02", "child_protection_plan_started", "{}", PLANS);
    let visited = |on, of| story(&[plan, (on, "child_protection_visit_made", "{}", of)]);
    let named = visited("2026-01-26/2026-02-06", PLANS);
    assert_eq!(named.states("CP-12", "2026-02-10"), [State::Met, State::DueSoon]);
    // One that names none may have been made before.
    let unnamed = visited("2026-01-26/2026-02-06", &[]);
    let open = State::CannotTell(Why::DatesNotSettled);
    assert_eq!(unnamed.states("CP-12", "2026-02-10")[0], open);
    // One that surely was made before the plan that it names contradicts the record.
    let before = visited("2026-01-26/2026-01-30", PLANS);
    assert_eq!(before.states("CP-12", "2026-02-10")[0], State::DueSoon);
    let placed: &[(EntityRole, u128)] = &[(Placement, 1), (PeriodOfCare, 1)];
    let placement = story(&[
        ("2026-02-02", "became_looked_after", "{}", CARE),
        ("2026-02-02", "placement_started", "{}", placed),
        ("2026-01-26/2026-02-06", "looked_after_visit_made", "{}", placed),
    ]);
    assert_eq!(placement.states("LAC-04", "2026-02-10"), [State::Met]);
}

#[test]
fn what_cannot_have_happened_by_a_day_has_not() {
    let story = born("2015-06-01").acts(&[(NO_LOWER_END, "became_looked_after", "{}", CARE)]);
    assert_eq!(story.states("LAC-01", "2015-05-31"), []);
    assert_eq!(story.states("LAC-01", "2015-06-01").len(), 1);
}

#[test]
fn a_process_had_begun_by_the_first_act_that_names_it_so_that_a_later_act_unsettles_nothing() {
    const REVIEW: &str = "looked_after_review_held";
    let care = ("2026-02-02/2026-02-27", "became_looked_after", "{}", CARE);
    let reviewed = |acts: &[Told<'_>]| overdue(&story(&[care]).acts(acts), "LAC-01");
    let (first, later) = (("2026-02-16", REVIEW, "{}", CARE), ("2026-05-11", REVIEW, "{}", CARE));
    assert_eq!(reviewed(&[first]), State::Met);
    assert_eq!(reviewed(&[first, later]), State::Met, "the first review was in this period of care");
    assert_eq!(reviewed(&[later]), State::Late);
    let unnamed = ("2026-02-16", REVIEW, "{}", &[] as &[_]);
    assert_eq!(
        reviewed(&[unnamed, later]),
        State::CannotTell(Why::DatesNotSettled),
        "of an earlier one, perhaps"
    );
    let plan = ("2026-02-02/2026-02-27", "child_protection_plan_started", "{}", PLANS);
    let review = |on| -> Told<'_> { (on, "review_conference_held", "{}", PLANS) };
    let held = story(&[plan, review("2026-02-16"), review("2026-06-22")]);
    assert_eq!(overdue(&held, "CP-09"), State::Met);
    // An act that surely came before it contradicts the record, and bounds nothing.
    let slip = ("2026-01-05", REVIEW, "{}", CARE);
    assert_eq!(overdue(&story(&[care, slip, later]), "LAC-01"), State::Late);
}
