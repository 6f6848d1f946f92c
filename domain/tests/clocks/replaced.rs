//! Duties that something replaces, ends or makes apply again, and acts that two kinds of record tell. Every child is invented.

use crate::support::{Story, born, day, in_care, one};
use domain::clocks::{Question, State, Why};
use domain::events::EntityRole as Role;

const CARE: &[(Role, u128)] = &[(Role::PeriodOfCare, 1)];
const UNTOLD: State = State::CannotTell(Why::StartNotKnown);

fn respite() -> Story {
    Story::complete().told("2022-05-09", "became_looked_after", r#"{"legal_status":"V4"}"#, CARE)
}

fn placed(story: Story, number: u128, on: &str, kind: &str) -> Story {
    let placement = [(Role::Placement, number), (Role::PeriodOfCare, 1)];
    let details = format!(r#"{{"short_break":false,"placement_type":"{kind}"}}"#);
    story.told(on, "placement_started", &details, &placement)
}

fn seen(story: Story, on: &str) -> Story {
    story.told(on, "looked_after_visit_made", r#"{"seen":true}"#, &[])
}

#[test]
fn a_placement_of_a_series_of_short_breaks_is_told_by_the_status_as_well_as_by_its_own_mark() {
    let story = placed(respite(), 2, "2022-05-09", "U6");
    for rule in ["LAC-04", "LAC-01"] {
        assert_eq!(one(story.states(rule, "2022-09-01")), State::NotApplicable, "{rule}");
    }
    assert!(
        story.tallied("LAC-12", "2022-09-01").is_empty() && story.tallied("LAC-16", "2022-09-01").is_empty()
    );
    let care = placed(in_care(Story::complete(), "2022-05-09"), 2, "2022-05-09", "U6");
    assert_eq!(one(care.states("LAC-04", "2022-09-01")), State::Overdue);
}

#[test]
fn a_series_of_short_breaks_that_became_care_is_in_the_figures_and_hides_no_review() {
    let marked =
        Story::complete().told("2022-05-09", "became_looked_after", r#"{"legal_status":"V4"}"#, CARE).told(
            "2022-05-09",
            "placement_started",
            r#"{"short_break":true}"#,
            &[(Role::Placement, 2), (Role::PeriodOfCare, 1)],
        );
    let ordered = marked.clone().told("2022-09-01", "legal_status_changed", r#"{"status":"C2"}"#, CARE);
    for rule in ["RT-01c", "LAC-10"] {
        assert_eq!(marked.tallied(rule, "2024-03-31").len(), 0, "{rule}");
        assert_eq!(ordered.tallied(rule, "2024-03-31").len(), 1, "{rule}");
        assert_eq!(ordered.tallied(rule, "2022-08-31").len(), 0, "{rule}: before the order");
    }
    for rule in ["LAC-01", "HL-01", "PM-01"] {
        assert_eq!(one(marked.states(rule, "2024-03-31")), State::NotApplicable, "{rule}");
        assert_eq!(one(ordered.states(rule, "2022-09-08")), UNTOLD, "{rule}");
        assert_eq!(one(ordered.states(rule, "2024-03-31")), State::Overdue, "{rule}: from either day");
    }
}

#[test]
fn a_child_placed_for_adoption_is_not_judged_by_the_visits_of_fostering() {
    let visited = |kind: &str| {
        seen(placed(in_care(Story::complete(), "2023-01-09"), 2, "2023-10-02", kind), "2023-10-05")
    };
    assert_eq!(one(visited("U6").states("LAC-05", "2024-03-31")), State::Overdue);
    assert_eq!(one(visited("A6").states("LAC-05", "2024-03-31")), State::NotApplicable);
}

#[test]
fn the_first_review_ends_the_weekly_visits_to_a_child_with_a_parent_under_an_interim_order() {
    let placement = [(Role::Placement, 2), (Role::PeriodOfCare, 1)];
    let story =
        Story::complete().told("2023-01-20", "became_looked_after", r#"{"legal_status":"C1"}"#, CARE).told(
            "2023-01-20",
            "placement_started",
            r#"{"short_break":false,"placement_type":"P1"}"#,
            &placement,
        );
    let visited = seen(seen(story, "2023-01-27"), "2023-02-20");
    let first = |story: &Story| story.states("LAC-05", "2023-02-21").first().copied();
    let reviewed = |on: &str| visited.clone().told(on, "looked_after_review_held", "{}", CARE);
    // Weekly: due 3 February. A review by then leaves four weeks, to 24 February.
    assert_eq!(first(&visited), Some(State::Late));
    assert_eq!(first(&reviewed("2023-02-01")), Some(State::Met));
    assert_eq!(first(&reviewed("2023-02-06")), Some(State::Late), "the week was over");
}

#[test]
fn an_enquiry_whose_conference_was_held_after_all_is_none_that_led_to_no_conference() {
    let enquiry = |story: Story, on: &str, number: u128| {
        story.told(on, "section47_enquiry_started", "{}", &[(Role::Enquiry, number)])
    };
    let flags = |story: &Story| {
        let answers = story.answers(&Question::as_at(day("2023-12-31")));
        let mut of_rule = answers.look_backs.iter().filter(|look| look.rule.id.as_str() == "CP-19");
        of_rule.next_back().map(|look| look.answer.counts())
    };
    let first = enquiry(Story::complete(), "2022-08-01", 1).told(
        "2022-08-15",
        "section47_enquiry_completed",
        r#"{"outcome":"not_substantiated","substantiated":false}"#,
        &[(Role::Enquiry, 1)],
    );
    assert_eq!(flags(&enquiry(first.clone(), "2023-02-01", 2)), Some(true));
    let held =
        first.told("2022-09-01", "initial_conference_held", r#"{"kind":"initial"}"#, &[(Role::Enquiry, 1)]);
    assert_eq!(flags(&enquiry(held, "2023-02-01", 2)), Some(false));
}

#[test]
fn accommodation_under_section_20_runs_while_care_does_and_from_its_first_record() {
    let v2 = |story: Story| story.told("2023-06-01", "became_looked_after", r#"{"legal_status":"V2"}"#, CARE);
    let days = |story: &Story| story.figures("LAC-19", "2024-03-31").values.into_keys().collect::<Vec<i64>>();
    let again = v2(Story::complete()).told("2023-09-01", "legal_status_changed", r#"{"status":"V2"}"#, CARE);
    assert_eq!(days(&again), [304]);
    let order = again.clone().told("2023-11-01", "legal_status_changed", r#"{"status":"C2"}"#, CARE);
    assert!(days(&order).is_empty());
    let died = again.told("2024-01-10", "child_died", "{}", &[]);
    assert!(days(&died).is_empty());
    assert!(days(&v2(born("2006-02-01"))).is_empty(), "of age");
}

#[test]
fn a_stage_that_a_later_one_followed_is_not_overdue_for_ever() {
    let step = |story: Story, on: &str, step: &str| {
        let details = format!(r#"{{"step":"{step}"}}"#);
        story.told(on, "adopter_step_reached", &details, &[(Role::Adopter, 1)])
    };
    let begun = step(Story::complete(), "2023-01-09", "stage_one_started");
    let state = |story: &Story| {
        let rules = domain::rules::RuleBook::built_in();
        let engine = domain::clocks::ClockEngine::of(rules, domain::envelope::Category::Adopter);
        let answers = engine.run(&story.journey(), &Question::as_at(day("2023-12-31")));
        let of_rule = answers.clocks.iter().find(|clock| clock.rule.id.as_str() == "AD-01");
        of_rule.map(|clock| clock.state)
    };
    assert_eq!(state(&begun), Some(State::Overdue));
    assert_eq!(state(&step(begun.clone(), "2023-06-01", "stage_two_started")), Some(State::NotApplicable));
    assert_eq!(state(&step(begun.clone(), "2023-09-01", "application_approved")), Some(State::NotApplicable));
    let late = step(step(begun, "2023-05-02", "stage_one_ended"), "2023-06-01", "stage_two_started");
    assert_eq!(state(&late), Some(State::Late));
}

#[test]
fn an_order_is_counted_once_whichever_record_tells_of_it() {
    let orders = |story: &Story| story.figures("PM-12", "2023-12-31").counted;
    let story = in_care(Story::complete(), "2020-01-06");
    let own = story.clone().told("2023-05-02", "sgo_made", "{}", &[]);
    let order = |story: Story| {
        let details = r#"{"order":"special_guardianship_order"}"#;
        story.told("2023-05-02", "final_order_made", details, &[(Role::Application, 3)])
    };
    let left =
        |story: Story| story.told("2023-05-05", "ceased_to_be_looked_after", r#"{"reason":"E45"}"#, CARE);
    let told = [
        own.clone(),
        order(story.clone()),
        left(story.clone()),
        left(order(own)),
        left(order(story.clone())),
    ];
    assert_eq!(told.each_ref().map(orders), [1, 1, 1, 1, 1]);
    let placed = story.told("2021-03-01", "placed_for_adoption", "{}", &[(Role::AdoptionCase, 1)]);
    let details = r#"{"order":"adoption_order"}"#;
    let adopted = placed.told("2022-05-16", "final_order_made", details, &[(Role::Application, 3)]);
    let clocks = adopted.clocks("PM-03", &Question::as_at(day("2023-12-31")));
    let counted = clocks.first().and_then(|clock| clock.marks.counted_by);
    assert_eq!(counted.map(|event| event.occurred.to_string()).as_deref(), Some("2022-05-16"));
}

#[test]
fn three_months_notice_are_over_on_the_corresponding_date() {
    let state = |notice: &str, on: &str| {
        let noticed = Story::complete().told(notice, "sgo_notice_received", "{}", &[]);
        one(noticed.told(on, "sgo_applied", "{}", &[]).states("PM-08", "2024-12-31"))
    };
    // Section 14A(7): notice before the period of three months that ends with the day of the application.
    assert_eq!(
        (state("2023-05-31", "2023-08-30"), state("2023-05-31", "2023-08-31")),
        (State::TooEarly, State::Met)
    );
    assert_eq!(
        (state("2023-11-30", "2024-02-28"), state("2023-11-30", "2024-02-29")),
        (State::TooEarly, State::Met)
    );
}

#[test]
fn a_closed_child_in_need_case_ends_what_began_in_it() {
    let story = Story::complete()
        .told("2024-01-08", "child_in_need_case_opened", "{}", &[(Role::ChildInNeedCase, 1)])
        .told("2024-01-08", "referral_received", "{}", &[(Role::Referral, 2)])
        .told("2024-01-10", "assessment_started", r#"{"kind":"single"}"#, &[(Role::Assessment, 3)])
        .told("2024-01-12", "section47_enquiry_started", "{}", &[(Role::Enquiry, 4)]);
    let closed = |on: &str| {
        story.clone().told(
            on,
            "child_in_need_case_closed",
            r#"{"reason":"RC7"}"#,
            &[(Role::ChildInNeedCase, 1)],
        )
    };
    for rule in ["AS-03", "CP-04"] {
        assert_eq!(one(story.states(rule, "2024-06-28")), State::Overdue, "{rule}");
        assert_eq!(one(closed("2024-02-01").states(rule, "2024-06-28")), State::NotApplicable, "{rule}");
        assert_eq!(
            one(closed("2024-06-03").states(rule, "2024-06-28")),
            State::Late,
            "{rule}: the breach stays"
        );
    }
    assert_eq!(closed("2024-02-01").figures("AL-04", "2024-06-28").base, 0);
}

#[test]
fn a_contact_that_only_a_list_holds_is_not_overdue_for_want_of_a_decision() {
    let contact = |story: Story| story.told("2024-02-01", "contact_received", "{}", &[(Role::Contact, 1)]);
    assert_eq!(one(contact(Story::complete()).states("FD-01", "2024-03-31")), State::Overdue);
    let mut listed = contact(Story::complete());
    let row = domain::envelope::ImportRef {
        import: domain::ids::ImportId(uuid::Uuid::from_u128(7)),
        as_at: day("2024-03-31"),
        sheet: "list_1".to_owned(),
        row: 2,
    };
    for event in listed.recorded.iter_mut().skip(1) {
        event.context.import = Some(row.clone());
    }
    assert_eq!(one(listed.states("FD-01", "2024-03-31")), State::CannotTell(Why::NotRecordedHere));
    let became =
        listed.told("2024-02-02", "referral_received", "{}", &[(Role::Contact, 1), (Role::Referral, 2)]);
    assert_eq!(became.states("FD-01", "2024-03-31").first(), Some(&State::Met));
}

#[test]
fn a_strategy_discussion_that_the_enquiry_names_begins_the_conferences_clock() {
    let discussion = [(Role::StrategyDiscussion, 7)];
    let story = Story::complete()
        .told("2024-01-08", "strategy_discussion_held", r#"{"initiated_enquiry":true}"#, &discussion)
        .told("2024-01-10", "section47_enquiry_started", "{}", &[(Role::Enquiry, 1), discussion[0]])
        .told("2024-01-31", "initial_conference_held", r#"{"kind":"initial"}"#, &[(Role::Enquiry, 1)]);
    // 15 working days from 8 January end on 29 January, from 10 January on 31 January.
    assert_eq!(one(story.states("CP-04", "2024-03-01")), State::Late);
}

#[test]
fn another_assessment_does_not_stop_the_clock_of_the_childs_own() {
    let referral = (Role::Referral, 1);
    let assessment = |story: Story, on: &str, kind: &str, number: u128| {
        let details = format!(r#"{{"kind":"{kind}"}}"#);
        story.told(on, "assessment_started", &details, &[referral, (Role::Assessment, number)])
    };
    let authorised = |story: Story, on: &str, number: u128| {
        story.told(on, "assessment_authorised", "{}", &[referral, (Role::Assessment, number)])
    };
    let story = Story::complete().told("2024-01-02", "referral_received", "{}", &[referral]);
    let both = assessment(assessment(story, "2024-01-03", "single", 2), "2024-01-04", "viability", 3);
    let viability = authorised(both.clone(), "2024-01-20", 3);
    assert_eq!(one(viability.states("AS-03", "2024-03-31")), State::Overdue);
    assert_eq!(one(authorised(both, "2024-01-20", 2).states("AS-03", "2024-03-31")), State::Met);
}

#[test]
fn no_further_action_after_the_last_day_does_not_wipe_out_the_breach() {
    let referral = [(Role::Referral, 1)];
    let story = Story::complete().told("2024-01-02", "referral_received", "{}", &referral);
    let ended = |on: &str| {
        story.clone().told(on, "referral_decision_made", r#"{"outcome":"no_further_action"}"#, &referral)
    };
    // Due on 5 March.
    assert_eq!(one(ended("2024-02-20").states("AS-03", "2024-03-31")), State::NotApplicable);
    assert_eq!(one(ended("2024-03-20").states("AS-03", "2024-03-31")), State::Late);
}

#[test]
fn an_application_to_the_court_is_the_decision_to_issue() {
    let pre = [(Role::PreProceedings, 1)];
    let story = Story::complete().told("2024-01-08", "pre_proceedings_started", "{}", &pre);
    let issued = |on: &str, orders: &str| {
        let details = format!(r#"{{"orders":["{orders}"]}}"#);
        story.clone().told(on, "application_issued", &details, &[(Role::Application, 2)])
    };
    // Twelve weeks end on 1 April.
    let states = |on: &str, orders: &str| one(issued(on, orders).states("PLO-01", "2024-06-01"));
    assert_eq!((states("2024-03-01", "care"), states("2024-04-15", "care")), (State::Met, State::Late));
    assert_eq!(states("2024-03-01", "not_stated"), State::Met, "as the census names it");
    assert_eq!(states("2024-03-01", "placement"), State::Overdue);
}

#[test]
fn a_care_leaver_recorded_as_died_is_in_no_due_list() {
    let story = born("2004-05-05")
        .told("2022-05-05", "care_leaver_eligibility_recorded", r#"{"category":"former_relevant"}"#, &[])
        .told("2023-04-06", "pa_contact_made", "{}", &[]);
    let overdue = |story: &Story| story.states("LC-03", "2024-03-31").contains(&State::Overdue);
    assert!(overdue(&story));
    let died = story.told("2023-05-20", "care_leaver_contact_recorded", r#"{"in_touch":"DIED"}"#, &[]);
    assert!(!overdue(&died));
    assert!(died.tallied("LC-05", "2024-03-31").is_empty());
}

#[test]
fn what_a_child_waits_for_in_adoption_ends_with_the_wait() {
    let panel = in_care(born("2016-05-12"), "2022-01-10").told(
        "2023-05-10",
        "adoption_panel_held",
        r#"{"question":"best_interests"}"#,
        &[(Role::AdoptionCase, 1)],
    );
    assert_eq!(one(panel.states("PM-06", "2024-03-31")), State::Overdue);
    for (on, kind, details) in [
        ("2023-05-12", "child_died", "{}"),
        ("2023-05-15", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#),
    ] {
        let ended = panel.clone().told(on, kind, details, CARE);
        assert_eq!(one(ended.states("PM-06", "2024-03-31")), State::NotApplicable, "{kind}");
    }
}

#[test]
fn an_interview_that_was_held_or_refused_had_been_offered() {
    let returned = |kind: Option<&str>| {
        let episode = [(Role::MissingEpisode, 1)];
        let story = Story::complete().told("2024-01-08", "missing_reported", "{}", &episode);
        let story = story.told("2024-01-09", "found_or_returned", "{}", &episode);
        let story = kind.iter().fold(story, |story, kind| story.told("2024-01-10", kind, "{}", &episode));
        let counted = |rule: &str| story.figures(rule, "2024-03-31").counted;
        (counted("MS-01o"), counted("MS-01a"))
    };
    assert_eq!(returned(None), (0, 0));
    let kinds = ["rhi_offered", "rhi_refused", "rhi_accepted", "rhi_held"].map(|kind| returned(Some(kind)));
    assert_eq!(kinds, [(1, 0), (1, 0), (1, 1), (1, 1)]);
}

#[test]
fn a_plan_of_another_authority_is_an_earlier_plan() {
    let plan = |story: Story| {
        let story = story.told("2023-05-10", "child_protection_plan_started", "{}", &[(Role::Plan, 2)]);
        let answers = story.answers(&Question::as_at(day("2024-03-31")));
        answers.look_backs.iter().any(|look| look.rule.id.as_str() == "CP-13" && look.answer.counts())
    };
    let temporary = [(Role::TemporaryPlan, 1)];
    assert!(!plan(Story::complete()));
    assert!(plan(Story::complete().told("2022-05-10", "temporary_plan_listed", "{}", &temporary)));
    let transferred =
        |details: &str| plan(Story::complete().told("2023-05-01", "transfer_in_notified", details, &[]));
    assert!(transferred(r#"{"on_plan":true,"stated_previous_plans":2}"#));
    assert!(!transferred(r#"{"on_plan":true,"stated_previous_plans":0}"#));
    assert!(!transferred(r#"{"on_plan":true}"#), "the plan of the transfer goes on here");
}

#[test]
fn an_order_ends_on_the_last_day_that_it_states() {
    let order = [(Role::EmergencyOrder, 1)];
    let granted = Story::complete().told("2024-01-08", "epo_granted", r#"{"until":"2024-01-15"}"#, &order);
    assert_eq!(one(granted.states("CT-05", "2024-01-14")), State::DueSoon);
    assert_eq!(one(granted.states("CT-05", "2024-03-31")), State::Met);
    let extended = granted.clone().told("2024-01-15", "epo_extended", r#"{"until":"2024-01-22"}"#, &order);
    assert_eq!(one(extended.states("CT-05", "2024-03-31")), State::Met);
    let unstated = Story::complete().told("2024-01-08", "epo_granted", "{}", &order);
    assert_eq!(one(unstated.states("CT-05", "2024-03-31")), State::Overdue);
    let long = Story::complete().told("2024-01-08", "epo_granted", r#"{"until":"2024-01-25"}"#, &order);
    assert_eq!(one(long.states("CT-05", "2024-03-31")), State::Late);
    let assessment = [(Role::ChildAssessmentOrder, 2)];
    let details = r#"{"until":"2024-01-14"}"#;
    let assessed =
        Story::complete().told("2024-01-08", "child_assessment_order_granted", details, &assessment);
    assert_eq!(one(assessed.states("CT-06", "2024-03-31")), State::Met);
}

#[test]
fn a_contact_screened_to_an_outcome_is_decided() {
    let contact = [(Role::Contact, 1)];
    let received = Story::complete().told("2024-02-01", "contact_received", "{}", &contact);
    let screened = |details: &str| received.clone().told("2024-02-01", "contact_screened", details, &contact);
    assert_eq!(one(screened(r#"{"outcome":"no_further_action"}"#).states("FD-01", "2024-03-31")), State::Met);
    assert_eq!(one(screened("{}").states("FD-01", "2024-03-31")), State::Overdue);
}

#[test]
fn an_overdue_clock_without_one_certain_last_day_has_a_latest_one() {
    let plan = Story::complete().told(
        "2024-01-01/2024-01-31",
        "child_protection_plan_started",
        "{}",
        &[(Role::Plan, 1)],
    );
    let clocks = plan.clocks("CP-09", &Question::as_at(day("2024-06-30")));
    let clock = clocks.first().unwrap();
    assert_eq!((clock.state, clock.due_on), (State::Overdue, None));
    assert_eq!(clock.due_latest, Some(day("2024-04-30")));
}

#[test]
fn a_dispute_and_a_match_that_care_no_longer_needs_end_with_the_period_of_care() {
    let story = in_care(Story::complete(), "2022-01-10")
        .told("2023-05-08", "iro_alert_raised", "{}", &[(Role::Alert, 3)])
        .told("2023-05-08", "adoption_decision_made", "{}", &[(Role::AdoptionCase, 4)]);
    let home = |story: &Story| {
        story.clone().told("2023-05-10", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, CARE)
    };
    for rule in ["LAC-15", "PM-07"] {
        assert_eq!(one(story.states(rule, "2024-03-31")), State::Overdue, "{rule}");
        assert_eq!(one(home(&story).states(rule, "2024-03-31")), State::NotApplicable, "{rule}");
    }
    // One of a later period goes on.
    let again = home(&in_care(Story::complete(), "2022-01-10"))
        .told("2023-06-01", "became_looked_after", "{}", &[(Role::PeriodOfCare, 9)])
        .told("2023-06-05", "iro_alert_raised", "{}", &[(Role::Alert, 3)]);
    assert_eq!(one(again.states("LAC-15", "2024-03-31")), State::Overdue);
}
