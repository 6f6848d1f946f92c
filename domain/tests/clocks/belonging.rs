//! Acts that name their own process only, and stays that say something of a whole period of care. Every child is invented.

use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;
use domain::processes::{Processes, derived};
use domain::rules::RuleBook;

use crate::support::{Story, Told, day, one, process, story};

const REFERRAL: (Role, u128) = (Role::Referral, 1);
const ASSESSMENT: (Role, u128) = (Role::Assessment, 2);
const CARE: (Role, u128) = (Role::PeriodOfCare, 3);
const ORDINARY: &str = r#"{"short_break":false}"#;
const SHORT: &str = r#"{"short_break":true}"#;

/// Monday 8 January 2024; 11 March is the 45th working day.
#[test]
fn an_assessment_stops_the_clock_of_its_referral_whoever_names_it() {
    let received: Told<'_> = ("2024-01-08", "referral_received", "{}", &[REFERRAL]);
    let single = r#"{"kind":"single"}"#;
    let unnamed: Told<'_> = ("2024-01-09", "assessment_started", single, &[ASSESSMENT]);
    let named: Told<'_> = ("2024-01-09", "assessment_started", single, &[ASSESSMENT, REFERRAL]);
    let authorised = |on| (on, "assessment_authorised", "{}", &[ASSESSMENT][..]);
    let another: Told<'_> = ("2024-01-02", "referral_received", "{}", &[(Role::Referral, 9)]);
    let closed: Told<'_> = ("2024-01-04", "case_closed", "{}", &[(Role::Referral, 9)]);
    let first = |told: &[Told<'_>]| {
        let clocks = story(told).clocks("AS-03", &Question::as_at(day("2024-06-30")));
        let mut of_referral =
            clocks.into_iter().filter(|clock| clock.start.occurred.day() == Some(day("2024-01-08")));
        of_referral.next().expect("a clock of the referral").state
    };
    assert_eq!(first(&[received, unnamed, authorised("2024-03-11")]), State::Met);
    assert_eq!(first(&[received, named, authorised("2024-03-12")]), State::Late);
    assert_eq!(first(&[another, closed, received, unnamed, authorised("2024-03-11")]), State::Met);
    // Two cases were open: whose assessment it was is not told.
    assert_eq!(
        first(&[another, received, unnamed, authorised("2024-03-11")]),
        State::CannotTell(domain::clocks::Why::UnlinkedEvent)
    );
}

const ENQUIRY: (Role, u128) = (Role::Enquiry, 7);
const OTHER: (Role, u128) = (Role::Referral, 9);

/// Two open cases and an enquiry of Tuesday 9 January 2024, of which nothing was heard. The census counts its first day: Monday
/// 29 January is the 15th working day.
fn enquired(of: &[(Role, u128)], more: &[Told<'_>]) -> Story {
    let told: [Told<'_>; 3] = [
        ("2024-01-02", "referral_received", "{}", &[OTHER]),
        ("2024-01-08", "referral_received", "{}", &[REFERRAL]),
        ("2024-01-09", "section47_enquiry_started", "{}", of),
    ];
    story(&[&told, more].concat())
}

fn closed<'a>(on: &'a str, referral: &'a [(Role, u128)]) -> Told<'a> {
    (on, "case_closed", "{}", referral)
}

#[test]
fn an_enquiry_that_names_neither_of_two_cases_may_have_ended_with_the_one_that_was_closed() {
    let unwaited =
        |of: &[(Role, u128)], more: &[Told<'_>]| one(enquired(of, more).states("CP-05", "2024-03-01"));
    let early = closed("2024-01-15", &[OTHER]);
    assert_eq!(unwaited(&[ENQUIRY, OTHER], &[early]), State::NotApplicable);
    assert_eq!(unwaited(&[ENQUIRY, REFERRAL], &[early]), State::Overdue);
    assert_eq!(unwaited(&[ENQUIRY], &[early]), State::CannotTell(Why::ParentNotStated));
    // Both cases are closed: in time, whichever it was; or one of them late.
    let both = |other| unwaited(&[ENQUIRY], &[early, closed(other, &[REFERRAL])]);
    assert_eq!(both("2024-01-29"), State::NotApplicable);
    assert_eq!(both("2024-01-30"), State::CannotTell(Why::ParentNotStated));
    // What was late before either was closed is late.
    let late = [closed("2024-02-05", &[OTHER]), closed("2024-02-06", &[REFERRAL])];
    assert_eq!(unwaited(&[ENQUIRY], &late), State::Late);
}

#[test]
fn whether_an_enquiry_of_either_case_runs_after_one_was_closed_is_left_open() {
    let is_over = |more: &[Told<'_>]| {
        let journey = enquired(&[ENQUIRY], more).journey();
        let events: Vec<_> = journey.events.iter().collect();
        let endings = RuleBook::built_in().endings();
        let derived = derived(&events, endings, day("2024-06-30"));
        let processes = Processes::of(&events, &derived, endings);
        let enquiry = processes.get(ENQUIRY.0, process(ENQUIRY.1)).unwrap();
        let on = day("2024-02-01");
        (enquiry.is_surely_over(on), enquiry.may_be_over(on))
    };
    assert_eq!(is_over(&[]), (false, false));
    assert_eq!(is_over(&[closed("2024-01-15", &[OTHER])]), (false, true));
    assert_eq!(is_over(&[closed("2024-01-15", &[OTHER]), closed("2024-01-16", &[REFERRAL])]), (true, true));
}

#[test]
fn a_conference_belongs_to_the_case_of_the_enquiry_that_it_names() {
    let conference = [(Role::Conference, 5), ENQUIRY];
    let decided = |of: &[(Role, u128)]| {
        let more: [Told<'_>; 2] =
            [("2024-01-10", "conference_requested", "{}", &conference), closed("2024-01-10", &[OTHER])];
        one(enquired(of, &more).states("CP-17d", "2024-03-01"))
    };
    assert_eq!(decided(&[ENQUIRY, OTHER]), State::NotApplicable);
    assert_eq!(decided(&[ENQUIRY, REFERRAL]), State::Overdue);
    assert_eq!(decided(&[ENQUIRY]), State::CannotTell(Why::ParentNotStated));
}

#[test]
fn a_decision_against_a_conference_is_of_the_enquiry_that_its_conference_names() {
    const SECOND: (Role, u128) = (Role::Enquiry, 8);
    let against = r#"{"to_be_held":false}"#;
    let waits = |requested_for: &[(Role, u128)], more: &[Told<'_>]| {
        let told: [Told<'_>; 2] = [
            ("2024-01-10", "conference_requested", "{}", requested_for),
            ("2024-01-11", "conference_decision_made", against, &[(Role::Conference, 5)]),
        ];
        let story = enquired(&[ENQUIRY, REFERRAL], &[&told, more].concat());
        let clocks = story.clocks("CP-05", &Question::as_at(day("2024-03-01")));
        let of = clocks.iter().find(|clock| clock.entity == process(ENQUIRY.1));
        of.expect("a clock of the enquiry").state
    };
    let second: Told<'_> = ("2024-01-09", "section47_enquiry_started", "{}", &[SECOND, OTHER]);
    assert_eq!(waits(&[(Role::Conference, 5)], &[]), State::NotApplicable);
    assert_eq!(waits(&[(Role::Conference, 5)], &[second]), State::CannotTell(Why::ParentNotStated));
    assert_eq!(waits(&[(Role::Conference, 5), SECOND], &[second]), State::Overdue);
    assert_eq!(waits(&[(Role::Conference, 5), ENQUIRY], &[second]), State::NotApplicable);
}

#[test]
fn a_series_of_short_breaks_is_told_by_its_legal_status() {
    for status in ["V3", "V4", "C2"] {
        let details = format!(r#"{{"legal_status":"{status}"}}"#);
        let told: [Told<'_>; 1] = [("2023-10-02", "became_looked_after", &details, &[CARE])];
        for rule in ["LAC-01", "HL-01"] {
            let state = one(story(&told).states(rule, "2024-03-31"));
            assert_eq!(state == State::NotApplicable, status != "C2", "{rule} {status}: {state:?}");
        }
    }
}

#[test]
fn respite_of_a_child_in_care_takes_nothing_from_the_period_of_care() {
    let begun: Told<'_> = ("2023-10-02", "became_looked_after", r#"{"legal_status":"C2"}"#, &[CARE]);
    let placed: Told<'_> = ("2023-10-02", "placement_started", ORDINARY, &[CARE, (Role::Placement, 4)]);
    let respite: [Told<'_>; 2] = [
        ("2023-10-12", "placement_started", SHORT, &[CARE, (Role::Placement, 5)]),
        ("2023-10-14", "placement_ended", "{}", &[(Role::Placement, 5)]),
    ];
    let child = story(&[begun, placed, respite[0], respite[1]]);
    assert_eq!(one(child.states("LAC-01", "2024-03-31")), State::Overdue);
    assert_eq!(one(child.states("HL-01", "2024-03-31")), State::Overdue);
    assert_eq!(child.figures("RT-01c", "2024-03-31").counted, 1);
    // A series that is marked so from its first stay on is one.
    let first: Told<'_> = ("2023-10-02", "placement_started", SHORT, &[CARE, (Role::Placement, 5)]);
    let series = story(&[("2023-10-02", "became_looked_after", "{}", &[CARE]), first]);
    assert_eq!(one(series.states("LAC-01", "2024-03-31")), State::NotApplicable);
    assert!(series.tallied("RT-01c", "2024-03-31").is_empty());
}

#[test]
fn a_summary_that_names_its_period_is_of_that_one_though_the_next_has_begun() {
    let told: [Told<'_>; 4] = [
        ("2023-01-05", "became_looked_after", "{}", &[CARE]),
        ("2023-09-07", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[CARE]),
        ("2023-10-10", "became_looked_after", "{}", &[(Role::PeriodOfCare, 8)]),
        ("2023-11-06", "health_summary_provided", "{}", &[CARE]),
    ];
    let clocks = story(&told).clocks("HL-04", &Question::as_at(day("2024-03-31")));
    let states: Vec<State> = clocks.iter().map(|clock| clock.state).collect();
    assert_eq!(states, [State::Late]);
}

#[test]
fn a_visit_does_not_end_the_plan_that_it_names() {
    const IN_NEED: (Role, u128) = (Role::ChildInNeedPlan, 10);
    let beside = story(&[
        ("2023-08-07", "child_in_need_plan_started", "{}", &[IN_NEED]),
        ("2023-09-15", "child_in_need_visit_made", "{}", &[IN_NEED]),
        ("2024-02-02", "child_protection_plan_started", "{}", &[(Role::Plan, 11)]),
        ("2024-04-26", "child_in_need_plan_ended", "{}", &[IN_NEED]),
    ]);
    assert_eq!(beside.figures("CIN-02", "2024-06-30").counted, 1);
}

/// The first core group is due by Monday 23 January 2023.
#[test]
fn an_act_after_the_last_day_that_may_be_of_several_leaves_late_what_is_late() {
    const FIRST: (Role, u128) = (Role::Plan, 11);
    let met = |on, of: &[(Role, u128)]| {
        story(&[
            ("2023-01-09", "child_protection_plan_started", "{}", &[FIRST]),
            ("2023-01-09", "child_protection_plan_started", "{}", &[(Role::Plan, 12)]),
            (on, "core_group_held", "{}", of),
            ("2023-02-10", "core_group_held", "{}", &[FIRST]),
        ])
    };
    let first = |story: Story| story.states("CP-08", "2023-06-30")[0];
    assert_eq!(first(met("2023-01-24", &[])), State::Late, "whosever it was");
    assert_eq!(first(met("2023-01-23", &[])), State::CannotTell(Why::UnlinkedEvent));
    assert_eq!(first(met("2023-01-23", &[FIRST])), State::Met);
}
