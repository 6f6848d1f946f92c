//! Decisions that something stops, where no end of it is recorded; and ends of what is not on record. Every child is invented.

use domain::clocks::State;
use domain::events::EntityRole as Role;
use domain::observations::{ObservationCode, observe};
use domain::processes::{Processes, derived};
use domain::rules::RuleBook;

use crate::support::{Story, born, day, one, process};

const PLAN: (Role, u128) = (Role::Plan, 3);

fn observed(story: &Story, as_at: &str, code: ObservationCode) -> usize {
    let found = observe(&story.journey(), day(as_at), RuleBook::built_in().endings());
    found.iter().filter(|observation| observation.code == code).count()
}

fn open(story: &Story, rule: &str, as_at: &str) -> usize {
    let waits = |state: &&State| matches!(state, State::Running | State::DueSoon | State::Overdue);
    story.states(rule, as_at).iter().filter(waits).count()
}

/// Whether a process runs.
fn runs(story: &Story, (role, number): (Role, u128), as_at: &str) -> bool {
    let (journey, endings) = (story.journey(), RuleBook::built_in().endings());
    let events: Vec<_> = journey.events.iter().collect();
    let derived = derived(&events, endings, day(as_at));
    let processes = Processes::of(&events, &derived, endings);
    processes.get(role, process(number)).is_some_and(|process| process.runs_on(day(as_at)))
}

fn on_plan() -> Story {
    let story = Story::complete().told("2024-01-08", "child_protection_plan_started", "{}", &[PLAN]);
    story.told("2024-01-15", "child_protection_visit_made", r#"{"seen":true}"#, &[PLAN])
}

fn conference(story: Story, on: &str, details: &str, number: u128) -> Story {
    story.told(on, "review_conference_held", details, &[PLAN, (Role::Conference, number)])
}

#[test]
fn a_plan_that_a_review_conference_did_not_continue_asks_for_nothing_more() {
    let decided = conference(on_plan(), "2024-03-25", r#"{"plan_continues":false}"#, 9);
    for rule in ["CP-10", "CP-12"] {
        assert_eq!(open(&decided, rule, "2024-12-31"), 0, "{rule}");
        let goes_on = conference(on_plan(), "2024-03-25", r#"{"plan_continues":true}"#, 9);
        assert_ne!(open(&goes_on, rule, "2024-12-31"), 0, "{rule}");
        let not_said = conference(on_plan(), "2024-03-25", "{}", 9);
        assert_ne!(open(&not_said, rule, "2024-12-31"), 0, "{rule}");
    }
    assert_eq!(observed(&decided, "2024-12-31", ObservationCode::LeftOpen), 1);
    let ended = decided.clone().told("2024-03-25", "child_protection_plan_ended", "{}", &[PLAN]);
    assert_eq!(observed(&ended, "2024-12-31", ObservationCode::LeftOpen), 0);
    // A later conference that continues it shows that it went on.
    let again = conference(decided, "2024-06-24", r#"{"plan_continues":true}"#, 10);
    assert_ne!(open(&again, "CP-10", "2024-12-31"), 0);
}

#[test]
fn a_child_in_need_plan_that_a_review_ended_is_over() {
    let plan = [(Role::ChildInNeedPlan, 4)];
    let story = |decision: &str| {
        let story = Story::complete().told("2024-01-08", "child_in_need_plan_started", "{}", &plan);
        story.told("2024-03-04", "child_in_need_plan_reviewed", decision, &plan)
    };
    let left_open = |decision| observed(&story(decision), "2024-12-31", ObservationCode::LeftOpen);
    assert_eq!((left_open(r#"{"decision":"end"}"#), left_open(r#"{"decision":"step_up"}"#)), (1, 0));
}

#[test]
fn what_names_nothing_ends_with_a_case_that_is_not_on_record() {
    let help = (Role::EarlyHelpAssessment, 5);
    let assessed = |story: Story| story.told("2024-01-08", "early_help_assessment_started", "{}", &[help]);
    let closed =
        |of: &[(Role, u128)]| assessed(born("2015-06-01")).told("2024-01-22", "early_help_closed", "{}", of);
    assert!(runs(&assessed(born("2015-06-01")), help, "2024-12-31"));
    for of in [&[][..], &[(Role::EarlyHelpCase, 6)][..]] {
        assert!(!runs(&closed(of), help, "2024-12-31"), "{of:?}");
    }
    let assessment = [(Role::Assessment, 7)];
    let assessed =
        Story::complete().told("2024-01-08", "assessment_started", r#"{"kind":"single"}"#, &assessment);
    for of in [&[][..], &[(Role::Referral, 8)][..]] {
        let closed = assessed.clone().told("2024-01-22", "case_closed", "{}", of);
        assert!(!runs(&closed, assessment[0], "2024-12-31"), "{of:?}");
    }
    // A case that is on record may be the one that was closed.
    let other = assessed.told("2024-01-15", "referral_received", "{}", &[(Role::Referral, 9)]);
    let closed = other.told("2024-01-22", "case_closed", "{}", &[]);
    assert!(runs(&closed, assessment[0], "2024-12-31"));
}

#[test]
fn a_child_is_missing_no_more_when_what_the_authority_answers_for_ends() {
    let missing =
        || born("2006-06-01").told("2024-05-20", "missing_reported", "{}", &[(Role::MissingEpisode, 5)]);
    let back =
        |story: Story, on: &str| story.told(on, "found_or_returned", "{}", &[(Role::MissingEpisode, 5)]);
    assert_eq!(
        one(back(missing(), "2024-06-03").states("MS-01", "2024-12-31")),
        State::NotApplicable,
        "of age"
    );
    for kind in ["adoption_order_made", "transferred_out"] {
        let over = missing().told("2024-05-24", kind, "{}", &[]);
        assert_eq!(
            observed(&over, "2024-05-31", ObservationCode::LeftOpen),
            usize::from(kind != "transferred_out")
        );
        assert_eq!(
            one(back(over, "2024-05-27").states("MS-01", "2024-12-31")),
            State::NotApplicable,
            "{kind}"
        );
    }
}

#[test]
fn a_closure_that_names_no_referral_is_seen_beside_a_plan_that_runs() {
    let story = |of: &[(Role, u128)]| {
        let story = Story::complete().told("2024-01-08", "referral_received", "{}", &[(Role::Referral, 8)]);
        let story = story.told("2024-02-05", "child_protection_plan_started", "{}", &[PLAN]);
        story.told("2024-03-04", "case_closed", "{}", of)
    };
    for of in [&[][..], &[(Role::Referral, 8)][..]] {
        assert_eq!(observed(&story(of), "2024-12-31", ObservationCode::RunningAtClosure), 1, "{of:?}");
    }
}

#[test]
fn what_an_adoption_order_leaves_open_is_observed() {
    let story = Story::complete().told("2024-01-08", "referral_received", "{}", &[(Role::Referral, 8)]);
    let story = story.told("2024-02-05", "child_protection_plan_started", "{}", &[PLAN]);
    let adopted = story.told("2024-03-04", "adoption_order_made", "{}", &[]);
    assert_eq!(observed(&adopted, "2024-12-31", ObservationCode::LeftOpen), 2);
}

#[test]
fn what_was_entered_again_is_observed_as_one_process() {
    const OLD: (Role, u128) = (Role::PeriodOfCare, 1);
    const NEW: (Role, u128) = (Role::PeriodOfCare, 2);
    let story = Story::complete().told("2024-01-08", "became_looked_after", "{}", &[OLD]);
    let story = story.told("2024-01-08", "became_looked_after", "{}", &[NEW]);
    let story = story.told("2024-05-07", "ceased_to_be_looked_after", "{}", &[OLD]);
    let story = story.told("2024-07-01", "became_looked_after", "{}", &[(Role::PeriodOfCare, 3)]);
    let details =
        r#"{"target":"00000000-0000-0000-0000-000000000002","reason":"typing_error","inferred":false}"#;
    let again = story.told("2024-12-01", "event_withdrawn", details, &[]);
    for code in [ObservationCode::NotOpened, ObservationCode::OverlappingPeriodsOfCare] {
        assert_eq!(observed(&again, "2024-12-31", code), 0, "{code:?}");
    }
}

#[test]
fn duties_about_past_acts_may_be_done_after_a_death() {
    let review = [(Role::PeriodOfCare, 1), (Role::Review, 5)];
    let story = born("2015-06-01").told("2024-01-08", "became_looked_after", "{}", &review[..1]);
    let story = story.told("2024-02-05", "looked_after_review_held", "{}", &review);
    let died = story.told("2024-02-09", "child_died", "{}", &[]);
    for kind in ["review_decisions_circulated", "review_record_circulated", "health_summary_provided"] {
        let done = died.clone().told("2024-02-12", kind, "{}", &review);
        assert_eq!(observed(&done, "2024-12-31", ObservationCode::AfterDeath), 0, "{kind}");
    }
    let visited = died.told("2024-02-12", "looked_after_visit_made", "{}", &review[..1]);
    assert_eq!(observed(&visited, "2024-12-31", ObservationCode::AfterDeath), 1);
}

#[test]
fn a_decision_that_names_nothing_undoes_none_about_what_began_before_another() {
    let not_continued = r#"{"plan_continues":false}"#;
    let story = |between: bool| {
        let first = Story::complete().told("2024-01-08", "child_protection_plan_started", "{}", &[PLAN]);
        let first = first.told("2024-04-15", "review_conference_held", not_continued, &[]);
        let second = (Role::Plan, 4);
        let first = if between {
            first.told("2024-09-02", "child_protection_plan_started", "{}", &[second])
        } else {
            first
        };
        first.told("2024-11-20", "review_conference_held", r#"{"plan_continues":true}"#, &[])
    };
    assert!(!runs(&story(true), PLAN, "2024-06-01"));
    assert!(runs(&story(true), (Role::Plan, 4), "2024-12-01"));
    // Without another plan, the later conference shows that this one went on.
    assert!(runs(&story(false), PLAN, "2024-12-01"));
}

#[test]
fn a_referral_that_was_decided_is_not_opened_again_by_the_decision_on_the_next() {
    let (first, next) = ((Role::Referral, 1), (Role::Referral, 2));
    let decision = |story: Story, on: &str, outcome: &str| {
        story.told(on, "referral_decision_made", &format!(r#"{{"outcome":"{outcome}"}}"#), &[])
    };
    let received =
        |story: Story, on: &str, of: (Role, u128)| story.told(on, "referral_received", "{}", &[of]);
    let closed =
        decision(received(Story::complete(), "2024-01-08", first), "2024-01-09", "no_further_action");
    assert!(!runs(&closed, first, "2024-06-01"));
    let again = decision(received(closed.clone(), "2024-09-02", next), "2024-09-03", "progressed");
    assert!(!runs(&again, first, "2024-10-01"));
    assert!(runs(&again, next, "2024-10-01"));
    // Without another referral the later decision is about this one.
    assert!(runs(&decision(closed, "2024-01-12", "progressed"), first, "2024-06-01"));
}

#[test]
fn the_end_of_care_ends_the_wait_for_a_match_and_for_the_review_after_a_placement_order() {
    let care = (Role::PeriodOfCare, 1);
    let case = (Role::AdoptionCase, 7);
    let begun = born("2015-05-20")
        .told("2024-01-10", "became_looked_after", r#"{"legal_status":"C2"}"#, &[care])
        .told("2024-06-03", "placement_order_made", "{}", &[case]);
    let home = begun.clone().told("2024-07-20", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[care]);
    let guardian = begun.clone().told("2024-07-20", "sgo_made", "{}", &[]);
    for rule in ["PM-04", "PM-13"] {
        assert_eq!(one(begun.states(rule, "2025-06-30")), State::Overdue, "{rule}");
        assert_eq!(one(home.states(rule, "2025-06-30")), State::NotApplicable, "{rule}");
        assert_eq!(one(guardian.states(rule, "2025-06-30")), State::NotApplicable, "{rule}");
    }
}

#[test]
fn adoption_that_is_decided_again_is_asked_for_from_the_entry_into_care() {
    let care = (Role::PeriodOfCare, 1);
    let reversed = born("2020-05-20")
        .told("2023-01-10", "became_looked_after", r#"{"legal_status":"C2"}"#, &[care])
        .told("2023-06-05", "adoption_decision_made", "{}", &[(Role::AdoptionCase, 7)])
        .told("2023-10-02", "adoption_decision_reversed", "{}", &[(Role::AdoptionCase, 7)]);
    assert_eq!(one(reversed.states("PM-05", "2025-06-30")), State::NotApplicable);
    let again =
        reversed.clone().told("2023-12-03", "adoption_decision_made", "{}", &[(Role::AdoptionCase, 8)]);
    assert_eq!(one(again.states("PM-05", "2025-06-30")), State::Overdue);
    let placed = |on: &str| {
        let adopters = r#"{"placement_type":"A6"}"#;
        one(again
            .clone()
            .told(on, "placement_started", adopters, &[(Role::Placement, 9), care])
            .states("PM-05", "2025-06-30"))
    };
    assert_eq!(placed("2024-02-02"), State::Met);
    assert_eq!(placed("2024-10-02"), State::Late);
}

#[test]
fn a_placement_for_adoption_has_its_plan_by_other_regulations() {
    let placed = |kind: &str| {
        let details = format!(r#"{{"placement_type":"{kind}"}}"#);
        born("2020-05-20")
            .told("2023-01-10", "became_looked_after", r#"{"legal_status":"C2"}"#, &[(Role::PeriodOfCare, 1)])
            .told(
                "2023-06-05",
                "placement_started",
                &details,
                &[(Role::Placement, 9), (Role::PeriodOfCare, 1)],
            )
    };
    assert_eq!(one(placed("A6").states("LAC-07", "2025-06-30")), State::NotApplicable);
    assert_eq!(one(placed("U6").states("LAC-07", "2025-06-30")), State::Overdue);
}
