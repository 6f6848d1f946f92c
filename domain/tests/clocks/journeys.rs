//! Each clock on the day before, the day and the day after its limit, and every way in which it cannot be told.

use std::collections::BTreeSet;

use crate::support::{Story, day, process, the_deadline};
use domain::calendar::{Calendar, KnownDay};
use domain::clocks::{Question, State, Why};
use domain::events::assessment::{AssessmentAuthorised, AssessmentKind, AssessmentStarted};
use domain::events::child_protection::*;
use domain::events::court::*;
use domain::events::front_door::*;
use domain::events::governance::DelayReasonRecorded;
use domain::events::looked_after::*;
use domain::events::record_keeping::{CorrectionReason, CoverageExtent, EventCorrected};
use domain::events::{Body, CaseEvent, Code, EntityRole, EntityRole as Role};
use domain::ids::EventId;
use domain::journey::{Basis, Journey, KnownAt};
use domain::rules::RuleBook;
use uuid::Uuid;

pub(crate) fn discussion() -> StrategyDiscussionHeld {
    StrategyDiscussionHeld { initiated_enquiry: true, ..Default::default() }
}

pub(crate) fn enquiry() -> Section47EnquiryStarted {
    Section47EnquiryStarted { stated_conference_target: None }
}

pub(crate) fn conference(kind: InitialConferenceKind) -> InitialConferenceHeld {
    InitialConferenceHeld { kind, led_to_plan: None, ..Default::default() }
}

pub(crate) fn initial() -> InitialConferenceHeld {
    conference(InitialConferenceKind::Initial)
}

pub(crate) fn plan() -> ChildProtectionPlanStarted {
    ChildProtectionPlanStarted { category: None, stated_previous_plans: None }
}

pub(crate) fn plan_end() -> ChildProtectionPlanEnded {
    ChildProtectionPlanEnded { reason: None }
}

pub(crate) fn care() -> BecameLookedAfter {
    BecameLookedAfter { category_of_need: None, legal_status: None, ..Default::default() }
}

pub(crate) fn review() -> LookedAfterReviewHeld {
    LookedAfterReviewHeld { participation: None, ..Default::default() }
}

pub(crate) fn referral() -> ReferralReceived {
    ReferralReceived { source: None, primary_need: None, ..Default::default() }
}

pub(crate) fn decision(outcome: ReferralOutcome) -> ReferralDecisionMade {
    ReferralDecisionMade { outcome }
}

fn assessment() -> AssessmentStarted {
    AssessmentStarted { kind: AssessmentKind::Single }
}

fn authorised() -> AssessmentAuthorised {
    AssessmentAuthorised { factors: BTreeSet::new(), support_needed: None }
}

pub(crate) fn application(orders: &[OrderApplied]) -> ApplicationIssued {
    ApplicationIssued { orders: orders.iter().copied().collect(), ..Default::default() }
}

fn code(text: &str) -> Code {
    Code::try_new(text).expect("tests write valid codes")
}

/// A rule, the event that starts it, and the event that stops it.
type Pair = (&'static str, fn(Story, &str) -> Story, fn(Story, &str) -> Story);

fn pairs() -> Vec<Pair> {
    vec![
        (
            "CP-04",
            |story, on| story.with(on, discussion(), &[(Role::Enquiry, 1)]),
            |story, on| story.with(on, initial(), &[(Role::Enquiry, 1), (Role::Conference, 2)]),
        ),
        (
            "CP-08",
            |story, on| {
                story.with(on, initial(), &[(Role::Conference, 2)]).with(
                    on,
                    plan(),
                    &[(Role::Plan, 3), (Role::Conference, 2)],
                )
            },
            |story, on| story.with(on, CoreGroupHeld::default(), &[(Role::Plan, 3)]),
        ),
        (
            "CP-09",
            |story, on| story.with(on, plan(), &[(Role::Plan, 3)]),
            |story, on| {
                story.with(on, ReviewConferenceHeld::default(), &[(Role::Plan, 3), (Role::Conference, 4)])
            },
        ),
        (
            "CP-10",
            |story, on| {
                story.with(on, ReviewConferenceHeld::default(), &[(Role::Plan, 3), (Role::Conference, 4)])
            },
            |story, on| {
                story.with(on, ReviewConferenceHeld::default(), &[(Role::Plan, 3), (Role::Conference, 5)])
            },
        ),
        (
            "LAC-01",
            |story, on| story.with(on, care(), &[(Role::PeriodOfCare, 6)]),
            |story, on| story.with(on, review(), &[(Role::PeriodOfCare, 6), (Role::Review, 7)]),
        ),
        (
            "LAC-02",
            |story, on| {
                story.with("2021-11-01", care(), &[(Role::PeriodOfCare, 6)]).with(
                    on,
                    review(),
                    &[(Role::PeriodOfCare, 6), (Role::Review, 7)],
                )
            },
            |story, on| story.with(on, review(), &[(Role::PeriodOfCare, 6), (Role::Review, 8)]),
        ),
        (
            "AS-03",
            |story, on| story.with(on, referral(), &[(Role::Referral, 9)]),
            |story, on| story.with(on, authorised(), &[(Role::Assessment, 10), (Role::Referral, 9)]),
        ),
        (
            "AS-03a",
            |story, on| story.with(on, assessment(), &[(Role::Assessment, 10)]),
            |story, on| story.with(on, authorised(), &[(Role::Assessment, 10)]),
        ),
        (
            "FD-01",
            |story, on| story.with(on, referral(), &[(Role::Referral, 9)]),
            |story, on| story.with(on, decision(ReferralOutcome::Progressed), &[(Role::Referral, 9)]),
        ),
        (
            "CT-01",
            |story, on| story.with(on, application(&[OrderApplied::Care]), &[(Role::Application, 11)]),
            |story, on| {
                story.with(
                    on,
                    FinalOrderMade { order: code("care_order"), care_plan: None },
                    &[(Role::Application, 11)],
                )
            },
        ),
    ]
}

/// Starts whose limits cross Easter, Christmas, 2-3 June 2022, 19 September 2022, a leap day and the clock changes.
const STARTS: [&str; 8] = [
    "2023-03-27",
    "2022-12-12",
    "2022-05-25",
    "2022-08-30",
    "2022-09-16",
    "2024-02-12",
    "2022-10-28",
    "2023-11-30",
];

#[test]
fn every_clock_is_met_on_its_last_day_and_late_on_the_next() {
    for (rule, start, stop) in pairs() {
        for on in STARTS {
            let due = the_deadline(rule, on).last_day_in_time.expect("a maximum");
            let started = start(Story::complete(), on);
            let stopped = |on: chrono::NaiveDate| {
                let story = stop(started.clone(), &on.to_string());
                let first = story.clocks(rule, &Question::as_at(day("2026-01-01"))).remove(0);
                assert_eq!(first.due_on, Some(due), "{rule} from {on}");
                first.state
            };
            assert_eq!(stopped(due.pred_opt().unwrap()), State::Met, "{rule} {on}: the day before");
            assert_eq!(stopped(due), State::Met, "{rule} {on}: the day");
            assert_eq!(stopped(due.succ_opt().unwrap()), State::Late, "{rule} {on}: the day after");
            let open = |as_at: chrono::NaiveDate| started.states(rule, &as_at.to_string());
            assert_eq!(open(due), [State::DueSoon], "{rule} {on}: open on the day");
            assert_eq!(open(due.succ_opt().unwrap()), [State::Overdue], "{rule} {on}: open the day after");
        }
    }
}

#[test]
fn an_initial_conference_counted_by_hand() {
    use State::{Late, Met};
    // start, conference, calendar known on, state
    let cases = [
        ("2023-03-27", "2023-04-18", "2023-04-18", Met),
        ("2023-03-27", "2023-04-19", "2023-04-19", Met),
        ("2023-03-27", "2023-04-20", "2023-04-20", Late),
        ("2022-12-12", "2023-01-05", "2023-01-05", Met),
        ("2022-12-12", "2023-01-06", "2023-01-06", Late),
        // 2 and 3 June 2022 are bank holidays: the fifteenth day is 24 June, not 23 June.
        ("2022-06-02", "2022-06-24", "2022-06-24", Met),
        ("2022-06-02", "2022-06-27", "2022-06-27", Late),
        // 19 September 2022: the same conference is late as known on 1 September and in time as known on 15 September.
        ("2022-08-30", "2022-09-20", "2022-09-01", Met),
        ("2022-08-30", "2022-09-21", "2022-09-01", Late),
        ("2022-08-30", "2022-09-21", "2022-09-15", Met),
        ("2022-08-30", "2022-09-22", "2022-09-15", Late),
        // Over the change to summer time on 26 March 2023.
        ("2023-03-24", "2023-04-18", "2023-04-18", Met),
        ("2023-03-24", "2023-04-19", "2023-04-19", Late),
    ];
    for (start, held, known, state) in cases {
        let story = Story::new().with(start, discussion(), &[(Role::Enquiry, 1)]).with(
            held,
            initial(),
            &[(Role::Enquiry, 1)],
        );
        let question = Question::as_at(day("2023-12-31")).with_calendar_known(KnownDay::new(day(known)));
        let clocks = story.clocks("CP-04", &question);
        assert_eq!(clocks[0].state, state, "{start} to {held} as known on {known}");
        let counted = clocks[0].counted_days(Calendar::built_in(), question.calendar_known).unwrap();
        // To the last day of the limit, or to the stop where that is later.
        let last = if state == Late { 16 } else { 15 };
        assert_eq!(counted.last().unwrap().number, Some(last));
    }
}

#[test]
fn the_enquiry_counts_from_the_discussion_that_initiated_it() {
    let story = Story::new()
        .with(
            "2023-03-01",
            StrategyDiscussionHeld { initiated_enquiry: false, ..Default::default() },
            &[(Role::Enquiry, 1)],
        )
        .with("2023-03-27", discussion(), &[(Role::Enquiry, 1)])
        .with("2023-03-29", enquiry(), &[(Role::Enquiry, 1)]);
    let clock = story.clocks("CP-04", &Question::as_at(day("2023-04-01"))).remove(0);
    assert_eq!(
        (clock.start.occurred.day(), clock.due_on),
        (Some(day("2023-03-27")), Some(day("2023-04-19")))
    );
    // Where only the enquiry is known its start counts, as the census defines it.
    let story = Story::new().with("2023-03-27", enquiry(), &[(Role::Enquiry, 1)]);
    let clock = story.clocks("CP-04", &Question::as_at(day("2023-04-01"))).remove(0);
    assert_eq!(clock.due_on, Some(day("2023-04-19")));
    assert_eq!(clock.used.unwrap().amount, 4);
    assert_eq!(clock.allowed.unwrap().amount, 15);
}

#[test]
fn only_a_conference_of_the_enquiry_stops_it() {
    let started = Story::new().with("2023-03-27", enquiry(), &[(Role::Enquiry, 1)]);
    let state = |story: Story| story.states("CP-04", "2023-06-01");
    let with = |body: InitialConferenceHeld, processes: &[(EntityRole, u128)]| {
        state(started.clone().with("2023-04-03", body, processes))
    };
    assert_eq!(with(initial(), &[(Role::Enquiry, 1)]), [State::Met]);
    assert_eq!(with(conference(InitialConferenceKind::PreBirth), &[(Role::Enquiry, 1)]), [State::Met]);
    assert_eq!(with(initial(), &[(Role::Enquiry, 2)]), [State::Overdue]);
    assert_eq!(with(conference(InitialConferenceKind::TransferIn), &[(Role::Enquiry, 1)]), [State::Overdue]);
    assert_eq!(with(conference(InitialConferenceKind::Unlinked), &[]), [State::Overdue]);
    let not_required = started.clone().with("2023-04-20", ConferenceNotRequired {}, &[(Role::Enquiry, 1)]);
    assert_eq!(state(not_required.clone()), [State::NotApplicable]);
    let held_all_the_same = not_required.with("2023-05-20", initial(), &[(Role::Enquiry, 1)]);
    assert_eq!(state(held_all_the_same), [State::Late]);
}

#[test]
fn uncertain_dates_are_told_only_where_both_ends_agree() {
    let state = |start: &str, stop: &str| {
        let story = Story::new().with(start, enquiry(), &[(Role::Enquiry, 1)]);
        let story = if stop.is_empty() { story } else { story.with(stop, initial(), &[(Role::Enquiry, 1)]) };
        story.states("CP-04", "2023-05-05").remove(0)
    };
    let cannot = State::CannotTell;
    // Due on 2023-04-19 from 2023-03-27, on 2023-04-20 from 2023-03-28.
    assert_eq!(state("2023-03-27/2023-03-28", "2023-04-19"), State::Met);
    assert_eq!(state("2023-03-27/2023-03-28", "2023-04-20"), cannot(Why::DatesNotSettled));
    assert_eq!(state("2023-03-27/2023-03-28", "2023-04-21"), State::Late);
    assert_eq!(state("2023-03-27", "../2023-04-19"), State::Met);
    assert_eq!(state("2023-03-27", "2023-04-19/2023-04-20"), cannot(Why::DatesNotSettled));
    // Recorded years later: on the day asked about it was late, or not done yet.
    assert_eq!(state("2023-03-27", "2023-04-20/.."), State::Overdue);
    assert_eq!(state("2023-03-27", "unknown"), cannot(Why::DatesNotSettled));
    assert_eq!(state("unknown", "2023-04-20"), cannot(Why::StartNotKnown));
    assert_eq!(state("2023-03-27", "2023-03-20"), cannot(Why::StopBeforeStart));
    assert_eq!(state("2023-03-27/2023-03-28", ""), State::Overdue);
    assert_eq!(state("2023-03-27/2023-05-01", ""), cannot(Why::DatesNotSettled));
    // An estimate is a date.
    assert_eq!(state("2023-03-27~", "2023-04-19"), State::Met);
}

#[test]
fn an_act_without_a_latest_day_had_happened_when_it_was_recorded() {
    let enquiry = |story: Story| story.with("2023-03-27", enquiry(), &[(Role::Enquiry, 1)]);
    let held = |recorded: &str, on: &str, as_at: &str| {
        let story = enquiry(Story::new()).recorded_on(recorded, on, initial(), &[(Role::Enquiry, 1)]);
        story.states("CP-04", as_at).remove(0)
    };
    assert_eq!(held("2023-05-02", "2023-04-20/..", "2023-05-05"), State::Late);
    assert_eq!(
        held("2023-05-02", "2023-04-20/..", "2023-05-01"),
        State::Overdue,
        "it may have come on the 2nd"
    );
    let open = State::CannotTell(Why::DatesNotSettled);
    assert_eq!(held("2023-05-02", "2023-04-03/..", "2023-05-05"), open);
    assert_eq!(held("2023-05-02", "2023-04-03/..", "2023-04-12"), open, "done in time, or not yet");
}

#[test]
fn a_calendar_that_does_not_reach_far_enough_cannot_tell() {
    let story = Story::new().with("2030-12-20", enquiry(), &[(Role::Enquiry, 1)]);
    assert_eq!(story.states("CP-04", "2030-12-31"), [State::CannotTell(Why::CalendarNotHeld)]);
}

#[test]
fn a_gap_in_the_history_is_never_met_or_late() {
    let reviewed = |story: Story| {
        story.with("2023-01-09", plan(), &[(Role::Plan, 3)]).with(
            "2023-09-11",
            ReviewConferenceHeld::default(),
            &[(Role::Plan, 3)],
        )
    };
    let kinds = &["review_conference_held"];
    let whole = reviewed(Story::new().covered(kinds, CoverageExtent::Complete, "2023-01-01", "2023-12-31"));
    let latest = reviewed(Story::new().covered(kinds, CoverageExtent::LatestOnly, "", "2023-12-31"));
    let other = reviewed(Story::new().covered(&["core_group_held"], CoverageExtent::Complete, "", ""));
    let nothing = reviewed(Story::new());
    assert_eq!(whole.states("CP-09", "2023-12-31"), [State::Late]);
    for story in [&latest, &other, &nothing] {
        assert_eq!(story.states("CP-09", "2023-12-31"), [State::HistoryIncomplete]);
    }
    // The next review: in time while it runs; past the end of what is held nobody can say that it was not held.
    assert_eq!(whole.states("CP-10", "2023-12-31"), [State::Running]);
    assert_eq!(latest.states("CP-10", "2023-12-31"), [State::HistoryIncomplete]);
    assert_eq!(whole.states("CP-10", "2024-06-01"), [State::HistoryIncomplete]);
}

#[test]
fn an_open_direct_clock_past_the_extract_is_history_incomplete() {
    let kinds = &["initial_conference_held"];
    let story = Story::new()
        .covered(kinds, CoverageExtent::Complete, "2023-01-01", "2023-04-25")
        .with("2023-03-27", enquiry(), &[(Role::Enquiry, 1)])
        .with("2023-04-12", enquiry(), &[(Role::Enquiry, 2)]);
    assert_eq!(story.states("CP-04", "2023-04-25"), [State::Overdue, State::Running]);
    // Nothing was held by the first one's last day; of the second one nobody knows what happened after the extract.
    assert_eq!(story.states("CP-04", "2023-12-31"), [State::Overdue, State::HistoryIncomplete]);
}

#[test]
fn chained_reviews_restart_from_the_actual_review() {
    let story = Story::complete()
        .with("2022-11-30", care(), &[(Role::PeriodOfCare, 6)])
        .with("2022-12-29", review(), &[(Role::PeriodOfCare, 6)])
        .with("2023-05-10", review(), &[(Role::PeriodOfCare, 6)])
        .with("2023-11-10", review(), &[(Role::PeriodOfCare, 6)]);
    assert_eq!(story.states("LAC-01", "2023-12-01"), [State::Met]);
    assert_eq!(story.states("LAC-02", "2023-12-01"), [State::Late]);
    let later = story.clocks("LAC-03", &Question::as_at(day("2023-12-01")));
    let seen: Vec<_> = later.iter().map(|clock| (clock.occurrence, clock.due_on, clock.state)).collect();
    assert_eq!(
        seen,
        [(2, Some(day("2023-11-10")), State::Met), (3, Some(day("2024-05-10")), State::Running),]
    );
}

#[test]
fn a_process_that_ends_before_the_limit_closes_the_clock() {
    let story = Story::complete().with("2023-01-09", plan(), &[(Role::Plan, 3)]).with(
        "2023-03-01",
        plan_end(),
        &[(Role::Plan, 3)],
    );
    assert_eq!(story.states("CP-09", "2023-12-31"), [State::NotApplicable]);
    let ended_late = Story::complete().with("2023-01-09", plan(), &[(Role::Plan, 3)]).with(
        "2023-04-10",
        plan_end(),
        &[(Role::Plan, 3)],
    );
    assert_eq!(ended_late.states("CP-09", "2023-12-31"), [State::Late]);
    assert_eq!(ended_late.states("CP-09", "2023-04-09"), [State::DueSoon]);
}

#[test]
fn a_series_of_short_breaks_has_no_review_clock() {
    let placement = PlacementStarted {
        placement_type: None,
        provider: None,
        short_break: Some(true),
        ..Default::default()
    };
    let story = Story::complete().with("2023-01-09", care(), &[(Role::PeriodOfCare, 6)]).with(
        "2023-01-09",
        placement,
        &[(Role::PeriodOfCare, 6), (Role::Placement, 7)],
    );
    assert_eq!(story.states("LAC-01", "2023-12-31"), [State::NotApplicable]);
}

#[test]
fn care_proceedings_run_from_the_childs_own_issue_date() {
    let issued = |orders: &[OrderApplied]| {
        Story::new().with("2023-01-02", application(orders), &[(Role::Application, 11)])
    };
    for orders in [&[OrderApplied::Placement][..], &[OrderApplied::Discharge], &[OrderApplied::PrivateLaw]] {
        assert_eq!(issued(orders).states("CT-01", "2024-01-01"), []);
    }
    let open = issued(&[OrderApplied::Care, OrderApplied::Placement]);
    let clock = open.clocks("CT-01", &Question::as_at(day("2023-07-02"))).remove(0);
    assert_eq!((clock.due_on, clock.state), (Some(day("2023-07-02")), State::DueSoon));
    assert_eq!((clock.used.unwrap().amount, clock.allowed.unwrap().amount), (182, 182));
    assert_eq!(open.states("CT-01", "2023-07-03"), [State::Overdue]);
    let ends: [Body; 4] = [
        FinalOrderMade { order: code("care_order"), care_plan: None }.into(),
        ApplicationWithdrawn {}.into(),
        ApplicationDismissed {}.into(),
        NoOrderMade {}.into(),
    ];
    for end in ends {
        let disposed = open.clone().with("2023-07-02", end, &[(Role::Application, 11)]);
        assert_eq!(disposed.states("CT-01", "2024-01-01"), [State::Met]);
    }
}

#[test]
fn extensions_chain_and_never_overwrite_the_26_weeks() {
    let extended = |new_end: &str| TimetableExtended {
        new_end: day(new_end),
        reason: None,
        weeks: None,
        children: std::collections::BTreeSet::new(),
    };
    let story = Story::new()
        .with("2023-01-02", application(&[OrderApplied::Care]), &[(Role::Application, 11)])
        .with("2023-06-20", extended("2023-08-27"), &[(Role::Application, 11)])
        .with("2023-08-20", extended("2023-10-22"), &[(Role::Application, 11)]);
    let on = |as_at: &str| {
        let clock = story.clocks("CT-01", &Question::as_at(day(as_at))).remove(0);
        assert_eq!(clock.original_due_on, Some(day("2023-07-02")));
        (clock.extensions.len(), clock.due_on, clock.state)
    };
    assert_eq!(on("2023-06-19"), (0, Some(day("2023-07-02")), State::Running));
    assert_eq!(on("2023-07-03"), (1, Some(day("2023-08-27")), State::Running));
    assert_eq!(on("2023-10-22"), (2, Some(day("2023-10-22")), State::DueSoon));
    assert_eq!(on("2023-10-23"), (2, Some(day("2023-10-22")), State::Overdue));
}

#[test]
fn the_24_hours_are_never_told_from_dates_alone() {
    let story = |received: &str, decided: &str| {
        Story::new().with(received, referral(), &[(Role::Referral, 9)]).with(
            decided,
            decision(ReferralOutcome::Progressed),
            &[(Role::Referral, 9)],
        )
    };
    let state =
        |received: &str, decided: &str| story(received, decided).states("FD-01h", "2023-12-31").remove(0);
    let needs_time = State::CannotTell(Why::NeedsTimeOfDay);
    assert_eq!(state("2023-03-06", "2023-03-06"), needs_time);
    assert_eq!(state("2023-03-06T10:00+00:00", "2023-03-07"), needs_time);
    assert_eq!(state("2023-03-06T10:00+00:00", "2023-03-07T10:00+00:00"), State::Met);
    assert_eq!(state("2023-03-06T10:00+00:00", "2023-03-07T10:01+00:00"), State::Late);
    // The night in which the clocks go forward: 24 hours end an hour later on the wall.
    assert_eq!(state("2023-03-25T20:00+00:00", "2023-03-26T21:00+01:00"), State::Met);
    assert_eq!(state("2023-03-25T20:00+00:00", "2023-03-26T21:01+01:00"), State::Late);
    assert_eq!(story("2023-03-06", "2023-03-06").states("FD-01", "2023-12-31"), [State::Met]);
    assert_eq!(story("2023-03-06", "2023-03-07").states("FD-01", "2023-12-31"), [State::Met]);
    assert_eq!(story("2023-03-06", "2023-03-08").states("FD-01", "2023-12-31"), [State::Late]);
}

#[test]
fn a_stop_that_names_no_process_leaves_an_open_clock_untold() {
    let of_one = Story::complete().with("2023-01-09", plan(), &[(Role::Plan, 3)]);
    let met = |story: Story| story.with("2023-01-16", CoreGroupHeld::default(), &[]);
    assert_eq!(met(of_one.clone()).states("CP-08", "2023-12-31"), [State::Met], "no other plan is known");
    let of_two = of_one.with("2023-01-10", plan(), &[(Role::Plan, 4)]);
    let unlinked = State::CannotTell(Why::UnlinkedEvent);
    assert_eq!(met(of_two).states("CP-08", "2023-12-31"), [unlinked, unlinked]);
}

#[test]
fn a_reason_for_delay_explains_and_does_not_excuse() {
    let reason =
        DelayReasonRecorded { rule: code("CP-04"), entity: process(1), reason: code("family_request") };
    let story = Story::new()
        .with("2023-03-27", enquiry(), &[(Role::Enquiry, 1)])
        .with("2023-04-21", initial(), &[(Role::Enquiry, 1)])
        .with("2023-04-22", reason, &[]);
    let clock = story.clocks("CP-04", &Question::as_at(day("2023-12-31"))).remove(0);
    assert_eq!(clock.state, State::Late);
    assert_eq!(clock.delay_reasons[0].reason.as_str(), "family_request");
    assert!(story.clocks("CP-04", &Question::as_at(day("2023-04-21")))[0].delay_reasons.is_empty());
}

#[test]
fn the_first_assessment_of_a_referral_and_every_assessment_are_two_clocks() {
    let story = Story::complete()
        .with("2023-01-09", referral(), &[(Role::Referral, 9)])
        .with("2023-01-16", assessment(), &[(Role::Assessment, 10), (Role::Referral, 9)])
        .with("2023-03-14", authorised(), &[(Role::Assessment, 10), (Role::Referral, 9)])
        .with("2023-06-05", assessment(), &[(Role::Assessment, 12), (Role::Referral, 9)]);
    assert_eq!(story.states("AS-03", "2023-12-31"), [State::Late]);
    assert_eq!(story.states("AS-03a", "2023-12-31"), [State::Met, State::Overdue]);
    let ended = Story::complete().with("2023-01-09", referral(), &[(Role::Referral, 9)]).with(
        "2023-01-10",
        decision(ReferralOutcome::NoFurtherAction),
        &[(Role::Referral, 9)],
    );
    assert_eq!(ended.states("AS-03", "2023-12-31"), [State::NotApplicable]);
}

#[test]
fn a_late_entry_and_a_correction_change_the_answer_only_from_their_own_moment_on() {
    let story = Story::new()
        .recorded_on("2023-03-27", "2023-03-27", enquiry(), &[(Role::Enquiry, 1)])
        .recorded_on("2023-05-10", "2023-04-20", initial(), &[(Role::Enquiry, 1)]);
    let replacement = CaseEvent::new("2023-04-19".parse().unwrap(), initial()).of(Role::Enquiry, process(1));
    let correction = EventCorrected {
        target: EventId(Uuid::from_u128(2)),
        replacement: Box::new(replacement),
        changed: BTreeSet::from(["occurred".to_owned()]),
        reason: CorrectionReason::TypingError,
        authorised_by: None,
        inferred: false,
    };
    let story = story.recorded_on("2023-06-01", "2023-06-01", correction, &[]);
    let known = |on: &str| {
        let journey = Journey::known(&story.recorded, KnownAt::end_of(Basis::Ledger, day(on)));
        let engine = domain::clocks::ClockEngine::new(RuleBook::built_in());
        let clocks = engine.run(&journey, &Question::as_at(day("2023-05-31"))).clocks;
        clocks.iter().find(|clock| clock.rule.id.as_str() == "CP-04").expect("a clock").state
    };
    assert_eq!(known("2023-05-09"), State::Overdue);
    assert_eq!(known("2023-05-10"), State::Late);
    assert_eq!(known("2023-05-31"), State::Late);
    assert_eq!(known("2023-06-01"), State::Met);
}
