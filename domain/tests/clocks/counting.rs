//! One test for each item of the counting list and of its amendments. Every child is invented.

use crate::support::{Story, born, day, in_care, one, the_deadline};
use domain::calendar::KnownDay;
use domain::clocks::{ClockEngine, Looked, Question, State, Why};
use domain::events::EntityRole as Role;
use domain::events::record_keeping::CoverageExtent;
use domain::rules::{DeadlineOptions, RuleBook, RuleKind, Start};

const PLAN: &[(Role, u128)] = &[(Role::Plan, 1)];
const ENQUIRY: &[(Role, u128)] = &[(Role::Enquiry, 1)];
const CARE: &[(Role, u128)] = &[(Role::PeriodOfCare, 1)];
const PLACE: &[(Role, u128)] = &[(Role::Placement, 1)];
const COURT: &[(Role, u128)] = &[(Role::Application, 1)];

fn last_day(rule: &str, start: &str) -> String {
    the_deadline(rule, start).last_day_in_time.expect("a last day").to_string()
}

fn issued(on: &str) -> Story {
    Story::complete().told(on, "application_issued", r#"{"orders":["care"]}"#, COURT)
}

#[test]
fn item_1_day_0_is_the_start_and_the_convention_is_a_property_of_the_rule() {
    // The same 45 working days from Friday 27 January 2023: the guidance tolerates it on 31 March, the validator does not.
    let story = Story::complete().told(
        "2023-01-27",
        "assessment_started",
        r#"{"kind":"single"}"#,
        &[(Role::Assessment, 1)],
    );
    assert_eq!(one(story.states("AS-03a", "2023-03-31")), State::DueSoon);
    assert_eq!(one(story.states("AS-07", "2023-03-31")), State::Overdue);
}

#[test]
fn item_2_beginning_with_is_inclusive() {
    for (issue, last) in [("2023-01-02", "2023-07-02"), ("2024-02-29", "2024-08-28")] {
        assert_eq!(last_day("CT-01", issue), last);
        assert_eq!(day(issue) + chrono::Days::new(181), day(last));
    }
}

#[test]
fn item_3_extensions_chain_and_each_shows_how_far_it_may_reach() {
    let story = issued("2023-01-02")
        .told("2023-06-20", "timetable_extended", r#"{"new_end":"2023-08-27"}"#, COURT)
        .told("2023-09-05", "timetable_extended", r#"{"new_end":"2023-10-31"}"#, COURT);
    let clock = &story.clocks("CT-01", &Question::as_at(day("2023-09-10")))[0];
    assert_eq!(clock.original_due_on, Some(day("2023-07-02")));
    assert_eq!(clock.due_on, Some(day("2023-10-31")));
    // 8 weeks from the later of the running end (2 July) and the grant; then from the grant, because the end had passed.
    let permitted: Vec<_> = clock.extensions.iter().map(|extension| extension.permitted_to).collect();
    assert_eq!(permitted, [Some(day("2023-08-27")), Some(day("2023-10-31"))]);
    let before = &story.clocks("CT-01", &Question::as_at(day("2023-09-01")))[0];
    assert_eq!((before.due_on, before.state), (Some(day("2023-08-27")), State::Overdue));
}

#[test]
fn item_4_months_end_on_the_corresponding_date_clipped_to_the_month() {
    for (start, last) in
        [("2022-11-30", "2023-02-28"), ("2023-11-30", "2024-02-29"), ("2023-01-31", "2023-04-30")]
    {
        assert_eq!(last_day("CP-09", start), last);
    }
}

#[test]
fn item_5_chained_clocks_restart_from_the_actual_event() {
    let visits = |dates: &[&str]| {
        dates.iter().fold(
            Story::complete().told("2023-01-02", "child_protection_plan_started", "{}", PLAN),
            |story, on| story.told(on, "child_protection_visit_made", "{}", &[]),
        )
    };
    // The second visit came late; the third is due ten working days after it, not after its due date.
    let story = visits(&["2023-01-10", "2023-02-08"]);
    let due: Vec<_> = story
        .clocks("CP-12", &Question::as_at(day("2023-02-09")))
        .iter()
        .map(|clock| (clock.due_on.unwrap().to_string(), clock.state))
        .collect();
    assert_eq!(
        due,
        [
            ("2023-01-16".to_owned(), State::Met),
            ("2023-01-24".to_owned(), State::Late),
            ("2023-02-22".to_owned(), State::Running),
        ]
    );
}

#[test]
fn item_6_a_window_has_two_ends_and_a_minimum_forbids_haste() {
    let hearing = |on: &str| {
        let story = issued("2023-01-09").told(
            on,
            "hearing_held",
            r#"{"kind":"case_management"}"#,
            &[(Role::Application, 1), (Role::Hearing, 1)],
        );
        one(story.states("CT-02", "2023-03-01"))
    };
    // Monday 9 January is day 1: day 12 is Tuesday 24, day 18 is Wednesday 1 February.
    let days = [
        ("2023-01-23", State::TooEarly),
        ("2023-01-24", State::Met),
        ("2023-02-01", State::Met),
        ("2023-02-02", State::Late),
    ];
    for (on, state) in days {
        assert_eq!(hearing(on), state, "{on}");
    }
    let applied = |on: &str| {
        let story = Story::complete().told("2023-01-31", "sgo_notice_received", "{}", &[]).told(
            on,
            "sgo_applied",
            "{}",
            &[],
        );
        one(story.states("PM-08", "2023-12-31"))
    };
    for (on, state) in
        [("2023-04-29", State::TooEarly), ("2023-04-30", State::Met), ("2023-05-01", State::Met)]
    {
        assert_eq!(applied(on), state, "{on}");
    }
}

#[test]
fn item_7_hours_are_elapsed_time_over_a_clock_change_and_told_from_dates_only_where_no_time_of_day_matters() {
    let interview = |returned: &str, held: &str| {
        let story = Story::complete()
            .told(returned, "found_or_returned", "{}", &[(Role::MissingEpisode, 1)])
            .told(held, "rhi_held", "{}", &[(Role::MissingEpisode, 1)]);
        one(story.states("MS-01", "2023-12-31"))
    };
    // The clocks go forward on 26 March 2023: 72 hours after Friday 20:00 are Monday 21:00 by the wall clock.
    assert_eq!(interview("2023-03-24T20:00+00:00", "2023-03-27T21:00+01:00"), State::Met);
    assert_eq!(interview("2023-03-24T20:00+00:00", "2023-03-27T21:01+01:00"), State::Late);
    // And back on 29 October: 72 hours after Friday 20:00 are Monday 19:00.
    assert_eq!(interview("2023-10-27T20:00+01:00", "2023-10-30T19:00+00:00"), State::Met);
    assert_eq!(interview("2023-10-27T20:00+01:00", "2023-10-30T19:01+00:00"), State::Late);
    assert_eq!(interview("2023-10-27", "2023-10-30"), State::CannotTell(Why::NeedsTimeOfDay));
    assert_eq!(interview("2023-10-27", "2023-10-28"), State::Met, "at most 49 hours, at whatever times");
    // The other limits in hours: the last minute in time and the one after it, and dates alone.
    type Hours = (&'static str, &'static str, &'static str, &'static str, &'static [(Role, u128)], u32);
    let hours: [Hours; 5] = [
        ("CP-02", "section47_enquiry_started", "child_seen", "{}", ENQUIRY, 24),
        (
            "CP-17",
            "conference_requested",
            "conference_decision_made",
            r#"{"to_be_held":true}"#,
            &[(Role::Conference, 1)],
            24,
        ),
        ("CT-07", "police_powers_used", "police_powers_ended", "{}", &[(Role::PoliceProtection, 1)], 72),
        (
            "CU-01",
            "police_detention_started",
            "custody_notification_received",
            "{}",
            &[(Role::Detention, 1)],
            24,
        ),
        ("FD-01h", "contact_received", "referral_received", "{}", &[(Role::Contact, 1)], 24),
    ];
    for (rule, start, stop, details, process, limit) in hours {
        let begun = "2023-05-03T10:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let ended = |minutes: i64| {
            let end = begun + chrono::Duration::hours(i64::from(limit)) + chrono::Duration::minutes(minutes);
            let story = Story::complete().told("2023-05-03T10:00+00:00", start, "{}", process);
            let story = story.told(&end.format("%Y-%m-%dT%H:%M+00:00").to_string(), stop, details, process);
            story.states(rule, "2023-12-31")[0]
        };
        assert_eq!((ended(-1), ended(0), ended(1)), (State::Met, State::Met, State::Late), "{rule}");
        let dated = Story::complete().told("2023-05-03", start, "{}", process).told(
            "2023-05-03",
            stop,
            details,
            process,
        );
        assert_eq!(dated.states(rule, "2023-12-31")[0], State::CannotTell(Why::NeedsTimeOfDay), "{rule}");
    }
}

#[test]
fn item_8_the_calendar_is_as_known_on_the_day() {
    let story = Story::complete().told("2022-08-30", "section47_enquiry_started", "{}", ENQUIRY);
    let due = |known: &str| {
        let question = Question::as_at(day("2022-09-16")).with_calendar_known(KnownDay::new(day(known)));
        story.clocks("CP-04", &question)[0].due_on.unwrap().to_string()
    };
    assert_eq!(due("2022-09-01"), "2022-09-20");
    assert_eq!(due("2022-09-15"), "2022-09-21");
    // The royal wedding of 29 April 2011 stands in the computed years.
    assert_eq!(last_day("CP-08", "2011-04-18"), "2011-05-06");
}

#[test]
fn item_9_the_version_is_the_one_of_the_law_at_the_time() {
    let version = |rule: &str, start: &str| the_deadline(rule, start).version;
    let cases = [
        ("AS-01", "2010-03-31", "framework-2000"),
        ("AS-01", "2010-04-01", "working-together-2010"),
        ("LAC-01", "2011-03-31", "review-regulations-1991"),
        ("LAC-01", "2011-04-01", "care-planning-regulations-2010"),
        ("LAC-03", "2015-03-31", "care-planning-regulations-2010"),
        ("LAC-03", "2015-04-01", "care-planning-regulations-2015"),
        ("CT-01", "2014-04-21", "government-target"),
        ("CT-01", "2014-04-22", "children-and-families-act-2014"),
    ];
    for (rule, start, name) in cases {
        assert_eq!(version(rule, start), name, "{rule} from {start}");
    }
    let none =
        RuleBook::built_in().deadlines("AS-01", Start::Day(day("2013-04-15")), &DeadlineOptions::default());
    assert!(none.is_err());
    assert_eq!(version("AS-03", "2013-04-15"), "single-assessment");
}

#[test]
fn item_10_an_open_overdue_clock_is_never_dropped() {
    let story = Story::complete().told(
        "2009-01-05",
        "child_in_need_plan_started",
        "{}",
        &[(Role::ChildInNeedPlan, 1)],
    );
    // No version stood in 2009; from 2016 on one does, and the plan is overdue for ever.
    assert!(story.states("CIN-01", "2025-01-01").is_empty());
    let story = Story::complete().told(
        "2016-05-05",
        "child_in_need_plan_started",
        "{}",
        &[(Role::ChildInNeedPlan, 1)],
    );
    assert_eq!(one(story.states("CIN-01", "2025-01-01")), State::Overdue);
}

#[test]
fn item_11_a_history_that_begins_late_is_history_incomplete() {
    let story = Story::new().covered(&[], CoverageExtent::Complete, "2023-01-01", "").told(
        "2023-03-01",
        "referral_received",
        "{}",
        &[(Role::Referral, 1)],
    );
    let looked = story.answers(&Question::as_at(day("2023-12-31"))).look_backs;
    let flag = looked.iter().find(|looked| looked.rule.id.as_str() == "FD-03").unwrap();
    assert_eq!(flag.answer, Looked::HistoryIncomplete);
}

#[test]
fn item_12_numerator_denominator_and_operator_are_part_of_the_rule() {
    let three = |n: usize| {
        let story = in_care(born("2012-01-01"), "2022-04-04");
        (0..n).fold(story, |story, number| {
            let (from, to) = (format!("2022-{:02}-05", 5 + number), format!("2022-{:02}-05", 6 + number));
            let place = [(Role::Placement, u128::try_from(number).unwrap() + 10)];
            let details = r#"{"short_break":false,"placement_type":"U6"}"#;
            story.told(&from, "placement_started", details, &place).told(&to, "placement_ended", "{}", &place)
        })
    };
    // "3 or more" against "more than 3": two rules, two answers.
    for (n, national, somerset) in [(2, 0, 0), (3, 1, 0), (4, 1, 1)] {
        let counted = |rule: &str| three(n).figures(rule, "2023-03-31");
        assert_eq!((counted("LAC-10").counted, counted("LAC-10").base), (national, 1), "{n}");
        assert_eq!(counted("LAC-10s").counted, somerset, "{n}");
    }
    for rule in RuleBook::built_in().rules() {
        assert!(!rule.definition.denominator.is_empty(), "{}", rule.id);
    }
}

#[test]
fn item_13_reviews_by_child_count_only_where_every_one_was_in_time() {
    let reviewed = |dates: &[&str]| {
        let review = |story: Story, on: &&str| story.told(on, "looked_after_review_held", "{}", CARE);
        dates.iter().fold(in_care(Story::complete(), "2022-01-10"), review)
    };
    let in_time = reviewed(&["2022-02-04", "2022-05-04", "2022-11-04"]);
    let one_late = reviewed(&["2022-02-04", "2022-05-05", "2022-11-04"]);
    let share = |story: &Story| {
        let figures = story.figures("LAC-03c", "2022-12-31");
        (figures.counted, figures.base)
    };
    assert_eq!((share(&in_time), share(&one_late)), ((1, 1), (0, 1)));
    // For whom no review was due yet, none was in time.
    let six_days = in_care(Story::complete(), "2022-12-25");
    let respite =
        Story::complete().told("2022-01-10", "became_looked_after", r#"{"legal_status":"V4"}"#, CARE);
    assert_eq!((share(&six_days), share(&respite), share(&reviewed(&[]))), ((0, 0), (0, 0), (0, 1)));
    let late = one_late.answers(&Question::as_at(day("2022-12-31")));
    let by_review = late
        .clocks
        .iter()
        .filter(|clock| clock.rule.id.as_str().starts_with("LAC-0") && clock.state == State::Met);
    assert_eq!(
        by_review.filter(|clock| ["LAC-01", "LAC-02", "LAC-03"].contains(&clock.rule.id.as_str())).count(),
        2
    );
}

#[test]
fn item_14_a_local_change_of_rule_is_a_version_and_both_series_replay() {
    let local = include_str!("../fixtures/rules/merton-2012.toml");
    let book = RuleBook::with_local("merton-2012.toml", local).unwrap();
    let roles = [(Role::Enquiry, 1), (Role::Conference, 1)];
    let story = Story::complete()
        .told("2012-05-01", "strategy_discussion_held", r#"{"initiated_enquiry":true}"#, ENQUIRY)
        .told("2012-05-14", "conference_decision_made", r#"{"to_be_held":true}"#, &roles)
        .told("2012-06-06", "initial_conference_held", r#"{"kind":"initial"}"#, &roles);
    let state = |book: &RuleBook, rule: &str| {
        let clocks = ClockEngine::new(book).run(&story.journey(), &Question::as_at(day("2012-12-31"))).clocks;
        clocks.iter().find(|clock| clock.rule.id.as_str() == rule).map(|clock| clock.state)
    };
    // 15 working days from the discussion had run out; from the decision they had not.
    assert_eq!(state(RuleBook::built_in(), "CP-04"), Some(State::Late));
    assert_eq!(state(&book, "CP-04"), Some(State::Late));
    assert_eq!(state(&book, "CP-04d"), Some(State::Met));
}

#[test]
fn amendment_1_the_first_assessment_of_a_referral_and_every_assessment_are_two_rules() {
    let story = Story::complete()
        .told("2023-01-09", "referral_received", "{}", &[(Role::Referral, 1)])
        .told(
            "2023-01-10",
            "assessment_started",
            r#"{"kind":"single"}"#,
            &[(Role::Referral, 1), (Role::Assessment, 1)],
        )
        .told(
            "2023-02-10",
            "assessment_authorised",
            r#"{"factors":[]}"#,
            &[(Role::Referral, 1), (Role::Assessment, 1)],
        )
        .told(
            "2024-01-10",
            "assessment_started",
            r#"{"kind":"single"}"#,
            &[(Role::Referral, 1), (Role::Assessment, 2)],
        );
    assert_eq!(story.states("AS-03", "2024-06-30"), [State::Met]);
    assert_eq!(story.states("AS-03a", "2024-06-30"), [State::Met, State::Overdue]);
}

#[test]
fn amendment_2_a_conference_without_an_enquiry_never_stops_nor_starts_cp_04() {
    let story = Story::complete()
        .told("2023-03-01", "referral_received", "{}", &[(Role::Referral, 1)])
        .told("2023-03-27", "section47_enquiry_started", "{}", ENQUIRY)
        .told("2023-04-03", "initial_conference_held", r#"{"kind":"unlinked"}"#, &[(Role::Conference, 1)]);
    assert_eq!(story.states("CP-04", "2023-06-01"), [State::Overdue]);
}

#[test]
fn amendment_3_plans_are_reviewed_in_time_as_a_national_cohort_too() {
    let plan = |reviews: &[&str]| {
        let story = Story::complete().told("2023-01-02", "child_protection_plan_started", "{}", PLAN);
        reviews.iter().fold(story, |story, on| story.told(on, "review_conference_held", "{}", PLAN))
    };
    let share = |reviews: &[&str], as_at: &str| {
        let figures = plan(reviews).figures("CP-09n", as_at);
        (figures.counted, figures.base)
    };
    assert_eq!(share(&["2023-04-02"], "2023-06-30"), (1, 1));
    assert_eq!(share(&["2023-04-03"], "2023-06-30"), (0, 1));
    // Not open for three months yet: not in the cohort.
    assert_eq!(share(&[], "2023-03-31"), (0, 0));
    // Open and ended plans of two years are told apart.
    assert_eq!(plan(&[]).states("CP-14c", "2025-01-01"), [State::DueSoon]);
    assert_eq!(plan(&[]).states("CP-14c", "2025-01-02"), [State::Overdue]);
}

#[test]
fn amendment_4_a_series_of_short_breaks_has_none_of_the_ordinary_clocks() {
    let story = in_care(born("2015-01-01"), "2022-01-10").told(
        "2022-01-10",
        "placement_started",
        r#"{"short_break":true}"#,
        &[(Role::PeriodOfCare, 1), (Role::Placement, 1)],
    );
    for rule in ["LAC-01", "LAC-04", "LAC-07", "HL-01", "ED-01", "CT-08"] {
        assert_eq!(story.states(rule, "2022-12-31"), [State::NotApplicable], "{rule}");
    }
    let breaks = story
        .told("2022-01-20", "placement_ended", "{}", PLACE)
        .told("2022-03-01", "placement_started", r#"{"short_break":true}"#, &[(Role::Placement, 2)])
        .told("2022-05-06", "placement_ended", "{}", &[(Role::Placement, 2)]);
    assert_eq!(breaks.states("LAC-08", "2022-12-31"), [State::Met, State::Late]);
    // 10 and 66 days make 76: one more than a year allows.
    let figures = breaks.figures("LAC-08y", "2022-12-31");
    assert_eq!(
        (figures.counted, figures.base, figures.values.into_keys().collect::<Vec<_>>()),
        (1, 1, vec![76])
    );
}

#[test]
fn amendment_5_a_relaxation_goes_before_the_limit_and_says_that_it_cannot_be_told() {
    let visited = |first: &str, next: &str| {
        let story = Story::complete()
            .told("2019-12-02", "placement_started", r#"{"short_break":false}"#, PLACE)
            .told(first, "looked_after_visit_made", "{}", &[])
            .told(next, "looked_after_visit_made", "{}", &[]);
        story.states("LAC-05", "2020-12-01")[0]
    };
    // Six weeks from 16 March end on 27 April 2020, when the relaxation stood.
    assert_eq!(visited("2020-03-16", "2020-04-27"), State::Met);
    assert_eq!(visited("2020-03-16", "2020-04-28"), State::CannotTell(Why::LimitRelaxed));
    // Six weeks from 12 March end on 23 April: not yet.
    assert_eq!(visited("2020-03-12", "2020-04-24"), State::Late);
    // Six weeks from 14 August end on 25 September: no longer.
    assert_eq!(visited("2020-08-14", "2020-09-26"), State::Late);
    let relaxed = RuleBook::built_in().rule("LAC-05").unwrap().version("coronavirus-2020").unwrap();
    assert!(!relaxed.verified.read && relaxed.kind == RuleKind::Law);
}

#[test]
fn amendment_6_twenty_miles_are_from_home() {
    let placed = |miles: &str| {
        let details = format!("{{\"short_break\":false,\"distance_miles\":\"{miles}\"}}");
        let figures = Story::complete()
            .told("2023-01-09", "placement_started", &details, PLACE)
            .figures("LAC-12", "2023-03-31");
        (figures.counted, figures.base)
    };
    for (miles, more_than_twenty) in [("20", 0), ("20.0", 0), ("20.1", 1), ("21", 1), ("100", 1), ("9.9", 0)]
    {
        assert_eq!(placed(miles), (more_than_twenty, 1), "{miles}");
    }
    assert!(RuleBook::built_in().rule("LAC-12").unwrap().exceptions[0].contains("20 miles from the county"));
}

#[test]
fn amendment_7_from_dates_a_decision_takes_0_or_1_working_day_and_24_hours_cannot_be_told() {
    let contact = [(Role::Contact, 1)];
    let decided = |on: &str| {
        let story = Story::complete().told("2023-04-06", "contact_received", "{}", &contact);
        let story = story.told(on, "referral_received", "{}", &contact);
        (story.states("FD-01", "2023-05-01")[0], story.states("FD-01h", "2023-05-01")[0])
    };
    let needs_time = State::CannotTell(Why::NeedsTimeOfDay);
    assert_eq!(decided("2023-04-06"), (State::Met, needs_time));
    assert_eq!(decided("2023-04-07"), (State::Met, needs_time));
    // The next working day after Easter is five days later: more than 24 hours, at whatever times.
    assert_eq!(decided("2023-04-11"), (State::Met, State::Late));
}

#[test]
fn amendment_8_only_section_31_applications_have_the_26_weeks_each_from_its_own_day() {
    for (order, clocks) in
        [("care", 1), ("supervision", 1), ("placement", 0), ("discharge", 0), ("private_law", 0)]
    {
        let details = format!("{{\"orders\":[\"{order}\"]}}");
        let story = Story::complete().told("2023-01-09", "application_issued", &details, COURT);
        assert_eq!(story.states("CT-01", "2023-03-01").len(), clocks, "{order}");
    }
}

#[test]
fn amendment_9_the_review_as_a_whole_stops_the_clock_and_a_part_does_not() {
    let story = in_care(Story::complete(), "2023-01-09")
        .told(
            "2023-02-01",
            "review_part_held",
            r#"{"part":1}"#,
            &[(Role::PeriodOfCare, 1), (Role::Review, 1)],
        )
        .told("2023-02-20", "looked_after_review_held", "{}", &[(Role::PeriodOfCare, 1), (Role::Review, 1)]);
    assert_eq!(story.states("LAC-01", "2023-03-01"), [State::Late]);
}

#[test]
fn amendment_10_the_added_ids_are_in_the_book() {
    let added = "AS-03a CP-09n CP-17 CP-18 CP-19 FD-05 FD-06 AL-01 AL-02 AL-03 AL-04 RT-01 RT-02 CT-09 PLO-04 LAC-16 LAC-17 \
                 LAC-18 LAC-19 LAC-20 LAC-21 EC-01 EC-02 MS-02 EH-02 EH-03 EH-04 LC-05 PM-10 PM-11 AD-01 AD-02 HL-05 PF-01 \
                 EX-02 IM-01 RC-01 RC-02 RC-03";
    for id in added.split_whitespace() {
        assert!(RuleBook::built_in().rule(id).is_some(), "{id}");
    }
}

#[test]
fn section_31za_has_no_day_in_force_and_starts_no_clock() {
    let pre = &[(Role::PreProceedings, 1)];
    let story = Story::complete()
        .told("2026-05-04", "pre_proceedings_started", "{}", pre)
        .told("2026-05-05", "letter_before_proceedings_sent", "{}", pre)
        .told("2026-05-05", "family_group_meeting_offered", r#"{"offered":true}"#, pre);
    for id in ["PLO-05", "PLO-05h"] {
        let rule = RuleBook::built_in().rule(id).unwrap();
        assert!(rule.versions.iter().all(|version| !version.in_force.contains(day("2100-01-01"))), "{id}");
        assert!(rule.versions.iter().all(|version| !version.verified.read), "{id}");
        assert_eq!(story.states(id, "2026-06-01").len(), 0, "{id}");
    }
}

#[test]
fn a_pathway_review_and_a_contact_that_name_no_plan_start_the_next_clocks() {
    let story = Story::complete().told("2024-01-09", "pathway_plan_reviewed", "{}", &[]).told(
        "2024-02-09",
        "pa_contact_made",
        "{}",
        &[],
    );
    let due = |story: &Story, rule: &str| {
        let clocks = story.clocks(rule, &Question::as_at(day("2024-08-01")));
        clocks.iter().map(|clock| clock.due_on.unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(due(&story, "LC-02"), ["2024-07-09"]);
    assert_eq!(due(&story, "LC-03"), ["2024-04-09"]);
    let reviewed = story.told("2024-07-01", "pathway_plan_reviewed", "{}", &[]);
    assert_eq!(due(&reviewed, "LC-02"), ["2024-07-09", "2025-01-01"]);
}
