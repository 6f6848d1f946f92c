//! What a plain limit cannot say: intervals, last days set by events, birthdays, terms, pauses. Every child is invented.

use crate::support::{Story, born, day, in_care, one};
use domain::clocks::{ClockEngine, Question, State, Why};
use domain::events::EntityRole as Role;
use domain::events::record_keeping::CoverageExtent;
use domain::rules::RuleBook;

const PLAN: &[(Role, u128)] = &[(Role::Plan, 1)];
const ENQUIRY: &[(Role, u128)] = &[(Role::Enquiry, 1)];
const CARE: &[(Role, u128)] = &[(Role::PeriodOfCare, 1)];
const PLACE: &[(Role, u128)] = &[(Role::Placement, 1)];

#[test]
fn health_reviews_change_their_interval_at_the_fifth_birthday() {
    let due = |birth: &str| {
        let story =
            in_care(born(birth), "2020-01-06").told("2020-02-01", "health_assessment_completed", "{}", &[]);
        story.clocks("HL-02", &Question::as_at(day("2020-02-10")))[0].due_on.unwrap().to_string()
    };
    // Six months on is 1 August: under five on that day, five on that day, and born the day before.
    assert_eq!(due("2015-08-02"), "2020-08-01");
    assert_eq!(due("2015-08-01"), "2021-02-01");
    assert_eq!(due("2015-07-31"), "2021-02-01");
    let unknown =
        in_care(Story::complete(), "2020-01-06").told("2020-02-01", "health_assessment_completed", "{}", &[]);
    assert_eq!(one(unknown.states("HL-02", "2020-07-01")), State::Running, "in time for every age");
    assert_eq!(one(unknown.states("HL-02", "2020-08-03")), State::CannotTell(Why::AgeNotKnown));
    assert_eq!(one(unknown.states("HL-02", "2021-02-02")), State::Overdue, "for every age");
}

#[test]
fn visits_change_their_interval_by_time_and_by_how_long_the_placement_is_meant_to_last() {
    let next = |rule: &str, details: &str, visited: &str| {
        let story = Story::complete().told("2022-01-10", "placement_started", details, PLACE).told(
            visited,
            "looked_after_visit_made",
            "{}",
            &[],
        );
        story
            .clocks(rule, &Question::as_at(day(visited)))
            .first()
            .map(|clock| clock.due_on.unwrap().to_string())
    };
    let ordinary = r#"{"short_break":false}"#;
    let long = r#"{"short_break":false,"intended_until_eighteen":true}"#;
    // The first year ends on 9 January 2023; a visit on the 10th belongs to the time after it.
    assert_eq!(next("LAC-05", ordinary, "2023-01-09").as_deref(), Some("2023-02-20"));
    assert_eq!(next("LAC-05", ordinary, "2023-01-10"), None);
    assert_eq!(next("LAC-06", ordinary, "2023-01-10").as_deref(), Some("2023-02-21"));
    assert_eq!(next("LAC-06", long, "2023-01-10").as_deref(), Some("2023-04-10"));
    // With a parent under an interim order: weekly to the first review, then every four weeks.
    let home = |reviewed: bool, status: &str| {
        let story = Story::complete()
            .told("2022-01-10", "became_looked_after", &format!("{{\"legal_status\":\"{status}\"}}"), CARE)
            .told("2022-01-10", "placement_started", r#"{"short_break":false,"placement_type":"P1"}"#, PLACE);
        let story =
            if reviewed { story.told("2022-01-31", "looked_after_review_held", "{}", CARE) } else { story };
        let story = story.told("2022-02-01", "looked_after_visit_made", "{}", &[]);
        story.clocks("LAC-05", &Question::as_at(day("2022-02-01")))[0].due_on.unwrap().to_string()
    };
    assert_eq!(
        (home(false, "C1"), home(true, "C1"), home(true, "C2")),
        ("2022-02-08".into(), "2022-03-01".into(), "2022-03-15".into())
    );
}

#[test]
fn a_visit_belongs_to_the_placement_in_which_it_was_made() {
    let second = [(Role::Placement, 2)];
    let story = Story::complete()
        .told("2023-01-09", "placement_started", r#"{"short_break":false}"#, PLACE)
        .told("2023-03-01", "placement_ended", "{}", PLACE)
        .told("2023-03-01", "placement_started", r#"{"short_break":false}"#, &second)
        .told("2023-03-06", "looked_after_visit_made", "{}", &[]);
    assert_eq!(story.states("LAC-04", "2023-04-01"), [State::Late, State::Met]);
}

#[test]
fn a_last_day_may_be_set_by_another_event_or_by_a_field() {
    let offered = |on: &str| {
        let story = Story::complete()
            .told("2023-03-06", "section47_enquiry_started", "{}", ENQUIRY)
            .told("2023-03-24", "initial_conference_held", r#"{"kind":"initial"}"#, ENQUIRY)
            .told(on, "advocacy_offered", "{}", &[]);
        one(story.states("CP-15", "2023-04-30"))
    };
    assert_eq!(
        (offered("2023-03-23"), offered("2023-03-24"), offered("2023-03-25")),
        (State::Met, State::Met, State::Late)
    );
    let report = |on: &str| {
        let conference = [(Role::Conference, 1)];
        let story = Story::complete()
            .told("2023-03-27", "conference_requested", "{}", &conference)
            .told(on, "agency_report_received", r#"{"agency":"police"}"#, &conference)
            .told("2023-04-12", "initial_conference_held", r#"{"kind":"initial"}"#, &conference);
        one(story.states("CP-16", "2023-04-30"))
    };
    // Two working days before Wednesday 12 April, over Easter Monday: Thursday 6 April.
    assert_eq!(
        (report("2023-04-05"), report("2023-04-06"), report("2023-04-07")),
        (State::Met, State::Met, State::Late)
    );
    let appointed = |on: &str| {
        let story = in_care(Story::complete(), "2023-01-09")
            .told("2023-02-01", "looked_after_review_held", "{}", CARE)
            .told(on, "iro_appointed", "{}", &[]);
        one(story.states("LAC-13r", "2023-04-30"))
    };
    assert_eq!(
        (appointed("2023-01-31"), appointed("2023-02-01"), appointed("2023-02-02")),
        (State::Met, State::Met, State::Late)
    );
    let permanence = |on: &str| {
        let story = ["2023-02-01", "2023-04-20"]
            .iter()
            .fold(in_care(Story::complete(), "2023-01-09"), |story, review| {
                story.told(review, "looked_after_review_held", "{}", CARE)
            });
        one(story.told(on, "permanence_plan_agreed", "{}", &[]).states("PM-01", "2023-06-30"))
    };
    assert_eq!(
        (permanence("2023-04-19"), permanence("2023-04-20"), permanence("2023-04-21")),
        (State::Met, State::Met, State::Late)
    );
    let ended = |on: &str| {
        let story = Story::complete()
            .told("2023-01-09", "placement_panel_held", r#"{"agreed_until":"2023-06-30"}"#, PLACE)
            .told(on, "placement_ended", "{}", PLACE);
        one(story.states("LAC-21", "2023-12-31"))
    };
    assert_eq!(
        (ended("2023-06-29"), ended("2023-06-30"), ended("2023-07-01")),
        (State::Met, State::Met, State::Late)
    );
    let closed = |on: &str| {
        let action = [(Role::ImprovementAction, 1)];
        let story = Story::complete()
            .told(
                "2018-05-01",
                "improvement_action_agreed",
                r#"{"action":"iro-capacity","due_on":"2018-09-30"}"#,
                &action,
            )
            .told("2018-09-01", "improvement_action_progressed", r#"{"new_due_on":"2018-12-31"}"#, &action)
            .told(on, "improvement_action_closed", "{}", &action);
        let clock = story.clocks("IM-01", &Question::as_at(day("2019-06-30"))).remove(0);
        (clock.original_due_on.unwrap().to_string(), clock.state)
    };
    assert_eq!(closed("2018-12-30"), ("2018-09-30".to_owned(), State::Met));
    assert_eq!(closed("2018-12-31").1, State::Met);
    assert_eq!(closed("2019-01-01").1, State::Late);
}

#[test]
fn what_was_done_before_the_start_is_in_time_too_early_or_a_contradiction() {
    let matched = |on: &str| {
        let case = [(Role::AdoptionCase, 1)];
        let story = Story::complete().told("2022-08-30", "placement_order_made", "{}", &case).told(
            on,
            "match_approved",
            "{}",
            &case,
        );
        one(story.states("PM-04", "2023-12-31"))
    };
    assert_eq!(matched("2022-08-01"), State::Met);
    let started = |on: &str| {
        let conference = [(Role::Conference, 1)];
        let story = Story::complete()
            .told("2023-03-24", "initial_conference_held", r#"{"kind":"initial"}"#, &conference)
            .told(on, "child_protection_plan_started", "{}", &[(Role::Plan, 1), (Role::Conference, 1)]);
        one(story.states("CP-07", "2023-12-31"))
    };
    assert_eq!(
        (started("2023-03-23"), started("2023-03-24"), started("2023-03-25")),
        (State::TooEarly, State::Met, State::Late)
    );
    let reviewed =
        |on: &str| {
            let story = Story::complete()
                .told("2023-03-24", "child_protection_plan_started", "{}", PLAN)
                .told(on, "review_conference_held", "{}", PLAN);
            one(story.states("CP-11", "2023-12-31"))
        };
    assert_eq!(
        (reviewed("2023-03-23"), reviewed("2023-03-24"), reviewed("2023-03-25")),
        (State::TooEarly, State::TooEarly, State::Met)
    );
    let summary = |on: &str| {
        let story = in_care(Story::complete(), "2022-01-10")
            .told("2023-03-24", "ceased_to_be_looked_after", "{}", CARE)
            .told(on, "health_summary_provided", "{}", &[]);
        one(story.states("HL-04", "2023-12-31"))
    };
    assert_eq!(
        (summary("2023-03-01"), summary("2023-03-24"), summary("2023-03-25")),
        (State::Met, State::Met, State::Late)
    );
    let fostered = |on: &str| {
        let story = in_care(Story::complete(), "2020-01-06")
            .told(on, "foster_to_adopt_placed", "{}", &[])
            .told("2022-01-10", "placed_for_adoption", "{}", &[]);
        story.states("PM-03a", "2022-06-30").first().copied()
    };
    assert_eq!(
        (fostered("2021-03-06"), fostered("2021-03-07"), fostered("2021-03-08")),
        (Some(State::Met), Some(State::Met), Some(State::Late))
    );
}

#[test]
fn a_pathway_assessment_counts_from_the_sixteenth_birthday_or_from_becoming_eligible_later() {
    let due = |care: &str| {
        let story = in_care(born("2006-05-10"), care);
        story
            .clocks("LC-01", &Question::as_at(day("2023-12-31")))
            .first()
            .map(|clock| (clock.counts_from.unwrap().to_string(), clock.due_on.unwrap().to_string()))
    };
    let both = |from: &str, due: &str| Some((from.to_owned(), due.to_owned()));
    assert_eq!(due("2021-01-04"), both("2022-05-10", "2022-08-10"));
    // 13 weeks after 1 April 2022 are over on 1 July: eligible from that day.
    assert_eq!(due("2022-04-01"), both("2022-07-01", "2022-10-01"));
    let twice = in_care(born("2006-05-10"), "2021-01-04")
        .told("2021-03-01", "ceased_to_be_looked_after", "{}", CARE)
        .told("2022-06-01", "became_looked_after", "{}", &[(Role::PeriodOfCare, 2)]);
    // 56 days in the first period leave 35 of 91.
    assert_eq!(
        twice.clocks("LC-01", &Question::as_at(day("2022-12-31")))[0].counts_from,
        Some(day("2022-07-06"))
    );
    let stopped = |on: &str| {
        one(in_care(born("2006-05-10"), "2021-01-04")
            .told(on, "pathway_assessment_completed", "{}", &[])
            .states("LC-01", "2023-01-01"))
    };
    assert_eq!(
        (stopped("2022-08-09"), stopped("2022-08-10"), stopped("2022-08-11")),
        (State::Met, State::Met, State::Late)
    );
    assert!(in_care(Story::complete(), "2021-01-04").states("LC-01", "2023-01-01").is_empty());
}

#[test]
fn an_education_plan_is_due_by_the_end_of_the_next_term() {
    let reviewed = |on: &str| {
        let story = in_care(Story::complete(), "2021-01-04")
            .told("2023-10-05", "pep_completed", "{}", &[])
            .told(on, "pep_completed", "{}", &[]);
        story.states("ED-02", "2024-03-31")[0]
    };
    // Autumn term to the end of the spring term, which Easter Sunday, 31 March 2024, ends.
    assert_eq!(reviewed("2024-03-30"), State::Met);
    assert_eq!(reviewed("2024-03-31"), State::Met);
    let story = in_care(Story::complete(), "2021-01-04").told("2023-10-05", "pep_completed", "{}", &[]);
    assert_eq!(story.states("ED-02", "2024-04-01"), [State::Overdue]);
}

#[test]
fn a_pause_moves_the_last_day_and_an_open_one_stops_it_running_out() {
    let local = include_str!("../fixtures/rules/paused.toml");
    let book = RuleBook::with_local("paused.toml", local).unwrap();
    let clock = |story: &Story, as_at: &str| {
        let clocks = ClockEngine::new(&book).run(&story.journey(), &Question::as_at(day(as_at))).clocks;
        let clock = clocks.into_iter().find(|clock| clock.rule.id.as_str() == "XP-01").unwrap();
        (clock.due_on.map(|due| due.to_string()), clock.state)
    };
    let assessment = [(Role::Assessment, 1)];
    let story = Story::complete()
        .told("2023-05-08", "assessment_started", r#"{"kind":"parenting"}"#, &assessment)
        .told("2023-05-10", "hearing_vacated", "{}", &[]);
    // Ten working days from Monday 8 May end on 22 May.
    assert_eq!(clock(&story, "2023-05-09"), (Some("2023-05-22".to_owned()), State::Running));
    assert_eq!(clock(&story, "2023-06-30").1, State::Running);
    let resumed = story.told("2023-05-15", "expert_ordered", "{}", &[]);
    assert_eq!(clock(&resumed, "2023-05-25"), (Some("2023-05-25".to_owned()), State::DueSoon));
    assert_eq!(clock(&resumed, "2023-05-26").1, State::Overdue);
}

#[test]
fn what_a_source_could_not_say_of_its_own_end_leaves_a_referral_open() {
    let referral = [(Role::Referral, 1)];
    let received = Story::new().told("2024-01-02", "referral_received", "{}", &referral).covered(
        &["assessment_authorised"],
        CoverageExtent::Complete,
        "2020-01-01",
        "",
    );
    // The 45th working day is 5 March.
    assert_eq!(one(received.states("AS-03", "2024-06-28")), State::Overdue);
    let closed = received.clone().told("2024-05-02", "case_closed", "{}", &referral);
    assert_eq!(one(closed.states("AS-03", "2024-06-28")), State::Late);
    let gap = |story: &Story, kind: &str, from: &str, to: &str| {
        let story = story.clone().covered(&[kind], CoverageExtent::None, from, to);
        one(story.states("AS-03", "2024-06-28"))
    };
    // No further action may have been decided in February, and the case closed in May: then nothing was late.
    for kind in ["referral_decision_made", "case_closed"] {
        assert_eq!(gap(&received, kind, "2024-01-02", "2024-06-28"), State::HistoryIncomplete, "{kind}");
    }
    assert_eq!(gap(&closed, "referral_decision_made", "2024-01-02", "2024-06-28"), State::HistoryIncomplete);
    // The closure is known; so is what was decided by the end of 2023.
    assert_eq!(gap(&closed, "case_closed", "2024-01-02", "2024-06-28"), State::Late);
    assert_eq!(gap(&closed, "referral_decision_made", "2023-01-02", "2023-12-31"), State::Late);
    // The assessment's own clock ends with its referral.
    let assessed = closed.told(
        "2024-01-03",
        "assessment_started",
        r#"{"kind":"single"}"#,
        &[referral[0], (Role::Assessment, 2)],
    );
    assert_eq!(one(assessed.states("AS-03a", "2024-06-28")), State::Late);
    let hidden =
        assessed.covered(&["referral_decision_made"], CoverageExtent::None, "2024-01-02", "2024-06-28");
    assert_eq!(one(hidden.states("AS-03a", "2024-06-28")), State::HistoryIncomplete);
    // An assessment on the next day shows that it was decided on in time, whatever could not be read.
    assert_eq!(one(hidden.states("FD-01", "2024-06-28")), State::Met);
}

#[test]
fn a_clock_of_which_an_earlier_start_could_not_be_read_cannot_be_told() {
    let plan = [(Role::Plan, 1)];
    let story = |kind: &str, from: &str| {
        Story::complete().covered(&[kind], CoverageExtent::None, from, "2024-06-28").told(
            "2024-01-15",
            "child_protection_plan_started",
            "{}",
            &plan,
        )
    };
    // The review is due 3 months after the conference; the plan's own day stands only where no conference is.
    let state = |kind: &str, from: &str| {
        let mut story = story(kind, from);
        story.recorded.remove(0);
        let story = story.covered(&["review_conference_held"], CoverageExtent::Complete, "2020-01-01", "");
        one(story.states("CP-09", "2024-06-28"))
    };
    let unread = State::CannotTell(Why::StartNotKnown);
    assert_eq!(state("initial_conference_held", "2024-01-10"), unread);
    assert_eq!(state("initial_conference_held", "2024-01-16"), State::Overdue, "a later one");
    assert_eq!(state("core_group_held", "2024-01-10"), State::Overdue);
}
