//! What shows that something was done, or leaves it open, worked out by hand. Every child is invented.

use domain::clocks::{State, Why};
use domain::events::EntityRole as Role;
use domain::processes::{Processes, derived};
use domain::rules::RuleBook;

use crate::support::{Story, day, process};

const REFERRAL: (Role, u128) = (Role::Referral, 1);
const ENQUIRY: (Role, u128) = (Role::Enquiry, 4);
const ASSESSMENT: (Role, u128) = (Role::Assessment, 5);
const APPLICATION: (Role, u128) = (Role::Application, 7);

/// A referral of Friday 1 March 2024.
fn referred() -> Story {
    Story::complete()
        .told("2010-05-01", "child_registered", r#"{"date_of_birth":"2010-05-01","disabilities":[]}"#, &[])
        .told("2024-03-01", "referral_received", "{}", &[REFERRAL])
}

fn runs_on(story: &Story, (role, own): (Role, u128), on: &str) -> bool {
    let journey = story.journey();
    let endings = RuleBook::built_in().endings();
    let events: Vec<_> = journey.events.iter().collect();
    let derived = derived(&events, endings, day(on));
    Processes::of(&events, &derived, endings).get(role, process(own)).expect("a process").runs_on(day(on))
}

/// The census gives a conference that no enquiry holds beside the referral: whose it was cannot be told. The enquiry and its
/// clock say the same of it.
#[test]
fn a_conference_that_stops_no_clock_ends_no_enquiry() {
    let conference = |kind: &'static str| {
        let details = format!(r#"{{"kind":"{kind}"}}"#);
        let enquired = referred().told("2024-03-01", "section47_enquiry_started", "{}", &[ENQUIRY, REFERRAL]);
        enquired.told("2024-03-12", "initial_conference_held", &details, &[(Role::Conference, 20), REFERRAL])
    };
    for (kind, clock, runs) in [
        ("initial", State::Met, false),
        ("pre_birth", State::Met, false),
        ("unlinked", State::Overdue, true),
        ("transfer_in", State::Overdue, true),
    ] {
        let story = conference(kind);
        assert_eq!(story.states("CP-04", "2024-06-28"), [clock], "{kind}");
        assert_eq!(runs_on(&story, ENQUIRY, "2024-06-28"), runs, "{kind}");
    }
}

/// An assessment or an enquiry of a referral shows that somebody decided on it: the next working day is in time, the day
/// after late, and without either the decision is overdue. The referral of Friday 1 March 2024 is due on Monday 4 March.
#[test]
fn what_follows_a_referral_shows_that_it_was_decided_on_by_then() {
    let then = |on: &'static str, kind: &'static str, own: (Role, u128)| {
        let details = if kind == "assessment_started" { r#"{"kind":"single"}"# } else { "{}" };
        referred().told(on, kind, details, &[own, REFERRAL]).states("FD-01", "2024-06-28")
    };
    assert_eq!(referred().states("FD-01", "2024-06-28"), [State::Overdue]);
    for (kind, own) in [
        ("assessment_started", ASSESSMENT),
        ("assessment_authorised", ASSESSMENT),
        ("section47_enquiry_started", ENQUIRY),
    ] {
        assert_eq!(then("2024-03-04", kind, own), [State::Met], "{kind}");
        // It was decided on some day up to then.
        assert_eq!(then("2024-03-05", kind, own), [State::CannotTell(Why::DatesNotSettled)], "{kind}");
    }
    // A decision that is recorded before it counts.
    let decided =
        referred().told("2024-03-04", "referral_decision_made", r#"{"outcome":"progressed"}"#, &[REFERRAL]);
    let assessed =
        decided.told("2024-03-20", "assessment_started", r#"{"kind":"single"}"#, &[ASSESSMENT, REFERRAL]);
    assert_eq!(assessed.states("FD-01", "2024-06-28"), [State::Met]);
}

/// A census says that a decision was made, and not on which day. An assessment that began within the working day shows that it
/// was made by then; one that began later leaves both open.
#[test]
fn what_follows_bounds_a_decision_of_an_uncertain_day() {
    let decided = |from: &str| {
        let days = format!("{from}/2024-03-31");
        referred().told(&days, "referral_decision_made", r#"{"outcome":"progressed"}"#, &[REFERRAL])
    };
    let then = |from: &str, on: &str| {
        let story =
            decided(from).told(on, "assessment_started", r#"{"kind":"single"}"#, &[ASSESSMENT, REFERRAL]);
        story.states("FD-01", "2024-06-28")
    };
    let open = [State::CannotTell(Why::DatesNotSettled)];
    assert_eq!(decided("2024-03-01").states("FD-01", "2024-06-28"), open);
    assert_eq!(then("2024-03-01", "2024-03-04"), [State::Met]);
    assert_eq!(then("2024-03-01", "2024-03-05"), open);
    assert_eq!(then("2024-03-05", "2024-03-12"), [State::Late], "no decision was made before");
    assert_eq!(
        then("2024-03-05", "2024-03-04"),
        [State::Late],
        "what lies before the decision does not date it"
    );
    let two = decided("2024-03-01").told(
        "2024-03-20/2024-03-25",
        "assessment_started",
        r#"{"kind":"single"}"#,
        &[ASSESSMENT, REFERRAL],
    );
    assert_eq!(two.states("FD-01", "2024-06-28"), open);
}

/// The census names an application in its module of pre-proceedings and states no order.
#[test]
fn an_application_of_which_nothing_is_stated_has_the_clock_of_care_proceedings() {
    let issued = |orders: &str| {
        let details = format!(r#"{{"orders":["{orders}"]}}"#);
        referred()
            .told("2024-03-01", "application_issued", &details, &[APPLICATION])
            .states("CT-01", "2024-06-28")
    };
    assert_eq!(issued("care"), [State::Running]);
    assert_eq!(issued("not_stated"), [State::Running]);
    assert_eq!(issued("placement"), []);
}

#[test]
fn a_child_in_need_case_of_the_day_of_the_assessment_keeps_the_referral_open() {
    let assessed = |need: bool| {
        let story = referred().told(
            "2024-03-01",
            "assessment_started",
            r#"{"kind":"single"}"#,
            &[ASSESSMENT, REFERRAL],
        );
        let details = format!(r#"{{"support_needed":{need},"factors":[]}}"#);
        story.told("2024-03-22", "assessment_authorised", &details, &[ASSESSMENT, REFERRAL])
    };
    assert!(!runs_on(&assessed(false), REFERRAL, "2024-04-30"));
    for (kind, role) in [
        ("child_in_need_case_opened", Role::ChildInNeedCase),
        ("child_in_need_plan_started", Role::ChildInNeedPlan),
        ("child_protection_plan_started", Role::Plan),
        ("became_looked_after", Role::PeriodOfCare),
    ] {
        let opened = |on: &str| assessed(false).told(on, kind, "{}", &[(role, 9)]);
        assert!(runs_on(&opened("2024-03-22"), REFERRAL, "2024-04-30"), "{kind} of the same day");
        assert!(!runs_on(&opened("2024-03-25"), REFERRAL, "2024-04-30"), "{kind} some days later");
    }
}

/// Two processes of one sort and two ends that name neither: whichever ended which, none runs after the second end. After
/// the first, one of them may.
#[test]
fn as_many_unnamed_ends_as_processes_end_them_all() {
    use Role::{
        Application, ChildInNeedCase, ChildInNeedPlan, EarlyHelpCase, Enquiry, MissingEpisode, Plan,
        PreProceedings, Referral,
    };
    for (role, begins, details, ends) in [
        (EarlyHelpCase, "early_help_requested", "{}", "early_help_closed"),
        (Enquiry, "section47_enquiry_started", "{}", "section47_enquiry_completed"),
        (PreProceedings, "pre_proceedings_started", "{}", "pre_proceedings_concluded"),
        (MissingEpisode, "missing_reported", "{}", "found_or_returned"),
        (Referral, "referral_received", "{}", "case_closed"),
        (Plan, "child_protection_plan_started", "{}", "child_protection_plan_ended"),
        (Application, "application_issued", r#"{"orders":["care"]}"#, "application_withdrawn"),
        (ChildInNeedCase, "child_in_need_case_opened", "{}", "child_in_need_case_closed"),
        (ChildInNeedPlan, "child_in_need_plan_started", "{}", "child_in_need_plan_ended"),
    ] {
        let begun = Story::complete()
            .told("2024-06-03", begins, details, &[(role, 1)])
            .told("2024-06-10", begins, details, &[(role, 2)])
            .told("2024-07-01", ends, "{}", &[]);
        let ended = begun.clone().told("2024-07-02", ends, "{}", &[]);
        let running = |story: &Story, on| [1, 2].map(|own| runs_on(story, (role, own), on));
        assert_eq!(running(&ended, "2024-07-02"), [false, false], "{ends}");
        assert!(running(&begun, "2024-07-02").contains(&true), "{ends}: one is left");
    }
}
