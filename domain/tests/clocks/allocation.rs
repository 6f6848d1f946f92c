//! Who holds a case: allocations by role. Every child is invented.

use crate::support::Story;
use domain::clocks::{State, Tick, Why};
use domain::events::EntityRole as Role;
use domain::events::record_keeping::CoverageExtent;

const ONE: &str = "00000000-0000-4000-8000-000000000001";
const TWO: &str = "00000000-0000-4000-8000-000000000002";
const THREE: &str = "00000000-0000-4000-8000-000000000003";

fn referred() -> Story {
    Story::complete().told("2023-01-09", "referral_received", "{}", &[(Role::Referral, 1)])
}

fn allocated(story: Story, on: &str, worker: &str, role: &str) -> Story {
    story.told(on, "worker_allocated", &format!(r#"{{"worker":"{worker}","role":"{role}"}}"#), &[])
}

fn deallocated(story: Story, on: &str, worker: &str) -> Story {
    story.told(on, "worker_deallocated", &format!(r#"{{"worker":"{worker}"}}"#), &[])
}

fn caseload(story: &Story, as_at: &str) -> Vec<String> {
    story.figures("AL-02", as_at).groups.into_keys().collect()
}

fn unheld(story: &Story, as_at: &str) -> (u64, u64) {
    let figures = story.figures("AL-04", as_at);
    (figures.counted, figures.base)
}

#[test]
fn a_caseload_and_a_case_that_nobody_holds_are_told_as_at_a_day() {
    let worker = "{\"worker\":\"00000000-0000-4000-8000-000000000007\"}";
    let story = referred().told("2023-01-11", "worker_allocated", worker, &[]).told(
        "2023-03-01",
        "worker_deallocated",
        worker,
        &[],
    );
    assert_eq!(story.figures("AL-02", "2023-02-01").groups.into_values().collect::<Vec<_>>(), [1]);
    assert_eq!(story.figures("AL-02", "2023-03-01").counted, 0);
    assert_eq!(story.figures("AL-04", "2023-02-01").counted, 0);
    let unheld = story.figures("AL-04", "2023-03-10");
    assert_eq!((unheld.counted, unheld.values.into_keys().collect::<Vec<_>>()), (1, vec![60]));
}

#[test]
fn a_reviewing_officer_or_an_adviser_does_not_end_the_social_workers_allocation() {
    let story = allocated(referred(), "2023-01-11", ONE, "social_worker");
    let story = allocated(story, "2023-02-01", TWO, "independent_reviewing_officer");
    let story = allocated(story, "2023-02-01", THREE, "personal_adviser");
    let held = [
        format!("{ONE} social_worker"),
        format!("{TWO} independent_reviewing_officer"),
        format!("{THREE} personal_adviser"),
    ];
    assert_eq!(caseload(&story, "2023-03-01"), held);
    assert_eq!(unheld(&story, "2023-03-01"), (0, 1));
    // Once the social worker is gone, the officer and the adviser do not hold the case.
    let gone = deallocated(story, "2023-03-02", ONE);
    assert_eq!(caseload(&gone, "2023-03-03"), held.get(1..).unwrap());
    assert_eq!(unheld(&gone, "2023-03-03"), (1, 1));
}

#[test]
fn a_newer_allocation_in_the_same_role_takes_over_and_the_late_end_of_the_earlier_worker_ends_nothing() {
    let story = allocated(referred(), "2023-01-11", ONE, "social_worker");
    let story = allocated(story, "2023-02-01", TWO, "social_worker");
    assert_eq!(caseload(&story, "2023-02-10"), [format!("{TWO} social_worker")]);
    // The end of the first allocation was entered weeks after the second.
    let story = deallocated(story, "2023-02-20", ONE);
    assert_eq!(caseload(&story, "2023-03-01"), [format!("{TWO} social_worker")]);
    assert_eq!(unheld(&story, "2023-03-01"), (0, 1));
    let story = deallocated(story, "2023-04-03", TWO);
    assert_eq!(caseload(&story, "2023-04-03"), Vec::<String>::new());
    assert_eq!(unheld(&story, "2023-04-03"), (1, 1));
}

#[test]
fn a_worker_who_comes_back_or_was_given_the_case_for_one_day_is_told_by_the_last_of_both() {
    let one_day = deallocated(allocated(referred(), "2023-01-11", ONE, "social_worker"), "2023-01-11", ONE);
    assert_eq!(unheld(&one_day, "2023-01-12"), (1, 1));
    let back = deallocated(allocated(referred(), "2023-01-11", ONE, "social_worker"), "2023-02-01", ONE);
    // Of one day the end stands first: it ends the earlier allocation.
    let back = allocated(back, "2023-02-01", ONE, "social_worker");
    assert_eq!(unheld(&back, "2023-02-02"), (0, 1));
}

#[test]
fn an_end_that_names_nobody_ends_what_alone_is_open_and_leaves_two_open() {
    let alone = allocated(referred(), "2023-01-11", ONE, "social_worker");
    let ended = alone.clone().told("2023-02-01", "worker_deallocated", "{}", &[]);
    assert_eq!(unheld(&ended, "2023-02-02"), (1, 1));
    let both = allocated(alone, "2023-01-12", TWO, "independent_reviewing_officer");
    let either = both.told("2023-02-01", "worker_deallocated", "{}", &[]);
    assert_eq!(either.tallied("AL-02", "2023-02-02").len(), 2);
    let mut ticks = either.tallied("AL-02", "2023-02-02").into_iter().map(|member| member.tick);
    assert!(ticks.all(|tick| tick == Tick::CannotTell(Why::DatesNotSettled)));
}

#[test]
fn changes_of_worker_are_changes_of_who_holds_the_case() {
    let story = allocated(referred(), "2023-01-11", ONE, "social_worker");
    let story = allocated(story, "2023-02-01", TWO, "independent_reviewing_officer");
    assert_eq!(story.figures("AL-03", "2023-06-01").counted, 0);
    let changed = allocated(story, "2023-03-01", THREE, "social_worker");
    let figures = changed.figures("AL-03", "2023-06-01");
    assert_eq!(figures.values.into_iter().collect::<Vec<_>>(), [(1, 1)]);
}

#[test]
fn the_allocation_on_the_day_of_the_decision_is_one_of_a_worker_who_holds_the_case() {
    let decided = referred().told(
        "2023-01-10",
        "referral_decision_made",
        r#"{"outcome":"progressed"}"#,
        &[(Role::Referral, 1)],
    );
    let officer = allocated(decided, "2023-01-10", TWO, "independent_reviewing_officer");
    assert_eq!(officer.states("AL-01", "2023-01-20"), [domain::clocks::State::Overdue]);
    let worker = allocated(officer, "2023-01-12", ONE, "social_worker");
    assert_eq!(worker.states("AL-01", "2023-01-20"), [domain::clocks::State::Late]);
}

#[test]
fn a_closed_case_is_on_nobodys_caseload_and_one_on_which_something_runs_is() {
    let held = allocated(referred(), "2023-01-11", ONE, "social_worker");
    let worker = [format!("{ONE} social_worker")];
    let closed =
        |story: &Story| story.clone().told("2023-06-01", "case_closed", "{}", &[(Role::Referral, 1)]);
    assert_eq!(caseload(&closed(&held), "2023-05-31"), worker);
    assert_eq!(caseload(&closed(&held), "2023-06-01"), Vec::<String>::new());

    let plan = held.clone().told("2023-03-01", "child_protection_plan_started", "{}", &[(Role::Plan, 2)]);
    assert_eq!(caseload(&closed(&plan), "2023-06-01"), worker);
    let early_help =
        held.clone().told("2023-03-01", "early_help_requested", "{}", &[(Role::EarlyHelpCase, 2)]);
    assert_eq!(caseload(&closed(&early_help), "2023-06-01"), worker);
    let leaver = held.clone().told(
        "2023-03-01",
        "care_leaver_eligibility_recorded",
        r#"{"category":"relevant"}"#,
        &[],
    );
    assert_eq!(caseload(&closed(&leaver), "2023-06-01"), worker);
    let ended = closed(&leaver).told("2023-09-01", "care_leaver_closed", "{}", &[]);
    assert_eq!(caseload(&ended, "2023-09-01"), Vec::<String>::new());

    // The case is opened again: no list says a second time who holds it.
    let again = closed(&held).told("2023-08-01", "referral_received", "{}", &[(Role::Referral, 2)]);
    assert_eq!(caseload(&again, "2023-08-01"), worker);
}

#[test]
fn the_same_worker_allocated_again_is_no_change_of_worker() {
    let story = allocated(referred(), "2023-01-11", ONE, "social_worker");
    let story = allocated(story, "2023-02-01", ONE, "social_worker");
    let promoted = allocated(story, "2023-03-01", ONE, "senior_social_worker");
    assert_eq!(promoted.figures("AL-03", "2023-06-01").counted, 0);
    let back = allocated(
        allocated(promoted, "2023-04-03", TWO, "social_worker"),
        "2023-05-02",
        ONE,
        "social_worker",
    );
    let figures = back.figures("AL-03", "2023-06-01");
    assert_eq!(figures.values.into_iter().collect::<Vec<_>>(), [(2, 1)]);
}

#[test]
fn an_adopted_child_is_no_open_case_that_nobody_holds() {
    let story = referred().told(
        "2023-01-10",
        "assessment_started",
        r#"{"kind":"single"}"#,
        &[(Role::Referral, 1), (Role::Assessment, 3)],
    );
    let story = allocated(story, "2023-01-11", ONE, "social_worker");
    let adopted = story.told("2024-03-01", "adoption_order_made", "{}", &[]);
    assert_eq!(unheld(&adopted, "2024-06-01"), (0, 0));
    assert_eq!(adopted.states("AS-03", "2024-06-01"), [State::Late]);
}

#[test]
fn workers_whom_files_name_in_spans_are_changes_of_worker() {
    let story = allocated(referred(), "2023-01-11", ONE, "social_worker");
    let story = allocated(story, "2023-03-01/2023-03-31", TWO, "social_worker");
    let story = allocated(story, "2023-04-01/2023-04-30", THREE, "social_worker");
    let figures = story.figures("AL-03", "2023-06-01");
    assert_eq!(figures.values.into_iter().collect::<Vec<_>>(), [(2, 1)]);
}

const ASSESSMENT: &[(Role, u128)] = &[(Role::Assessment, 21)];

/// A referral of 10 January 2023 that a list told of, which has no place for its closure.
fn listed() -> Story {
    let kinds =
        ["referral_received", "referral_decision_made", "assessment_started", "assessment_authorised"];
    let story = Story::new().covered(&kinds, CoverageExtent::Complete, "", "");
    let mut story = story.told("2023-01-10", "referral_received", "{}", &[(Role::Referral, 20)]);
    let row = domain::envelope::ImportRef {
        import: domain::ids::ImportId(uuid::Uuid::from_u128(7)),
        as_at: crate::support::day("2023-06-30"),
        sheet: "list_3".to_owned(),
        row: 2,
    };
    for event in story.recorded.iter_mut().skip(1) {
        event.context.import = Some(row.clone());
    }
    story
}

#[test]
fn a_referral_that_only_a_list_tells_of_ends_with_the_assessment_that_found_no_need() {
    let assessed = |support: bool| {
        let story = listed().told("2023-01-11", "assessment_started", r#"{"kind":"single"}"#, ASSESSMENT);
        let outcome = format!(r#"{{"support_needed":{support}}}"#);
        story.told("2023-02-20", "assessment_authorised", &outcome, ASSESSMENT)
    };
    assert_eq!(unheld(&assessed(false), "2023-02-17"), (1, 1), "work runs on");
    assert_eq!(unheld(&assessed(false), "2023-02-20"), (0, 0));
    // Whether one goes on of which nothing more is told, no list says.
    for story in [listed(), assessed(true)] {
        let figures = story.figures("AL-04", "2023-06-30");
        assert_eq!((figures.base, figures.cannot_tell), (0, 1));
    }
    let opened = |story: Story| {
        story.told("2023-02-21", "child_in_need_case_opened", "{}", &[(Role::ChildInNeedCase, 22)])
    };
    let in_need = opened(assessed(true));
    assert_eq!(unheld(&in_need, "2023-06-30"), (1, 1));
    let closed = [(Role::ChildInNeedCase, 22)];
    let closed = in_need.told("2023-05-15", "child_in_need_case_closed", r#"{"reason":"RC4"}"#, &closed);
    assert_eq!(unheld(&closed, "2023-06-30"), (0, 0), "the case grew out of the referral");
    // What began in the meantime keeps the referral open.
    let enquired =
        assessed(false).told("2023-02-15", "section47_enquiry_started", "{}", &[(Role::Enquiry, 23)]);
    assert_eq!(unheld(&enquired, "2023-02-28"), (1, 1));
}
