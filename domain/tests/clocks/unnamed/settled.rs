//! As many ends without a number as processes: each ended with one of them, and a clock says what all of them say.

use domain::clocks::{State, Why};
use domain::events::EntityRole as Role;

use crate::support::{Story, Told, born};

const NOBODY: &[(Role, u128)] = &[];

/// Two processes, and their ends, which name neither.
fn two(role: Role, began: &str, ended: (&str, &str), on: &[&str]) -> Story {
    let begun = |story: Story, number| story.told("2024-01-08", began, "{}", &[(role, number)]);
    let story = begun(begun(Story::complete(), 1), 2);
    on.iter().fold(story, |story, on| story.told(on, ended.0, ended.1, &[]))
}

fn states(role: Role, began: &str, ended: (&str, &str), on: &[&str], rule: &str) -> Vec<State> {
    two(role, began, ended, on).states(rule, "2024-12-02")
}

#[test]
fn clocks_of_two_processes_with_two_ends_say_what_both_ends_say() {
    let plo = |on: &[&str], rule: &str| {
        let concluded = ("pre_proceedings_concluded", "{}");
        states(Role::PreProceedings, "pre_proceedings_started", concluded, on, rule)
    };
    assert_eq!(plo(&["2024-03-01", "2024-03-05"], "PLO-01"), [State::Met; 2]);
    assert_eq!(plo(&["2024-08-01", "2024-09-05"], "PLO-01"), [State::Late; 2]);
    assert!(plo(&["2024-03-01", "2024-09-05"], "PLO-01").iter().all(|it| matches!(it, State::CannotTell(_))));
    assert!(plo(&["2024-03-01"], "PLO-01").iter().all(|it| matches!(it, State::CannotTell(_))));
    // No letter was sent before either end.
    assert_eq!(plo(&["2024-03-01", "2024-09-05"], "PLO-02"), [State::Late; 2]);
    let enquiry = |on: &[&str], rule: &str| {
        let completed = ("section47_enquiry_completed", r#"{"conference_required":false}"#);
        states(Role::Enquiry, "section47_enquiry_started", completed, on, rule)
    };
    assert_eq!(enquiry(&["2024-01-12", "2024-01-16"], "CP-03"), [State::Met; 2]);
    assert_eq!(enquiry(&["2024-02-12", "2024-02-16"], "CP-03"), [State::Late; 2]);
    assert_eq!(enquiry(&["2024-02-12", "2024-02-16"], "CP-04"), [State::NotApplicable; 2]);
    assert_eq!(enquiry(&["2024-01-12"], "CP-03"), [State::CannotTell(Why::UnlinkedEvent); 2]);
    assert_eq!(enquiry(&["2024-02-12"], "CP-03"), [State::Overdue; 2], "too late for either");
}

#[test]
fn what_only_one_of_two_ends_says_is_said_of_neither_process() {
    let story = two(
        Role::Enquiry,
        "section47_enquiry_started",
        ("section47_enquiry_completed", "{}"),
        &["2024-01-12"],
    );
    let one_excused =
        story.told("2024-01-16", "section47_enquiry_completed", r#"{"conference_required":false}"#, &[]);
    let states = one_excused.states("CP-04", "2024-12-02");
    assert!(states.iter().all(|state| matches!(state, State::CannotTell(_))), "{states:?}");
}

/// Two processes of which each has an act, and the acts name neither.
fn answered(began: &[Told<'_>], kind: &str, details: &str, on: [&str; 2]) -> Story {
    let acts: Vec<Told<'_>> = on.iter().map(|on| (*on, kind, details, NOBODY)).collect();
    born("2015-06-01").acts(began).acts(&acts)
}

#[test]
fn as_many_acts_that_are_done_once_as_processes_are_one_for_each() {
    use Role::{Contact, Enquiry, PeriodOfCare, Review};
    let contacts: &[Told<'_>] = &[
        ("2026-01-05", "contact_received", "{}", &[(Contact, 1)]),
        ("2026-01-05", "contact_received", "{}", &[(Contact, 2)]),
    ];
    let screened = |on| answered(contacts, "contact_screened", r#"{"outcome":"no_further_action"}"#, on);
    assert_eq!(screened(["2026-01-05", "2026-01-06"]).states("FD-01", "2026-12-01"), [State::Met; 2]);
    assert_eq!(screened(["2026-01-15", "2026-01-16"]).states("FD-01", "2026-12-01"), [State::Late; 2]);
    let mixed = screened(["2026-01-05", "2026-01-16"]).states("FD-01", "2026-12-01");
    assert_eq!(mixed, [State::CannotTell(Why::DatesNotSettled); 2]);
    let reviews: &[Told<'_>] = &[
        ("2025-12-05", "became_looked_after", "{}", &[(PeriodOfCare, 1)]),
        ("2026-01-05", "looked_after_review_held", "{}", &[(PeriodOfCare, 1), (Review, 1)]),
        ("2026-01-06", "looked_after_review_held", "{}", &[(PeriodOfCare, 1), (Review, 2)]),
    ];
    let circulated = |on| answered(reviews, "review_record_circulated", "{}", on);
    assert_eq!(circulated(["2026-01-15", "2026-01-16"]).states("LAC-14r", "2026-12-01"), [State::Met; 2]);
    assert_eq!(circulated(["2026-03-15", "2026-03-16"]).states("LAC-14r", "2026-12-01"), [State::Late; 2]);
    let enquiries: &[Told<'_>] = &[
        ("2026-01-05", "section47_enquiry_started", "{}", &[(Enquiry, 1)]),
        ("2026-01-06", "section47_enquiry_started", "{}", &[(Enquiry, 2)]),
    ];
    let completed: &[Told<'_>] = &[
        ("2026-01-10", "section47_enquiry_completed", "{}", NOBODY),
        ("2026-01-11", "section47_enquiry_completed", "{}", NOBODY),
    ];
    for began in [enquiries.to_vec(), [enquiries, completed].concat()] {
        let held = |on| answered(&began, "initial_conference_held", r#"{"kind":"initial"}"#, on);
        assert_eq!(held(["2026-01-15", "2026-01-16"]).states("CP-04", "2026-12-01"), [State::Met; 2]);
        assert_eq!(held(["2026-03-15", "2026-03-16"]).states("CP-04", "2026-12-01"), [State::Late; 2]);
        let moved = answered(
            &began,
            "initial_conference_held",
            r#"{"kind":"transfer_in"}"#,
            ["2026-01-15", "2026-01-16"],
        );
        assert_eq!(moved.states("CP-04", "2026-12-01"), [State::Overdue; 2], "of a child who moved here");
    }
    // What ended with the conference ended with one of them.
    let late =
        answered(enquiries, "initial_conference_held", r#"{"kind":"initial"}"#, ["2026-03-15", "2026-03-16"]);
    assert_eq!(late.states("CP-03", "2026-12-01"), [State::Late; 2]);
}

#[test]
fn completions_of_assessments_say_the_same_of_these_and_of_their_referrals() {
    use Role::{Assessment, Referral};
    let began: &[Told<'_>] = &[
        ("2026-01-05", "referral_received", "{}", &[(Referral, 1)]),
        ("2026-01-06", "assessment_started", r#"{"kind":"single"}"#, &[(Assessment, 1), (Referral, 1)]),
        ("2026-01-05", "referral_received", "{}", &[(Referral, 2)]),
        ("2026-01-07", "assessment_started", r#"{"kind":"single"}"#, &[(Assessment, 2), (Referral, 2)]),
    ];
    let authorised = |on| answered(began, "assessment_authorised", "{}", on);
    for rule in ["AS-03", "AS-03a"] {
        let states = |on| authorised(on).states(rule, "2026-12-01");
        assert_eq!(states(["2026-02-05", "2026-02-06"]), [State::Met; 2], "{rule}");
        assert_eq!(states(["2026-05-05", "2026-05-06"]), [State::Late; 2], "{rule}");
        let mixed = states(["2026-02-05", "2026-05-06"]);
        assert_eq!(mixed, [State::CannotTell(Why::DatesNotSettled); 2], "{rule}");
    }
}

#[test]
fn of_two_referrals_two_decisions_without_a_number_are_one_for_each() {
    const TWO_REFERRALS: [Told<'_>; 2] = [
        ("2024-03-04", "referral_received", "{}", &[(Role::Referral, 1)]),
        ("2024-03-06", "referral_received", "{}", &[(Role::Referral, 2)]),
    ];
    const CONTACT: &[(Role, u128)] = &[(Role::Contact, 3)];
    const DECISION: &str = "referral_decision_made";
    let decided = |on: &[&'static str]| {
        let acts: Vec<Told<'_>> = on
            .iter()
            .map(|on| -> Told<'_> { (on, DECISION, r#"{"outcome":"progressed"}"#, NOBODY) })
            .collect();
        Story::complete().acts(&TWO_REFERRALS).acts(&acts)
    };
    let states = |on: &[&'static str]| decided(on).states("FD-01", "2024-06-28");
    assert_eq!(states(&["2024-03-05", "2024-03-07"]), [State::Met; 2], "the first one is of the first");
    assert_eq!(states(&["2024-03-06", "2024-03-07"])[1], State::Met, "whichever is of the second");
    assert_eq!(states(&["2024-04-05", "2024-04-08"]), [State::Late; 2]);
    let open = State::CannotTell(Why::UnlinkedEvent);
    assert_eq!(states(&["2024-03-06", "2024-03-07", "2024-03-07"])[1], open, "one was decided on twice");
    // A decision on a contact that became no referral is of neither.
    let contact: Told<'_> = ("2024-03-07", DECISION, r#"{"outcome":"no_further_action"}"#, CONTACT);
    let one = decided(&["2024-03-05"]).acts(&[contact]);
    assert_eq!(one.states("FD-01", "2024-06-28"), [State::Met, open]);
}
