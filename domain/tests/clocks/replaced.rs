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
        assert_eq!(one(ordered.states(rule, "2024-03-31")), UNTOLD, "{rule}");
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
