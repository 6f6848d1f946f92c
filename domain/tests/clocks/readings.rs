//! What every reading of uncertain dates and orders says, and whose an act is: each kind of answer found wrong in November
//! 2026, its example first and its siblings after it. Every child is invented.

use crate::support::{Story, day};
use domain::clocks::{Looked, Question, State, Why};
use domain::events::EntityRole::{
    self, AdoptionCase, Application, CarePlan, Conference, Contact, Enquiry, MissingEpisode, PeriodOfCare,
    Placement, Plan, PrivateFostering, Referral,
};
use domain::events::record_keeping::CoverageExtent;

const NOT_SETTLED: State = State::CannotTell(Why::DatesNotSettled);
const ONE_PLAN: &[(EntityRole, u128)] = &[(Plan, 1)];
const CARE: &[(EntityRole, u128)] = &[(PeriodOfCare, 1)];
const LATER_CARE: &[(EntityRole, u128)] = &[(PeriodOfCare, 2)];
const EPISODE: &[(EntityRole, u128)] = &[(MissingEpisode, 1)];
const CASE: &[(EntityRole, u128)] = &[(Referral, 1)];

/// A day, a kind of event, the processes that it names.
type Told<'a> = (&'a str, &'a str, &'a [(EntityRole, u128)]);

fn tell(events: &[Told<'_>]) -> Story {
    add(Story::complete(), events)
}

fn add(story: Story, events: &[Told<'_>]) -> Story {
    events.iter().fold(story, |story, (on, kind, processes)| {
        let details = match *kind {
            "ceased_to_be_looked_after" => r#"{"reason":"E4A"}"#,
            "placement_started" => r#"{"short_break":false}"#,
            "initial_conference_held" => r#"{"kind":"initial"}"#,
            "strategy_discussion_held" => r#"{"initiated_enquiry":true}"#,
            "application_issued" => r#"{"orders":["care"]}"#,
            "assessment_started" => r#"{"kind":"single"}"#,
            _ => "{}",
        };
        story.told(on, kind, details, processes)
    })
}

/// The state of the clock of a rule that starts on a day.
fn from(story: &Story, rule: &str, start: &str, as_at: &str) -> State {
    let clocks = story.clocks(rule, &Question::as_at(day(as_at)));
    let start = clocks.iter().find(|clock| clock.start.occurred.to_string() == start);
    start.unwrap_or_else(|| panic!("{rule} from {start:?} of {clocks:?}")).state
}

fn reviews(days: &[&str]) -> Story {
    let plan = tell(&[("2022-05-01", "child_protection_plan_started", ONE_PLAN)]);
    days.iter().fold(plan, |story, on| add(story, &[(on, "review_conference_held", ONE_PLAN)]))
}

#[test]
fn a_review_of_an_uncertain_day_leaves_the_link_before_it_open() {
    let story = reviews(&["2022-07-01", "2022-10-01/2023-03-01", "2023-02-01"]);
    let story = add(story, &[("2023-03-01", "child_protection_plan_ended", ONE_PLAN)]);
    // Due on 1 January: in time if the middle one was held by then, late if it was not.
    assert_eq!(from(&story, "CP-10", "2022-07-01", "2026-09-30"), NOT_SETTLED);
    assert_eq!(story.states("CP-10", "2026-09-30").len(), 3, "as many links as reviews");
}

#[test]
fn a_review_of_an_uncertain_day_settles_a_link_that_it_answers_from_either_end() {
    let in_time = reviews(&["2022-07-01", "2022-10-01/2022-12-20", "2023-02-01"]);
    assert_eq!(from(&in_time, "CP-10", "2022-07-01", "2023-04-30"), State::Met);
    let late = reviews(&["2022-07-01", "2023-01-10/2023-03-01", "2023-02-01"]);
    assert_eq!(from(&late, "CP-10", "2022-07-01", "2023-04-30"), State::Late);
    // Whichever of the two was first, it was followed within six months, and the last one waits for the next.
    assert_eq!(from(&late, "CP-10", "2023-01-10/2023-02-01", "2023-04-30"), State::Met);
    assert_eq!(from(&late, "CP-10", "2023-02-01/2023-03-01", "2023-04-30"), State::Running);
}

#[test]
fn a_review_of_an_unknown_day_may_be_any_of_them() {
    let unknown = reviews(&["2022-07-01", "unknown", "2023-02-01"]);
    assert_eq!(from(&unknown, "CP-10", "2022-07-01", "2023-04-30"), NOT_SETTLED);
    // In time without it, and no later with it.
    let close = reviews(&["2022-07-01", "unknown", "2022-12-01"]);
    assert_eq!(from(&close, "CP-10", "2022-07-01", "2023-04-30"), State::Met);
    assert_eq!(from(&close, "CP-10", "2022-12-01/..", "2023-04-30"), State::Running);
}

#[test]
fn reviews_of_care_with_one_of_an_uncertain_day_are_numbered_only_where_their_order_is_known() {
    let story = |days: &[&str]| {
        let story = tell(&[("2022-01-04", "became_looked_after", CARE)]);
        days.iter().fold(story, |story, on| add(story, &[(on, "looked_after_review_held", CARE)]))
    };
    let after = story(&["2022-01-25", "2022-04-01", "2022-09-20/2023-01-20"]);
    assert_eq!(after.states("LAC-02", "2023-03-31"), [State::Met]);
    assert_eq!(from(&after, "LAC-03", "2022-04-01", "2023-03-31"), NOT_SETTLED);
    // Which of the first two was the first does not matter to LAC-02, whose answer is the same.
    let before = story(&["2022-01-25", "2022-01-20/2022-02-10", "2022-09-20"]);
    assert_eq!(before.states("LAC-02", "2023-03-31"), [State::Met]);
    assert_eq!(before.states("LAC-03", "2023-03-31").len(), 2);
}

#[test]
fn an_act_of_the_child_within_the_span_of_the_start_may_lie_before_it() {
    let story = tell(&[
        ("2025-03-20/2025-06-20", "became_looked_after", CARE),
        ("2025-04-05", "health_assessment_completed", &[]),
        ("2025-04-02", "pep_completed", &[]),
    ]);
    assert_eq!(story.states("HL-01", "2026-09-30"), [NOT_SETTLED]);
    assert_eq!(story.states("ED-01", "2026-09-30"), [NOT_SETTLED]);
    // A visit to a placement, a sight of a child.
    let story = tell(&[
        ("2025-03-20/2025-03-28", "placement_started", &[(Placement, 1), (PeriodOfCare, 1)]),
        ("2025-03-25", "looked_after_visit_made", &[]),
        ("2025-03-20/2025-03-28", "referral_received", CASE),
        ("2025-03-25", "child_seen", &[]),
    ]);
    assert_eq!(story.states("LAC-04", "2026-09-30"), [NOT_SETTLED]);
    assert_eq!(story.states("AS-06", "2026-09-30"), [NOT_SETTLED]);
    // After the whole span it is in time from either end.
    let story = tell(&[
        ("2025-03-20/2025-03-24", "became_looked_after", CARE),
        ("2025-04-05", "health_assessment_completed", &[]),
    ]);
    assert_eq!(story.states("HL-01", "2026-09-30"), [State::Met]);
}

#[test]
fn a_second_act_does_not_unsettle_what_the_first_answers_from_every_start() {
    // Seen on 10 January if the referral came by then, else on the 25th: in time from each day of the span.
    let seen = |days: &[&str]| {
        let story = tell(&[("2023-01-05/2023-01-23", "referral_received", CASE)]);
        days.iter().fold(story, |story, on| add(story, &[(on, "child_seen", &[])]))
    };
    assert_eq!(seen(&["2023-01-10", "2023-01-25"]).states("AS-06", "2023-12-31"), [State::Met]);
    assert_eq!(seen(&["2023-01-10", "2023-03-25"]).states("AS-06", "2023-12-31"), [NOT_SETTLED]);
    assert_eq!(
        seen(&["2023-01-24", "2023-03-25"]).states("AS-06", "2023-12-31"),
        [NOT_SETTLED],
        "the 24th is too late from the 5th"
    );
    let sight = |first: &str| {
        let story = tell(&[("2023-01-05", "referral_received", CASE), (first, "child_seen", &[])]);
        add(story, &[("2023-03-25", "child_seen", &[])])
    };
    assert_eq!(sight("2023-01-05/2023-01-12").states("AS-06", "2023-12-31"), [State::Met]);
}

fn looked(story: &Story, rule: &str, on: &str) -> Looked<'static> {
    let answers = story.answers(&Question::as_at(day("2026-09-30")));
    let mut of_rule = answers.look_backs.into_iter().filter(|looked| looked.rule.id.as_str() == rule);
    of_rule.find(|looked| looked.event.occurred.to_string() == on).expect("asked").answer
}

#[test]
fn looking_back_answers_what_is_the_same_on_every_day_of_a_span() {
    let two = |earlier: &str, later: &str| {
        tell(&[
            (earlier, "referral_received", &[(Referral, 1)]),
            (later, "referral_received", &[(Referral, 2)]),
        ])
    };
    let span = "2023-03-01/2023-03-20";
    assert_eq!(looked(&two("2022-01-10", span), "FD-03", span), Looked::NoEarlier);
    assert_eq!(looked(&two("2022-06-10", span), "FD-03", span), Looked::Earlier(None));
    assert_eq!(looked(&two("2022-03-10", span), "FD-03", span), Looked::CannotTell(Why::DatesNotSettled));
    // The earlier one is the span: wholly within, wholly outside, across the edge.
    let of = |earlier: &str| looked(&two(earlier, "2023-03-15"), "FD-03", "2023-03-15");
    assert_eq!(of("2022-04-01/2022-05-01"), Looked::Earlier(None));
    assert_eq!(of("2022-01-01/2022-03-15"), Looked::NoEarlier);
    assert_eq!(of("2022-03-01/2022-04-01"), Looked::CannotTell(Why::DatesNotSettled));
    assert_eq!(of("2023-03-16/2023-04-01"), Looked::NoEarlier);
}

#[test]
fn a_version_chosen_by_the_due_day_is_chosen_by_the_clock_s_own() {
    let arrangement = &[(PrivateFostering, 1)];
    let first_visit = |started: &str, visited: &str| {
        let story = tell(&[(started, "private_fostering_arrangement_started", arrangement)]);
        let story = add(story, &[(visited, "private_fostering_visit_made", arrangement)]);
        let clocks = story.clocks("PF-01", &Question::as_at(day("2021-09-30")));
        let first = clocks.iter().find(|clock| clock.occurrence == 0).expect("a clock").clone();
        (first.state, first.version.name.to_string(), first.due_on.map(|due| due.to_string()))
    };
    let due = |text: &str| Some(text.to_owned());
    let relaxed = State::CannotTell(Why::LimitRelaxed);
    // Six weeks from 6 August end on 17 September, within the relaxation; twelve would end after it.
    assert_eq!(
        first_visit("2020-08-06", "2020-10-01"),
        (relaxed, "coronavirus-2020".to_owned(), due("2020-09-17"))
    );
    // The last day of the relaxation, the first after it, and the last before it begins.
    assert_eq!(first_visit("2020-08-13", "2020-11-01").1, "coronavirus-2020");
    assert_eq!(
        first_visit("2020-08-14", "2020-11-01"),
        (State::Late, "regulations-2005".to_owned(), due("2020-09-25"))
    );
    assert_eq!(
        first_visit("2020-03-12", "2020-06-01"),
        (State::Late, "regulations-2005".to_owned(), due("2020-04-23"))
    );
    assert_eq!(first_visit("2020-03-13", "2020-06-01").1, "coronavirus-2020");
}

#[test]
fn what_was_done_before_the_start_is_met_where_the_rule_says_so() {
    let story = tell(&[
        ("2023-03-01", "care_plan_made", &[(CarePlan, 5)]),
        ("2023-03-03", "iro_appointed", &[]),
        ("2023-03-02", "placement_plan_made", &[(Placement, 1)]),
        ("2023-03-06", "became_looked_after", CARE),
        ("2023-03-06", "placement_started", &[(Placement, 1), (PeriodOfCare, 1)]),
    ]);
    for rule in ["CT-08", "LAC-07", "LAC-13"] {
        assert_eq!(story.states(rule, "2023-12-31"), [State::Met], "{rule}");
    }
}

#[test]
fn a_last_day_before_the_start_is_past() {
    // Asked for on the day before the conference; the report was due two working days before it.
    let conference = &[(Conference, 1)];
    let story = tell(&[
        ("2023-05-10", "conference_requested", conference),
        ("2023-05-11", "initial_conference_held", conference),
    ]);
    let story =
        story.told("2022-01-10", "agency_report_received", r#"{"agency":"health"}"#, &[(Conference, 9)]);
    assert_eq!(story.states("CP-16", "2023-05-11"), [State::Overdue]);
    assert_eq!(story.states("CP-16", "2023-12-31"), [State::Late]);
}

#[test]
fn an_act_of_an_earlier_period_never_meets_the_clock_of_a_later_one() {
    for named in [CARE, &[]] {
        let story = tell(&[
            ("2021-01-04", "became_looked_after", CARE),
            ("2021-01-06", "iro_appointed", named),
            ("2021-01-06", "care_plan_made", &[named, &[(CarePlan, 5)]].concat()),
            ("2021-06-30", "ceased_to_be_looked_after", CARE),
            ("2023-03-06", "became_looked_after", LATER_CARE),
            ("2023-03-28", "looked_after_review_held", LATER_CARE),
        ]);
        for rule in ["LAC-13r", "LAC-13", "CT-08"] {
            let start = |on| from(&story, rule, on, "2026-09-30");
            assert_eq!(start("2023-03-06"), State::Overdue, "{rule} {named:?}");
            assert_ne!(start("2021-01-04"), State::Overdue, "{rule} {named:?}");
        }
    }
    // Between the two periods it was done ahead of the later one.
    let story = tell(&[
        ("2021-01-04", "became_looked_after", CARE),
        ("2021-06-30", "ceased_to_be_looked_after", CARE),
        ("2023-03-01", "iro_appointed", &[]),
        ("2023-03-06", "became_looked_after", LATER_CARE),
    ]);
    assert_eq!(from(&story, "LAC-13", "2023-03-06", "2026-09-30"), State::Met);
    // Of a span that may reach into the time after the earlier period nobody can say whose it was.
    let story = tell(&[
        ("2021-01-04", "became_looked_after", CARE),
        ("2021-06-30", "ceased_to_be_looked_after", CARE),
        ("2021-06-01/2023-03-01", "iro_appointed", &[]),
        ("2023-03-06", "became_looked_after", LATER_CARE),
    ]);
    assert_eq!(from(&story, "LAC-13", "2023-03-06", "2026-09-30"), NOT_SETTLED);
}

#[test]
fn a_period_that_ended_before_an_act_has_no_clock_that_waits_for_it() {
    let adoption = &[(AdoptionCase, 1)];
    let story = tell(&[
        ("2021-01-04", "became_looked_after", CARE),
        ("2021-06-30", "ceased_to_be_looked_after", CARE),
        ("2022-01-04", "became_looked_after", LATER_CARE),
        ("2022-12-01", "placed_for_adoption", adoption),
    ]);
    for rule in ["PM-03", "PM-03a", "PM-05"] {
        let clocks = story.clocks(rule, &Question::as_at(day("2022-12-31")));
        let [clock] = &clocks[..] else { panic!("one clock of {rule}: {clocks:?}") };
        assert_eq!(clock.start.occurred.to_string(), "2022-01-04", "{rule}");
        assert_eq!(clock.state, State::Met, "{rule}");
    }
    // And the other way round: placed in the first period, none in the second.
    let story = tell(&[
        ("2021-01-04", "became_looked_after", CARE),
        ("2021-06-01", "placed_for_adoption", adoption),
        ("2021-06-30", "ceased_to_be_looked_after", CARE),
        ("2022-01-04", "became_looked_after", LATER_CARE),
    ]);
    let clocks = story.clocks("PM-03", &Question::as_at(day("2022-12-31")));
    assert_eq!(
        clocks.iter().map(|clock| clock.start.occurred.to_string()).collect::<Vec<_>>(),
        ["2021-01-04"]
    );
}

#[test]
fn a_summary_of_health_belongs_to_the_period_that_it_ends() {
    let story = tell(&[
        ("2021-01-04", "became_looked_after", CARE),
        ("2021-06-30", "ceased_to_be_looked_after", CARE),
        ("2022-01-04", "became_looked_after", LATER_CARE),
        ("2022-06-20", "health_summary_provided", &[]),
        ("2022-06-30", "ceased_to_be_looked_after", LATER_CARE),
    ]);
    assert_eq!(from(&story, "HL-04", "2021-06-30", "2022-12-31"), State::Overdue);
    assert_eq!(from(&story, "HL-04", "2022-06-30", "2022-12-31"), State::Met);
}

#[test]
fn completeness_is_asked_for_no_day_after_the_answer() {
    let ended = |to: &str, end: &str| {
        let story = Story::new().covered(&[], CoverageExtent::Complete, "", to);
        add(story, &[("2023-01-09", "became_looked_after", CARE), (end, "ceased_to_be_looked_after", CARE)])
    };
    // Both were due on 6 February. What happened after that day was late in any case.
    for rule in ["LAC-01", "HL-01"] {
        assert_eq!(ended("2023-02-06", "2023-05-31").states(rule, "2023-12-31"), [State::Late], "{rule}");
        assert_eq!(
            ended("2023-02-03", "2023-05-31").states(rule, "2023-12-31"),
            [State::HistoryIncomplete],
            "{rule}"
        );
        assert_eq!(
            ended("2023-01-20", "2023-01-20").states(rule, "2023-12-31"),
            [State::NotApplicable],
            "{rule}"
        );
        assert_eq!(
            ended("2023-01-19", "2023-01-20").states(rule, "2023-12-31"),
            [State::HistoryIncomplete],
            "{rule}"
        );
    }
}

fn missing(returned: &str, then: &[(&str, &str)]) -> Story {
    let story =
        tell(&[("2023-03-01", "missing_reported", EPISODE), (returned, "found_or_returned", EPISODE)]);
    then.iter().fold(story, |story, (on, kind)| add(story, &[(on, kind, EPISODE)]))
}

#[test]
fn an_act_before_the_start_by_its_hours_contradicts_the_record() {
    let story = missing("2023-03-02T14:00+00:00", &[("2023-03-02T10:00+00:00", "rhi_held")]);
    let clocks = story.clocks("MS-01", &Question::as_at(day("2023-12-31")));
    assert_eq!((clocks[0].state, clocks[0].used), (State::CannotTell(Why::StopBeforeStart), None));
    // A second one counts.
    let story = missing(
        "2023-03-02T14:00+00:00",
        &[("2023-03-02T10:00+00:00", "rhi_held"), ("2023-03-04T10:00+00:00", "rhi_held")],
    );
    assert_eq!(story.states("MS-01", "2023-12-31"), [State::Met]);
    // A decision before the contact, police powers that ended before they began.
    let contact = &[(Contact, 1)];
    let story = tell(&[
        ("2023-03-06T14:00+00:00", "contact_received", contact),
        ("2023-03-06T10:00+00:00", "referral_received", contact),
    ]);
    assert_eq!(story.states("FD-01h", "2023-12-31")[0], State::CannotTell(Why::StopBeforeStart));
    // The child was seen before the enquiry began, and not again: the sight is no answer to it.
    let enquiry = &[(Enquiry, 1)];
    let story = tell(&[
        ("2023-03-06T14:00+00:00", "section47_enquiry_started", enquiry),
        ("2023-03-06T10:00+00:00", "child_seen", &[]),
    ]);
    assert_eq!(story.states("CP-02", "2023-12-31"), [State::Overdue]);
}

#[test]
fn hours_are_told_from_dates_where_every_time_of_day_says_the_same() {
    let needs_time = State::CannotTell(Why::NeedsTimeOfDay);
    let state = |then: &[(&str, &str)], as_at| missing("2023-03-02", then).states("MS-01", as_at)[0];
    assert_eq!(state(&[("2023-03-03", "rhi_refused")], "2023-12-31"), State::NotApplicable);
    assert_eq!(state(&[("2023-04-20", "rhi_held")], "2023-12-31"), State::Late, "seven weeks");
    assert_eq!(state(&[], "2023-12-31"), State::Overdue, "none in ten months");
    // Seventy-two hours from some time of 2 March end at that time of 5 March.
    assert_eq!(state(&[("2023-03-05", "rhi_held")], "2023-12-31"), needs_time);
    assert_eq!(state(&[("2023-03-06", "rhi_held")], "2023-12-31"), State::Late);
    assert_eq!(state(&[("2023-03-04", "rhi_held")], "2023-12-31"), State::Met);
    assert_eq!(state(&[("2023-03-02", "rhi_held")], "2023-12-31"), needs_time, "perhaps before the return");
    assert_eq!(state(&[], "2023-03-05"), State::DueSoon);
    assert_eq!(state(&[], "2023-03-06"), State::Overdue);
    // One of the two has a time.
    let timed = missing("2023-03-02T12:00+00:00", &[("2023-03-05", "rhi_held")]);
    assert_eq!(timed.states("MS-01", "2023-12-31"), [needs_time]);
    let timed = missing("2023-03-02", &[("2023-03-06T00:00+00:00", "rhi_held")]);
    assert_eq!(timed.states("MS-01", "2023-12-31"), [State::Late]);
}

#[test]
fn a_plan_that_stands_in_the_record_is_an_earlier_one_whatever_else_is_held() {
    let story = Story::new().covered(&[], CoverageExtent::Complete, "2022-06-01", "");
    let story = add(
        story,
        &[
            ("2021-01-01", "child_protection_plan_started", &[(Plan, 1)]),
            ("2021-06-01", "child_protection_plan_ended", &[(Plan, 1)]),
        ],
    );
    let story = story.told(
        "2023-01-09",
        "child_protection_plan_started",
        r#"{"stated_previous_plans":1}"#,
        &[(Plan, 2)],
    );
    assert_eq!(
        looked(&story, "CP-13", "2023-01-09"),
        Looked::Earlier(None),
        "a nearer one may stand in the gap"
    );
    // With the last year held only a plan of the same band may be missing.
    let near = Story::new().covered(&[], CoverageExtent::Complete, "2022-12-01", "");
    let near = add(
        near,
        &[
            ("2022-06-01", "child_protection_plan_started", &[(Plan, 1)]),
            ("2022-08-01", "child_protection_plan_ended", &[(Plan, 1)]),
            ("2023-01-09", "child_protection_plan_started", &[(Plan, 2)]),
        ],
    );
    let Looked::Earlier(Some(band)) = looked(&near, "CP-13", "2023-01-09") else { panic!("no nearer band") };
    assert_eq!(band.from_months, 0);
}

fn checkpoints(days: &[(&str, Option<u32>)], end: &str) -> Story {
    let story = tell(&[
        ("2023-01-09", "referral_received", CASE),
        ("2023-01-10", "assessment_started", &[(Referral, 1), (EntityRole::Assessment, 1)]),
    ]);
    let story = days.iter().fold(story, |story, (on, number)| {
        let details = number.map_or("{}".to_owned(), |number| format!("{{\"working_day\":{number}}}"));
        story.told(on, "assessment_checkpoint_held", &details, &[(Referral, 1), (EntityRole::Assessment, 1)])
    });
    let ends = &[(Referral, 1), (EntityRole::Assessment, 1)];
    if end.is_empty() { story } else { story.told(end, "assessment_authorised", r#"{"factors":[]}"#, ends) }
}

#[test]
fn the_day_of_a_checkpoint_decides_and_not_a_number_that_nobody_filled_in() {
    // Working day 20 is 6 February, working day 40 is 6 March.
    let one = checkpoints(&[("2023-02-06", None)], "2023-03-01");
    assert_eq!(one.states("AS-04", "2023-12-31"), [State::Met]);
    assert_eq!(one.states("AS-05", "2023-12-31"), [State::NotApplicable], "ended before working day 40");
    let both = checkpoints(&[("2023-02-06", None), ("2023-03-06", None)], "2023-03-20");
    assert_eq!(
        (both.states("AS-04", "2023-12-31"), both.states("AS-05", "2023-12-31")),
        (vec![State::Met], vec![State::Met])
    );
    let late = checkpoints(&[("2023-02-07", None), ("2023-03-07", Some(40))], "2023-03-20");
    assert_eq!(late.states("AS-04", "2023-12-31"), [State::Late]);
    let first_late = checkpoints(&[("2023-02-07", Some(20)), ("2023-03-07", Some(40))], "2023-03-20");
    assert_eq!(
        first_late.states("AS-05", "2023-12-31"),
        [State::Late],
        "the one numbered 20 is not the second"
    );
    let none = checkpoints(&[], "");
    assert_eq!(
        (none.states("AS-04", "2023-02-06"), none.states("AS-04", "2023-02-07")),
        (vec![State::DueSoon], vec![State::Overdue])
    );
    let first_only = checkpoints(&[("2023-02-06", None)], "");
    assert_eq!(first_only.states("AS-05", "2023-03-31"), [State::Overdue]);
}

#[test]
fn an_extension_to_a_day_before_the_26_weeks_leaves_them_due() {
    let application = &[(Application, 1)];
    let issued = || tell(&[("2022-10-29", "application_issued", application)]);
    let extended = |ends: &[(&str, &str)]| {
        let story = ends.iter().fold(issued(), |story, (on, end)| {
            story.told(on, "timetable_extended", &format!("{{\"new_end\":\"{end}\"}}"), application)
        });
        story.clocks("CT-01", &Question::as_at(day("2023-05-31")))[0].due_on
    };
    // The 26 weeks that begin on 29 October end on 28 April.
    assert_eq!(extended(&[("2023-02-01", "2023-03-31")]), Some(day("2023-04-28")));
    assert_eq!(extended(&[("2023-02-01", "2023-06-23")]), Some(day("2023-06-23")));
    assert_eq!(
        extended(&[("2023-02-01", "2023-06-23"), ("2023-03-01", "2023-03-31")]),
        Some(day("2023-04-28"))
    );
}

#[test]
fn with_no_stop_at_all_a_clock_runs_and_becomes_overdue_at_the_latest_reading() {
    // The enquiry began between 27 March and 1 May; from 1 May the last day is 23 May.
    let story = tell(&[("2023-03-27/2023-05-01", "section47_enquiry_started", &[(Enquiry, 1)])]);
    assert_eq!(story.states("CP-04", "2023-04-19"), [State::DueSoon]);
    assert_eq!(story.states("CP-04", "2023-05-23"), [NOT_SETTLED]);
    assert_eq!(story.states("CP-04", "2023-05-24"), [State::Overdue]);
}
